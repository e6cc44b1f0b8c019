// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sparklines, bars, stacked bars, shades, and the history behind them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tui_history.h"
#include "tui_spark.h"

static void levels(void **state)
{
	(void)state;
	assert_int_equal(spark_level(0, true), ' ');
	assert_int_equal(spark_level(-1, true), ' ');
	assert_int_equal(spark_level(NAN, true), ' ');
	/* What is not 0 is seen. */
	assert_int_equal(spark_level(1e-9, true), 0x2581);
	assert_int_equal(spark_level(0.5, true), 0x2584);
	assert_int_equal(spark_level(1, true), 0x2588);
	assert_int_equal(spark_level(7, true), 0x2588);
	assert_int_equal(spark_level(0, false), ' ');
	assert_int_equal(spark_level(1e-9, false), '.');
	assert_int_equal(spark_level(1, false), '#');
	for (double s = 0; s < 1; s += 0.01)
		assert_true(spark_level(s, true) <=
				    spark_level(s + 0.01, true) ||
			    spark_level(s, true) == ' ');
}

static void columns_of_several_rows(void **state)
{
	(void)state;
	assert_int_equal(spark_column(0.5, 4, 0, true), 0x2588);
	assert_int_equal(spark_column(0.5, 4, 1, true), 0x2588);
	assert_int_equal(spark_column(0.5, 4, 2, true), ' ');
	assert_int_equal(spark_column(0.625, 4, 2, true), 0x2584);
	assert_int_equal(spark_column(1e-9, 4, 0, true), 0x2581);
	assert_int_equal(spark_column(1, 4, 3, false), '#');
	assert_int_equal(spark_column(0, 4, 0, false), ' ');
}

static void bars(void **state)
{
	uint32_t out[4];

	(void)state;
	spark_bar(out, 4, 1, true);
	for (int i = 0; i < 4; i++)
		assert_int_equal(out[i], 0x2588);
	spark_bar(out, 4, 0, true);
	for (int i = 0; i < 4; i++)
		assert_int_equal(out[i], ' ');
	/* 13 eighths: one whole, five eighths. */
	spark_bar(out, 4, 13.0 / 32, true);
	assert_int_equal(out[0], 0x2588);
	assert_int_equal(out[1], 0x258b);
	assert_int_equal(out[2], ' ');
	spark_bar(out, 4, 1e-9, true);
	assert_int_equal(out[0], 0x258f);
	spark_bar(out, 4, 0.5, false);
	assert_memory_equal(out, ((uint32_t[]){ '#', '#', ' ', ' ' }), 16);
	spark_bar(out, 4, 1e-9, false);
	assert_int_equal(out[0], '#');
}

static void shades(void **state)
{
	(void)state;
	assert_int_equal(spark_shade(0, true), ' ');
	assert_int_equal(spark_shade(1e-9, true), 0x2591);
	assert_int_equal(spark_shade(0.5, true), 0x2592);
	assert_int_equal(spark_shade(0.75, true), 0x2593);
	assert_int_equal(spark_shade(1, true), 0x2588);
	assert_int_equal(spark_shade(1e-9, false), '.');
	assert_int_equal(spark_shade(1, false), '#');
	assert_int_equal(spark_shade(0, false), ' ');
}

static void parts_look_different(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < SPARK_PARTS; i++)
		for (unsigned int k = 0; k < i; k++) {
			assert_int_not_equal(spark_part(i, true),
					     spark_part(k, true));
			assert_int_not_equal(spark_part(i, false),
					     spark_part(k, false));
		}
}

static void count_parts(const uint8_t *cells, int width, int n[SPARK_PARTS])
{
	memset(n, 0, SPARK_PARTS * sizeof(*n));
	for (int i = 0; i < width; i++) {
		assert_in_range(cells[i], 0, SPARK_PARTS - 1);
		assert_true(!i || cells[i] >= cells[i - 1]);
		n[cells[i]]++;
	}
}

static void stacks(void **state)
{
	uint8_t cells[16];
	int n[SPARK_PARTS];

	(void)state;
	spark_stack(cells, 16, (uint64_t[]){ 1, 1, 1, 1 });
	count_parts(cells, 16, n);
	for (int i = 0; i < SPARK_PARTS; i++)
		assert_int_equal(n[i], 4);
	/* A part that is nearly nothing is seen, at the cost of the largest. */
	spark_stack(cells, 16, (uint64_t[]){ 1, 1, 1000000, 0 });
	count_parts(cells, 16, n);
	assert_memory_equal(n, ((int[]){ 1, 1, 14, 0 }), sizeof(n));
	spark_stack(cells, 16, (uint64_t[]){ 0, 0, 0, 7 });
	count_parts(cells, 16, n);
	assert_int_equal(n[3], 16);
	/* Sums near the end of 64 bits. */
	spark_stack(cells, 16,
		    (uint64_t[]){ UINT64_MAX, UINT64_MAX, 0, UINT64_MAX });
	count_parts(cells, 16, n);
	assert_in_range(n[0], 5, 6);
	assert_in_range(n[3], 5, 6);
}

