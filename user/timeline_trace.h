/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TIMELINE_TRACE_H
#define GILWATCH_TIMELINE_TRACE_H

#include "pftrace.h"
#include "timeline.h"

/*
 * A timeline as a Perfetto trace: a track a thread with slices of what it does,
 * an arrow for each handoff, a track a CPU, and for the busiest locks the
 * number of waiters and the handoffs a second.
 *
 * Returns 0, -ENOMEM, or what write returned.
 */
int timeline_trace(const struct timeline *t, pftrace_write_fn write, void *ctx);

/* Locks that have counters: those with most waits, and GILs first. */
#define TRACE_LOCKS_MAX 32

/* Handoffs a second are counted over this long. */
#define TRACE_RATE_NS 100000000ull

#endif
