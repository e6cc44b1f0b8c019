/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_TRUTH_H
#define GILWATCH_TEST_TRUTH_H

#include <stddef.h>
#include <stdint.h>

/* What the handoff workload counted itself; see workloads/handoff/report.h. */

#define TRUTH_LOCKS 2
#define TRUTH_THREADS 16

struct truth_lock {
	uint64_t address;
	uint64_t contended, handoffs, wait_ns;
	uint64_t stolen; /* TRUTH_UNKNOWN where the kind does not show it */
	uint64_t matrix[TRUTH_THREADS][TRUTH_THREADS]; /* [from][to] */
};

struct truth_thread {
	int tid, lock;
	uint64_t waits, wait_ns, wall_ns, cpu_ns;
};

struct truth {
	int pid;
	size_t locks, threads;
	struct truth_lock lock[TRUTH_LOCKS];
	struct truth_thread thread[TRUTH_THREADS];
};

#define TRUTH_UNKNOWN UINT64_MAX

/* Reads the report at path; fails the test where it is not as expected. */
void truth_read(struct truth *t, const char *path);

#endif
