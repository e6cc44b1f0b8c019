// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The parser: common parts and simple statements. */
#include "parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void parse_fail(struct parser *p, const char *fmt, ...)
{
	char msg[150];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	syntax_fail(p->err, p->t.line, p->t.col, "%s", msg);
}

void parse_next(struct parser *p)
{
	lexer_next(&p->lx, &p->t);
}

bool parse_accept(struct parser *p, enum token_kind kind)
{
	if (p->t.kind != kind)
		return false;
	parse_next(p);
	return true;
}

void parse_expect(struct parser *p, enum token_kind kind)
{
	if (!parse_accept(p, kind))
		parse_fail(p, "expected '%s', found '%s'", token_name(kind),
			   token_name(p->t.kind));
}

struct node *node_new(struct parser *p, enum node_kind kind)
{
	struct node *n = arena_alloc(p->arena, sizeof(*n));

	n->kind = kind;
	n->line = p->t.line;
	n->col = p->t.col;
	return n;
}

struct node *node_at(struct parser *p, enum node_kind kind,
		     const struct node *at)
{
	struct node *n = node_new(p, kind);

	n->line = at->line;
	n->col = at->col;
	return n;
}

void list_add(struct parser *p, struct node_list *l, struct node *n)
{
	if (l->n == l->cap) {
		int cap = l->cap ? l->cap * 2 : 4;
		struct node **v =
			arena_alloc(p->arena, (size_t)cap * sizeof(*v));

		if (l->n)
			memcpy(v, l->v, (size_t)l->n * sizeof(*v));
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = n;
}

const char *parse_name(struct parser *p)
{
	const char *s = p->t.str;

	if (p->t.kind != T_NAME)
		parse_fail(p, "expected a name, found '%s'",
			   token_name(p->t.kind));
	parse_next(p);
	return s;
}

static struct node *parse_import(struct parser *p)
{
	struct node *n = node_new(p, N_IMPORT);

	parse_expect(p, K_IMPORT);
	do {
		struct node *alias = node_new(p, N_ALIAS);

		alias->str = parse_name(p);
		if (p->t.kind == T_DOT)
			parse_fail(p, "packages are not supported");
		alias->str2 =
			parse_accept(p, K_AS) ? parse_name(p) : alias->str;
		list_add(p, &n->l[0], alias);
	} while (parse_accept(p, T_COMMA));
	return n;
}

static struct node *parse_from(struct parser *p)
{
	struct node *n = node_new(p, N_FROM);
	bool parens;

	parse_expect(p, K_FROM);
	n->str = parse_name(p);
	parse_expect(p, K_IMPORT);
	parens = parse_accept(p, T_LPAREN);
	do {
		struct node *alias = node_new(p, N_ALIAS);

		if (parens && p->t.kind == T_RPAREN)
			break;
		alias->str = parse_name(p);
		alias->str2 =
			parse_accept(p, K_AS) ? parse_name(p) : alias->str;
		list_add(p, &n->l[0], alias);
	} while (parse_accept(p, T_COMMA));
	if (parens)
		parse_expect(p, T_RPAREN);
	return n;
}

static bool ends_statement(const struct parser *p)
{
	return p->t.kind == T_NEWLINE || p->t.kind == T_SEMI ||
	       p->t.kind == T_EOF;
}

static struct node *parse_return(struct parser *p)
{
	struct node *n = node_new(p, N_RETURN);

	parse_next(p);
	n->a = ends_statement(p) ? NULL : parse_expr_list(p);
	return n;
}

static struct node *parse_raise(struct parser *p)
{
	struct node *n = node_new(p, N_RAISE);

	parse_next(p);
	n->a = ends_statement(p) ? NULL : parse_expr(p);
	if (n->a && parse_accept(p, K_FROM))
		parse_expr(p);
	return n;
}

static struct node *parse_global(struct parser *p)
{
	struct node *n = node_new(p, N_GLOBAL);

	parse_next(p);
	do {
		struct node *name = node_new(p, N_NAME);

		name->str = parse_name(p);
		list_add(p, &n->l[0], name);
	} while (parse_accept(p, T_COMMA));
	return n;
}

static struct node *parse_del(struct parser *p)
{
	struct node *n = node_new(p, N_DEL);
	struct node *target;

	parse_next(p);
	target = parse_targets(p);
	check_target(p, target, "delete");
	if (target->kind == N_TUPLE)
		n->l[0] = target->l[0];
	else
		list_add(p, &n->l[0], target);
	return n;
}

static struct node *parse_assert(struct parser *p)
{
	struct node *n = node_new(p, N_ASSERT);

	parse_next(p);
	n->a = parse_expr(p);
	n->b = parse_accept(p, T_COMMA) ? parse_expr(p) : NULL;
	return n;
}

static int augmented_op(enum token_kind kind)
{
	static const struct {
		enum token_kind kind;
		enum binop op;
	} table[] = {
		{ T_ADD_EQ, BINOP_ADD },        { T_SUB_EQ, BINOP_SUB },
		{ T_MUL_EQ, BINOP_MUL },        { T_DIV_EQ, BINOP_DIV },
		{ T_FLOOR_EQ, BINOP_FLOORDIV }, { T_MOD_EQ, BINOP_MOD },
		{ T_POW_EQ, BINOP_POW },        { T_AND_EQ, BINOP_AND },
		{ T_OR_EQ, BINOP_OR },          { T_XOR_EQ, BINOP_XOR },
		{ T_LSHIFT_EQ, BINOP_LSHIFT },  { T_RSHIFT_EQ, BINOP_RSHIFT },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].kind == kind)
			return (int)table[i].op;
	}
	return -1;
}

