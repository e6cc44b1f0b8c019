// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The parser: statements with a body. */
#include "parse.h"

#include <string.h>

void parse_body(struct parser *p, struct node_list *out)
{
	parse_expect(p, T_COLON);
	if (p->t.kind != T_NEWLINE) {
		/* A body on the same line holds simple statements only. */
		switch (p->t.kind) {
		case K_IF:
		case K_WHILE:
		case K_FOR:
		case K_TRY:
		case K_WITH:
		case K_DEF:
		case K_CLASS:
			parse_fail(p, "invalid syntax");
		default:
			parse_statement(p, out);
			return;
		}
	}
	parse_next(p);
	if (p->t.kind != T_INDENT)
		parse_fail(p, "expected an indented block");
	parse_next(p);
	while (p->t.kind != T_DEDENT && p->t.kind != T_EOF)
		parse_statement(p, out);
	parse_accept(p, T_DEDENT);
}

static void parse_else(struct parser *p, struct node_list *out)
{
	if (parse_accept(p, K_ELSE))
		parse_body(p, out);
}

static struct node *parse_if(struct parser *p)
{
	struct node *n = node_new(p, N_IF);

	do {
		struct node *branch = node_new(p, N_BRANCH);

		parse_next(p);
		branch->a = parse_expr(p);
		parse_body(p, &branch->l[0]);
		list_add(p, &n->l[0], branch);
	} while (p->t.kind == K_ELIF);
	parse_else(p, &n->l[1]);
	return n;
}

static struct node *parse_while(struct parser *p)
{
	struct node *n = node_new(p, N_WHILE);

	parse_next(p);
	n->a = parse_expr(p);
	parse_body(p, &n->l[0]);
	parse_else(p, &n->l[1]);
	return n;
}

static struct node *parse_for(struct parser *p)
{
	struct node *n = node_new(p, N_FOR);

	parse_next(p);
	n->a = parse_targets(p);
	check_target(p, n->a, "assign to");
	parse_expect(p, K_IN);
	n->b = parse_expr_list(p);
	parse_body(p, &n->l[0]);
	parse_else(p, &n->l[1]);
	return n;
}

static struct node *parse_with(struct parser *p)
{
	struct node *n = node_new(p, N_WITH);

	parse_next(p);
	do {
		struct node *item = node_new(p, N_WITHITEM);

		item->a = parse_expr(p);
		if (parse_accept(p, K_AS)) {
			item->b = parse_primary(p);
			check_target(p, item->b, "assign to");
		}
		list_add(p, &n->l[0], item);
	} while (parse_accept(p, T_COMMA));
	parse_body(p, &n->l[1]);
	return n;
}

static struct node *parse_handler(struct parser *p)
{
	struct node *n = node_new(p, N_HANDLER);

	parse_expect(p, K_EXCEPT);
	if (p->t.kind == T_MUL)
		parse_fail(p, "except* is not supported");
	if (p->t.kind != T_COLON) {
		n->a = parse_expr(p);
		n->str = parse_accept(p, K_AS) ? parse_name(p) : NULL;
	}
	parse_body(p, &n->l[0]);
	return n;
}

struct node *parse_try(struct parser *p)
{
	struct node *n = node_new(p, N_TRY);

	parse_next(p);
	parse_body(p, &n->l[0]);
	while (p->t.kind == K_EXCEPT) {
		if (n->l[1].n && !n->l[1].v[n->l[1].n - 1]->a)
			parse_fail(p, "default 'except:' must be last");
		list_add(p, &n->l[1], parse_handler(p));
	}
	if (n->l[1].n)
		parse_else(p, &n->l[2]);
	if (parse_accept(p, K_FINALLY))
		parse_body(p, &n->l[3]);
	if (!n->l[1].n && !n->l[3].n)
		parse_fail(p, "expected 'except' or 'finally' block");
	return n;
}

static void check_params(struct parser *p, const struct node_list *params)
{
	const struct node *last = params->v[params->n - 1];

	for (int i = 0; i < params->n - 1; i++) {
		if (!strcmp(params->v[i]->str, last->str))
			syntax_fail(p->err, last->line, last->col,
				    "duplicate argument '%.100s' in function "
				    "definition",
				    last->str);
	}
	if (params->n > 1 && !last->a && params->v[params->n - 2]->a)
		syntax_fail(p->err, last->line, last->col,
			    "non-default argument follows default argument");
	if (params->n > 255)
		syntax_fail(p->err, last->line, last->col,
			    "more than 255 parameters");
}

static void parse_params(struct parser *p, struct node_list *out)
{
	parse_expect(p, T_LPAREN);
	while (p->t.kind != T_RPAREN) {
		struct node *n = node_new(p, N_PARAM);

		if (p->t.kind == T_MUL || p->t.kind == T_POW ||
		    p->t.kind == T_DIV)
			parse_fail(p,
				   "'%s' in a list of parameters is not "
				   "supported",
				   token_name(p->t.kind));
		n->str = parse_name(p);
		if (parse_accept(p, T_COLON))
			parse_expr(p);
		if (parse_accept(p, T_ASSIGN))
			n->a = parse_expr(p);
		list_add(p, out, n);
		check_params(p, out);
		if (!parse_accept(p, T_COMMA))
			break;
	}
	parse_expect(p, T_RPAREN);
}

struct node *parse_def(struct parser *p)
{
	struct node *n = node_new(p, N_DEF);

	parse_next(p);
	n->str = parse_name(p);
	parse_params(p, &n->l[0]);
	if (parse_accept(p, T_ARROW))
		parse_expr(p);
	parse_body(p, &n->l[1]);
	return n;
}

struct node *parse_class(struct parser *p)
{
	struct node *n = node_new(p, N_CLASS);

	parse_next(p);
	n->str = parse_name(p);
	if (parse_accept(p, T_LPAREN)) {
		if (p->t.kind == T_NAME && !strcmp(p->t.str, "object"))
			parse_next(p);
		if (p->t.kind != T_RPAREN)
			parse_fail(p, "inheritance is not supported");
		parse_next(p);
	}
	parse_body(p, &n->l[0]);
	return n;
}

struct node *parse_compound(struct parser *p)
{
	switch (p->t.kind) {
	case K_IF:
		return parse_if(p);
	case K_WHILE:
		return parse_while(p);
	case K_FOR:
		return parse_for(p);
	case K_WITH:
		return parse_with(p);
	case K_TRY:
		return parse_try(p);
	case K_DEF:
		return parse_def(p);
	case K_CLASS:
		return parse_class(p);
	case T_AT:
		parse_fail(p, "decorators are not supported");
	case K_ASYNC:
	case K_AWAIT:
	case K_YIELD:
	case K_NONLOCAL:
		parse_fail(p, "'%s' is not supported", token_name(p->t.kind));
	default:
		return NULL;
	}
}
