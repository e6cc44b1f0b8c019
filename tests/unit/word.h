/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_WORD_H
#define GILWATCH_TEST_WORD_H

#include <stdint.h>
#include <string.h>

#include "condvar.h"

/* Whether a futex word in this process is half of a condition variable, as the
 * kernel side finds out: by the bytes before its aligned pair. */
static inline int is_condvar(const void *word)
{
	uintptr_t addr = (uintptr_t)word;
	struct condvar_view v;

	memcpy(&v, (const void *)((addr & ~7ul) - CONDVAR_BEFORE), sizeof(v));
	return condvar_is(&v, (addr >> 2) & 1);
}

#endif
