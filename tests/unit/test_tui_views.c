// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Handoffs, latency, CPUs, what Enter opens, and the help. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "picture.h"

static struct picture p;

static int setup(void **state)
{
	(void)state;
	picture_busy(&p);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	picture_end(&p);
	return 0;
}

/* ---- the other views ------------------------------------------------------
 */

static void handoffs_are_a_matrix(void **state)
{
	int row;

	(void)state;
	picture_draw(&p, 24, 80, true);
	picture_key(&p, '3');
	assert_int_not_equal(picture_find(&p, "900 contended handoffs"), -1);
	row = picture_find(&p, "    101");
	assert_non_null(strstr(picture_row(&p, row), "█   500"));
	assert_non_null(strstr(picture_row(&p, row + 1), "▓   400"));
	assert_int_equal(p.seen.under.what, OPEN_THREAD);
	assert_int_equal(p.seen.under.id, 1);
	picture_key(&p, TUI_KEY_DOWN);
	assert_int_equal(p.seen.under.id, 2);
}

static void latency_has_four_histograms(void **state)
{
	const char *row;

	(void)state;
	picture_draw(&p, 60, 80, true);
	picture_key(&p, '4');
	assert_int_not_equal(picture_find(&p, "Wait  1.00k  p50"), -1);
	row = picture_row(&p, picture_find(&p, "4.19ms"));
	assert_non_null(strstr(row, "p50 p99"));
	assert_non_null(strstr(row, "990"));
	assert_int_not_equal(picture_find(&p, "Wakeup  none"), -1);
	assert_int_not_equal(picture_find(&p, "Hold  none"), -1);
	assert_int_not_equal(picture_find(&p, "Response  5"), -1);
}

static void latency_fits_where_it_can(void **state)
{
	(void)state;
	picture_draw(&p, 24, 80, true);
	picture_key(&p, '4');
	assert_true(p.seen.rows <= p.seen.page);
}

static void cpus_show_moves_and_places(void **state)
{
	const char *row;

	(void)state;
	picture_draw(&p, 24, 80, true);
	picture_key(&p, '5');
	assert_int_not_equal(picture_find(&p, "4 moves in 1.00s"), -1);
	row = picture_row(&p, picture_find(&p, "    101"));
	assert_non_null(strstr(row, "*█"));
}

static void opened_lock_shows_its_partners(void **state)
{
	(void)state;
	picture_draw(&p, 100, 80, true);
	picture_key(&p, TUI_KEY_ENTER);
	assert_int_not_equal(picture_find(&p, "0x1000 of "), -1);
	assert_int_not_equal(picture_find(&p, "wakes empty"), -1);
	assert_int_not_equal(picture_find(&p, "101 to "), -1);
	assert_int_not_equal(picture_find(&p, "full height 100%"), -1);
	assert_int_not_equal(picture_find(&p, "p50 p99"), -1);
	/* Gone from the figures, it stays open. */
	p.scene.m.nlocks = 0;
	picture_draw(&p, 100, 80, true);
	assert_int_not_equal(picture_find(&p, "nothing happened at it"), -1);
}

static void opened_thread_shows_both_sides(void **state)
{
	(void)state;
	picture_draw(&p, 100, 80, true);
	picture_key(&p, '2');
	picture_key(&p, TUI_KEY_ENTER);
	assert_int_not_equal(picture_find(&p, "Gets locks from"), -1);
	assert_int_not_equal(picture_find(&p, "Hands locks to"), -1);
	p.scene.m.nthreads = 0;
	picture_draw(&p, 100, 80, true);
	assert_int_not_equal(picture_find(&p, "this thread has ended"), -1);
}

/* The help explains every column of the view from the column table. */
static void help_explains_every_column(void **state)
{
	const struct column_set *set;
	char start[24];

	(void)state;
	picture_draw(&p, 300, 120, true);
	for (uint32_t view = 0; view < VIEWS; view++) {
		picture_key(&p, '1' + view);
		picture_key(&p, 'h');
		for (const struct tui_key_help *k = tui_keys; k->keys; k++)
			assert_int_not_equal(picture_find(&p, k->keys), -1);
		set = tui_view_set(view);
		for (size_t i = 0; set && i < set->count; i++) {
			snprintf(start, sizeof(start), "%s",
				 set->columns[i].help);
			assert_int_not_equal(picture_find(&p, start), -1);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(handoffs_are_a_matrix),
		TEST(latency_has_four_histograms),
		TEST(latency_fits_where_it_can),
		TEST(cpus_show_moves_and_places),
		TEST(opened_lock_shows_its_partners),
		TEST(opened_thread_shows_both_sides),
		TEST(help_explains_every_column),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
