// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include "accuracy_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "live.h"

/* Longer than it takes the client to have the GIL again after its answer, and
 * no multiple of a switch interval, or the messages fall in step with it. */
static double pause_of(unsigned int turn)
{
	return 0.02 + turn % 7 * 0.0037;
}

static int answer(int fd)
{
	struct timespec t;
	char text[32], ack;
	int n;

	for (unsigned int turn = 0;; turn++) {
		live_sleep(pause_of(turn));
		clock_gettime(CLOCK_REALTIME, &t);
		n = snprintf(text, sizeof(text), "%lld%09ld",
			     (long long)t.tv_sec, t.tv_nsec);
		if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n ||
		    recv(fd, &ack, 1, 0) != 1)
			return 0;
	}
}

static int serve(void *ctx)
{
	int listener = *(int *)ctx, fd;

	fd = accept(listener, NULL, NULL);
	close(listener);
	return fd < 0 ? 1 : answer(fd);
}

unsigned int accuracy_peer(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(fd, 1) || getsockname(fd, (struct sockaddr *)&at, &len))
		fail_msg("cannot listen on 127.0.0.1");
	live_call(serve, &fd);
	close(fd);
	return ntohs(at.sin_port);
}
