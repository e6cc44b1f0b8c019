/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Differences between kernels, each with the version that brought it. The
 * `___` flavours are stripped by CO-RE: they name older or foreign layouts.
 */
#ifndef GILWATCH_COMPAT_BPF_H
#define GILWATCH_COMPAT_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define TASK_STOPPED_OR_TRACED 0x0c /* __TASK_STOPPED | __TASK_TRACED */
#define PF_KTHREAD 0x00200000

/* 5.14 renamed task_struct.state to __state. */
struct task_struct___5_13 {
	volatile long state;
} __attribute__((preserve_access_index));

static __always_inline __u32 task_state(struct task_struct *task)
{
	struct task_struct___5_13 *old = (void *)task;

	if (bpf_core_field_exists(task->__state))
		return task->__state;
	return (__u32)old->state;
}

/* 5.16 moved task_struct.cpu to thread_info on all architectures. */
struct task_struct___5_15 {
	unsigned int cpu;
} __attribute__((preserve_access_index));

static __always_inline __u32 task_cpu(struct task_struct *task)
{
	struct task_struct___5_15 *old = (void *)task;

	if (bpf_core_field_exists(task->thread_info.cpu))
		return BPF_CORE_READ(task, thread_info.cpu);
	return BPF_CORE_READ(old, cpu);
}

/* 7.3 has on_cpu and on_rq as bytes, older ones as int: a read of the size in
 * our header would take in what lies beside them. */
static __always_inline bool task_on_cpu(struct task_struct *task)
{
	return BPF_CORE_READ_BITFIELD_PROBED(task, on_cpu) != 0;
}

static __always_inline bool task_on_rq(struct task_struct *task)
{
	return BPF_CORE_READ_BITFIELD_PROBED(task, on_rq) != 0;
}

/* The system call that a sleeping task is in. */
struct task_call {
	long nr;
	__u64 arg[4];
};

#if defined(__TARGET_ARCH_x86)
#define NR_FUTEX 202
#define NR_RESTART 219
#define TS_COMPAT 2

/* As sys_enter and sys_exit have them: trusted pointers, plain reads. */
static __always_inline __u64 call_arg(const struct pt_regs *r, int n)
{
	return n == 0 ? r->di : n == 1 ? r->si : n == 2 ? r->dx : r->r10;
}

static __always_inline long call_number(const struct pt_regs *r)
{
	return (long)r->orig_ax;
}

/* A 32-bit call has numbers of its own; its tracepoints are none either. */
static __always_inline bool call_is_compat(void)
{
	return bpf_get_current_task_btf()->thread_info.status & TS_COMPAT;
}
#elif defined(__TARGET_ARCH_arm64)
#define NR_FUTEX 98
struct pt_regs___entry {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
} __attribute__((preserve_access_index));
#define NR_RESTART 128
#define TIF_32BIT (1ul << 22)

static __always_inline __u64 call_arg(const struct pt_regs *regs, int n)
{
	const struct pt_regs___entry *r = (const void *)regs;

	return n ? BPF_CORE_READ(r, regs[n]) : BPF_CORE_READ(r, orig_x0);
}

static __always_inline long call_number(const struct pt_regs *regs)
{
	const struct pt_regs___entry *r = (const void *)regs;

	return BPF_CORE_READ(r, syscallno);
}

struct task_struct___arm {
	struct thread_info___arm {
		unsigned long flags;
	} __attribute__((preserve_access_index)) thread_info;
} __attribute__((preserve_access_index));

static __always_inline bool call_is_compat(void)
{
	struct task_struct___arm *task = (void *)bpf_get_current_task_btf();

	return BPF_CORE_READ(task, thread_info.flags) & TIF_32BIT;
}
#else
#error "system call registers are known for x86_64 and arm64"
#endif

/* Since 5.16 and 6.7; the same on all architectures. */
#define NR_FUTEX_WAITV 449
#define NR_FUTEX_WAKE 454
#define NR_FUTEX_WAIT 455
#define NR_FUTEX_REQUEUE 456

static __always_inline bool is_futex_call(long nr)
{
	return nr == NR_FUTEX || nr == NR_RESTART || nr == NR_FUTEX_WAITV ||
	       (nr >= NR_FUTEX_WAKE && nr <= NR_FUTEX_REQUEUE);
}

/* bpf_task_pt_regs() came with 5.15. Without it a thread that slept before
 * gilwatch came is taken to sleep outside futex calls until its next event.
 * Return: true when @c was filled. */
static __always_inline bool task_call(struct task_struct *task,
				      struct task_call *c)
{
	const struct pt_regs *regs;

	if (!bpf_core_enum_value_exists(enum bpf_func_id,
					BPF_FUNC_task_pt_regs))
		return false;
	regs = (void *)bpf_task_pt_regs(task);
	c->nr = call_number(regs);
	for (int i = 0; i < 4; i++)
		c->arg[i] = call_arg(regs, i);
	return true;
}

/*
 * A task's number in each pid namespace around it, from the outermost on
 * (include/linux/pid.h). The types are named here because vmlinux.h has only
 * what else is used.
 */
struct pid_namespace___number {
	struct {
		unsigned int inum;
	} ns;
} __attribute__((preserve_access_index));

struct upid___number {
	int nr;
	struct pid_namespace___number *ns;
} __attribute__((preserve_access_index));

struct pid___number {
	unsigned int level;
	struct upid___number numbers[1];
} __attribute__((preserve_access_index));

struct task_struct___number {
	struct pid___number *thread_pid;
} __attribute__((preserve_access_index));

/* MAX_PID_NS_LEVEL of include/linux/pid_namespace.h */
#define PIDNS_LEVELS 32

/* The number of a task in the pid namespace with this inode; 0: it has none. */
static __noinline __u32 task_number_in(struct task_struct *task, __u32 inode)
{
	struct task_struct___number *t = (void *)task;
	struct pid___number *pid = BPF_CORE_READ(t, thread_pid);
	struct upid___number *number;
	unsigned int level;

	if (!pid)
		return 0;
	level = BPF_CORE_READ(pid, level);
	for (unsigned int i = 0; i <= PIDNS_LEVELS && i <= level; i++) {
		number = (void *)pid +
			 bpf_core_field_offset(struct pid___number, numbers) +
			 i * bpf_core_type_size(struct upid___number);
		if (BPF_CORE_READ(number, ns, ns.inum) == inode)
			return BPF_CORE_READ(number, nr);
	}
	return 0;
}

#endif /* GILWATCH_COMPAT_BPF_H */
