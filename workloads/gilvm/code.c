// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Code objects and their listing. */
#include "code.h"

#include <stdlib.h>

#include "convert.h"
#include "values.h"

enum arg_kind {
	ARG_NONE,
	ARG_CONST,
	ARG_LOCAL,
	ARG_GLOBAL,
	ARG_NAME,
	ARG_TARGET,
	ARG_COUNT,
	ARG_DEPTH,
	ARG_FLAG,
	ARG_BINOP,
	ARG_CMPOP,
};

static const enum arg_kind arg_kinds[OP_COUNT] = {
#define OP_ARG_KIND(name, arg, effect) ARG_##arg,
	OPCODES(OP_ARG_KIND)
#undef OP_ARG_KIND
};

static void drop_all(struct obj **v, int n)
{
	for (int i = 0; i < n; i++)
		decref(v[i]);
	free(v);
}

static void code_dealloc(struct obj *o)
{
	struct codeobj *c = (struct codeobj *)o;

	drop_all(c->consts, c->n_consts);
	drop_all(c->names, c->n_names);
	drop_all(c->locals, c->n_locals);
	xdecref(c->name);
	xdecref(c->doc);
	free(c->insn);
	free(c->line);
	free(c->handlers);
	obj_free(o);
}

static struct obj *code_repr(struct obj *o)
{
	return str_format("<code object %.200s>",
			  str_data(((struct codeobj *)o)->name));
}

struct type code_type = {
	TYPE_HEAD("code"),
	.dealloc = code_dealloc,
	.repr = code_repr,
};

static void print_const(FILE *out, struct obj *v)
{
	struct obj *s = obj_repr(v);

	fprintf(out, "%s", str_data(s));
	decref(s);
}

static void print_arg(FILE *out, const struct codeobj *c, enum arg_kind kind,
		      uint32_t arg, const struct globals *g)
{
	switch (kind) {
	case ARG_NONE:
		break;
	case ARG_CONST:
		print_const(out, c->consts[arg]);
		break;
	case ARG_LOCAL:
		fputs(str_data(c->locals[arg]), out);
		break;
	case ARG_GLOBAL:
		fputs(str_data(g->names[arg]), out);
		break;
	case ARG_NAME:
		fputs(str_data(c->names[arg]), out);
		break;
	case ARG_TARGET:
		fprintf(out, "to %u", arg);
		break;
	case ARG_BINOP:
		fputs(binop_names[arg], out);
		break;
	case ARG_CMPOP:
		fputs(cmpop_names[arg], out);
		break;
	default:
		fprintf(out, "%u", arg);
	}
}

static void print_insn(FILE *out, const struct codeobj *c, uint32_t i,
		       const struct globals *g)
{
	uint32_t op = c->insn[i] & 0xff;

	if (i == 0 || c->line[i] != c->line[i - 1])
		fprintf(out, "%5d ", c->line[i]);
	else
		fputs("      ", out);
	fprintf(out, "%5u %-18s", i, op_names[op]);
	if (arg_kinds[op] != ARG_NONE)
		fputc(' ', out);
	print_arg(out, c, arg_kinds[op], c->insn[i] >> 8, g);
	fputc('\n', out);
}

void dis_print(FILE *out, const struct codeobj *c, const struct globals *g)
{
	fprintf(out, "%s:\n", str_data(c->name));
	for (uint32_t i = 0; i < c->n_insn; i++)
		print_insn(out, c, i, g);
	for (int i = 0; i < c->n_handlers; i++)
		fprintf(out, "      errors in %u..%u go to %u, depth %d\n",
			c->handlers[i].from, c->handlers[i].to - 1,
			c->handlers[i].handler, c->handlers[i].depth);
	for (int i = 0; i < c->n_consts; i++) {
		if (c->consts[i]->type != &code_type)
			continue;
		fputc('\n', out);
		dis_print(out, (const struct codeobj *)(void *)c->consts[i], g);
	}
}
