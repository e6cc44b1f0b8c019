// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loaded before the C library: the time of day jumps an hour ahead a second
 * after the beginning, and two back after another second. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define HOUR 3600

int clock_gettime(clockid_t clock, struct timespec *t)
{
	static time_t begin;
	struct timespec now;
	long err = syscall(SYS_clock_gettime, clock, t);

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	if (!begin)
		begin = now.tv_sec;
	if (err || clock != CLOCK_REALTIME)
		return (int)err;
	if (now.tv_sec > begin + 2)
		t->tv_sec -= HOUR;
	else if (now.tv_sec > begin + 1)
		t->tv_sec += HOUR;
	return 0;
}
