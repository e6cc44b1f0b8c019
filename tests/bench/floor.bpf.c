// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Programs that do nothing, on the probes that gilwatch uses: what watching
 * costs at least, whatever it does with what it sees.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* A program on a perf tracepoint returns 1, as gilwatch's do. */
#define NOTHING(name, section, result)                                         \
	SEC(section) int name(void *ctx)                                       \
	{                                                                      \
		return result;                                                 \
	}

#define SCHED(event) NOTHING(event, "tp_btf/" #event, 0)
#define CALL(call)                                                             \
	NOTHING(enter_##call, "tracepoint/syscalls/sys_enter_" #call, 1)       \
	NOTHING(exit_##call, "tracepoint/syscalls/sys_exit_" #call, 1)

SCHED(sched_switch)
SCHED(sched_waking)
SCHED(sched_wakeup_new)
SCHED(sched_migrate_task)
SCHED(task_newtask)
SCHED(sched_process_fork)
SCHED(sched_process_exec)
SCHED(sched_process_exit)

CALL(futex)
CALL(restart_syscall)
CALL(futex_wait)
CALL(futex_wake)
CALL(futex_waitv)
CALL(futex_requeue)
