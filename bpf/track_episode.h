/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Part of track.h: how an episode ends, from whom the lock came, who has it. */
#ifndef GILWATCH_TRACK_EPISODE_H
#define GILWATCH_TRACK_EPISODE_H

#include "track_base.h"

/* A waiter whose timer has just taken it off the queue is not woken, and the
 * release makes no futex call, or one after its return. Who got the lock last
 * is then who releases it. */
TRACK_FN void track_last(struct gw_lock *lock, __u32 thread, __u64 ns,
			 __u32 cpu, __u32 seen)
{
	lock->released.ns = ns;
	lock->released.thread = thread;
	lock->released.cpu = cpu;
	lock->released.seen = seen;
}

/* The holder before this one cannot have held it longer than until now; a
 * thread that waited itself had lost it when its wait began. A commit that
 * comes late does not reach back behind what others did with the lock since:
 * no moment counts for two holders. */
TRACK_FN void track_hold_begin(struct gw_lock *lock, const struct gw_thread *t,
			       const struct gw_episode *e,
			       const struct track_at *at)
{
	__u32 holder = lock->holder;
	__u64 end = holder == t->serial ? e->start_ns : e->return_ns;
	__u64 since = lock->hold_ns, begin = e->return_ns;

	if (since > begin)
		return;
	if (lock->released.ns > begin)
		begin = lock->released.ns;
	since = TRACK_SWAP(lock->hold_ns, begin);
	lock->holder = t->serial;
	if (!since || since >= end)
		return;
	TRACK_ADD(lock->held_ns, end - since);
	TRACK_ADD(lock->holds_estimated, 1);
	track_sample(lock, GW_HOLD, end - since, at->window);
	TRACK_TELL_HOLD(at, lock, holder, since, end, 1);
}

TRACK_FN void track_hold_end(struct gw_lock *lock, __u32 thread,
			     const struct track_at *at)
{
	__u64 since;

	if (lock->holder != thread || !lock->hold_ns)
		return;
	since = TRACK_SWAP(lock->hold_ns, 0);
	if (!since || since >= at->now)
		return;
	TRACK_ADD(lock->held_ns, at->now - since);
	track_sample(lock, GW_HOLD, at->now - since, at->window);
	TRACK_TELL_HOLD(at, lock, thread, since, at->now, 0);
	track_last(lock, thread, at->now, at->cpu, 0);
}

/* Whose release the acquisition follows: the waker's, where its wakeup was
 * seen; else that of who last had the lock. That is sure where FUTEX_WAKE took
 * the waiter off the queue after its timer had already woken it, and inferred
 * where the wait ended by itself. Looked at when the episode is committed: at
 * a timed-out return the releaser may not yet have been seen to hold it. */
TRACK_FN void track_handoff(struct gw_lock *lock, struct gw_thread *t,
			    const struct gw_episode *e,
			    const struct track_at *at)
{
	struct gw_release from = e->from.ns ? e->from : lock->released;
	__u32 inferred = e->result != GW_STOLEN;
	__u32 timed = from.seen && !inferred;
	__u32 cross = from.cpu != e->cpu;
	struct gw_edge *edge;
	__u64 latency = 0;

	if (!from.thread || from.thread == t->serial) {
		from.thread = 0;
		TRACK_TELL_COMMIT(at, t, e, &from);
		return;
	}
	TRACK_TELL_COMMIT(at, t, e, &from);
	TRACK_ADD(lock->handoffs, 1);
	if (inferred)
		TRACK_ADD(lock->inferred, 1);
	if (cross)
		TRACK_ADD(lock->cross, 1);
	edge = track_edge(at->store, t, e->lock, from.thread);
	if (!edge) {
		TRACK_ADD(lock->lost, 1);
		return;
	}
	if (timed && e->return_ns > from.ns)
		latency = e->return_ns - from.ns;
	/* Only the thread that receives writes to its pairs. */
	edge->handoffs++;
	edge->timed += timed;
	edge->inferred += inferred;
	edge->cross += cross;
	edge->latency_ns += latency;
	track_max(&edge->latency_max, latency, at->window);
}

/* Response delays lie close together, about a switch interval; what users feel
 * is told to half a bucket. */
TRACK_FN void track_upper(struct hist_upper *upper, __u64 ns)
{
	__u32 place = hist_bucket(ns) - HIST_UPPER_FIRST;

	TRACK_ONE_COPY(place);
	if (place < HIST_UPPER_BUCKETS)
		upper->count[place] += (__u16)hist_upper(ns);
}

TRACK_FN void track_response(struct gw_thread *t, struct gw_lock *lock,
			     __u64 ns, const struct track_at *at)
{
	track_sample(lock, GW_RESPONSE, ns, at->window);
	track_value(&t->response, &t->response_max, ns, at->window);
	track_upper(&t->response_upper, ns);
}

/* A lock that one thread has at a time, and that its owner releases. */
TRACK_FN int track_owned(const struct gw_lock *lock)
{
	return lock->kind == GW_KIND_GIL || lock->kind == GW_KIND_MUTEX;
}

/* A thread that releases a lock and has not waited for it since it was woken
 * from its I/O found it free: it has had it since it was on a CPU. Of others
 * than these a FUTEX_WAKE is no release. */
TRACK_FN void track_response_free(struct gw_thread *t, struct gw_lock *lock,
				  const struct track_at *at)
{
	if (!t->response_ns || t->response_run_ns < t->response_ns ||
	    !track_owned(lock))
		return;
	track_response(t, lock, t->response_run_ns - t->response_ns, at);
}

