// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Distributions between two snapshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "shots.h"

static void histogram_counts_wrap(void **state)
{
	const struct model_lock *l;
	uint64_t counts[HIST_BUCKETS] = { 0 };
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	shot_lock_at(&p.before, 0)->hist[GW_WAIT].count[7] = UINT32_MAX - 1;
	shot_lock_at(&p.now, 0)->hist[GW_WAIT].count[7] = 3;
	shot_lock_at(&p.now, 0)->max[GW_WAIT].groups = 1;
	shot_pair_close(&p);
	l = shot_lock_row(&p.m, 0x1000);
	model_add(counts, model_lock_buckets(&p.m, l, GW_WAIT));
	assert_int_equal(counts[7], 5);
	assert_int_equal(counts[8], 0);
	assert_int_equal(l->dist[GW_WAIT].count, 5);
	shot_pair_end(&p);
}

/* The largest of the window, not of all time; all time in a total. */
static void largest_of_the_window(void **state)
{
	const struct model_lock *l;
	struct gw_lock *a, *b;
	struct model total;
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	a = shot_lock_at(&p.before, 0);
	b = shot_lock_at(&p.now, 0);
	shot_samples(&a->hist[GW_WAIT], &a->max[GW_WAIT], 9000000, 100, 1);
	b->hist[GW_WAIT] = a->hist[GW_WAIT];
	b->max[GW_WAIT] = a->max[GW_WAIT];
	shot_samples(&b->hist[GW_WAIT], &b->max[GW_WAIT], 5000, 10, 2);
	/* A maximum of an earlier window says nothing about this one. */
	b->max[GW_HOLD] = (struct gw_max){ 77, 77, 1, 0 };
	shot_pair_close(&p);
	l = shot_lock_row(&p.m, 0x1000);
	assert_int_equal(l->dist[GW_WAIT].count, 10);
	assert_int_equal(l->dist[GW_WAIT].max, 5000);
	assert_in_range(l->dist[GW_WAIT].p50, 4700, 5000);
	assert_in_range(l->dist[GW_WAIT].p99, 4700, 5000);
	assert_true(l->dist[GW_HOLD].max == MODEL_UNKNOWN);

	assert_int_equal(model_new(&total, NULL, &p.now, true), 0);
	l = shot_lock_row(&total, 0x1000);
	assert_int_equal(l->dist[GW_WAIT].max, 9000000);
	assert_in_range(l->dist[GW_WAIT].p50, 8400000, 9000000);
	assert_int_equal(l->dist[GW_HOLD].max, 77);
	model_free(&total);
	shot_pair_end(&p);
}

static void add_response(struct gw_thread *t, uint64_t ns)
{
	uint32_t i = hist_bucket(ns) - HIST_UPPER_FIRST;

	shot_samples(&t->response, &t->response_max, ns, 1, 2);
	if (i < HIST_UPPER_BUCKETS)
		t->response_upper.count[i] += (uint16_t)hist_upper(ns);
}

/* Half a bucket for the response delay of a thread: of a thousand values each
 * median is within 3.2 % of the true one. */
static void response_to_half_a_bucket(void **state)
{
	struct gw_thread *t;
	struct shot_pair p;
	uint64_t p50;

	(void)state;
	for (uint64_t ns = 2200000; ns < 5000000000ull; ns += ns / 23) {
		shot_pair_begin(&p);
		t = shot_thread_at(&p.now, 0);
		for (uint64_t i = 0; i < 11; i++)
			add_response(t, ns / 10 * (5 + i));
		shot_pair_close(&p);
		p50 = shot_thread_row(&p.m, 1)->response.p50;
		assert_in_range(p50, ns * 968 / 1000, ns * 1032 / 1000);
		shot_pair_end(&p);
	}
}

/* Nothing measured is not 0. */
static void no_samples_are_unknown(void **state)
{
	const struct model_lock *l;
	const struct model_thread *t;
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	shot_pair_close(&p);
	l = shot_lock_row(&p.m, 0x1000);
	t = shot_thread_row(&p.m, 1);
	for (unsigned int i = 0; i < GW_METRICS; i++) {
		assert_int_equal(l->dist[i].count, 0);
		assert_true(l->dist[i].p50 == MODEL_UNKNOWN);
		assert_true(l->dist[i].p99 == MODEL_UNKNOWN);
		assert_true(l->dist[i].max == MODEL_UNKNOWN);
	}
	assert_true(t->response.p50 == MODEL_UNKNOWN);
	assert_true(t->wakeup.max == MODEL_UNKNOWN);
	shot_pair_end(&p);
}

static void thread_distributions(void **state)
{
	const struct model_thread *t;
	struct gw_thread *b;
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	b = shot_thread_at(&p.now, 0);
	shot_samples(&b->wakeup, &b->wakeup_max, 20000, 4, 2);
	shot_samples(&b->response, &b->response_max, 5000000, 3, 2);
	shot_pair_close(&p);
	t = shot_thread_row(&p.m, 1);
	assert_int_equal(t->wakeup.count, 4);
	assert_int_equal(t->wakeup.max, 20000);
	assert_int_equal(t->response.count, 3);
	assert_int_equal(t->response.max, 5000000);
	shot_pair_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(histogram_counts_wrap),
		cmocka_unit_test(largest_of_the_window),
		cmocka_unit_test(response_to_half_a_bucket),
		cmocka_unit_test(no_samples_are_unknown),
		cmocka_unit_test(thread_distributions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
