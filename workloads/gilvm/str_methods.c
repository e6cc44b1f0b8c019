// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Methods of str and bytes. Letter case is that of ASCII. */
#include <ctype.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "strs.h"
#include "values.h"

static struct obj *make_like(const struct obj *o, const char *s, int64_t len)
{
	return o->type == &bytes_type ? bytes_new(s, len) : str_new(s, len);
}

static int same_type(const struct obj *self, const struct obj *o)
{
	if (o->type == self->type)
		return 0;
	err_set(&exc_TypeError, "must be %s, not %s", self->type->name,
		o->type->name);
	return -1;
}

static struct obj *finish(const struct obj *self, struct textbuf *b)
{
	struct obj *o = make_like(self, b->s ? b->s : "", (int64_t)b->len);

	buf_free(b);
	return o;
}

static int join_add(struct textbuf *b, const struct obj *self, struct obj *item,
		    int64_t i)
{
	if (item->type != self->type) {
		err_set(&exc_TypeError,
			"sequence item %d: expected %s instance, %s found",
			(int)i, self->type->name, item->type->name);
		return -1;
	}
	if (i)
		buf_add(b, str_data(self), (size_t)as_str(self)->len);
	buf_add(b, str_data(item), (size_t)as_str(item)->len);
	return 0;
}

static struct obj *m_join(struct obj *self, struct obj **a)
{
	struct textbuf b = { 0 };
	struct obj *it = obj_iter(a[0]);
	struct obj *item;
	int err = 0;

	if (!it)
		return NULL;
	for (int64_t i = 0; !err && (item = obj_next(it)); i++) {
		err = join_add(&b, self, item, i);
		decref(item);
	}
	decref(it);
	if (!err_pending())
		return finish(self, &b);
	buf_free(&b);
	return NULL;
}

static int append_part(struct obj *list, const struct obj *self, const char *s,
		       int64_t len)
{
	struct obj *part = make_like(self, s, len);
	int err = part ? list_append(list, part) : -1;

	xdecref(part);
	return err;
}

static int split_space(struct obj *list, const struct obj *self)
{
	const char *s = str_data(self);
	const char *end = s + as_str(self)->len;

	for (;;) {
		const char *from;

		while (s < end && isspace((unsigned char)*s))
			s++;
		if (s == end)
			return 0;
		from = s;
		while (s < end && !isspace((unsigned char)*s))
			s++;
		if (append_part(list, self, from, s - from))
			return -1;
	}
}

static int split_by(struct obj *list, const struct obj *self,
		    const struct obj *sep, int64_t max)
{
	const char *s = str_data(self);
	const char *end = s + as_str(self)->len;
	size_t n = (size_t)as_str(sep)->len;

	while (max-- != 0) {
		const char *hit =
			memmem(s, (size_t)(end - s), str_data(sep), n);

		if (!hit)
			break;
		if (append_part(list, self, s, hit - s))
			return -1;
		s = hit + n;
	}
	return append_part(list, self, s, end - s);
}

static struct obj *m_split(struct obj *self, struct obj **a)
{
	struct obj *list;
	int64_t max = -1;
	int err;

	if (a[1] && to_int(a[1], &max))
		return NULL;
	if (a[0] && a[0] != &none_obj) {
		if (same_type(self, a[0]))
			return NULL;
		if (!as_str(a[0])->len)
			return err_set(&exc_ValueError, "empty separator");
		list = list_new(NULL, 0);
		err = split_by(list, self, a[0], max);
	} else {
		list = list_new(NULL, 0);
		err = split_space(list, self);
	}
	if (!err)
		return list;
	decref(list);
	return NULL;
}

static struct obj *map_bytes(struct obj *self, int (*f)(int))
{
	struct obj *o = make_like(self, str_data(self), as_str(self)->len);

	for (int64_t i = 0; o && i < as_str(o)->len; i++) {
		unsigned char c = (unsigned char)as_str(o)->data[i];

		if (c < 0x80)
			as_str(o)->data[i] = (char)f(c);
	}
	return o;
}

static struct obj *m_upper(struct obj *self, struct obj **a)
{
	(void)a;
	return map_bytes(self, toupper);
}

static struct obj *m_lower(struct obj *self, struct obj **a)
{
	(void)a;
	return map_bytes(self, tolower);
}

static bool strip_byte(char c, const struct obj *set)
{
	if (!set || set == &none_obj)
		return isspace((unsigned char)c);
	return memchr(str_data(set), c, (size_t)as_str(set)->len) != NULL;
}

static struct obj *strip(struct obj *self, struct obj *set, bool left,
			 bool right)
{
	const char *s = str_data(self);
	int64_t from = 0;
	int64_t to = as_str(self)->len;

	if (set && set != &none_obj && same_type(self, set))
		return NULL;
	while (left && from < to && strip_byte(s[from], set))
		from++;
	while (right && to > from && strip_byte(s[to - 1], set))
		to--;
	return make_like(self, s + from, to - from);
}

static struct obj *m_strip(struct obj *self, struct obj **a)
{
	return strip(self, a[0], true, true);
}

static struct obj *m_lstrip(struct obj *self, struct obj **a)
{
	return strip(self, a[0], true, false);
}

static struct obj *m_rstrip(struct obj *self, struct obj **a)
{
	return strip(self, a[0], false, true);
}

static struct obj *m_startswith(struct obj *self, struct obj **a)
{
	int64_t n;

	if (same_type(self, a[0]))
		return NULL;
	n = as_str(a[0])->len;
	return bool_ref(n <= as_str(self)->len &&
			!memcmp(str_data(self), str_data(a[0]), (size_t)n));
}

static struct obj *m_endswith(struct obj *self, struct obj **a)
{
	int64_t n, len = as_str(self)->len;

