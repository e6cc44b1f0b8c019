/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_REFUSE_H
#define GILWATCH_TEST_REFUSE_H

#include <stdint.h>

#include "live.h"

/* System calls that are refused to a child, by a seccomp filter. */

/* For live_start: refuses this system call (an int) with EPERM. */
int refuse_call(void *number);

/*
 * Refuses perf_event_open for one tracepoint: looks at each call of the program
 * and lets all others through. The program may not be asked for anything
 * meanwhile but to run.
 */
struct refuse_tracepoint {
	uint64_t id;      /* of the tracepoint */
	int channel[2];   /* a pair of sockets, from refuse_tracepoint_begin */
	unsigned int n;   /* calls that were refused */
	unsigned int all; /* that were made */
};

void refuse_tracepoint_begin(struct refuse_tracepoint *r, uint64_t id);

/* For live_start, with the struct as its context. */
int refuse_tracepoint_setup(void *ctx);

/* Decides until the program has ended. */
void refuse_tracepoint_run(struct refuse_tracepoint *r, struct live *l);

#endif
