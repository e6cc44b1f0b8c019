/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The evaluation loop and what it needs from others. */
#ifndef GILVM_EVAL_H
#define GILVM_EVAL_H

#include "code.h"
#include "object.h"
#include "thread.h"

/* One call that runs. */
struct frame {
	struct frame *back;
	struct codeobj *code;
	struct obj **slots;  /* locals, then the stack */
	struct attrs *names; /* of a class body, else NULL */
};

/* The program: values of its global names, and of built-ins so named. */
struct vm {
	struct globals names;
	struct obj **globals;
	struct obj **builtins;
};
extern struct vm vm;

/* Make room for the globals of a compiled program. */
void vm_init_globals(void);
/* Set a global, if the program names it; takes v over. */
void vm_set_global(const char *name, struct obj *v);

/* Run the code of a program or class body; names: of a class body. */
struct obj *eval_code(struct codeobj *code, struct attrs *names);

/* Call of a function (struct funcobj): a type's `call`. */
struct obj *func_call(struct obj *f, const struct args *a);

/* Run the frame to its end. */
struct obj *eval_frame(struct tstate *ts, struct frame *f);

/*
 * Look up from the work: signals, requests to release the lock, end of a
 * check interval. ts->left is up to date before and after. -1: a signal
 * handler raised.
 */
int eval_check(struct tstate *ts);

/* Larger bodies of operations; same conventions as elsewhere. */
struct obj *op_load_name(struct frame *f, struct obj *name);
int op_store_name(struct frame *f, struct obj *name, struct obj *v);
/* Items of seq, last one first, to sp[0 .. n-1]; takes seq over. */
int op_unpack(struct obj *seq, int n, struct obj **sp);
/* flags and spec as in OP_FORMAT. */
struct obj *op_format(struct obj *v, int flags, struct obj *spec);
struct obj *op_build_string(struct obj **v, int n);
struct obj *op_make_class(struct codeobj *body);
struct obj *op_import_from(struct obj *module, struct obj *name);
int op_match_exc(struct obj *exc, struct obj *type);
/* Raise v (an exception or its type), or again what is handled (NULL). */
void op_raise(struct tstate *ts, struct obj *v);
/* Set what is handled; takes v over (NULL or None: nothing). */
void op_set_handled(struct tstate *ts, struct obj *v);
struct obj *op_with_enter(struct obj *manager);
/* exc NULL: no error. 1: swallow the error, 0, or -1. */
int op_with_exit(struct obj *manager, struct obj *exc);
void op_name_error(struct obj *name);
void op_unbound_error(const struct codeobj *code, uint32_t slot);

/* The module of that name (borrowed), or NULL with ModuleNotFoundError. */
struct obj *module_find(struct obj *name);

/* instance.c */
void instances_init(void);
void class_dealloc(struct obj *o);
struct obj *class_getattr(struct obj *o, struct obj *name);
int class_setattr(struct obj *o, struct obj *name, struct obj *v);

#endif
