// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "rank.h"

struct ranked {
	double value;
	bool first; /* of the first set */
};

static int by_value(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

/* The sum of the first set's ranks, from 1; equal values share their mean rank.
 * ties: gets the sum of t^3 - t over groups of t equal values. */
static double rank_sum(const struct ranked *all, size_t n, double *ties)
{
	double sum = 0, equal;
	size_t end;

	*ties = 0;
	for (size_t i = 0; i < n; i = end) {
		for (end = i; end < n && all[end].value == all[i].value;)
			end++;
		equal = (double)(end - i);
		*ties += equal * equal * equal - equal;
		for (size_t k = i; k < end; k++)
			if (all[k].first)
				sum += (double)(i + 1 + end) / 2;
	}
	return sum;
}

/*
 * How many of the subsets of na out of na + nb ranks have a sum that is at most
 * `least` above the smallest possible one, as a share of all subsets. way[k][u]
 * counts subsets of k ranks with U = u; adding the rank r to one of k - 1 ranks
 * adds r - k to its U.
 */
static double exact_share(size_t na, size_t nb, size_t least)
{
	static double way[RANK_EXACT_MAX + 1]
			 [RANK_EXACT_MAX * RANK_EXACT_MAX + 1];
	size_t top = na * nb;
	double all = 0, few = 0;

	for (size_t k = 0; k <= na; k++)
		for (size_t u = 0; u <= top; u++)
			way[k][u] = !k && !u;
	for (size_t r = 1; r <= na + nb; r++)
		for (size_t k = na < r ? na : r; k > 0; k--)
			for (size_t u = top + 1; u-- > r - k;)
				way[k][u] += way[k - 1][u - (r - k)];
	for (size_t u = 0; u <= top; u++) {
		all += way[na][u];
		few += u <= least ? way[na][u] : 0;
	}
	return few / all;
}

static double normal_p(double u, double na, double nb, double ties)
{
	double n = na + nb, off = fabs(u - na * nb / 2) - 0.5;
	double variance = na * nb / 12 * (n + 1 - ties / (n * (n - 1)));

	if (variance <= 0 || off <= 0)
		return 1;
	return erfc(off / sqrt(variance) / sqrt(2));
}

static double test(const struct ranked *all, size_t na, size_t nb)
{
	double ties, p;
	double u = rank_sum(all, na + nb, &ties) - (double)(na * (na + 1)) / 2;
	double other = (double)(na * nb) - u;

	if (ties || na > RANK_EXACT_MAX || nb > RANK_EXACT_MAX)
		return normal_p(u, (double)na, (double)nb, ties);
	p = 2 * exact_share(na, nb, (size_t)(u < other ? u : other));
	return p < 1 ? p : 1;
}

double rank_test(const double *a, size_t na, const double *b, size_t nb)
{
	struct ranked *all;
	double p;

	if (!na || !nb)
		return 1;
	all = calloc(na + nb, sizeof(*all));
	if (!all)
		return -1;
	for (size_t i = 0; i < na + nb; i++) {
		all[i].value = i < na ? a[i] : b[i - na];
		all[i].first = i < na;
	}
	qsort(all, na + nb, sizeof(*all), by_value);
	p = test(all, na, nb);
	free(all);
	return p;
}
