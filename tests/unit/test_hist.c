// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The histogram's buckets, and percentiles from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "hist.h"
#include "model.h"

#define COUNT_OF(a) (sizeof(a) / sizeof(*(a)))

/* ---- buckets --------------------------------------------------------------
 */

static void every_bound(void **state)
{
	(void)state;
	assert_int_equal(hist_low(0), 0);
	assert_int_equal(hist_low(1), 64);
	assert_int_equal(hist_low(HIST_BUCKETS - 1), 1ull << 36);
	assert_true(hist_low(HIST_BUCKETS) == UINT64_MAX);
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		uint64_t low = hist_low(i), high = hist_low(i + 1);

		assert_true(low < high);
		assert_int_equal(hist_bucket(low), i);
		assert_int_equal(hist_bucket(low + (high - low) / 2), i);
		assert_int_equal(hist_bucket(high - 1), i);
		if (i < HIST_BUCKETS - 1)
			assert_int_equal(hist_bucket(high), i + 1);
	}
}

static void edges(void **state)
{
	static const struct {
		uint64_t ns;
		unsigned int bucket;
	} of[] = {
		{ 0, 0 },
		{ 1, 0 },
		{ 63, 0 },
		{ 64, 1 },
		{ 71, 1 },
		{ 72, 2 },
		{ 127, 8 },
		{ 128, 9 },
		{ 143, 9 },
		{ 144, 10 },
		{ (1ull << 36) - 1, HIST_BUCKETS - 2 },
		{ 1ull << 36, HIST_BUCKETS - 1 },
		{ 1ull << 62, HIST_BUCKETS - 1 },
		{ 1ull << 63, HIST_BUCKETS - 1 },
		{ UINT64_MAX, HIST_BUCKETS - 1 },
	};

	(void)state;
	assert_int_equal(HIST_BUCKETS, 242);
	for (size_t i = 0; i < COUNT_OF(of); i++)
		assert_int_equal(hist_bucket(of[i].ns), of[i].bucket);
}

static void position_of_the_highest_bit(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 63; bit++) {
		assert_int_equal(hist_log2(1ull << bit), bit);
		assert_int_equal(hist_log2((1ull << bit) | ((1ull << bit) - 1)),
				 bit);
	}
}

/* "The middle of a bucket is within 6.25 % of every value in it." */
static void middle_is_near(void **state)
{
	double most = 0;

	(void)state;
	for (unsigned int i = 1; i < HIST_BUCKETS - 1; i++) {
		double low = (double)hist_low(i),
		       high = (double)hist_low(i + 1);
		double middle = (low + high) / 2;

		if ((middle - low) / low > most)
			most = (middle - low) / low;
		assert_true(high - 1 - middle <= 0.0625 * (high - 1));
	}
	assert_true(most <= 0.0625);
	assert_true(most > 0.06);
}

/* ---- percentiles ----------------------------------------------------------
 */

static uint64_t counts[HIST_BUCKETS];

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Nearest rank, in whole numbers: the sample at ceil(percent / 100 * n). */
static uint64_t exact(const uint64_t *sorted, size_t n, unsigned int percent)
{
	size_t rank = (n * percent + 99) / 100;

	return sorted[rank ? rank - 1 : 0];
}

static uint64_t fill(const uint64_t *samples, size_t n)
{
	uint64_t max = 0;

	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		counts[i] = 0;
	for (size_t i = 0; i < n; i++) {
		counts[hist_bucket(samples[i])]++;
		max = samples[i] > max ? samples[i] : max;
	}
	return max;
}

static void check_near(const char *name, size_t n, unsigned int percent,
		       uint64_t got, uint64_t want)
{
	uint64_t off = got > want ? got - want : want - got;

	/* 6.25 %, and a ns for rounding. */
	if (off <= want / 16 + 1)
		return;
	print_error("%s, %zu samples: p%u is %llu, should be %llu\n", name, n,
		    percent, (unsigned long long)got, (unsigned long long)want);
	fail();
}

static void check_samples(const char *name, uint64_t *samples, size_t n)
{
	static const unsigned int percents[] = { 1, 10, 50, 90, 99, 100 };
	uint64_t max = fill(samples, n), last = 0, got;

	qsort(samples, n, sizeof(*samples), by_value);
	for (size_t i = 0; i < COUNT_OF(percents); i++) {
		got = model_percentile(counts, percents[i] / 100.0, max);
		check_near(name, n, percents[i], got,
			   exact(samples, n, percents[i]));
		assert_true(got <= max);
		assert_true(got >= last);
		last = got;
	}
}

/* 0 to 1, the same each run; xorshift64. */
static double draw(void)
{
	static uint64_t bits = 0x9e3779b97f4a7c15u;

	bits ^= bits << 13;
	bits ^= bits >> 7;
	bits ^= bits << 17;
	return (double)(bits >> 11) / (double)(1ull << 53);
}

static uint64_t constant(size_t i)
{
	(void)i;
	return 5000000;
}

/* All samples at the very low end of a bucket but for one far above, which
 * keeps the maximum from helping. */
static uint64_t low_edge(size_t i)
{
	return i ? 4096 : 1000000000;
}

static uint64_t high_edge(size_t i)
{
	return i ? 4607 : 1000000000;
}

