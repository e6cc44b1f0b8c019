// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <termios.h>

#include "confine.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Whatever their arguments are. */
static const int calls[] = {
	/* files: reports, /proc, executables and libraries of what is watched
	 */
	SCMP_SYS(openat),
	SCMP_SYS(close),
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(pwrite64),
	SCMP_SYS(lseek),
	SCMP_SYS(fcntl),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
	SCMP_SYS(getdents64),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(ftruncate),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(fchown),
	SCMP_SYS(dup),
	SCMP_SYS(dup3),
	SCMP_SYS(memfd_create),
	SCMP_SYS(pipe2),
	SCMP_SYS(getcwd),
	/* whose rights to files hold meanwhile (file.c) */
	SCMP_SYS(setfsuid),
	SCMP_SYS(setfsgid),
	SCMP_SYS(getgroups),
	/* the word "go" to the command's process, on a socket that is there */
	SCMP_SYS(sendto),
	SCMP_SYS(recvfrom),
	/* waiting */
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(signalfd4),
	SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(futex),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(sched_yield),
	/* signals */
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(kill),
	SCMP_SYS(tgkill),
	SCMP_SYS(pidfd_open),
	SCMP_SYS(pidfd_send_signal),
	/* processes: a search has one of its own (interp_guard.h) */
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(set_tid_address),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getppid),
	SCMP_SYS(getpgrp),
	SCMP_SYS(getpgid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(membarrier),
	/* memory of its own; mmap and mprotect are below */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	/* time and what the machine is */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(times),
	SCMP_SYS(uname),
	SCMP_SYS(sysinfo),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getrandom),
};

/* Reading, writing and iterating over what is loaded, and letting go of it. */
static const unsigned int bpf_commands[] = {
	BPF_MAP_LOOKUP_ELEM,
	BPF_MAP_UPDATE_ELEM,
	BPF_MAP_DELETE_ELEM,
	BPF_MAP_GET_NEXT_KEY,
	BPF_MAP_LOOKUP_AND_DELETE_ELEM,
	BPF_MAP_LOOKUP_BATCH,
	BPF_MAP_LOOKUP_AND_DELETE_BATCH,
	BPF_MAP_UPDATE_BATCH,
	BPF_MAP_DELETE_BATCH,
	BPF_OBJ_GET_INFO_BY_FD,
	BPF_ITER_CREATE,
	BPF_LINK_DETACH,
};

/* Of terminals, but not what puts words into one; and detaching. */
static const unsigned int ioctls[] = {
	TCGETS,
	TCSETS,
	TCSETSW,
	TCSETSF,
	TCFLSH,
	TCXONC,
	TIOCGPGRP,
	TIOCSPGRP,
	TIOCGWINSZ,
	FIONREAD,
	PERF_EVENT_IOC_DISABLE,
};

#define NAMESPACES                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |         \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* A call that this architecture has not, has a number below 0. */
static int allow(scmp_filter_ctx filter, int call)
{
	return call < 0 ? 0 : seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
}

static int allow_if(scmp_filter_ctx filter, int call, struct scmp_arg_cmp arg)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, arg);
}

/* One value of an argument is enough; the kernel looks at its low half. */
static int allow_values(scmp_filter_ctx filter, int call, unsigned int arg,
			const unsigned int *values, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = allow_if(filter, call,
			       SCMP_CMP32(arg, SCMP_CMP_EQ, values[i]));
	return err;
}

static int add_rules(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_exec =
		SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int err = 0;

	for (size_t i = 0; i < COUNT(calls) && !err; i++)
		err = allow(filter, calls[i]);
	if (!err)
		err = allow_values(filter, SCMP_SYS(bpf), 0, bpf_commands,
				   COUNT(bpf_commands));
	if (!err)
		err = allow_values(filter, SCMP_SYS(ioctl), 1, ioctls,
				   COUNT(ioctls));
	if (!err)
		err = allow_if(filter, SCMP_SYS(mmap), no_exec);
	if (!err)
		err = allow_if(filter, SCMP_SYS(mprotect), no_exec);
	if (!err)
		err = allow_if(filter, SCMP_SYS(prctl),
			       SCMP_A0_64(SCMP_CMP_EQ, PR_SET_PDEATHSIG));
	if (!err)
		err = allow_if(filter, SCMP_SYS(clone),
			       SCMP_A0_64(SCMP_CMP_MASKED_EQ, NAMESPACES, 0));
	/* Its flags are in memory, which a filter cannot read; libraries then
	 * take clone. */
	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				       SCMP_SYS(clone3), 0);
	return err;
}

int confine(enum confine how)
{
	scmp_filter_ctx filter =
		seccomp_init(how == CONFINE_KILL ? SCMP_ACT_KILL_PROCESS
						 : SCMP_ACT_ERRNO(EPERM));
	int err;

	if (!filter)
		return -ENOMEM;
	err = add_rules(filter);
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

void confine_self(FILE *err)
{
	const char *how = getenv("GILWATCH_SECCOMP");
	int failed = confine(how && !strcmp(how, "kill") ? CONFINE_KILL
							 : CONFINE_REFUSE);

	if (failed)
		fprintf(err,
			"gilwatch: no filter for its own system calls (%s), "
			"goes on without\n",
			strerror(-failed));
}
