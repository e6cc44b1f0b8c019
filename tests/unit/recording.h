/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_RECORDING_H
#define GILWATCH_TEST_RECORDING_H

#include <stdint.h>

#include "gwr.h"
#include "replay.h"

/* Records that are made up: threads that pass locks round. */

#define RECORDING_THREADS 3
#define RECORDING_LOCKS 2

struct recording {
	uint64_t bits; /* of the random numbers; not 0 */
	uint64_t now;
	uint32_t step[RECORDING_THREADS];
};

/* About the record; its watching begins at recording_start_ns. */
struct gwr_info recording_info(void);
#define RECORDING_START_NS 1000000000ull

/* Tell a writer who the threads and locks are. Fails the test on an error. */
void recording_names(struct gwr_writer *w);

/* The next n events: waits, wakeups, time on CPUs, moves; each plausible after
 * those before it. */
void recording_events(struct recording *r, struct gw_event *out, size_t n);

/* A file of n events in blocks of so many. Fails the test on an error. */
void recording_write(const char *path, size_t n, size_t block);

/*
 * A file that keeps only the last part of n events, for which config has a
 * limit, and begins with a state. Fails the test where nothing was dropped.
 * Returns what has played all events.
 */
struct replay *recording_write_part(const struct gwr_config *config,
				    struct recording *made, size_t n,
				    size_t block);

#endif
