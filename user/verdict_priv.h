/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_VERDICT_PRIV_H
#define GILWATCH_VERDICT_PRIV_H

#include <stdbool.h>

#include "text.h"
#include "verdict.h"

/* Between verdict.c, which looks at a process as a whole, and verdict_locks.c,
 * which looks at its locks. */

/* What is looked at: one process, its rows, and the verdicts so far. */
struct look {
	const struct model *m;
	const struct model_process *p;
	const struct model_lock *lock;     /* the process's locks, p->locks */
	const struct model_thread *thread; /* its threads, p->threads */
	const struct model_lock *gil;      /* the most waited for, or NULL */
	struct verdict found[VERDICT_KINDS * 2];
	size_t n;
};

/* part is at least this share of whole, which is not 0. */
bool verdict_at_least(uint64_t part, uint64_t whole, uint64_t percent);

/* Begin a verdict; NULL when there are too many. */
struct verdict *verdict_say(struct look *k, enum verdict_kind kind,
			    uint64_t cost_ns);

/* Write one of its texts, as printf. */
void verdict_put(char text[VERDICT_TEXT], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "the GIL", or the lock's address and kind. */
const char *verdict_lock_name(char buf[64], const struct model_lock *l);

/* A thread's name, harmless; "?" where it has none. */
const char *verdict_thread_name(char buf[TEXT_COMM],
				const struct model_thread *t);

/* Waiters of these sleep until there is something to do: no contention. */
bool verdict_waits_for_work(const struct model_lock *l);

/* Verdicts on one lock. */
void verdict_lock(struct look *k, const struct model_lock *l);

/* Verdicts on a process in which nothing moves. */
void verdict_standstill(struct look *k);

#endif
