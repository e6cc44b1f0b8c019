// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Expressions to bytecode. Calls, comprehensions, f-strings: comp_call.c. */
#include "compile.h"
#include "values.h"

static void compile_items(struct compiler *c, const struct node *n,
			  enum opcode op)
{
	for (int i = 0; i < n->l[0].n; i++)
		compile_expr(c, n->l[0].v[i]);
	emit(c, op, n->l[0].n);
}

static void compile_int(struct compiler *c, const struct node *n, bool negative)
{
	uint64_t limit = (uint64_t)INT64_MAX + negative;

	if (n->i > limit)
		compile_fail(c, n, "integer literal does not fit in 64 bits");
	emit_const(c, int_new((int64_t)(negative ? 0 - n->i : n->i)));
}

static void compile_binop(struct compiler *c, const struct node *n)
{
	compile_expr(c, n->a);
	compile_expr(c, n->b);
	c->scope->line = n->line;
	switch (n->op) {
	case BINOP_ADD:
		emit(c, OP_BINARY_ADD, 0);
		break;
	case BINOP_SUB:
		emit(c, OP_BINARY_SUB, 0);
		break;
	case BINOP_MUL:
		emit(c, OP_BINARY_MUL, 0);
		break;
	default:
		emit(c, OP_BINARY, n->op);
	}
}

static void emit_comparison(struct compiler *c, int op)
{
	switch (op) {
	case COMPARE_IN:
	case COMPARE_NOT_IN:
		emit(c, OP_CONTAINS, op == COMPARE_NOT_IN);
		break;
	case COMPARE_IS:
	case COMPARE_IS_NOT:
		emit(c, OP_IS, op == COMPARE_IS_NOT);
		break;
	default:
		emit(c, OP_COMPARE, op);
	}
}

/* a < b < c: each operand once, the first false result ends it. */
static void compile_compare(struct compiler *c, const struct node *n)
{
	struct label cleanup = LABEL_INIT;
	struct label end = LABEL_INIT;
	int last = n->l[0].n - 1;

	compile_expr(c, n->l[0].v[0]);
	for (int i = 1; i < last; i++) {
		compile_expr(c, n->l[0].v[i]);
		emit(c, OP_DUP, 0);
		emit(c, OP_ROT_THREE, 0);
		emit_comparison(c, n->ops[i - 1]);
		emit_jump(c, OP_JUMP_FALSE_OR_POP, &cleanup);
	}
	compile_expr(c, n->l[0].v[last]);
	emit_comparison(c, n->ops[last - 1]);
	if (last < 2)
		return;
	emit_jump(c, OP_JUMP, &end);
	label_here(c, &cleanup);
	emit(c, OP_ROT_TWO, 0);
	emit(c, OP_POP, 0);
	label_here(c, &end);
}

static void compile_bool(struct compiler *c, const struct node *n)
{
	enum opcode op =
		n->kind == N_AND ? OP_JUMP_FALSE_OR_POP : OP_JUMP_TRUE_OR_POP;
	struct label end = LABEL_INIT;

	for (int i = 0; i < n->l[0].n - 1; i++) {
		compile_expr(c, n->l[0].v[i]);
		emit_jump(c, op, &end);
	}
	compile_expr(c, n->l[0].v[n->l[0].n - 1]);
	label_here(c, &end);
}

static void compile_cond(struct compiler *c, const struct node *n)
{
	struct label other = LABEL_INIT;
	struct label end = LABEL_INIT;

	compile_condition(c, n->b, false, &other);
	compile_expr(c, n->a);
	emit_jump(c, OP_JUMP, &end);
	label_here(c, &other);
	compile_expr(c, n->c);
	label_here(c, &end);
}

void compile_condition(struct compiler *c, const struct node *n, bool when,
		       struct label *l)
{
	if (n->kind == N_NOT) {
		if (++c->tree_depth > MAX_TREE_DEPTH)
			compile_fail(c, n, "expression is too deeply nested");
		compile_condition(c, n->a, !when, l);
		c->tree_depth--;
		return;
	}
	compile_expr(c, n);
	emit_jump(c, when ? OP_POP_JUMP_TRUE : OP_POP_JUMP_FALSE, l);
}

static void compile_unary(struct compiler *c, const struct node *n,
			  enum opcode op)
{
	if (n->kind == N_NEGATE && n->a->kind == N_INT) {
		compile_int(c, n->a, true);
		return;
	}
	compile_expr(c, n->a);
	emit(c, op, 0);
}

