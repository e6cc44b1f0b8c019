/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TIMELINE_H
#define GILWATCH_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "gilwatch.h"

/*
 * What each thread did when: the whole of a run in memory, to be drawn. All
 * times are CLOCK_MONOTONIC in ns. Threads and locks are told by their place in
 * the tables here.
 */

#define TIMELINE_NONE UINT32_MAX

/* How a sleep on a lock ended: enum gw_result for a failed wakeup, or: */
enum timeline_result {
	TIMELINE_ACQUIRED = GW_RESULTS, /* it has the lock */
	TIMELINE_GIVEN_UP,
	TIMELINE_OPEN, /* not known: it lasts, or was cut off */
};

/* One run state; it lasts until the next one's start. */
struct timeline_span {
	uint64_t start_ns;
	uint32_t lock;  /* GW_LOCK_WAIT: of which lock; else TIMELINE_NONE */
	uint32_t other; /* who had the lock when the wakeup failed, or handed
			   it over; TIMELINE_NONE: not known */
	uint16_t cpu;   /* last CPU */
	uint8_t run;    /* enum gw_run */
	uint8_t result; /* GW_LOCK_WAIT: see above */
	uint8_t role;   /* GW_LOCK_WAIT: enum gw_role of the word */
};

/* From the first sleep to having the lock, or to the end of trying. */
struct timeline_wait {
	uint64_t start_ns, end_ns, release_ns; /* 0: no release was seen */
	uint32_t lock, from; /* from: who handed it over, or TIMELINE_NONE */
	bool acquired, inferred, cross;
};

struct timeline_hold {
	uint64_t since_ns, end_ns;
	uint32_t lock;
	bool estimated; /* ended by the next one's having it */
};

struct timeline_thread {
	uint32_t image;
	pid_t pid, tid;
	char comm[GW_COMM_LEN];
	bool has_gil; /* its process has one */
	uint64_t end_ns;
	struct timeline_span *span; /* in order; the first is its begin */
	struct timeline_wait *wait; /* in order of their ends */
	struct timeline_hold *hold; /* after timeline_close: in order, disjoint,
				       of the locks that are shown */
	size_t spans, waits, holds, spans_room, waits_room, holds_room;
};

struct timeline_lock {
	uint32_t image;
	pid_t pid;
	uint64_t id;
	enum gw_kind kind;
	char name[80]; /* "": none */
};

/* Events were lost: the picture around this moment is not all there. */
struct timeline_gap {
	uint64_t ns, count;
};

struct timeline {
	uint64_t start_ns, end_ns;
	uint64_t boot_ns;       /* CLOCK_BOOTTIME - CLOCK_MONOTONIC */
	uint64_t start_unix_ns; /* of start_ns */
	struct timeline_thread *thread;
	struct timeline_lock *lock;
	struct timeline_gap *gap;
	size_t threads, locks, gaps, threads_room, locks_room, gaps_room;
};

/* Add to the end of a table. Return the new element, zeroed, or NULL. */
struct timeline_thread *timeline_add_thread(struct timeline *t);
struct timeline_lock *timeline_add_lock(struct timeline *t);
struct timeline_span *timeline_add_span(struct timeline_thread *t);
struct timeline_wait *timeline_add_wait(struct timeline_thread *t);
struct timeline_hold *timeline_add_hold(struct timeline_thread *t);

/*
 * All is added: put holds in order, and only those of locks that are shown
 * (of a GIL where the process has one; else of mutexes), one at a time.
 */
void timeline_close(struct timeline *t);

/* Give everything back and zero it. */
void timeline_free(struct timeline *t);

/* ---- tiles --------------------------------------------------------------- */

/* What a thread does; holding and waiting are about the lock of its tile. */
enum tile_state {
	TILE_HOLDS,          /* runs, and has the lock */
	TILE_RUNS,           /* runs, and is not seen to have it */
	TILE_WAITS,          /* asleep on a lock */
	TILE_RUNNABLE,       /* wants a CPU */
	TILE_RUNNABLE_HOLDS, /* the same, and has the lock: nobody else can */
	TILE_SLEEPS,         /* asleep elsewhere */
	TILE_SLEEPS_HOLDS,   /* the same, and has the lock */
	TILE_STATES,
};

/* A piece of a thread's time. */
struct tile {
	uint64_t start_ns, end_ns;
	enum tile_state state;
	uint32_t lock;  /* that it holds or waits for, or TIMELINE_NONE */
	uint32_t other; /* as in struct timeline_span */
	uint16_t cpu;
	uint8_t result, role; /* TILE_WAITS: as in struct timeline_span */
};

/* A walk over the tiles of a thread, which cover its time without a gap. */
struct tiles {
	const struct timeline_thread *thread;
	size_t span, hold;
	uint64_t now_ns;
};

void tiles_begin(struct tiles *w, const struct timeline_thread *t);

/* The next tile, which is not empty; false at the end. */
bool tiles_next(struct tiles *w, struct tile *out);

/* "holds", "waits for" ... with the name of the lock: "holds GIL", "runs
 * without GIL", "runnable". buf: for TIMELINE_TEXT bytes. */
#define TIMELINE_TEXT 160
const char *tile_text(char buf[TIMELINE_TEXT], const struct timeline *t,
		      const struct timeline_thread *of,
		      const struct tile *tile);

/* What a lock is called in its process: "GIL", where it has several the name,
 * "mutex 0x7f...". */
const char *timeline_lock_text(char buf[TIMELINE_TEXT],
			       const struct timeline *t, uint32_t lock);

/* "acquired", "stolen" ... of a result above. */
const char *timeline_result_name(unsigned int result);

#endif
