// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "blocked.h"

/* Newer than some headers: 6.7, one number on all architectures. */
#define CALL_FUTEX_WAIT 455
#define FUTEX2_PRIVATE_FLAG 128

#define ARGS 6

/* Whether a futex call with this command sleeps on its first word. */
static bool is_waiting(uint64_t op)
{
	switch (op & (unsigned int)FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_WAIT_REQUEUE_PI:
	case FUTEX_LOCK_PI:
	case 13: /* FUTEX_LOCK_PI2, from 5.14 */
		return true;
	default:
		return false;
	}
}

/* futex(word, op, val, timeout, ...). */
static void take_futex(struct blocked *b, const uint64_t *arg)
{
	uint64_t command = arg[1] & (unsigned int)FUTEX_CMD_MASK;

	if (arg[0] & 3 || !arg[0] || arg[1] > 0xffffffffu ||
	    !is_waiting(arg[1]))
		return;
	b->in = BLOCKED_FUTEX;
	b->word = arg[0];
	b->val = (uint32_t)arg[2];
	b->timed = arg[3] != 0;
	b->shared = !(arg[1] & FUTEX_PRIVATE_FLAG);
	b->owned = command == FUTEX_LOCK_PI || command == 13;
}

/* futex_wait(word, val, mask, flags, timeout, clock). */
static void take_futex2(struct blocked *b, const uint64_t *arg)
{
	if (!arg[0])
		return;
	b->in = BLOCKED_FUTEX;
	b->word = arg[0];
	b->val = (uint32_t)arg[1];
	b->timed = arg[4] != 0;
	b->shared = !(arg[3] & FUTEX2_PRIVATE_FLAG);
}

static void take_call(struct blocked *b, const uint64_t *arg)
{
	b->in = BLOCKED_CALL;
	/* Of a call that goes on, the registers still have the arguments of
	 * the first one. */
	if (b->call == SYS_futex || b->call == SYS_restart_syscall)
		take_futex(b, arg);
	else if (b->call == CALL_FUTEX_WAIT)
		take_futex2(b, arg);
	b->restarted = b->in == BLOCKED_FUTEX && b->call == SYS_restart_syscall;
}

/* "running", "-1 sp pc", or "number arg0 ... arg5 sp pc" with args in hex. */
int blocked_parse(const char *text, size_t n, struct blocked *out)
{
	char line[256], *end, *next;
	uint64_t arg[ARGS];
	int i;

	*out = (struct blocked){ .call = -1 };
	n = strnlen(text, n);
	if (n >= sizeof(line))
		return -EPROTO;
	memcpy(line, text, n);
	line[n] = '\0';
	if (!strncmp(line, "running", 7))
		return 0;
	out->call = strtol(line, &end, 10);
	if (end == line)
		return -EPROTO;
	if (out->call == -1) {
		out->in = BLOCKED_FAULT;
		return 0;
	}
	for (i = 0; i < ARGS; i++, end = next) {
		arg[i] = strtoull(end, &next, 16);
		if (next == end)
			return -EPROTO;
	}
	take_call(out, arg);
	return 0;
}

int blocked_read(pid_t pid, pid_t tid, struct blocked *out)
{
	char path[64], text[256];
	ssize_t n;
	int fd, err;

	*out = (struct blocked){ .call = -1, .tid = tid };
	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", (int)pid,
		 (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)pid,
			 (int)tid);
		return access(path, F_OK) ? -ESRCH : -ENOSYS;
	}
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text));
	err = n < 0 ? -errno : 0;
	close(fd);
	if (!err)
		err = n ? blocked_parse(text, (size_t)n, out) : -ESRCH;
	out->tid = tid;
	return err;
}

static int add(struct blocked **list, size_t *count, const struct blocked *b)
{
	struct blocked *grown;

	/* At each power of two there is no more room. */
	if (!(*count & (*count - 1))) {
		grown = reallocarray(*list, *count ? *count * 2 : 1,
				     sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		*list = grown;
	}
	(*list)[(*count)++] = *b;
	return 0;
}

static int by_tid(const void *a, const void *b)
{
	const struct blocked *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

static int read_tasks(pid_t pid, DIR *tasks, struct blocked **list,
		      size_t *count)
{
	struct dirent *entry;
	struct blocked b;
	int err = 0;

	while (!err && *count < BLOCKED_THREADS_MAX &&
	       (entry = readdir(tasks))) {
		if (entry->d_name[0] == '.')
			continue;
		err = blocked_read(pid, (pid_t)strtol(entry->d_name, NULL, 10),
				   &b);
		if (err == -ESRCH)
			err = 0;
		else if (!err)
			err = add(list, count, &b);
	}
	return err;
}

int blocked_all(pid_t pid, struct blocked **list, size_t *count)
{
	char path[64];
	DIR *tasks;
	int err;

	*list = NULL;
	*count = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (!tasks)
		return errno == ENOENT ? -ESRCH : -errno;
	err = read_tasks(pid, tasks, list, count);
	closedir(tasks);
	if (err) {
		free(*list);
		*list = NULL;
		*count = 0;
	} else if (*count) {
		qsort(*list, *count, sizeof(**list), by_tid);
	}
	return err;
}
