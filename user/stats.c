// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The arithmetic of model.h: histograms, percentiles, classes, names. */
#include <math.h>
#include <string.h>

#include "model.h"

static struct model_buckets buckets_of(const struct model *m,
				       const uint32_t *first)
{
	return (struct model_buckets){ .at = m->buckets + first[0],
				       .n = first[1] - first[0] };
}

struct model_buckets model_lock_buckets(const struct model *m,
					const struct model_lock *l,
					enum gw_metric metric)
{
	return buckets_of(m, &l->first[metric]);
}

struct model_buckets model_thread_buckets(const struct model *m,
					  const struct model_thread *t,
					  enum gw_metric metric)
{
	return buckets_of(m, &t->first[metric == GW_RESPONSE ? MODEL_RESPONSE
							     : MODEL_WAKEUP]);
}

void model_add(uint64_t *counts, struct model_buckets b)
{
	for (size_t i = 0; i < b.n; i++)
		counts[b.at[i].bucket] += b.at[i].count;
}

/* The middle, because a sample can be anywhere in its bucket: by position among
 * the others it could be a whole bucket off. The last bucket has no end. */
static uint64_t between(uint64_t low, uint64_t high, uint64_t max)
{
	if (max < high)
		high = max < low ? low : max;
	low += (high - low) / 2;
	return low < max ? low : max;
}

static uint64_t middle(unsigned int bucket, uint64_t max)
{
	uint64_t low = hist_low(bucket);

	return between(low,
		       bucket == HIST_BUCKETS - 1 ? low : hist_low(bucket + 1),
		       max);
}

/* The same of the half in which the sample with this rank in the bucket is. */
static uint64_t middle_of_half(const struct model_bucket *b, uint64_t rank,
			       uint64_t max)
{
	uint64_t low = hist_low(b->bucket), high = hist_low(b->bucket + 1);
	uint64_t half = low + (high - low) / 2;

	if (b->upper > b->count)
		return middle(b->bucket, max);
	return rank > b->count - b->upper ? between(half, high, max)
					  : between(low, half, max);
}

/* Of total samples in order the one that a share of them reaches, from 1. */
static uint64_t nearest_rank(double share, uint64_t total)
{
	uint64_t rank = (uint64_t)ceil(share * (double)total);

	return rank < 1 ? 1 : rank;
}

uint64_t model_buckets_percentile(struct model_buckets b, uint64_t total,
				  double share, uint64_t max)
{
	uint64_t rank = nearest_rank(share, total), below = 0;

	for (size_t i = 0; i < b.n; i++) {
		if (below + b.at[i].count >= rank)
			return middle_of_half(&b.at[i], rank - below, max);
		below += b.at[i].count;
	}
	return MODEL_UNKNOWN;
}

uint64_t model_percentile(const uint64_t *counts, double share, uint64_t max)
{
	uint64_t total = 0, rank, below = 0;

	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		total += counts[i];
	if (!total)
		return MODEL_UNKNOWN;
	rank = nearest_rank(share, total);
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		if (below + counts[i] >= rank)
			return middle(i, max);
		below += counts[i];
	}
	return max;
}

/* A thread does I/O when it sleeps elsewhere about as often as it takes a turn
 * at the CPU or the lock; how long it then waits for the lock does not make it
 * CPU-bound. */
enum model_class model_classify(const struct model_thread *t)
{
	bool gil = t->gil_wait_ns != MODEL_UNKNOWN;
	uint64_t active = t->time_ns[GW_RUNNING] + t->time_ns[GW_RUNNABLE];
	uint64_t waiting = gil ? t->gil_wait_ns : t->time_ns[GW_LOCK_WAIT];
	uint64_t turns = t->preempted + t->waits;
	bool starved =
		gil && waiting * 100 >= t->wall_ns * MODEL_STARVED_PERCENT;

	if (!t->wall_ns ||
	    (active * 100 < t->wall_ns * MODEL_IDLE_PERCENT && !starved))
		return MODEL_IDLE;
	if (t->sleeps && t->sleeps * 100 >= turns * MODEL_IO_PERCENT)
		return MODEL_IO_BOUND;
	if ((active + waiting) * 100 >= t->wall_ns * MODEL_CPU_PERCENT)
		return MODEL_CPU_BOUND;
	return MODEL_MIXED;
}

bool model_lossy(const struct model *m)
{
	for (unsigned int i = 0; i < GW_LOST_CAUSES; i++)
		if (m->lost[i])
			return true;
	return false;
}

const char *model_kind_name(enum gw_kind kind)
{
	static const char *const names[] = {
		[GW_KIND_FUTEX] = "futex",       [GW_KIND_MUTEX] = "mutex",
		[GW_KIND_COND] = "condvar",      [GW_KIND_SEM] = "semaphore",
		[GW_KIND_PI] = "pi-mutex",       [GW_KIND_JOIN] = "join",
		[GW_KIND_GIL] = "GIL",           [GW_KIND_REST] = "others",
		[GW_KIND_UNLISTED] = "unlisted",
	};
	_Static_assert(sizeof(names) / sizeof(*names) == GW_KINDS, "all named");

	return (unsigned int)kind < GW_KINDS ? names[kind] : "?";
}

const char *model_lock_kind(const struct model_lock *l)
{
	return l->kind == GW_KIND_SEM && l->mutual ? "lock"
						   : model_kind_name(l->kind);
}

bool model_lock_is_word(const struct model_lock *l)
{
	size_t name = strlen(l->name), end = strlen(SNAPSHOT_BEFORE);

	return name > end && !strcmp(l->name + name - end, SNAPSHOT_BEFORE);
}

const char *model_class_name(enum model_class class)
{
	static const char *const names[] = {
		[MODEL_IDLE] = "idle",
		[MODEL_CPU_BOUND] = "CPU-bound",
		[MODEL_IO_BOUND] = "I/O-bound",
		[MODEL_MIXED] = "mixed",
	};

	return names[class];
}

const char *model_lost_name(enum gw_lost cause)
{
	static const char *const names[] = {
		[GW_LOST_LOCKS] = "lock table full, see --max-locks",
		[GW_LOST_EDGES] = "handoff table full, see --max-locks",
		[GW_LOST_MIGRATIONS] = "migration table full",
		[GW_LOST_THREADS] = "no storage for a thread",
		[GW_LOST_ENDED] = "buffer for ended threads full",
		[GW_LOST_UNMATCHED] = "futex call not seen to begin",
		[GW_LOST_EVENTS] = "buffer for events full",
		[GW_LOST_SKIPPED] = "program left out by the kernel",
	};
	_Static_assert(sizeof(names) / sizeof(*names) == GW_LOST_CAUSES,
		       "all named");

	return names[cause];
}

const char *model_metric_name(enum gw_metric metric)
{
	static const char *const names[] = {
		[GW_WAIT] = "wait",
		[GW_WAKEUP] = "wakeup",
		[GW_HOLD] = "hold",
		[GW_RESPONSE] = "response",
	};
	_Static_assert(sizeof(names) / sizeof(*names) == GW_METRICS,
		       "all named");

	return names[metric];
}
