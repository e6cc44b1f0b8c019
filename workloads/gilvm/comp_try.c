// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * try and with to bytecode. Nothing is done on the way in: a table says which
 * instructions are guarded by which handler (as in CPython 3.11).
 *
 * A handler begins with the exception on the stack; PUSH_EXC makes it the one
 * that is handled and puts the one before below it.
 */
#include "compile.h"
#include "values.h"

/* An error inside a handler: [previous, exception] -> as it was, raise. */
static void emit_cleanup(struct compiler *c, struct label *cleanup)
{
	label_here(c, cleanup);
	emit(c, OP_ROT_TWO, 0);
	emit(c, OP_POP_EXC, 0);
	emit(c, OP_RERAISE, 0);
}

static void forget_name(struct compiler *c, const struct node *h)
{
	emit_const(c, none_ref());
	emit_name(c, h, h->str, ACCESS_STORE);
	emit_name(c, h, h->str, ACCESS_DELETE);
}

static void compile_handler(struct compiler *c, const struct node *h,
			    struct label *out)
{
	struct label next = LABEL_INIT;
	int depth = c->scope->depth;

	c->scope->line = h->line;
	if (h->a) {
		emit(c, OP_DUP, 0);
		compile_expr(c, h->a);
		emit(c, OP_MATCH_EXC, 0);
		emit_jump(c, OP_POP_JUMP_FALSE, &next);
	}
	if (h->str)
		emit_name(c, h, h->str, ACCESS_STORE);
	else
		emit(c, OP_POP, 0);
	compile_body(c, &h->l[0]);
	if (h->str)
		forget_name(c, h);
	emit(c, OP_POP_EXC, 0);
	emit_jump(c, OP_JUMP, out);
	c->scope->depth = depth;
	if (h->a)
		label_here(c, &next);
}

static void compile_handlers(struct compiler *c, const struct node *n,
			     struct label *handler, struct label *out)
{
	struct label cleanup = LABEL_INIT;
	struct block b = { 0 };

	label_here(c, handler);
	emit(c, OP_PUSH_EXC, 0);
	push_block(c, &b, BLOCK_HANDLER);
	guard_start(c, &b, &cleanup, c->scope->depth - 1);
	for (int i = 0; i < n->l[1].n; i++)
		compile_handler(c, n->l[1].v[i], out);
	emit(c, OP_RERAISE, 0);
	guard_end(c, &b);
	pop_block(c);
	emit_cleanup(c, &cleanup);
}

static void compile_try_except(struct compiler *c, const struct node *n)
{
	struct label handler = LABEL_INIT, out = LABEL_INIT;
	struct block b = { 0 };
	int depth = c->scope->depth;

	if (!n->l[1].n) {
		compile_body(c, &n->l[0]);
		return;
	}
	push_block(c, &b, BLOCK_TRY);
	guard_start(c, &b, &handler, depth);
	compile_body(c, &n->l[0]);
	guard_end(c, &b);
	pop_block(c);
	compile_body(c, &n->l[2]);
	emit_jump(c, OP_JUMP, &out);
	handler.depth = depth + 1;
	compile_handlers(c, n, &handler, &out);
	c->scope->depth = depth;
	label_here(c, &out);
}

/* The body of `finally` after an error; then the error goes on. */
static void compile_finally_error(struct compiler *c, const struct node *n)
{
	struct label cleanup = LABEL_INIT;
	struct block b = { 0 };

	emit(c, OP_PUSH_EXC, 0);
	push_block(c, &b, BLOCK_HANDLER);
	guard_start(c, &b, &cleanup, c->scope->depth - 1);
	/* [previous, exception] stay below; leaving drops both. */
	b.drops_exc = true;
	compile_body(c, &n->l[3]);
	emit(c, OP_RERAISE, 0);
	guard_end(c, &b);
	pop_block(c);
	emit_cleanup(c, &cleanup);
}

void compile_try(struct compiler *c, const struct node *n)
{
	struct label handler = LABEL_INIT, out = LABEL_INIT;
	struct block b = { .final = &n->l[3] };
	int depth = c->scope->depth;

	if (!n->l[3].n) {
		compile_try_except(c, n);
		return;
	}
	push_block(c, &b, BLOCK_FINALLY);
	guard_start(c, &b, &handler, depth);
	compile_try_except(c, n);
	guard_end(c, &b);
	pop_block(c);
	compile_body(c, &n->l[3]);
	emit_jump(c, OP_JUMP, &out);
	handler.depth = depth + 1;
	label_here(c, &handler);
	compile_finally_error(c, n);
	c->scope->depth = depth;
	label_here(c, &out);
}

/* An error in the body of `with`: __exit__ may swallow it. */
static void compile_with_error(struct compiler *c, struct label *out)
{
	struct label cleanup = LABEL_INIT, swallow = LABEL_INIT;
	int depth = c->scope->depth; /* [manager, exception] */
	uint32_t from;

	emit(c, OP_PUSH_EXC, 0);
	from = code_here(c);
	emit(c, OP_WITH_EXC, 0);
	emit_jump(c, OP_POP_JUMP_TRUE, &swallow);
	emit(c, OP_RERAISE, 0);
	add_handler(c, from, code_here(c), &cleanup, depth);
	label_here(c, &cleanup);
	emit(c, OP_ROT_TWO, 0);
	emit(c, OP_POP_EXC, 0);
	emit(c, OP_ROT_TWO, 0);
	emit(c, OP_POP, 0);
	emit(c, OP_RERAISE, 0);
	label_here(c, &swallow);
	emit(c, OP_POP, 0);
	emit(c, OP_POP_EXC, 0);
	emit(c, OP_POP, 0);
	emit_jump(c, OP_JUMP, out);
}

void compile_with(struct compiler *c, const struct node *n, int i)
{
	struct label handler = LABEL_INIT, out = LABEL_INIT;
	const struct node *item;
	struct block b = { 0 };
	int depth;

	if (i == n->l[0].n) {
		compile_body(c, &n->l[1]);
		return;
	}
	if (++c->tree_depth > MAX_TREE_DEPTH)
		compile_fail(c, n, "too many managers in a with statement");
	item = n->l[0].v[i];
	compile_expr(c, item->a);
	emit(c, OP_WITH_ENTER, 0);
	depth = c->scope->depth - 1; /* [manager] */
	push_block(c, &b, BLOCK_WITH);
	guard_start(c, &b, &handler, depth);
	if (item->b)
		compile_store(c, item->b);
	else
		emit(c, OP_POP, 0);
	compile_with(c, n, i + 1);
	guard_end(c, &b);
	pop_block(c);
	c->scope->line = n->line;
	emit(c, OP_WITH_EXIT, 0);
	emit_jump(c, OP_JUMP, &out);
	handler.depth = depth + 1;
	label_here(c, &handler);
	compile_with_error(c, &out);
	c->scope->depth = depth - 1;
	label_here(c, &out);
	c->tree_depth--;
}
