/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_ACCURACY_H
#define GILWATCH_TEST_ACCURACY_H

#include <stdbool.h>
#include <stddef.h>

#include "compare.h"
#include "interps.h"

/*
 * What gilwatch says of an interpreter's lock, beside what is known otherwise:
 * a workload (tests/live/accuracy/) runs under an interpreter, gilwatch starts
 * and watches it from its first moment to its last.
 *
 * Handoffs: of CPython 3 with threads that only compute, the lock's own count
 * of switches, read from the process's memory; of gilvm, its own count of
 * contended handoffs. Wait time of each thread: of gilvm its own account; of
 * others, where the thread sleeps for nothing but the lock, the kernel's in
 * /proc (life, less CPU time, less waiting for a CPU). Response delay: what the
 * I/O thread measures itself.
 */

enum accuracy_workload {
	ACCURACY_CPU,   /* threads that compute */
	ACCURACY_SLEEP, /* beside them one that sleeps */
	ACCURACY_READ,  /* ... one that reads a file */
	ACCURACY_ECHO,  /* ... one that answers on a socket */
	ACCURACY_LOCKS, /* ... two with a lock, two with a queue */
	ACCURACY_TWO,   /* two processes, threads that compute in each */
	ACCURACY_WORKLOADS,
};

/* One run: under which interpreter, what, with how many threads that compute (in
 * each process), for how long, and how gilwatch looks (--probes). */
struct accuracy_case {
	const struct interps *i;
	enum accuracy_workload workload;
	unsigned int threads;
	double seconds;
	const char *probes;
};

/* A figure that cannot be compared. */
#define ACCURACY_NONE (-1.0)

struct accuracy_pair {
	double seen, truth; /* truth ACCURACY_NONE: there is none */
};

struct accuracy {
	char name[INTERP_NAME]; /* of the lock: "CPython 3.11 GIL" */
	bool recognised;        /* the lock and no other, in each process */
	struct accuracy_pair handoffs;
	struct accuracy_pair response; /* p50 in ns */
	struct accuracy_pair wait;     /* of the thread that is furthest off */
	size_t threads;                /* whose waits were compared */
	size_t late;                   /* answers that were late */
};

/* Measure once. Fails the test where a program fails. */
void accuracy_measure(struct accuracy *a, const struct accuracy_case *what);

/* (seen - truth) / truth in per cent; 0 where there is no truth. */
double accuracy_percent(const struct accuracy_pair *p);

/* Compare with the margins that are promised: 3 % for handoffs and waits, 5 %
 * for the response delay. */
void accuracy_judge(struct compare *c, const struct accuracy *a);

/* The workload's name, as the programs know it. */
const char *accuracy_name(enum accuracy_workload w);

#endif
