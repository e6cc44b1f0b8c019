/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_MODEL_H
#define GILWATCH_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "snapshot.h"

/*
 * What happened between two snapshots, as rows that are ready to be shown:
 * differences, percentiles, classes and an order. Pure arithmetic. All
 * renderers see only this and the columns.
 */

/* Values that are not known (nothing was measured, or nothing can be). */
#define MODEL_UNKNOWN UINT64_MAX

/*
 * Thresholds of a thread's class. A thread is held up while it runs, waits for
 * a CPU, or waits for a lock (where a GIL is known: for the GIL, because other
 * futexes are then as often a queue that it idles on).
 */
#define MODEL_IDLE_PERCENT 1 /* active less than this of the time: idle */
#define MODEL_STARVED_PERCENT                                                  \
	10                   /* but not with this much waiting for a GIL       \
			      */
#define MODEL_CPU_PERCENT 90 /* held up from here: CPU-bound */
#define MODEL_IO_PERCENT 25  /* sleeps in relation to turns at CPU and lock */

enum model_class {
	MODEL_IDLE,
	MODEL_CPU_BOUND,
	MODEL_IO_BOUND,
	MODEL_MIXED,
};

/* A distribution of durations, in ns. MODEL_UNKNOWN where it has no sample. */
struct model_dist {
	uint64_t count;
	uint64_t p50, p99, max;
};

/* A bucket of a distribution (hist.h) that is not empty. */
struct model_bucket {
	uint32_t bucket;
	uint32_t count;
	uint32_t upper; /* of these, in its upper half; or MODEL_NO_HALVES */
};

#define MODEL_NO_HALVES UINT32_MAX

/* The buckets of one distribution, lowest first. */
struct model_buckets {
	const struct model_bucket *at;
	size_t n;
};

/* Distributions of a thread. */
enum { MODEL_WAKEUP, MODEL_RESPONSE, MODEL_THREAD_METRICS };

/* Every row of a table of processes' things begins with this. */
struct model_row {
	uint32_t process; /* index in the model's processes */
	uint32_t image;
};

struct model_lock {
	struct model_row row;
	uint32_t index; /* in the snapshot's lock table */
	pid_t pid;
	const char *comm; /* GW_COMM_LEN bytes, of the process */
	uint64_t id;
	enum gw_kind kind;
	bool shared;
	bool mutual; /* a semaphore that threads take and give back: a lock */
	const char *name;            /* "" when nothing has named it */
	uint64_t switch_interval_ns; /* of a GIL; 0: not known */
	uint64_t waits, acquired, handoffs, inferred, cross;
	uint64_t failed[GW_RESULTS];
	uint64_t wakes, wakes_empty;
	uint64_t waiters, waiters_max; /* now; most at once since the start */
	uint64_t wait_ns, blocked_ns, runnable_ns;
	uint64_t busy_ns; /* at least one thread waited */
	uint64_t window_ns;
	uint64_t hold_ns, inner_ns, switch_ns;
	uint64_t open_waits, open_wait_ns; /* not ended at the window's end */
	pid_t owner; /* thread that has it now, by its own account; 0: unknown
		      */
	uint64_t untouched_ns; /* since anybody had or released it, as far as
				  seen */
	uint64_t lost;
	uint32_t folded; /* the sum of so many locks; 0: one lock */
	struct model_dist dist[GW_METRICS];
	/* Where the buckets of each begin in the model's, then their end. */
	uint32_t first[GW_METRICS + 1];
	uint64_t first_val; /* the word's value as its first waiter saw it */
	bool joined;        /* that was the id of a thread that ended */
};

struct model_thread {
	struct model_row row;
	uint32_t serial;
	pid_t pid, tid;
	const char *comm; /* GW_COMM_LEN bytes */
	bool ended;
	uint32_t folded;   /* the sum of so many ended threads; 0: one thread */
	enum gw_run run;   /* what it does at the end of the window */
	uint64_t still_ns; /* and for how long it has */
	uint32_t waits_for; /* then: index of that lock, or GW_NO_LOCK */
	enum model_class class;
	uint64_t wall_ns; /* of the window, in which it was watched */
	uint64_t time_ns[GW_RUN_STATES];
	/* Asleep on the GIL, and its waits for it as a whole; MODEL_UNKNOWN: no
	 * lock is known to be one. */
	uint64_t gil_wait_ns, gil_delay_ns;
	uint64_t voluntary, sleeps, preempted, waits, wakeups, migrations;
	uint64_t handoffs_in, handoffs_out;
	uint64_t failed[GW_RESULTS];
	struct model_dist wakeup, response;
	/* Where the buckets of both begin in the model's, then their end. */
	uint32_t first[MODEL_THREAD_METRICS + 1];
	uint32_t cpu; /* the last one it ran on */
};

