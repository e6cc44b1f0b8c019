// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which name lives where: local slot, global slot, class body. */
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "values.h"

int global_index(struct globals *g, const char *name)
{
	int i = strmap_get(&g->index, name);

	if (i >= 0)
		return i;
	if (g->n == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 64;
		g->names =
			xrealloc(g->names, (size_t)g->cap, sizeof(*g->names));
	}
	g->names[g->n] = str_intern(name);
	strmap_put(&g->index, str_data(g->names[g->n]), g->n);
	return g->n++;
}

void globals_free(struct globals *g)
{
	for (int i = 0; i < g->n; i++)
		decref(g->names[i]);
	free(g->names);
	strmap_free(&g->index);
}

static void add_name(struct compiler *c, const char *name)
{
	struct scope *s = c->scope;

	if (s->kind != SCOPE_FUNCTION || strmap_get(&s->globals, name) >= 0 ||
	    strmap_get(&s->locals, name) >= 0)
		return;
	strmap_put(&s->locals, name, add_local(c, name));
}

static void add_target(struct compiler *c, const struct node *n)
{
	if (n->kind == N_NAME)
		add_name(c, n->str);
	if (n->kind != N_TUPLE && n->kind != N_LIST)
		return;
	for (int i = 0; i < n->l[0].n; i++)
		add_target(c, n->l[0].v[i]);
}

static void add_global(struct compiler *c, const struct node *n)
{
	for (int i = 0; i < n->l[0].n; i++) {
		const struct node *name = n->l[0].v[i];

		if (strmap_get(&c->scope->locals, name->str) >= 0)
			compile_fail(c, name,
				     "name '%.100s' is parameter and global",
				     name->str);
		strmap_put(&c->scope->globals, name->str, 1);
	}
}

static void own_names(struct compiler *c, const struct node *n)
{
	switch (n->kind) {
	case N_ASSIGN:
	case N_DEL:
		for (int i = 0; i < n->l[0].n; i++)
			add_target(c, n->l[0].v[i]);
		break;
	case N_AUGASSIGN:
	case N_ANNOTATE:
	case N_FOR:
		add_target(c, n->a);
		break;
	case N_WITHITEM:
		if (n->b)
			add_target(c, n->b);
		break;
	case N_HANDLER:
	case N_DEF:
	case N_CLASS:
		if (n->str)
			add_name(c, n->str);
		break;
	case N_ALIAS:
		add_name(c, n->str2);
		break;
	default:
		break;
	}
}

/* Does this statement hold others of the same scope in its lists? */
static bool has_body(const struct node *n)
{
	switch (n->kind) {
	case N_IF:
	case N_BRANCH:
	case N_WHILE:
	case N_FOR:
	case N_WITH:
	case N_TRY:
	case N_HANDLER:
	case N_IMPORT:
	case N_FROM:
		return true;
	default:
		return false;
	}
}

static void walk(struct compiler *c, const struct node_list *body, bool globals)
{
	for (int i = 0; i < body->n; i++) {
		const struct node *n = body->v[i];

		if (globals && n->kind == N_GLOBAL)
			add_global(c, n);
		if (!globals)
			own_names(c, n);
		for (int j = 0; has_body(n) && j < 4; j++)
			walk(c, &n->l[j], globals);
	}
}

void collect_locals(struct compiler *c, const struct node_list *body)
{
	walk(c, body, true);
	walk(c, body, false);
}

static void check_closure(struct compiler *c, const struct node *at,
			  const char *name)
{
	for (struct scope *s = c->scope->outer; s; s = s->outer) {
		bool hidden = false;

		for (struct hidden *h = s->hidden; h; h = h->outer)
			hidden |= !strcmp(h->name, name);
		if (hidden || (s->kind == SCOPE_FUNCTION &&
			       strmap_get(&s->locals, name) >= 0))
			compile_fail(c, at,
				     "'%.100s' belongs to an enclosing "
				     "function: closures are not supported",
				     name);
	}
}

static void emit_global(struct compiler *c, const char *name, enum access how)
{
	static const enum opcode ops[] = { OP_LOAD_GLOBAL, OP_STORE_GLOBAL,
					   OP_DELETE_GLOBAL };

	emit(c, ops[how], global_index(c->globals, name));
}

void emit_name(struct compiler *c, const struct node *at, const char *name,
	       enum access how)
{
	static const enum opcode fast[] = { OP_LOAD_FAST, OP_STORE_FAST,
					    OP_DELETE_FAST };
	static const enum opcode in_class[] = { OP_LOAD_NAME, OP_STORE_NAME,
						OP_DELETE_NAME };
	struct scope *s = c->scope;
	int slot = -1;

	for (struct hidden *h = s->hidden; h && slot < 0; h = h->outer) {
		if (!strcmp(h->name, name))
			slot = h->slot;
	}
	if (slot < 0)
		slot = strmap_get(&s->locals, name);
	if (slot >= 0) {
		emit(c, fast[how], slot);
		return;
	}
	if (strmap_get(&s->globals, name) < 0)
		check_closure(c, at, name);
	if (s->kind == SCOPE_CLASS && strmap_get(&s->globals, name) < 0)
		emit(c, in_class[how], name_index(c, name));
	else
		emit_global(c, name, how);
}