	if (same_type(self, a[0]))
		return NULL;
	n = as_str(a[0])->len;
	return bool_ref(n <= len && !memcmp(str_data(self) + len - n,
					    str_data(a[0]), (size_t)n));
}

static struct obj *m_find(struct obj *self, struct obj **a)
{
	const char *s = str_data(self);
	const char *hit;
	int64_t chars = 0;

	if (same_type(self, a[0]))
		return NULL;
	hit = memmem(s, (size_t)as_str(self)->len, str_data(a[0]),
		     (size_t)as_str(a[0])->len);
	if (!hit)
		return int_new(-1);
	if (self->type == &bytes_type || as_str(self)->ascii)
		return int_new(hit - s);
	for (; s < hit; s++)
		chars += ((unsigned char)*s & 0xc0) != 0x80;
	return int_new(chars);
}

static struct obj *m_count(struct obj *self, struct obj **a)
{
	const char *s = str_data(self);
	const char *end = s + as_str(self)->len;
	int64_t n = 0;
	size_t step;

	if (same_type(self, a[0]))
		return NULL;
	step = (size_t)as_str(a[0])->len;
	if (!step)
		return int_new(self->type->len(self) + 1);
	while ((s = memmem(s, (size_t)(end - s), str_data(a[0]), step))) {
		n++;
		s += step;
	}
	return int_new(n);
}

static struct obj *m_replace(struct obj *self, struct obj **a)
{
	struct textbuf b = { 0 };
	const char *s = str_data(self);
	const char *end = s + as_str(self)->len;
	const char *hit;
	size_t n;

	if (same_type(self, a[0]) || same_type(self, a[1]))
		return NULL;
	n = (size_t)as_str(a[0])->len;
	if (!n)
		return err_set(&exc_ValueError,
			       "replace() of an empty string is not supported");
	while ((hit = memmem(s, (size_t)(end - s), str_data(a[0]), n))) {
		buf_add(&b, s, (size_t)(hit - s));
		buf_add(&b, str_data(a[1]), (size_t)as_str(a[1])->len);
		s = hit + n;
	}
	buf_add(&b, s, (size_t)(end - s));
	return finish(self, &b);
}

static struct obj *pad(struct obj *self, struct obj **a, char align)
{
	char spec[32];
	int64_t width;

	if (to_int_range(a[0], "width", 0, 1000000, &width))
		return NULL;
	snprintf(spec, sizeof(spec), "%c%d", align, (int)width);
	return obj_format(self, spec, (int64_t)strlen(spec));
}

static struct obj *m_ljust(struct obj *self, struct obj **a)
{
	return pad(self, a, '<');
}

static struct obj *m_rjust(struct obj *self, struct obj **a)
{
	return pad(self, a, '>');
}

static struct obj *m_isdigit(struct obj *self, struct obj **a)
{
	const struct strobj *s = as_str(self);

	(void)a;
	for (int64_t i = 0; i < s->len; i++) {
		if (!isdigit((unsigned char)s->data[i]))
			return bool_ref(false);
	}
	return bool_ref(s->len > 0);
}

static struct obj *m_encode(struct obj *self, struct obj **a)
{
	(void)a;
	return bytes_new(str_data(self), as_str(self)->len);
}

/* Length of the UTF-8 sequence at s, of at most n bytes; 0: not valid. */
static int utf8_len(const unsigned char *s, int64_t n)
{
	int len = s[0] < 0x80   ? 1
		  : s[0] < 0xc2 ? 0
		  : s[0] < 0xe0 ? 2
		  : s[0] < 0xf0 ? 3
		  : s[0] < 0xf5 ? 4
				: 0;

	if (len > n)
		return 0;
	for (int i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

static struct obj *m_decode(struct obj *self, struct obj **a)
{
	const unsigned char *s = (const unsigned char *)str_data(self);
	int64_t n = as_str(self)->len;
	int step;

	(void)a;
	for (int64_t i = 0; i < n; i += step) {
		step = utf8_len(s + i, n - i);
		if (!step)
			return err_set(&exc_UnicodeDecodeError,
				       "'utf-8' codec can't decode byte 0x%02x "
				       "in position %d: invalid byte",
				       s[i], (int)i);
	}
	return str_new(str_data(self), n);
}

#define COMMON_METHODS                                                         \
	NATIVE("join", m_join, 1, 1, ""),                                      \
		NATIVE("split", m_split, 0, 2, "sep maxsplit"),                \
		NATIVE("upper", m_upper, 0, 0, ""),                            \
		NATIVE("lower", m_lower, 0, 0, ""),                            \
		NATIVE("strip", m_strip, 0, 1, ""),                            \
		NATIVE("lstrip", m_lstrip, 0, 1, ""),                          \
		NATIVE("rstrip", m_rstrip, 0, 1, ""),                          \
		NATIVE("startswith", m_startswith, 1, 1, ""),                  \
		NATIVE("endswith", m_endswith, 1, 1, ""),                      \
		NATIVE("find", m_find, 1, 1, ""),                              \
		NATIVE("count", m_count, 1, 1, ""),                            \
		NATIVE("isdigit", m_isdigit, 0, 0, ""),                        \
		NATIVE("replace", m_replace, 2, 2, "")

struct native str_methods[] = {
	COMMON_METHODS,
	NATIVE("ljust", m_ljust, 1, 1, ""),
	NATIVE("rjust", m_rjust, 1, 1, ""),
	NATIVE("encode", m_encode, 0, 1, "encoding"),
	NATIVE_END,
};

struct native bytes_methods[] = {
	COMMON_METHODS,
	NATIVE("decode", m_decode, 0, 1, "encoding"),
	NATIVE_END,
};
