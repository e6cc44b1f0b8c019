// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "late.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

/* Fewer have no median to speak of. */
#define SAMPLES_MIN 20

/*
 * The program's clock runs from before the call that sleeps to after the one
 * that takes the lock, and a timer has a slack of 50 us: gilwatch sees none of
 * that.
 */
#define AROUND_NS 150000

/* Half a bucket of the histogram, and what the ends of the window make. */
#define MARGIN 0.1

static int by_ns(const void *a, const void *b)
{
	const struct late_sample *x = a, *y = b;

	return (x->ns > y->ns) - (x->ns < y->ns);
}

void late_read(struct late *l, const char *out)
{
	size_t room = 0;
	double at, ns;

	*l = (struct late){ 0 };
	for (; (out = strstr(out, "late ")); out++) {
		if (sscanf(out, "late %lf %lf", &at, &ns) != 2)
			continue;
		if (l->count == room) {
			room = room ? room * 2 : 64;
			l->sample = reallocarray(l->sample, room,
						 sizeof(*l->sample));
			assert_non_null(l->sample);
		}
		l->sample[l->count++] = (struct late_sample){ at, ns };
	}
	if (l->count)
		qsort(l->sample, l->count, sizeof(*l->sample), by_ns);
}

void late_done(struct late *l)
{
	free(l->sample);
	*l = (struct late){ 0 };
}

double late_p50(const struct late *l, double from_ns, double to_ns, size_t *n)
{
	size_t inside = 0, half;

	*n = 0;
	for (size_t i = 0; i < l->count; i++)
		*n += l->sample[i].at_ns >= from_ns &&
		      l->sample[i].at_ns <= to_ns;
	half = (*n + 1) / 2;
	for (size_t i = 0; i < l->count; i++) {
		inside += l->sample[i].at_ns >= from_ns &&
			  l->sample[i].at_ns <= to_ns;
		if (inside && inside == half)
			return l->sample[i].ns;
	}
	return 0;
}

void late_compare(struct compare *c, const struct late *l,
		  const struct csvtable *threads, size_t row)
{
	double from = strtod(csv_cell(threads, row, "start_s"), NULL) * 1e9;
	size_t n;
	double p50 = late_p50(l, from, from + csv_window_ns(threads, row), &n);

	compare_true(c, n >= SAMPLES_MIN, "only %zu sleeps", n);
	compare_true(c, *csv_cell(threads, row, "response_ns_p50"),
		     "no response delay");
	compare_near(c, (double)csv_u64(threads, row, "response_ns_p50"), p50,
		     MARGIN, AROUND_NS, "response delay p50");
}
