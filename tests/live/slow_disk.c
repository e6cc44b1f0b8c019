// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loaded before the C library: each write to a file takes 100 ms, as one to a
 * server may. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

ssize_t pwrite(int fd, const void *buf, size_t count, off_t offset)
{
	const struct timespec pause = { .tv_nsec = 100000000 };

	nanosleep(&pause, NULL);
	return syscall(SYS_pwrite64, fd, buf, count, offset);
}
