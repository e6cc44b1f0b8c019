// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The front of the lock: choice of policy, counting, probes. */
#include "gil.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gilstats.h"
#include "usdt.h"

struct gilvm_gil gilvm_gil __attribute__((visibility("default"), used));

static const struct gil_ops *ops;

static const struct gil_ops *choose_ops(enum gil_policy policy,
					enum gil_lock lock)
{
	switch (policy) {
	case GIL_TICKS:
		if (lock == GIL_LOCK_SEM)
			return &gil_ops_ticks_sem;
		return lock == GIL_LOCK_COND ? &gil_ops_ticks_cond : NULL;
	case GIL_INTERVAL:
		return &gil_ops_interval;
	case GIL_FAIR:
		return &gil_ops_fair;
	case GIL_NONE:
		return &gil_ops_none;
	}
	return NULL;
}

static bool has_interval(uint32_t policy)
{
	return policy == GIL_INTERVAL || policy == GIL_FAIR;
}

int gil_init(enum gil_policy policy, enum gil_lock lock, uint64_t interval_ns,
	     uint32_t check_interval)
{
	struct gilvm_gil *g = &gilvm_gil;

	ops = choose_ops(policy, lock);
	if (!ops)
		return -EINVAL;
	memset(g, 0, sizeof(*g));
	g->version = GILVM_GIL_VERSION;
	g->size = sizeof(*g);
	g->policy = policy;
	g->lock = lock;
	g->interval_ns = has_interval(policy) ? interval_ns : 0;
	g->check_interval = policy == GIL_TICKS ? check_interval : 0;
	memcpy(g->magic, GILVM_GIL_MAGIC, sizeof(g->magic));
	return ops->init(g);
}

int gil_after_fork(void)
{
	struct gilvm_gil *g = &gilvm_gil;

	return gil_init(g->policy, g->lock, g->interval_ns, g->check_interval);
}

void gil_thread_init(struct gil_thread *t, struct gil_stats *stats)
{
	t->tid = (uint32_t)syscall(SYS_gettid);
	t->stats = stats;
	t->acquired_ns = 0;
	t->wait_start_ns = 0;
	if (stats)
		stats->tid = t->tid;
}

void gil_note_wait(struct gil_thread *t, struct gil_wait *w)
{
	if (w->waits++ > 0)
		return;
	if (t->stats)
		t->wait_start_ns = gil_now_ns();
	USDT_PROBE(gil_wait, t->tid);
}

void gil_mark_taken(struct gilvm_gil *g, const struct gil_thread *t)
{
	g->locked = 1;
	if (g->last_holder != t->tid) {
		g->last_holder = t->tid;
		g->switch_number++;
	}
}

void gil_mark_dropped(struct gilvm_gil *g, const struct gil_thread *t)
{
	g->last_releaser = t->tid;
	g->locked = 0;
}

void gil_take(struct gil_thread *t)
{
	struct gil_wait w = { 0 };

	if (ops == &gil_ops_none)
		return;
	ops->take(&gilvm_gil, t, &w);
	if (t->stats) {
		t->acquired_ns = gil_now_ns();
		gil_stats_acquired(t->stats, &w, gilvm_gil.last_releaser,
				   t->acquired_ns - t->wait_start_ns);
	}
	USDT_PROBE(gil_acquire, t->tid);
}

void gil_drop(struct gil_thread *t)
{
	if (ops == &gil_ops_none)
		return;
	USDT_PROBE(gil_release, t->tid);
	if (t->stats)
		gil_stats_released(t->stats, gil_now_ns() - t->acquired_ns);
	ops->drop(&gilvm_gil, t);
}

void gil_io_begin(struct gil_thread *t)
{
	USDT_PROBE(io_begin, t->tid);
	if (t->stats)
		t->stats->io_releases++;
	gil_drop(t);
}

void gil_io_end(struct gil_thread *t)
{
	int saved = errno;

	gil_take(t);
	USDT_PROBE(io_end, t->tid);
	errno = saved;
}

void gil_set_interval(uint64_t interval_ns)
{
	__atomic_store_n(&gilvm_gil.interval_ns, interval_ns, __ATOMIC_RELAXED);
}
