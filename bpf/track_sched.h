/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Part of track.h: the scheduler, and a thread's beginning and end. */
#ifndef GILWATCH_TRACK_SCHED_H
#define GILWATCH_TRACK_SCHED_H

#include "track_futex.h"

TRACK_FN enum gw_run track_asleep(const struct gw_thread *t)
{
	return t->call == GW_CALL_WAIT ? GW_LOCK_WAIT : GW_SLEEPING;
}

/* From here on the thread wants a CPU. */
TRACK_FN void track_runnable(struct gw_thread *t, __u64 now)
{
	if (t->run == GW_SLEEPING && !t->passive) {
		t->response_ns = now;
		t->response_cpu_ns = t->time_ns[GW_RUNNING];
		t->response_run_ns = 0;
	}
	t->passive = 0;
	track_enter_run(t, now, GW_RUNNABLE);
}

/* The mutex inside this lock is no other lock. */
TRACK_FN void track_slept(const struct gw_thread *t, struct gw_episode *e)
{
	if (e->phase == GW_TENTATIVE && e->lock != t->lock)
		e->slept = 1;
}

/* Whether leaving may end an episode: only then are locks changed. */
TRACK_FN int track_leave_decides(const struct gw_thread *t)
{
	return t->episode[0].phase >= GW_TENTATIVE ||
	       t->episode[1].phase >= GW_TENTATIVE;
}

/**
 * track_switch_out() - a thread leaves its CPU
 * @t: the thread
 * @leave: how
 * @at: the moment
 */
TRACK_FN void track_switch_out(struct gw_thread *t, enum track_leave leave,
			       const struct track_at *at)
{
	int woken = t->wake_ns && at->now - t->wake_ns < TRACK_EARLY_NS;

	if (leave == TRACK_PREEMPTED) {
		t->preempted++;
		track_settle(t, at);
		t->wake_ns = 0;
		track_enter_run(t, at->now, GW_RUNNABLE);
		return;
	}
	t->passive = leave == TRACK_STOPPED;
	t->voluntary += !t->passive;
	if (t->call == GW_CALL_WAIT) {
		track_settle(t, at);
		track_slept(t, &t->episode[0]);
		track_slept(t, &t->episode[1]);
	} else if (leave == TRACK_ASLEEP) {
		track_conclude_all(t, at);
	}
	track_enter_run(t, at->now, track_asleep(t));
	if (t->run == GW_SLEEPING) {
		t->sleeps += !t->passive;
		t->response_ns = 0;
	}
	if (woken)
		track_runnable(t, at->now);
	else
		t->wake_ns = 0;
}

/* Whether a wakeup is what the waker's FUTEX_WAKE does. A lock without an
 * entry may have got one since the thread began to wait for it. */
TRACK_FN int track_releases(const struct gw_thread *waker,
			    const struct gw_thread *t)
{
	if (!waker || waker->call != GW_CALL_WAKE || t->call != GW_CALL_WAIT)
		return 0;
	return t->role == GW_ROLE_UNLISTED ||
	       (t->role == GW_ROLE_WAIT && waker->lock == t->lock);
}

/**
 * track_waking() - a thread is being woken
 * @t: the thread
 * @waker: the thread that runs now on this CPU, or NULL when not watched
 * @at: the moment
 *
 * Only a task in a sleeping state is woken. One that is RUNNING here is just
 * about to leave its CPU (see TRACK_EARLY_NS); one that is RUNNABLE by such an
 * early wakeup did sleep after all.
 */
TRACK_FN void track_waking(struct gw_thread *t, const struct gw_thread *waker,
			   const struct track_at *at)
{
	if (t->run == GW_RUNNABLE && !t->wake_ns)
		return;
	if (track_releases(waker, t)) {
		t->waker.thread = waker->serial;
		t->waker.cpu = at->cpu;
		t->waker.ns = waker->call_ns;
		t->waker.seen = 1;
	}
	t->wakeups++;
	t->wake_ns = at->now;
	if (t->run == GW_RUNNING)
		return;
	if (t->run == GW_RUNNABLE)
		t->run = track_asleep(t);
	track_runnable(t, at->now);
}

/**
 * track_switch_in() - a thread starts to run on a CPU
 * @t: the thread
 * @at: the moment and the CPU
 */
TRACK_FN void track_switch_in(struct gw_thread *t, const struct track_at *at)
{
	if (t->run == GW_RUNNABLE && t->wake_ns && at->now >= t->wake_ns) {
		__u64 latency = at->now - t->wake_ns;

		track_value(&t->wakeup, &t->wakeup_max, latency, at->window);
		if (t->waker.ns)
			t->wake_latency_ns = latency ? latency : 1;
	}
	t->wake_ns = 0;
	t->cpu = at->cpu;
	if (t->response_ns && !t->response_run_ns)
		t->response_run_ns = at->now;
	track_enter_run(t, at->now, GW_RUNNING);
}

/* ---- beginning and end -------------------------------------------------- */

/**
 * track_begin() - a thread is watched from now on
 * @t: zeroed, with its identity filled in
 * @run: what it is doing now
 * @at: the moment
 */
TRACK_FN void track_begin(struct gw_thread *t, enum gw_run run,
			  const struct track_at *at)
{
	t->seen_ns = at->now;
	t->since_ns = at->now;
	t->run = run;
	t->cpu = at->cpu;
	t->lock = GW_NO_LOCK;
}

TRACK_FN void track_drop(struct gw_thread *t, struct gw_episode *e,
			 const struct track_at *at)
{
	struct gw_lock *lock = track_lock(at->store, e->lock);

	if (e->phase == GW_WAITING)
		track_give_up(t, e, at->now, at);
	else
		track_conclude(t, e, at);
	if (lock)
		track_hold_end(lock, t->serial, at);
}

/**
 * track_forget_locks() - an exec or the end of the thread: nothing is held or
 * waited for any more
 * @t: the thread
 * @at: the moment
 */
TRACK_FN void track_forget_locks(struct gw_thread *t, const struct track_at *at)
{
	track_call_lost(t, at);
	track_drop(t, &t->episode[0], at);
	track_drop(t, &t->episode[1], at);
	t->call = GW_CALL_NONE;
	t->lock = GW_NO_LOCK;
	t->response_ns = 0;
}

/**
 * track_end() - the thread ends
 * @t: the thread
 * @at: the moment
 */
TRACK_FN void track_end(struct gw_thread *t, const struct track_at *at)
{
	track_forget_locks(t, at);
	track_enter_run(t, at->now, t->run);
}

#endif /* GILWATCH_TRACK_SCHED_H */