static void compile_slice(struct compiler *c, const struct node *n)
{
	compile_expr(c, n->a);
	for (int i = 0; i < 3; i++) {
		if (n->l[0].v[i])
			compile_expr(c, n->l[0].v[i]);
		else
			emit_const(c, none_ref());
	}
	emit(c, OP_SLICE, 0);
}

static void compile_leaf(struct compiler *c, const struct node *n)
{
	switch (n->kind) {
	case N_INT:
		compile_int(c, n, false);
		break;
	case N_FLOAT:
		emit_const(c, float_new(n->f));
		break;
	case N_STR:
		emit_const(c, str_intern_n(n->str, (int64_t)n->len));
		break;
	case N_BYTES:
		emit_const(c, bytes_new(n->str, (int64_t)n->len));
		break;
	case N_NONE:
		emit_const(c, none_ref());
		break;
	case N_TRUE:
	case N_FALSE:
		emit_const(c, bool_ref(n->kind == N_TRUE));
		break;
	default:
		emit_name(c, n, n->str, ACCESS_LOAD);
	}
}

static void compile_access(struct compiler *c, const struct node *n)
{
	if (n->kind == N_SLICE) {
		compile_slice(c, n);
		return;
	}
	compile_expr(c, n->a);
	if (n->kind == N_INDEX)
		compile_expr(c, n->b);
	c->scope->line = n->line;
	if (n->kind == N_INDEX)
		emit(c, OP_LOAD_INDEX, 0);
	else
		emit(c, OP_LOAD_ATTR, name_index(c, n->str));
}

static void compile_operator(struct compiler *c, const struct node *n)
{
	switch (n->kind) {
	case N_BINOP:
		compile_binop(c, n);
		break;
	case N_NEGATE:
		compile_unary(c, n, OP_NEGATE);
		break;
	case N_PLUS:
		compile_unary(c, n, OP_PLUS);
		break;
	case N_INVERT:
		compile_unary(c, n, OP_INVERT);
		break;
	case N_NOT:
		compile_unary(c, n, OP_NOT);
		break;
	case N_AND:
	case N_OR:
		compile_bool(c, n);
		break;
	case N_COMPARE:
		compile_compare(c, n);
		break;
	default:
		compile_cond(c, n);
	}
}

void compile_expr(struct compiler *c, const struct node *n)
{
	if (++c->tree_depth > MAX_TREE_DEPTH)
		compile_fail(c, n, "expression is too deeply nested");
	c->scope->line = n->line;
	switch (n->kind) {
	case N_INT:
	case N_FLOAT:
	case N_STR:
	case N_BYTES:
	case N_NONE:
	case N_TRUE:
	case N_FALSE:
	case N_NAME:
		compile_leaf(c, n);
		break;
	case N_FSTRING:
		compile_fstring(c, n);
		break;
	case N_LIST:
		compile_items(c, n, OP_BUILD_LIST);
		break;
	case N_TUPLE:
		compile_items(c, n, OP_BUILD_TUPLE);
		break;
	case N_LISTCOMP:
		compile_listcomp(c, n);
		break;
	case N_CALL:
		compile_call(c, n);
		break;
	case N_ATTR:
	case N_INDEX:
	case N_SLICE:
		compile_access(c, n);
		break;
	default:
		compile_operator(c, n);
	}
	c->tree_depth--;
}

static void store_items(struct compiler *c, const struct node *target)
{
	if (++c->tree_depth > MAX_TREE_DEPTH)
		compile_fail(c, target, "target is too deeply nested");
	emit(c, OP_UNPACK, target->l[0].n);
	for (int i = 0; i < target->l[0].n; i++)
		compile_store(c, target->l[0].v[i]);
	c->tree_depth--;
}

void compile_store(struct compiler *c, const struct node *target)
{
	switch (target->kind) {
	case N_NAME:
		emit_name(c, target, target->str, ACCESS_STORE);
		break;
	case N_ATTR:
		compile_expr(c, target->a);
		emit(c, OP_STORE_ATTR, name_index(c, target->str));
		break;
	case N_INDEX:
		compile_expr(c, target->a);
		compile_expr(c, target->b);
		emit(c, OP_STORE_INDEX, 0);
		break;
	default:
		store_items(c, target);
	}
}
