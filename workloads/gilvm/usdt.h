/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * USDT probes of provider `gilvm`, each with (kernel thread id, CLOCK_MONOTONIC
 * ns). Each has a semaphore (the counter that a tracer raises while it
 * listens), so that an idle probe costs one load and reads no clock.
 */
#ifndef GILVM_USDT_H
#define GILVM_USDT_H

#include <stdint.h>
#include <time.h>

#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>

#define USDT_SEMAPHORE(name)                                                   \
	extern volatile unsigned short gilvm_##name##_semaphore

USDT_SEMAPHORE(gil_wait);
USDT_SEMAPHORE(gil_acquire);
USDT_SEMAPHORE(gil_release);
USDT_SEMAPHORE(thread_start);
USDT_SEMAPHORE(io_begin);
USDT_SEMAPHORE(io_end);

/* The clock of everything here: CLOCK_MONOTONIC, ns. */
static inline uint64_t gil_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

#define USDT_PROBE(name, tid)                                                  \
	do {                                                                   \
		if (__builtin_expect(gilvm_##name##_semaphore, 0))             \
			STAP_PROBE2(gilvm, name, (uint32_t)(tid),              \
				    gil_now_ns());                             \
	} while (0)

#endif
