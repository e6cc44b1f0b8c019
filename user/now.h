/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_NOW_H
#define GILWATCH_NOW_H

#include <stdint.h>
#include <time.h>

/* What a clock says, in ns. It must be one that the kernel has, which cannot
 * fail. */
static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* By the clock of the BPF programs: CLOCK_MONOTONIC, in ns. */
static inline uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

#endif
