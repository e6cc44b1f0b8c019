/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_STUCK_H
#define GILWATCH_STUCK_H

#include <stdint.h>

#include "model.h"
#include "snapshot.h"

/*
 * Locks that nothing moves any more. With known holders a cycle among them is a
 * deadlock; without, threads that wait while nothing runs are idle or stuck,
 * which the kernel cannot tell apart.
 */

/* Nobody has touched the locks, and no thread has run, for so long, where
 * --stuck (the model's stuck_ns) does not say otherwise. */
#define STUCK_NS 2000000000ull

/* Owners are read of locks that a thread has waited on for so long. */
#define STUCK_OWNER_NS 10000000ull

/* Threads of a cycle that are followed. */
#define STUCK_CYCLE_MAX 16

/* How long that is, in ns: stuck_ns, or where it is 0 the usual time. */
uint64_t stuck_long(uint64_t stuck_ns);

/* A thread of a deadlock: it waits for a lock that the next one has. */
struct stuck_link {
	const struct model_thread *thread;
	const struct model_lock *lock;
};

/*
 * Find a deadlock among a process's threads.
 *
 * cycle: gets the links in order; each thread's lock is held by the next one,
 *        the last one's by the first
 *
 * Returns how many links; 0: none. Only waits of stuck_ns and more count.
 */
size_t stuck_cycle(const struct model *m, const struct model_process *p,
		   struct stuck_link cycle[STUCK_CYCLE_MAX]);

/*
 * Count the threads that wait for locks while no thread of the process has run,
 * and nobody has touched the locks, for stuck_ns. pthread_join does not count.
 *
 * wait_ns: gets the longest of these waits
 */
size_t stuck_waiting(const struct model *m, const struct model_process *p,
		     uint64_t *wait_ns);

/*
 * Read who has the locks that threads have waited on for long, where their
 * mutexes tell (owner.h), into a snapshot. Of a pthread_join that is the thread
 * whose end is waited for.
 */
void stuck_owners(struct snapshot *s);

#endif
