// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The layout of whole frames at several sizes, and what each view shows. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "picture.h"
#include "tui_view.h"

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

/* ---- sizes ----------------------------------------------------------------
 */

/* No row is wider than the screen, and the fixed rows are where they belong. */
static void check_frame(int rows, int cols)
{
	for (int row = 0; row < rows; row++)
		assert_in_range(text_width(picture_row(&p, row)), 0, cols);
	assert_non_null(strstr(picture_row(&p, 0), "pid 1000"));
	assert_true(*picture_row(&p, rows - 1));
}

static void every_view_at_every_size(void **state)
{
	static const int sizes[][2] = { { 10, 40 },  { 11, 41 },  { 24, 80 },
					{ 20, 59 },  { 40, 120 }, { 50, 300 },
					{ 10, 300 }, { 100, 40 } };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (int utf8 = 0; utf8 < 2; utf8++)
			for (uint32_t view = '1'; view <= '5'; view++) {
				picture_draw(&p, sizes[i][0], sizes[i][1],
					     utf8);
				picture_key(&p, view);
				check_frame(sizes[i][0], sizes[i][1]);
				picture_key(&p, 'h');
				check_frame(sizes[i][0], sizes[i][1]);
				picture_key(&p, TUI_KEY_END);
				picture_key(&p, TUI_KEY_ESCAPE);
				picture_key(&p, TUI_KEY_ENTER);
				check_frame(sizes[i][0], sizes[i][1]);
				picture_key(&p, TUI_KEY_END);
				check_frame(sizes[i][0], sizes[i][1]);
				picture_key(&p, TUI_KEY_ESCAPE);
			}
}

static void too_small_says_so(void **state)
{
	static const int sizes[][2] = {
		{ 9, 80 }, { 24, 39 }, { 1, 1 }, { 1, 300 }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		picture_draw(&p, sizes[i][0], sizes[i][1], true);
		if (sizes[i][1] > 20)
			assert_non_null(
				strstr(picture_row(&p, 0), "needs 40x10"));
		assert_int_equal(p.seen.rows, 0);
		picture_key(&p, TUI_KEY_DOWN);
	}
}

static void before_the_first_interval(void **state)
{
	(void)state;
	p.tui.scene = NULL;
	picture_draw(&p, 24, 80, true);
	assert_int_not_equal(picture_find(&p, "first figures come after 1.00s"),
			     -1);
	for (uint32_t k = ' '; k < 0x7f; k++)
		picture_key(&p, k);
}

/* ---- the frame ------------------------------------------------------------
 */

static const char *interpreter_of(const char *gil)
{
	static char buf[VIEW_INTERPRETER];
	struct model_process process = { .gil = gil };
	const struct model m = { .processes = &process, .nprocesses = 1 };

	strcpy(buf, "-");
	view_interpreter(buf, &m);
	return buf;
}

static void interpreter_by_its_lock(void **state)
{
	struct model_process process = { .note = "GIL disabled" };
	struct model m = { .processes = &process, .nprocesses = 1 };
	char buf[VIEW_INTERPRETER] = "-";

	(void)state;
	assert_string_equal(interpreter_of("CPython 3.13 GIL of "
					       "interpreter 2"),
			    "CPython 3.13");
	assert_string_equal(interpreter_of("probable CPython 3.6 GIL"),
			    "probable CPython 3.6");
	assert_string_equal(interpreter_of("Ruby 3.1 GVL"), "Ruby 3.1");
	assert_string_equal(interpreter_of("probable GIL (cond)"), "-");
	assert_string_equal(interpreter_of("lock 0x1234"), "-");
	assert_string_equal(interpreter_of(""), "-");
	assert_string_equal(interpreter_of(NULL), "-");
	view_interpreter(buf, &m);
	assert_string_equal(buf, "GIL disabled");
	process.note = "not searched for a GIL yet";
	view_interpreter(buf, &m);
	assert_string_equal(buf, "GIL disabled");
}

static void top_line_says_what_is_watched(void **state)
{
	(void)state;
	p.tui.interpreter = "CPython 3.11";
	p.tui.own_ns = 5000000;
	p.tui.own_window_ns = SHOT_S;
	picture_draw(&p, 24, 120, true);
	assert_string_equal(picture_row(&p, 0),
			    "gilwatch  pid 1000  CPython 3.11  1m23s  every "
			    "1.00s  2.00 of 4 cores  lost 0  own CPU <1%");
	p.tui.lost = 1234;
	picture_draw(&p, 10, 40, true);
	assert_non_null(strstr(picture_row(&p, 0), "lost 1.23k"));
	assert_int_equal(picture_style(&p, "lost"), STYLE_BAD);
	p.tui.lost = 0;
	p.tui.output = "/tmp/out.log";
	picture_draw(&p, 24, 80, true);
	assert_int_not_equal(picture_find(&p, "output in /tmp/out.log"), -1);
}

static void long_target_is_shortened(void **state)
{
	(void)state;
	p.tui.target = "command /usr/local/lib/some/where/deep/python3.13";
	picture_draw(&p, 10, 40, true);
	assert_non_null(strstr(picture_row(&p, 0), "python3.13"));
	assert_null(strstr(picture_row(&p, 0), "some"));
}

