/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Part of track.h: futex calls. */
#ifndef GILWATCH_TRACK_FUTEX_H
#define GILWATCH_TRACK_FUTEX_H

#include "track_episode.h"

TRACK_FN void track_call(struct gw_thread *t, enum gw_call call, __u32 lock,
			 enum gw_role role, __u64 now)
{
	t->call = call;
	t->role = role;
	t->lock = lock;
	t->call_ns = now;
	t->restart = 0;
}

TRACK_FN void track_open(struct gw_thread *t, __u32 index, struct gw_lock *lock,
			 const struct track_at *at)
{
	struct gw_episode *e = track_room(t, at);
	int direct =
		t->response_ns &&
		track_cpu(t, at->now) - t->response_cpu_ns < TRACK_DIRECT_NS;

	e->lock = index;
	e->phase = GW_WAITING;
	e->start_ns = at->now;
	e->response_ns = direct ? t->response_ns : 0;
	t->response_ns = 0;
	t->waits++;
	TRACK_ADD(lock->waits, 1);
}

/* The thread goes to wait for the lock: a new episode, or its old one again.
 * Of locks that share an entry it is most probably another one. */
TRACK_FN void track_wait_again(struct gw_thread *t, __u32 index,
			       struct gw_lock *lock, const struct track_at *at)
{
	struct gw_episode *e = track_find(t, index);

	if (e && e->phase == GW_TENTATIVE && t->role == GW_ROLE_WAIT &&
	    !track_ran_enough(t, e, at->now)) {
		track_failed(t, lock, e->result);
		e->phase = GW_WAITING;
		return;
	}
	if (e && e->phase == GW_WAITING)
		return;
	if (e)
		track_conclude(t, e, at);
	track_open(t, index, lock, at);
}

/* The lock is busy while at least one thread is in a FUTEX_WAIT on it. */
TRACK_FN void track_waiter_comes(struct gw_lock *lock, __u64 now)
{
	__u32 before = TRACK_ADD(lock->waiting, 1);

	if (!before)
		lock->busy_since_ns = now;
	if (before + 1 > lock->waiting_max)
		lock->waiting_max = before + 1;
}

/* The beginning is read while it still counts: the next waiter overwrites it.
 */
TRACK_FN void track_waiter_goes(struct gw_lock *lock, __u64 now)
{
	__u64 since = lock->busy_since_ns;

	if (TRACK_ADD(lock->waiting, -1) == 1 && since && since < now)
		TRACK_ADD(lock->busy_ns, now - since);
}

TRACK_FN void track_wait_costs(struct gw_thread *t, struct gw_lock *lock,
			       const struct track_at *at)
{
	__u64 blocked = t->time_ns[GW_LOCK_WAIT] - t->call_wait_ns;
	__u64 runnable = t->time_ns[GW_RUNNABLE] - t->call_runnable_ns;

	track_waiter_goes(lock, at->now);
	TRACK_ADD(lock->blocked_ns, blocked);
	TRACK_ADD(lock->runnable_ns, runnable);
	if (lock->kind == GW_KIND_GIL)
		t->gil_wait_ns += blocked;
	if (t->wake_latency_ns)
		track_sample(lock, GW_WAKEUP, t->wake_latency_ns, at->window);
}

/* The time of a wait call goes to the lock, by the role of its word. */
TRACK_FN void track_call_costs(struct gw_thread *t, struct gw_lock *lock,
			       const struct track_at *at)
{
	if (t->role == GW_ROLE_INNER)
		TRACK_ADD(lock->inner_ns, at->now - t->call_ns);
	else if (t->role == GW_ROLE_SWITCH)
		TRACK_ADD(lock->switch_ns, at->now - t->call_ns);
	else
		track_wait_costs(t, lock, at);
}

/* A wait call whose return was not seen, or will not come. */
TRACK_FN void track_call_lost(struct gw_thread *t, const struct track_at *at)
{
	struct gw_lock *lock;

	if (t->call != GW_CALL_WAIT)
		return;
	lock = track_lock(at->store, t->lock);
	if (lock)
		track_call_costs(t, lock, at);
	t->call = GW_CALL_NONE;
}

/**
 * track_wait_enter() - a thread calls FUTEX_WAIT
 * @t: the thread
 * @index: the lock that the futex word belongs to
 * @role: of the word in the lock
 * @at: the moment
 */
TRACK_FN void track_wait_enter(struct gw_thread *t, __u32 index,
			       enum gw_role role, const struct track_at *at)
{
	struct gw_lock *lock = track_lock(at->store, index);
	struct gw_episode *e;

