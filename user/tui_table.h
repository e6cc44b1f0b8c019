/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TUI_TABLE_H
#define GILWATCH_TUI_TABLE_H

#include "column.h"

/*
 * Which columns of a table are on the screen and where. Widths depend on what a
 * column holds, not on the values of the moment, so that nothing jumps.
 */

#define PLAN_COLUMNS 48
#define PLAN_TITLE 32

struct plan_column {
	const struct column *column;
	size_t index; /* in the set */
	int left, width;
	char title[PLAN_TITLE];
};

struct plan {
	struct plan_column column[PLAN_COLUMNS];
	size_t count;
	int bar_left, bar;     /* a stacked bar; width 0: none */
	int spark_left, spark; /* a sparkline */
};

/* What is wanted. */
struct plan_wish {
	const struct column_set *set;
	int width;
	size_t sort;    /* this column is always there */
	bool processes; /* rows are of several processes: name them */
	bool bar, spark;
};

/* Spaces between columns. */
#define PLAN_GAP 2

/* Choose and place: what identifies a row, the column that sorts, then by
 * priority what fits; the bar and the sparkline get the rest. */
void plan_make(struct plan *p, const struct plan_wish *w);

#endif