/* Had the thread got the lock before it lost its CPU, nobody else could have
 * had it since: then the wait lasted until it ran again, or until the release
 * where that came later. One that goes to sleep for another lock most probably
 * has had this one, and has released it. */
TRACK_FN void track_overtaken(const struct gw_thread *t, struct gw_lock *lock,
			      struct gw_episode *e)
{
	const struct gw_release *last = &lock->released;

	if (!track_owned(lock) || e->slept || last->thread == t->serial ||
	    last->ns <= e->return_ns || t->since_ns <= e->return_ns)
		return;
	TRACK_ADD(lock->runnable_ns, t->since_ns - e->return_ns);
	e->return_ns = last->ns > t->since_ns ? last->ns : t->since_ns;
	e->cpu = (__u16)t->cpu;
	e->result = GW_RACE;
	e->from.ns = 0;
}

/* The time of an episode that has ended, with the lock or without it. */
TRACK_FN void track_waited(struct gw_thread *t, struct gw_lock *lock, __u64 ns)
{
	TRACK_ADD(lock->wait_ns, ns);
	if (lock->kind == GW_KIND_GIL)
		t->gil_delay_ns += ns;
}

TRACK_FN void track_commit(struct gw_thread *t, struct gw_episode *e,
			   const struct track_at *at)
{
	struct gw_lock *lock = track_lock(at->store, e->lock);
	__u64 wait;

	e->phase = GW_IDLE;
	if (!lock)
		return;
	track_overtaken(t, lock, e);
	wait = e->return_ns - e->start_ns;
	TRACK_ADD(lock->acquired, 1);
	track_waited(t, lock, wait);
	track_sample(lock, GW_WAIT, wait, at->window);
	if (e->response_ns)
		track_response(t, lock, e->return_ns - e->response_ns, at);
	track_handoff(lock, t, e, at);
	if (lock->kind == GW_KIND_UNLISTED) /* nobody has several locks */
		return;
	track_hold_begin(lock, t, e, at);
	if (e->return_ns >= lock->released.ns)
		track_last(lock, t->serial, e->return_ns, t->cpu, 0);
}

TRACK_FN void track_failed(struct gw_thread *t, struct gw_lock *lock,
			   __u32 result)
{
	TRACK_ADD(lock->failed[result & (GW_RESULTS - 1)], 1);
	t->failed[result & (GW_RESULTS - 1)]++;
}

/* The thread left off waiting without the lock. */
TRACK_FN void track_give_up(struct gw_thread *t, struct gw_episode *e,
			    __u64 end, const struct track_at *at)
{
	struct gw_lock *lock = track_lock(at->store, e->lock);

	e->phase = GW_IDLE;
	if (!lock)
		return;
	TRACK_TELL_GIVEN_UP(at, t, e, end);
	track_waited(t, lock, end - e->start_ns);
	track_max(&lock->max[GW_WAIT], end - e->start_ns, at->window);
	track_failed(t, lock, GW_SIGNAL);
}

/* Ends a TENTATIVE episode that nothing but time has decided. */
TRACK_FN void track_conclude(struct gw_thread *t, struct gw_episode *e,
			     const struct track_at *at)
{
	if (e->phase < GW_TENTATIVE)
		return;
	if (at->later)
		e->phase = GW_DUE;
	else if (e->result == GW_SIGNAL)
		track_give_up(t, e, e->return_ns, at);
	else
		track_commit(t, e, at);
}

TRACK_FN void track_conclude_all(struct gw_thread *t, const struct track_at *at)
{
	track_conclude(t, &t->episode[0], at);
	track_conclude(t, &t->episode[1], at);
}

TRACK_FN int track_ran_enough(const struct gw_thread *t,
			      const struct gw_episode *e, __u64 now)
{
	return e->phase == GW_DUE ||
	       track_cpu(t, now) - e->cpu_ns >= TRACK_COMMIT_NS;
}

/**
 * track_settle() - end the episodes that CPU time alone has decided by now
 * @t: the thread
 * @at: the moment
 */
TRACK_FN void track_settle(struct gw_thread *t, const struct track_at *at)
{
	struct gw_episode *a = &t->episode[0], *b = &t->episode[1];

	if (a->phase >= GW_TENTATIVE && track_ran_enough(t, a, at->now))
		track_conclude(t, a, at);
	if (b->phase >= GW_TENTATIVE && track_ran_enough(t, b, at->now))
		track_conclude(t, b, at);
}

/* The open episode of this thread with this lock, or NULL. */
TRACK_FN struct gw_episode *track_find(struct gw_thread *t, __u32 lock)
{
	if (t->episode[0].phase != GW_IDLE && t->episode[0].lock == lock)
		return &t->episode[0];
	if (t->episode[1].phase != GW_IDLE && t->episode[1].lock == lock)
		return &t->episode[1];
	return 0;
}

/* Room for a new episode; a third lock ends the one that began first. */
TRACK_FN struct gw_episode *track_room(struct gw_thread *t,
				       const struct track_at *at)
{
	struct gw_episode *a = &t->episode[0], *b = &t->episode[1];
	struct gw_episode *old = a->start_ns <= b->start_ns ? a : b;

	if (a->phase == GW_IDLE)
		return a;
	if (b->phase == GW_IDLE)
		return b;
	track_conclude(t, old, at);
	return old;
}

#endif /* GILWATCH_TRACK_EPISODE_H */
