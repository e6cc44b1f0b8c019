// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* list and tuple. Methods of list: list_methods.c. */
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "lists.h"
#include "values.h"

#define FIRST_CAP 4

struct obj *tuple_new(struct obj *const *v, int64_t n)
{
	struct tupleobj *t = obj_alloc_big(
		&tuple_type, sizeof(*t) + (size_t)n * sizeof(struct obj *));

	if (!t)
		return NULL;
	t->size = n;
	for (int64_t i = 0; i < n; i++)
		t->v[i] = newref(v ? v[i] : &none_obj);
	return &t->base;
}

static struct listblock *block_new(int64_t cap)
{
	struct listblock *b;
	size_t bytes;

	if (__builtin_mul_overflow((size_t)cap, sizeof(struct obj *), &bytes) ||
	    bytes > PTRDIFF_MAX - sizeof(*b))
		return err_set(&exc_MemoryError, "out of memory");
	b = calloc(1, sizeof(*b) + bytes);
	if (!b)
		return err_set(&exc_MemoryError, "out of memory");
	b->cap = cap;
	return b;
}

struct obj *list_new(struct obj *const *v, int64_t n)
{
	struct listobj *l = obj_alloc(&list_type, sizeof(*l));

	l->b = block_new(n > FIRST_CAP ? n : FIRST_CAP);
	if (!l->b) {
		decref(&l->base);
		return NULL;
	}
	for (int64_t i = 0; i < n; i++)
		l->b->v[i] = newref(v && v[i] ? v[i] : &none_obj);
	l->size = n;
	return &l->base;
}

struct listblock *list_view(const struct obj *o, int64_t *n)
{
	const struct listobj *l = as_list(o);
	struct listblock *b = __atomic_load_n(&l->b, __ATOMIC_ACQUIRE);

	*n = __atomic_load_n(&l->size, __ATOMIC_RELAXED);
	if (*n > b->cap)
		*n = b->cap;
	return b;
}

int64_t list_size(const struct obj *o)
{
	int64_t n;

	list_view(o, &n);
	return n;
}

struct obj *list_item(const struct obj *o, int64_t i)
{
	struct listblock *b = __atomic_load_n(&as_list(o)->b, __ATOMIC_ACQUIRE);
	struct obj *v = i < b->cap ? b->v[i] : NULL;

	/* NULL: only without a GIL, between two steps of another thread. */
	return newref(v ? v : &none_obj);
}

/* Room for one more than n items; the block to put them in. */
struct listblock *list_room(struct listobj *l, int64_t n)
{
	struct listblock *old = __atomic_load_n(&l->b, __ATOMIC_ACQUIRE);
	struct listblock *b;

	if (n < old->cap)
		return old;
	b = block_new(n + n / 2 + FIRST_CAP);
	if (!b)
		return NULL;
	memcpy(b->v, old->v, (size_t)old->cap * sizeof(struct obj *));
	__atomic_store_n(&l->b, b, __ATOMIC_RELEASE);
	if (!vm_racy)
		free(old);
	return b;
}

int list_append(struct obj *o, struct obj *v)
{
	struct listobj *l = as_list(o);
	int64_t n = list_size(o);
	struct listblock *b = list_room(l, n);

	if (!b)
		return -1;
	__atomic_store_n(&b->v[n], newref(v), __ATOMIC_RELEASE);
	l->size = n + 1;
	return 0;
}

int list_extend(struct obj *o, struct obj *src)
{
	struct obj *it = obj_iter(src);
	struct obj *v;
	/* a += a must not chase its own tail. */
	int64_t left = src == o ? list_size(o) : INT64_MAX;
	int err = 0;

	if (!it)
		return -1;
	while (!err && left-- > 0 && (v = obj_next(it))) {
		err = list_append(o, v);
		decref(v);
	}
	decref(it);
	return err_pending() ? -1 : 0;
}

static void list_dealloc(struct obj *o)
{
	struct listobj *l = as_list(o);

	for (int64_t i = 0; l->b && i < l->size; i++)
		xdecref(l->b->v[i]);
	free(l->b);
	obj_free(o);
}

static void tuple_dealloc(struct obj *o)
{
	for (int64_t i = 0; i < as_tuple(o)->size; i++)
		decref(as_tuple(o)->v[i]);
	obj_free(o);
}

static int64_t tuple_len(struct obj *o)
{
	return as_tuple(o)->size;
}

