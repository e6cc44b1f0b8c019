// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>

#include "mutual.h"

/* What a thread has to do with one semaphore. */
struct side {
	uint32_t serial;
	uint64_t in, out;
};

static int by_serial(const void *a, const void *b)
{
	const struct side *x = a, *y = b;

	return (x->serial > y->serial) - (x->serial < y->serial);
}

/* The handoffs that a thread has got and handed on; by how many threads. */
static uint64_t both_ways(struct side *side, size_t n, size_t *threads)
{
	uint64_t sum = 0, in, out;
	size_t i = 0, first;

	*threads = 0;
	qsort(side, n, sizeof(*side), by_serial);
	while (i < n) {
		for (first = i, in = out = 0;
		     i < n && side[i].serial == side[first].serial; i++) {
			in += side[i].in;
			out += side[i].out;
		}
		sum += in < out ? in : out;
		*threads += in && out;
	}
	return sum;
}

static bool is_mutual(const struct model_handoff *h, size_t n,
		      struct side *side)
{
	uint64_t all = 0, both;
	size_t threads;

	if (n < 2) /* one thread hands on, and one gets */
		return false;
	for (size_t i = 0; i < n; i++) {
		side[2 * i] = (struct side){ .serial = h[i].from_serial,
					     .out = h[i].handoffs };
		side[2 * i + 1] = (struct side){ .serial = h[i].to_serial,
						 .in = h[i].handoffs };
		all += h[i].handoffs;
	}
	both = both_ways(side, 2 * n, &threads);
	return all >= MUTUAL_MIN && threads >= 2 &&
	       (unsigned __int128)both * 100 >=
		       (unsigned __int128)all * MUTUAL_PERCENT;
}

/* Locks are in order of their index, and so are the ones that are asked for:
 * *at goes through them. */
static struct model_lock *semaphore(struct model *m, uint32_t index, size_t *at)
{
	while (*at < m->nlocks && m->locks[*at].index < index)
		++*at;
	return *at < m->nlocks && m->locks[*at].index == index &&
			       m->locks[*at].kind == GW_KIND_SEM
		       ? &m->locks[*at]
		       : NULL;
}

int mutual_mark(struct model *m)
{
	struct side *side = calloc(2 * m->nhandoffs + 1, sizeof(*side));
	size_t first, i = 0, at = 0;
	struct model_lock *l;

	if (!side)
		return -ENOMEM;
	while (i < m->nhandoffs) {
		for (first = i; i < m->nhandoffs &&
				m->handoffs[i].lock == m->handoffs[first].lock;
		     i++)
			;
		l = semaphore(m, m->handoffs[first].lock, &at);
		if (l)
			l->mutual =
				is_mutual(&m->handoffs[first], i - first, side);
	}
	free(side);
	return 0;
}
