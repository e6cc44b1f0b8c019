// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Truth, comparison, membership, text, length, items and slices. */
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "strs.h"
#include "values.h"

/* Nested lists are compared and printed by recursion, up to here. */
#define MAX_NESTING 200

const char *const cmpop_names[CMP_COUNT] = { "<", "<=", "==", "!=", ">", ">=" };

bool obj_truth(struct obj *o)
{
	return o->type->truth ? o->type->truth(o) : true;
}

static int by_order(enum cmpop op, int d)
{
	switch (op) {
	case CMP_LT:
		return d < 0;
	case CMP_LE:
		return d <= 0;
	case CMP_EQ:
		return d == 0;
	case CMP_NE:
		return d != 0;
	case CMP_GT:
		return d > 0;
	default:
		return d >= 0;
	}
}

static int compare_doubles(enum cmpop op, double x, double y)
{
	if (x != x || y != y)
		return op == CMP_NE;
	return by_order(op, (x > y) - (x < y));
}

static int enter_nesting(void)
{
	if (ts_self->repr_depth++ < MAX_NESTING)
		return 0;
	ts_self->repr_depth--;
	err_set(&exc_RecursionError,
		"maximum recursion depth exceeded in comparison");
	return -1;
}

static struct obj *item_of(struct obj *o, int64_t i)
{
	if (o->type == &list_type)
		return list_item(o, i);
	return newref(as_tuple(o)->v[i]);
}

static int compare_items(enum cmpop op, struct obj *a, struct obj *b, int64_t i)
{
	struct obj *x = item_of(a, i);
	struct obj *y = item_of(b, i);
	int r = obj_compare(op, x, y);

	decref(x);
	decref(y);
	return r;
}

static int compare_seqs(enum cmpop op, struct obj *a, struct obj *b)
{
	int64_t n = a->type->len(a);
	int64_t m = b->type->len(b);
	int eq = 1;

	if (n != m && (op == CMP_EQ || op == CMP_NE))
		return op == CMP_NE;
	if (enter_nesting())
		return -1;
	for (int64_t i = 0; eq == 1 && i < n && i < m; i++) {
		eq = compare_items(CMP_EQ, a, b, i);
		if (eq == 0 && op != CMP_EQ && op != CMP_NE)
			eq = compare_items(op, a, b, i) + 2;
	}
	ts_self->repr_depth--;
	if (eq < 0)
		return -1;
	if (eq >= 2)
		return eq - 2;
	if (eq == 0)
		return op == CMP_NE;
	return by_order(op, (n > m) - (n < m));
}

static bool is_number(const struct obj *o)
{
	return is_intlike(o) || is_float(o);
}

static int compare_numbers(enum cmpop op, struct obj *a, struct obj *b)
{
	double x, y;

	if (is_intlike(a) && is_intlike(b)) {
		int64_t i = int_value(a), j = int_value(b);

		return by_order(op, (i > j) - (i < j));
	}
	to_double(a, &x);
	to_double(b, &y);
	return compare_doubles(op, x, y);
}

int obj_compare(enum cmpop op, struct obj *a, struct obj *b)
{
	if (is_number(a) && is_number(b))
		return compare_numbers(op, a, b);
	if (a->type == b->type) {
		if (a->type == &str_type || a->type == &bytes_type)
			return by_order(op, str_cmp(a, b));
		if (a->type == &list_type || a->type == &tuple_type)
			return compare_seqs(op, a, b);
	}
	if (op == CMP_EQ || op == CMP_NE)
		return (a == b) == (op == CMP_EQ);
	err_set(&exc_TypeError,
		"'%s' not supported between instances of '%s' and '%s'",
		cmpop_names[op], a->type->name, b->type->name);
	return -1;
}

int obj_contains(struct obj *o, struct obj *v)
{
	if (o->type->contains)
		return o->type->contains(o, v);
	err_set(&exc_TypeError, "argument of type '%s' is not iterable",
		o->type->name);
	return -1;
}

