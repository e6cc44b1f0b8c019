// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Text to tokens. Strings: lex_string.c; numbers: lex_number.c. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "token.h"

#define TAB 8

static const struct {
	const char *text;
	enum token_kind kind;
} op_table[] = {
#define OP_ROW(n, s) { s, T_##n },
	TOKEN_OPS(OP_ROW)
#undef OP_ROW
},
  kw_table[] = {
#define KW_ROW(n, s) { s, K_##n },
	KEYWORDS(KW_ROW)
#undef KW_ROW
};

#define N_OPS (sizeof(op_table) / sizeof(op_table[0]))
#define N_KWS (sizeof(kw_table) / sizeof(kw_table[0]))

const char *token_name(enum token_kind kind)
{
	static const char *const names[] = {
		"end of file", "end of line", "indent", "unindent", "name",
		"number",      "number",      "string", "bytes",    "string",
	};

	if (kind <= T_FSTR)
		return names[kind];
	for (size_t i = 0; i < N_OPS; i++) {
		if (op_table[i].kind == kind)
			return op_table[i].text;
	}
	for (size_t i = 0; i < N_KWS; i++) {
		if (kw_table[i].kind == kind)
			return kw_table[i].text;
	}
	return "?";
}

void syntax_fail(struct syntax_error *err, int line, int col, const char *fmt,
		 ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->message, sizeof(err->message), fmt, ap);
	va_end(ap);
	err->line = line;
	err->col = col;
	longjmp(err->bail, 1);
}

static int column(const struct lexer *lx)
{
	return (int)(lx->at - lx->line_start) + lx->col_base + 1;
}

void lex_fail(struct lexer *lx, const char *fmt, ...)
{
	char msg[150];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	syntax_fail(lx->err, lx->line, column(lx), "%s", msg);
}

static void check_bytes(struct lexer *lx)
{
	const char *nul = memchr(lx->at, '\0', (size_t)(lx->end - lx->at));

	if (nul)
		syntax_fail(lx->err, 1, 1, "the program contains a null byte");
}

void lexer_init(struct lexer *lx, struct arena *arena, struct syntax_error *err,
		const char *text, size_t len)
{
	memset(lx, 0, sizeof(*lx));
	lx->arena = arena;
	lx->err = err;
	lx->at = text;
	lx->end = text + len;
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		lx->at += 3;
	lx->line_start = lx->at;
	lx->line = 1;
	lx->line_begins = true;
	check_bytes(lx);
}

void lexer_init_inner(struct lexer *lx, const struct lexer *outer,
		      const char *text, size_t len, int line, int col)
{
	memset(lx, 0, sizeof(*lx));
	lx->arena = outer->arena;
	lx->err = outer->err;
	lx->at = text;
	lx->end = text + len;
	lx->line_start = text;
	lx->line = line;
	lx->col_base = col - 1;
	lx->parens = 1;
}

static void new_line(struct lexer *lx)
{
	lx->line++;
	lx->line_start = lx->at;
	lx->col_base = 0;
}

static bool skip_newline(struct lexer *lx)
{
	if (lx->at < lx->end && *lx->at == '\r' && lx->at + 1 < lx->end &&
	    lx->at[1] == '\n')
		lx->at++;
	if (lx->at == lx->end || (*lx->at != '\n' && *lx->at != '\r'))
		return false;
	lx->at++;
	new_line(lx);
	return true;
}

static void skip_comment(struct lexer *lx)
{
	while (lx->at < lx->end && *lx->at != '\n' && *lx->at != '\r')
		lx->at++;
}

static void skip_blank(struct lexer *lx)
{
	for (;;) {
		while (lx->at < lx->end && strchr(" \t\f", *lx->at))
			lx->at++;
		if (lx->at == lx->end)
			return;
		if (*lx->at == '#') {
			skip_comment(lx);
		} else if (*lx->at == '\\') {
			lx->at++;
			if (!skip_newline(lx))
				lex_fail(lx, "unexpected character after line "
					     "continuation character");
		} else if (!lx->parens || !skip_newline(lx)) {
			return;
		}
	}
}

