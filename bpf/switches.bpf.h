/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the scheduler tells: a thread leaves its CPU, gets one, is woken. */
#ifndef GILWATCH_SWITCHES_BPF_H
#define GILWATCH_SWITCHES_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "compat.bpf.h"
#include "maps.bpf.h"
#include "record.bpf.h"
#include "stands.bpf.h"
#include "threads.bpf.h"

static __always_inline enum track_leave how_it_leaves(bool preempt,
						      struct task_struct *task)
{
	__u32 state = task_state(task);

	if (preempt || !state)
		return TRACK_PREEMPTED;
	return state & TASK_STOPPED_OR_TRACED ? TRACK_STOPPED : TRACK_ASLEEP;
}

/* A program of its own to the verifier, which allows a chain of calls 512 bytes
 * of stack: what a switch needs and what stands_wait needs are too much. */
__noinline int leaves(struct gw_thread *t, __u32 how, __u64 now)
{
	struct track_at at = place();
	bool locks;

	if (!t)
		return 0;
	at.now = now;
	locks = record_events && track_leave_decides(t);
	alone_with_thread(t);
	if (locks)
		at.later = alone_try_locks();
	event(GW_EV_OUT, t, &at, how, at.later ? GW_EV_LATER : 0, 0, 0);
	track_switch_out(t, how, &at);
	if (locks && !at.later)
		alone_end_locks();
	alone_end_thread(t);
	return 0;
}

static __always_inline void on_leave(struct gw_thread *t,
				     struct task_struct *task,
				     enum track_leave how, __u64 now)
{
	if (sched_only && how == TRACK_ASLEEP)
		stands_asleep(t, task, now);
	leaves(t, how, now);
}

static __always_inline void on_enter(struct gw_thread *t,
				     const struct track_at *at)
{
	alone_with_thread(t);
	event(GW_EV_IN, t, at, 0, 0, 0, 0);
	track_switch_in(t, at);
	alone_end_thread(t);
	if (sched_only)
		stands_awake(t, at->now);
}

static __noinline int switched(bool preempt, struct task_struct *prev,
			       struct task_struct *next)
{
	struct gw_thread *out = watched(prev);
	struct gw_thread *in = watched(next);
	struct track_at at;

	if (!out && !in)
		return 0;
	at = moment();
	if (out)
		on_leave(out, prev, how_it_leaves(preempt, prev), at.now);
	if (in)
		on_enter(in, &at);
	return 0;
}

static __always_inline int on_waking_only(struct gw_thread *t,
					  struct gw_thread *waker)
{
	struct track_at at = moment();

	if (waker)
		stands_waking(waker, &at);
	track_waking(t, waker, &at);
	if (waker)
		stands_woke(waker, &at);
	return 0;
}

static __noinline int on_waking(struct task_struct *task)
{
	struct gw_thread *t = watched(task), *waker = NULL;
	struct track_at at;

	if (!t)
		return 0;
	if (record_events || t->call == GW_CALL_WAIT)
		waker = watched(bpf_get_current_task_btf());
	if (sched_only)
		return on_waking_only(t, waker);
	at = moment();
	alone_with_thread(t);
	event_waking(t, waker, &at);
	track_waking(t, waker, &at);
	alone_end_thread(t);
	return 0;
}

#endif /* GILWATCH_SWITCHES_BPF_H */
