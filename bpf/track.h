/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The transition function: what each event does to a thread, its episodes and
 * the locks. It compiles into the BPF programs, into the unit tests and into
 * user space, so that what the tests prove is what runs in the kernel.
 *
 * Pure: structs in, structs out, no BPF helper, no libc. The includer brings
 * the two look-ups below and, where counters are shared between CPUs, its own
 * TRACK_ADD and TRACK_SWAP.
 *
 * A return from FUTEX_WAIT does not tell whether the thread got the lock.
 * An episode therefore goes
 *
 *	IDLE -> WAITING -> TENTATIVE -> WAITING (failed) | IDLE (committed)
 *
 * and these hold at all times:
 *  - A TENTATIVE episode ends, dated back to its return, by the first of: the
 *    thread's own FUTEX_WAKE on a WAIT or SWITCH word of the lock; a wait on a
 *    SWITCH word of it; a sleep outside any futex call; TRACK_COMMIT_NS on a
 *    CPU.
 *  - A new FUTEX_WAIT on the lock before any of those makes it WAITING again:
 *    the wakeup failed, the episode goes on.
 *  - A wait for another lock proves nothing about this one (a condition
 *    variable's waiter has to take its mutex again). A thread therefore has
 *    two episodes, and only a third lock ends the older one.
 *  - A recorder lets one CPU at a time change locks. A thread that leaves its
 *    CPU cannot wait for that: what is decided then is DUE, and ended by the
 *    thread's next event that may.
 *  - A thread can lose its CPU between its return and the lock. When somebody
 *    else had the lock meanwhile, it got it from that one, not before it was
 *    back on a CPU; it did not go to sleep again only because it saw nothing.
 *  - After a signal only a FUTEX_WAKE proves possession. Else the episode was
 *    given up: its time counts as waited, nothing as acquired.
 */
#ifndef GILWATCH_TRACK_H
#define GILWATCH_TRACK_H

#include "gilwatch.h"

/* On-CPU time after which a thread that has returned has the lock. A failed
 * waiter is back in FUTEX_WAIT within 10 us in CPython (p99). */
#define TRACK_COMMIT_NS 50000ull

/* A lock wait follows a sleep "directly" when less CPU time lies between. */
#define TRACK_DIRECT_NS 100000ull

/* A wakeup can be seen this long before the switch that it undoes: the waker
 * looks at the thread while another CPU is still switching it out. */
#define TRACK_EARLY_NS 50000ull

/* Results of system calls that are not in user space's errno.h. */
#define TRACK_EINTR 4
#define TRACK_ETIMEDOUT 110
#define TRACK_ERESTARTSYS 512
#define TRACK_ERESTART_RESTARTBLOCK 516

/* Always inlined: the verifier refuses a void function that leaves a pointer to
 * the stack in its unused result register. */
#define TRACK_FN static inline __attribute__((always_inline))

/* Adds to a counter; its value before. */
#ifndef TRACK_ADD
#define TRACK_ADD(field, n)                                                    \
	({                                                                     \
		__typeof__(field) old_ = (field);                              \
		(field) += (__typeof__(field))(n);                             \
		old_;                                                          \
	})
#endif
/* Sets bits. */
#ifndef TRACK_OR
#define TRACK_OR(field, bits) ((field) |= (bits))
#endif
#ifndef TRACK_SWAP
TRACK_FN __u64 track_swap(__u64 *field, __u64 value)
{
	__u64 old = *field;

	*field = value;
	return old;
}
#define TRACK_SWAP(field, value) track_swap(&(field), value)
#endif

/* The moment and place of an event. */
struct track_at {
	__u64 now; /* ns */
	__u32 cpu;
	__u32 window; /* gw_state.window */
	__u32 later;  /* no lock may be changed now: episodes become GW_DUE */
	void *store;  /* handed on to the look-ups */
};

/* What an includer that replays is told: an episode has ended with the lock
 * (from: the release that it follows, thread 0: none) or without it; a hold. */
#ifndef TRACK_TELL_COMMIT
#define TRACK_TELL_COMMIT(at, t, e, from)
#define TRACK_TELL_GIVEN_UP(at, t, e, end)
#define TRACK_TELL_HOLD(at, lock, thread, since, end, estimated) (void)(thread)
#endif

/* Brought by the includer: the lock at an index and the pair's counters.
 * Either may be NULL, and then the event goes uncounted there. */
static struct gw_lock *track_lock(void *store, __u32 index);
static struct gw_edge *track_edge(void *store, struct gw_thread *to, __u32 lock,
				  __u32 from);

TRACK_FN void track_max(struct gw_max *max, __u64 value, __u32 window)
{
	if (max->window != window) {
		max->window = window;
		max->recent = 0;
	}
	if (value > max->recent)
		max->recent = value;
	if (value > max->all)
		max->all = value;
}

/* One more duration; the bit of its group is written once. */
TRACK_FN void track_value(struct hist *hist, struct gw_max *max, __u64 ns,
			  __u32 window)
{
	__u32 bucket = hist_bucket(ns);
	__u32 bit = 1u << (hist_group(bucket) & 31);

	if (bucket < HIST_BUCKETS)
		TRACK_ADD(hist->count[bucket], 1);
	if (!(max->groups & bit))
		TRACK_OR(max->groups, bit);
	track_max(max, ns, window);
}

TRACK_FN void track_sample(struct gw_lock *lock, enum gw_metric metric,
			   __u64 ns, __u32 window)
{
	track_value(&lock->hist[metric], &lock->max[metric], ns, window);
}

/**
 * track_cpu() - CPU time of a thread since it was first seen
 * @t: the thread
 * @now: ns
 *
 * Return: ns.
 */
TRACK_FN __u64 track_cpu(const struct gw_thread *t, __u64 now)
{
	__u64 ns = t->time_ns[GW_RUNNING];

	return t->run == GW_RUNNING ? ns + (now - t->since_ns) : ns;
}

/* Every ns goes to the state that it was spent in, and to one only. */
TRACK_FN void track_enter_run(struct gw_thread *t, __u64 now, enum gw_run run)
{
	if (now > t->since_ns)
		t->time_ns[t->run & (GW_RUN_STATES - 1)] += now - t->since_ns;
	t->since_ns = now;
	t->run = run;
}

/* ---- how an episode ends ------------------------------------------------ */

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
	TRACK_ADD(lock->inferred, inferred);
	TRACK_ADD(lock->cross, cross);
	edge = track_edge(at->store, t, e->lock, from.thread);
	if (!edge) {
		TRACK_ADD(lock->lost, 1);
		return;
	}
	if (timed && e->return_ns > from.ns)
		latency = e->return_ns - from.ns;
	TRACK_ADD(edge->handoffs, 1);
	TRACK_ADD(edge->timed, timed);
	TRACK_ADD(edge->inferred, inferred);
	TRACK_ADD(edge->cross, cross);
	TRACK_ADD(edge->latency_ns, latency);
	track_max(&edge->latency_max, latency, at->window);
}

