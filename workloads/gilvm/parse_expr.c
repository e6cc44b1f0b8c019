// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The parser: operators. What they stand between: parse_atom.c. */
#include "parse.h"

static void enter(struct parser *p)
{
	if (++p->depth > MAX_NESTING)
		parse_fail(p, "too many nested expressions");
}

static void leave(struct parser *p)
{
	p->depth--;
}

static struct node *parse_unary(struct parser *p);

/* Priority of binary operators; 0: it is none. */
static int priority(enum token_kind kind, enum binop *op)
{
	static const struct {
		enum token_kind kind;
		enum binop op;
		int priority;
	} table[] = {
		{ T_OR, BINOP_OR, 1 },         { T_XOR, BINOP_XOR, 2 },
		{ T_AND, BINOP_AND, 3 },       { T_LSHIFT, BINOP_LSHIFT, 4 },
		{ T_RSHIFT, BINOP_RSHIFT, 4 }, { T_ADD, BINOP_ADD, 5 },
		{ T_SUB, BINOP_SUB, 5 },       { T_MUL, BINOP_MUL, 6 },
		{ T_DIV, BINOP_DIV, 6 },       { T_FLOOR, BINOP_FLOORDIV, 6 },
		{ T_MOD, BINOP_MOD, 6 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].kind == kind) {
			*op = table[i].op;
			return table[i].priority;
		}
	}
	return 0;
}

static struct node *binary(struct parser *p, enum binop op, struct node *a,
			   struct node *b)
{
	struct node *n = node_at(p, N_BINOP, a);

	n->op = (int)op;
	n->a = a;
	n->b = b;
	return n;
}

static struct node *parse_binary(struct parser *p, int min)
{
	struct node *a = parse_unary(p);
	enum binop op;
	int prio;

	while ((prio = priority(p->t.kind, &op)) >= min && prio > 0) {
		parse_next(p);
		a = binary(p, op, a, parse_binary(p, prio + 1));
	}
	return a;
}

static struct node *parse_power(struct parser *p)
{
	struct node *a = parse_primary(p);

	if (!parse_accept(p, T_POW))
		return a;
	return binary(p, BINOP_POW, a, parse_unary(p));
}

static struct node *parse_unary(struct parser *p)
{
	struct node *n;

	if (p->t.kind != T_SUB && p->t.kind != T_ADD && p->t.kind != T_INVERT) {
		enter(p);
		n = parse_power(p);
		leave(p);
		return n;
	}
	n = node_new(p, p->t.kind == T_SUB   ? N_NEGATE
			: p->t.kind == T_ADD ? N_PLUS
					     : N_INVERT);
	parse_next(p);
	enter(p);
	/* -2 ** 2 is -(2 ** 2), and the smallest int is one literal. */
	n->a = parse_unary(p);
	leave(p);
	return n;
}

static int comparison(struct parser *p)
{
	switch (p->t.kind) {
	case T_LT:
		return CMP_LT;
	case T_LE:
		return CMP_LE;
	case T_EQ:
		return CMP_EQ;
	case T_NE:
		return CMP_NE;
	case T_GT:
		return CMP_GT;
	case T_GE:
		return CMP_GE;
	case K_IN:
		return COMPARE_IN;
	case K_NOT:
		return COMPARE_NOT_IN;
	case K_IS:
		return COMPARE_IS;
	default:
		return -1;
	}
}

static unsigned char take_comparison(struct parser *p, int op)
{
	parse_next(p);
	if (op == COMPARE_NOT_IN)
		parse_expect(p, K_IN);
	if (op == COMPARE_IS && parse_accept(p, K_NOT))
		op = COMPARE_IS_NOT;
	return (unsigned char)op;
}

static struct node *parse_compare(struct parser *p)
{
	struct node *a = parse_binary(p, 1);
	unsigned char ops[64];
	struct node *n;
	int count = 0;
	int op = comparison(p);

