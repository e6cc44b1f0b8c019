// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* range, and iteration over everything. */
#include <inttypes.h>

#include "convert.h"
#include "errors.h"
#include "iter.h"
#include "values.h"

static int64_t range_count(int64_t start, int64_t stop, int64_t step)
{
	uint64_t span, by;

	if (step > 0 ? start >= stop : start <= stop)
		return 0;
	span = step > 0 ? (uint64_t)stop - (uint64_t)start
			: (uint64_t)start - (uint64_t)stop;
	by = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
	span = (span - 1) / by + 1;
	return span > INT64_MAX ? INT64_MAX : (int64_t)span;
}

struct obj *range_new(int64_t start, int64_t stop, int64_t step)
{
	struct rangeobj *r = obj_alloc(&range_type, sizeof(*r));

	r->start = start;
	r->stop = stop;
	r->step = step;
	r->len = range_count(start, stop, step);
	return &r->base;
}

static struct obj *range_make(const struct type *t, const struct args *a)
{
	struct obj *v[3];
	int64_t start = 0, stop, step = 1;

	(void)t;
	if (args_bind(a, "range", 1, 3, "", v) ||
	    to_int(v[v[1] ? 1 : 0], &stop) || (v[1] && to_int(v[0], &start)) ||
	    (v[2] && to_int(v[2], &step)))
		return NULL;
	if (!step)
		return err_set(&exc_ValueError,
			       "range() arg 3 must not be zero");
	return range_new(start, stop, step);
}

static struct rangeobj *as_range(struct obj *o)
{
	return (struct rangeobj *)o;
}

static struct obj *range_repr(struct obj *o)
{
	struct rangeobj *r = as_range(o);

	if (r->step == 1)
		return str_format("range(%" PRId64 ", %" PRId64 ")", r->start,
				  r->stop);
	return str_format("range(%" PRId64 ", %" PRId64 ", %" PRId64 ")",
			  r->start, r->stop, r->step);
}

static bool range_truth(struct obj *o)
{
	return as_range(o)->len > 0;
}

static int64_t range_len(struct obj *o)
{
	return as_range(o)->len;
}

static int64_t range_at(const struct rangeobj *r, int64_t i)
{
	return (int64_t)((uint64_t)r->start + (uint64_t)i * (uint64_t)r->step);
}

static struct obj *range_getitem(struct obj *o, struct obj *key)
{
	struct rangeobj *r = as_range(o);
	int64_t i;

	if (to_int(key, &i))
		return NULL;
	if (i < 0)
		i += r->len;
	if (i < 0 || i >= r->len)
		return err_set(&exc_IndexError,
			       "range object index out of range");
	return int_new(range_at(r, i));
}

static int range_contains(struct obj *o, struct obj *v)
{
	struct rangeobj *r = as_range(o);
	int64_t x;

	if (!is_intlike(v) || !r->len)
		return 0;
	x = int_value(v);
	if (r->step > 0 ? x < r->start || x >= r->stop
			: x > r->start || x <= r->stop)
		return 0;
	return (int64_t)((uint64_t)x - (uint64_t)r->start) % r->step == 0;
}

static struct obj *iter_alloc(enum iter_kind kind)
{
	struct iterobj *it = obj_alloc(&iter_type, sizeof(*it));

	it->kind = kind;
	return &it->base;
}

static struct obj *range_iter(struct obj *o)
{
	struct rangeobj *r = as_range(o);
	struct obj *it = iter_alloc(ITER_RANGE);

	as_iter(it)->i = r->start;
	as_iter(it)->step = r->step;
	as_iter(it)->left = r->len;
	return it;
}

struct obj *iter_new(struct obj *seq, int64_t start, int64_t step)
{
	struct obj *it = iter_alloc(ITER_SEQ);

	as_iter(it)->a = newref(seq);
	as_iter(it)->i = start;
	as_iter(it)->step = step;
	return it;
}

struct obj *iter_enumerate(struct obj *src, int64_t start)
{
	struct obj *inner = obj_iter(src);
	struct obj *it;

	if (!inner)
		return NULL;
	it = iter_alloc(ITER_ENUMERATE);
	as_iter(it)->a = inner;
	as_iter(it)->i = start;
	return it;
}

struct obj *iter_zip(struct obj *iters)
{
	struct obj *it = iter_alloc(ITER_ZIP);

	as_iter(it)->a = iters;
	return it;
}

static struct obj *seq_next(struct iterobj *it)
{
	struct obj *key, *v;
	int64_t n = it->a->type->len(it->a);

	if (it->i < 0 || it->i >= n)
		return NULL;
	if (it->a->type == &list_type) {
		v = list_item(it->a, it->i);
	} else {
		key = int_new(it->i);
		v = it->a->type->getitem(it->a, key);
		decref(key);
	}
	it->i += it->step;
	return v;
}

static struct obj *enumerate_next(struct iterobj *it)
{
	struct obj *pair[2];
	struct obj *t;

	pair[1] = obj_next(it->a);
	if (!pair[1])
		return NULL;
	pair[0] = int_new(it->i++);
	t = tuple_new(pair, 2);
	decref(pair[0]);
	decref(pair[1]);
	return t;
}

static struct obj *zip_next(struct iterobj *it)
{
	const struct tupleobj *src = as_tuple(it->a);
	struct obj *t;

	if (!src->size)
		return NULL;
	t = tuple_new(NULL, src->size);
	for (int64_t i = 0; t && i < src->size; i++) {
		struct obj *v = obj_next(src->v[i]);

		if (!v) {
			decref(t);
			return NULL;
		}
		decref(as_tuple(t)->v[i]);
		as_tuple(t)->v[i] = v;
	}
	return t;
}

static struct obj *iter_next(struct obj *o)
{
	struct iterobj *it = as_iter(o);
	int64_t v = it->i;

	switch (it->kind) {
	case ITER_RANGE:
		if (it->left <= 0)
			return NULL;
		it->left--;
		it->i = (int64_t)((uint64_t)v + (uint64_t)it->step);
		return int_new(v);
	case ITER_SEQ:
		return seq_next(it);
	case ITER_ENUMERATE:
		return enumerate_next(it);
	case ITER_ZIP:
		return zip_next(it);
	}
	return NULL;
}

static struct obj *iter_iter(struct obj *o)
{
	return newref(o);
}

static void iter_dealloc(struct obj *o)
{
	xdecref(as_iter(o)->a);
	obj_free(o);
}

struct obj *obj_iter(struct obj *o)
{
	if (o->type->iter)
		return o->type->iter(o);
	return err_set(&exc_TypeError, "'%s' object is not iterable",
		       o->type->name);
}

struct obj *obj_next(struct obj *o)
{
	return o->type->next(o);
}

struct type range_type = {
	TYPE_HEAD("range"),       .repr = range_repr,
	.truth = range_truth,     .len = range_len,
	.getitem = range_getitem, .contains = range_contains,
	.iter = range_iter,       .make = range_make,
};

struct type iter_type = {
	TYPE_HEAD("iterator"),
	.dealloc = iter_dealloc,
	.iter = iter_iter,
	.next = iter_next,
};