/* Response delays lie close together, about a switch interval; what users feel
 * is told to half a bucket. */
TRACK_FN void track_upper(struct hist_upper *upper, __u64 ns)
{
	__u32 place = hist_bucket(ns) - HIST_UPPER_FIRST;

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
 * where that came later. */
TRACK_FN void track_overtaken(const struct gw_thread *t, struct gw_lock *lock,
			      struct gw_episode *e)
{
	const struct gw_release *last = &lock->released;

	if (!track_owned(lock) || last->thread == t->serial ||
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

/* ---- futex calls -------------------------------------------------------- */

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

/* The thread goes to wait for the lock: a new episode, or its old one again. */
TRACK_FN void track_wait_again(struct gw_thread *t, __u32 index,
			       struct gw_lock *lock, const struct track_at *at)
{
	struct gw_episode *e = track_find(t, index);

	if (e && e->phase == GW_TENTATIVE && !track_ran_enough(t, e, at->now)) {
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
	if (t->role == GW_ROLE_WAIT)
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
	if (role == GW_ROLE_SWITCH)
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
	if (!lock || t->role != GW_ROLE_WAIT)
		return;
	TRACK_ADD(lock->wakes, 1);
	/* FUTEX_UNLOCK_PI returns 0, whomever it woke. */
	if (ret < 0 || (!ret && lock->kind != GW_KIND_PI))
		TRACK_ADD(lock->wakes_empty, 1);
}

/* ---- the scheduler ------------------------------------------------------ */

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
	if (t->call == GW_CALL_WAIT)
		track_settle(t, at);
	else if (leave == TRACK_ASLEEP)
		track_conclude_all(t, at);
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

/* Whether a wakeup is what the waker's FUTEX_WAKE does. */
TRACK_FN int track_releases(const struct gw_thread *waker,
			    const struct gw_thread *t)
{
	return waker && waker->call == GW_CALL_WAKE &&
	       t->call == GW_CALL_WAIT && waker->lock == t->lock &&
	       t->role == GW_ROLE_WAIT;
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

#endif /* GILWATCH_TRACK_H */
