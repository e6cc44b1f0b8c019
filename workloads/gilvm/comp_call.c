// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Calls, comprehensions and f-strings to bytecode. */
#include <stdlib.h>

#include "compile.h"
#include "values.h"

static struct obj *keyword_names(const struct node *n)
{
	struct obj *t = tuple_new(NULL, n->l[1].n);

	for (int i = 0; i < n->l[1].n; i++) {
		decref(as_tuple(t)->v[i]);
		as_tuple(t)->v[i] = str_intern(n->l[1].v[i]->str);
	}
	return t;
}

void compile_call(struct compiler *c, const struct node *n)
{
	bool method = n->a->kind == N_ATTR;
	int args = n->l[0].n + n->l[1].n;

	if (method) {
		compile_expr(c, n->a->a);
		c->scope->line = n->a->line;
		emit(c, OP_LOAD_METHOD, name_index(c, n->a->str));
	} else {
		compile_expr(c, n->a);
	}
	for (int i = 0; i < n->l[0].n; i++)
		compile_expr(c, n->l[0].v[i]);
	for (int i = 0; i < n->l[1].n; i++)
		compile_expr(c, n->l[1].v[i]->a);
	c->scope->line = n->line;
	if (n->l[1].n)
		emit(c, OP_KWNAMES, const_index(c, keyword_names(n)));
	emit(c, method ? OP_CALL_METHOD : OP_CALL, args);
}

/* The names of a target become hidden locals until `mark` is restored. */
static void hide_names(struct compiler *c, const struct node *target)
{
	struct hidden *h;

	if (target->kind == N_NAME) {
		h = xcalloc(1, sizeof(*h));
		h->name = target->str;
		h->slot = add_local(c, target->str);
		h->outer = c->scope->hidden;
		c->scope->hidden = h;
	}
	if (target->kind != N_TUPLE && target->kind != N_LIST)
		return;
	for (int i = 0; i < target->l[0].n; i++)
		hide_names(c, target->l[0].v[i]);
}

static void show_names(struct compiler *c, struct hidden *mark)
{
	while (c->scope->hidden != mark) {
		struct hidden *h = c->scope->hidden;

		c->scope->hidden = h->outer;
		/* What is left in the slot would keep an object alive. */
		emit_const(c, none_ref());
		emit(c, OP_STORE_FAST, h->slot);
		free(h);
	}
}

static void comp_clause(struct compiler *c, const struct node *n, int i)
{
	const struct node *clause;
	struct label next = LABEL_INIT;
	struct label end = LABEL_INIT;

	if (i == n->l[0].n) {
		compile_expr(c, n->a);
		/* The list lies below one iterator for each clause. */
		emit(c, OP_LIST_APPEND, i + 1);
		return;
	}
	clause = n->l[0].v[i];
	compile_expr(c, clause->b);
	emit(c, OP_GET_ITER, 0);
	hide_names(c, clause->a);
	label_here(c, &next);
	emit_jump(c, OP_FOR_ITER, &end);
	compile_store(c, clause->a);
	for (int k = 0; k < clause->l[0].n; k++)
		compile_condition(c, clause->l[0].v[k], false, &next);
	comp_clause(c, n, i + 1);
	emit_jump(c, OP_JUMP_BACK, &next);
	label_here(c, &end);
}

/*
 * In place, as CPython 3.12 does it: the loop variables are locals of the
 * function around it that hide other names.
 */
void compile_listcomp(struct compiler *c, const struct node *n)
{
	struct hidden *mark = c->scope->hidden;

	emit(c, OP_BUILD_LIST, 0);
	comp_clause(c, n, 0);
	show_names(c, mark);
}

static void compile_fvalue(struct compiler *c, const struct node *n)
{
	int flags = 0;

	compile_expr(c, n->a);
	if (n->op == 'r')
		flags |= 1;
	if (n->op == 's')
		flags |= 4;
	if (n->b) {
		flags |= 2;
		compile_fstring(c, n->b);
	}
	emit(c, OP_FORMAT, flags);
}

void compile_fstring(struct compiler *c, const struct node *n)
{
	for (int i = 0; i < n->l[0].n; i++) {
		const struct node *part = n->l[0].v[i];

		if (part->kind == N_FVALUE)
			compile_fvalue(c, part);
		else
			compile_expr(c, part);
	}
	emit(c, OP_BUILD_STRING, n->l[0].n);
}
