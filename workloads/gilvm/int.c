// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* int, bool and float. */
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "values.h"

struct intobj *small_ints[SMALL_INT_MAX - SMALL_INT_MIN + 1];
static struct intobj bools[2];
struct obj *const Py_false = &bools[0].base;
struct obj *const Py_true = &bools[1].base;

struct obj *int_alloc(int64_t v)
{
	struct intobj *i = obj_alloc(&int_type, sizeof(*i));

	i->v = v;
	return &i->base;
}

void int_dealloc(struct obj *o)
{
	struct intobj *i = (struct intobj *)o;
	struct tstate *ts = ts_self;

	i->next_free = ts->free_ints;
	ts->free_ints = i;
}

void int_free_list_drop(struct tstate *ts)
{
	struct intobj *i = ts->free_ints;

	while (i) {
		struct intobj *next = i->next_free;

		obj_free(&i->base);
		i = next;
	}
	ts->free_ints = NULL;
}

static void init_bool(int v)
{
	bools[v].base.type = &bool_type;
	bools[v].base.refcnt = 1;
	bools[v].v = v;
	obj_register_static(&bools[v].base);
}

void ints_init(void)
{
	for (int64_t v = SMALL_INT_MIN; v <= SMALL_INT_MAX; v++)
		small_ints[v - SMALL_INT_MIN] =
			(struct intobj *)(void *)int_alloc(v);
	init_bool(0);
	init_bool(1);
}

struct obj *float_new(double v)
{
	struct floatobj *f = obj_alloc(&float_type, sizeof(*f));

	f->v = v;
	return &f->base;
}

static struct obj *int_repr(struct obj *o)
{
	return str_format("%" PRId64, int_value(o));
}

static struct obj *bool_repr(struct obj *o)
{
	return str_from(int_value(o) ? "True" : "False");
}

static bool int_truth(struct obj *o)
{
	return int_value(o) != 0;
}

static bool float_truth(struct obj *o)
{
	return float_value(o) != 0;
}

/*
 * The shortest text that reads back as the same value, in the form that
 * Python's repr() has: exponent below 1e-4 and from 1e16 on.
 */
void float_text(double v, char *buf, size_t size)
{
	char digits[40];
	int prec = 1;
	int exp10;

	if (isnan(v) || isinf(v)) {
		snprintf(buf, size, "%s",
			 isnan(v) ? "nan"
			 : v < 0  ? "-inf"
				  : "inf");
		return;
	}
	do {
		snprintf(digits, sizeof(digits), "%.*e", prec - 1, v);
	} while (strtod(digits, NULL) != v && ++prec <= 17);
	exp10 = atoi(strchr(digits, 'e') + 1);
	if (exp10 >= -4 && exp10 < 16) {
		int decimals = prec - 1 - exp10;

		snprintf(buf, size, "%.*f", decimals > 1 ? decimals : 1, v);
	} else {
		snprintf(buf, size, "%s", digits);
	}
}

static struct obj *float_repr(struct obj *o)
{
	char buf[64];

	float_text(float_value(o), buf, sizeof(buf));
	return str_from(buf);
}

static const char *skip_space(const char *s)
{
	while (*s && strchr(" \t\n\r\f\v", *s))
		s++;
	return s;
}

static struct obj *bad_int(const struct obj *o, int64_t base)
{
	struct obj *q = quote(o, "");

	if (!q)
		return NULL;
	err_set(&exc_ValueError,
		"invalid literal for int() with base %d: %.200s", (int)base,
		str_data(q));
	decref(q);
	return NULL;
}

static struct obj *int_from_str(const struct obj *o, int64_t base)
{
	const char *s = skip_space(str_data(o));
	char *end;
	long long v;

	if (base != 0 && (base < 2 || base > 36))
		return err_set(&exc_ValueError,
			       "int() base must be >= 2 and <= 36, or 0");
	errno = 0;
	v = strtoll(s, &end, (int)base);
	if (end == s || *skip_space(end))
		return bad_int(o, base);
	if (errno == ERANGE)
		return err_set(&exc_OverflowError,
			       "int does not fit in 64 bits");
	return int_new(v);
}

struct obj *int_from_double(double v)
{
	if (isnan(v))
		return err_set(&exc_ValueError,
			       "cannot convert float NaN to integer");
	if (isinf(v))
		return err_set(&exc_OverflowError,
			       "cannot convert float infinity to integer");
	if (!(v >= -0x1p63 && v < 0x1p63))
		return err_set(&exc_OverflowError,
			       "int does not fit in 64 bits");
	return int_new((int64_t)v);
}

static struct obj *int_make(const struct type *t, const struct args *a)
{
	struct obj *v[2];
	int64_t base = 10;

	(void)t;
	if (args_bind(a, "int", 0, 2, "x base", v))
		return NULL;
	if (!v[0])
		return int_new(0);
	if (v[1] && to_int(v[1], &base))
		return NULL;
	if (is_str(v[0]))
		return int_from_str(v[0], base);
	if (is_intlike(v[0]))
		return int_new(int_value(v[0]));
	if (is_float(v[0]))
		return int_from_double(trunc(float_value(v[0])));
	return err_set(&exc_TypeError,
		       "int() argument must be a string, a bytes-like object "
		       "or a real number, not '%s'",
		       v[0]->type->name);
}

static struct obj *float_from_str(const struct obj *o)
{
	const char *s = skip_space(str_data(o));
	char *end;
	double v = strtod(s, &end);

	if (end != s && !*skip_space(end) && !strpbrk(s, "xXpP("))
		return float_new(v);
	return err_set(&exc_ValueError,
		       "could not convert string to float: '%.100s'",
		       str_data(o));
}

static struct obj *float_make(const struct type *t, const struct args *a)
{
	struct obj *v[1];
	double d;

	(void)t;
	if (args_bind(a, "float", 0, 1, "x", v))
		return NULL;
	if (!v[0])
		return float_new(0);
	if (is_str(v[0]))
		return float_from_str(v[0]);
	return to_double(v[0], &d) ? NULL : float_new(d);
}

static struct obj *bool_make(const struct type *t, const struct args *a)
{
	struct obj *v[1];

	(void)t;
	if (args_bind(a, "bool", 0, 1, "x", v))
		return NULL;
	return bool_ref(v[0] && obj_truth(v[0]));
}

static void bool_dealloc(struct obj *o)
{
	o->refcnt = 1 << 30;
}

struct type int_type = {
	TYPE_HEAD("int"),   .dealloc = int_dealloc, .repr = int_repr,
	.truth = int_truth, .make = int_make,
};

struct type bool_type = {
	TYPE_HEAD("bool"),  .dealloc = bool_dealloc, .repr = bool_repr,
	.truth = int_truth, .make = bool_make,
};

struct type float_type = {
	TYPE_HEAD("float"),
	.repr = float_repr,
	.truth = float_truth,
	.make = float_make,
};
