/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_CSV_READ_H
#define GILWATCH_CSV_READ_H

#include <stddef.h>

/*
 * A CSV table as RFC 4180 has it: a header, then rows with as many fields. A
 * line may end in LF or CRLF, and the last one without. The text may come from
 * anywhere; nothing is believed about it.
 */
struct csv_table {
	size_t columns, rows; /* rows without the header */
	char **cell;          /* header first, row by row */
	char *text;           /* what the cells point into */
};

/* Room for any message of csv_parse. */
#define CSV_READ_MSG 128

/*
 * Read a table from len bytes of text, which are copied.
 *
 * Returns 0; -EINVAL, with the line and what is wrong in msg: a byte 0, a quote
 * out of place or not closed, a row longer or shorter than the header, no
 * header; or -ENOMEM. After an error t is empty.
 */
int csv_parse(struct csv_table *t, const char *text, size_t len,
	      char msg[CSV_READ_MSG]);

/* A cell; row and column count from 0, the header is not among the rows. */
static inline const char *csv_at(const struct csv_table *t, size_t row,
				 size_t column)
{
	return t->cell[(row + 1) * t->columns + column];
}

/* Give everything back and zero it. */
void csv_table_free(struct csv_table *t);

#endif
