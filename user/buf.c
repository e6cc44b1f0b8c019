// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

/* Room for n more bytes; false, and the error kept, where there is none. */
static bool buf_reserve(struct buf *b, size_t n)
{
	size_t need, cap;
	char *data;

	if (b->err)
		return false;
	if (__builtin_add_overflow(b->len, n, &need) || need > SIZE_MAX / 2) {
		b->err = -ENOMEM;
		return false;
	}
	if (need <= b->cap)
		return true;
	cap = b->cap ? b->cap : 256;
	while (cap < need)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data) {
		b->err = -ENOMEM;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *data, size_t n)
{
	if (!n || !buf_reserve(b, n))
		return;
	memcpy(b->data + b->len, data, n);
	b->len += n;
}

void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_fill(struct buf *b, char c, size_t n)
{
	if (!n || !buf_reserve(b, n))
		return;
	memset(b->data + b->len, c, n);
	b->len += n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list first, second;
	int n;

	va_start(first, fmt);
	va_copy(second, first);
	n = vsnprintf(NULL, 0, fmt, first);
	va_end(first);
	if (n < 0 && !b->err)
		b->err = -EINVAL;
	/* One more for the end that vsnprintf writes. */
	if (n > 0 && buf_reserve(b, (size_t)n + 1)) {
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, second);
		b->len += (size_t)n;
	}
	va_end(second);
}

int buf_error(const struct buf *b)
{
	return b->err;
}

int buf_write(const struct buf *b, FILE *f)
{
	if (b->err)
		return b->err;
	if (!b->len)
		return 0;
	errno = 0;
	if (fwrite(b->data, 1, b->len, f) != b->len || fflush(f))
		return errno ? -errno : -EIO;
	return 0;
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->err = 0;
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}
