// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the filter of system calls lets through and what not. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "confine.h"

/* Each returns what the system call returned. */
static long do_exec(void)
{
	return execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
}

static long do_execveat(void)
{
	char *argv[] = { (char *)(uintptr_t) "sh", NULL };

	return syscall(SYS_execveat, AT_FDCWD, "/bin/sh", argv, environ, 0);
}

static long do_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long do_ptrace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long do_load(void)
{
	union bpf_attr attr = { 0 };

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static long do_executable_memory(void)
{
	return (long)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long do_make_executable(void)
{
	static char page[8192] __attribute__((aligned(4096)));

	return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static long do_write_other(void)
{
	char byte = 0;
	struct iovec part = { &byte, 1 };

	return process_vm_writev(getpid(), &part, 1, &part, 1, 0);
}

static long do_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

static long do_clone_namespace(void)
{
	return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
}

static long do_mount(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL);
}

static long do_setuid(void)
{
	return setresuid(getuid(), getuid(), getuid());
}

static long do_type_for_the_user(void)
{
	return ioctl(STDIN_FILENO, TIOCSTI, "x");
}

static long do_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long (*const forbidden[])(void) = {
	do_exec,      do_execveat,          do_socket,          do_ptrace,
	do_load,      do_executable_memory, do_make_executable, do_write_other,
	do_namespace, do_clone_namespace,   do_mount,           do_setuid,
	do_dumpable,  do_type_for_the_user,
};

#define FORBIDDEN (sizeof(forbidden) / sizeof(*forbidden))

/* How a child ends that is confined and then tries this. */
static int try(enum confine how, long (*call)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		if (confine(how))
			_exit(2);
		_exit(call() == -1 && errno == EPERM ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void what_is_not_needed_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORBIDDEN; i++)
		if (try(CONFINE_REFUSE, forbidden[i]))
			fail_msg("call %zu was not refused", i);
}

static void or_it_kills(void **state)
{
	int status;

	(void)state;
	for (size_t i = 0; i < FORBIDDEN; i++) {
		status = try(CONFINE_KILL, forbidden[i]);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("call %zu did not kill: status %x", i,
				 (unsigned int)status);
	}
}

/* Read, write, memory, a child that is confined too. */
static int work(void)
{
	char path[] = "/tmp/gilwatch-confine.XXXXXX";
	int fd, status;
	void *memory;
	pid_t pid;

	if (confine(CONFINE_KILL))
		return 2;
	fd = mkstemp(path);
	if (fd < 0 || unlink(path) || write(fd, "x", 1) != 1 || close(fd))
		return 3;
	memory = malloc(10 << 20);
	if (!memory)
		return 4;
	free(memory);
	pid = fork();
	if (!pid)
		_exit(do_exec() ? 1 : 0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 5;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? 0 : 6;
}

static void the_rest_works(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (!pid)
		_exit(work());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_needed_is_refused),
		cmocka_unit_test(or_it_kills),
		cmocka_unit_test(the_rest_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
