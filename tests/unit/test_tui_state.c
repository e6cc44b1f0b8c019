// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Keys as transitions of the state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tui_state.h"

#define SECOND 1000000000ull

static struct tui_state s;
static struct tui_seen seen;

static int setup(void **state)
{
	(void)state;
	tui_state_init(&s, SECOND);
	seen = (struct tui_seen){
		.rows = 100,
		.page = 10,
		.list = true,
		.sorts = true,
		.under = { OPEN_LOCK, 7, 0x1000 },
	};
	return 0;
}

static struct sink_wish key(uint32_t k)
{
	struct sink_wish wish = { 0 };

	tui_state_key(&s, k, &seen, &wish);
	return wish;
}

static const char *sorted_by(void)
{
	return tui_view_set(s.view)->columns[s.place[s.view].sort].id;
}

/* ---- views ----------------------------------------------------------------
 */

static void numbers_and_tab_choose_the_view(void **state)
{
	(void)state;
	assert_int_equal(s.view, VIEW_LOCKS);
	for (int i = 1; i <= VIEWS; i++) {
		key(TUI_KEY_TAB);
		assert_int_equal(s.view, i % VIEWS);
	}
	key(TUI_KEY_BACK_TAB);
	assert_int_equal(s.view, VIEW_CPUS);
	for (int i = 0; i < VIEWS; i++) {
		key('1' + (uint32_t)i);
		assert_int_equal(s.view, i);
	}
	key('6');
	key('0');
	assert_int_equal(s.view, VIEW_CPUS);
}

static void a_view_closes_what_is_over_it(void **state)
{
	(void)state;
	key(TUI_KEY_ENTER);
	key('h');
	assert_true(s.help);
	key('2');
	assert_int_equal(s.view, VIEW_THREADS);
	assert_false(s.help);
	assert_int_equal(s.open.what, OPEN_NOTHING);
}

/* Nothing but quit is a wish to quit, and no key in any view breaks bounds. */
static void every_key_in_every_view(void **state)
{
	(void)state;
	for (int view = 0; view < VIEWS; view++)
		for (int over = 0; over < 4; over++)
			for (uint32_t k = 0; k <= TUI_KEY_OTHER;
			     k = k == 0x300 ? TUI_KEY_UP : k + 1) {
				struct sink_wish wish;

				setup(NULL);
				key('1' + (uint32_t)view);
				seen.sorts = tui_view_set(s.view);
				if (over == 1)
					key('h');
				if (over == 2)
					key(TUI_KEY_ENTER);
				if (over == 3)
					key('/');
				wish = key(k);
				assert_int_equal(
					wish.quit,
					k == TUI_KEY_INTERRUPT ||
						(k == 'q' && over != 3));
				assert_int_equal(wish.csv,
						 k == 'w' && over != 3);
				assert_int_equal(wish.clear,
						 k == 'c' && over != 3);
				assert_int_equal(wish.totals, s.totals);
				assert_in_range(tui_state_place(&s)->cursor, 0,
						seen.rows - 1);
				assert_in_range(s.view, 0, VIEWS - 1);
			}
}

/* ---- cursor ---------------------------------------------------------------
 */

static void cursor_moves_and_stops(void **state)
{
	struct tui_place *p = &s.place[VIEW_LOCKS];

	(void)state;
	key(TUI_KEY_UP);
	assert_int_equal(p->cursor, 0);
	key(TUI_KEY_DOWN);
	key('j');
	assert_int_equal(p->cursor, 2);
	key('k');
	assert_int_equal(p->cursor, 1);
	key(TUI_KEY_PAGE_DOWN);
	assert_int_equal(p->cursor, 10);
	assert_int_equal(p->top, 1);
	key(TUI_KEY_END);
	assert_int_equal(p->cursor, 99);
	assert_int_equal(p->top, 90);
	key(TUI_KEY_DOWN);
	assert_int_equal(p->cursor, 99);
	key(TUI_KEY_PAGE_UP);
	assert_int_equal(p->cursor, 90);
	key(TUI_KEY_HOME);
	assert_int_equal(p->cursor, 0);
	assert_int_equal(p->top, 0);
	key('G');
	assert_int_equal(p->cursor, 99);
	key('g');
	assert_int_equal(p->cursor, 0);
}

static void each_view_keeps_its_cursor(void **state)
{
	(void)state;
	key(TUI_KEY_END);
	key('2');
	assert_int_equal(s.place[VIEW_THREADS].cursor, 0);
	key('1');
	assert_int_equal(s.place[VIEW_LOCKS].cursor, 99);
}

static void places_fit_rows_that_went(void **state)
{
	struct tui_place p = { .cursor = 50, .top = 45 };

	(void)state;
	tui_place_fit(&p, 20, 10, true);
	assert_int_equal(p.cursor, 19);
	assert_int_equal(p.top, 10);
	tui_place_fit(&p, 0, 10, true);
	assert_int_equal(p.cursor, 0);
	assert_int_equal(p.top, 0);
	p.cursor = 5;
	tui_place_fit(&p, 10, 0, true);
	assert_int_equal(p.cursor, 5);
	assert_int_equal(p.top, 5);
	/* Text scrolls no further than its last page. */
	p.cursor = 50;
	tui_place_fit(&p, 30, 10, false);
	assert_int_equal(p.cursor, 20);
	tui_place_fit(&p, 5, 10, false);
	assert_int_equal(p.cursor, 0);
}

/* ---- open, help -----------------------------------------------------------
 */

