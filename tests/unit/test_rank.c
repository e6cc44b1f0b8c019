// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The rank test against published values and against counting every order. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rank.h"

static void near(double got, double want, double off)
{
	if (!(fabs(got - want) <= off))
		fail_msg("%.9f for %.9f", got, want);
}

/* The example of R's wilcox.test (Hollander & Wolfe 1973, page 69): U = 35,
 * one-sided p = 0.1272. */
static void published(void **state)
{
	static const double x[] = { 0.80, 0.83, 1.89, 1.04, 1.45,
				    1.38, 1.91, 1.64, 0.73, 1.46 };
	static const double y[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };

	(void)state;
	near(rank_test(x, 10, y, 5), 2 * 0.1272, 0.0001);
	near(rank_test(y, 5, x, 10), 2 * 0.1272, 0.0001);
}

static double u_of(unsigned int set, size_t n)
{
	double sum = 0, k = 0;

	for (size_t i = 0; i < n; i++)
		if (set >> i & 1)
			sum += (double)(i + 1) - ++k;
	return sum;
}

/* For each split of the ranks 1 ... n: how many splits of that size are as far
 * from the middle. */
static void every_order(void **state)
{
	const size_t n = 9;
	double a[9], b[9], far, all;
	size_t na, nb;

	(void)state;
	for (unsigned int set = 1; set + 1 < 1u << n; set++) {
		na = nb = 0;
		for (size_t i = 0; i < n; i++) {
			if (set >> i & 1)
				a[na++] = (double)i * 1.5;
			else
				b[nb++] = (double)i * 1.5;
		}
		far = all = 0;
		for (unsigned int s = 0; s < 1u << n; s++) {
			if ((size_t)__builtin_popcount(s) != na)
				continue;
			all++;
			far += fabs(u_of(s, n) - (double)(na * nb) / 2) >=
			       fabs(u_of(set, n) - (double)(na * nb) / 2);
		}
		near(rank_test(a, na, b, nb), fmin(1, far / all), 1e-9);
	}
}

static void nothing_to_compare(void **state)
{
	static const double a[] = { 1, 1, 1 }, b[] = { 1, 1 };

	(void)state;
	assert_true(rank_test(a, 0, b, 2) == 1);
	assert_true(rank_test(a, 3, b, 0) == 1);
	assert_true(rank_test(a, 3, b, 2) == 1);
}

/* By hand: a = 1 2 2 3, b = 2 3 4 5: ranks of a 1 3 3 5.5, U = 2.5; ties
 * (27 - 3) + (8 - 2) = 30; variance 16/12 * (9 - 30/56) = 11.2857;
 * z = (8 - 2.5 - 0.5) / 3.35942 = 1.48835; p = 0.13666. */
static void ties(void **state)
{
	static const double a[] = { 1, 2, 2, 3 }, b[] = { 2, 3, 4, 5 };

	(void)state;
	near(rank_test(a, 4, b, 4), 0.13666, 0.0001);
}

/* At the size where counting ends, both ways agree. */
static void approximation_joins(void **state)
{
	double a[RANK_EXACT_MAX + 1], b[RANK_EXACT_MAX + 1], exact, approximate;

	(void)state;
	for (size_t i = 0; i <= RANK_EXACT_MAX; i++) {
		a[i] = (double)i;
		b[i] = (double)i + 4.5;
	}
	exact = rank_test(a, RANK_EXACT_MAX, b, RANK_EXACT_MAX);
	approximate = rank_test(a, RANK_EXACT_MAX + 1, b, RANK_EXACT_MAX);
	assert_true(exact > 0.01 && exact < 0.2);
	near(approximate, exact, 0.05);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published),
		cmocka_unit_test(every_order),
		cmocka_unit_test(nothing_to_compare),
		cmocka_unit_test(ties),
		cmocka_unit_test(approximation_joins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
