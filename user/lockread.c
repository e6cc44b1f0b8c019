// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "fetch.h"
#include "lockread.h"

#define AHEAD 8

/* Not written where there is nothing to take: the line may be another CPU's. */
static uint32_t take(uint32_t *groups)
{
	if (!__atomic_load_n(groups, __ATOMIC_RELAXED))
		return 0;
	return __atomic_exchange_n(groups, 0, __ATOMIC_SEQ_CST);
}

static void copy_groups(struct hist *to, const struct hist *from,
			uint32_t groups)
{
	unsigned int at;

	for (; groups; groups &= groups - 1) {
		at = HIST_GROUP * (unsigned int)__builtin_ctz(groups);
		memcpy(to->count + at, from->count + at,
		       HIST_GROUP * sizeof(*to->count));
	}
}

static uint32_t groups_of(const struct hist *h)
{
	uint32_t groups = 0;

	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		if (h->count[i])
			groups |= 1u << hist_group(i);
	return groups;
}

/* A place in the table may have got another lock, or the same one anew. */
static bool goes_on(const struct lockread *r, const struct gw_lock *from)
{
	return r->since && r->id == from->id && r->image == from->image &&
	       r->waits <= from->waits;
}

/* All but the histograms, and nothing that is not the kernel's. */
static void copy_counters(struct snapshot_lock *to, const struct gw_lock *from)
{
	_Static_assert(offsetof(struct gw_lock, hist) +
				       GW_METRICS * sizeof(struct hist) ==
			       sizeof(struct gw_lock),
		       "histograms are at the end");
	_Static_assert(offsetof(struct snapshot_lock, k) +
				       sizeof(struct gw_lock) ==
			       sizeof(struct snapshot_lock),
		       "the record is at the end");
	memset(to, 0, offsetof(struct snapshot_lock, k));
	memcpy(&to->k, from, offsetof(struct gw_lock, hist));
}

static void read_hist(struct snapshot_lock *to, const struct gw_lock *from,
		      unsigned int metric, struct lockread *r, uint32_t new)
{
	/* Two copies take turns: this one is as it was the time before last. */
	bool part = to->reading >= r->since && to->reading + 2 == r->reading;
	struct hist *hist = &to->k.hist[metric];

	if (part)
		copy_groups(hist, &from->hist[metric], new | r->last[metric]);
	else
		*hist = from->hist[metric];
	if (r->since == r->reading)
		new = r->groups[metric] = groups_of(hist);
	r->groups[metric] |= new;
	r->last[metric] = new;
}

static void read_lock(struct snapshot_lock *to, struct gw_lock *from,
		      struct lockread *r)
{
	const uint32_t reading = to->reading;
	uint32_t new[GW_METRICS];

	/* Bits before counts: what is counted later belongs, with its bit, to
	 * the next reading, or to both. */
	for (unsigned int i = 0; i < GW_METRICS; i++)
		new[i] = take(&from->max[i].groups);
	if (!goes_on(r, from))
		r->since = r->reading;
	copy_counters(to, from);
	to->reading = reading;
	for (unsigned int i = 0; i < GW_METRICS; i++) {
		read_hist(to, from, i, r, new[i]);
		to->k.max[i].groups = r->groups[i];
		to->touched[i] = r->last[i];
	}
	to->reading = r->reading;
	r->id = to->k.id;
	r->image = to->k.image;
	r->waits = to->k.waits;
}

/* What read_lock will need of the next ones. */
static void fetch(const struct snapshot_lock *to, const struct gw_lock *from,
		  const struct lockread *r, size_t left)
{
	const size_t near = AHEAD / 2;
	uint32_t groups;

	if (left > AHEAD) {
		fetch_bytes(from + AHEAD, offsetof(struct gw_lock, hist));
		fetch_bytes(to + AHEAD, offsetof(struct snapshot_lock, k.hist));
	}
	for (unsigned int i = 0; left > near && i < GW_METRICS; i++) {
		groups = from[near].max[i].groups | r[near].last[i];
		fetch_hist(&from[near].hist[i], groups);
		fetch_hist(&to[near].k.hist[i], groups);
	}
}

static void forget(struct snapshot_lock *to, struct lockread *r)
{
	memset(to, 0, sizeof(*to));
	*r = (struct lockread){ 0 };
}

void lockread(struct snapshot_lock *to, struct gw_lock *from,
	      struct lockread *r, size_t count, uint32_t reading)
{
	size_t free = count; /* the first of a run of entries not in use */
	bool fresh = false;  /* one of them was until now */

	for (size_t i = 0; i < count; i++) {
		fetch(&to[i], &from[i], &r[i], count - i);
		if (from[i].image) {
			if (fresh)
				snapshot_give_back(&to[free], &to[i]);
			free = count;
			fresh = false;
			r[i].reading = reading;
			read_lock(&to[i], &from[i], &r[i]);
			continue;
		}
		free = i < free ? i : free;
		/* What is not in use stays untouched, and takes no memory. */
		if (to[i].k.image) {
			forget(&to[i], &r[i]);
			fresh = true;
		}
	}
	if (fresh)
		snapshot_give_back(&to[free], &to[count]);
}