struct model_handoff {
	struct model_row row;
	uint32_t lock; /* index in the snapshot's lock table */
	pid_t pid;
	uint64_t lock_id;
	uint32_t from_serial, to_serial;
	pid_t from, to;                  /* -1: not a watched thread */
	const char *from_comm, *to_comm; /* NULL: not a watched thread */
	uint64_t handoffs, inferred, cross;
	uint64_t latency_ns, latency_max_ns;
	uint64_t timed; /* handoffs that latency_ns is the sum of */
};

struct model_migration {
	struct model_row row;
	uint32_t serial;
	pid_t pid, tid;
	const char *comm;
	uint32_t from, to; /* CPUs */
	uint64_t migrations;
};

/* A process image and where its rows are: tables are ordered by process. */
struct model_process {
	uint32_t image;
	pid_t pid;
	const char *comm;
	const char *gil;     /* its name, though nobody waits for it; NULL: none
			      */
	const char *note;    /* on its interpreter; NULL: none */
	uint32_t folded;     /* the sum of so many that ended; 0: one */
	uint64_t wait_ns;    /* for locks */
	uint64_t running_ns; /* of all its threads */
	size_t lock, locks;
	size_t thread, threads;
	size_t handoff, handoffs;
	size_t migration, migrations;
};

struct model {
	bool total; /* since the start, not an interval */
	uint64_t start_unix_ns, end_unix_ns;
	uint64_t window_ns;
	uint64_t stuck_ns; /* what has not moved for so long is stuck */
	unsigned int cpus; /* that this machine has online */
	struct model_process *processes; /* most waiting first */
	struct model_lock *locks;        /* in a process: most waiting first */
	struct model_thread *threads;    /* in a process: most waiting first */
	struct model_handoff *handoffs;  /* in a process: most handoffs first */
	struct model_migration *migrations; /* in a process: most first */
	struct model_bucket *buckets;
	size_t nprocesses, nlocks, nthreads, nhandoffs, nmigrations, nbuckets;
	size_t buckets_room; /* allocated */
	uint64_t lost[GW_LOST_CAUSES];
	struct snapshot_cost cost;
};

/*
 * Work out what happened from before to now.
 *
 * m:      gets the rows, whose names are the snapshots': both must outlive it
 * before: NULL for everything since the start
 * all:    also processes without a contended lock (asked for by name); else
 *         these are left out
 *
 * Returns 0 or -ENOMEM; then m is empty.
 */
int model_new(struct model *m, const struct snapshot *before,
	      const struct snapshot *now, bool all);

/* Give everything back and zero it; the snapshots stay. */
void model_free(struct model *m);

/* Something was lost: figures may be short. */
bool model_lossy(const struct model *m);

/* One distribution of a lock in the window. */
struct model_buckets model_lock_buckets(const struct model *m,
					const struct model_lock *l,
					enum gw_metric metric);

/* The same of a thread: GW_WAKEUP or GW_RESPONSE. */
struct model_buckets model_thread_buckets(const struct model *m,
					  const struct model_thread *t,
					  enum gw_metric metric);

/* Add them to HIST_BUCKETS counts. */
void model_add(uint64_t *counts, struct model_buckets b);

/*
 * The value below which a share of the samples lies, within half a bucket
 * (6.25 %) and never above max.
 *
 * counts: HIST_BUCKETS counts
 * share:  0 to 1
 * max:    the largest sample, or MODEL_UNKNOWN
 *
 * Nearest rank, then the middle of its bucket. Returns ns, MODEL_UNKNOWN when
 * there is no sample. In the last bucket, 68.7 s and more, only its start is
 * known.
 */
uint64_t model_percentile(const uint64_t *counts, double share, uint64_t max);

/* The same of buckets whose counts add up to total; within a quarter of a
 * bucket (3.1 %) where halves are known. */
uint64_t model_buckets_percentile(struct model_buckets b, uint64_t total,
				  double share, uint64_t max);

/* The class of a thread from its row's times and counts. */
enum model_class model_classify(const struct model_thread *t);

/* Names as they are printed: "mutex", "CPU-bound", "lock table full". */
const char *model_kind_name(enum gw_kind kind);
const char *model_lock_kind(const struct model_lock *l);
/* A word of a GIL, with what was counted until the GIL was found. */
bool model_lock_is_word(const struct model_lock *l);

const char *model_class_name(enum model_class class);
const char *model_lost_name(enum gw_lost cause);
const char *model_metric_name(enum gw_metric metric);

#endif
