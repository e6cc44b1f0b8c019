/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_RETIRE_H
#define GILWATCH_RETIRE_H

#include "past.h"
#include "tables.h"

/*
 * Keeps tables and memory bounded, however many threads, locks and processes
 * come and go: what has ended, or is idle while a table fills up, becomes part
 * of a sum (see fold.h) and its entry is given back to the kernel side.
 */

/* Ended threads and processes that keep records of their own: the most active;
 * up to twice as many before the others are folded. */
#define RETIRE_THREADS_KEPT 256u
#define RETIRE_IMAGES_KEPT 64u

/* A lock can be retired when nobody has touched it for so long. */
#define RETIRE_IDLE_NS 20000000ull

/* Snapshots that are still compared with. */
#define RETIRE_SNAPSHOTS 4

struct retire {
	struct tables *tables;
	struct past *past;
	struct snapshot *kept[RETIRE_SNAPSHOTS];
	size_t nkept;
	void (*gone)(void *ctx, uint32_t image); /* of images; or NULL */
	void *ctx;
	uint64_t locks, edges, threads, images; /* folded so far */
};

/*
 * Fold what need not be kept, if there is more of anything than there should
 * be. Nothing of the past may be read meanwhile.
 *
 * window: the number of the present window
 * now_ns: CLOCK_MONOTONIC
 *
 * Returns 0 or a negative errno.
 */
int retire_run(struct retire *r, uint32_t window, uint64_t now_ns);

/* Threads that have ended are so many that they should be folded soon. */
bool retire_is_due(const struct retire *r);

#endif
