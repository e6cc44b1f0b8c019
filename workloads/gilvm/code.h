/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Compiled code, its building, and its listing. */
#ifndef GILVM_CODE_H
#define GILVM_CODE_H

#include <stdio.h>

#include "ast.h"
#include "object.h"
#include "opcodes.h"
#include "source.h"

/* Instructions [from, to) are guarded: an error goes to `handler` with the
 * stack cut to `depth` and the exception on top. The first row that fits. */
struct handler {
	uint32_t from, to, handler;
	int depth;
};

struct codeobj {
	struct obj base;
	struct obj *name;
	struct obj *doc; /* or NULL */
	const struct source *source;
	uint32_t *insn;
	int *line;
	uint32_t n_insn;
	struct obj **consts;
	int n_consts;
	struct obj **names; /* interned */
	int n_names;
	struct obj **locals; /* their names; parameters come first */
	int n_locals;
	int n_params;
	int n_defaults; /* parameters that have one */
	int stack;      /* slots for values beside the locals */
	struct handler *handlers;
	int n_handlers;
	bool is_class_body;
};

/* The global names of the program: every name has a slot. */
struct globals {
	struct strmap index;
	struct obj **names;
	int n, cap;
};

/*
 * Compile a program. Its names go to g; source must live as long as the code.
 * Returns NULL with err filled in for a syntax error.
 */
struct codeobj *compile_program(const struct source *source, struct globals *g,
				struct syntax_error *err);

void globals_free(struct globals *g);

/* Names of the operations. */
extern const char *const op_names[OP_COUNT];

/* Print the code and all code inside it. */
void dis_print(FILE *out, const struct codeobj *code, const struct globals *g);

#endif
