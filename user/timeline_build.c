// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * From the states that a replay goes through to a timeline.
 *
 * Time is taken as the counters take it: what an event adds to a thread's time
 * in a state is a span of that state. So the spans of a thread add up to its
 * counters, whatever the events were.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "timeline_build_priv.h"

struct timeline_builder *timeline_builder_new(uint64_t from_ns, uint64_t to_ns)
{
	struct timeline_builder *b = calloc(1, sizeof(*b));

	if (b) {
		b->from_ns = from_ns;
		b->to_ns = to_ns;
	}
	return b;
}

void timeline_builder_free(struct timeline_builder *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->locks; i++)
		free(b->lock[i].failed);
	free(b->lock);
	free(b->sleep);
	timeline_free(&b->t);
	free(b);
}

/* ---- tables ---------------------------------------------------------------
 */

struct timeline_thread *builder_thread(struct timeline_builder *b,
				       uint32_t serial)
{
	while (!b->err && b->t.threads <= serial) {
		if (!timeline_add_thread(&b->t) ||
		    array_grow(&b->sleep, b->threads, &b->threads_room))
			b->err = -ENOMEM;
		else
			b->sleep[b->threads++] = TIMELINE_NONE;
	}
	return b->err ? NULL : &b->t.thread[serial];
}

struct of_lock *builder_lock(struct timeline_builder *b, uint32_t index)
{
	while (!b->err && b->t.locks <= index) {
		if (!timeline_add_lock(&b->t) ||
		    array_grow(&b->lock, b->locks, &b->locks_room))
			b->err = -ENOMEM;
		else
			b->lock[b->locks++] = (struct of_lock){ 0 };
	}
	return b->err ? NULL : &b->lock[index];
}

/* ---- spans ----------------------------------------------------------------
 */

uint64_t builder_within(const struct timeline_builder *b, uint64_t ns)
{
	return ns < b->from_ns ? b->from_ns : ns > b->to_ns ? b->to_ns : ns;
}

/* A state from start to end; it goes on where it is the last one's. */
void builder_span(struct timeline_builder *b, uint32_t serial,
		  const struct gw_thread *t, enum gw_run run, uint64_t start,
		  uint64_t end)
{
	struct timeline_thread *of = builder_thread(b, serial);
	uint32_t lock = run == GW_LOCK_WAIT ? t->lock : TIMELINE_NONE;
	struct timeline_span *s;

	start = builder_within(b, start);
	end = builder_within(b, end);
	if (!of || end <= start)
		return;
	of->end_ns = end;
	s = of->spans ? &of->span[of->spans - 1] : NULL;
	if (s && s->run == run && s->lock == lock && s->cpu == t->cpu &&
	    run != GW_LOCK_WAIT)
		return;
	s = timeline_add_span(of);
	if (!s) {
		b->err = -ENOMEM;
		return;
	}
	*s = (struct timeline_span){ .start_ns = start,
				     .lock = lock,
				     .other = TIMELINE_NONE,
				     .cpu = (uint16_t)t->cpu,
				     .run = (uint8_t)run,
				     .result = TIMELINE_OPEN,
				     .role = t->role };
	if (run != GW_LOCK_WAIT || lock == GW_NO_LOCK ||
	    !GW_ROLE_WAITS(t->role))
		return;
	builder_lock(b, lock);
	b->sleep[serial] = (uint32_t)(of->spans - 1);
}

/* What the event added to each state; one only, but for the order. */
static void take_time(struct timeline_builder *b, uint32_t serial,
		      const struct gw_thread *now)
{
	const struct gw_thread *was = &b->before;
	uint64_t at = was->since_ns, ns;

	for (enum gw_run run = 0; run < GW_RUN_STATES; run++) {
		ns = now->time_ns[run] - was->time_ns[run];
		if (!ns)
			continue;
		builder_span(b, serial, was, run, at, at + ns);
		at += ns;
	}
}

/* ---- how waits end --------------------------------------------------------
 */

/* The sleep that the thread is coming from, if it was on this lock. */
static struct timeline_span *last_sleep(struct timeline_builder *b,
					uint32_t serial, uint32_t lock)
{
	struct timeline_span *s;

	if (serial >= b->threads || b->sleep[serial] == TIMELINE_NONE)
		return NULL;
	s = &b->t.thread[serial].span[b->sleep[serial]];
	return s->lock == lock && s->result == TIMELINE_OPEN ? s : NULL;
}

static void wakeup_failed(struct timeline_builder *b, uint32_t serial,
			  uint32_t lock, enum gw_result result)
{
	struct timeline_span *s = last_sleep(b, serial, lock);
	struct of_lock *l = s ? builder_lock(b, lock) : NULL;

	if (!l)
		return;
	s->result = (uint8_t)result;
	if (array_grow(&l->failed, l->n, &l->room)) {
		b->err = -ENOMEM;
		return;
	}
	l->failed[l->n++] = (struct failed){ serial, b->sleep[serial] };
}

