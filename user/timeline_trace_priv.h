/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TIMELINE_TRACE_PRIV_H
#define GILWATCH_TIMELINE_TRACE_PRIV_H

#include "timeline_trace.h"

/* Between timeline_trace.c, which writes threads and CPUs, and
 * timeline_counters.c, which writes counters. */

/* Track numbers: the kind above, the place in its table below. */
enum trace_track {
	TRACK_PROCESS = 1,
	TRACK_THREAD,
	TRACK_CPUS,
	TRACK_CPU,
	TRACK_WAITERS,
	TRACK_RATE,
	TRACK_LOST
};

static inline uint64_t trace_track(enum trace_track kind, uint64_t number)
{
	return (uint64_t)kind << 40 | (number + 1);
}

/* A moment on the trace's clock. */
static inline uint64_t trace_boot(const struct timeline *t, uint64_t ns)
{
	return ns + t->boot_ns;
}

/* Waiters and handoffs a second of the busiest locks. Returns 0 or -ENOMEM. */
int trace_counters(const struct timeline *t, struct pftrace *p);

#endif
