// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* String literals. */
#include <ctype.h>
#include <string.h>

#include "token.h"

struct prefix {
	bool raw, bytes, format;
	int len;
};

static struct prefix read_prefix(const struct lexer *lx)
{
	struct prefix p = { 0 };
	const char *s = lx->at;

	for (; s < lx->end && p.len < 3; s++, p.len++) {
		int c = tolower((unsigned char)*s);

		if (c == 'r' && !p.raw)
			p.raw = true;
		else if (c == 'b' && !p.bytes && !p.format)
			p.bytes = true;
		else if (c == 'f' && !p.bytes && !p.format)
			p.format = true;
		else if (c != 'u' || p.len)
			break;
	}
	return p;
}

static size_t utf8_put(char *out, unsigned int c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static unsigned int hex(struct lexer *lx, const char **s, const char *end,
			int digits)
{
	unsigned int v = 0;

	for (int i = 0; i < digits; i++, (*s)++) {
		if (*s >= end || hex_digit(**s) < 0)
			lex_fail(lx, "truncated escape in string");
		v = v * 16 + (unsigned int)hex_digit(**s);
	}
	return v;
}

static unsigned int octal(const char **s, const char *end)
{
	unsigned int v = 0;

	for (int i = 0; i < 3 && *s < end && **s >= '0' && **s <= '7'; i++)
		v = v * 8 + (unsigned int)(*(*s)++ - '0');
	return v;
}

static size_t put_code(struct lexer *lx, char *out, unsigned int v, bool bytes)
{
	if (bytes) {
		*out = (char)v;
		return 1;
	}
	if (v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		lex_fail(lx, "illegal Unicode character in string");
	return utf8_put(out, v);
}

/* One escape; *s is behind the backslash, and the text does not end there. */
static size_t escape(struct lexer *lx, const char **s, const char *end,
		     char *out, bool bytes)
{
	static const char from[] = "\\'\"abfnrtv";
	static const char to[] = "\\'\"\a\b\f\n\r\t\v";
	char c = *(*s)++;
	const char *hit = strchr(from, c);

	if (c == '\n')
		return 0;
	if (hit && c) {
		*out = to[hit - from];
		return 1;
	}
	if (c == 'x')
		return put_code(lx, out, hex(lx, s, end, 2), bytes);
	if (c == 'u' && !bytes)
		return put_code(lx, out, hex(lx, s, end, 4), bytes);
	if (c == 'U' && !bytes)
		return put_code(lx, out, hex(lx, s, end, 8), bytes);
	if (c >= '0' && c <= '7') {
		(*s)--;
		return put_code(lx, out, octal(s, end), bytes);
	}
	out[0] = '\\';
	out[1] = c;
	return 2;
}

size_t unescape(struct lexer *lx, const char *s, size_t n, char *out,
		bool bytes)
{
	const char *end = s + n;
	size_t len = 0;

	while (s < end) {
		if (*s != '\\' || s + 1 == end) {
			out[len++] = *s++;
			continue;
		}
		s++;
		if (*s == '\r' && s + 1 < end && s[1] == '\n')
			s++;
		len += escape(lx, &s, end, out + len, bytes);
	}
	return len;
}

/* Find the closing quotes; lx->at is behind the opening ones. */
static const char *find_close(struct lexer *lx, char q, bool triple)
{
	for (; lx->at < lx->end; lx->at++) {
		if (*lx->at == '\\' && lx->at + 1 < lx->end) {
			lx->at++;
		} else if (*lx->at == '\n' && !triple) {
			break;
		} else if (*lx->at == q && !triple) {
			return lx->at++;
		} else if (*lx->at == q && lx->end - lx->at >= 3 &&
			   lx->at[1] == q && lx->at[2] == q) {
			lx->at += 3;
			return lx->at - 3;
		}
		if (*lx->at == '\n') {
			lx->line++;
			lx->line_start = lx->at + 1;
			lx->col_base = 0;
		}
	}
	return NULL;
}

static void take_value(struct lexer *lx, struct token *t,
		       const struct prefix *p, const char *from, size_t n)
{
	char *out;

	t->kind = p->format ? T_FSTR : p->bytes ? T_BYTES : T_STR;
	t->raw = p->raw;
	t->str = from;
	t->len = n;
	for (size_t i = 0; p->bytes && i < n; i++) {
		if ((unsigned char)from[i] >= 0x80)
			syntax_fail(lx->err, t->line, t->col,
				    "bytes can only contain ASCII literal "
				    "characters");
	}
	if (p->raw || p->format)
		return;
	/* \uXXXX becomes at most three bytes, so nothing grows. */
	out = arena_alloc(lx->arena, n + 4);
	t->len = unescape(lx, from, n, out, p->bytes);
	t->str = out;
}

bool lex_string(struct lexer *lx, struct token *t)
{
	struct prefix p = read_prefix(lx);
	const char *s = lx->at + p.len;
	const char *close;
	bool triple;
	char q;

	if (s >= lx->end || (*s != '"' && *s != '\''))
		return false;
	q = *s;
	triple = lx->end - s >= 3 && s[1] == q && s[2] == q;
	lx->at = s + (triple ? 3 : 1);
	s = lx->at;
	close = find_close(lx, q, triple);
	if (!close)
		syntax_fail(lx->err, t->line, t->col,
			    "unterminated string literal");
	take_value(lx, t, &p, s, (size_t)(close - s));
	return true;
}
