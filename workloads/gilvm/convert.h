/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From objects to C values, and the generic operations on objects. */
#ifndef GILVM_CONVERT_H
#define GILVM_CONVERT_H

#include <stdio.h>

#include "object.h"

/* Value of an int or bool, or -1 with TypeError. */
int to_int(const struct obj *o, int64_t *out);
/* The same, and between lo and hi, or -1 with ValueError that names `what`. */
int to_int_range(const struct obj *o, const char *what, int64_t lo, int64_t hi,
		 int64_t *out);
/* Value of an int, bool or float, or -1 with TypeError. */
int to_double(const struct obj *o, double *out);
/* A time in seconds (0 to about 290 years) as ns, or -1. */
int to_ns(const struct obj *o, int64_t *out);
/* -1 with TypeError naming `what` unless o is a str. */
int need_str(const struct obj *o, const char *what);

/*
 * Bind the arguments of a call to max parameters, of which min must be given;
 * params names them for keywords ("" for none). out[i] is borrowed, or NULL.
 * Returns -1 with TypeError that names fname.
 */
int args_bind(const struct args *a, const char *fname, int min, int max,
	      const char *params, struct obj **out);

/* Parts of number types that others use too. */
void ints_init(void);
void float_text(double v, char *buf, size_t size);
struct obj *int_from_double(double v);

/* Truth as `if` sees it. */
bool obj_truth(struct obj *o);
/* len(), or -1 with TypeError. */
int64_t obj_len(struct obj *o);

enum binop {
	BINOP_ADD,
	BINOP_SUB,
	BINOP_MUL,
	BINOP_DIV,
	BINOP_FLOORDIV,
	BINOP_MOD,
	BINOP_POW,
	BINOP_AND,
	BINOP_OR,
	BINOP_XOR,
	BINOP_LSHIFT,
	BINOP_RSHIFT,
	BINOP_COUNT
};
extern const char *const binop_names[BINOP_COUNT];

enum cmpop { CMP_LT, CMP_LE, CMP_EQ, CMP_NE, CMP_GT, CMP_GE, CMP_COUNT };
extern const char *const cmpop_names[CMP_COUNT];

struct obj *obj_binop(enum binop op, struct obj *a, struct obj *b);
/* In place: as obj_binop(), but a list is extended itself. */
struct obj *obj_inplace(enum binop op, struct obj *a, struct obj *b);
struct obj *obj_negate(struct obj *a);
struct obj *obj_invert(struct obj *a);
/* Result of a comparison: 0, 1, or -1 on error. */
int obj_compare(enum cmpop op, struct obj *a, struct obj *b);
/* `v in o`: 0, 1, or -1 on error. */
int obj_contains(struct obj *o, struct obj *v);

struct obj *obj_getitem(struct obj *o, struct obj *key);
int obj_setitem(struct obj *o, struct obj *key, struct obj *v);
/* o[lo:hi:step]; NULL: left out. */
struct obj *obj_slice(struct obj *o, struct obj *const *bounds);

/* Attributes; name is interned. */
struct obj *obj_getattr(struct obj *o, struct obj *name);
int obj_setattr(struct obj *o, struct obj *name, struct obj *v);
/*
 * For a call of o.name(): *self is a new reference to o when the result (new
 * reference) takes it as first argument, else NULL.
 */
struct obj *obj_getmethod(struct obj *o, struct obj *name, struct obj **self);

/* Call a callable. */
struct obj *obj_call(struct obj *f, const struct args *a);
/* Call with n positional arguments. */
struct obj *obj_call_n(struct obj *f, struct obj **v, int n);
struct obj *native_call(const struct native *def, struct obj *self,
			const struct args *a);

/* Format a value with the spec of an f-string ("" allowed). */
struct obj *obj_format(struct obj *o, const char *spec, int64_t len);

/* A growing text. Zero it to start; buf_str() makes a str of it and frees. */
struct textbuf {
	char *s;
	size_t len, cap;
};
void buf_add(struct textbuf *b, const char *s, size_t n);
void buf_puts(struct textbuf *b, const char *s);
struct obj *buf_str(struct textbuf *b);
void buf_free(struct textbuf *b);

#endif
