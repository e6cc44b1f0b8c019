// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Plays events to bpf/track.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay_priv.h"

struct track_at;
static void tell_commit(const struct track_at *at, const struct gw_thread *t,
			const struct gw_episode *e,
			const struct gw_release *from);
static void tell_given_up(const struct track_at *at, const struct gw_thread *t,
			  const struct gw_episode *e, uint64_t end);
static void tell_hold(const struct track_at *at, const struct gw_lock *lock,
		      uint32_t thread, uint64_t since, uint64_t end,
		      bool estimated);
#define TRACK_TELL_COMMIT tell_commit
#define TRACK_TELL_GIVEN_UP tell_given_up
#define TRACK_TELL_HOLD tell_hold
#include "track.h"

/* ---- the look-ups of track.h ----------------------------------------------
 */

static struct gw_lock *track_lock(void *store, __u32 index)
{
	struct replay_lock *l;

	if (index == GW_NO_LOCK)
		return NULL;
	l = replay_get_lock(store, index);
	return l ? &l->k : NULL;
}

/* Remembered in the thread, as the kernel side does. */
static struct gw_edge *track_edge(void *store, struct gw_thread *to, __u32 lock,
				  __u32 from)
{
	struct gw_edge_cache *c = &to->edge[from % GW_EDGE_CACHE];
	struct replay *r = store;
	struct gw_edge *edge;
	uint32_t index;

	if (c->index && c->lock == lock && c->from == from)
		return r->edge[c->index - 1];
	edge = replay_get_edge(r, lock, from, to->serial, &index);
	if (edge)
		*c = (struct gw_edge_cache){ .lock = lock,
					     .from = from,
					     .index = index + 1 };
	return edge;
}

/* ---- what is told on the way ----------------------------------------------
 */

static struct replay_wait wait_of(const struct gw_thread *t,
				  const struct gw_episode *e)
{
	return (struct replay_wait){
		.thread = t->serial,
		.lock = e->lock,
		.start_ns = e->start_ns,
		.end_ns = e->return_ns,
		.result = e->result,
	};
}

static void tell_commit(const struct track_at *at, const struct gw_thread *t,
			const struct gw_episode *e,
			const struct gw_release *from)
{
	const struct replay *r = at->store;
	struct replay_wait wait = wait_of(t, e);

	if (!r->hooks.wait)
		return;
	wait.acquired = true;
	wait.from = from->thread;
	if (from->thread) {
		wait.inferred = e->result != GW_STOLEN;
		wait.cross = from->cpu != e->cpu;
		wait.release_ns = from->seen && !wait.inferred ? from->ns : 0;
	}
	r->hooks.wait(r->hooks.ctx, r, &wait);
}

static void tell_given_up(const struct track_at *at, const struct gw_thread *t,
			  const struct gw_episode *e, uint64_t end)
{
	const struct replay *r = at->store;
	struct replay_wait wait = wait_of(t, e);

	wait.end_ns = end;
	wait.result = GW_SIGNAL;
	if (r->hooks.wait)
		r->hooks.wait(r->hooks.ctx, r, &wait);
}

static void tell_hold(const struct track_at *at, const struct gw_lock *lock,
		      uint32_t thread, uint64_t since, uint64_t end,
		      bool estimated)
{
	const struct replay *r = at->store;
	const struct replay_lock *l =
		(const void *)((const char *)lock -
			       offsetof(struct replay_lock, k));
	const struct replay_hold hold = {
		.thread = thread,
		.lock = l->info.index,
		.since_ns = since,
		.end_ns = end,
		.estimated = estimated,
	};

	if (r->hooks.hold)
		r->hooks.hold(r->hooks.ctx, r, &hold);
}

/* ---- beginning and end ----------------------------------------------------
 */

struct replay *replay_new(const struct gwr_info *info,
			  const struct replay_hooks *hooks)
{
	struct replay *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->info = *info;
	r->now = info->start_ns;
	if (hooks)
		r->hooks = *hooks;
	return r;
}

void replay_free(struct replay *r)
{
	if (!r)
		return;
	replay_clear(r);
	free(r);
}

/* ---- events ---------------------------------------------------------------
 */

static int identify(struct replay *r, struct gw_thread *t,
		    const struct gw_event *e)
{
	t->image = e->image;
	t->tgid = e->tgid;
	t->tid = e->tid;
	return replay_nameless(r, e->image, e->tgid);
}

static void begin(struct replay_thread *t, enum gw_run run,
		  const struct track_at *at)
{
	track_begin(&t->live.thread, run, at);
	t->live.thread.ready = 1;
	t->begun = true;
}

/* What a thread did whose beginning is not in the record. */
static enum gw_run run_before(const struct gw_event *e)
{
	switch (e->type) {
	case GW_EV_BEGIN:
		return e->how & (GW_RUN_STATES - 1);
	case GW_EV_IN:
		return GW_RUNNABLE;
	case GW_EV_WAKING:
		return GW_SLEEPING;
	default:
		return GW_RUNNING;
	}
}

static void wait_event(struct gw_thread *t, const struct gw_event *e,
		       const struct track_at *at)
{
	t->definite = !!(e->flags & GW_EV_DEFINITE);
	track_wait_enter(t, e->lock, e->how, at);
	if (e->flags & GW_EV_ADOPTED)
		t->run = GW_LOCK_WAIT;
}

