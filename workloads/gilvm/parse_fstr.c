// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The parser: string literals and the inside of f-strings. */
#include "parse.h"

#include <string.h>

#define MAX_SPEC_NESTING 2

/* The text of an f-string that is being taken apart. */
struct fstr {
	const char *s, *end;
	int line, col;
	bool raw;
	int nesting;
};

static void parse_parts(struct parser *p, struct fstr *f, struct node *out);

static void fail_at(struct parser *p, const struct fstr *f, const char *msg)
	__attribute__((noreturn));

static void fail_at(struct parser *p, const struct fstr *f, const char *msg)
{
	syntax_fail(p->err, f->line, f->col, "f-string: %s", msg);
}

static struct node *str_node(struct parser *p, const struct fstr *f,
			     const char *s, size_t len)
{
	struct node *n = node_new(p, N_STR);

	n->line = f->line;
	n->col = f->col;
	n->str = s;
	n->len = len;
	return n;
}

/* Text up to the next brace; doubled braces stand for one. */
static void literal_part(struct parser *p, struct fstr *f, struct node *out)
{
	char *buf = arena_alloc(p->arena, (size_t)(f->end - f->s) + 4);
	char *text;
	size_t n = 0;
	bool spec = f->nesting > 0;

	while (f->s < f->end) {
		bool twice = f->s + 1 < f->end && f->s[1] == f->s[0] && !spec;

		if ((*f->s == '{' || *f->s == '}') && !twice)
			break;
		if ((*f->s == '{' || *f->s == '}'))
			f->s++;
		if (*f->s == '\\' && !f->raw && f->s + 1 < f->end &&
		    f->s[1] != '{' && f->s[1] != '}')
			buf[n++] = *f->s++;
		buf[n++] = *f->s++;
	}
	if (!n)
		return;
	text = buf;
	if (!f->raw) {
		text = arena_alloc(p->arena, n + 4);
		n = unescape(&p->lx, buf, n, text, false);
	}
	list_add(p, &out->l[0], str_node(p, f, text, n));
}

static const char *skip_quoted(const char *s, const char *end)
{
	char q = *s++;

	while (s < end && *s != q)
		s++;
	return s;
}

/* End of the expression: the `!`, `:`, `=` or `}` at its own level. */
static const char *expr_end(struct parser *p, const struct fstr *f)
{
	const char *s = f->s;
	int level = 0;

	for (; s < f->end; s++) {
		if (*s == '\'' || *s == '"') {
			s = skip_quoted(s, f->end);
			if (s == f->end)
				break;
		} else if (strchr("([{", *s)) {
			level++;
		} else if (level && strchr(")]}", *s)) {
			level--;
		} else if (*s == '\\') {
			fail_at(p, f,
				"expression part cannot include a "
				"backslash");
		} else if (!level &&
			   (*s == '}' || *s == ':' ||
			    (*s == '!' && s + 1 < f->end && s[1] != '='))) {
			return s;
		} else if (*s == '!' && s + 1 < f->end) {
			s++;
		}
	}
	fail_at(p, f, "expecting '}'");
}

static struct node *inner_expr(struct parser *p, const struct fstr *f,
			       const char *end)
{
	struct parser *in = arena_alloc(p->arena, sizeof(*in));
	struct node *n;

	in->arena = p->arena;
	in->err = p->err;
	in->depth = p->depth + 1;
	if (in->depth > MAX_NESTING)
		fail_at(p, f, "expressions nested too deeply");
	lexer_init_inner(&in->lx, &p->lx, f->s, (size_t)(end - f->s), f->line,
			 f->col);
	parse_next(in);
	if (in->t.kind == T_EOF || in->t.kind == T_NEWLINE)
		fail_at(p, f, "empty expression not allowed");
	n = parse_expr_list(in);
	if (in->t.kind == T_NEWLINE)
		parse_next(in);
	if (in->t.kind != T_EOF)
		parse_fail(in, "f-string: invalid syntax");
	return n;
}

