// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The parser: literals, names, brackets, and what follows them directly. */
#include "parse.h"

#include <string.h>

static struct node *literal(struct parser *p, enum node_kind kind)
{
	struct node *n = node_new(p, kind);

	n->str = p->t.str;
	n->len = p->t.len;
	n->i = p->t.i;
	n->f = p->t.f;
	parse_next(p);
	return n;
}

static void parse_items(struct parser *p, struct node_list *out,
			enum token_kind close)
{
	while (p->t.kind != close) {
		list_add(p, out, parse_expr(p));
		if (!parse_accept(p, T_COMMA))
			break;
	}
	parse_expect(p, close);
}

static struct node *parse_list(struct parser *p)
{
	struct node *n = node_new(p, N_LIST);
	struct node *first;

	parse_next(p);
	if (parse_accept(p, T_RBRACKET))
		return n;
	first = parse_expr(p);
	if (p->t.kind == K_FOR) {
		n = parse_comprehension(p, first);
		parse_expect(p, T_RBRACKET);
		return n;
	}
	list_add(p, &n->l[0], first);
	if (parse_accept(p, T_COMMA))
		parse_items(p, &n->l[0], T_RBRACKET);
	else
		parse_expect(p, T_RBRACKET);
	return n;
}

static struct node *parse_parens(struct parser *p)
{
	struct node *n = node_new(p, N_TUPLE);
	struct node *first;

	parse_next(p);
	if (parse_accept(p, T_RPAREN))
		return n;
	first = parse_expr(p);
	if (p->t.kind == K_FOR)
		first = parse_comprehension(p, first);
	if (parse_accept(p, T_RPAREN))
		return first;
	list_add(p, &n->l[0], first);
	parse_expect(p, T_COMMA);
	parse_items(p, &n->l[0], T_RPAREN);
	return n;
}

static struct node *parse_atom(struct parser *p)
{
	switch (p->t.kind) {
	case T_NAME:
		return literal(p, N_NAME);
	case T_INT:
		return literal(p, N_INT);
	case T_FLOAT:
		return literal(p, N_FLOAT);
	case T_STR:
	case T_FSTR:
	case T_BYTES:
		return parse_strings(p);
	case K_NONE:
		return literal(p, N_NONE);
	case K_TRUE:
		return literal(p, N_TRUE);
	case K_FALSE:
		return literal(p, N_FALSE);
	case T_LPAREN:
		return parse_parens(p);
	case T_LBRACKET:
		return parse_list(p);
	case T_LBRACE:
		parse_fail(p, "dicts and sets are not supported");
	default:
		parse_fail(p, "invalid syntax near '%s'",
			   token_name(p->t.kind));
	}
}

static bool has_keyword(const struct node *call, const char *name)
{
	for (int i = 0; i < call->l[1].n; i++) {
		if (!strcmp(call->l[1].v[i]->str, name))
			return true;
	}
	return false;
}

static void add_keyword(struct parser *p, struct node *call, struct node *name)
{
	struct node *kw = node_at(p, N_KEYWORD, name);

	if (name->kind != N_NAME)
		syntax_fail(p->err, name->line, name->col,
			    "expression cannot be a keyword");
	if (has_keyword(call, name->str))
		syntax_fail(p->err, name->line, name->col,
			    "keyword argument repeated: %.100s", name->str);
	kw->str = name->str;
	kw->a = parse_expr(p);
	list_add(p, &call->l[1], kw);
}

void parse_call_args(struct parser *p, struct node *call)
{
	while (p->t.kind != T_RPAREN) {
		struct node *a;

		if (p->t.kind == T_MUL || p->t.kind == T_POW)
			parse_fail(p, "'%s' in a call is not supported",
				   token_name(p->t.kind));
		a = parse_expr(p);
		if (p->t.kind == K_FOR)
			a = parse_comprehension(p, a);
		if (parse_accept(p, T_ASSIGN))
			add_keyword(p, call, a);
		else if (call->l[1].n)
			syntax_fail(p->err, a->line, a->col,
				    "positional argument follows keyword "
				    "argument");
		else
			list_add(p, &call->l[0], a);
		if (call->l[0].n + call->l[1].n > 255)
			parse_fail(p, "more than 255 arguments");
		if (!parse_accept(p, T_COMMA))
			break;
	}
	parse_expect(p, T_RPAREN);
}

static struct node *parse_slice(struct parser *p, struct node *obj,
				struct node *first)
{
	struct node *n = node_at(p, N_SLICE, obj);

	n->a = obj;
	list_add(p, &n->l[0], first);
	while (n->l[0].n < 3 && parse_accept(p, T_COLON)) {
		bool none = p->t.kind == T_COLON || p->t.kind == T_RBRACKET;

		list_add(p, &n->l[0], none ? NULL : parse_expr(p));
	}
	while (n->l[0].n < 3)
		list_add(p, &n->l[0], NULL);
	return n;
}

static struct node *parse_index(struct parser *p, struct node *obj)
{
	struct node *first = NULL;
	struct node *n;

	if (p->t.kind != T_COLON)
		first = parse_expr_list(p);
	if (p->t.kind == T_COLON) {
		n = parse_slice(p, obj, first);
	} else {
		n = node_at(p, N_INDEX, obj);
		n->a = obj;
		n->b = first;
	}
	parse_expect(p, T_RBRACKET);
	return n;
}

struct node *parse_primary(struct parser *p)
{
	struct node *a = parse_atom(p);

	for (;;) {
		struct node *n;

		if (parse_accept(p, T_DOT)) {
			n = node_at(p, N_ATTR, a);
			n->a = a;
			n->str = parse_name(p);
		} else if (parse_accept(p, T_LPAREN)) {
			n = node_at(p, N_CALL, a);
			n->a = a;
			parse_call_args(p, n);
		} else if (parse_accept(p, T_LBRACKET)) {
			n = parse_index(p, a);
		} else {
			return a;
		}
		a = n;
	}
}
