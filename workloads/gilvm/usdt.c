// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The counters that tracers raise; they live where <sys/sdt.h> expects them. */
#include "usdt.h"

#define DEFINE_SEMAPHORE(name)                                                 \
	volatile unsigned short gilvm_##name##_semaphore                       \
		__attribute__((section(".probes"), used))

DEFINE_SEMAPHORE(gil_wait);
DEFINE_SEMAPHORE(gil_acquire);
DEFINE_SEMAPHORE(gil_release);
DEFINE_SEMAPHORE(thread_start);
DEFINE_SEMAPHORE(io_begin);
DEFINE_SEMAPHORE(io_end);
