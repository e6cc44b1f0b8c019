/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_DIFF_RUN_PRIV_H
#define GILWATCH_DIFF_RUN_PRIV_H

#include "diff_run.h"
#include "strindex.h"

/* Between diff_load.c, which reads the tables, diff_run.c, which adds them up,
 * and diff_hist.c, which works out percentiles. */

/* What every table begins with, and where the columns of its own begin. */
enum { CSV_SCOPE, CSV_START, CSV_END, CSV_OWN };

/* The same in locks.csv, threads.csv and histograms.csv. */
enum { LOCK_PID = CSV_OWN, LOCK_COMM, LOCK_ID, LOCK_KIND, LOCK_NAME };
enum { THREAD_PID = CSV_OWN, THREAD_TID, THREAD_COMM };
enum {
	HIST_PID = CSV_OWN,
	HIST_LOCK,
	HIST_TID,
	HIST_METRIC,
	HIST_LOW,
	HIST_HIGH,
	HIST_COUNT
};

/* What is needed while a run is worked out. */
struct diff_sum {
	struct diff_run *run;
	const struct diff_figure *figure;
	size_t figures;
	struct strindex windows; /* by start and end; the whole run is apart */
	struct strindex items;
	struct strindex handles; /* table, process and lock or thread */
	size_t *item_of;         /* item of each handle */
	size_t item_room, item_of_room;
	char *msg;
};

/* The columns of a file. */
const struct column_set *diff_file_set(enum diff_file file);

/* Load a record instead of a folder; the same results as diff_run_load. */
int diff_run_record(struct diff_run *r, const char *path, char msg[DIFF_MSG]);

/* "FOLDER/TABLE.csv: what" in msg; returns -EINVAL. */
int diff_wrong(const struct diff_run *r, enum diff_file file, char *msg,
	       const char *what);

/* A cell that is a whole number, or empty: NAN. -EINVAL: it is neither. */
int diff_number(const struct diff_sum *s, enum diff_file file, size_t row,
		size_t column, double *value);

/* Find all windows and how long they are. */
int diff_windows(struct diff_sum *s);

/* The window of a row: 0 is the whole run. STRINDEX_NONE: none. */
size_t diff_window(const struct diff_sum *s, const struct csv_table *t,
		   size_t row);

/* The item that the row's pid and id (of a lock or a thread) belong to. */
size_t diff_item_of(const struct diff_sum *s, enum diff_table table,
		    const char *pid, const char *id);

/* Percentiles, when all else is known. */
int diff_quantiles(struct diff_sum *s);

#endif
