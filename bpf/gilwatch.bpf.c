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
#include "calls.bpf.h"
#include "compat.bpf.h"
#include "maps.bpf.h"
#include "switches.bpf.h"
#include "threads.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* ---- futex calls -------------------------------------------------------- */

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

SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev,
	     struct task_struct *next)
{
	if (!has_storage(prev) && !has_storage(next))
		return 0;
	return switched(preempt, prev, next);
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
	struct track_at at = moment_or_stop();

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
	struct track_at at = moment_or_stop();

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