/* Who releases a lock is who had it, when a wakeup before had failed. */
static void released(struct timeline_builder *b, uint32_t serial, uint32_t lock)
{
	struct of_lock *l = builder_lock(b, lock);
	size_t kept = 0;

	for (size_t i = 0; l && i < l->n; i++) {
		if (l->failed[i].thread == serial)
			l->failed[kept++] = l->failed[i];
		else
			b->t.thread[l->failed[i].thread]
				.span[l->failed[i].span]
				.other = serial;
	}
	if (l)
		l->n = kept;
}

/* Failures by their counters: one event is at most one of each. */
static void look_for_failure(struct timeline_builder *b,
			     const struct gw_event *e,
			     const struct gw_thread *now)
{
	for (enum gw_result i = 0; i < GW_RESULTS; i++)
		if (now->failed[i] != b->before.failed[i] &&
		    e->type == GW_EV_WAIT)
			wakeup_failed(b, e->thread, e->lock, i);
}

/* ---- hooks ----------------------------------------------------------------
 */

static void before(void *ctx, const struct replay *r, const struct gw_event *e)
{
	struct timeline_builder *b = ctx;
	const struct replay_thread *t = replay_thread(r, e->thread);

	b->was_begun = t && t->begun;
	if (b->was_begun)
		b->before = t->live.thread;
}

static void lost(struct timeline_builder *b, const struct gw_event *e)
{
	struct timeline_gap *gap;

	if (array_grow(&b->t.gap, b->t.gaps, &b->t.gaps_room)) {
		b->err = -ENOMEM;
		return;
	}
	gap = &b->t.gap[b->t.gaps++];
	gap->ns = builder_within(b, e->ns);
	gap->count = e->count;
}

static void after(void *ctx, const struct replay *r, const struct gw_event *e)
{
	struct timeline_builder *b = ctx;
	const struct replay_thread *t;

	if (e->type == GW_EV_LOST) {
		lost(b, e);
		return;
	}
	t = replay_thread(r, e->thread);
	if (!t || !builder_thread(b, e->thread))
		return;
	if (b->was_begun) {
		take_time(b, e->thread, &t->live.thread);
		look_for_failure(b, e, &t->live.thread);
	}
	if (e->type == GW_EV_WAKE && e->how == GW_ROLE_WAIT)
		released(b, e->thread, e->lock);
}

static void wait_ended(void *ctx, const struct replay *r,
		       const struct replay_wait *wait)
{
	struct timeline_builder *b = ctx;
	struct timeline_thread *of = builder_thread(b, wait->thread);
	struct timeline_span *s;
	struct timeline_wait *w;

	(void)r;
	if (!of || !builder_lock(b, wait->lock))
		return;
	s = last_sleep(b, wait->thread, wait->lock);
	if (s) {
		s->result =
			wait->acquired ? TIMELINE_ACQUIRED : TIMELINE_GIVEN_UP;
		s->other = wait->from ? wait->from : TIMELINE_NONE;
	}
	if (wait->end_ns < b->from_ns || wait->start_ns > b->to_ns)
		return;
	w = timeline_add_wait(of);
	if (!w) {
		b->err = -ENOMEM;
		return;
	}
	*w = (struct timeline_wait){
		.start_ns = wait->start_ns,
		.end_ns = wait->end_ns,
		.release_ns = wait->release_ns,
		.lock = wait->lock,
		.from = wait->from ? wait->from : TIMELINE_NONE,
		.acquired = wait->acquired,
		.inferred = wait->inferred,
		.cross = wait->cross,
	};
}

void builder_hold(struct timeline_builder *b, uint32_t thread, uint32_t lock,
		  uint64_t since, uint64_t end, bool estimated)
{
	struct timeline_thread *of = builder_thread(b, thread);
	struct timeline_hold *h;

	if (!of || !builder_lock(b, lock) || end < b->from_ns ||
	    since > b->to_ns)
		return;
	h = timeline_add_hold(of);
	if (!h) {
		b->err = -ENOMEM;
		return;
	}
	*h = (struct timeline_hold){ since, end, lock, estimated };
}

static void hold_ended(void *ctx, const struct replay *r,
		       const struct replay_hold *hold)
{
	(void)r;
	builder_hold(ctx, hold->thread, hold->lock, hold->since_ns,
		     hold->end_ns, hold->estimated);
}

struct replay_hooks timeline_builder_hooks(struct timeline_builder *b)
{
	return (struct replay_hooks){ b, before, after, wait_ended,
				      hold_ended };
}
