/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_CONVOY_H
#define GILWATCH_TEST_CONVOY_H

#include "gwr.h"
#include "replay.h"

/*
 * The events of a convoy as gilwatch would record them: two threads that
 * compute give a GIL to each other, and one that answers waits for it after
 * each sleep. Always the same.
 */

#define CONVOY_START 1000000000ull /* ns */
#define CONVOY_TURN 6000000ull     /* one computing thread's turn */
#define CONVOY_PID 4000
#define CONVOY_LOCK 0x7f0000001000ull

/* Serials; the tid is CONVOY_PID + serial - 1. */
enum { CONVOY_MAIN = 1, CONVOY_CPU0, CONVOY_CPU1, CONVOY_IO, CONVOY_THREADS };

struct convoy_counts {
	uint64_t turns, handoffs, stolen, timeouts;
};

/* Names that are used, by serial; "" for what is usual. Up to 15 bytes. */
extern const char *convoy_name[CONVOY_THREADS];

/* What the record says of itself. */
struct gwr_info convoy_info(void);

/* Tell a replay who is who, then play so many turns. Returns what happened. */
struct convoy_counts convoy_play(struct replay *r, unsigned int turns);

/* The same as a record in this file. */
struct convoy_counts convoy_write(const char *path, unsigned int turns);

/* The moment of the end of so many turns. */
uint64_t convoy_end(unsigned int turns);

#endif