static uint64_t uniform(size_t i)
{
	(void)i;
	return 1000 + (uint64_t)(draw() * 1e6);
}

/* A fast and a slow way, as with a switch interval of 5 ms. */
static uint64_t bimodal(size_t i)
{
	return i % 3 ? 12000 + (uint64_t)(draw() * 3000)
		     : 5000000 + (uint64_t)(draw() * 100000);
}

/* How many tries until one in a hundred succeeds. */
static uint64_t exponential(size_t i)
{
	uint64_t tries = 1;

	(void)i;
	while (draw() > 0.01)
		tries++;
	return tries * 2500;
}

static uint64_t wide(size_t i)
{
	(void)i;
	return (uint64_t)((1 + draw()) *
			  (double)(1ull << (6 + (int)(draw() * 30))));
}

static void distributions(void **state)
{
	static const struct {
		const char *name;
		uint64_t (*sample)(size_t i);
	} of[] = {
		{ "constant", constant },   { "low edge", low_edge },
		{ "high edge", high_edge }, { "uniform", uniform },
		{ "bimodal", bimodal },     { "exponential", exponential },
		{ "wide", wide },
	};
	static const size_t sizes[] = { 1, 2, 3, 10, 99, 100, 101, 1000, 9999 };
	static uint64_t samples[9999];

	(void)state;
	for (size_t d = 0; d < COUNT_OF(of); d++)
		for (size_t s = 0; s < COUNT_OF(sizes); s++) {
			for (size_t i = 0; i < sizes[s]; i++)
				samples[i] = of[d].sample(i);
			check_samples(of[d].name, samples, sizes[s]);
		}
}

/* All samples small but the last ones: which rank is p99? */
static void p99_of_few(void **state)
{
	static const struct {
		size_t n, large;
		int p99_is_large, p50_is_large;
	} of[] = {
		{ 1, 0, 0, 0 },   { 1, 1, 1, 1 },     { 2, 1, 1, 0 },
		{ 2, 0, 0, 0 },   { 3, 2, 1, 1 },     { 99, 1, 1, 0 },
		{ 99, 49, 1, 0 }, { 99, 50, 1, 1 },   { 100, 1, 0, 0 },
		{ 100, 2, 1, 0 }, { 100, 50, 1, 0 },  { 100, 51, 1, 1 },
		{ 101, 1, 0, 0 }, { 101, 2, 1, 0 },   { 200, 2, 0, 0 },
		{ 200, 3, 1, 0 }, { 1000, 10, 0, 0 }, { 1000, 11, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(of); i++) {
		for (unsigned int b = 0; b < HIST_BUCKETS; b++)
			counts[b] = 0;
		counts[hist_bucket(1000)] = of[i].n - of[i].large;
		counts[hist_bucket(1000000)] = of[i].large;
		assert_int_equal(model_percentile(counts, 0.99, 1000000) > 2000,
				 of[i].p99_is_large);
		assert_int_equal(model_percentile(counts, 0.50, 1000000) > 2000,
				 of[i].p50_is_large);
	}
}

static void rank_is_exact_for_every_size(void **state)
{
	(void)state;
	for (uint64_t n = 1; n < 100000; n++) {
		uint64_t rank = (n * 99 + 99) / 100;

		fill(NULL, 0);
		counts[10] = rank - 1;
		counts[20] = 1;
		counts[30] = n - rank;
		assert_int_equal(hist_bucket(model_percentile(counts, 0.99,
							      MODEL_UNKNOWN)),
				 20);
	}
}

static void never_above_the_maximum(void **state)
{
	uint64_t one = 4100;
	uint64_t max = fill(&one, 1);

	(void)state;
	assert_true(model_percentile(counts, 0.50, max) <= 4100);
	assert_true(model_percentile(counts, 0.99, max) <= 4100);
	/* Not known: anywhere in the bucket. */
	assert_int_equal(
		hist_bucket(model_percentile(counts, 0.99, MODEL_UNKNOWN)),
		hist_bucket(4100));
	one = 3;
	max = fill(&one, 1);
	assert_true(model_percentile(counts, 0.99, max) <= 3);
	one = 0;
	max = fill(&one, 1);
	assert_int_equal(model_percentile(counts, 0.99, max), 0);
}

/* The last bucket has no end: its start is all that is known. */
static void last_bucket(void **state)
{
	uint64_t one = 100000000000;
	uint64_t max = fill(&one, 1);

	(void)state;
	assert_int_equal(model_percentile(counts, 0.50, max), 1ull << 36);
	assert_int_equal(model_percentile(counts, 0.50, MODEL_UNKNOWN),
			 1ull << 36);
}

static void no_samples(void **state)
{
	(void)state;
	fill(NULL, 0);
	assert_true(model_percentile(counts, 0.50, MODEL_UNKNOWN) ==
		    MODEL_UNKNOWN);
	assert_true(model_percentile(counts, 0.99, 0) == MODEL_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bound),
		cmocka_unit_test(edges),
		cmocka_unit_test(position_of_the_highest_bit),
		cmocka_unit_test(middle_is_near),
		cmocka_unit_test(distributions),
		cmocka_unit_test(p99_of_few),
		cmocka_unit_test(rank_is_exact_for_every_size),
		cmocka_unit_test(never_above_the_maximum),
		cmocka_unit_test(last_bucket),
		cmocka_unit_test(no_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
