/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TIMELINE_BUILD_PRIV_H
#define GILWATCH_TIMELINE_BUILD_PRIV_H

#include "timeline_build.h"

/* Between timeline_build.c, which listens to events, and timeline_end.c, which
 * adds what is open and who is who. */

/* A wakeup that failed, and nobody has yet been seen to have the lock. */
struct failed {
	uint32_t thread, span;
};

struct of_lock {
	struct failed *failed;
	size_t n, room;
};

struct timeline_builder {
	struct timeline t;
	uint64_t from_ns, to_ns;
	/* By serial, as t.thread is: the last sleep on a lock, or
	 * TIMELINE_NONE.
	 */
	uint32_t *sleep;
	struct of_lock *lock; /* by index, as t.lock is */
	size_t threads, threads_room, locks, locks_room;
	/* The thread of an event before it is played. */
	struct gw_thread before;
	bool was_begun;
	int err;
};

/* The thread with this serial, the lock with this index, made when missing.
 * NULL: no memory, and b->err is set. */
struct timeline_thread *builder_thread(struct timeline_builder *b,
				       uint32_t serial);
struct of_lock *builder_lock(struct timeline_builder *b, uint32_t index);

/* A moment, or the end of what is wanted that is nearer. */
uint64_t builder_within(const struct timeline_builder *b, uint64_t ns);

/* Add a state of a thread from start to end, or a hold. */
void builder_span(struct timeline_builder *b, uint32_t serial,
		  const struct gw_thread *t, enum gw_run run, uint64_t start,
		  uint64_t end);
void builder_hold(struct timeline_builder *b, uint32_t thread, uint32_t lock,
		  uint64_t since, uint64_t end, bool estimated);

#endif