	if (op < 0)
		return a;
	n = node_at(p, N_COMPARE, a);
	list_add(p, &n->l[0], a);
	while ((op = comparison(p)) >= 0) {
		if (count == (int)sizeof(ops))
			parse_fail(p, "too many comparisons in a chain");
		ops[count++] = take_comparison(p, op);
		list_add(p, &n->l[0], parse_binary(p, 1));
	}
	n->ops = (unsigned char *)arena_copy(p->arena, (const char *)ops,
					     (size_t)count);
	return n;
}

static struct node *parse_not(struct parser *p)
{
	struct node *n;

	if (p->t.kind != K_NOT)
		return parse_compare(p);
	n = node_new(p, N_NOT);
	parse_next(p);
	enter(p);
	n->a = parse_not(p);
	leave(p);
	return n;
}

static struct node *parse_and(struct parser *p)
{
	struct node *a = parse_not(p);
	struct node *n;

	if (p->t.kind != K_AND)
		return a;
	n = node_at(p, N_AND, a);
	list_add(p, &n->l[0], a);
	while (parse_accept(p, K_AND))
		list_add(p, &n->l[0], parse_not(p));
	return n;
}

static struct node *parse_or(struct parser *p)
{
	struct node *a = parse_and(p);
	struct node *n;

	if (p->t.kind != K_OR)
		return a;
	n = node_at(p, N_OR, a);
	list_add(p, &n->l[0], a);
	while (parse_accept(p, K_OR))
		list_add(p, &n->l[0], parse_and(p));
	return n;
}

struct node *parse_expr(struct parser *p)
{
	struct node *a;
	struct node *n;

	if (p->t.kind == K_LAMBDA || p->t.kind == K_YIELD ||
	    p->t.kind == K_AWAIT)
		parse_fail(p, "'%s' is not supported", token_name(p->t.kind));
	enter(p);
	a = parse_or(p);
	if (parse_accept(p, K_IF)) {
		n = node_at(p, N_COND, a);
		n->a = a;
		n->b = parse_or(p);
		parse_expect(p, K_ELSE);
		n->c = parse_expr(p);
		a = n;
	}
	leave(p);
	return a;
}

static bool ends_list(const struct parser *p)
{
	switch (p->t.kind) {
	case T_NEWLINE:
	case T_EOF:
	case T_SEMI:
	case T_ASSIGN:
	case T_COLON:
	case T_RPAREN:
	case T_RBRACKET:
	case T_RBRACE:
	case K_IN:
		return true;
	default:
		return false;
	}
}

static struct node *comma_list(struct parser *p,
			       struct node *(*item)(struct parser *))
{
	struct node *a = item(p);
	struct node *n;

	if (p->t.kind != T_COMMA)
		return a;
	n = node_at(p, N_TUPLE, a);
	list_add(p, &n->l[0], a);
	while (parse_accept(p, T_COMMA) && !ends_list(p))
		list_add(p, &n->l[0], item(p));
	return n;
}

struct node *parse_expr_list(struct parser *p)
{
	return comma_list(p, parse_expr);
}

struct node *parse_targets(struct parser *p)
{
	return comma_list(p, parse_primary);
}

void check_target(struct parser *p, const struct node *n, const char *what)
{
	switch (n->kind) {
	case N_NAME:
	case N_ATTR:
	case N_INDEX:
		return;
	case N_TUPLE:
	case N_LIST:
		enter(p);
		for (int i = 0; i < n->l[0].n; i++)
			check_target(p, n->l[0].v[i], what);
		leave(p);
		return;
	default:
		syntax_fail(p->err, n->line, n->col, "cannot %s this", what);
	}
}

struct node *parse_comprehension(struct parser *p, struct node *item)
{
	struct node *n = node_at(p, N_LISTCOMP, item);

	n->a = item;
	while (parse_accept(p, K_FOR)) {
		struct node *c = node_new(p, N_COMPFOR);

		if (n->l[0].n == 20)
			parse_fail(p, "too many loops in a comprehension");
		c->a = parse_targets(p);
		check_target(p, c->a, "assign to");
		parse_expect(p, K_IN);
		c->b = parse_or(p);
		while (parse_accept(p, K_IF))
			list_add(p, &c->l[0], parse_or(p));
		list_add(p, &n->l[0], c);
	}
	return n;
}
