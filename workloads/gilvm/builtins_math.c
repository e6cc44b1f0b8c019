// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Built-in functions about numbers and sequences. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "builtins.h"
#include "convert.h"
#include "errors.h"
#include "lists.h"
#include "values.h"

/* One bytecode, however long it takes: no tick passes in here. */
static struct obj *b_sum(struct obj *self, struct obj **a)
{
	struct obj *it = obj_iter(a[0]);
	struct obj *total = a[1] ? newref(a[1]) : int_new(0);
	struct obj *v, *next;

	(void)self;
	while (it && total && (v = obj_next(it))) {
		next = obj_binop(BINOP_ADD, total, v);
		decref(v);
		decref(total);
		total = next;
	}
	xdecref(it);
	if (!err_pending())
		return total;
	xdecref(total);
	return NULL;
}

static struct obj *best(const struct args *a, const char *name, enum cmpop op)
{
	struct obj *src = a->n == 1 ? newref(a->v[0]) : tuple_new(a->v, a->n);
	struct obj *it = src ? obj_iter(src) : NULL;
	struct obj *r = NULL;
	struct obj *v;
	int take = 0;

	xdecref(src);
	while (it && take >= 0 && (v = obj_next(it))) {
		take = r ? obj_compare(op, v, r) : 1;
		if (take > 0) {
			xdecref(r);
			r = newref(v);
		}
		decref(v);
	}
	xdecref(it);
	if (it && !r && !err_pending())
		err_set(&exc_ValueError, "%s() arg is an empty sequence", name);
	if (!err_pending())
		return r;
	xdecref(r);
	return NULL;
}

static struct obj *best_checked(const struct args *a, const char *name,
				enum cmpop op)
{
	if (a->kw)
		return err_set(&exc_TypeError,
			       "%s() with keywords is not supported", name);
	if (!a->n)
		return err_set(&exc_TypeError,
			       "%s expected at least 1 argument, got 0", name);
	return best(a, name, op);
}

static struct obj *b_min(struct obj *self, const struct args *a)
{
	(void)self;
	return best_checked(a, "min", CMP_LT);
}

static struct obj *b_max(struct obj *self, const struct args *a)
{
	(void)self;
	return best_checked(a, "max", CMP_GT);
}

static struct obj *b_abs(struct obj *self, struct obj **a)
{
	(void)self;
	if (is_float(a[0]))
		return float_new(fabs(float_value(a[0])));
	if (is_intlike(a[0]) && int_value(a[0]) >= 0)
		return int_new(int_value(a[0]));
	if (is_intlike(a[0]))
		return obj_negate(a[0]);
	return err_set(&exc_TypeError, "bad operand type for abs(): '%s'",
		       a[0]->type->name);
}

static struct obj *round_int(int64_t v, int64_t digits)
{
	int64_t unit = 1;
	int64_t rest;

	if (digits >= 0)
		return int_new(v);
	if (digits < -18)
		return int_new(0);
	while (digits++ < 0)
		unit *= 10;
	rest = v % unit;
	v -= rest;
	if (rest * 2 > unit || (rest * 2 == unit && (v / unit) % 2))
		v += unit;
	else if (rest * 2 < -unit || (rest * 2 == -unit && (v / unit) % 2))
		v -= unit;
	return int_new(v);
}

static struct obj *b_round(struct obj *self, struct obj **a)
{
	bool to_int_only = !a[1] || a[1] == &none_obj;
	int64_t digits = 0;
	char buf[420];
	double v;

	(void)self;
	if (!to_int_only && to_int(a[1], &digits))
		return NULL;
	if (is_intlike(a[0]))
		return round_int(int_value(a[0]), digits);
	if (to_double(a[0], &v))
		return NULL;
	if (to_int_only)
		return int_from_double(rint(v));
	if (digits > 300 || !isfinite(v))
		return float_new(v);
	if (digits < 0) {
		double unit = pow(10, (double)-digits);

		return float_new(rint(v / unit) * unit);
	}
	/* Decimal rounding of the exact value, as CPython does. */
	snprintf(buf, sizeof(buf), "%.*f", (int)(digits < 60 ? digits : 60), v);
	return float_new(strtod(buf, NULL));
}

static struct obj *truth_of_all(struct obj *src, bool stop_at)
{
	struct obj *it = obj_iter(src);
	bool hit = false;
	struct obj *v;

	if (!it)
		return NULL;
	while (!hit && (v = obj_next(it))) {
		hit = obj_truth(v) == stop_at;
		decref(v);
	}
	decref(it);
	if (err_pending())
		return NULL;
	return bool_ref(hit == stop_at);
}

static struct obj *b_any(struct obj *self, struct obj **a)
{
	(void)self;
	return truth_of_all(a[0], true);
}

static struct obj *b_all(struct obj *self, struct obj **a)
{
	(void)self;
	return truth_of_all(a[0], false);
}

static struct obj *b_divmod(struct obj *self, struct obj **a)
{
	struct obj *v[2];
	struct obj *t;

	(void)self;
	v[0] = obj_binop(BINOP_FLOORDIV, a[0], a[1]);
	if (!v[0])
		return NULL;
	v[1] = obj_binop(BINOP_MOD, a[0], a[1]);
	t = v[1] ? tuple_new(v, 2) : NULL;
	decref(v[0]);
	xdecref(v[1]);
	return t;
}

static struct obj *b_pow(struct obj *self, struct obj **a)
{
	(void)self;
	return obj_binop(BINOP_POW, a[0], a[1]);
}

static struct obj *b_sorted(struct obj *self, struct obj **a)
{
	struct obj *l;

	(void)self;
	if (a[1] && a[1] != &none_obj)
		return err_set(&exc_TypeError,
			       "sorted() with a key is not supported");
	l = list_new(NULL, 0);
	if (!list_extend(l, a[0]) &&
	    !sort_objs(as_list(l)->b->v, list_size(l), a[2] && obj_truth(a[2])))
		return l;
	decref(l);
	return NULL;
}

static struct obj *b_reversed(struct obj *self, struct obj **a)
{
	(void)self;
	if (!a[0]->type->len || !a[0]->type->getitem)
		return err_set(&exc_TypeError, "'%s' object is not reversible",
			       a[0]->type->name);
	return iter_new(a[0], a[0]->type->len(a[0]) - 1, -1);
}

static struct obj *based(struct obj *o, const char *spec)
{
	int64_t v;

	if (to_int(o, &v))
		return NULL;
	return obj_format(o, spec, 2);
}

static struct obj *b_hex(struct obj *self, struct obj **a)
{
	(void)self;
	return based(a[0], "#x");
}

static struct obj *b_bin(struct obj *self, struct obj **a)
{
	(void)self;
	return based(a[0], "#b");
}

struct native math_functions[] = {
	NATIVE("sum", b_sum, 1, 2, "iterable start"),
	NATIVE_RAW("min", b_min),
	NATIVE_RAW("max", b_max),
	NATIVE("abs", b_abs, 1, 1, ""),
	NATIVE("round", b_round, 1, 2, "number ndigits"),
	NATIVE("any", b_any, 1, 1, ""),
	NATIVE("all", b_all, 1, 1, ""),
	NATIVE("divmod", b_divmod, 2, 2, ""),
	NATIVE("pow", b_pow, 2, 2, "base exp"),
	NATIVE("sorted", b_sorted, 1, 3, "iterable key reverse"),
	NATIVE("reversed", b_reversed, 1, 1, ""),
	NATIVE("hex", b_hex, 1, 1, ""),
	NATIVE("bin", b_bin, 1, 1, ""),
	NATIVE_END,
};
