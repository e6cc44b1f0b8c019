/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_SNAPSHOT_H
#define GILWATCH_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gilwatch.h"

/*
 * All counters at one moment, absolute since the start. What lasts at that
 * moment (a wait, a hold, a run) is counted up to it, so that the difference of
 * two snapshots has of everything the part that lies between them.
 */

/* The name of a sum over what has no name in common. */
extern const char snapshot_others[GW_COMM_LEN];

/* One thread, alive or ended. */
struct snapshot_thread {
	struct gw_live live;
	bool ended;
	uint64_t still_ns; /* in its present run state, for so long */
};

/* What the name of a GIL's word ends with: it was a lock of its own then. */
#define SNAPSHOT_BEFORE ", before it was found"

/* One lock and what is open at the moment. */
struct snapshot_lock {
	uint32_t reading; /* see lockread.h; 0: by hand, or changed since */
	uint32_t touched[GW_METRICS]; /* groups (hist.h) that have new counts
					 since the reading before */
	uint32_t open_waits;
	uint64_t open_wait_ns; /* the longest of them so far */
	const char *name;      /* of a recognised lock; NULL: none */
	uint32_t owner; /* thread that has it by its own account; 0: unknown */
	uint64_t switch_interval_ns; /* of a GIL; 0: not known */
	uint64_t to_line;
	struct gw_lock k; /* the counters */
};

_Static_assert(offsetof(struct snapshot_lock, k) % GW_CACHE_LINE == 0,
	       "counters begin with a cache line");

/* Migrations of one thread from one CPU to another. */
struct snapshot_migration {
	struct gw_migration_key key;
	uint64_t count;
};

/* A process image: a process between two execs. */
struct snapshot_image {
	uint32_t image;
	uint32_t tgid;
	char comm[GW_COMM_LEN];
	const char *note; /* "GIL disabled"; NULL: none */
	uint32_t folded;  /* the sum of so many that ended; 0: one process */
	uint32_t added, alive; /* windows: first known, last seen to live */
	/* The note of windows that begin at this moment or later, where it is
	 * not 0. */
	uint64_t later_ns;
	const char *later_note;
};

/* What gilwatch itself has cost. */
struct snapshot_cost {
	uint64_t cpu_ns;    /* its own CPU time, since counting began */
	uint64_t before_ns; /* until then; 0: not known */
	uint64_t map_bytes; /* memory of its maps in the kernel */
};

struct snapshot {
	uint64_t now_ns;                  /* CLOCK_MONOTONIC */
	uint64_t unix_ns;                 /* CLOCK_REALTIME */
	uint64_t start_ns, start_unix_ns; /* when counting began */
	uint64_t stuck_ns; /* what has not moved for so long is stuck */
	uint32_t window;
	unsigned int cpus;               /* online; 0: as here and now */
	struct snapshot_thread *threads; /* by serial */
	struct snapshot_lock *locks;     /* by index; image 0: not in use */
	struct gw_edge *edges;           /* by lock, from, to */
	struct snapshot_migration *migrations; /* by key */
	struct snapshot_image *images;         /* by image */
	size_t nthreads, nlocks, nedges, nmigrations, nimages;
	/* Allocated. */
	size_t threads_room, locks_room, edges_room, migrations_room,
		images_room;
	size_t locks_mapped; /* bytes, by snapshot_reserve_locks; 0: malloc */
	uint64_t lost[GW_LOST_CAUSES];
	struct snapshot_cost cost;
};

/*
 * Count what is open up to the moment at which each thread was read: settle
 * episodes that CPU time has decided, close run states, add open waits and
 * holds. Sorts the tables. To be called once, when all tables are filled with
 * what the kernel counted. A handoff for which memory is missing counts as
 * lost at its lock.
 */
void snapshot_close(struct snapshot *s);

/* Put each table in its order; snapshot_close does. */
void snapshot_sort(struct snapshot *s);

/* The image with this number, or NULL. The images must be sorted. */
const struct snapshot_image *snapshot_image(const struct snapshot *s,
					    uint32_t image);

/*
 * The order of each table, for qsort and bsearch: of struct snapshot_thread,
 * gw_edge, snapshot_migration and snapshot_image.
 */
int snapshot_by_serial(const void *a, const void *b);
int snapshot_by_edge(const void *a, const void *b);
int snapshot_by_migration(const void *a, const void *b);
int snapshot_by_image(const void *a, const void *b);

/*
 * Room for n locks; those that are new are zeroed. The places of a table are
 * taken in turn, so that most of a long array may never be used: what is not
 * written to takes no memory.
 *
 * Returns 0, or -ENOMEM and nothing has changed.
 */
int snapshot_reserve_locks(struct snapshot *s, size_t n);

/* Locks from first to before end, all zero, give their memory back: each place
 * of the table would have been in use once after some time. */
void snapshot_give_back(struct snapshot_lock *first, struct snapshot_lock *end);

/* A copy with memory of its own. Returns 0, or -ENOMEM and then it is empty. */
int snapshot_copy(struct snapshot *to, const struct snapshot *from);

/* Give everything back and zero it. */
void snapshot_free(struct snapshot *s);

#endif
