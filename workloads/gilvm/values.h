/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Making and reading the built-in values. See object.h for conventions. */
#ifndef GILVM_VALUES_H
#define GILVM_VALUES_H

#include "object.h"
#include "thread.h"

/* Small ints exist once, as in CPython. */
#define SMALL_INT_MIN (-5)
#define SMALL_INT_MAX 256
extern struct intobj *small_ints[SMALL_INT_MAX - SMALL_INT_MIN + 1];

/* Make the small ints, strings of one byte, and register static objects. */
void values_init(void);

/* An int that is not small, when the thread's free list is empty. */
struct obj *int_alloc(int64_t v);

/* Give an int's memory to the thread's free list. */
void int_dealloc(struct obj *o);

/* Free the thread's list of free ints; at its end. */
void int_free_list_drop(struct tstate *ts);

static inline struct obj *int_new_fast(struct tstate *ts, int64_t v)
{
	struct intobj *i;

	if (v >= SMALL_INT_MIN && v <= SMALL_INT_MAX)
		return newref(&small_ints[v - SMALL_INT_MIN]->base);
	i = ts->free_ints;
	if (!i)
		return int_alloc(v);
	ts->free_ints = i->next_free;
	i->base.refcnt = 1;
	i->v = v;
	return &i->base;
}

static inline struct obj *int_new(int64_t v)
{
	return int_new_fast(ts_self, v);
}

struct obj *float_new(double v);

/* A str of len bytes; data is UTF-8, or NULL: the caller fills it in, and
 * calls str_done(). */
struct obj *str_new(const char *data, int64_t len);
struct obj *str_from(const char *s);
struct obj *str_format(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));
void str_done(struct obj *s);

/* The one str of this text that stands for a name; a new reference. */
struct obj *str_intern(const char *s);
struct obj *str_intern_n(const char *s, int64_t len);

/* Number of characters of a str. */
int64_t str_chars(const struct obj *s);

/* Compare the bytes of two str or two bytes: <0, 0, >0. */
int str_cmp(const struct obj *a, const struct obj *b);

struct obj *bytes_new(const char *data, int64_t len);

/* Text of an object as str() and repr() give it. */
struct obj *obj_str(struct obj *o);
struct obj *obj_repr(struct obj *o);
/* Quoted as Python writes it; a str, or bytes with a b in front. */
struct obj *quote(const struct obj *s, const char *prefix);

/* Takes over no references; v may be NULL for n None slots to be filled. */
struct obj *tuple_new(struct obj *const *v, int64_t n);
struct obj *list_new(struct obj *const *v, int64_t n);
int list_append(struct obj *list, struct obj *v);
/* Append all that `it` yields. */
int list_extend(struct obj *list, struct obj *it);
/* Number of items that can be read safely. */
int64_t list_size(const struct obj *list);
/* Item i of a list, below list_size(); a new reference. */
struct obj *list_item(const struct obj *list, int64_t i);

struct obj *range_new(int64_t start, int64_t stop, int64_t step);

/* Make the callable of a table row, bound to self or not (NULL). */
struct obj *native_new(const struct native *def, struct obj *self);

/* self is kept. */
struct obj *method_new(struct obj *func, struct obj *self);
struct obj *func_new(struct codeobj *code, struct obj *defaults);

/* A named set of attributes: module, class, instance. */
struct attrs {
	struct attrblock *b;
	int n;
};
/* Borrowed value of an interned name, or NULL. */
struct obj *attrs_get(const struct attrs *a, const struct obj *name);
/* v NULL deletes; 1 when there was nothing to delete. Keeps name and v. */
int attrs_set(struct attrs *a, struct obj *name, struct obj *v);
void attrs_clear(struct attrs *a);

struct moduleobj {
	struct obj base;
	const char *name;
	struct attrs attrs;
};
/* A module with the functions of a table. */
struct moduleobj *module_new(const char *name, struct native *table);
/* Put a value in a module; takes the reference over. */
void module_set(struct moduleobj *m, const char *name, struct obj *v);

/* Classes of the program: the type, made of its body's attributes. */
struct type *class_new(const char *name, struct attrs *body);
struct instobj {
	struct obj base;
	struct attrs attrs;
};
bool is_class(const struct obj *o);
bool is_instance(const struct obj *o);

/*
 * Iterators. iter_new() for sequences by index (seq is kept), the others for
 * enumerate() and zip().
 */
struct obj *iter_new(struct obj *seq, int64_t start, int64_t step);
struct obj *obj_iter(struct obj *o);
/* Next item, or NULL: an exception is pending, or the end. */
struct obj *obj_next(struct obj *it);

#endif
