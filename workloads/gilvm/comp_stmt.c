// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Simple statements, functions and classes to bytecode. */
#include <stdlib.h>

#include "compile.h"
#include "values.h"

static void compile_assign(struct compiler *c, const struct node *n)
{
	compile_expr(c, n->a);
	for (int i = 0; i < n->l[0].n; i++) {
		if (i < n->l[0].n - 1)
			emit(c, OP_DUP, 0);
		compile_store(c, n->l[0].v[i]);
	}
}

static void emit_inplace(struct compiler *c, const struct node *n)
{
	compile_expr(c, n->b);
	c->scope->line = n->line;
	if (n->op == BINOP_ADD)
		emit(c, OP_INPLACE_ADD, 0);
	else if (n->op == BINOP_SUB)
		emit(c, OP_BINARY_SUB, 0);
	else if (n->op == BINOP_MUL)
		emit(c, OP_BINARY_MUL, 0);
	else
		emit(c, OP_BINARY, n->op);
}

static void compile_augmented(struct compiler *c, const struct node *n)
{
	switch (n->a->kind) {
	case N_ATTR:
		compile_expr(c, n->a->a);
		emit(c, OP_DUP, 0);
		emit(c, OP_LOAD_ATTR, name_index(c, n->a->str));
		emit_inplace(c, n);
		emit(c, OP_ROT_TWO, 0);
		emit(c, OP_STORE_ATTR, name_index(c, n->a->str));
		break;
	case N_INDEX:
		compile_expr(c, n->a->a);
		compile_expr(c, n->a->b);
		emit(c, OP_DUP_TWO, 0);
		emit(c, OP_LOAD_INDEX, 0);
		emit_inplace(c, n);
		emit(c, OP_ROT_THREE, 0);
		emit(c, OP_STORE_INDEX, 0);
		break;
	default:
		emit_name(c, n->a, n->a->str, ACCESS_LOAD);
		emit_inplace(c, n);
		emit_name(c, n->a, n->a->str, ACCESS_STORE);
	}
}

static void compile_del(struct compiler *c, const struct node *n)
{
	for (int i = 0; i < n->l[0].n; i++) {
		const struct node *t = n->l[0].v[i];

		switch (t->kind) {
		case N_NAME:
			emit_name(c, t, t->str, ACCESS_DELETE);
			break;
		case N_ATTR:
			compile_expr(c, t->a);
			emit(c, OP_DELETE_ATTR, name_index(c, t->str));
			break;
		case N_INDEX:
			compile_expr(c, t->a);
			compile_expr(c, t->b);
			emit(c, OP_DELETE_INDEX, 0);
			break;
		default:
			compile_fail(c, t, "cannot delete this");
		}
	}
}

static void compile_assert(struct compiler *c, const struct node *n)
{
	struct label ok = LABEL_INIT;

	compile_condition(c, n->a, true, &ok);
	emit(c, OP_LOAD_GLOBAL, global_index(c->globals, "AssertionError"));
	if (n->b) {
		compile_expr(c, n->b);
		emit(c, OP_CALL, 1);
	}
	emit(c, OP_RAISE, 1);
	label_here(c, &ok);
}

static void compile_import(struct compiler *c, const struct node *n)
{
	if (n->kind == N_FROM)
		emit(c, OP_IMPORT, name_index(c, n->str));
	for (int i = 0; i < n->l[0].n; i++) {
		const struct node *alias = n->l[0].v[i];

		emit(c, n->kind == N_FROM ? OP_IMPORT_FROM : OP_IMPORT,
		     name_index(c, alias->str));
		emit_name(c, alias, alias->str2, ACCESS_STORE);
	}
	if (n->kind == N_FROM)
		emit(c, OP_POP, 0);
}

static void compile_return(struct compiler *c, const struct node *n)
{
	int depth;

	if (c->scope->kind != SCOPE_FUNCTION)
		compile_fail(c, n, "'return' outside function");
	if (n->a)
		compile_expr(c, n->a);
	else
		emit_const(c, none_ref());
	depth = c->scope->depth;
	unwind_blocks(c, NULL, true);
	emit(c, OP_RETURN, 0);
	reopen_guards(c, NULL);
	c->scope->depth = depth - 1;
}

static void take_docstring(struct compiler *c, const struct node_list *body)
{
	const struct node *first = body->n ? body->v[0] : NULL;

	if (first && first->kind == N_EXPR && first->a->kind == N_STR)
		c->scope->code->doc =
			str_new(first->a->str, (int64_t)first->a->len);
}