static void conversion(struct parser *p, struct fstr *f, struct node *n)
{
	if (f->s < f->end && *f->s == '!') {
		f->s++;
		n->op = f->s < f->end ? *f->s++ : 0;
		if (n->op != 'r' && n->op != 's')
			fail_at(p, f,
				"invalid conversion character: expected "
				"'s' or 'r'");
	}
	if (f->s < f->end && *f->s == ':') {
		struct fstr spec = *f;

		if (f->nesting == MAX_SPEC_NESTING)
			fail_at(p, f, "expressions nested too deeply");
		n->b = node_new(p, N_FSTRING);
		spec.s++;
		spec.nesting++;
		parse_parts(p, &spec, n->b);
		f->s = spec.s;
	}
	if (f->s == f->end || *f->s != '}')
		fail_at(p, f, "expecting '}'");
	f->s++;
}

/* `{x = }` shows the text of the expression too. */
static const char *self_documenting(struct parser *p, const struct fstr *f,
				    const char *end, struct node *out)
{
	const char *s = end;

	while (s > f->s && s[-1] == ' ')
		s--;
	if (s == f->s || s[-1] != '=' || s - 1 == f->s || strchr("=<>!", s[-2]))
		return NULL;
	list_add(p, &out->l[0], str_node(p, f, f->s, (size_t)(end - f->s)));
	return s - 1;
}

static void value_part(struct parser *p, struct fstr *f, struct node *out)
{
	struct node *n = node_new(p, N_FVALUE);
	const char *end, *inner;

	n->line = f->line;
	n->col = f->col;
	f->s++;
	end = expr_end(p, f);
	inner = self_documenting(p, f, end, out);
	n->a = inner_expr(p, f, inner ? inner : end);
	f->s = end;
	if (inner && *end == '}')
		n->op = 'r';
	conversion(p, f, n);
	list_add(p, &out->l[0], n);
}

static void parse_parts(struct parser *p, struct fstr *f, struct node *out)
{
	while (f->s < f->end) {
		literal_part(p, f, out);
		if (f->s == f->end)
			break;
		if (*f->s == '{')
			value_part(p, f, out);
		else if (f->nesting)
			return;
		else
			fail_at(p, f, "single '}' is not allowed");
	}
}

static struct node *join_plain(struct parser *p, struct node *a,
			       const struct token *t)
{
	char *s = arena_alloc(p->arena, a->len + t->len + 1);

	memcpy(s, a->str, a->len);
	memcpy(s + a->len, t->str, t->len);
	a->str = s;
	a->len += t->len;
	return a;
}

static struct node *add_string(struct parser *p, struct node *n,
			       const struct token *t)
{
	struct fstr f = { t->str, t->str + t->len, t->line, t->col, t->raw, 0 };
	struct node *whole = n;

	if (t->kind == T_STR && n->kind == N_STR)
		return join_plain(p, n, t);
	if (n->kind == N_STR) {
		whole = node_at(p, N_FSTRING, n);
		if (n->len)
			list_add(p, &whole->l[0], n);
	}
	if (t->kind == T_FSTR)
		parse_parts(p, &f, whole);
	else
		list_add(p, &whole->l[0], str_node(p, &f, t->str, t->len));
	return whole;
}

struct node *parse_strings(struct parser *p)
{
	bool bytes = p->t.kind == T_BYTES;
	struct node *n = node_new(p, bytes ? N_BYTES : N_STR);
	struct token t;

	n->str = "";
	while (p->t.kind == T_STR || p->t.kind == T_FSTR ||
	       p->t.kind == T_BYTES) {
		t = p->t;
		if ((t.kind == T_BYTES) != bytes)
			parse_fail(p, "cannot mix bytes and nonbytes "
				      "literals");
		parse_next(p);
		n = bytes ? join_plain(p, n, &t) : add_string(p, n, &t);
	}
	return n;
}
