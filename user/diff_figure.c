// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "diff_figure.h"

const struct column_set *diff_columns(enum diff_table table)
{
	return table == DIFF_LOCKS ? &column_locks : &column_threads;
}

/* A column that is what has been most at once, and so no sum. */
static bool is_peak(const char *id)
{
	return !strcmp(id, "waiters_max");
}

static bool ends(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* The distribution that a column wait_ns_... is about. */
static enum gw_metric metric_of(const char *id)
{
	size_t n = strcspn(id, "_");
	enum gw_metric m;

	for (m = 0; m < GW_METRICS; m++)
		if (strlen(model_metric_name(m)) == n &&
		    !strncmp(model_metric_name(m), id, n))
			break;
	return m;
}

static void name(struct diff_figure *f, const char *id, const char *cut,
		 const char *add)
{
	size_t n = strlen(id);

	if (ends(id, cut))
		n -= strlen(cut);
	snprintf(f->name, sizeof(f->name), "%.*s%s", (int)n, id, add);
}

/* Times: percentiles and the largest as they are, sums by the second. */
static void of_ns(struct diff_figure *f, const char *id)
{
	f->ns = true;
	f->metric = metric_of(id);
	if (ends(id, "_p50") || ends(id, "_p99")) {
		f->how = DIFF_QUANTILE;
		f->share = ends(id, "_p50") ? 0.5 : 0.99;
		name(f, id, "", "");
	} else if (ends(id, "_max")) {
		f->how = DIFF_MAX;
		name(f, id, "", "");
	} else {
		f->how = DIFF_RATE;
		name(f, id, "_total", "_per_s");
	}
}

/* False where a column is nothing to compare: an id, a name. */
static bool from_column(struct diff_figure *f, const struct column *c)
{
	if (!c->id || *c->id == '+')
		return false;
	f->help = c->help;
	switch (c->type) {
	case VALUE_COUNT:
		f->how = is_peak(c->id) ? DIFF_MAX : DIFF_RATE;
		name(f, c->id, "", is_peak(c->id) ? "" : "_per_s");
		return true;
	case VALUE_SHARE:
		f->how = DIFF_SHARE;
		name(f, c->id, "_ns", "_share");
		return true;
	case VALUE_NS:
		of_ns(f, c->id);
		return true;
	default:
		return false;
	}
}

static size_t add_table(struct diff_figure *all, size_t n,
			enum diff_table table)
{
	const struct column_set *set = diff_columns(table);
	size_t at = 0;

	for (size_t i = 0; i < set->count && n < DIFF_FIGURES_MAX; i++) {
		all[n] = (struct diff_figure){ .table = table, .column = at };
		n += from_column(&all[n], &set->columns[i]);
		at += set->columns[i].id && *set->columns[i].id != '+';
	}
	return n;
}

size_t diff_figures(const struct diff_figure **all)
{
	static struct diff_figure figure[DIFF_FIGURES_MAX];
	static size_t n;

	if (!n) {
		n = add_table(figure, 0, DIFF_LOCKS);
		n = add_table(figure, n, DIFF_THREADS);
	}
	*all = figure;
	return n;
}
