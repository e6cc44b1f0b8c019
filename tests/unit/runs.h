/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_RUNS_H
#define GILWATCH_TEST_RUNS_H

#include <stddef.h>

/*
 * CSV folders made by hand, with the writer's own headers: a lock and a thread,
 * and what a test adds.
 */

#define RUNS_MS 1000000ull /* ns */

/* Start a run in a new folder; the whole run is from second 100 to 110. */
void runs_begin(const char *folder);

/* A window of a second, the nth interval; the whole run is NULL's: 0. */
void runs_window(unsigned int interval);

/* A row in the present window. lock "0x10", kind "GIL", name "" */
void runs_lock(const char *comm, const char *lock, const char *kind,
	       const char *name, unsigned long handoffs, unsigned long wait_ns);

/* A row of a thread that has run and slept so long. */
void runs_thread(const char *comm, unsigned int tid, unsigned long running_ns,
		 unsigned long sleeping_ns);

/* Samples of a lock's waits in the bucket of `ns`. */
void runs_wait(const char *lock, unsigned long ns, unsigned long count);

/* Write the files. */
void runs_end(void);

/* A run with one GIL and one thread, n intervals, and rate(i) handoffs in the
 * ith of them. */
void runs_simple(const char *folder, unsigned int n,
		 unsigned long (*rate)(unsigned int i));

#endif
