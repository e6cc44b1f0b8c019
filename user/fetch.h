/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_FETCH_H
#define GILWATCH_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "gilwatch.h"

/*
 * Asking for memory before it is needed: tables of locks are too many bytes for
 * any cache, and read in order.
 */

/* The first n bytes of a record that begins with a cache line. */
static inline void fetch_bytes(const void *record, size_t n)
{
	for (size_t at = 0; at < n; at += GW_CACHE_LINE)
		__builtin_prefetch((const char *)record + at);
}

/* These groups of a histogram, a bit each (hist.h). */
static inline void fetch_hist(const struct hist *h, uint32_t groups)
{
	for (; groups; groups &= groups - 1)
		__builtin_prefetch(
			&h->count[HIST_GROUP *
				  (unsigned int)__builtin_ctz(groups)]);
}

#endif
