// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The arithmetic of model.h: histograms, percentiles, classes, names. */
#include <math.h>

#include "model.h"

/* A kernel count is 32 bits wide and wraps; see struct hist. */
static void hist_between(const struct hist *now, const struct hist *before,
			 uint64_t *out)
{
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		out[i] = (uint32_t)(now->count[i] -
				    (before ? before->count[i] : 0));
}

void model_lock_hist(const struct model_lock *l, enum gw_metric metric,
		     uint64_t *out)
{
	hist_between(&l->now->hist[metric],
		     l->before ? &l->before->hist[metric] : NULL, out);
}

void model_thread_hist(const struct model_thread *t, enum gw_metric metric,
		       uint64_t *out)
{
	if (metric == GW_RESPONSE)
		hist_between(&t->now->response,
			     t->before ? &t->before->response : NULL, out);
	else
		hist_between(&t->now->wakeup,
			     t->before ? &t->before->wakeup : NULL, out);
}

/* The middle, because a sample can be anywhere in its bucket: by position among
 * the others it could be a whole bucket off. The last bucket has no end. */
static uint64_t middle(unsigned int bucket, uint64_t max)
{
	uint64_t low = hist_low(bucket);
	uint64_t high = bucket == HIST_BUCKETS - 1 ? low : hist_low(bucket + 1);

	if (max < high)
		high = max < low ? low : max;
	low += (high - low) / 2;
	return low < max ? low : max;
}

uint64_t model_percentile(const uint64_t *counts, double share, uint64_t max)
{
	uint64_t total = 0, rank, below = 0;

	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		total += counts[i];
	if (!total)
		return MODEL_UNKNOWN;
	rank = (uint64_t)ceil(share * (double)total);
	if (rank < 1)
		rank = 1;
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
		[GW_KIND_FUTEX] = "futex",  [GW_KIND_MUTEX] = "mutex",
		[GW_KIND_COND] = "condvar", [GW_KIND_SEM] = "semaphore",
		[GW_KIND_PI] = "pi-mutex",  [GW_KIND_JOIN] = "join",
		[GW_KIND_GIL] = "GIL",	    [GW_KIND_REST] = "others",
	};
	_Static_assert(sizeof(names) / sizeof(*names) == GW_KINDS, "all named");

	return (unsigned int)kind < GW_KINDS ? names[kind] : "?";
}

const char *model_lock_kind(const struct model_lock *l)
{
	return l->kind == GW_KIND_SEM && l->mutual ? "lock"
						   : model_kind_name(l->kind);
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
		[GW_LOST_LOCKS] = "lock table full",
		[GW_LOST_EDGES] = "handoff table full",
		[GW_LOST_MIGRATIONS] = "migration table full",
		[GW_LOST_THREADS] = "no storage for a thread",
		[GW_LOST_ENDED] = "buffer for ended threads full",
		[GW_LOST_UNMATCHED] = "futex call not seen to begin",
		[GW_LOST_EVENTS] = "buffer for events full",
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