static int64_t list_len(struct obj *o)
{
	return list_size(o);
}

static struct obj *seq_item(struct obj *o, int64_t i)
{
	if (o->type == &list_type)
		return list_item(o, i);
	return newref(as_tuple(o)->v[i]);
}

static int add_repr(struct textbuf *b, struct obj *o, int64_t i)
{
	struct obj *v = seq_item(o, i);
	struct obj *s = obj_repr(v);

	decref(v);
	if (!s)
		return -1;
	if (i)
		buf_puts(b, ", ");
	buf_add(b, str_data(s), (size_t)as_str(s)->len);
	decref(s);
	return 0;
}

static struct obj *seq_repr(struct obj *o)
{
	bool list = o->type == &list_type;
	struct textbuf b = { 0 };

	buf_puts(&b, list ? "[" : "(");
	for (int64_t i = 0; i < o->type->len(o); i++) {
		if (add_repr(&b, o, i)) {
			buf_free(&b);
			return NULL;
		}
	}
	if (!list && as_tuple(o)->size == 1)
		buf_puts(&b, ",");
	buf_puts(&b, list ? "]" : ")");
	return buf_str(&b);
}

static bool seq_truth(struct obj *o)
{
	return o->type->len(o) > 0;
}

int seq_index(struct obj *o, struct obj *key, const char *what, int64_t *out)
{
	int64_t n = o->type->len(o);

	if (!is_intlike(key)) {
		err_set(&exc_TypeError,
			"%s indices must be integers or slices, not %s",
			o->type->name, key->type->name);
		return -1;
	}
	*out = int_value(key);
	if (*out < 0)
		*out += n;
	if (*out >= 0 && *out < n)
		return 0;
	err_set(&exc_IndexError, "%s out of range", what);
	return -1;
}

static struct obj *seq_getitem(struct obj *o, struct obj *key)
{
	int64_t i;

	if (seq_index(o, key,
		      o->type == &list_type ? "list index" : "tuple index", &i))
		return NULL;
	return seq_item(o, i);
}

static int list_setitem(struct obj *o, struct obj *key, struct obj *v)
{
	struct listblock *b;
	struct obj *old;
	int64_t i, n;

	if (seq_index(o, key,
		      v ? "list assignment index" : "list deletion index", &i))
		return -1;
	if (!v) {
		old = list_take(as_list(o), i);
		decref(old);
		return 0;
	}
	b = list_view(o, &n);
	if (i >= b->cap)
		return 0; /* only without a GIL: it just shrank */
	old = b->v[i];
	__atomic_store_n(&b->v[i], newref(v), __ATOMIC_RELEASE);
	xdecref(old);
	return 0;
}

static struct obj *seq_iter(struct obj *o)
{
	return iter_new(o, 0, 1);
}

static int seq_contains(struct obj *o, struct obj *v)
{
	for (int64_t i = 0; i < o->type->len(o); i++) {
		struct obj *item = seq_item(o, i);
		int eq = item == v ? 1 : obj_compare(CMP_EQ, item, v);

		decref(item);
		if (eq)
			return eq;
	}
	return 0;
}

static struct obj *list_make(const struct type *t, const struct args *a)
{
	struct obj *v[1];
	struct obj *l;

	(void)t;
	if (args_bind(a, "list", 0, 1, "", v))
		return NULL;
	l = list_new(NULL, 0);
	if (!v[0] || !list_extend(l, v[0]))
		return l;
	decref(l);
	return NULL;
}

static struct obj *tuple_make(const struct type *t, const struct args *a)
{
	struct obj *l = list_make(t, a);
	struct obj *r;

	if (!l)
		return NULL;
	r = tuple_new(as_list(l)->b->v, list_size(l));
	decref(l);
	return r;
}

struct type list_type = {
	TYPE_HEAD("list"),        .dealloc = list_dealloc,
	.repr = seq_repr,         .truth = seq_truth,
	.len = list_len,          .getitem = seq_getitem,
	.setitem = list_setitem,  .iter = seq_iter,
	.contains = seq_contains, .make = list_make,
	.methods = list_methods,
};

struct type tuple_type = {
	TYPE_HEAD("tuple"), .dealloc = tuple_dealloc, .repr = seq_repr,
	.truth = seq_truth, .len = tuple_len,         .getitem = seq_getitem,
	.iter = seq_iter,   .contains = seq_contains, .make = tuple_make,
};