int64_t obj_len(struct obj *o)
{
	if (o->type->len)
		return o->type->len(o);
	err_set(&exc_TypeError, "object of type '%s' has no len()",
		o->type->name);
	return -1;
}

static struct obj *default_repr(struct obj *o)
{
	return str_format("<%.200s object at %p>", o->type->name, (void *)o);
}

struct obj *obj_repr(struct obj *o)
{
	struct obj *s;

	if (!o->type->repr)
		return default_repr(o);
	if (ts_self->repr_depth >= MAX_NESTING)
		return err_set(&exc_RecursionError,
			       "maximum recursion depth exceeded while getting "
			       "the repr of an object");
	ts_self->repr_depth++;
	s = o->type->repr(o);
	ts_self->repr_depth--;
	return s;
}

struct obj *obj_str(struct obj *o)
{
	return o->type->str ? o->type->str(o) : obj_repr(o);
}

struct obj *obj_getitem(struct obj *o, struct obj *key)
{
	if (o->type->getitem)
		return o->type->getitem(o, key);
	return err_set(&exc_TypeError, "'%s' object is not subscriptable",
		       o->type->name);
}

int obj_setitem(struct obj *o, struct obj *key, struct obj *v)
{
	if (o->type->setitem)
		return o->type->setitem(o, key, v);
	err_set(&exc_TypeError, "'%s' object does not support item %s",
		o->type->name, v ? "assignment" : "deletion");
	return -1;
}

static int bound(struct obj *o, int64_t n, int64_t lo, int64_t hi, int64_t *out)
{
	if (!o || o == &none_obj)
		return 0;
	if (to_int(o, out))
		return -1;
	if (*out < 0)
		*out += n;
	if (*out < lo)
		*out = lo;
	if (*out > hi)
		*out = hi;
	return 0;
}

static struct obj *slice_text(struct obj *o, int64_t from, int64_t to)
{
	int64_t a, b;

	if (to < from)
		to = from;
	a = str_offset(o, from);
	b = str_offset(o, to);
	return o->type == &str_type ? str_new(str_data(o) + a, b - a)
				    : bytes_new(str_data(o) + a, b - a);
}

static struct obj *slice_items(struct obj *o, int64_t from, int64_t to,
			       int64_t step)
{
	struct obj *l = list_new(NULL, 0);
	struct obj *r;
	int err = 0;

	for (int64_t i = from; !err && (step > 0 ? i < to : i > to);
	     i += step) {
		struct obj *v = item_of(o, i);

		err = list_append(l, v);
		decref(v);
	}
	if (err || o->type == &list_type)
		return l;
	r = tuple_new(as_list(l)->b->v, list_size(l));
	decref(l);
	return r;
}

struct obj *obj_slice(struct obj *o, struct obj *const *b)
{
	bool text = o->type == &str_type || o->type == &bytes_type;
	int64_t step = 1;
	int64_t n, from, to;

	if (!text && o->type != &list_type && o->type != &tuple_type)
		return err_set(&exc_TypeError, "cannot slice '%s'",
			       o->type->name);
	n = o->type->len(o);
	if (b[2] && b[2] != &none_obj &&
	    to_int_range(b[2], "slice step", -INT32_MAX, INT32_MAX, &step))
		return NULL;
	if (!step)
		return err_set(&exc_ValueError, "slice step cannot be zero");
	if (text && step != 1)
		return err_set(&exc_ValueError,
			       "a slice of text must have step 1");
	from = step > 0 ? 0 : n - 1;
	to = step > 0 ? n : -1;
	if (bound(b[0], n, step > 0 ? 0 : -1, step > 0 ? n : n - 1, &from) ||
	    bound(b[1], n, step > 0 ? 0 : -1, step > 0 ? n : n - 1, &to))
		return NULL;
	return text ? slice_text(o, from, to) : slice_items(o, from, to, step);
}
