/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_ROWS_H
#define GILWATCH_ROWS_H

#include "model.h"

/* The two snapshots that a model is made from. */
struct rows_pair {
	const struct snapshot *before; /* NULL: since the start */
	const struct snapshot *now;
};

/* A distribution at both ends of the window; before: NULL, all is new. */
struct rows_ends {
	const struct hist *now, *before;
	const struct hist_upper *upper, *upper_before; /* NULL: unknown */
	const struct gw_max *max, *max_before;
	uint32_t groups; /* of buckets that can differ */
};

/*
 * Put what is new of a distribution at the end of the model's buckets.
 *
 * d:     gets count, percentiles and maximum
 * first: gets where its buckets begin and end
 *
 * Returns 0 or -ENOMEM.
 */
int rows_dist(struct model *m, struct model_dist *d, uint32_t first[2],
	      const struct rows_ends *e, const struct rows_pair *p);

/*
 * The largest value of the window, in ns.
 *
 * before: NULL for what is new in the window
 * b:      its buckets; NULL where there is no histogram: MODEL_UNKNOWN then
 *         where the maxima do not tell
 */
uint64_t rows_largest(const struct gw_max *max, const struct gw_max *before,
		      const struct model_buckets *b, const struct rows_pair *p);

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
