/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Futex calls as the scheduler sees them, without a probe on any system call:
 * a thread that goes to sleep and one that wakes another both stand in their
 * call, and their registers say which. What never sleeps and wakes nobody is
 * not seen, and no result is.
 */
#ifndef GILWATCH_STANDS_BPF_H
#define GILWATCH_STANDS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "compat.bpf.h"
#include "maps.bpf.h"
#include "park.bpf.h"
#include "words.bpf.h"

/* The futex wait that a task sleeps in, or goes to sleep in. */
static __always_inline bool sleeps_in(struct task_struct *task,
				      struct futex_wait *call)
{
	struct task_call in = {};

	if (!task_call(task, &in))
		return false;
	call->addr = in.arg[0];
	if (in.nr == NR_FUTEX_WAIT) { /* (addr, val, mask, flags, ...) */
		call->val = (__u32)in.arg[1];
		call->op = futex2_op(in.arg[3]);
		return true;
	}
	call->op = in.arg[1];
	call->val = (__u32)in.arg[2];
	call->timeout = in.arg[3];
	return in.nr == NR_FUTEX && futex_is_wait(in.arg[1]);
}

/* The word on which the running task is waking somebody. */
static __always_inline bool wakes_on(__u64 *addr)
{
	struct task_call in = {};

	if (!task_call(bpf_get_current_task_btf(), &in))
		return false;
	*addr = in.arg[0];
	return in.nr == NR_FUTEX_WAKE ||
	       (in.nr == NR_FUTEX && futex_is_wake(in.arg[1]));
}

/*
 * What is not static is a program of its own for the verifier, which else
 * would walk it once for each way that leads there, and give up.
 */
__noinline int stands_wait(struct gw_thread *t, const struct futex_wait *how,
			   __u64 now)
{
	struct futex_wait call = {};
	struct gw_word word;
	struct track_at at = place();

	if (!t || !how)
		return 0;
	at.now = now;
	call = *how;
	if (!word_for_wait(t, &call, &word))
		return 0;
	t->timed = call.timeout != 0;
	t->definite = futex_is_pi(call.op);
	call.timeout = absolute_timeout(call.op, call.timeout);
	if (call.timeout)
		timeout_note(&word, &call, now);
	track_wait_enter(t, word.lock, word.role, &at);
	return 0;
}

__noinline int stands_return(struct gw_thread *t, __u64 now)
{
	struct track_at at = place();

	if (!t)
		return 0;
	at.now = now;
	track_wait_exit(t, t->timed && !t->waker.ns ? -TRACK_ETIMEDOUT : 0,
			&at);
	return 0;
}

/* The running thread goes to sleep. */
static __always_inline void stands_asleep(struct gw_thread *t,
					  struct task_struct *task, __u64 now)
{
	struct futex_wait call = {};

	if (sleeps_in(task, &call))
		stands_wait(t, &call, now);
}

/* It runs again. Woken by a release or by its timer; a signal, and a release
 * by somebody who is not watched, look like a release. */
static __always_inline void stands_awake(struct gw_thread *t, __u64 now)
{
	if (t->call == GW_CALL_WAIT)
		stands_return(t, now);
}

/* The running thread wakes somebody who waits for a lock. */
static __always_inline void stands_waking(struct gw_thread *waker,
					  const struct track_at *at)
{
	struct gw_word word;
	__u64 addr;

	if (wakes_on(&addr) && word_for_wake(waker, addr, &word))
		track_wake_enter(waker, word.lock, word.role, at);
}

/* Each thread that is woken counts as a wake of its own. */
static __always_inline void stands_woke(struct gw_thread *waker,
					const struct track_at *at)
{
	if (waker->call == GW_CALL_WAKE)
		track_wake_exit(waker, 1, at);
}

#endif /* GILWATCH_STANDS_BPF_H */
