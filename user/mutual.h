/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_MUTUAL_H
#define GILWATCH_MUTUAL_H

#include "model.h"

/*
 * Semaphores that are used as locks. Who takes a lock gives it back: of each
 * thread, what it gets and what it hands on are about as much. Work goes one
 * way, from those who make it to those who wait for it.
 */

/* Of the handoffs, those that a thread has got and has handed on again, in per
 * cent. A lock that is always waited for has 100, a queue 0. */
#define MUTUAL_PERCENT 50

/* Fewer handoffs say nothing. */
#define MUTUAL_MIN 10

/*
 * Set `mutual` of each semaphore that looks like a lock. The handoffs must be
 * in order of their lock.
 *
 * Returns 0 or -ENOMEM.
 */
int mutual_mark(struct model *m);

#endif
