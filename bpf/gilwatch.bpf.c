// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Maps and thin wrappers: each SEC() function finds the thread and the lock
 * that an event is about and hands both to track.h.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define TRACK_ADD(field, n) __sync_fetch_and_add(&(field), (n))
#define TRACK_OR(field, bits) __sync_fetch_and_or(&(field), (bits))
#define TRACK_SWAP(field, value) __sync_lock_test_and_set(&(field), (value))
#include "track.h"
#include "compat.bpf.h"
#include "maps.bpf.h"
#include "park.bpf.h"
#include "record.bpf.h"
#include "words.bpf.h"
#include "threads.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* ---- futex calls -------------------------------------------------------- */

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

/* Who slept in its wait returns from it as soon as it is back on a CPU, well
 * below a microsecond later: that moment is known already. */
static __always_inline struct track_at when_returned(const struct gw_thread *t)
{
	struct track_at at = place();
	bool slept = t->run == GW_RUNNING && t->since_ns > t->call_ns;

	at.now = slept && !record_events && !state.stopped_ns ? t->since_ns
							      : now_ns();
	return at;
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
		at = when_returned(t);
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

/*
 * The programs that run for every futex call and every switch of the machine
 * have their work apart: what an unwatched task needs of them then lies in one
 * or two cache lines, and not around all the rest.
 */
static __noinline int entered_futex(struct trace_event_raw_sys_enter *ctx,
				    struct task_struct *task)
{
	return on_futex(task, ctx->args[0], ctx->args[1], ctx->args[2],
			ctx->args[3]);
}

SEC("?tracepoint/syscalls/sys_enter_futex")
int enter_futex(struct trace_event_raw_sys_enter *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return may_concern(task) ? entered_futex(ctx, task) : PASS_ON;
}

static __noinline int left_futex(struct task_struct *task, long ret)
{
	return on_return(task, ret);
}

SEC("?tracepoint/syscalls/sys_exit_futex")
int exit_futex(struct trace_event_raw_sys_exit *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return has_storage(task) ? left_futex(task, ctx->ret) : PASS_ON;
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

SEC("?tracepoint/syscalls/sys_enter_restart_syscall")
int enter_restart(struct trace_event_raw_sys_enter *ctx)
{
	return on_restart();
}

SEC("?tracepoint/syscalls/sys_exit_restart_syscall")
int exit_restart(struct trace_event_raw_sys_exit *ctx)
{
	return on_return(bpf_get_current_task_btf(), ctx->ret);
}

/* futex_wait(addr, val, mask, flags, ...) and its kin came with 6.7. */
SEC("?tracepoint/syscalls/sys_enter_futex_wait")
int enter_futex_wait(struct trace_event_raw_sys_enter *ctx)
{
	return on_wait(bpf_get_current_task_btf(), ctx->args[0],
		       futex2_op(ctx->args[3]), ctx->args[1], 0);
}

SEC("?tracepoint/syscalls/sys_exit_futex_wait")
int exit_futex_wait(struct trace_event_raw_sys_exit *ctx)
{
	return on_return(bpf_get_current_task_btf(), ctx->ret);
}

SEC("?tracepoint/syscalls/sys_enter_futex_wake")
int enter_futex_wake(struct trace_event_raw_sys_enter *ctx)
{
	return on_wake(bpf_get_current_task_btf(), ctx->args[0]);
}

SEC("?tracepoint/syscalls/sys_exit_futex_wake")
int exit_futex_wake(struct trace_event_raw_sys_exit *ctx)
{
	return on_return(bpf_get_current_task_btf(), ctx->ret);
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

SEC("?tracepoint/syscalls/sys_enter_futex_waitv")
int enter_futex_waitv(struct trace_event_raw_sys_enter *ctx)
{
	return on_waitv(ctx->args[0]);
}

SEC("?tracepoint/syscalls/sys_exit_futex_waitv")
int exit_futex_waitv(struct trace_event_raw_sys_exit *ctx)
{
	return on_return(bpf_get_current_task_btf(), ctx->ret);
}

/* futex_requeue(waiters, ...) wakes on the first of its two words. */
static __always_inline int on_requeue(__u64 waiters)
{
	struct futex_waitv first = {};

	if (bpf_probe_read_user(&first, sizeof(first), (void *)waiters))
		return PASS_ON;
	return on_wake(bpf_get_current_task_btf(), first.uaddr);
}

SEC("?tracepoint/syscalls/sys_enter_futex_requeue")
int enter_futex_requeue(struct trace_event_raw_sys_enter *ctx)
{
	return on_requeue(ctx->args[0]);
}

SEC("?tracepoint/syscalls/sys_exit_futex_requeue")
int exit_futex_requeue(struct trace_event_raw_sys_exit *ctx)
{
	return on_return(bpf_get_current_task_btf(), ctx->ret);
}

/* ---- the same without perf events ----------------------------------------
 *
 * Where tracefs or perf_event_open is not for gilwatch, these two see every
 * system call of the machine, which costs each some 65 ns more.
 */

SEC("?tp_btf/sys_enter")
int BPF_PROG(enter_any, struct pt_regs *regs, long nr)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!is_futex_call(nr) || call_is_compat())
		return 0;
	if (nr == NR_FUTEX)
		on_futex(task, call_arg(regs, 0), call_arg(regs, 1),
			 call_arg(regs, 2), call_arg(regs, 3));
	else if (nr == NR_FUTEX_WAIT)
		on_wait(task, call_arg(regs, 0), futex2_op(call_arg(regs, 3)),
			call_arg(regs, 1), 0);
	else if (nr == NR_FUTEX_WAKE)
		on_wake(task, call_arg(regs, 0));
	else if (nr == NR_FUTEX_WAITV)
		on_waitv(call_arg(regs, 0));
	else if (nr == NR_FUTEX_REQUEUE)
		on_requeue(call_arg(regs, 0));
	else
		on_restart();
	return 0;
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(exit_any, struct pt_regs *regs, long ret)
{
	if (is_futex_call(call_number(regs)) && !call_is_compat())
		on_return(bpf_get_current_task_btf(), ret);
	return 0;
}

/* ---- the scheduler ------------------------------------------------------ */

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

SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev,
	     struct task_struct *next)
{
	if (!has_storage(prev) && !has_storage(next))
		return 0;
	return switched(preempt, prev, next);
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

/* A release wakes a thread a moment after its call began, and looking at the
 * clock costs more than that moment is long: the call's time serves. */
static __always_inline struct track_at when_woken(const struct gw_thread *t,
						  const struct gw_thread *waker)
{
	struct track_at at = place();

	if (!record_events && !state.stopped_ns && track_releases(waker, t))
		at.now = waker->call_ns > t->since_ns ? waker->call_ns
						      : t->since_ns;
	else
		at.now = now_ns();
	return at;
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
	at = when_woken(t, waker);
	alone_with_thread(t);
	event_waking(t, waker, &at);
	track_waking(t, waker, &at);
	alone_end_thread(t);
	return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(sched_waking, struct task_struct *task)
{
	return has_storage(task) ? on_waking(task) : 0;
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(sched_wakeup_new, struct task_struct *task)
{
	return on_waking(task);
}

SEC("tp_btf/sched_migrate_task")
int BPF_PROG(sched_migrate_task, struct task_struct *task, int to)
{
	struct gw_thread *t = watched(task);

	if (t)
		migration_count(t, task_cpu(task), to);
	return 0;
}

/* ---- threads come and go ------------------------------------------------ */

static int on_fork(struct task_struct *parent, struct task_struct *child)
{
	struct track_at at = moment();

	if (!known(child))
		thread_forked(parent, child, &at);
	return 0;
}

/* Twice, as a real-time kernel leaves out a program that another task has been
 * preempted in, and a child that is missed is never seen again. */
SEC("tp_btf/task_newtask")
int BPF_PROG(task_newtask, struct task_struct *child)
{
	return on_fork(bpf_get_current_task_btf(), child);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(sched_process_fork, struct task_struct *parent,
	     struct task_struct *child)
{
	return on_fork(parent, child);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec, struct task_struct *task)
{
	struct gw_thread *t = watched(task);
	struct track_at at = moment();

	if (t)
		thread_execed(t, task, &at);
	name_changed(task);
	return 0;
}

SEC("?tp_btf/task_rename")
int BPF_PROG(task_rename, struct task_struct *task)
{
	name_changed(task);
	return 0;
}

/* Also when counting has stopped: else a thread that ends before the last
 * reading would be in no record. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit, struct task_struct *task)
{
	struct gw_thread *t = known(task);
	struct track_at at = moment();

	if (t)
		thread_ended(t, task, &at);
	return 0;
}

/* ---- asked for by user space -------------------------------------------- */

/* Takes in the threads that existed before gilwatch came. Writes a struct
 * gw_sleeper for each that sleeps in a futex wait, so that user space, which
 * can read its memory, tells which words are pairs. */
SEC("iter/task")
int adopt_threads(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct track_at at = moment();
	struct gw_sleeper sleeper = {};
	struct futex_wait call = {};
	struct gw_thread *t;

	if (!task || !wanted(task))
		return 0;
	t = thread_adopted(task, &at);
	if (!t) /* taken in before, perhaps when there was no room to write */
		t = watched(task);
	if (!t || !still_as_found(t) || !sleeps_in(task, &call))
		return 0;
	sleeper.addr = call.addr;
	sleeper.op = call.op;
	sleeper.val = call.val;
	sleeper.image = t->image;
	sleeper.tgid = t->tgid;
	bpf_seq_write(ctx->meta->seq, &sleeper, sizeof(sleeper));
	return 0;
}

/* Then lets those that still sleep wait for their locks. */
SEC("iter/task")
int adopt_waits(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct track_at at = moment();
	struct gw_thread *t;

	if (!task)
		return 0;
	t = watched(task);
	if (t)
		adopt_wait(t, task, &at);
	return 0;
}

/* Marks the locks that threads refer to: the others' entries can be taken back.
 * A thread that has ended refers to none and has counted all it will. */
SEC("iter/task")
int mark_locks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task; /* once: the verifier of 6.1 */
	struct gw_thread *t;

	if (!task)
		return 0;
	t = known(task);
	if (t)
		mark_all(t);
	return 0;
}

/* Writes one struct gw_live for each watched thread that is alive. */
SEC("iter/task")
int read_threads(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct gw_live_head head = {};
	struct gw_thread *t;

	if (!task)
		return 0;
	t = known(task);
	if (!t)
		return 0;
	names_read(&head.names, task);
	head.now_ns = now_ns();
	bpf_seq_write(ctx->meta->seq, &head, sizeof(head));
	bpf_seq_write(ctx->meta->seq, t, sizeof(*t));
	return 0;
}
