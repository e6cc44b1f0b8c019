/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_ROWS_H
#define GILWATCH_ROWS_H

#include "model.h"

/* The two snapshots that a model is made from. */
struct rows_pair {
	const struct snapshot *before; /* NULL: since the start */
	const struct snapshot *now;
};

/*
 * Make the rows of one table, in the order of the snapshot, without those in
 * which nothing happened. Each row by itself: process, names of other rows'
 * threads and sums over other tables are left to model_new.
 *
 * Return 0 or -ENOMEM.
 */
int rows_locks(struct model *m, const struct rows_pair *p);
int rows_threads(struct model *m, const struct rows_pair *p);
int rows_handoffs(struct model *m, const struct rows_pair *p);
int rows_migrations(struct model *m, const struct rows_pair *p);

/*
 * The process with this image, or NULL. Only while the processes are in order
 * of image, which rows_group ends.
 */
struct model_process *rows_process(const struct model *m, uint32_t image);

/*
 * Put the processes in order, most waiting first, and every table by process;
 * rows of no process go. Returns 0 or -ENOMEM.
 */
int rows_group(struct model *m);

#endif
