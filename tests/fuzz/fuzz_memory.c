// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* libFuzzer: memory of other processes that may or may not be a mutex or a
 * condition variable. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "condvar.h"
#include "mem.h"
#include "owner.h"

#define BASE 0x7f0000000000ull

static void condvar(const uint8_t *data, size_t size)
{
	struct condvar_view view;

	if (size < sizeof(view))
		return;
	memcpy(&view, data, sizeof(view));
	for (uint32_t half = 0; half < 2; half++)
		if (condvar_is(&view, half) != !!condvar_is(&view, half))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem_buffer b = { .base = BASE, .data = data, .size = size };
	struct mem mem = mem_of_buffer(&b);
	struct owner o;

	/* Also beside what can be read. */
	for (uint64_t at = 0; at <= size && at < 64; at += 4) {
		o = owner_read(&mem, BASE - 8 + at);
		if (o.state == OWNER_HELD && !o.tid)
			abort();
	}
	owner_read(&mem, 0);
	owner_read(&mem, UINT64_MAX - 3);
	condvar(data, size);
	return 0;
}
