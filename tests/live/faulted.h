/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_FAULTED_H
#define GILWATCH_TEST_FAULTED_H

#include <stdint.h>

#include "live.h"

/* A process that waits for a lock so many times for each order that it gets,
 * while something happens to it or to gilwatch. */

/* Waits in each step of the target. */
#define STEP 500

/* Of the target. */
#define NAME "gw-target"

/* The target does one step for each byte that it reads, and answers each. */
struct target {
	int order[2], answer[2];
	struct live *live, *watch;
	const char *csv;
	uint64_t waits; /* ordered so far */
};

/* Start it, and gilwatch beside it with -p. */
void target_begin(struct target *t);

/* option: -p, or -c for a watching that does not end with the process. */
void target_begin_watched(struct target *t, const char *option);

/* Order a step: '.' by its first thread, 't' by a new one, 'u' as another user,
 * 'd' as a daemon. */
void target_order(struct target *t, char what);

/* Wait until it is done. */
void target_await(struct target *t);

/* Both. */
void target_step(struct target *t, char what);

/* Fail unless each wait that was ordered has been counted. */
void target_check(struct target *t, const char *what);

/* Let both end, and check. */
void target_end(struct target *t, const char *what);

#endif
