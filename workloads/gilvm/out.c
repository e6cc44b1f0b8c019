// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The buffer of stdout has a lock of its own, because a thread writes it out
 * with the GIL released. Whoever finds it taken lets go of the GIL first: the
 * other needs that to go on.
 */
#include "out.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "thread.h"

#define OUT_BUF 65536

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char buf[OUT_BUF];
static size_t used;
static bool is_tty;

void out_init(void)
{
	is_tty = isatty(STDOUT_FILENO);
}

void out_after_fork(void)
{
	pthread_mutex_init(&lock, NULL);
}

static int write_all(int fd, const char *s, size_t len)
{
	while (len) {
		ssize_t n = write(fd, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

static void lock_buffer(void)
{
	if (!pthread_mutex_trylock(&lock))
		return;
	io_begin();
	pthread_mutex_lock(&lock);
	io_end();
}

/* The buffer's lock is held, and stays so while the GIL is not. */
static int flush_locked(bool release)
{
	int err;

	if (!used)
		return 0;
	if (release)
		io_begin();
	err = write_all(STDOUT_FILENO, buf, used);
	used = 0;
	if (release)
		io_end();
	return err;
}

static int buffer_add(const char *s, size_t len)
{
	int err = 0;

	while (len && !err) {
		size_t n = len < OUT_BUF - used ? len : OUT_BUF - used;

		memcpy(buf + used, s, n);
		used += n;
		s += n;
		len -= n;
		if (used == OUT_BUF)
			err = flush_locked(true);
	}
	return err;
}

int out_write(enum out_stream to, const char *s, size_t len)
{
	int err;

	if (to == OUT_STDERR) {
		io_begin();
		err = write_all(STDERR_FILENO, s, len);
		io_end();
		return err;
	}
	lock_buffer();
	err = buffer_add(s, len);
	if (!err && is_tty && len && memchr(s, '\n', len))
		err = flush_locked(true);
	pthread_mutex_unlock(&lock);
	return err;
}

int out_flush(void)
{
	int err;

	lock_buffer();
	err = flush_locked(true);
	pthread_mutex_unlock(&lock);
	return err;
}

int out_flush_held(void)
{
	int err;

	/* A thread that writes now has what there is: leave it to that. */
	if (pthread_mutex_trylock(&lock))
		return 0;
	err = flush_locked(false);
	pthread_mutex_unlock(&lock);
	return err;
}
