/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_CSV_H
#define GILWATCH_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/*
 * CSV rows (RFC 4180, but "\n" ends a line). The writer owns separators and
 * quoting; a caller names the values in order. Errors stick in the buffer.
 * A zeroed struct is ready.
 */
struct csv {
	struct buf out;
	size_t fields; /* in the row so far */
	bool all;      /* of tables: columns beyond the usual ones too */
};

/* An unsigned number in plain digits; UINT64_MAX (not known) is empty. */
void csv_u64(struct csv *c, uint64_t v);

/* An address, 0x and lower-case hex. */
void csv_hex(struct csv *c, uint64_t v);

/*
 * A point in time: ns since the Unix epoch, written in seconds with six
 * decimals, rounded down.
 */
void csv_time(struct csv *c, uint64_t unix_ns);

/* Text as it is, quoted where it must be; NULL (not known) is empty. */
void csv_str(struct csv *c, const char *s);

/* Longest name that csv_name takes whole, in bytes. */
#define CSV_NAME_MAX 256

/*
 * A name from another program: n bytes (at most CSV_NAME_MAX, the rest is left
 * out) through text_escape, then as csv_str.
 */
void csv_name(struct csv *c, const void *bytes, size_t n);

/* A value that is not known. */
void csv_empty(struct csv *c);

/* End the row. */
void csv_end_row(struct csv *c);

#endif
