// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* str and bytes: making, names, quoting. Their methods: str_methods.c. */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "strs.h"
#include "values.h"

#define INTERN_FIRST 1024

/* Names live as long as the program. */
static struct {
	pthread_mutex_t lock;
	struct obj **slot;
	uint32_t size, used;
} names = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct obj *make(const struct type *t, const char *data, int64_t len)
{
	struct strobj *s = obj_alloc_big(t, sizeof(*s) + (size_t)len + 1);

	if (!s)
		return NULL;
	s->len = len;
	if (data)
		memcpy(s->data, data, (size_t)len);
	s->data[len] = '\0';
	return &s->base;
}

void str_done(struct obj *o)
{
	struct strobj *s = as_str(o);

	s->ascii = true;
	for (int64_t i = 0; i < s->len; i++) {
		if ((unsigned char)s->data[i] >= 0x80) {
			s->ascii = false;
			return;
		}
	}
}

struct obj *str_new(const char *data, int64_t len)
{
	struct obj *o = make(&str_type, data, len);

	if (o && data)
		str_done(o);
	return o;
}

struct obj *str_from(const char *s)
{
	return str_new(s, (int64_t)strlen(s));
}

struct obj *bytes_new(const char *data, int64_t len)
{
	return make(&bytes_type, data, len);
}

