// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Percentiles of several locks or threads together: from their histograms. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "diff_run_priv.h"

/* One row of histograms.csv. */
struct sample {
	size_t item, window;
	enum gw_metric metric;
	uint32_t bucket;
	double count;
};

struct samples {
	struct sample *sample;
	size_t n, room;
};

static int by_place(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	if (x->metric != y->metric)
		return x->metric < y->metric ? -1 : 1;
	return (x->window > y->window) - (x->window < y->window);
}

static bool same_place(const struct sample *x, const struct sample *y)
{
	return !by_place(x, y);
}

static enum gw_metric metric_named(const char *name)
{
	enum gw_metric m;

	for (m = 0; m < GW_METRICS; m++)
		if (!strcmp(model_metric_name(m), name))
			break;
	return m;
}

static int read_row(struct diff_sum *s, size_t row, struct samples *all)
{
	const struct csv_table *t = &s->run->file[DIFF_HIST_CSV];
	const char *lock = csv_at(t, row, HIST_LOCK);
	struct sample *to;
	double low;
	int err = array_grow(&all->sample, all->n, &all->room);

	if (err)
		return err;
	to = &all->sample[all->n];
	err = diff_number(s, DIFF_HIST_CSV, row, HIST_LOW, &low);
	if (!err)
		err = diff_number(s, DIFF_HIST_CSV, row, HIST_COUNT,
				  &to->count);
	if (err)
		return err;
	to->item = diff_item_of(s, *lock ? DIFF_LOCKS : DIFF_THREADS,
				csv_at(t, row, HIST_PID),
				*lock ? lock : csv_at(t, row, HIST_TID));
	to->window = diff_window(s, t, row);
	to->metric = metric_named(csv_at(t, row, HIST_METRIC));
	to->bucket = low < 1e18 ? hist_bucket((uint64_t)low) : HIST_BUCKETS - 1;
	if (to->item != STRINDEX_NONE && to->window != STRINDEX_NONE &&
	    to->metric < GW_METRICS && !isnan(to->count))
		all->n++;
	return 0;
}

/* The largest value of the metric, which a percentile never exceeds. */
static uint64_t largest(const struct diff_sum *s, const struct diff_item *item,
			enum gw_metric metric, size_t window)
{
	double value;

	for (size_t f = 0; f < s->figures; f++) {
		if (s->figure[f].table != item->table || !s->figure[f].ns ||
		    s->figure[f].how != DIFF_MAX ||
		    s->figure[f].metric != metric)
			continue;
		value = diff_value(s->run, item, f, window);
		return isnan(value) ? MODEL_UNKNOWN : (uint64_t)value;
	}
	return MODEL_UNKNOWN;
}

static void put(struct diff_sum *s, const struct sample *at,
		const uint64_t *counts)
{
	struct diff_item *item = &s->run->item[at->item];
	uint64_t max = largest(s, item, at->metric, at->window);
	const struct diff_figure *f;

	for (size_t i = 0; i < s->figures; i++) {
		f = &s->figure[i];
		if (f->table == item->table && f->how == DIFF_QUANTILE &&
		    f->metric == at->metric)
			item->value[i * s->run->windows + at->window] =
				(double)model_percentile(counts, f->share, max);
	}
}

int diff_quantiles(struct diff_sum *s)
{
	struct samples all = { 0 };
	uint64_t counts[HIST_BUCKETS];
	size_t end;
	int err = 0;

	for (size_t i = 0; !err && i < s->run->file[DIFF_HIST_CSV].rows; i++)
		err = read_row(s, i, &all);
	if (!err && all.n)
		qsort(all.sample, all.n, sizeof(*all.sample), by_place);
	for (size_t i = 0; !err && i < all.n; i = end) {
		memset(counts, 0, sizeof(counts));
		for (end = i; end < all.n &&
			      same_place(&all.sample[i], &all.sample[end]);
		     end++)
			counts[all.sample[end].bucket] +=
				(uint64_t)all.sample[end].count;
		put(s, &all.sample[i], counts);
	}
	free(all.sample);
	return err;
}
