/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The transition function: what each event does to a thread, its episodes and
 * the locks. It compiles into the BPF programs, into the unit tests and into
 * user space, so that what the tests prove is what runs in the kernel.
 *
 * Pure: structs in, structs out, no BPF helper, no libc. The includer brings
 * the two look-ups of track_base.h and, where counters are shared between CPUs,
 * its own TRACK_ADD and TRACK_SWAP.
 *
 * A return from FUTEX_WAIT does not tell whether the thread got the lock.
 * An episode therefore goes
 *
 *	IDLE -> WAITING -> TENTATIVE -> WAITING (failed) | IDLE (committed)
 *
 * and these hold at all times:
 *  - A TENTATIVE episode ends, dated back to its return, by the first of: the
 *    thread's own FUTEX_WAKE on a WAIT or SWITCH word of the lock; a wait on a
 *    SWITCH word of it; a sleep outside any futex call; TRACK_COMMIT_NS on a
 *    CPU.
 *  - A new FUTEX_WAIT on the lock before any of those makes it WAITING again:
 *    the wakeup failed, the episode goes on.
 *  - A wait for another lock proves nothing about this one (a condition
 *    variable's waiter has to take its mutex again). A thread therefore has
 *    two episodes, and only a third lock ends the older one.
 *  - A recorder lets one CPU at a time change locks. A thread that leaves its
 *    CPU cannot wait for that: what is decided then is DUE, and ended by the
 *    thread's next event that may.
 *  - A thread can lose its CPU between its return and the lock. When somebody
 *    else had the lock meanwhile, it got it from that one, not before it was
 *    back on a CPU; it did not go to sleep again only because it saw nothing.
 *  - After a signal only a FUTEX_WAKE proves possession. Else the episode was
 *    given up: its time counts as waited, nothing as acquired.
 */
#ifndef GILWATCH_TRACK_H
#define GILWATCH_TRACK_H

#include "track_base.h"
#include "track_episode.h"
#include "track_futex.h"
#include "track_sched.h"

#endif /* GILWATCH_TRACK_H */