static void enter_opens_and_escape_goes_back(void **state)
{
	(void)state;
	key(TUI_KEY_ENTER);
	assert_int_equal(s.open.what, OPEN_LOCK);
	assert_int_equal(s.open.image, 7);
	assert_int_equal(s.open.id, 0x1000);
	seen.list = false;
	key(TUI_KEY_DOWN);
	assert_int_equal(s.open_place.cursor, 1);
	assert_int_equal(s.place[VIEW_LOCKS].cursor, 0);
	key(TUI_KEY_ENTER);
	assert_int_equal(s.open.what, OPEN_LOCK);
	key(TUI_KEY_ESCAPE);
	assert_int_equal(s.open.what, OPEN_NOTHING);
	/* Opened again it begins at its top. */
	key(TUI_KEY_ENTER);
	assert_int_equal(s.open_place.cursor, 0);
	key(TUI_KEY_ESCAPE);
	seen.under.what = OPEN_NOTHING;
	key(TUI_KEY_ENTER);
	assert_int_equal(s.open.what, OPEN_NOTHING);
	assert_string_equal(s.message, "nothing to open");
	key(TUI_KEY_DOWN);
	assert_string_equal(s.message, "");
}

static void help_opens_and_closes(void **state)
{
	(void)state;
	key('h');
	assert_true(s.help);
	seen.list = false;
	key(TUI_KEY_PAGE_DOWN);
	assert_int_equal(s.help_place.cursor, 9);
	key('s');
	assert_string_equal(sorted_by(), "wait_ns_total");
	key(TUI_KEY_ESCAPE);
	assert_false(s.help);
	key('?');
	assert_true(s.help);
	assert_int_equal(s.help_place.cursor, 0);
	key('?');
	assert_false(s.help);
}

/* ---- order ----------------------------------------------------------------
 */

static void sorting_goes_round_titled_columns(void **state)
{
	const struct column_set *set = tui_view_set(VIEW_LOCKS);
	struct tui_place *p = &s.place[VIEW_LOCKS];
	size_t first = p->sort, titled = 0, steps = 0;

	(void)state;
	assert_string_equal(sorted_by(), "wait_ns_total");
	for (size_t i = 0; i < set->count; i++)
		titled += set->columns[i].title != NULL;
	do {
		key(steps % 2 ? 's' : '>');
		assert_non_null(set->columns[p->sort].title);
		steps++;
	} while (p->sort != first);
	assert_int_equal(steps, titled);
	do {
		key('<');
		steps--;
	} while (p->sort != first);
	assert_int_equal(steps, 0);
}

static void names_sort_up_and_figures_down(void **state)
{
	struct tui_place *p = &s.place[VIEW_THREADS];

	(void)state;
	key('2');
	assert_string_equal(sorted_by(), "lock_wait_ns");
	assert_false(p->ascending);
	p->cursor = 5;
	while (strcmp(sorted_by(), "comm"))
		key('s');
	assert_true(p->ascending);
	assert_int_equal(p->cursor, 0);
	key('r');
	assert_false(p->ascending);
	key('r');
	assert_true(p->ascending);
}

static void views_without_order_say_so(void **state)
{
	(void)state;
	key('4');
	seen.sorts = false;
	key('s');
	assert_string_equal(s.message, "this view has one order");
	key('r');
	assert_string_equal(s.message, "this view has one order");
}

/* ---- the rest -------------------------------------------------------------
 */

static void pause_and_totals_toggle(void **state)
{
	(void)state;
	key('p');
	assert_true(s.paused);
	key(' ');
	assert_false(s.paused);
	assert_true(key('i').totals);
	/* The wish lasts as long as the state does. */
	assert_true(key(TUI_KEY_DOWN).totals);
	assert_false(key('i').totals);
	assert_true(key('c').clear);
	assert_false(key('x').clear);
	assert_true(key('w').csv);
}

static void intervals_go_in_steps(void **state)
{
	(void)state;
	assert_int_equal(key('+').interval_ns, 2 * SECOND);
	assert_int_equal(key('=').interval_ns, 5 * SECOND);
	assert_int_equal(key('-').interval_ns, 2 * SECOND);
	for (int i = 0; i < 20; i++)
		key('-');
	assert_int_equal(s.interval_ns, SECOND / 10);
	assert_int_equal(key('-').interval_ns, 0);
	for (int i = 0; i < 20; i++)
		key('+');
	assert_int_equal(s.interval_ns, 60 * SECOND);
	assert_int_equal(key('+').interval_ns, 0);
	/* From between two steps. */
	s.interval_ns = 3 * SECOND;
	assert_int_equal(key('+').interval_ns, 5 * SECOND);
	s.interval_ns = 3 * SECOND;
	assert_int_equal(key('-').interval_ns, 2 * SECOND);
	/* Beyond them. */
	s.interval_ns = 3600 * SECOND;
	assert_int_equal(key('+').interval_ns, 0);
	assert_int_equal(key('-').interval_ns, 60 * SECOND);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_and_tab_choose_the_view),
		TEST(a_view_closes_what_is_over_it),
		TEST(every_key_in_every_view),
		TEST(cursor_moves_and_stops),
		TEST(each_view_keeps_its_cursor),
		TEST(places_fit_rows_that_went),
		TEST(enter_opens_and_escape_goes_back),
		TEST(help_opens_and_closes),
		TEST(sorting_goes_round_titled_columns),
		TEST(names_sort_up_and_figures_down),
		TEST(views_without_order_say_so),
		TEST(pause_and_totals_toggle),
		TEST(intervals_go_in_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
