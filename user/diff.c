// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "rank.h"

/* ---- pairs ----------------------------------------------------------------
 */

/* How much of two items has to be equal. */
enum likeness { ALL_EQUAL, SAME_KIND_AND_PROCESS, SAME_KIND, LIKENESSES };

static bool alike(const struct diff_item *a, const struct diff_item *b,
		  enum likeness how)
{
	if (a->table != b->table || strcmp(a->kind, b->kind))
		return false;
	if (how == SAME_KIND)
		return a->table == DIFF_LOCKS;
	if (strcmp(a->comm, b->comm))
		return false;
	return how == SAME_KIND_AND_PROCESS ||
	       (!strcmp(a->name, b->name) && !strcmp(a->lock, b->lock));
}

/* The only one among those without a partner that is like `item`; used[i]:
 * it has one. */
static const struct diff_item *only_one(const struct diff_run *r,
					const bool *used,
					const struct diff_item *item,
					enum likeness how)
{
	const struct diff_item *found = NULL;

	for (size_t i = 0; i < r->items; i++) {
		if (used[i] || !alike(&r->item[i], item, how))
			continue;
		if (found)
			return NULL;
		found = &r->item[i];
	}
	return found;
}

static void pair_up(struct diff *d, bool *used_a, bool *used_b,
		    enum likeness how)
{
	const struct diff_item *b;

	for (size_t i = 0; i < d->a.items; i++) {
		if (used_a[i])
			continue;
		b = only_one(&d->b, used_b, &d->a.item[i], how);
		if (!b || only_one(&d->a, used_a, b, how) != &d->a.item[i])
			continue;
		used_a[i] = true;
		used_b[b - d->b.item] = true;
		d->pair[d->pairs++] = (struct diff_pair){ &d->a.item[i], b };
	}
}

static void leave_over(struct diff *d, const bool *used_a, const bool *used_b)
{
	for (size_t i = 0; i < d->a.items; i++)
		if (!used_a[i])
			d->pair[d->pairs++].a = &d->a.item[i];
	for (size_t i = 0; i < d->b.items; i++)
		if (!used_b[i])
			d->pair[d->pairs++].b = &d->b.item[i];
}

/* What orders pairs: time waited for a lock, time that a thread used or wanted
 * a CPU or a lock. */
static double weight(const struct diff_run *r, const struct diff_item *i)
{
	const struct diff_figure *f;
	size_t n = diff_figures(&f);
	double sum = 0, v;

	for (size_t k = 0; i && k < n; k++) {
		v = diff_value(r, i, k, 0);
		if (f[k].table != i->table || isnan(v))
			continue;
		if (!strcmp(f[k].name, "wait_ns_per_s"))
			sum += v;
		if (!strcmp(f[k].name, "sleeping_share"))
			sum += (1 - v) * (double)i->count;
	}
	return sum;
}

static int by_weight(const void *x, const void *y, void *ctx)
{
	const struct diff_pair *p = x, *q = y;
	const struct diff *d = ctx;
	const struct diff_item *i = p->a ? p->a : p->b;
	const struct diff_item *j = q->a ? q->a : q->b;
	double v = weight(&d->a, p->a) + weight(&d->b, p->b);
	double w = weight(&d->a, q->a) + weight(&d->b, q->b);

	if (i->table != j->table)
		return (int)i->table - (int)j->table;
	return (v < w) - (v > w);
}

static int make_pairs(struct diff *d)
{
	bool *used_a = calloc(d->a.items + 1, sizeof(bool));
	bool *used_b = calloc(d->b.items + 1, sizeof(bool));

	d->pair = calloc(d->a.items + d->b.items + 1, sizeof(*d->pair));
	if (used_a && used_b && d->pair) {
		for (enum likeness how = 0; how < LIKENESSES; how++)
			pair_up(d, used_a, used_b, how);
		leave_over(d, used_a, used_b);
		qsort_r(d->pair, d->pairs, sizeof(*d->pair), by_weight, d);
	}
	free(used_a);
	free(used_b);
	return d->pair && used_a && used_b ? 0 : -ENOMEM;
}