/* The kernel side has looked at the waker; what it saw is in the event. */
static void waking_event(struct gw_thread *t, const struct gw_event *e,
			 const struct track_at *at)
{
	const struct gw_thread waker = {
		.serial = e->other,
		.call = GW_CALL_WAKE,
		.lock = t->lock,
		.call_ns = e->ns - e->since_ns,
	};

	track_waking(t, e->flags & GW_EV_RELEASE ? &waker : NULL, at);
}

static int migrate_event(struct replay *r, struct gw_thread *t,
			 const struct gw_event *e)
{
	const struct gw_migration_key key = { .image = t->image,
					      .thread = t->serial,
					      .from = e->from,
					      .to = e->to };
	struct snapshot_migration *m = replay_get_migration(r, &key);

	if (!m)
		return -ENOMEM;
	t->migrations++;
	m->count++;
	return 0;
}

/* In the order of how often they come. A return that does not fit follows a
 * loss. */
static int play(struct replay *r, struct replay_thread *rt,
		const struct gw_event *e, const struct track_at *at)
{
	struct gw_thread *t = &rt->live.thread;

	switch (e->type) {
	case GW_EV_IN:
		track_switch_in(t, at);
		break;
	case GW_EV_OUT:
		track_switch_out(t, e->how, at);
		break;
	case GW_EV_WAKING:
		waking_event(t, e, at);
		break;
	case GW_EV_WAIT:
		wait_event(t, e, at);
		break;
	case GW_EV_WAITED:
		if (t->call == GW_CALL_WAIT)
			track_wait_exit(t, e->result, at);
		break;
	case GW_EV_WAKE:
		track_wake_enter(t, e->lock, e->how, at);
		break;
	case GW_EV_WOKE:
		if (t->call == GW_CALL_WAKE)
			track_wake_exit(t, e->result, at);
		break;
	case GW_EV_MIGRATE:
		return migrate_event(r, t, e);
	case GW_EV_BEGIN:
		t->passive = !!(e->flags & GW_EV_PASSIVE);
		return identify(r, t, e);
	case GW_EV_EXEC:
		track_forget_locks(t, at);
		return identify(r, t, e);
	case GW_EV_END:
		track_end(t, at);
		t->ready = 0;
		rt->ended = true;
		break;
	default:
		return -EPROTO;
	}
	return 0;
}

static bool fits(const struct gw_event *e)
{
	switch (e->type) {
	case GW_EV_WAIT:
	case GW_EV_WAKE:
		return e->how < GW_ROLES &&
		       (e->lock < REPLAY_LOCKS_MAX || e->lock == GW_NO_LOCK);
	case GW_EV_OUT:
		return e->how <= TRACK_STOPPED;
	default:
		return e->type && e->type < GW_EV_TYPES;
	}
}

static int play_thread(struct replay *r, const struct gw_event *e)
{
	const struct track_at at = {
		.now = e->ns,
		.cpu = e->cpu,
		.window = r->window,
		.later = e->type == GW_EV_OUT && (e->flags & GW_EV_LATER),
		.store = r,
	};
	struct replay_thread *t = replay_get_thread(r, e->thread);

	if (!t)
		return e->thread < REPLAY_THREADS_MAX ? -ENOMEM : -EPROTO;
	if (t->ended)
		return 0;
	if (!t->begun)
		begin(t, run_before(e), &at);
	return play(r, t, e, &at);
}

int replay_event(struct replay *r, const struct gw_event *e)
{
	int err = 0;

	if (!fits(e))
		return -EPROTO;
	if (r->hooks.before)
		r->hooks.before(r->hooks.ctx, r, e);
	if (e->ns > r->now)
		r->now = e->ns;
	if (e->type == GW_EV_LOST)
		r->lost += e->count;
	else
		err = play_thread(r, e);
	if (!err && r->hooks.after)
		r->hooks.after(r->hooks.ctx, r, e);
	return err;
}

/* ---- blocks ---------------------------------------------------------------
 */

int replay_item(struct replay *r, const struct gwr_item *item)
{
	const struct gw_event *e = item->records;
	int err = replay_learn(r, item);

	if (item->kind != GWR_EVENTS)
		return err;
	for (size_t i = 0; i < item->count && !err; i++)
		err = replay_event(r, &e[i]);
	return err;
}

/* Plays the rest of the present block; 1: an event is not due yet. */
static int play_rest(struct replay *r, uint64_t until_ns)
{
	const struct gw_event *e = r->item.records;
	int err;

	for (; r->item_next < r->item.count; r->item_next++) {
		if (e[r->item_next].ns >= until_ns)
			return 1;
		err = replay_event(r, &e[r->item_next]);
		if (err)
			return err;
	}
	return 0;
}

static int explain(int err, char msg[GWR_MSG])
{
	snprintf(msg, GWR_MSG, "%s",
		 err == -ENOMEM ? "out of memory"
				: "the record has events that cannot be");
	return err;
}

int replay_until(struct replay *r, struct gwr *file, uint64_t until_ns,
		 char msg[GWR_MSG])
{
	int err;

	for (;;) {
		err = play_rest(r, until_ns);
		if (err == 1)
			return err;
		if (err)
			return explain(err, msg);
		r->item = (struct gwr_item){ 0 };
		r->item_next = 0;
		err = gwr_next(file, &r->item, msg);
		if (err <= 0)
			return err;
		err = replay_learn(r, &r->item);
		if (err)
			return explain(err, msg);
		if (r->item.kind != GWR_EVENTS)
			r->item = (struct gwr_item){ 0 };
	}
}
