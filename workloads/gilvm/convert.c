// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From objects to C values; binding of arguments; growing texts. */
#include "convert.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "values.h"

int to_int(const struct obj *o, int64_t *out)
{
	if (is_intlike(o)) {
		*out = int_value(o);
		return 0;
	}
	err_set(&exc_TypeError,
		"'%s' object cannot be interpreted as an integer",
		o->type->name);
	return -1;
}

int to_int_range(const struct obj *o, const char *what, int64_t lo, int64_t hi,
		 int64_t *out)
{
	if (to_int(o, out))
		return -1;
	if (*out >= lo && *out <= hi)
		return 0;
	err_set(&exc_ValueError,
		"%s must be between %" PRId64 " and %" PRId64 ", not %" PRId64,
		what, lo, hi, *out);
	return -1;
}

int to_double(const struct obj *o, double *out)
{
	if (is_float(o)) {
		*out = float_value(o);
		return 0;
	}
	if (is_intlike(o)) {
		*out = (double)int_value(o);
		return 0;
	}
	err_set(&exc_TypeError, "must be real number, not %s", o->type->name);
	return -1;
}

int to_ns(const struct obj *o, int64_t *out)
{
	double s;

	if (to_double(o, &s))
		return -1;
	if (!(s >= 0 && s < 9e9)) {
		err_set(&exc_ValueError, s < 0 ? "sleep length must be "
						 "non-negative"
					       : "time is too large");
		return -1;
	}
	*out = (int64_t)(s * 1e9);
	return 0;
}

int need_str(const struct obj *o, const char *what)
{
	if (is_str(o))
		return 0;
	err_set(&exc_TypeError, "%s must be str, not %s", what, o->type->name);
	return -1;
}

/* Index of a keyword in a list of names with spaces between, or -1. */
static int param_index(const char *params, const char *name)
{
	size_t len = strlen(name);

	for (int i = 0; *params; i++) {
		size_t n = strcspn(params, " ");

		if (n == len && !memcmp(params, name, n))
			return i;
		params += n;
		params += strspn(params, " ");
	}
	return -1;
}

static int bind_keywords(const struct args *a, const char *fname, int max,
			 const char *params, struct obj **out)
{
	const struct tupleobj *kw = as_tuple(a->kw);

	for (int64_t k = 0; k < kw->size; k++) {
		const char *name = str_data(kw->v[k]);
		int i = param_index(params, name);

		if (i < 0 || i >= max) {
			err_set(&exc_TypeError,
				"%s() got an unexpected keyword argument "
				"'%.100s'",
				fname, name);
			return -1;
		}
		if (out[i]) {
			err_set(&exc_TypeError,
				"%s() got multiple values for argument "
				"'%.100s'",
				fname, name);
			return -1;
		}
		out[i] = a->v[a->n + k];
	}
	return 0;
}

int args_bind(const struct args *a, const char *fname, int min, int max,
	      const char *params, struct obj **out)
{
	if (a->n > max) {
		err_set(&exc_TypeError,
			"%s() takes at most %d argument%s (%d given)", fname,
			max, max == 1 ? "" : "s", a->n);
		return -1;
	}
	for (int i = 0; i < max; i++)
		out[i] = i < a->n ? a->v[i] : NULL;
	if (a->kw && bind_keywords(a, fname, max, params, out))
		return -1;
	for (int i = 0; i < min; i++) {
		if (out[i])
			continue;
		err_set(&exc_TypeError,
			"%s() missing required argument (pos %d)", fname,
			i + 1);
		return -1;
	}
	return 0;
}

void buf_add(struct textbuf *b, const char *s, size_t n)
{
	if (b->cap - b->len < n + 1) {
		b->cap = (b->len + n + 1) * 2;
		b->s = xrealloc(b->s, b->cap, 1);
	}
	memcpy(b->s + b->len, s, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void buf_puts(struct textbuf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_free(struct textbuf *b)
{
	free(b->s);
	memset(b, 0, sizeof(*b));
}

struct obj *buf_str(struct textbuf *b)
{
	struct obj *s = str_new(b->s ? b->s : "", (int64_t)b->len);

	buf_free(b);
	return s;
}