static void stacks_of_nothing_or_nowhere(void **state)
{
	uint8_t cells[4];
	int n[SPARK_PARTS];

	(void)state;
	spark_stack(cells, 4, (uint64_t[]){ 0, 0, 0, 0 });
	for (int i = 0; i < 4; i++)
		assert_int_equal(cells[i], SPARK_NONE);
	spark_stack(cells, 0, (uint64_t[]){ 1, 2, 3, 4 });
	assert_int_equal(cells[0], SPARK_NONE);
	/* Fewer cells than parts. */
	spark_stack(cells, 2, (uint64_t[]){ 1, 2, 3, 4 });
	count_parts(cells, 2, n);
	assert_int_equal(n[0] + n[1] + n[2] + n[3], 2);
}

/* ---- history --------------------------------------------------------------
 */

static const struct history_key one = { 1, 0x1000 }, two = { 2, 0x1000 };

static void note(struct history *h, struct history_key key, float v)
{
	assert_int_equal(history_note(h, key, (float[]){ v, -v, 0 }), 0);
}

static void history_keeps_the_last(void **state)
{
	struct history *h = history_new();
	float v[HISTORY_LENGTH];

	(void)state;
	assert_non_null(h);
	for (int i = 1; i <= 100; i++) {
		history_tick(h);
		note(h, one, (float)i);
	}
	history_get(h, one, 0, v);
	for (int i = 0; i < HISTORY_LENGTH; i++)
		assert_true(v[i] == (float)(41 + i));
	history_get(h, one, 1, v);
	assert_true(v[HISTORY_LENGTH - 1] == -100);
	/* Same id, other owner. */
	history_get(h, two, 0, v);
	assert_true(v[HISTORY_LENGTH - 1] == 0);
	history_free(h);
}

static void history_fills_gaps(void **state)
{
	struct history *h = history_new();
	float v[HISTORY_LENGTH];

	(void)state;
	history_tick(h);
	note(h, one, 5);
	for (int i = 0; i < 3; i++)
		history_tick(h);
	note(h, one, 6);
	history_tick(h);
	history_get(h, one, 0, v);
	assert_true(v[HISTORY_LENGTH - 1] == 0);
	assert_true(v[HISTORY_LENGTH - 2] == 6);
	assert_true(v[HISTORY_LENGTH - 3] == 0);
	assert_true(v[HISTORY_LENGTH - 5] == 5);
	/* Silent for longer than the ring: nothing old may come back. */
	for (int i = 0; i < HISTORY_LENGTH + 3; i++)
		history_tick(h);
	note(h, one, 7);
	history_get(h, one, 0, v);
	for (int i = 0; i < HISTORY_LENGTH - 1; i++)
		assert_true(v[i] == 0);
	assert_true(v[HISTORY_LENGTH - 1] == 7);
	history_free(h);
}

static void history_forgets_the_silent(void **state)
{
	struct history *h = history_new();
	struct history *copy;
	float v[HISTORY_LENGTH];

	(void)state;
	for (uint64_t t = 0; t < 200; t++) {
		history_tick(h);
		for (uint64_t i = 0; i < 50; i++)
			note(h, (struct history_key){ 1, t * 50 + i },
			     (float)t);
	}
	/* Those of the last 60 ticks, and what has come since the last sweep.
	 */
	assert_in_range(history_count(h), 60 * 50, 121 * 50);
	copy = history_copy(h);
	assert_non_null(copy);
	history_tick(h);
	history_get(copy, (struct history_key){ 1, 199 * 50 }, 0, v);
	assert_true(v[HISTORY_LENGTH - 1] == 199);
	history_free(copy);
	history_free(h);
	history_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels),
		cmocka_unit_test(columns_of_several_rows),
		cmocka_unit_test(bars),
		cmocka_unit_test(shades),
		cmocka_unit_test(parts_look_different),
		cmocka_unit_test(stacks),
		cmocka_unit_test(stacks_of_nothing_or_nowhere),
		cmocka_unit_test(history_keeps_the_last),
		cmocka_unit_test(history_fills_gaps),
		cmocka_unit_test(history_forgets_the_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
