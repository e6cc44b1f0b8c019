// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "seen.h"

/* A lock's first edge; they are in order of their lock. */
static size_t first_edge(const struct snapshot *s, uint32_t lock)
{
	size_t low = 0, high = s->nedges, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (s->edges[mid].lock < lock)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Distinct threads on one side of a lock's handoffs, as far as they fit. */
static uint32_t threads_of(const struct snapshot *s, uint32_t lock, bool to,
			   uint32_t tid[BEHAVE_TIDS])
{
	uint32_t n = 0, who;

	for (size_t i = first_edge(s, lock);
	     i < s->nedges && s->edges[i].lock == lock && n < BEHAVE_TIDS;
	     i++) {
		who = to ? s->edges[i].to : s->edges[i].from;
		for (uint32_t j = 0; j <= n; j++) {
			if (j == n)
				tid[n++] = who;
			else if (tid[j] != who)
				continue;
			break;
		}
	}
	return n;
}

static void seen_word(struct behave_word *w, const struct snapshot *s,
		      uint32_t index, uint64_t addr)
{
	const struct gw_lock *k = &s->locks[index].k;

	*w = (struct behave_word){
		.addr = addr,
		.shared = k->shared,
		.bitset = k->bitset,
		.realtime = k->realtime,
		.val_two = k->kind == GW_KIND_MUTEX,
		.waits = k->waits,
		.waits_timed = k->timed,
		.wakes = k->wakes,
		.timeout_ns = k->timeout_ns,
		.timeout_hits = k->timeout_hits,
	};
	w->waiters = threads_of(s, index, true, w->waiter);
	w->wakers = threads_of(s, index, false, w->waker);
}

/* A condition variable's two words have their figures together. */
size_t seen_words(struct behave_word *seen, const struct snapshot *s,
		  uint32_t image)
{
	const struct gw_lock *k;
	size_t n = 0;

	for (uint32_t i = 0; s && i < s->nlocks && n + 2 <= SEEN_MAX; i++) {
		k = &s->locks[i].k;
		if (k->image != image || k->kind == GW_KIND_GIL ||
		    GW_KIND_SEVERAL(k->kind))
			continue;
		seen_word(&seen[n++], s, i, k->id);
		if (k->kind == GW_KIND_COND)
			seen_word(&seen[n++], s, i, k->id + 4);
	}
	return n;
}
