// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Distributions: two histograms to buckets, percentiles and the maximum. */
#include <errno.h>

#include "array.h"
#include "rows.h"

/* The end of the highest bucket that is not empty. */
static uint64_t highest(struct model_buckets b)
{
	return b.n ? hist_low(b.at[b.n - 1].bucket + 1) - 1 : 0;
}

/* The kernel knows the largest value of the window of the moment, and that may
 * be the next one by the time the record is read; then, and for a window of
 * several intervals, a new record since its beginning is exact, and else the
 * histogram tells it to a bucket. */
uint64_t rows_largest(const struct gw_max *max, const struct gw_max *before,
		      const struct model_buckets *b, const struct rows_pair *p)
{
	bool recent = max->window == p->now->window;
	uint64_t top;

	if (!p->before)
		return max->all;
	if (p->before->window + 1 >= p->now->window && recent)
		return max->recent;
	if (p->before->window + 1 >= p->now->window &&
	    max->window < p->now->window)
		return 0;
	if (!before || max->all > before->all)
		return max->all;
	if (!b)
		return MODEL_UNKNOWN;
	top = highest(*b);
	if (recent && max->recent > top)
		return max->recent;
	return top < max->all ? top : max->all;
}

/* A kernel count is 32 bits wide and wraps; see struct hist. */
static uint32_t news(const struct hist *now, const struct hist *before,
		     unsigned int bucket)
{
	return now->count[bucket] - (before ? before->count[bucket] : 0);
}

/* Of these, in the upper half of the bucket. */
static uint32_t in_upper(const struct rows_ends *e, unsigned int bucket)
{
	unsigned int i = bucket - HIST_UPPER_FIRST;

	if (!e->upper || i >= HIST_UPPER_BUCKETS)
		return MODEL_NO_HALVES;
	return (uint16_t)(e->upper->count[i] -
			  (e->upper_before ? e->upper_before->count[i] : 0));
}

/* The counts of one group that are new. */
static struct model_bucket *group(struct model_bucket *to,
				  const struct rows_ends *e, unsigned int from)
{
	unsigned int end = from + HIST_GROUP;
	struct model_bucket b;

	end = end < HIST_BUCKETS ? end : HIST_BUCKETS;
	for (unsigned int i = from; i < end; i++) {
		b = (struct model_bucket){
			.bucket = i,
			.count = news(e->now, e->before, i),
			.upper = in_upper(e, i),
		};
		if (b.count)
			*to++ = b;
	}
	return to;
}

/* The buckets of the window go to the end of the model's. */
static int buckets(struct model *m, const struct rows_ends *e)
{
	struct model_bucket *to;

	while (m->nbuckets + HIST_BUCKETS > m->buckets_room)
		if (array_grow(&m->buckets, m->buckets_room, &m->buckets_room))
			return -ENOMEM;
	to = m->buckets + m->nbuckets;
	for (uint32_t left = e->groups; left; left &= left - 1)
		to = group(to, e,
			   HIST_GROUP * (unsigned int)__builtin_ctz(left));
	m->nbuckets = (size_t)(to - m->buckets);
	return 0;
}

static void figures(struct model_dist *d, struct model_buckets b,
		    const struct rows_ends *e, const struct rows_pair *p)
{
	uint64_t top = rows_largest(e->max, e->max_before, &b, p);

	d->count = 0;
	for (size_t i = 0; i < b.n; i++)
		d->count += b.at[i].count;
	d->max = top || d->count ? top : MODEL_UNKNOWN;
	d->p50 = model_buckets_percentile(b, d->count, 0.50, top);
	d->p99 = model_buckets_percentile(b, d->count, 0.99, top);
}

int rows_dist(struct model *m, struct model_dist *d, uint32_t first[2],
	      const struct rows_ends *e, const struct rows_pair *p)
{
	int err;

	first[0] = (uint32_t)m->nbuckets;
	err = buckets(m, e);
	first[1] = (uint32_t)m->nbuckets;
	if (!err)
		figures(d,
			(struct model_buckets){ m->buckets + first[0],
						first[1] - first[0] },
			e, p);
	return err;
}
