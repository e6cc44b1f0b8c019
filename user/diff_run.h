/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_DIFF_RUN_H
#define GILWATCH_DIFF_RUN_H

#include "csv_read.h"
#include "diff_figure.h"

/*
 * One of the two runs that are compared: its figures, added up over the locks
 * or threads that have one name.
 */

#define DIFF_MSG 512

enum diff_file { DIFF_LOCKS_CSV, DIFF_THREADS_CSV, DIFF_HIST_CSV, DIFF_FILES };

/* Locks of one kind and name, or threads of one name. */
struct diff_item {
	enum diff_table table;
	const char *comm; /* of the process (locks), or of the thread */
	const char *kind; /* locks: "GIL", "mutex"; threads: "" */
	const char *name; /* locks, where they have one; else "" */
	const char *lock; /* its address, where both runs have it; else "" */
	size_t count;     /* so many locks or threads */
	/* By figure, then by window: 0 is the whole run, the others are
	 * intervals. NAN: not known. */
	double *value;
};

/* What a process was told at the end; only where a model is at hand. */
struct diff_verdict {
	char *comm;
	const char *name;
};

struct diff_run {
	const char *path;
	struct csv_table file[DIFF_FILES];
	double *seconds; /* of each window */
	size_t windows;  /* with the whole run */
	struct diff_item *item;
	size_t items;
	struct diff_verdict *verdict;
	size_t verdicts;
	bool judged; /* verdicts are known */
};

/*
 * Read the tables of a folder that --csv made, or play a record. Nothing is
 * worked out yet.
 *
 * Returns 0, or a negative errno with one line in msg: what gwr_open or a
 * replay says; a file is missing or is no CSV, its columns are not those of
 * this version, a value is no number.
 */
int diff_run_load(struct diff_run *r, const char *path, char msg[DIFF_MSG]);

/*
 * Work out the items. other: the run that it is compared with, loaded too: a
 * lock is told by its address only where both have it.
 *
 * Returns 0, or a negative errno with one line in msg.
 */
int diff_run_items(struct diff_run *r, const struct diff_run *other,
		   char msg[DIFF_MSG]);

/* A figure of an item in a window. */
static inline double diff_value(const struct diff_run *r,
				const struct diff_item *i, size_t figure,
				size_t window)
{
	return i->value[figure * r->windows + window];
}

/* Give everything back and zero it. */
void diff_run_free(struct diff_run *r);

#endif
