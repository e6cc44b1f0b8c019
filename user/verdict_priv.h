/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_VERDICT_PRIV_H
#define GILWATCH_VERDICT_PRIV_H

#include <stdbool.h>

#include "stuck.h"
#include "text.h"
#include "verdict.h"

/* verdict.c looks at a process as a whole, verdict_locks.c at its locks,
 * verdict_say.c has what both are made with. */

/* The locks that were waited for most are looked at; each can have up to
 * LOCK_VERDICTS, and the process as a whole up to PROCESS_VERDICTS. */
#define LOCKS_JUDGED VERDICTS_MAX
#define LOCK_VERDICTS 4
#define PROCESS_VERDICTS 6
#define VERDICTS_FOUND (LOCKS_JUDGED * LOCK_VERDICTS + PROCESS_VERDICTS)

/* Room for a lock's name in a sentence. */
#define LOCK_NAME 96

/* What is looked at: one process, its rows, and the verdicts so far. */
struct look {
	const struct model *m;
	const struct model_process *p;
	const struct model_lock *lock;     /* the process's locks, p->locks */
	const struct model_thread *thread; /* its threads, p->threads */
	const struct model_lock *gil;      /* the most waited for, or NULL */
	struct stuck_link cycle[STUCK_CYCLE_MAX]; /* of a deadlock */
	size_t ncycle;
	struct verdict found[VERDICTS_FOUND];
	size_t n;
};

/* part is at least this share, in per cent, of whole, which is not 0. */
bool verdict_at_least(uint64_t part, uint64_t whole, uint64_t percent);

/* a * b, UINT64_MAX at most. */
uint64_t verdict_times(uint64_t a, uint64_t b);

/* Begin a verdict. Its texts are empty; there is always room for it. */
struct verdict *verdict_say(struct look *k, enum verdict_kind kind,
			    uint64_t cost_ns);

/* Write one of its texts, as printf. */
void verdict_put(char text[VERDICT_TEXT], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "the GIL", "the CPython 3.11 GIL", or the lock's address and its name or
 * kind. */
const char *verdict_lock_name(char buf[LOCK_NAME], const struct model_lock *l);

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
