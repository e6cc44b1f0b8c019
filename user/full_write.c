// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "full_write.h"

/* Others who have the same terminal or pipe may have made it one that does not
 * wait. */
static bool try_again(int fd)
{
	struct pollfd out = { .fd = fd, .events = POLLOUT };

	if (errno == EAGAIN)
		poll(&out, 1, -1);
	return errno == EINTR || errno == EAGAIN;
}

int full_write(int fd, const void *data, size_t n)
{
	const char *p = data;
	ssize_t done;

	while (n) {
		done = write(fd, p, n);
		if (done < 0 && try_again(fd))
			continue;
		if (done <= 0)
			return done ? -errno : -EIO;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}
