// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Instructions, constants, names and labels of code that is being built. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "values.h"

const char *const op_names[OP_COUNT] = {
#define OP_NAME(name, arg, effect) #name,
	OPCODES(OP_NAME)
#undef OP_NAME
};

#define VAR 99

static const signed char effects[OP_COUNT] = {
#define OP_EFFECT(name, arg, effect) effect,
	OPCODES(OP_EFFECT)
#undef OP_EFFECT
};

void compile_fail(struct compiler *c, const struct node *at, const char *fmt,
		  ...)
{
	char msg[150];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	syntax_fail(c->err, at ? at->line : c->scope->line, at ? at->col : 1,
		    "%s", msg);
}

static int op_effect(enum opcode op, int arg)
{
	if (effects[op] != VAR)
		return effects[op];
	switch (op) {
	case OP_BUILD_LIST:
	case OP_BUILD_TUPLE:
	case OP_BUILD_STRING:
		return 1 - arg;
	case OP_UNPACK:
		return arg - 1;
	case OP_FORMAT:
		return arg & 2 ? -1 : 0;
	case OP_CALL:
		return -arg;
	case OP_CALL_METHOD:
		return -arg - 1;
	default: /* RAISE */
		return -arg;
	}
}

/* Room for one more element in an array of n. */
static void *grow(void *v, int n, int *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = *cap ? *cap * 2 : 16;
	return xrealloc(v, (size_t)*cap, size);
}

struct scope *scope_push(struct compiler *c, enum scope_kind kind,
			 const char *name)
{
	struct scope *s = xcalloc(1, sizeof(*s));

	s->kind = kind;
	s->outer = c->scope;
	s->code = obj_alloc(&code_type, sizeof(*s->code));
	s->code->name = str_intern(name);
	s->code->source = c->source;
	s->code->is_class_body = kind == SCOPE_CLASS;
	c->scope = s;
	return s;
}

struct codeobj *scope_pop(struct compiler *c)
{
	struct scope *s = c->scope;
	struct codeobj *code = s->code;

	strmap_free(&s->locals);
	strmap_free(&s->globals);
	strmap_free(&s->names);
	strmap_free(&s->consts);
	c->scope = s->outer;
	free(s);
	return code;
}

uint32_t code_here(const struct compiler *c)
{
	return c->scope->code->n_insn;
}

void emit(struct compiler *c, enum opcode op, int64_t arg)
{
	struct scope *s = c->scope;
	struct codeobj *code = s->code;
	int n = (int)code->n_insn;
	int cap = s->cap_insn;

	if (arg < 0 || arg > (int64_t)OP_ARG_MAX || c->emitted++ > MAX_INSN)
		compile_fail(c, NULL, "the program is too large");
	code->insn = grow(code->insn, n, &s->cap_insn, sizeof(*code->insn));
	code->line = grow(code->line, n, &cap, sizeof(*code->line));
	code->insn[n] = (uint32_t)op | (uint32_t)arg << 8;
	code->line[n] = s->line;
	code->n_insn++;
	s->depth += op_effect(op, (int)arg);
	if (s->depth > code->stack)
		code->stack = s->depth;
}

/*
 * A jump whose target is not known yet holds the number of the previous jump
 * to it + 1 (0: none) in its argument.
 */
void emit_jump(struct compiler *c, enum opcode op, struct label *to)
{
	int from = (int)code_here(c);

	if (to->at >= 0) {
		emit(c, op, to->at);
		return;
	}
	emit(c, op, to->chain + 1);
	to->chain = from;
	/* These two keep the value, FOR_ITER drops the iterator, on a jump. */
	if (op == OP_JUMP_FALSE_OR_POP || op == OP_JUMP_TRUE_OR_POP)
		to->depth = c->scope->depth + 1;
	else if (op == OP_FOR_ITER)
		to->depth = c->scope->depth - 2;
	else
		to->depth = c->scope->depth;
}

void label_here(struct compiler *c, struct label *l)
{
	struct codeobj *code = c->scope->code;
	int jump = l->chain;
	int row = l->rows;

	l->at = (int)code->n_insn;
	while (row >= 0) {
		int prev = (int)code->handlers[row].handler - 1;

		code->handlers[row].handler = (uint32_t)l->at;
		row = prev;
	}
	while (jump >= 0) {
		int prev = (int)(code->insn[jump] >> 8) - 1;

		code->insn[jump] = (code->insn[jump] & 0xff) | (uint32_t)l->at
								       << 8;
		jump = prev;
	}
	if (l->depth >= 0)
		c->scope->depth = l->depth;
	else
		l->depth = c->scope->depth;
}

static int add_const(struct compiler *c, struct obj *v)
{
	struct scope *s = c->scope;
	struct codeobj *code = s->code;

	code->consts = grow(code->consts, code->n_consts, &s->cap_consts,
			    sizeof(*code->consts));
	code->consts[code->n_consts] = v;
	return code->n_consts++;
}

/* How far back equal numbers are looked for. */
#define CONST_WINDOW 64

static bool same_number(const struct obj *a, const struct obj *b)
{
	if (a->type != b->type)
		return false;
	if (is_int(a))
		return int_value(a) == int_value(b);
	return a == b;
}

int const_index(struct compiler *c, struct obj *v)
{
	struct codeobj *code = c->scope->code;
	int i = code->n_consts;
	int last = i > CONST_WINDOW ? i - CONST_WINDOW : 0;

	while (--i >= last) {
		if (same_number(code->consts[i], v)) {
			decref(v);
			return i;
		}
	}
	return add_const(c, v);
}

void emit_const(struct compiler *c, struct obj *v)
{
	emit(c, OP_LOAD_CONST, const_index(c, v));
}

int name_index(struct compiler *c, const char *name)
{
	struct scope *s = c->scope;
	struct codeobj *code = s->code;
	int i = strmap_get(&s->names, name);

	if (i >= 0)
		return i;
	code->names = grow(code->names, code->n_names, &s->cap_names,
			   sizeof(*code->names));
	code->names[code->n_names] = str_intern(name);
	strmap_put(&s->names, name, code->n_names);
	return code->n_names++;
}

int add_local(struct compiler *c, const char *name)
{
	struct scope *s = c->scope;
	struct codeobj *code = s->code;

	code->locals = grow(code->locals, code->n_locals, &s->cap_locals,
			    sizeof(*code->locals));
	code->locals[code->n_locals] = str_intern(name);
	return code->n_locals++;
}

void add_handler(struct compiler *c, uint32_t from, uint32_t to,
		 struct label *handler, int depth)
{
	struct scope *s = c->scope;
	struct codeobj *code = s->code;

	if (from >= to)
		return;
	code->handlers = grow(code->handlers, code->n_handlers,
			      &s->cap_handlers, sizeof(*code->handlers));
	code->handlers[code->n_handlers] =
		(struct handler){ from, to, (uint32_t)(handler->rows + 1),
				  depth };
	handler->rows = code->n_handlers++;
	handler->depth = depth + 1;
}
