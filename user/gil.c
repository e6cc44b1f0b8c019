// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "gil.h"

/* /proc/sys/kernel/pid_max is never larger (PID_MAX_LIMIT). */
#define TID_MAX 4194304

/* More threads than this do not wait for one lock. */
#define WAITERS_MAX (1u << 20)

/* More switches than this take years. */
#define SWITCHES_MAX (1ull << 40)

/* __kind of a mutex without attributes; elision may add flags (nptl). */
#define KIND_FLAGS 0x300u

static uint64_t u64_at(const unsigned char *p, size_t at)
{
	uint64_t v;

	memcpy(&v, p + at, sizeof(v));
	return v;
}

static uint32_t u32_at(const unsigned char *p, size_t at)
{
	uint32_t v;

	memcpy(&v, p + at, sizeof(v));
	return v;
}

int gil_pointer_fits(uint64_t v)
{
	return v >= 4096 && v < 1ull << 56 && !(v & 7);
}

/*
 * glibc, struct __pthread_mutex_s: lock, count, owner, nusers, kind, ... A
 * plain mutex is not recursive, and its futex word is 0, 1 or 2.
 */
int gil_mutex_fits(const void *bytes)
{
	const unsigned char *p = bytes;

	return u32_at(p, 0) <= 2 && u32_at(p, 4) == 0 &&
	       u32_at(p, 8) <= TID_MAX && u32_at(p, 12) <= WAITERS_MAX &&
	       !(u32_at(p, 16) & ~KIND_FLAGS);
}

/* Where a layout of struct __pthread_cond_s has what; see condvar.h. */
struct cond_layout {
	size_t refs; /* two counts of users * 2; 0: has none */
	size_t size; /* two group sizes */
	size_t orig_size;
	size_t wrefs;  /* waiters * 8, 4 a destroyer waits, clock * 2, shared */
	size_t unused; /* two words that stay 0; 0: has none */
};

static const struct cond_layout cond_layouts[] = {
	{ 16, 24, 32, 36, 0 }, /* glibc 2.25 - 2.40 */
	{ 0, 16, 24, 28, 40 }, /* 2.41 and newer */
};

/* A count, or a small difference of counts that were read at two moments. */
static int is_small(uint32_t count)
{
	return count + WAITERS_MAX <= 2 * WAITERS_MAX;
}

static int cond_layout_fits(const unsigned char *p, const struct cond_layout *l)
{
	/* Positions of the last waiter and of the first in the older group, in
	 * units of 2; bit 0 is something else. */
	int64_t ahead = (int64_t)((u64_at(p, 0) >> 1) - (u64_at(p, 8) >> 1));
	uint32_t wrefs = u32_at(p, l->wrefs);

	if (ahead < -(int64_t)WAITERS_MAX || ahead > (int64_t)WAITERS_MAX ||
	    !is_small(u32_at(p, l->size)) ||
	    !is_small(u32_at(p, l->size + 4)) ||
	    !is_small(u32_at(p, l->orig_size) >> 2) ||
	    wrefs >> 3 > WAITERS_MAX || wrefs & 5 ||
	    (l->refs && (!is_small(u32_at(p, l->refs) >> 1) ||
			 !is_small(u32_at(p, l->refs + 4) >> 1))) ||
	    (l->unused && u64_at(p, l->unused)))
		return 0;
	return wrefs & 2 ? 2 : 1;
}

int gil_cond_fits(const void *bytes)
{
	int old = cond_layout_fits(bytes, &cond_layouts[0]);
	int new = cond_layout_fits(bytes, &cond_layouts[1]);

	return old > new ? old : new;
}

enum gil_fit gil_fits(const void *bytes)
{
	const unsigned char *p = bytes;
	uint64_t interval = u64_at(p, GIL_INTERVAL);
	int cond, switch_cond;

	if (interval < 1 || interval > GIL_INTERVAL_MAX ||
	    !gil_pointer_fits(u64_at(p, GIL_HOLDER)) ||
	    u32_at(p, GIL_LOCKED) > 1 ||
	    u64_at(p, GIL_SWITCHES) >= SWITCHES_MAX ||
	    !gil_mutex_fits(p + GIL_MUTEX) ||
	    !gil_mutex_fits(p + GIL_SWITCH_MUTEX))
		return GIL_NO;
	cond = gil_cond_fits(p + GIL_COND);
	switch_cond = gil_cond_fits(p + GIL_SWITCH_COND);
	if (!cond || !switch_cond)
		return GIL_NO;
	return cond == 2 && switch_cond == 2 ? GIL_IS : GIL_LIKE;
}

struct gil_match gil_scan(const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	struct gil_match m = { 0, 0, GIL_NO };
	enum gil_fit fit;
	size_t at;

	for (at = 0; at + GIL_SIZE <= n; at += 8) {
		fit = gil_fits(p + at);
		if (fit == GIL_NO || fit < m.fit)
			continue;
		if (fit > m.fit)
			m = (struct gil_match){ at, 0, fit };
		m.best++;
	}
	return m;
}
