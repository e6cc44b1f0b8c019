/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The truth about the lock: what each thread counts for itself, in memory that
 * no other thread writes, and the JSON file made of it at the end.
 */
#ifndef GILVM_GILSTATS_H
#define GILVM_GILSTATS_H

#include <stdint.h>
#include <stdio.h>

#include "gil.h"

/*
 * Log-linear histogram of ns: four buckets for each power of two from 64 ns
 * (2^6) to 68.7 s (2^36); the first bucket also takes what is below, the last
 * what is above.
 */
#define GIL_HIST_FIRST 6
#define GIL_HIST_LAST 36
#define GIL_HIST_SUB 4
#define GIL_HIST_N ((GIL_HIST_LAST - GIL_HIST_FIRST) * GIL_HIST_SUB)

struct gil_hist {
	uint64_t count[GIL_HIST_N];
};

/* One row of the matrix: handoffs from thread `tid` to the owner. */
struct gil_from {
	uint32_t tid; /* 0: empty slot */
	uint64_t handoffs;
};

/* What one thread counted. Only the thread itself writes it. */
struct gil_stats {
	struct gil_stats *next;
	uint32_t tid;
	char name[16];        /* as the kernel knows it */
	uint64_t acquired;    /* times it took the lock */
	uint64_t contended;   /* of these after at least one futex wait */
	uint64_t handoffs;    /* of these from another thread */
	uint64_t waits;       /* futex waits */
	uint64_t steals;      /* woken by a release, another was quicker */
	uint64_t timeouts;    /* waits that its own timer ended */
	uint64_t races;       /* EAGAIN; cond variables do not tell */
	uint64_t wait_ns;     /* from the first futex wait to the lock */
	uint64_t hold_ns;     /* from the lock to its release */
	uint64_t io_releases; /* released around something that may block */
	uint64_t ticks;       /* bytecodes */
	uint64_t lost_from;   /* handoffs that found no room in `from` */
	struct gil_hist wait;
	struct gil_hist hold;
	struct gil_from *from;
	uint32_t from_size; /* slots, a power of two, or 0 */
	uint32_t from_used;
};

/* Bucket of ns. */
unsigned int gil_hist_bucket(uint64_t ns);

/* Lower edge of bucket i (0 to GIL_HIST_N), ns. */
uint64_t gil_hist_low(unsigned int i);

/*
 * Make an empty record and put it on the list; the holder of the lock calls
 * it. NULL when there is no memory.
 */
struct gil_stats *gil_stats_new(void);

/* Forget all records but `own` (NULL: all), zero that: for a forked child. */
void gil_stats_after_fork(struct gil_stats *own);

/*
 * Count one acquisition. w: what it went through; from: tid of the thread
 * that released last (0: none yet); wait_ns: counts if it waited.
 */
void gil_stats_acquired(struct gil_stats *s, const struct gil_wait *w,
			uint32_t from, uint64_t wait_ns);

/* Count one release after hold_ns. */
void gil_stats_released(struct gil_stats *s, uint64_t hold_ns);

/*
 * Write all records as one JSON object to file. start_ns and end_ns
 * (CLOCK_MONOTONIC) delimit the run. The caller holds the lock. Returns 0 or
 * a negative errno.
 */
int gil_stats_write(FILE *file, uint64_t start_ns, uint64_t end_ns);

#endif