/* Compile a body as a code object of its own. */
static struct codeobj *compile_code(struct compiler *c, enum scope_kind kind,
				    const char *name,
				    const struct node_list *params,
				    const struct node_list *body)
{
	struct scope *s = scope_push(c, kind, name);

	for (int i = 0; params && i < params->n; i++) {
		const struct node *p = params->v[i];

		strmap_put(&s->locals, p->str, add_local(c, p->str));
		s->code->n_defaults += p->a != NULL;
		s->code->n_params++;
	}
	collect_locals(c, body);
	take_docstring(c, body);
	compile_body(c, body);
	emit_const(c, none_ref());
	emit(c, OP_RETURN, 0);
	return scope_pop(c);
}

static void compile_def(struct compiler *c, const struct node *n)
{
	struct codeobj *code;
	int defaults = 0;

	for (int i = 0; i < n->l[0].n; i++) {
		if (n->l[0].v[i]->a) {
			compile_expr(c, n->l[0].v[i]->a);
			defaults++;
		}
	}
	emit(c, OP_BUILD_TUPLE, defaults);
	code = compile_code(c, SCOPE_FUNCTION, n->str, &n->l[0], &n->l[1]);
	c->scope->line = n->line;
	emit(c, OP_MAKE_FUNCTION, const_index(c, &code->base));
	emit_name(c, n, n->str, ACCESS_STORE);
}

static void compile_class(struct compiler *c, const struct node *n)
{
	struct codeobj *code =
		compile_code(c, SCOPE_CLASS, n->str, NULL, &n->l[0]);

	c->scope->line = n->line;
	emit(c, OP_MAKE_CLASS, const_index(c, &code->base));
	emit_name(c, n, n->str, ACCESS_STORE);
}

static void compile_expr_stmt(struct compiler *c, const struct node *n)
{
	/* A lone constant (a docstring, an ellipsis of sorts) does nothing. */
	if (n->a->kind == N_STR || n->a->kind == N_INT)
		return;
	compile_expr(c, n->a);
	emit(c, OP_POP, 0);
}

void compile_stmt(struct compiler *c, const struct node *n)
{
	c->scope->line = n->line;
	switch (n->kind) {
	case N_EXPR:
		compile_expr_stmt(c, n);
		break;
	case N_ASSIGN:
		compile_assign(c, n);
		break;
	case N_AUGASSIGN:
		compile_augmented(c, n);
		break;
	case N_ANNOTATE:
		if (n->b) {
			compile_expr(c, n->b);
			compile_store(c, n->a);
		}
		break;
	case N_RETURN:
		compile_return(c, n);
		break;
	case N_RAISE:
		if (n->a)
			compile_expr(c, n->a);
		emit(c, OP_RAISE, n->a != NULL);
		break;
	case N_PASS:
	case N_GLOBAL:
		break;
	case N_DEL:
		compile_del(c, n);
		break;
	case N_ASSERT:
		compile_assert(c, n);
		break;
	case N_IMPORT:
	case N_FROM:
		compile_import(c, n);
		break;
	case N_DEF:
		compile_def(c, n);
		break;
	case N_CLASS:
		compile_class(c, n);
		break;
	default:
		compile_block_stmt(c, n);
	}
}

void compile_body(struct compiler *c, const struct node_list *body)
{
	for (int i = 0; i < body->n; i++)
		compile_stmt(c, body->v[i]);
}

static void drop_scopes(struct compiler *c)
{
	while (c->scope) {
		struct hidden *h = c->scope->hidden;

		while (h) {
			struct hidden *outer = h->outer;

			free(h);
			h = outer;
		}
		decref(&scope_pop(c)->base);
	}
}

struct codeobj *compile_program(const struct source *source, struct globals *g,
				struct syntax_error *err)
{
	struct compiler c = { .globals = g, .source = source, .err = err };
	struct codeobj *volatile code = NULL;
	struct node_list body = { 0 };
	struct arena arena = { 0 };

	if (parse_program(&arena, source->text, source->len, &body, err)) {
		arena_free(&arena);
		return NULL;
	}
	if (!setjmp(err->bail))
		code = compile_code(&c, SCOPE_MODULE, "<module>", NULL, &body);
	else
		drop_scopes(&c);
	arena_free(&arena);
	return code;
}
