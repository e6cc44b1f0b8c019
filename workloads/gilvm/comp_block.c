// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loops, branches, and the blocks that a jump has to leave. */
#include "compile.h"
#include "values.h"

void push_block(struct compiler *c, struct block *b, enum block_kind kind)
{
	b->kind = kind;
	b->outer = c->scope->block;
	b->depth = c->scope->depth;
	c->scope->block = b;
}

void pop_block(struct compiler *c)
{
	c->scope->block = c->scope->block->outer;
}

void guard_start(struct compiler *c, struct block *b, struct label *handler,
		 int depth)
{
	b->guards = true;
	b->guard_from = code_here(c);
	b->handler = handler;
	b->depth = depth;
}

void guard_end(struct compiler *c, struct block *b)
{
	add_handler(c, b->guard_from, code_here(c), b->handler, b->depth);
	b->guards = false;
}

static void leave_block(struct compiler *c, struct block *b, bool has_value)
{
	struct block *inner = c->scope->block;

	switch (b->kind) {
	case BLOCK_LOOP:
		if (!b->is_for)
			break;
		if (has_value)
			emit(c, OP_ROT_TWO, 0);
		emit(c, OP_POP, 0);
		break;
	case BLOCK_HANDLER:
		if (b->drops_exc && has_value)
			emit(c, OP_ROT_TWO, 0);
		if (b->drops_exc)
			emit(c, OP_POP, 0);
		if (has_value)
			emit(c, OP_ROT_TWO, 0);
		emit(c, OP_POP_EXC, 0);
		break;
	case BLOCK_WITH:
		if (has_value)
			emit(c, OP_ROT_TWO, 0);
		emit(c, OP_WITH_EXIT, 0);
		break;
	case BLOCK_FINALLY:
		/* Its own return or break leaves only what is around it. */
		c->scope->block = b->outer;
		compile_body(c, b->final);
		c->scope->block = inner;
		break;
	case BLOCK_TRY:
		break;
	}
}

/*
 * The instructions that leave a block are guarded by the blocks around it
 * only, so each block's guard ends where its own leaving begins, and all of
 * them begin anew behind the jump.
 */
void unwind_blocks(struct compiler *c, struct block *last, bool has_value)
{
	struct block *b;

	if (++c->tree_depth > 50)
		compile_fail(c, NULL, "too many nested finally blocks");
	for (b = c->scope->block; b; b = b->outer) {
		if (b->guards)
			add_handler(c, b->guard_from, code_here(c), b->handler,
				    b->depth);
		/* Nothing in between until the guard is set up again. */
		b->guard_from = OP_ARG_MAX;
		leave_block(c, b, has_value);
		if (b == last)
			break;
	}
	c->tree_depth--;
}

void reopen_guards(struct compiler *c, struct block *last)
{
	for (struct block *b = c->scope->block; b; b = b->outer) {
		b->guard_from = code_here(c);
		if (b == last)
			break;
	}
}

/* The outermost block inside the loop, or NULL. */
static struct block *inside(struct compiler *c, const struct block *loop)
{
	struct block *b = c->scope->block;

	if (b == loop)
		return NULL;
	while (b->outer != loop)
		b = b->outer;
	return b;
}

static void compile_jump_out(struct compiler *c, const struct node *n)
{
	bool is_break = n->kind == N_BREAK;
	int depth = c->scope->depth;
	struct block *loop = c->scope->block;
	struct block *last;
	struct label *to;

	while (loop && loop->kind != BLOCK_LOOP)
		loop = loop->outer;
	if (!loop)
		compile_fail(c, n,
			     is_break ? "'break' outside loop"
				      : "'continue' not properly in "
					"loop");
	to = is_break ? loop->out : loop->next;
	last = is_break ? loop : inside(c, loop);
	if (last)
		unwind_blocks(c, last, false);
	emit_jump(c, to->at >= 0 ? OP_JUMP_BACK : OP_JUMP, to);
	if (last)
		reopen_guards(c, last);
	c->scope->depth = depth;
}

static void compile_if(struct compiler *c, const struct node *n)
{
	struct label end = LABEL_INIT;

	for (int i = 0; i < n->l[0].n; i++) {
		const struct node *branch = n->l[0].v[i];
		struct label next = LABEL_INIT;

		c->scope->line = branch->line;
		compile_condition(c, branch->a, false, &next);
		compile_body(c, &branch->l[0]);
		if (i < n->l[0].n - 1 || n->l[1].n)
			emit_jump(c, OP_JUMP, &end);
		label_here(c, &next);
	}
	compile_body(c, &n->l[1]);
	label_here(c, &end);
}

/* The condition stands again at the bottom: one jump for each round. */
static void compile_while(struct compiler *c, const struct node *n)
{
	struct label top = LABEL_INIT, next = LABEL_INIT;
	struct label other = LABEL_INIT, out = LABEL_INIT;
	struct block b = { .next = &next, .out = &out };

	compile_condition(c, n->a, false, &other);
	push_block(c, &b, BLOCK_LOOP);
	label_here(c, &top);
	compile_body(c, &n->l[0]);
	label_here(c, &next);
	compile_expr(c, n->a);
	emit_jump(c, OP_POP_JUMP_BACK_TRUE, &top);
	pop_block(c);
	label_here(c, &other);
	compile_body(c, &n->l[1]);
	label_here(c, &out);
}

static void compile_for(struct compiler *c, const struct node *n)
{
	struct label next = LABEL_INIT, other = LABEL_INIT, out = LABEL_INIT;
	struct block b = { .next = &next, .out = &out, .is_for = true };

	compile_expr(c, n->b);
	emit(c, OP_GET_ITER, 0);
	push_block(c, &b, BLOCK_LOOP);
	label_here(c, &next);
	emit_jump(c, OP_FOR_ITER, &other);
	compile_store(c, n->a);
	compile_body(c, &n->l[0]);
	emit_jump(c, OP_JUMP_BACK, &next);
	pop_block(c);
	label_here(c, &other);
	compile_body(c, &n->l[1]);
	label_here(c, &out);
}

bool compile_block_stmt(struct compiler *c, const struct node *n)
{
	switch (n->kind) {
	case N_IF:
		compile_if(c, n);
		return true;
	case N_WHILE:
		compile_while(c, n);
		return true;
	case N_FOR:
		compile_for(c, n);
		return true;
	case N_BREAK:
	case N_CONTINUE:
		compile_jump_out(c, n);
		return true;
	case N_WITH:
		compile_with(c, n, 0);
		return true;
	case N_TRY:
		compile_try(c, n);
		return true;
	default:
		return false;
	}
}
