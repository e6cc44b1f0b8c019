/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Thread objects of the program, and the threads that run them. */
#ifndef GILVM_THREADS_H
#define GILVM_THREADS_H

#include "sync.h"
#include "thread.h"

struct threadobj {
	struct obj base;
	struct threadobj *next; /* on the list of threads that run */
	struct obj *target;     /* callable or None */
	struct obj *args;       /* tuple */
	struct obj *name;
	bool daemon, started, done;
	uint32_t tid;
	pthread_t pthread;
	struct waitq finished;
	sem_t running;
	struct tstate *ts;
};

extern struct type thread_type;

/* The object of the main thread, and its entry in the statistics. */
void threads_init(struct gil_stats *stats);

/* Collect statistics for new threads from now on. */
void threads_want_stats(void);

/* A new thread object that is not started. */
struct threadobj *thread_new(struct obj *target, struct obj *args);

/* Start t; -1 with an exception. */
int thread_start(struct threadobj *t);

/* Wait for the end of t. 1, 0 when time is up, -1: a signal handler raised. */
int thread_join(struct threadobj *t, int64_t timeout_ns);

/* Name for the kernel: the first 15 bytes. */
void thread_set_name(struct threadobj *t);

/* All that run, the newest first; GIL held. */
struct threadobj *threads_first(void);

/* At the end of the program: wait for all threads but daemons. */
void threads_wait_all(void);

/* In a forked child: the calling thread is the only one, and the main one. */
void threads_after_fork(void);

#endif
