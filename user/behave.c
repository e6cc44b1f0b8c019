// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "behave.h"
#include "gil.h"
#include "gilwatch.h"

/* From a condition's first word to the same word of the next condition of the
 * structure: that and the mutex between them. */
#define TO_SWITCH (GIL_SWITCH_COND - GIL_COND)

/* From the first word to the mutex behind the condition, old and new glibc. */
static const uint64_t to_mutex[] = { GIL_MUTEX - GIL_COND - COND_WORDS,
				     GIL_MUTEX - GIL_COND - COND_WORDS_NEW };

/* No user memory is above this on any architecture. */
#define ADDR_MAX (1ull << 57)

/* Waits of a lock of 2.x, which is released some hundred times a second. */
#define SEM_WAITS_MIN 100

/* 2.x releases its lock every 100 ticks whether anybody waits or not, and wakes
 * far more often than is waited. */
#define SEM_WAKES_A_WAIT 2

/* The two words of one condition variable; either may not have been seen. */
struct pair {
	uint64_t addr;
	const struct behave_word *half[2];
	uint64_t waits;
	uint64_t timed;
	uint64_t hits; /* timed waits for about timeout_ns */
	uint64_t timeout_ns;
};

static const struct behave_word *word_at(const struct behave_word *seen,
					 size_t count, uint64_t addr)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (seen[i].addr == addr)
			return &seen[i];
	return NULL;
}

static bool has_tid(const uint32_t *tid, uint32_t wanted)
{
	size_t i;

	for (i = 0; i < BEHAVE_TIDS; i++)
		if (tid[i] == wanted)
			return true;
	return false;
}

/* Threads, at least, that both wait and wake: everybody who takes the lock also
 * releases it. A queue's or a pool's condition has one side or the other. */
static int both_sides(const struct behave_word *const half[2])
{
	uint32_t counted[2 * BEHAVE_TIDS] = { 0 }, tid;
	int n = 0, h, i, j;

	for (h = 0; h < 2; h++) {
		for (i = 0; half[h] && i < BEHAVE_TIDS; i++) {
			tid = half[h]->waiter[i];
			for (j = 0; j < n && counted[j] != tid; j++)
				;
			if (!tid || j < n)
				continue;
			if ((half[0] && has_tid(half[0]->waker, tid)) ||
			    (half[1] && has_tid(half[1]->waker, tid)))
				counted[n++] = tid;
		}
	}
	return n;
}

static void add_half(struct pair *p, const struct behave_word *w)
{
	if (!w)
		return;
	p->waits += w->waits;
	p->timed += w->waits_timed;
	if (w->timeout_hits > p->hits) {
		p->hits = w->timeout_hits;
		p->timeout_ns = w->timeout_ns;
	}
}

static struct pair pair_at(const struct behave_word *seen, size_t count,
			   uint64_t addr)
{
	struct pair p = { .addr = addr };

	p.half[0] = word_at(seen, count, addr);
	p.half[1] = word_at(seen, count, addr + 4);
	add_half(&p, p.half[0]);
	add_half(&p, p.half[1]);
	return p;
}

/* Both words were waited on, with timeouts, by a private condition. */
static bool is_timed_pair(const struct pair *p)
{
	int i;

	for (i = 0; i < 2; i++)
		if (!p->half[i] || !p->half[i]->waits_timed ||
		    !p->half[i]->bitset || p->half[i]->shared ||
		    p->half[i]->val_two)
			return false;
	return true;
}

/* Nearly all waits have the same timeout: the switch interval. */
static bool is_gil_pair(const struct pair *p)
{
	return is_timed_pair(p) && p->waits >= BEHAVE_WAITS_MIN &&
	       p->timed >= p->waits - p->waits / 10 &&
	       both_sides(p->half) >= 2 &&
	       (!p->timeout_ns || (p->timeout_ns >= BEHAVE_INTERVAL_MIN &&
				   p->timeout_ns <= BEHAVE_INTERVAL_MAX));
}

static void add_part(struct behave_lock *l, uint64_t addr, enum gw_role role)
{
	if (l->parts < BEHAVE_LOCK_WORDS)
		l->part[l->parts++] = (struct behave_part){ addr, role };
}

/* Where the pair's mutex is: the distance, or 0 where none was seen. */
static uint64_t mutex_behind(const struct behave_word *seen, size_t count,
			     uint64_t addr)
{
	const struct behave_word *w;
	size_t i;

	for (i = 0; i < 2; i++) {
		w = word_at(seen, count, addr + to_mutex[i]);
		if (w && !w->waits_timed && !w->shared &&
		    (w->waits ? w->val_two : w->wakes))
			return to_mutex[i];
	}
	return 0;
}

