/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_DIFF_FIGURE_H
#define GILWATCH_DIFF_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "column.h"

/*
 * What can be compared between two runs. Figures follow from the columns of the
 * CSV tables: counts and summed times become rates because runs differ in
 * length, times of threads become shares of their time, percentiles and largest
 * values stay what they are.
 */

enum diff_table {
	DIFF_LOCKS,
	DIFF_THREADS,
	DIFF_TABLES,
};

enum diff_how {
	DIFF_RATE,     /* sum, a second */
	DIFF_SHARE,    /* sum, of the thread's time */
	DIFF_MAX,      /* largest */
	DIFF_QUANTILE, /* of the samples of all rows, by histograms.csv */
};

struct diff_figure {
	char name[40]; /* handoffs_per_s, wait_ns_p99, running_share */
	enum diff_table table;
	enum diff_how how;
	bool ns;               /* the value is in ns (a rate: ns a second) */
	size_t column;         /* in the CSV file, after scope,start_s,end_s */
	enum gw_metric metric; /* DIFF_QUANTILE and DIFF_MAX of ns: of what */
	double share;          /* DIFF_QUANTILE: 0.5, 0.99 */
	const char *help;      /* of the column */
};

#define DIFF_FIGURES_MAX 64

/* All figures, those of locks first. Returns how many are in *all. */
size_t diff_figures(const struct diff_figure **all);

/* The columns of a table, and its name. */
const struct column_set *diff_columns(enum diff_table table);

#endif
