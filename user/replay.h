/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_REPLAY_H
#define GILWATCH_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gilwatch.h"
#include "gwr.h"
#include "snapshot.h"

/*
 * Plays the events of a record to bpf/track.h, the code that counted them when
 * they happened, and has the threads and locks as they were after each.
 */
struct replay;

/* A thread and its names, as far as the record has them by now. */
struct replay_thread {
	struct gw_live live; /* now_ns is not used */
	bool known;          /* the record told who it is */
	bool begun;          /* the watching of it has begun by now */
	bool ended;
};

/* A lock, counted, and what was recognised of it. */
struct replay_lock {
	struct gw_lock k;
	struct gwr_lock info;
};

/* A wait has ended with having the lock, or without it. All times are those at
 * which it happened, not those at which it was known. */
struct replay_wait {
	uint32_t thread; /* serial */
	uint32_t lock;   /* index */
	uint64_t start_ns, end_ns;
	enum gw_result result; /* how the last return came about */
	bool acquired;
	bool inferred; /* from: who last had it; nobody's wakeup was seen */
	bool cross;    /* from another CPU */
	uint32_t from; /* serial of who handed it over; 0: not known */
	uint64_t release_ns; /* when that thread released it; 0: not seen */
};

/* A thread had a lock from since_ns to end_ns. */
struct replay_hold {
	uint32_t thread, lock;
	uint64_t since_ns, end_ns;
	bool estimated; /* ended by the next one's having it */
};

/*
 * Called while events are played; each may be NULL. What wait and hold tell
 * comes between before and after of the event that made it known.
 */
struct replay_hooks {
	void *ctx;
	/* The event is about to be played: threads are as they were before. */
	void (*before)(void *ctx, const struct replay *r,
		       const struct gw_event *e);
	/* It has been played. */
	void (*after)(void *ctx, const struct replay *r,
		      const struct gw_event *e);
	void (*wait)(void *ctx, const struct replay *r,
		     const struct replay_wait *wait);
	void (*hold)(void *ctx, const struct replay *r,
		     const struct replay_hold *hold);
};

/*
 * Returns NULL without memory.
 *
 * info:  of the record; copied
 * hooks: copied; NULL: none
 */
struct replay *replay_new(const struct gwr_info *info,
			  const struct replay_hooks *hooks);

/* Give everything back; NULL is fine. */
void replay_free(struct replay *r);

/*
 * Take one block of a record: play its events, or learn what it tells.
 * Returns 0, -ENOMEM, or -EPROTO for what no gilwatch writes.
 */
int replay_item(struct replay *r, const struct gwr_item *item);

/* Play one event. Returns 0 or as above. */
int replay_event(struct replay *r, const struct gw_event *e);

/*
 * Play a record from where its reader is to the first event at or after
 * until_ns (UINT64_MAX: to the end); that event comes next. The reader must not
 * be used otherwise meanwhile.
 *
 * Returns 1 when there is more, 0 at the end, or a negative errno with one line
 * in msg.
 */
int replay_until(struct replay *r, struct gwr *file, uint64_t until_ns,
		 char msg[GWR_MSG]);

/* ---- as it is now -------------------------------------------------------- */

/* The thread with this serial, the lock with this index; NULL: not known. */
const struct replay_thread *replay_thread(const struct replay *r,
					  uint32_t serial);
const struct replay_lock *replay_lock(const struct replay *r, uint32_t index);

/* One more than the largest serial, index that is known. */
uint32_t replay_threads(const struct replay *r);
uint32_t replay_locks(const struct replay *r);

/* The process image, or NULL. */
const struct gwr_image *replay_image(const struct replay *r, uint32_t image);

/* Time of the last event, in ns; when the record begins before the first. */
uint64_t replay_now(const struct replay *r);

/* The last moment that the record tells of; zeroed before the first. */
const struct gwr_moment *replay_moment(const struct replay *r);

/* Events that the record misses up to here; not counting dropped old ones. */
uint64_t replay_lost(const struct replay *r);

/*
 * All counters at a moment, as collect_snapshot reads them from the kernel. A
 * new window of largest values begins. Strings in it live as long as r.
 *
 * ns: not before replay_now()
 * s:  gets the snapshot; free it with snapshot_free
 *
 * Returns 0 or -ENOMEM; then s is empty.
 */
int replay_snapshot(struct replay *r, uint64_t ns, struct snapshot *s);

/*
 * Write the state as blocks, so that a reader can begin after them.
 * Returns 0 or a negative errno.
 */
int replay_save(const struct replay *r, struct gwr_writer *w);

#endif
