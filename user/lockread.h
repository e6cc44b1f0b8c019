/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_LOCKREAD_H
#define GILWATCH_LOCKREAD_H

#include <stdint.h>

#include "snapshot.h"

/*
 * Reading the lock table, of which most is histograms: of these only the groups
 * of buckets are copied that have counts which the copy lacks. The kernel sets
 * a bit for each (gw_max.groups), the reader takes the bits away.
 */

/* What is remembered of a place from one reading to the next. Zeroed: nothing;
 * so it has to be when user space has changed the kernel's table. */
struct lockread {
	uint64_t id, waits;
	uint32_t image;
	uint32_t reading, since; /* the last one, and the first of this lock */
	uint32_t groups[GW_METRICS]; /* in which there ever were counts */
	uint32_t last[GW_METRICS];   /* in which the last reading found some */
};

/*
 * Read the records of all locks while the kernel goes on writing them.
 *
 * to:      count locks, each zeroed, or anything that was read into it before
 * from:    the kernel's table; the bits are taken away
 * r:       of each place in the table
 * reading: number of this reading of the table, from 1, one by one
 *
 * Each to->k then is as the kernel has it, but for max[].groups, which has the
 * bits of all readings.
 */
void lockread(struct snapshot_lock *to, struct gw_lock *from,
	      struct lockread *r, size_t count, uint32_t reading);

#endif
