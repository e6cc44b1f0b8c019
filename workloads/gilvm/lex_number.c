// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Numbers in the text of a program. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token.h"

#define MAX_NUMBER 400

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* Collects the characters of a number without `_`. */
static bool take_digits(struct lexer *lx, char *buf, size_t *n, int base)
{
	size_t before = *n;

	while (lx->at < lx->end) {
		if (*lx->at == '_' && *n > before && lx->at + 1 < lx->end &&
		    digit_value(lx->at[1]) < base) {
			lx->at++;
			continue;
		}
		if (digit_value(*lx->at) >= base)
			break;
		if (*n == MAX_NUMBER)
			lex_fail(lx, "number is too long");
		buf[(*n)++] = *lx->at++;
	}
	buf[*n] = '\0';
	return *n > before;
}

static void check_end(struct lexer *lx)
{
	if (lx->at < lx->end &&
	    (isalnum((unsigned char)*lx->at) || *lx->at == '_'))
		lex_fail(lx, "invalid decimal literal");
}

static void finish_int(struct lexer *lx, struct token *t, const char *buf,
		       int base)
{
	errno = 0;
	t->kind = T_INT;
	t->i = strtoull(buf, NULL, base);
	/* 2^63 is the number behind a minus sign at most. */
	if (errno == ERANGE || t->i > (uint64_t)INT64_MAX + 1)
		syntax_fail(lx->err, t->line, t->col,
			    "integer literal does not fit in 64 bits");
	check_end(lx);
}

static bool lex_based(struct lexer *lx, struct token *t, char *buf)
{
	static const char letters[] = "xXoObB";
	static const int bases[] = { 16, 16, 8, 8, 2, 2 };
	size_t n = 0;
	const char *hit;
	int base;

	if (*lx->at != '0' || lx->at + 1 >= lx->end || !lx->at[1])
		return false;
	hit = strchr(letters, lx->at[1]);
	if (!hit)
		return false;
	base = bases[hit - letters];
	lx->at += 2;
	if (!take_digits(lx, buf, &n, base))
		lex_fail(lx, "invalid number");
	finish_int(lx, t, buf, base);
	return true;
}

static bool take_exponent(struct lexer *lx, char *buf, size_t *n)
{
	const char *p = lx->at;

	if (p >= lx->end || (*p != 'e' && *p != 'E'))
		return false;
	p++;
	if (p < lx->end && (*p == '+' || *p == '-'))
		p++;
	if (p >= lx->end || !isdigit((unsigned char)*p) || *n + 3 > MAX_NUMBER)
		return false;
	while (lx->at < p)
		buf[(*n)++] = *lx->at++;
	return take_digits(lx, buf, n, 10);
}

void lex_number(struct lexer *lx, struct token *t)
{
	char buf[MAX_NUMBER + 8];
	bool is_float = false;
	size_t n = 0;

	if (lex_based(lx, t, buf))
		return;
	take_digits(lx, buf, &n, 10);
	if (lx->at < lx->end && *lx->at == '.') {
		if (n == MAX_NUMBER)
			lex_fail(lx, "number is too long");
		is_float = true;
		buf[n++] = *lx->at++;
		buf[n] = '\0';
		take_digits(lx, buf, &n, 10);
	}
	if (take_exponent(lx, buf, &n))
		is_float = true;
	if (!is_float) {
		if (n > 1 && buf[0] == '0' && strspn(buf, "0") != n)
			lex_fail(lx, "leading zeros in decimal integer "
				     "literals are not permitted");
		finish_int(lx, t, buf, 10);
		return;
	}
	t->kind = T_FLOAT;
	t->f = strtod(buf, NULL);
	check_end(lx);
}
