// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include "refuse.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* What happens to one system call; all others are allowed. */
static long filter(uint32_t number, uint32_t action, unsigned int flags)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(*code),
				      .filter = code };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

int refuse_call(void *number)
{
	return filter((uint32_t) * (int *)number, SECCOMP_RET_ERRNO | EPERM,
		      0) < 0;
}

/* ---- one tracepoint -------------------------------------------------------
 */

void refuse_tracepoint_begin(struct refuse_tracepoint *r, uint64_t id)
{
	*r = (struct refuse_tracepoint){ .id = id };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, r->channel), 0);
}

union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static int send_fd(int channel, int fd)
{
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	union control c = { .bytes = { 0 } };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &c,
			    .msg_controllen = sizeof(c) };

	c.head.cmsg_len = CMSG_LEN(sizeof(fd));
	c.head.cmsg_level = SOL_SOCKET;
	c.head.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&c.head), &fd, sizeof(fd));
	return sendmsg(channel, &m, 0) != 1;
}

static int receive_fd(int channel)
{
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	union control c;
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &c,
			    .msg_controllen = sizeof(c) };
	int fd;

	assert_int_equal(recvmsg(channel, &m, 0), 1);
	assert_non_null(CMSG_FIRSTHDR(&m));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

int refuse_tracepoint_setup(void *ctx)
{
	struct refuse_tracepoint *r = ctx;
	long fd = filter(SYS_perf_event_open, SECCOMP_RET_USER_NOTIF,
			 SECCOMP_FILTER_FLAG_NEW_LISTENER);
	int failed = fd < 0 || send_fd(r->channel[1], (int)fd);

	if (fd >= 0)
		close((int)fd);
	close(r->channel[0]);
	close(r->channel[1]);
	return failed;
}

static void decide(struct refuse_tracepoint *r, int listener)
{
	struct seccomp_notif call = { 0 };
	struct seccomp_notif_resp answer = { 0 };
	struct perf_event_attr attr = { 0 };
	struct iovec here = { &attr, sizeof(attr) }, there;

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
		return;
	there = (struct iovec){ (void *)(uintptr_t)call.data.args[0],
				sizeof(attr) };
	answer.id = call.id;
	answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	r->all++;
	if (process_vm_readv((pid_t)call.pid, &here, 1, &there, 1, 0) > 0 &&
	    attr.type == PERF_TYPE_TRACEPOINT && attr.config == r->id) {
		answer.flags = 0;
		answer.error = -EPERM;
		r->n++;
	}
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

void refuse_tracepoint_run(struct refuse_tracepoint *r, struct live *l)
{
	struct pollfd p = { .fd = receive_fd(r->channel[0]), .events = POLLIN };

	while (!live_ended(l))
		if (poll(&p, 1, 20) > 0 && (p.revents & POLLIN))
			decide(r, p.fd);
	close(p.fd);
	close(r->channel[0]);
	close(r->channel[1]);
}