static void flags_are_beside_the_tabs(void **state)
{
	(void)state;
	picture_draw(&p, 24, 80, true);
	picture_key(&p, 'p');
	assert_int_not_equal(picture_find(&p, "PAUSED"), -1);
	picture_key(&p, 'i');
	assert_int_not_equal(picture_find(&p, "PAUSED  since"), -1);
	picture_key(&p, '/');
	picture_key(&p, '0');
	picture_key(&p, TUI_KEY_ENTER);
	assert_int_not_equal(picture_find(&p, "  /0"), -1);
}

static void messages_stay_until_a_key(void **state)
{
	(void)state;
	snprintf(p.state.message, sizeof(p.state.message), "said \x1b[2J");
	picture_draw(&p, 24, 80, true);
	assert_string_equal(picture_row(&p, 23), "said \\x1b[2J");
	picture_key(&p, TUI_KEY_DOWN);
	assert_null(strstr(picture_row(&p, 23), "said"));
}

/* ---- tables ---------------------------------------------------------------
 */

static void locks_are_sorted_and_filtered(void **state)
{
	int first, second;

	(void)state;
	picture_draw(&p, 24, 80, true);
	first = picture_find(&p, "0x1000  ");
	second = picture_find(&p, "0x2000  ");
	assert_int_equal(second, first + 1);
	assert_int_equal(p.seen.rows, 2);
	assert_int_equal(p.seen.under.id, 0x1000);
	picture_key(&p, 'r');
	assert_int_equal(picture_find(&p, "0x2000  "), first);
	assert_int_equal(p.seen.under.id, 0x2000);
	picture_key(&p, '/');
	for (const char *c = "0X10"; *c; c++)
		picture_key(&p, (uint32_t)*c);
	assert_int_equal(p.seen.rows, 1);
	assert_int_equal(picture_find(&p, "0x2000  "), -1);
	assert_int_equal(picture_find(&p, "/0X10"), 23);
	picture_key(&p, 'q');
	assert_int_equal(p.seen.rows, 0);
	assert_int_not_equal(picture_find(&p, "nothing matches"), -1);
}

static void cursor_marks_its_row(void **state)
{
	int row;

	(void)state;
	picture_draw(&p, 24, 80, true);
	picture_key(&p, TUI_KEY_DOWN);
	row = picture_find(&p, "0x2000  ");
	for (int i = 0; i < 80; i++)
		assert_true(p.cells.cell[row * 80 + i].style & STYLE_CURSOR);
	assert_false(p.cells.cell[(row - 1) * 80].style & STYLE_CURSOR);
}

static void figures_that_hurt_are_marked(void **state)
{
	(void)state;
	picture_draw(&p, 24, 200, true);
	/* 600 of 1,600 wakeups. */
	assert_int_equal(picture_style(&p, "600") & ~STYLE_CURSOR, STYLE_BAD);
	picture_key(&p, TUI_KEY_ENTER);
	picture_draw(&p, 60, 200, true);
	assert_int_equal(picture_style(&p, "150ms"), STYLE_BAD);
}

static void sort_column_is_always_there(void **state)
{
	const struct column_set *set = &column_locks;
	char title[32];

	(void)state;
	for (size_t i = 0; i < set->count; i++) {
		if (!set->columns[i].title)
			continue;
		p.state.place[VIEW_LOCKS].sort = i;
		picture_draw(&p, 10, 40, true);
		snprintf(title, sizeof(title), "%s", set->columns[i].title);
		assert_int_not_equal(picture_find(&p, title), -1);
		assert_int_not_equal(picture_find(&p, "LOCK"), -1);
	}
}

static void rows_have_sparklines_and_bars(void **state)
{
	(void)state;
	picture_draw(&p, 24, 80, true);
	assert_non_null(
		strstr(picture_row(&p, picture_find(&p, "0x1000  ")), "▄"));
	assert_int_not_equal(picture_find(&p, "BUSY last"), -1);
	picture_key(&p, '2');
	/* Half running, half waiting for the lock; now all of it. */
	assert_non_null(
		strstr(picture_row(&p, picture_find(&p, "    101")), "▒"));
	assert_non_null(
		strstr(picture_row(&p, picture_find(&p, "    101")), "█"));
	picture_draw(&p, 24, 80, false);
	assert_non_null(
		strstr(picture_row(&p, picture_find(&p, "    101")), "x"));
	assert_int_not_equal(picture_find(&p, "# run  + runnable"), -1);
}

static void sparkline_has_60_intervals_where_wide(void **state)
{
	(void)state;
	picture_draw(&p, 50, 300, true);
	assert_int_not_equal(picture_find(&p, "BUSY last 60"), -1);
	picture_key(&p, '2');
	assert_int_not_equal(picture_find(&p, "LOCK last 60"), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_view_at_every_size),
		TEST(too_small_says_so),
		TEST(before_the_first_interval),
		cmocka_unit_test(interpreter_by_its_lock),
		TEST(top_line_says_what_is_watched),
		TEST(long_target_is_shortened),
		TEST(flags_are_beside_the_tabs),
		TEST(messages_stay_until_a_key),
		TEST(locks_are_sorted_and_filtered),
		TEST(cursor_marks_its_row),
		TEST(figures_that_hurt_are_marked),
		TEST(sort_column_is_always_there),
		TEST(rows_have_sparklines_and_bars),
		TEST(sparkline_has_60_intervals_where_wide),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
