/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_BLOCKED_H
#define GILWATCH_BLOCKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Where a thread is blocked now, from /proc/PID/task/TID/syscall (proc(5)): for
 * what was stuck before gilwatch came and makes no event any more.
 */

enum blocked_in {
	BLOCKED_RUNNING, /* on a CPU, or about to be */
	BLOCKED_FAULT,   /* asleep outside any system call */
	BLOCKED_CALL,    /* in another system call */
	BLOCKED_FUTEX,   /* waiting on a futex word */
};

struct blocked {
	enum blocked_in in;
	pid_t tid;
	long call; /* number of the system call; -1: none */
	/* The rest only for BLOCKED_FUTEX. */
	uint64_t word;
	uint32_t val;   /* the value that was expected there */
	bool timed;     /* with a timeout */
	bool shared;    /* without FUTEX_PRIVATE_FLAG */
	bool owned;     /* FUTEX_LOCK_PI: the word has the owner's tid */
	bool restarted; /* went on after a signal */
};

/* Threads of one process that are looked at. */
#define BLOCKED_THREADS_MAX 65536

/*
 * Parse the n bytes of such a file. Returns 0 or -EPROTO; sets all but tid.
 */
int blocked_parse(const char *text, size_t n, struct blocked *out);

/*
 * Read it for one thread. Returns 0; -ESRCH where the thread has ended, -EPERM
 * or -EACCES where it may not be read, -ENOSYS where the kernel does not have
 * the file, -EPROTO.
 */
int blocked_read(pid_t pid, pid_t tid, struct blocked *out);

/*
 * Read it for all threads of a process, in ascending order of tid. *list is
 * from malloc. Threads that end meanwhile are left out.
 *
 * Returns 0, or a negative errno and an empty list.
 */
int blocked_all(pid_t pid, struct blocked **list, size_t *count);

#endif
