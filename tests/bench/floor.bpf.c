// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Programs that do nothing, on the probes that gilwatch uses: what watching
 * costs at least, whatever it does with what it sees. If asked to they find the
 * thread's state and look at the clock, and still count nothing: what it costs
 * at least to know whose event it is and when it was.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set between open and load. The process whose threads have a state; 0: none,
 * and the kernel takes all of it out of the programs. */
const volatile pid_t looks_at;

struct seen {
	__u64 ns;
	__u32 waits; /* its last futex call is a FUTEX_WAIT, by its kind */
	__u32 pad;
};

/* What a task was seen to do. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct seen);
} tasks SEC(".maps");

static __always_inline struct seen *state_of(struct task_struct *task,
					     __u64 flags)
{
	if (task->tgid != looks_at)
		return NULL;
	return bpf_task_storage_get(&tasks, task, NULL, flags);
}

/* FUTEX_WAIT and FUTEX_WAIT_BITSET, private or not. */
static __always_inline bool is_wait(__u32 op)
{
	return !(op & 0x7f) || (op & 0x7f) == 9;
}

/* A program on a perf tracepoint returns 1, as gilwatch's do. */
SEC("tracepoint/syscalls/sys_enter_futex")
int enter_futex(struct trace_event_raw_sys_enter *ctx)
{
	struct seen *s = looks_at ? state_of(bpf_get_current_task_btf(),
					     BPF_LOCAL_STORAGE_GET_F_CREATE)
				  : NULL;

	if (s) {
		s->waits = is_wait((__u32)ctx->args[1]);
		s->ns = bpf_ktime_get_ns();
	}
	return 1;
}

/* When FUTEX_WAKE returns is nobody's concern. */
SEC("tracepoint/syscalls/sys_exit_futex")
int exit_futex(void *ctx)
{
	struct seen *s =
		looks_at ? state_of(bpf_get_current_task_btf(), 0) : NULL;

	if (s && s->waits)
		s->ns = bpf_ktime_get_ns();
	return 1;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev,
	     struct task_struct *next)
{
	struct seen *out, *in;
	__u64 now;

	if (!looks_at)
		return 0;
	out = state_of(prev, 0);
	in = state_of(next, 0);
	now = bpf_ktime_get_ns();
	if (out)
		out->ns = now;
	if (in)
		in->ns = now;
	return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(sched_waking, struct task_struct *task)
{
	struct seen *woken = looks_at ? state_of(task, 0) : NULL, *waker;

	if (!woken)
		return 0;
	waker = state_of(bpf_get_current_task_btf(), 0);
	woken->ns = bpf_ktime_get_ns();
	if (waker)
		waker->ns = woken->ns;
	return 0;
}

#define NOTHING(name, section, result)                                         \
	SEC(section) int name(void *ctx)                                       \
	{                                                                      \
		return result;                                                 \
	}

#define SCHED(event) NOTHING(event, "tp_btf/" #event, 0)
#define CALL(call)                                                             \
	NOTHING(enter_##call, "tracepoint/syscalls/sys_enter_" #call, 1)       \
	NOTHING(exit_##call, "tracepoint/syscalls/sys_exit_" #call, 1)

SCHED(sched_wakeup_new)
SCHED(sched_migrate_task)
SCHED(task_newtask)
SCHED(sched_process_fork)
SCHED(sched_process_exec)
SCHED(sched_process_exit)

CALL(restart_syscall)
CALL(futex_wait)
CALL(futex_wake)
CALL(futex_waitv)
CALL(futex_requeue)