static void take_pair(const struct behave_word *seen, size_t count,
		      const struct pair *p, struct behave_lock *l)
{
	uint64_t mutex = mutex_behind(seen, count, p->addr);

	*l = (struct behave_lock){ .like = BEHAVE_COND,
				   .address = p->addr,
				   .interval_ns = p->timeout_ns };
	l->why = "is a pair that threads wait on for a switch interval";
	add_part(l, p->addr, GW_ROLE_WAIT);
	add_part(l, p->addr + 4, GW_ROLE_WAIT);
	if (!mutex)
		return;
	l->like = BEHAVE_COND_MUTEX;
	l->why = "is a pair that threads wait on for a switch interval, with "
		 "its mutex";
	l->switching = word_at(seen, count, p->addr + TO_SWITCH) ||
		       word_at(seen, count, p->addr + TO_SWITCH + 4);
	if (l->switching)
		l->why = "is a pair that threads wait on for a switch "
			 "interval, with its mutex and its forced switch";
	add_part(l, p->addr + mutex, GW_ROLE_INNER);
	add_part(l, p->addr + TO_SWITCH, GW_ROLE_SWITCH);
	add_part(l, p->addr + TO_SWITCH + 4, GW_ROLE_SWITCH);
	add_part(l, p->addr + TO_SWITCH + mutex, GW_ROLE_INNER);
}

/* What makes one candidate likelier than another. */
static int certainty(const struct behave_lock *l)
{
	return (l->like == BEHAVE_COND_MUTEX) * 2 + l->switching;
}

static uint64_t waits_of(const struct behave_word *seen, size_t count,
			 const struct behave_lock *l)
{
	return pair_at(seen, count, l->address).waits;
}

/* Puts l into its place among n; the last falls out where there is no room. */
static size_t rank(const struct behave_word *seen, size_t count,
		   struct behave_lock *found, size_t n, size_t max,
		   const struct behave_lock *l)
{
	size_t at = n, last = n < max ? n : max - 1;

	while (at > 0 && (certainty(l) > certainty(&found[at - 1]) ||
			  (certainty(l) == certainty(&found[at - 1]) &&
			   waits_of(seen, count, l) >
				   waits_of(seen, count, &found[at - 1]))))
		at--;
	if (at >= max)
		return n;
	memmove(&found[at + 1], &found[at], (last - at) * sizeof(*found));
	found[at] = *l;
	return last + 1;
}

static size_t find_pairs(const struct behave_word *seen, size_t count,
			 struct behave_lock *found, size_t max)
{
	struct behave_lock l;
	struct pair p;
	size_t i, n = 0;

	for (i = 0; i < count; i++) {
		if (seen[i].addr & 7 || seen[i].addr > ADDR_MAX ||
		    !seen[i].waits_timed)
			continue;
		p = pair_at(seen, count, seen[i].addr);
		if (!is_gil_pair(&p))
			continue;
		take_pair(seen, count, &p, &l);
		n = rank(seen, count, found, n, max, &l);
	}
	/* A pair without a mutex is one only where nothing better is. */
	if (n && found[0].like == BEHAVE_COND)
		return 1;
	while (n && found[n - 1].like == BEHAVE_COND)
		n--;
	return n;
}

/* CPython 3 that was hardly seen to wait has semaphores too: its locks. */
static bool has_timed_pair(const struct behave_word *seen, size_t count)
{
	struct pair p;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!seen[i].waits_timed || !seen[i].bitset)
			continue;
		p = pair_at(seen, count, seen[i].addr & ~7ull);
		if (is_timed_pair(&p))
			return true;
	}
	return false;
}

static bool is_semaphore(const struct behave_word *w)
{
	const struct behave_word *const half[2] = { w, NULL };

	return !w->shared && w->bitset && !w->val_two && !w->waits_timed &&
	       w->waits >= SEM_WAITS_MIN &&
	       w->wakes >= SEM_WAKES_A_WAIT * w->waits && both_sides(half) >= 2;
}

static size_t find_semaphore(const struct behave_word *seen, size_t count,
			     struct behave_lock *found)
{
	const struct behave_word *best = NULL, *w;
	size_t i;

	for (i = 0; i < count; i++) {
		w = &seen[i];
		if (is_semaphore(w) &&
		    (!best || w->waiters > best->waiters ||
		     (w->waiters == best->waiters && w->wakes > best->wakes)))
			best = w;
	}
	if (!best)
		return 0;
	*found = (struct behave_lock){ .like = BEHAVE_SEM,
				       .address = best->addr };
	found->why = "is a semaphore that all threads take and release";
	add_part(found, best->addr, GW_ROLE_WAIT);
	return 1;
}

size_t behave_find(const struct behave_word *seen, size_t count,
		   struct behave_lock *found, size_t max)
{
	size_t n;

	if (!max)
		return 0;
	n = find_pairs(seen, count, found, max);
	if (n || has_timed_pair(seen, count))
		return n;
	return find_semaphore(seen, count, found);
}