static struct node *parse_augmented(struct parser *p, struct node *target,
				    int op)
{
	struct node *n = node_at(p, N_AUGASSIGN, target);

	if (target->kind != N_NAME && target->kind != N_ATTR &&
	    target->kind != N_INDEX)
		syntax_fail(p->err, target->line, target->col,
			    "illegal expression for augmented assignment");
	parse_next(p);
	n->a = target;
	n->op = op;
	n->b = parse_expr_list(p);
	return n;
}

static struct node *parse_annotated(struct parser *p, struct node *target)
{
	struct node *n = node_at(p, N_ANNOTATE, target);

	if (target->kind == N_TUPLE || target->kind == N_LIST)
		parse_fail(p, "only single target can be annotated");
	check_target(p, target, "annotate");
	parse_expect(p, T_COLON);
	parse_expr(p);
	n->a = target;
	n->b = parse_accept(p, T_ASSIGN) ? parse_expr_list(p) : NULL;
	return n;
}

static struct node *parse_assignment(struct parser *p)
{
	struct node *first = parse_expr_list(p);
	int op = augmented_op(p->t.kind);
	struct node *n;

	if (op >= 0)
		return parse_augmented(p, first, op);
	if (p->t.kind == T_COLON)
		return parse_annotated(p, first);
	n = node_at(p, p->t.kind == T_ASSIGN ? N_ASSIGN : N_EXPR, first);
	n->a = first;
	while (parse_accept(p, T_ASSIGN)) {
		check_target(p, n->a, "assign to");
		list_add(p, &n->l[0], n->a);
		n->a = parse_expr_list(p);
	}
	return n;
}

static struct node *parse_word(struct parser *p, enum node_kind kind)
{
	struct node *n = node_new(p, kind);

	parse_next(p);
	return n;
}

static struct node *parse_simple(struct parser *p)
{
	switch (p->t.kind) {
	case K_PASS:
		return parse_word(p, N_PASS);
	case K_BREAK:
		return parse_word(p, N_BREAK);
	case K_CONTINUE:
		return parse_word(p, N_CONTINUE);
	case K_RETURN:
		return parse_return(p);
	case K_RAISE:
		return parse_raise(p);
	case K_GLOBAL:
		return parse_global(p);
	case K_DEL:
		return parse_del(p);
	case K_ASSERT:
		return parse_assert(p);
	case K_IMPORT:
		return parse_import(p);
	case K_FROM:
		return parse_from(p);
	default:
		return parse_assignment(p);
	}
}

static void parse_simple_line(struct parser *p, struct node_list *out)
{
	do {
		if (p->t.kind == T_NEWLINE || p->t.kind == T_EOF)
			break;
		list_add(p, out, parse_simple(p));
	} while (parse_accept(p, T_SEMI));
	if (!parse_accept(p, T_NEWLINE) && p->t.kind != T_EOF)
		parse_fail(p, "invalid syntax near '%s'",
			   token_name(p->t.kind));
}

void parse_statement(struct parser *p, struct node_list *out)
{
	struct node *n;

	if (p->t.kind == T_INDENT)
		parse_fail(p, "unexpected indent");
	n = parse_compound(p);
	if (n)
		list_add(p, out, n);
	else
		parse_simple_line(p, out);
}

int parse_program(struct arena *arena, const char *text, size_t len,
		  struct node_list *out, struct syntax_error *err)
{
	struct parser *p;

	if (setjmp(err->bail))
		return -1;
	p = arena_alloc(arena, sizeof(*p));
	p->arena = arena;
	p->err = err;
	lexer_init(&p->lx, arena, err, text, len);
	parse_next(p);
	while (p->t.kind != T_EOF)
		parse_statement(p, out);
	return 0;
}