int diff_open(struct diff *d, const char *a, const char *b, char msg[DIFF_MSG])
{
	int err;

	*d = (struct diff){ 0 };
	err = diff_run_load(&d->a, a, msg);
	if (!err)
		err = diff_run_load(&d->b, b, msg);
	if (!err)
		err = diff_run_items(&d->a, &d->b, msg);
	if (!err)
		err = diff_run_items(&d->b, &d->a, msg);
	if (err)
		return err;
	err = make_pairs(d);
	if (err)
		snprintf(msg, DIFF_MSG, "out of memory");
	return err;
}

void diff_close(struct diff *d)
{
	diff_run_free(&d->a);
	diff_run_free(&d->b);
	free(d->pair);
	*d = (struct diff){ 0 };
}

/* ---- changes --------------------------------------------------------------
 */

static int by_number(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Shortest interval that is looked at. */
static double shortest(const struct diff_run *r, double *room)
{
	size_t n = r->windows - 1;

	if (!n)
		return 0;
	memcpy(room, r->seconds + 1, n * sizeof(*room));
	qsort(room, n, sizeof(*room), by_number);
	return room[n / 2] * DIFF_INTERVAL_PART;
}

/* The values of a figure in the intervals; returns how many are known. */
static size_t intervals(const struct diff_run *r, const struct diff_item *i,
			size_t figure, double *out)
{
	double least = shortest(r, out), v;
	size_t n = 0;

	for (size_t w = 1; w < r->windows; w++) {
		v = diff_value(r, i, figure, w);
		if (!isnan(v) && r->seconds[w] >= least)
			out[n++] = v;
	}
	return n;
}

static double percent(double a, double b)
{
	if (isnan(a) || isnan(b))
		return NAN;
	if (a == b)
		return 0;
	return a == 0 ? INFINITY : (b - a) / a * 100;
}

/* The smallest two-sided p that so many values can have: 2 of all orders. */
static bool can_tell(size_t na, size_t nb)
{
	double orders = 1;

	for (size_t i = 1; i <= na; i++)
		orders *= (double)(nb + i) / (double)i;
	return na && nb && 2 / orders < DIFF_NOISE_P;
}

static int compare_intervals(const struct diff *d, const struct diff_pair *p,
			     size_t figure, struct diff_change *c)
{
	double *a = calloc(d->a.windows, sizeof(*a));
	double *b = calloc(d->b.windows, sizeof(*b));
	int err = a && b ? 0 : -ENOMEM;

	if (!err) {
		c->na = intervals(&d->a, p->a, figure, a);
		c->nb = intervals(&d->b, p->b, figure, b);
		c->testable = can_tell(c->na, c->nb);
		c->p = rank_test(a, c->na, b, c->nb);
		err = c->p < 0 ? -ENOMEM : 0;
	}
	free(a);
	free(b);
	return err;
}

int diff_change(const struct diff *d, const struct diff_pair *p, size_t figure,
		struct diff_change *c)
{
	const struct diff_figure *f;

	diff_figures(&f);
	*c = (struct diff_change){ .a = NAN, .b = NAN, .percent = NAN, .p = 1 };
	if (p->a)
		c->a = diff_value(&d->a, p->a, figure, 0);
	if (p->b)
		c->b = diff_value(&d->b, p->b, figure, 0);
	if (!p->a || !p->b)
		return 0;
	c->percent = percent(c->a, c->b);
	/* A peak since the start tells nothing about one interval. */
	if (f[figure].how == DIFF_MAX && !f[figure].ns)
		return 0;
	return compare_intervals(d, p, figure, c);
}

const char *diff_label(char buf[DIFF_LABEL], const struct diff_item *i)
{
	if (i->table == DIFF_THREADS)
		snprintf(buf, DIFF_LABEL, "thread %.90s", i->comm);
	else
		snprintf(buf, DIFF_LABEL, "%.30s%s%.20s of %.90s%s%.90s",
			 i->kind, *i->lock ? " " : "", i->lock, i->comm,
			 *i->name ? ": " : "", i->name);
	return buf;
}