	track_call_lost(t, at);
	track_call(t, GW_CALL_WAIT, index, role, at->now);
	t->call_wait_ns = t->time_ns[GW_LOCK_WAIT];
	t->call_runnable_ns = t->time_ns[GW_RUNNABLE];
	t->waker.ns = 0;
	t->wake_latency_ns = 0;
	if (!lock || role == GW_ROLE_INNER)
		return;
	if (role == GW_ROLE_SWITCH) {
		e = track_find(t, index);
		if (e && e->phase >= GW_TENTATIVE)
			track_commit(t, e, at);
		return;
	}
	track_waiter_comes(lock, at->now);
	track_wait_again(t, index, lock, at);
}

TRACK_FN enum gw_result track_result(long ret)
{
	if (ret >= 0)
		return GW_STOLEN;
	if (ret == -TRACK_ETIMEDOUT)
		return GW_TIMEOUT;
	if (ret == -TRACK_EINTR ||
	    (ret <= -TRACK_ERESTARTSYS && ret >= -TRACK_ERESTART_RESTARTBLOCK))
		return GW_SIGNAL;
	return GW_RACE;
}

TRACK_FN void track_return(struct gw_thread *t, long ret,
			   const struct track_at *at)
{
	struct gw_episode *e = track_find(t, t->lock);

	if (!e)
		return;
	e->phase = GW_TENTATIVE;
	e->slept = 0;
	e->result = track_result(ret);
	e->return_ns = at->now;
	e->cpu_ns = track_cpu(t, at->now);
	e->cpu = (__u16)at->cpu;
	e->from = t->waker;
	if (e->result != GW_STOLEN)
		e->from.ns = 0;
	if (t->definite && ret == 0)
		track_commit(t, e, at);
}

/**
 * track_wait_exit() - FUTEX_WAIT returns
 * @t: the thread, in GW_CALL_WAIT
 * @ret: what the call returned: 0 or a negative errno
 * @at: the moment
 */
TRACK_FN void track_wait_exit(struct gw_thread *t, long ret,
			      const struct track_at *at)
{
	struct gw_lock *lock = track_lock(at->store, t->lock);

	t->call = GW_CALL_NONE;
	t->restart = ret == -TRACK_ERESTART_RESTARTBLOCK;
	if (!lock)
		return;
	track_call_costs(t, lock, at);
	if (GW_ROLE_WAITS(t->role))
		track_return(t, ret, at);
}

/**
 * track_wake_enter() - a thread calls FUTEX_WAKE
 * @t: the thread
 * @index: the lock that the futex word belongs to
 * @role: of the word in the lock
 * @at: the moment
 */
TRACK_FN void track_wake_enter(struct gw_thread *t, __u32 index,
			       enum gw_role role, const struct track_at *at)
{
	struct gw_lock *lock = track_lock(at->store, index);
	struct gw_episode *e;

	track_call(t, GW_CALL_WAKE, index, role, at->now);
	if (!lock || role == GW_ROLE_INNER)
		return;
	e = track_find(t, index);
	if (e && e->phase >= GW_TENTATIVE)
		track_commit(t, e, at);
	if (role != GW_ROLE_WAIT)
		return;
	track_response_free(t, lock, at);
	t->response_ns = 0;
	track_hold_end(lock, t->serial, at);
	track_last(lock, t->serial, at->now, at->cpu, 1);
}

/**
 * track_wake_exit() - FUTEX_WAKE returns
 * @t: the thread, in GW_CALL_WAKE
 * @ret: threads woken, or a negative errno
 * @at: the moment
 */
TRACK_FN void track_wake_exit(struct gw_thread *t, long ret,
			      const struct track_at *at)
{
	struct gw_lock *lock = track_lock(at->store, t->lock);

	t->call = GW_CALL_NONE;
	if (!lock || !GW_ROLE_WAITS(t->role))
		return;
	/* One that wakes nobody may be on a word that nobody waits on. */
	if (t->role == GW_ROLE_UNLISTED && ret <= 0)
		return;
	TRACK_ADD(lock->wakes, 1);
	/* FUTEX_UNLOCK_PI returns 0, whomever it woke. */
	if (ret < 0 || (!ret && lock->kind != GW_KIND_PI))
		TRACK_ADD(lock->wakes_empty, 1);
}

#endif /* GILWATCH_TRACK_FUTEX_H */
