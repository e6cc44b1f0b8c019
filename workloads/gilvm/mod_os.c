// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Module os. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "builtins.h"
#include "convert.h"
#include "errors.h"
#include "out.h"
#include "signals.h"
#include "thread.h"
#include "values.h"

#define MAX_READ (64 << 20)

static int to_fd(const struct obj *o, int *fd)
{
	int64_t v;

	if (to_int_range(o, "file descriptor", 0, INT32_MAX, &v))
		return -1;
	*fd = (int)v;
	return 0;
}

static struct obj *m_pipe(struct obj *self, struct obj **a)
{
	struct obj *v[2];
	struct obj *t;
	int fd[2];

	(void)self;
	(void)a;
	if (pipe2(fd, O_CLOEXEC))
		return err_errno(errno);
	v[0] = int_new(fd[0]);
	v[1] = int_new(fd[1]);
	t = tuple_new(v, 2);
	decref(v[0]);
	decref(v[1]);
	return t;
}

static ssize_t do_read(int fd, char *buf, size_t n)
{
	ssize_t got;

	do {
		io_begin();
		got = read(fd, buf, n);
		io_end();
	} while (got < 0 && errno == EINTR && !signals_after_eintr());
	return got;
}

static struct obj *m_read(struct obj *self, struct obj **a)
{
	struct obj *b, *r;
	ssize_t got;
	int64_t n;
	int fd;

	(void)self;
	if (to_fd(a[0], &fd) || to_int_range(a[1], "size", 0, MAX_READ, &n))
		return NULL;
	b = bytes_new(NULL, n);
	if (!b)
		return NULL;
	got = do_read(fd, as_str(b)->data, (size_t)n);
	if (got < 0) {
		decref(b);
		return err_pending() ? NULL : err_errno(errno);
	}
	r = bytes_new(str_data(b), got);
	decref(b);
	return r;
}

static struct obj *m_write(struct obj *self, struct obj **a)
{
	ssize_t n;
	int fd;

	(void)self;
	if (to_fd(a[0], &fd))
		return NULL;
	if (a[1]->type != &bytes_type)
		return err_set(&exc_TypeError,
			       "a bytes-like object is required, not '%s'",
			       a[1]->type->name);
	do {
		io_begin();
		n = write(fd, str_data(a[1]), (size_t)as_str(a[1])->len);
		io_end();
	} while (n < 0 && errno == EINTR && !signals_after_eintr());
	if (err_pending())
		return NULL;
	return n < 0 ? err_errno(errno) : int_new(n);
}

static struct obj *m_close(struct obj *self, struct obj **a)
{
	int fd;

	(void)self;
	if (to_fd(a[0], &fd))
		return NULL;
	return close(fd) ? err_errno(errno) : none_ref();
}

static struct obj *m_open(struct obj *self, struct obj **a)
{
	int64_t flags;
	int fd;

	(void)self;
	if (need_str(a[0], "path") ||
	    to_int_range(a[1], "flags", 0, INT32_MAX, &flags))
		return NULL;
	io_begin();
	fd = open(str_data(a[0]), (int)flags | O_CLOEXEC, 0666);
	io_end();
	return fd < 0 ? err_errno(errno) : int_new(fd);
}

static struct obj *m_lseek(struct obj *self, struct obj **a)
{
	int64_t offset, whence;
	off_t at;
	int fd;

	(void)self;
	if (to_fd(a[0], &fd) || to_int(a[1], &offset) ||
	    to_int_range(a[2], "whence", 0, 4, &whence))
		return NULL;
	at = lseek(fd, offset, (int)whence);
	return at < 0 ? err_errno(errno) : int_new(at);
}

static struct obj *m_getpid(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return int_new(getpid());
}

static struct obj *m_getppid(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return int_new(getppid());
}

static struct obj *m_cpu_count(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return int_new(sysconf(_SC_NPROCESSORS_ONLN));
}

static struct obj *m_kill(struct obj *self, struct obj **a)
{
	int64_t pid, sig;

	(void)self;
	if (to_int_range(a[0], "pid", 1, INT32_MAX, &pid) ||
	    to_int_range(a[1], "signal", 0, 64, &sig))
		return NULL;
	if (kill((pid_t)pid, (int)sig))
		return err_errno(errno);
	return signals_after_eintr() ? NULL : none_ref();
}

static struct obj *m_exit(struct obj *self, struct obj **a)
{
	int64_t code;

	(void)self;
	if (to_int_range(a[0], "status", 0, 255, &code))
		return NULL;
	_exit((int)code);
}

static struct native functions[] = {
	NATIVE("pipe", m_pipe, 0, 0, ""),
	NATIVE("read", m_read, 2, 2, ""),
	NATIVE("write", m_write, 2, 2, ""),
	NATIVE("close", m_close, 1, 1, ""),
	NATIVE("open", m_open, 2, 2, ""),
	NATIVE("lseek", m_lseek, 3, 3, ""),
	NATIVE("getpid", m_getpid, 0, 0, ""),
	NATIVE("getppid", m_getppid, 0, 0, ""),
	NATIVE("cpu_count", m_cpu_count, 0, 0, ""),
	NATIVE("kill", m_kill, 2, 2, ""),
	NATIVE("_exit", m_exit, 1, 1, ""),
	NATIVE_END,
};

struct moduleobj *mod_os(void)
{
	struct moduleobj *m = module_new("os", functions);

	module_set(m, "O_RDONLY", int_new(O_RDONLY));
	module_set(m, "O_WRONLY", int_new(O_WRONLY));
	module_set(m, "O_CREAT", int_new(O_CREAT));
	module_set(m, "SEEK_SET", int_new(SEEK_SET));
	return m;
}
