// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Arithmetic on numbers, sequences and strings. Comparison: compare.c. */
#include <math.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "values.h"

const char *const binop_names[BINOP_COUNT] = {
	"+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>",
};

static struct obj *overflow(void)
{
	return err_set(&exc_OverflowError, "int does not fit in 64 bits");
}

static struct obj *int_pow(int64_t a, int64_t b)
{
	int64_t r = 1;

	if (b < 0) {
		if (!a)
			return err_set(&exc_ZeroDivisionError,
				       "0.0 cannot be raised to a negative "
				       "power");
		return float_new(pow((double)a, (double)b));
	}
	while (b) {
		if ((b & 1) && __builtin_mul_overflow(r, a, &r))
			return overflow();
		b >>= 1;
		if (b && __builtin_mul_overflow(a, a, &a))
			return overflow();
	}
	return int_new(r);
}

static struct obj *int_shift(enum binop op, int64_t a, int64_t b)
{
	if (b < 0)
		return err_set(&exc_ValueError, "negative shift count");
	if (op == BINOP_RSHIFT)
		return int_new(a >> (b > 63 ? 63 : b));
	if (a && (b > 62 || a > INT64_MAX >> b || a < INT64_MIN >> b))
		return overflow();
	return int_new(a ? (int64_t)((uint64_t)a << b) : 0);
}

static struct obj *int_divide(enum binop op, int64_t a, int64_t b)
{
	int64_t q, r;

	if (!b)
		return err_set(&exc_ZeroDivisionError,
			       op == BINOP_DIV ? "division by zero"
			       : op == BINOP_MOD
				       ? "integer modulo by zero"
				       : "integer division or modulo by zero");
	if (op == BINOP_DIV)
		return float_new((double)a / (double)b);
	if (b == -1) {
		if (op == BINOP_MOD)
			return int_new(0);
		return a == INT64_MIN ? overflow() : int_new(-a);
	}
	q = a / b;
	r = a % b;
	if (r && (r < 0) != (b < 0)) {
		q--;
		r += b;
	}
	return int_new(op == BINOP_MOD ? r : q);
}

static struct obj *int_binop(enum binop op, int64_t a, int64_t b)
{
	int64_t r;

	switch (op) {
	case BINOP_ADD:
		return __builtin_add_overflow(a, b, &r) ? overflow()
							: int_new(r);
	case BINOP_SUB:
		return __builtin_sub_overflow(a, b, &r) ? overflow()
							: int_new(r);
	case BINOP_MUL:
		return __builtin_mul_overflow(a, b, &r) ? overflow()
							: int_new(r);
	case BINOP_AND:
		return int_new(a & b);
	case BINOP_OR:
		return int_new(a | b);
	case BINOP_XOR:
		return int_new(a ^ b);
	case BINOP_POW:
		return int_pow(a, b);
	case BINOP_LSHIFT:
	case BINOP_RSHIFT:
		return int_shift(op, a, b);
	default:
		return int_divide(op, a, b);
	}
}

static struct obj *float_divide(enum binop op, double a, double b)
{
	double r;

	if (b == 0)
		return err_set(&exc_ZeroDivisionError,
			       op == BINOP_DIV ? "float division by zero"
			       : op == BINOP_MOD
				       ? "float modulo"
				       : "float floor division by zero");
	if (op == BINOP_DIV)
		return float_new(a / b);
	r = fmod(a, b);
	if (r != 0 && (r < 0) != (b < 0))
		r += b;
	return float_new(op == BINOP_MOD ? r : floor((a - r) / b + 0.5));
}

static struct obj *float_pow(double a, double b)
{
	if (a == 0 && b < 0)
		return err_set(&exc_ZeroDivisionError,
			       "0.0 cannot be raised to a negative power");
	if (a < 0 && b != floor(b))
		return err_set(&exc_ValueError,
			       "complex numbers are not supported");
	return float_new(pow(a, b));
}

static struct obj *float_binop(enum binop op, double a, double b)
{
	switch (op) {
	case BINOP_ADD:
		return float_new(a + b);
	case BINOP_SUB:
		return float_new(a - b);
	case BINOP_MUL:
		return float_new(a * b);
	case BINOP_POW:
		return float_pow(a, b);
	default:
		return float_divide(op, a, b);
	}
}

static bool is_text(const struct obj *o)
{
	return o->type == &str_type || o->type == &bytes_type;
}

static struct obj *text_new(const struct obj *like, int64_t len)
{
	return like->type == &str_type ? str_new(NULL, len)
				       : bytes_new(NULL, len);
}

static struct obj *text_add(struct obj *a, struct obj *b)
{
	int64_t n = as_str(a)->len;
	int64_t m = as_str(b)->len;
	struct obj *r = text_new(a, n + m);

