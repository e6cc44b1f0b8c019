// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "full_write.h"
#include "interp_guard.h"
#include "now.h"

/* What the child sends, followed by the text of the explanation. */
struct answer {
	int err;
	uint32_t text;
	struct interp found;
};

static int64_t now_ms(void)
{
	return (int64_t)(now_ns() / 1000000u);
}

static void child(int fd, pid_t pid, const struct interp_hints *hints,
		  bool explain)
{
	struct answer *a = calloc(1, sizeof(*a));
	struct buf text = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!a)
		_exit(1);
	a->err = interp_find(pid, hints, &a->found, explain ? &text : NULL);
	if (text.len > INTERP_EXPLAIN_MAX)
		text.len = INTERP_EXPLAIN_MAX;
	a->text = (uint32_t)text.len;
	if (full_write(fd, a, sizeof(*a)) ||
	    full_write(fd, text.data, text.len))
		_exit(1);
	_exit(0);
}

/* Exactly n bytes before the deadline. */
static int read_all(int fd, void *data, size_t n, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char *at = data;
	int64_t left;
	ssize_t got;

	while (n) {
		left = deadline - now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		got = read(fd, at, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -EIO;
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

/*
 * The child ran the same code and is not trusted the less; a child that died
 * half-way sent nothing or not enough.
 */
static int take_answer(int fd, struct interp *out, struct buf *explain,
		       int64_t deadline)
{
	struct answer *a = malloc(sizeof(*a));
	char *text = NULL;
	int err = -ENOMEM;

	if (!a)
		return err;
	err = read_all(fd, a, sizeof(*a), deadline);
	if (!err && a->text <= INTERP_EXPLAIN_MAX)
		text = malloc(a->text + 1u);
	if (!err && !text)
		err = -ENOMEM;
	if (!err)
		err = read_all(fd, text, a->text, deadline);
	if (!err) {
		*out = a->found;
		err = a->err;
		if (explain)
			buf_add(explain, text, a->text);
	}
	free(text);
	free(a);
	return err;
}

/* A killed child ends soon, unless the kernel itself is stuck in its read: then
 * it is left behind rather than waited for. */
static void reap(pid_t worker)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int i;

	for (i = 0; i < 200; i++) {
		if (waitpid(worker, NULL, WNOHANG) != 0)
			return;
		nanosleep(&pause, NULL);
	}
}

static void say_end(struct buf *explain, int err, int limit_ms)
{
	if (!explain)
		return;
	if (err == -ETIMEDOUT)
		buf_printf(explain,
			   "given up after %d ms: reading the process waits "
			   "for something\n",
			   limit_ms);
	else if (err == -EIO)
		buf_str(explain, "the search ended without an answer\n");
}

int interp_find_guarded(pid_t pid, const struct interp_hints *hints,
			struct interp *out, struct buf *explain, int limit_ms)
{
	int64_t deadline = now_ms() + limit_ms;
	int pipes[2], err;
	pid_t worker;

	*out = (struct interp){ 0 };
	/* To copy this process for one that has ended costs as much as any. */
	if (!explain && kill(pid, 0) && errno == ESRCH)
		return -ENOENT;
	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	worker = fork();
	if (!worker)
		child(pipes[1], pid, hints, explain != NULL);
	err = worker < 0 ? -errno : 0;
	close(pipes[1]);
	if (!err) {
		err = take_answer(pipes[0], out, explain, deadline);
		kill(worker, SIGKILL);
		reap(worker);
		say_end(explain, err, limit_ms);
	}
	close(pipes[0]);
	return err;
}
