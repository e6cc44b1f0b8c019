/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Futex calls as the probes on system calls see them: from their arguments and
 * their result to track.h. */
#ifndef GILWATCH_CALLS_BPF_H
#define GILWATCH_CALLS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "compat.bpf.h"
#include "maps.bpf.h"
#include "park.bpf.h"
#include "record.bpf.h"
#include "threads.bpf.h"
#include "words.bpf.h"

/* What a program on a perf tracepoint returns decides whether other users of
 * the same tracepoint (perf, bpftrace) see the event too. */
#define PASS_ON 1

static __always_inline int on_wait(struct task_struct *task, __u64 addr,
				   __u32 op, __u64 val, __u64 timeout)
{
	struct futex_wait call = {
		.addr = addr, .val = val, .timeout = timeout, .op = op
	};
	struct gw_thread *t = watched_or_new(task);
	struct track_at at;
	struct gw_word word;

	if (!t)
		return PASS_ON;
	t->matched = 1;
	if (!word_for_wait(t, &call, &word))
		return PASS_ON;
	at = moment();
	if (timeout)
		timeout_note(&word, &call, at.now);
	alone_with_both(t);
	t->definite = futex_is_pi(op);
	event(GW_EV_WAIT, t, &at, word.role, t->definite ? GW_EV_DEFINITE : 0,
	      word.lock, 0);
	track_wait_enter(t, word.lock, word.role, &at);
	alone_end_both(t);
	return PASS_ON;
}

static __always_inline int on_wake(struct task_struct *task, __u64 addr)
{
	struct gw_thread *t = watched(task);
	struct track_at at;
	struct gw_word word;

	if (!t)
		return PASS_ON;
	t->matched = 1;
	if (!word_for_wake(t, addr, &word))
		return PASS_ON;
	at = moment();
	alone_with_locks();
	event(GW_EV_WAKE, t, &at, word.role, 0, word.lock, 0);
	track_wake_enter(t, word.lock, word.role, &at);
	alone_end_locks();
	return PASS_ON;
}

static __always_inline int on_return(struct task_struct *task, long ret)
{
	struct gw_thread *t = watched(task);
	struct track_at at;

	if (!t)
		return PASS_ON;
	if (!t->matched) {
		t->matched = 1;
		lost(GW_LOST_UNMATCHED);
	} else if (t->call == GW_CALL_WAIT) {
		at = moment();
		alone_with_both(t);
		event(GW_EV_WAITED, t, &at, 0, 0, 0, ret);
		track_wait_exit(t, ret, &at);
		alone_end_both(t);
	} else if (t->call == GW_CALL_WAKE) {
		at = record_events ? moment() : place();
		event(GW_EV_WOKE, t, &at, 0, 0, 0, ret);
		track_wake_exit(t, ret, &at);
	}
	return PASS_ON;
}

static __always_inline int on_futex(struct task_struct *task, __u64 addr,
				    __u32 op, __u64 val, __u64 timeout)
{
	if (futex_is_wait(op))
		return on_wait(task, addr, op, (__u32)val,
			       absolute_timeout(op, timeout));
	if (futex_is_wake(op))
		return on_wake(task, addr);
	return PASS_ON;
}

/* A timed wait that a signal interrupted goes on under another number. */
static __always_inline int on_restart(void)
{
	struct gw_thread *t = watched(bpf_get_current_task_btf());
	struct track_at at;

	if (!t || !t->restart)
		return PASS_ON;
	at = moment();
	alone_with_both(t);
	event(GW_EV_WAIT, t, &at, t->role, t->definite ? GW_EV_DEFINITE : 0,
	      t->lock, 0);
	track_wait_enter(t, t->lock, t->role, &at);
	alone_end_both(t);
	return PASS_ON;
}

/* futex_waitv(waiters, nr, ...) came with 5.16: counted for its first word. */
static __always_inline int on_waitv(__u64 waiters)
{
	struct futex_waitv first = {};

	if (bpf_probe_read_user(&first, sizeof(first), (void *)waiters))
		return PASS_ON;
	return on_wait(bpf_get_current_task_btf(), first.uaddr,
		       futex2_op(first.flags), first.val, 0);
}

/* futex_requeue(waiters, ...) wakes on the first of its two words. */
static __always_inline int on_requeue(__u64 waiters)
{
	struct futex_waitv first = {};

	if (bpf_probe_read_user(&first, sizeof(first), (void *)waiters))
		return PASS_ON;
	return on_wake(bpf_get_current_task_btf(), first.uaddr);
}

#endif /* GILWATCH_CALLS_BPF_H */
