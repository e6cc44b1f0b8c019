/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TABLE_H
#define GILWATCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "text.h"

/* The most rows that can be asked for (-n). */
#define TABLE_ROWS_MAX 1000u

/*
 * A table for a terminal: cells first, then rendered into a width. Columns are
 * as wide as their content, two spaces apart; no line ends in spaces.
 */
struct table_column {
	const char *title;
	enum text_align align;
	/*
	 * 0: always there. Above: what goes first when the width is short is
	 * the highest number, and of equal ones the last.
	 */
	int priority;
	/* Widest content shown, in columns; longer is cut. 0: no limit. */
	size_t max;
	/*
	 * Shortened, down to TABLE_FLEX_MIN columns, when no column is left to
	 * drop. Names are; at most one column of a table is.
	 */
	bool flex;
};

/* Below this a shortened name tells nothing. */
#define TABLE_FLEX_MIN 4

struct table {
	const struct table_column *column;
	size_t columns;
	char **cell; /* row by row */
	size_t cells, cap;
	int err; /* 0 or the first negative errno; sticks */
};

/*
 * Start an empty table. The columns (at least one) stay the caller's and must
 * live as long as the table.
 */
void table_init(struct table *t, const struct table_column *column,
		size_t columns);

/*
 * Add the next cell, left to right, row by row. The text is copied; NULL means
 * "not known" and is shown as "-". Text from other programs has to go through
 * text_escape before.
 *
 * Errors stick until table_render.
 */
void table_add(struct table *t, const char *text);

/*
 * Add the table to `out`, header first, each line at most `width` terminal
 * columns (0: no limit). Where even the columns that must stay are too wide,
 * lines are cut.
 *
 * Returns 0; -ENOMEM from here or from an earlier table_add, then `out` is
 * as it was; -EINVAL where the last row is not complete.
 */
int table_render(const struct table *t, size_t width, struct buf *out);

/* Give everything back. */
void table_free(struct table *t);

#endif
