// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "events.h"
#include "track.h"

/* ---- the look-ups of track.h ----------------------------------------------
 */

static struct gw_lock *track_lock(void *store, __u32 index)
{
	struct world *w = store;

	return index < EVENTS_LOCKS ? &w->lock[index] : NULL;
}

static struct gw_edge *track_edge(void *store, struct gw_thread *to, __u32 lock,
				  __u32 from)
{
	struct world *w = store;

	for (size_t i = 0; i < w->edges; i++)
		if (w->edge[i].lock == lock && w->edge[i].from == from &&
		    w->edge[i].to == to->serial)
			return &w->edge[i];
	if (w->no_edges || w->edges == EVENTS_EDGES)
		return NULL;
	w->edge[w->edges] = (struct gw_edge){ .lock = lock,
					      .from = from,
					      .to = to->serial };
	return &w->edge[w->edges++];
}

/* ---- what must hold at any time -------------------------------------------
 */

uint64_t hist_total(const struct hist *hist)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		n += hist->count[i];
	return n;
}

static uint64_t recorded(const struct gw_thread *t)
{
	uint64_t ns = 0;

	for (unsigned int i = 0; i < GW_RUN_STATES; i++)
		ns += t->time_ns[i];
	return ns;
}

/* Readers look only at groups of buckets whose bit is set. */
static void check_groups(const struct hist *h, const struct gw_max *max)
{
	uint32_t groups = 0;

	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		if (h->count[i])
			groups |= 1u << hist_group(i);
	assert_int_equal(groups, max->groups);
}

static void check_thread(const struct world *w, const struct gw_thread *t)
{
	uint64_t end = t->ready ? w->now : t->since_ns;

	assert_true(t->run < GW_RUN_STATES);
	assert_true(t->since_ns <= w->now);
	assert_int_equal(recorded(t) + (end - t->since_ns), end - t->seen_ns);
	assert_true(t->sleeps <= t->voluntary);
	assert_true(hist_total(&t->wakeup) <= t->wakeups);
	check_groups(&t->wakeup, &t->wakeup_max);
	check_groups(&t->response, &t->response_max);
}

void world_check_time(const struct world *w)
{
	for (int i = A; i < EVENTS_THREADS; i++)
		check_thread(w, &w->thread[i]);
}

static void check_lock(const struct gw_lock *l, uint64_t now)
{
	assert_true((int32_t)l->waiting >= 0);
	assert_true(l->waiting <= l->waiting_max);
	assert_true(l->waits >= l->acquired);
	assert_true(l->acquired >= l->handoffs);
	assert_true(l->handoffs >= l->inferred);
	assert_true(l->handoffs >= l->cross);
	assert_true(l->wakes >= l->wakes_empty);
	assert_int_equal(hist_total(&l->hist[GW_WAIT]), l->acquired);
	assert_true(hist_total(&l->hist[GW_HOLD]) <= l->acquired);
	assert_true(hist_total(&l->hist[GW_HOLD]) >= l->holds_estimated);
	assert_true(hist_total(&l->hist[GW_RESPONSE]) <=
		    l->acquired + l->wakes + EVENTS_THREADS);
	for (unsigned int i = 0; i < GW_METRICS; i++)
		check_groups(&l->hist[i], &l->max[i]);
	/* No sum has passed below 0. */
	assert_true((int64_t)l->wait_ns >= 0);
	assert_true((int64_t)l->blocked_ns >= 0);
	assert_true((int64_t)l->runnable_ns >= 0);
	/* One holder at a time. */
	assert_true(l->held_ns <= now);
	assert_true((int64_t)l->inner_ns >= 0);
	assert_true((int64_t)l->switch_ns >= 0);
}

static void check_edges(const struct world *w, unsigned int lock)
{
	uint64_t handoffs = 0, inferred = 0, cross = 0;

	for (size_t i = 0; i < w->edges; i++) {
		const struct gw_edge *e = &w->edge[i];

		if (e->lock != lock)
			continue;
		assert_int_not_equal(e->from, e->to);
		handoffs += e->handoffs;
		inferred += e->inferred;
		cross += e->cross;
	}
	assert_int_equal(handoffs + w->lock[lock].lost, w->lock[lock].handoffs);
	assert_true(inferred <= w->lock[lock].inferred);
	assert_true(cross <= w->lock[lock].cross);
}

/* Counters lie in one block: none of it may go back. */
static void check_grows(const struct gw_lock *now, const struct gw_lock *old)
{
	const __u64 *a = &old->waits, *b = &now->waits;

	_Static_assert(offsetof(struct gw_lock, max) % 8 == 0, "whole words");
	for (; a < (const __u64 *)&old->max; a++, b++)
		assert_true(*b >= *a);
}

/* ---- playing --------------------------------------------------------------
 */

void world_begin(struct world *w)
{
	struct track_at at = { .store = w };

	memset(w, 0, sizeof(*w));
	for (int i = A; i < EVENTS_THREADS; i++) {
		w->thread[i].tid = EVENTS_TID(i);
		w->thread[i].tgid = EVENTS_TID(A);
		w->thread[i].image = 1;
		w->thread[i].matched = 1;
		w->thread[i].serial = EVENTS_TID(i);
		at.cpu = (uint32_t)i;
		track_begin(&w->thread[i], GW_RUNNING, &at);
		w->thread[i].ready = 1;
	}
	for (unsigned int i = 0; i < EVENTS_LOCKS; i++) {
		w->lock[i].image = 1;
		w->lock[i].tgid = EVENTS_TID(A);
		w->lock[i].id = 0x1000 * (i + 1);
	}
}

