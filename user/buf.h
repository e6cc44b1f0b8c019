/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_BUF_H
#define GILWATCH_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * A growing byte buffer. Output is built here and leaves in one write, so that
 * a block on the terminal or a row in a file is never seen half-made.
 *
 * Errors stick: after the first failure every call does nothing, and buf_error
 * tells what it was. A caller adds a whole table and asks once.
 * A zeroed struct is an empty buffer.
 */
struct buf {
	char *data; /* not terminated; NULL while empty */
	size_t len;
	size_t cap;
	int err; /* 0 or the first negative errno */
};

/* Add n bytes of data. */
void buf_add(struct buf *b, const void *data, size_t n);

/* Add the string s without its end. */
void buf_str(struct buf *b, const char *s);

/* Add the character c n times. */
void buf_fill(struct buf *b, char c, size_t n);

/* Add text formatted as by printf. */
void buf_printf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * 0, or the negative errno of the first failure: -ENOMEM, or -EINVAL for a
 * format that vsnprintf refused.
 */
int buf_error(const struct buf *b);

/*
 * Write everything to f with one fwrite and flush it.
 *
 * Returns 0, the buffer's own error, or the negative errno of the write
 * (-EPIPE where the reader is gone and SIGPIPE is ignored).
 */
int buf_write(const struct buf *b, FILE *f);

/* Forget the content and the error, keep the memory. */
void buf_reset(struct buf *b);

/* Give the memory back; the buffer is empty and usable again. */
void buf_free(struct buf *b);

#endif
