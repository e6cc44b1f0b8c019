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
#include "timeline_build.h"

/* A wakeup that failed, and nobody has yet been seen to have the lock. */
struct failed {
	uint32_t thread, span;
};

struct of_lock {
	struct failed *failed;
	size_t n, room;
};

/* What is known of a thread beside its timeline. */
struct of_thread {
	uint32_t sleep; /* its last sleep on a lock, or TIMELINE_NONE */
};

struct timeline_builder {
	struct timeline t;
	uint64_t from_ns, to_ns;
	struct of_thread *thread; /* by serial, as t.thread is */
	struct of_lock *lock;     /* by index, as t.lock is */
	size_t threads, threads_room, locks, locks_room;
	/* The thread of an event before it is played. */
	struct gw_thread before;
	bool was_begun;
	int err;
};

struct timeline_builder *timeline_builder_new(uint64_t from_ns, uint64_t to_ns)
{
	struct timeline_builder *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->from_ns = from_ns;
	b->to_ns = to_ns;
	return b;
}

void timeline_builder_free(struct timeline_builder *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->locks; i++)
		free(b->lock[i].failed);
	free(b->lock);
	free(b->thread);
	timeline_free(&b->t);
	free(b);
}

/* ---- tables ---------------------------------------------------------------
 */

static struct timeline_thread *thread_at(struct timeline_builder *b,
					 uint32_t serial)
{
	while (!b->err && b->t.threads <= serial) {
		if (!timeline_add_thread(&b->t) ||
		    array_grow(&b->thread, b->threads, &b->threads_room))
			b->err = -ENOMEM;
		else
			b->thread[b->threads++].sleep = TIMELINE_NONE;
	}
	return b->err ? NULL : &b->t.thread[serial];
}

static struct of_lock *lock_at(struct timeline_builder *b, uint32_t index)
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

static uint64_t within(const struct timeline_builder *b, uint64_t ns)
{
	return ns < b->from_ns ? b->from_ns : ns > b->to_ns ? b->to_ns : ns;
}

/* A state from start to end; it goes on where it is the last one's. */
static void add_span(struct timeline_builder *b, uint32_t serial,
		     const struct gw_thread *t, enum gw_run run, uint64_t start,
		     uint64_t end)
{
	struct timeline_thread *of = thread_at(b, serial);
	uint32_t lock = run == GW_LOCK_WAIT ? t->lock : TIMELINE_NONE;
	struct timeline_span *s;

	start = within(b, start);
	end = within(b, end);
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
	    t->role != GW_ROLE_WAIT)
		return;
	lock_at(b, lock);
	b->thread[serial].sleep = (uint32_t)(of->spans - 1);
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
		add_span(b, serial, was, run, at, at + ns);
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

	if (serial >= b->threads || b->thread[serial].sleep == TIMELINE_NONE)
		return NULL;
	s = &b->t.thread[serial].span[b->thread[serial].sleep];
	return s->lock == lock && s->result == TIMELINE_OPEN ? s : NULL;
}

static void wakeup_failed(struct timeline_builder *b, uint32_t serial,
			  uint32_t lock, enum gw_result result)
{
	struct timeline_span *s = last_sleep(b, serial, lock);
	struct of_lock *l = s ? lock_at(b, lock) : NULL;

	if (!l)
		return;
	s->result = (uint8_t)result;
	if (array_grow(&l->failed, l->n, &l->room)) {
		b->err = -ENOMEM;
		return;
	}
	l->failed[l->n++] = (struct failed){ serial, b->thread[serial].sleep };
}