static int measure_indent(struct lexer *lx)
{
	int width = 0;

	for (; lx->at < lx->end; lx->at++) {
		if (*lx->at == ' ')
			width++;
		else if (*lx->at == '\t')
			width = (width / TAB + 1) * TAB;
		else if (*lx->at == '\f')
			width = 0;
		else
			break;
	}
	return width;
}

static void change_indent(struct lexer *lx, int width)
{
	int top = lx->n_indent ? lx->indent[lx->n_indent - 1] : 0;

	if (width > top) {
		if (lx->n_indent == MAX_INDENT)
			lex_fail(lx, "too many levels of indentation");
		lx->indent[lx->n_indent++] = width;
		lx->pending = -1;
		return;
	}
	while (lx->n_indent && lx->indent[lx->n_indent - 1] > width) {
		lx->n_indent--;
		lx->pending++;
	}
	top = lx->n_indent ? lx->indent[lx->n_indent - 1] : 0;
	if (top != width)
		lex_fail(lx, "unindent does not match any outer indentation "
			     "level");
}

/* To the first line with something on it; its indentation is pending then. */
static void begin_line(struct lexer *lx)
{
	for (;;) {
		int width = measure_indent(lx);

		if (lx->at < lx->end && *lx->at == '#')
			skip_comment(lx);
		if (lx->at == lx->end)
			return;
		if (skip_newline(lx))
			continue;
		lx->line_begins = false;
		change_indent(lx, width);
		return;
	}
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void lex_name(struct lexer *lx, struct token *t)
{
	const char *from = lx->at;

	while (lx->at < lx->end &&
	       (is_name_start(*lx->at) || is_digit(*lx->at)))
		lx->at++;
	t->kind = T_NAME;
	t->len = (size_t)(lx->at - from);
	for (size_t i = 0; i < N_KWS; i++) {
		if (strlen(kw_table[i].text) == t->len &&
		    !memcmp(kw_table[i].text, from, t->len)) {
			t->kind = kw_table[i].kind;
			return;
		}
	}
	t->str = arena_copy(lx->arena, from, t->len);
}

static void lex_op(struct lexer *lx, struct token *t)
{
	size_t left = (size_t)(lx->end - lx->at);

	for (size_t i = 0; i < N_OPS; i++) {
		size_t n = strlen(op_table[i].text);

		if (n > left || memcmp(op_table[i].text, lx->at, n))
			continue;
		t->kind = op_table[i].kind;
		lx->at += n;
		if (strchr("([{", op_table[i].text[0]))
			lx->parens++;
		else if (strchr(")]}", op_table[i].text[0]) && lx->parens)
			lx->parens--;
		return;
	}
	lex_fail(lx, "invalid character '\\x%02x'", (unsigned char)*lx->at);
}

static bool lex_end(struct lexer *lx, struct token *t)
{
	if (lx->at < lx->end)
		return false;
	if (lx->had_token) {
		lx->had_token = false;
		t->kind = T_NEWLINE;
	} else if (lx->n_indent) {
		lx->n_indent--;
		t->kind = T_DEDENT;
	} else {
		t->kind = T_EOF;
	}
	return true;
}

static bool lex_indent(struct lexer *lx, struct token *t)
{
	if (lx->line_begins)
		begin_line(lx);
	t->line = lx->line;
	t->col = column(lx);
	if (!lx->pending)
		return false;
	t->kind = lx->pending < 0 ? T_INDENT : T_DEDENT;
	lx->pending += lx->pending < 0 ? 1 : -1;
	return true;
}

void lexer_next(struct lexer *lx, struct token *t)
{
	memset(t, 0, sizeof(*t));
	if (lex_indent(lx, t))
		return;
	skip_blank(lx);
	t->line = lx->line;
	t->col = column(lx);
	if (lex_end(lx, t))
		return;
	if (skip_newline(lx)) {
		t->kind = T_NEWLINE;
		lx->line_begins = true;
		lx->had_token = false;
		return;
	}
	lx->had_token = true;
	if (lex_string(lx, t))
		return;
	if (is_name_start(*lx->at))
		lex_name(lx, t);
	else if (is_digit(*lx->at) || (*lx->at == '.' && lx->at + 1 < lx->end &&
				       is_digit(lx->at[1])))
		lex_number(lx, t);
	else
		lex_op(lx, t);
}