	if (!r)
		return NULL;
	memcpy(as_str(r)->data, str_data(a), (size_t)n);
	memcpy(as_str(r)->data + n, str_data(b), (size_t)m);
	as_str(r)->ascii = as_str(a)->ascii && as_str(b)->ascii;
	return r;
}

static struct obj *seq_add(struct obj *a, struct obj *b)
{
	struct obj *l = list_new(NULL, 0);
	struct obj *t;

	if (list_extend(l, a) || list_extend(l, b)) {
		decref(l);
		return NULL;
	}
	if (a->type == &list_type)
		return l;
	t = tuple_new(as_list(l)->b->v, list_size(l));
	decref(l);
	return t;
}

static struct obj *too_long(void)
{
	return err_set(&exc_MemoryError, "repeated sequence is too long");
}

static struct obj *text_repeat(struct obj *a, int64_t n)
{
	int64_t len = as_str(a)->len;
	int64_t total;
	struct obj *r;

	if (__builtin_mul_overflow(len, n, &total) || total > INT64_MAX / 4)
		return too_long();
	r = text_new(a, total);
	for (int64_t i = 0; r && len && i < n; i++)
		memcpy(as_str(r)->data + i * len, str_data(a), (size_t)len);
	if (r)
		as_str(r)->ascii = as_str(a)->ascii;
	return r;
}

static struct obj *seq_repeat(struct obj *a, int64_t n)
{
	bool list = a->type == &list_type;
	int64_t len = a->type->len(a);
	struct obj **to;
	struct obj **from;
	struct obj *r;
	int64_t total;

	if (__builtin_mul_overflow(len, n, &total) || total > INT64_MAX / 32)
		return too_long();
	r = list ? list_new(NULL, total) : tuple_new(NULL, total);
	if (!r)
		return NULL;
	to = list ? as_list(r)->b->v : as_tuple(r)->v;
	from = list ? as_list(a)->b->v : as_tuple(a)->v;
	for (int64_t i = 0; i < total; i++) {
		struct obj *old = to[i];

		to[i] = newref(from[i % len]);
		decref(old);
	}
	return r;
}

static struct obj *repeat(struct obj *a, struct obj *b)
{
	int64_t n = int_value(b) < 0 ? 0 : int_value(b);

	return is_text(a) ? text_repeat(a, n) : seq_repeat(a, n);
}

static bool is_seq(const struct obj *o)
{
	return is_text(o) || o->type == &list_type || o->type == &tuple_type;
}

static struct obj *bad_operands(enum binop op, struct obj *a, struct obj *b)
{
	if (op == BINOP_ADD && is_text(a))
		return err_set(
			&exc_TypeError,
			a->type == &str_type
				? "can only concatenate str (not \"%s\") to str"
				: "can't concat %s to bytes",
			b->type->name);
	return err_set(&exc_TypeError,
		       "unsupported operand type(s) for %s: '%s' and '%s'",
		       op == BINOP_POW ? "** or pow()" : binop_names[op],
		       a->type->name, b->type->name);
}

static bool is_number(const struct obj *o)
{
	return is_intlike(o) || is_float(o);
}

struct obj *obj_binop(enum binop op, struct obj *a, struct obj *b)
{
	double x, y;

	if (is_intlike(a) && is_intlike(b)) {
		if (a->type == &bool_type && b->type == &bool_type &&
		    op >= BINOP_AND && op <= BINOP_XOR) {
			int64_t p = int_value(a), q = int_value(b);

			return bool_ref(op == BINOP_AND  ? p & q
					: op == BINOP_OR ? p | q
							 : p ^ q);
		}
		return int_binop(op, int_value(a), int_value(b));
	}
	if (is_number(a) && is_number(b) && op <= BINOP_POW) {
		to_double(a, &x);
		to_double(b, &y);
		return float_binop(op, x, y);
	}
	if (op == BINOP_ADD && a->type == b->type && is_seq(a))
		return is_text(a) ? text_add(a, b) : seq_add(a, b);
	if (op == BINOP_MUL && is_seq(a) && is_intlike(b))
		return repeat(a, b);
	if (op == BINOP_MUL && is_seq(b) && is_intlike(a))
		return repeat(b, a);
	return bad_operands(op, a, b);
}

struct obj *obj_inplace(enum binop op, struct obj *a, struct obj *b)
{
	if (op == BINOP_ADD && a->type == &list_type)
		return list_extend(a, b) ? NULL : newref(a);
	return obj_binop(op, a, b);
}

struct obj *obj_negate(struct obj *a)
{
	if (is_intlike(a))
		return int_binop(BINOP_SUB, 0, int_value(a));
	if (is_float(a))
		return float_new(-float_value(a));
	return err_set(&exc_TypeError, "bad operand type for unary -: '%s'",
		       a->type->name);
}

struct obj *obj_invert(struct obj *a)
{
	if (is_intlike(a))
		return int_new(~int_value(a));
	return err_set(&exc_TypeError, "bad operand type for unary ~: '%s'",
		       a->type->name);
}
