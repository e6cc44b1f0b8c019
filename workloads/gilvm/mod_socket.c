// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Module socket: a TCP client. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "builtins.h"
#include "convert.h"
#include "errors.h"
#include "signals.h"
#include "thread.h"
#include "values.h"

#define MAX_RECV (64 << 20)

struct sockobj {
	struct obj base;
	int fd; /* -1: closed */
};

static struct type socket_type;

static struct sockobj *as_sock(struct obj *o)
{
	return (struct sockobj *)o;
}

static struct obj *sock_new(int fd)
{
	struct sockobj *s = obj_alloc(&socket_type, sizeof(*s));

	s->fd = fd;
	return &s->base;
}

static struct obj *sock_make(const struct type *t, const struct args *a)
{
	int64_t family = AF_INET, kind = SOCK_STREAM;
	struct obj *v[2];
	int fd;

	(void)t;
	if (args_bind(a, "socket", 0, 2, "family type", v) ||
	    (v[0] && to_int(v[0], &family)) || (v[1] && to_int(v[1], &kind)))
		return NULL;
	if (family != AF_INET || kind != SOCK_STREAM)
		return err_set(&exc_ValueError,
			       "only AF_INET and SOCK_STREAM are supported");
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd < 0 ? err_errno(errno) : sock_new(fd);
}

static void sock_dealloc(struct obj *o)
{
	if (as_sock(o)->fd >= 0)
		close(as_sock(o)->fd);
	obj_free(o);
}

/* Host and port as the two strings that getaddrinfo() wants. */
static int take_address(struct obj *addr, const char **host, char *port)
{
	int64_t n;

	if (addr->type != &tuple_type || as_tuple(addr)->size != 2) {
		err_set(&exc_TypeError, "address must be a (host, port) tuple");
		return -1;
	}
	if (need_str(as_tuple(addr)->v[0], "host") ||
	    to_int_range(as_tuple(addr)->v[1], "port", 0, 65535, &n))
		return -1;
	*host = str_data(as_tuple(addr)->v[0]);
	snprintf(port, 8, "%d", (int)n);
	return 0;
}

/* An interrupted connect() goes on by itself: wait for its end. */
static int finish_connect(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int err = 0;

	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		continue;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err;
}

static int connect_released(int fd, const char *host, const char *port)
{
	struct addrinfo hints = { .ai_family = AF_INET,
				  .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int err = 0;
	int gai;

	io_begin();
	gai = getaddrinfo(host, port, &hints, &found);
	if (!gai && connect(fd, found->ai_addr, found->ai_addrlen))
		err = errno == EINTR ? finish_connect(fd) : errno;
	io_end();
	if (found)
		freeaddrinfo(found);
	if (gai)
		err_set(&exc_OSError, "[Errno %d] %s", gai, gai_strerror(gai));
	else if (err)
		err_errno(err);
	return gai || err ? -1 : 0;
}

static struct obj *m_connect(struct obj *self, struct obj **a)
{
	const char *host;
	char port[8];

	if (take_address(a[0], &host, port) ||
	    connect_released(as_sock(self)->fd, host, port))
		return NULL;
	return none_ref();
}

static int send_some(int fd, const char *s, size_t n, ssize_t *sent)
{
	do {
		io_begin();
		*sent = send(fd, s, n, MSG_NOSIGNAL);
		io_end();
	} while (*sent < 0 && errno == EINTR && !signals_after_eintr());
	if (*sent >= 0)
		return 0;
	if (!err_pending())
		err_errno(errno);
	return -1;
}

static int need_bytes(const struct obj *o)
{
	if (o->type == &bytes_type)
		return 0;
	err_set(&exc_TypeError, "a bytes-like object is required, not '%s'",
		o->type->name);
	return -1;
}

static struct obj *m_sendall(struct obj *self, struct obj **a)
{
	size_t at = 0;
	ssize_t sent;

	if (need_bytes(a[0]))
		return NULL;
	while (at < (size_t)as_str(a[0])->len) {
		if (send_some(as_sock(self)->fd, str_data(a[0]) + at,
			      (size_t)as_str(a[0])->len - at, &sent))
			return NULL;
		at += (size_t)sent;
	}
	return none_ref();
}

static struct obj *m_send(struct obj *self, struct obj **a)
{
	ssize_t sent;

	if (need_bytes(a[0]) || send_some(as_sock(self)->fd, str_data(a[0]),
					  (size_t)as_str(a[0])->len, &sent))
		return NULL;
	return int_new(sent);
}

static struct obj *m_recv(struct obj *self, struct obj **a)
{
	struct obj *b, *r;
	ssize_t got;
	int64_t n;

	if (to_int_range(a[0], "size", 0, MAX_RECV, &n))
		return NULL;
	b = bytes_new(NULL, n);
	if (!b)
		return NULL;
	do {
		io_begin();
		got = recv(as_sock(self)->fd, as_str(b)->data, (size_t)n, 0);
		io_end();
	} while (got < 0 && errno == EINTR && !signals_after_eintr());
	if (got < 0 && !err_pending())
		err_errno(errno);
	r = got < 0 ? NULL : bytes_new(str_data(b), got);
	decref(b);
	return r;
}

static struct obj *m_close(struct obj *self, struct obj **a)
{
	(void)a;
	if (as_sock(self)->fd >= 0)
		close(as_sock(self)->fd);
	as_sock(self)->fd = -1;
	return none_ref();
}

static struct obj *m_fileno(struct obj *self, struct obj **a)
{
	(void)a;
	return int_new(as_sock(self)->fd);
}

static struct obj *m_enter(struct obj *self, struct obj **a)
{
	(void)a;
	return newref(self);
}

static struct native sock_methods[] = {
	NATIVE("connect", m_connect, 1, 1, ""),
	NATIVE("sendall", m_sendall, 1, 1, ""),
	NATIVE("send", m_send, 1, 1, ""),
	NATIVE("recv", m_recv, 1, 1, ""),
	NATIVE("close", m_close, 0, 0, ""),
	NATIVE("fileno", m_fileno, 0, 0, ""),
	NATIVE("__enter__", m_enter, 0, 0, ""),
	NATIVE("__exit__", m_close, 0, 3, ""),
	NATIVE_END,
};

static struct type socket_type = {
	TYPE_HEAD("socket"),
	.dealloc = sock_dealloc,
	.make = sock_make,
	.methods = sock_methods,
};

static struct obj *m_create_connection(struct obj *self, struct obj **a)
{
	struct args none = { NULL, 0, NULL };
	struct obj *s;
	struct obj *r;

	(void)self;
	s = sock_make(&socket_type, &none);
	if (!s)
		return NULL;
	r = m_connect(s, a);
	if (!r) {
		decref(s);
		return NULL;
	}
	decref(r);
	return s;
}

static struct native functions[] = {
	NATIVE("create_connection", m_create_connection, 1, 1, "address"),
	NATIVE_END,
};

struct moduleobj *mod_socket(void)
{
	struct moduleobj *m = module_new("socket", functions);

	obj_register_static(&socket_type.base);
	natives_init(sock_methods);
	module_set(m, "socket", newref(&socket_type.base));
	module_set(m, "AF_INET", int_new(AF_INET));
	module_set(m, "SOCK_STREAM", int_new(SOCK_STREAM));
	module_set(m, "error", newref(&exc_OSError.base));
	return m;
}