struct obj *str_format(const char *fmt, ...)
{
	char buf[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return str_from(buf);
}

static uint32_t hash_bytes(const char *s, int64_t len)
{
	uint32_t h = 2166136261u;

	for (int64_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h;
}

static struct obj **find_name(const char *s, int64_t len)
{
	uint32_t i = hash_bytes(s, len);

	for (;; i++) {
		struct obj **slot = &names.slot[i & (names.size - 1)];

		if (!*slot || (as_str(*slot)->len == len &&
			       !memcmp(str_data(*slot), s, (size_t)len)))
			return slot;
	}
}

static void grow_names(void)
{
	struct obj **old = names.slot;
	uint32_t old_size = names.size;

	names.size = old_size ? old_size * 2 : INTERN_FIRST;
	names.slot = xcalloc(names.size, sizeof(struct obj *));
	for (uint32_t i = 0; i < old_size; i++) {
		if (old[i])
			*find_name(str_data(old[i]), as_str(old[i])->len) =
				old[i];
	}
	free(old);
}

struct obj *str_intern_n(const char *s, int64_t len)
{
	struct obj **slot;
	struct obj *o;

	pthread_mutex_lock(&names.lock);
	if (names.used * 2 >= names.size)
		grow_names();
	slot = find_name(s, len);
	if (!*slot) {
		*slot = str_new(s, len);
		as_str(*slot)->interned = true;
		names.used++;
	}
	o = newref(*slot);
	pthread_mutex_unlock(&names.lock);
	return o;
}

struct obj *str_intern(const char *s)
{
	return str_intern_n(s, (int64_t)strlen(s));
}

int64_t str_chars(const struct obj *o)
{
	const struct strobj *s = as_str(o);
	int64_t n = 0;

	if (s->ascii)
		return s->len;
	for (int64_t i = 0; i < s->len; i++)
		n += ((unsigned char)s->data[i] & 0xc0) != 0x80;
	return n;
}

int64_t str_offset(const struct obj *o, int64_t index)
{
	const struct strobj *s = as_str(o);
	int64_t at = 0;

	if (s->ascii || o->type == &bytes_type)
		return index;
	while (index > 0 && at < s->len) {
		at++;
		while (at < s->len &&
		       ((unsigned char)s->data[at] & 0xc0) == 0x80)
			at++;
		index--;
	}
	return at;
}

int str_cmp(const struct obj *a, const struct obj *b)
{
	const struct strobj *x = as_str(a);
	const struct strobj *y = as_str(b);
	int64_t n = x->len < y->len ? x->len : y->len;
	int d = memcmp(x->data, y->data, (size_t)n);

	if (d)
		return d;
	return (x->len > y->len) - (x->len < y->len);
}

static void quote_byte(struct textbuf *b, unsigned char c, char q, bool bytes)
{
	char esc[8];

	if (c == (unsigned char)q || c == '\\')
		snprintf(esc, sizeof(esc), "\\%c", c);
	else if (c == '\n' || c == '\r' || c == '\t')
		snprintf(esc, sizeof(esc), "\\%c",
			 c == '\n'   ? 'n'
			 : c == '\r' ? 'r'
				     : 't');
	else if (c < 0x20 || c == 0x7f || (bytes && c >= 0x80))
		snprintf(esc, sizeof(esc), "\\x%02x", c);
	else
		snprintf(esc, sizeof(esc), "%c", c);
	buf_puts(b, esc);
}

struct obj *quote(const struct obj *o, const char *prefix)
{
	const struct strobj *s = as_str(o);
	struct textbuf b = { 0 };
	char q = '\'';

	if (memchr(s->data, '\'', (size_t)s->len) &&
	    !memchr(s->data, '"', (size_t)s->len))
		q = '"';
	buf_puts(&b, prefix);
	buf_add(&b, &q, 1);
	for (int64_t i = 0; i < s->len; i++)
		quote_byte(&b, (unsigned char)s->data[i], q,
			   o->type == &bytes_type);
	buf_add(&b, &q, 1);
	return buf_str(&b);
}

static struct obj *str_repr(struct obj *o)
{
	return quote(o, "");
}

static struct obj *bytes_repr(struct obj *o)
{
	return quote(o, "b");
}

static struct obj *str_str(struct obj *o)
{
	return newref(o);
}

static bool str_truth(struct obj *o)
{
	return as_str(o)->len > 0;
}

static int64_t bytes_len(struct obj *o)
{
	return as_str(o)->len;
}

static int64_t str_len(struct obj *o)
{
	return str_chars(o);
}

static int str_contains(struct obj *o, struct obj *v)
{
	if (v->type != o->type) {
		err_set(&exc_TypeError,
			"'in <string>' requires string as left operand, not %s",
			v->type->name);
		return -1;
	}
	return memmem(str_data(o), (size_t)as_str(o)->len, str_data(v),
		      (size_t)as_str(v)->len) != NULL;
}

static int64_t fix_index(int64_t i, int64_t n)
{
	return i < 0 ? i + n : i;
}

static struct obj *str_getitem(struct obj *o, struct obj *key)
{
	int64_t n = o->type->len(o);
	int64_t i, from, to;

	if (to_int(key, &i))
		return NULL;
	i = fix_index(i, n);
	if (i < 0 || i >= n)
		return err_set(&exc_IndexError, "%s index out of range",
			       o->type == &str_type ? "string" : "index");
	if (o->type == &bytes_type)
		return int_new((unsigned char)str_data(o)[i]);
	from = str_offset(o, i);
	to = str_offset(o, i + 1);
	return str_new(str_data(o) + from, to - from);
}

static struct obj *str_iter(struct obj *o)
{
	return iter_new(o, 0, 1);
}

static struct obj *str_make(const struct type *t, const struct args *a)
{
	struct obj *v[1];

	(void)t;
	if (args_bind(a, "str", 0, 1, "object", v))
		return NULL;
	return v[0] ? obj_str(v[0]) : str_new("", 0);
}

static struct obj *bytes_make(const struct type *t, const struct args *a)
{
	struct obj *v[1];
	struct obj *b;
	int64_t n = 0;

	(void)t;
	if (args_bind(a, "bytes", 0, 1, "source", v))
		return NULL;
	if (v[0] && v[0]->type == &bytes_type)
		return newref(v[0]);
	if (v[0] && to_int_range(v[0], "count", 0, INT32_MAX, &n))
		return NULL;
	b = bytes_new(NULL, n);
	if (b)
		memset(as_str(b)->data, 0, (size_t)n);
	return b;
}

struct type str_type = {
	TYPE_HEAD("str"), .repr = str_repr,
	.str = str_str,   .truth = str_truth,
	.len = str_len,   .getitem = str_getitem,
	.iter = str_iter, .contains = str_contains,
	.make = str_make, .methods = str_methods,
};

struct type bytes_type = {
	TYPE_HEAD("bytes"),       .repr = bytes_repr,
	.truth = str_truth,       .len = bytes_len,
	.getitem = str_getitem,   .iter = str_iter,
	.contains = str_contains, .make = bytes_make,
	.methods = bytes_methods,
};
