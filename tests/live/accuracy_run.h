/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_ACCURACY_RUN_H
#define GILWATCH_TEST_ACCURACY_RUN_H

#include "accuracy.h"
#include "csvtable.h"
#include "live.h"
#include "mem.h"

/* One measurement of accuracy.h as it runs: the programs, gilwatch, and what
 * can be read of them meanwhile. */

#define ACCURACY_PROCESSES 2

/* A program waits BEFORE_NS until it begins; SETTLE_NS after its start all of
 * its threads compute. */
#define ACCURACY_BEFORE_NS 300e6
#define ACCURACY_SETTLE_NS 500e6

#define ACCURACY_SAMPLES 8192

/* Of the lock's own count of switches, at a moment. */
struct accuracy_sample {
	double at_ns; /* Unix time */
	uint64_t count;
};

struct accuracy_process {
	pid_t pid;
	uint64_t gil;
	uint64_t count_at; /* where that count is; 0: it has none */
	struct mem_process memory;
	struct accuracy_sample sample[ACCURACY_SAMPLES];
	size_t samples;
};

/* One measurement. */
struct accuracy_run {
	const struct interps *i;
	enum accuracy_workload workload;
	unsigned int count; /* of threads that compute */
	double seconds;
	const char *probes; /* of gilwatch */
	const char *folder;
	struct live *live;
	char name[INTERP_NAME]; /* of the lock */
	double begin_ns;        /* when the workload began, Unix time */
	char *out;              /* what it said */
	struct csvtable locks, threads;
	int processes;
	struct accuracy_process process[ACCURACY_PROCESSES];
};

/* Run the workload from its begin to its end, gilwatch beside it: fills name,
 * begin_ns, out and the processes. Fails the test where a program fails. */
void accuracy_run(struct accuracy_run *r);

#endif