/* Who releases a lock is who had it, when a wakeup before had failed. */
static void released(struct timeline_builder *b, uint32_t serial, uint32_t lock)
{
	struct of_lock *l = lock_at(b, lock);
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
	gap->ns = within(b, e->ns);
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
	if (!t || !thread_at(b, e->thread))
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
	struct timeline_thread *of = thread_at(b, wait->thread);
	struct timeline_span *s;
	struct timeline_wait *w;

	(void)r;
	if (!of || !lock_at(b, wait->lock))
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

static void held(struct timeline_builder *b, uint32_t thread, uint32_t lock,
		 uint64_t since, uint64_t end, bool estimated)
{
	struct timeline_thread *of = thread_at(b, thread);
	struct timeline_hold *h;

	if (!of || !lock_at(b, lock) || end < b->from_ns || since > b->to_ns)
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
	held(ctx, hold->thread, hold->lock, hold->since_ns, hold->end_ns,
	     hold->estimated);
}

struct replay_hooks timeline_builder_hooks(struct timeline_builder *b)
{
	return (struct replay_hooks){ b, before, after, wait_ended,
				      hold_ended };
}

/* ---- the end --------------------------------------------------------------
 */

/* Waits that last, or whose end no later event has decided: these are short of
 * what a snapshot makes of them, one a thread at most. */
static void add_open_wait(struct timeline_builder *b, uint32_t serial,
			  const struct gw_episode *e, uint64_t end)
{
	struct timeline_wait *w;

	if (e->phase == GW_IDLE || !lock_at(b, e->lock))
		return;
	w = timeline_add_wait(&b->t.thread[serial]);
	if (!w) {
		b->err = -ENOMEM;
		return;
	}
	w->start_ns = e->start_ns;
	w->end_ns = e->phase == GW_WAITING ? end : e->return_ns;
	w->lock = e->lock;
	w->from = TIMELINE_NONE;
}

static void describe_thread(struct timeline_builder *b, const struct replay *r,
			    uint32_t serial, uint64_t end)
{
	const struct replay_thread *from = replay_thread(r, serial);
	struct timeline_thread *of = thread_at(b, serial);
	const struct gw_thread *t;

	if (!from || !of || !from->known)
		return;
	t = &from->live.thread;
	of->image = t->image;
	of->pid = (pid_t)t->tgid;
	of->tid = (pid_t)t->tid;
	memcpy(of->comm, from->live.names.comm, sizeof(of->comm));
	if (!from->begun || from->ended)
		return;
	add_span(b, serial, t, t->run, t->since_ns, end);
	for (int i = 0; i < GW_EPISODES; i++)
		add_open_wait(b, serial, &t->episode[i], end);
}

/* Who has it now has it until the end, as far as is known. */
static void describe_lock(struct timeline_builder *b, const struct replay *r,
			  uint32_t index, uint64_t end)
{
	const struct replay_lock *from = replay_lock(r, index);
	struct timeline_lock *to;

	if (!from || !lock_at(b, index))
		return;
	to = &b->t.lock[index];
	to->image = from->info.image;
	to->pid = (pid_t)from->info.tgid;
	to->id = from->info.id;
	to->kind = (enum gw_kind)from->info.kind;
	memcpy(to->name, from->info.name, sizeof(to->name));
	to->name[sizeof(to->name) - 1] = '\0';
	if (from->k.hold_ns && from->k.holder)
		held(b, from->k.holder, index, from->k.hold_ns, end, true);
}

int timeline_builder_end(struct timeline_builder *b, const struct replay *r,
			 uint64_t end_ns, struct timeline *out)
{
	uint64_t end = within(b, end_ns);

	for (uint32_t i = 0; i < replay_locks(r); i++)
		describe_lock(b, r, i, end);
	for (uint32_t i = 0; i < replay_threads(r); i++)
		describe_thread(b, r, i, end);
	if (b->err)
		return b->err;
	timeline_close(&b->t);
	b->t.end_ns = end;
	b->t.start_ns = end;
	for (size_t i = 0; i < b->t.threads; i++)
		if (b->t.thread[i].spans &&
		    b->t.thread[i].span[0].start_ns < b->t.start_ns)
			b->t.start_ns = b->t.thread[i].span[0].start_ns;
	*out = b->t;
	b->t = (struct timeline){ 0 };
	return 0;
}