static void returned(struct gw_thread *t, const struct event *e,
		     const struct track_at *at)
{
	if (t->call == GW_CALL_WAIT)
		track_wait_exit(t, e->ret, at);
	else if (t->call == GW_CALL_WAKE)
		track_wake_exit(t, e->ret, at);
}

static void futex_event(struct gw_thread *t, const struct event *e,
			const struct track_at *at)
{
	switch (e->op) {
	case WAIT:
		t->definite = at->store && e->lock < EVENTS_LOCKS &&
			      ((struct world *)at->store)->lock[e->lock].kind ==
				      GW_KIND_PI;
		track_wait_enter(t, e->lock, e->role, at);
		break;
	case RESTART:
		if (t->restart)
			track_wait_enter(t, t->lock, t->role, at);
		break;
	case WAKE:
		track_wake_enter(t, e->lock, e->role, at);
		break;
	default:
		returned(t, e, at);
	}
}

static void other_event(struct world *w, struct gw_thread *t,
			const struct event *e, const struct track_at *at)
{
	switch (e->op) {
	case RUN:
		track_switch_in(t, at);
		break;
	case PREEMPT:
		track_switch_out(t, TRACK_PREEMPTED, at);
		break;
	case SLEEP:
		track_switch_out(t, TRACK_ASLEEP, at);
		break;
	case STOP:
		track_switch_out(t, TRACK_STOPPED, at);
		break;
	case WOKEN:
		track_waking(t, e->by ? &w->thread[e->by] : NULL, at);
		break;
	case SETTLE:
		track_settle(t, at);
		break;
	case FORGET:
		track_forget_locks(t, at);
		break;
	default:
		track_end(t, at);
		t->ready = 0;
	}
}

/* A waking happens on the waker's CPU, everything else on the thread's. */
static unsigned int cpu_of(const struct world *w, const struct event *e)
{
	if (e->op == RUN && e->cpu)
		return e->cpu;
	if (e->op == WOKEN && e->by)
		return w->thread[e->by].cpu;
	return w->thread[e->thread].cpu;
}

uint64_t world_limit(enum event_limit limit)
{
	static const uint64_t ns[EVENT_LIMITS] = {
		[COMMIT] = TRACK_COMMIT_NS,
		[DIRECT] = TRACK_DIRECT_NS,
		[EARLY] = TRACK_EARLY_NS,
	};

	return ns[limit];
}

void world_event(struct world *w, const struct event *e)
{
	struct gw_thread *t = &w->thread[e->thread];
	struct track_at at = { .now = e->ns + world_limit(e->plus),
			       .cpu = cpu_of(w, e),
			       .window = w->window,
			       .later = e->later && e->op >= PREEMPT &&
					e->op <= STOP,
			       .store = w };
	struct gw_lock old[EVENTS_LOCKS];

	assert_true(at.now >= w->now);
	w->now = at.now;
	if (!t->ready)
		return;
	memcpy(old, w->lock, sizeof(old));
	if (e->op <= WAKE || e->op == WOKE)
		futex_event(t, e, &at);
	else
		other_event(w, t, e, &at);
	world_check_time(w);
	for (unsigned int i = 0; i < EVENTS_LOCKS; i++) {
		check_lock(&w->lock[i], w->now);
		check_edges(w, i);
		check_grows(&w->lock[i], &old[i]);
	}
}

void world_play(struct world *w, const struct event *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		world_event(w, &list[i]);
}

/* ---- what was counted -----------------------------------------------------
 */

const struct gw_edge *world_pair(const struct world *w, unsigned int lock,
				 int from, int to)
{
	for (size_t i = 0; i < w->edges; i++)
		if (w->edge[i].lock == lock &&
		    w->edge[i].from == EVENTS_TID(from) &&
		    w->edge[i].to == EVENTS_TID(to))
			return &w->edge[i];
	return NULL;
}

static void same(const char *what, uint64_t got, uint64_t want,
		 const char *file, int line)
{
	if (got != want)
		print_error("%s:\n", what);
	_assert_int_equal(got, want, file, line);
}

#define SAME(what, got) same(#what, got, want->what, file, line)

void world_check_waits(const struct world *w, unsigned int lock,
		       const struct waits *want, const char *file, int line)
{
	const struct gw_lock *l = &w->lock[lock];

	SAME(waits, l->waits);
	SAME(acquired, l->acquired);
	SAME(stolen, l->failed[GW_STOLEN]);
	SAME(timeout, l->failed[GW_TIMEOUT]);
	SAME(race, l->failed[GW_RACE]);
	SAME(signal, l->failed[GW_SIGNAL]);
	SAME(ns, l->wait_ns);
}

void world_check_handoffs(const struct world *w, unsigned int lock,
			  const struct handoffs *want, const char *file,
			  int line)
{
	const struct gw_lock *l = &w->lock[lock];

	SAME(n, l->handoffs);
	SAME(inferred, l->inferred);
	SAME(cross, l->cross);
}

void world_check_holds(const struct world *w, unsigned int lock,
		       const struct holds *want, const char *file, int line)
{
	const struct gw_lock *l = &w->lock[lock];

	SAME(n, hist_total(&l->hist[GW_HOLD]));
	SAME(estimated, l->holds_estimated);
	SAME(ns, l->held_ns);
}
