/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The threads of the handoff workload and what they count.
 */
#ifndef HANDOFF_RUN_H
#define HANDOFF_RUN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lock.h"
#include "options.h"

#define NAME_LEN 16
#define LOCKS_MAX 2

struct run;

/* One thread; written by itself only. */
struct thread {
	struct run *run;
	struct lock *lock;
	uint32_t rivals; /* other threads that want the lock */
	pthread_t handle;
	int index;
	pid_t tid;
	char name[NAME_LEN];

	uint64_t waits;   /* contended acquisitions */
	uint64_t wait_ns; /* from the first wait to having the lock */
	uint64_t failed[FAILURES];
	uint64_t *from; /* handoffs to this thread, by the giver's index */
	uint64_t created_ns;
	uint64_t wall_ns; /* from its creation, before it ran, to its end */
	uint64_t cpu_ns;
};

struct run {
	struct options options;
	_Alignas(64) _Atomic uint32_t words[LOCKS_MAX];
	struct lock locks[LOCKS_MAX];
	int nlocks;
	struct thread *threads;
	uint64_t start_ns; /* when the passing begins */
	_Atomic int passes;
	_Atomic bool stop;
};

/*
 * Runs what @options ask for to its end and leaves the counts in @run. Returns
 * 0 or a negative errno, after one line on stderr. SIGINT and SIGTERM end the
 * run early, with its counts.
 */
int run_all(struct run *run, const struct options *options);

/* Gives back what run_all() has allocated. */
void run_free(struct run *run);

#endif
