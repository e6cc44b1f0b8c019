// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Editing the filter. */
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

static void type(const char *text)
{
	while (*text)
		key((unsigned char)*text++);
}

static void filter_is_edited(void **state)
{
	(void)state;
	s.place[VIEW_LOCKS].cursor = 40;
	key('/');
	assert_true(s.editing);
	type("wq");
	assert_string_equal(s.filter, "wq");
	assert_int_equal(s.place[VIEW_LOCKS].cursor, 0);
	/* Keys that mean something elsewhere are letters here. */
	assert_false(key('q').quit);
	key(TUI_KEY_BACKSPACE);
	key(TUI_KEY_BACKSPACE);
	assert_string_equal(s.filter, "w");
	key(TUI_KEY_TAB);
	key(TUI_KEY_UP);
	assert_string_equal(s.filter, "w");
	key(TUI_KEY_ENTER);
	assert_false(s.editing);
	assert_string_equal(s.filter, "w");
	/* Esc while editing brings the old one back; in a view it drops it. */
	key('/');
	type("xyz");
	key(TUI_KEY_ESCAPE);
	assert_string_equal(s.filter, "w");
	assert_false(s.editing);
	key(TUI_KEY_ESCAPE);
	assert_string_equal(s.filter, "");
}

static void filter_takes_and_drops_whole_characters(void **state)
{
	(void)state;
	key('/');
	key(0xe9);
	key(0x4e2d);
	key(0x1f600);
	assert_string_equal(s.filter, "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80");
	key(TUI_KEY_BACKSPACE);
	assert_string_equal(s.filter, "\xc3\xa9\xe4\xb8\xad");
	key(TUI_KEY_BACKSPACE);
	key(TUI_KEY_BACKSPACE);
	key(TUI_KEY_BACKSPACE);
	assert_string_equal(s.filter, "");
	/* Control bytes are no text. */
	key(1);
	key(0x7f);
	assert_string_equal(s.filter, "");
	for (int i = 0; i < 200; i++)
		key(0x1f600);
	assert_true(strlen(s.filter) < TUI_FILTER);
	assert_int_equal(strlen(s.filter) % 4, 0);
	key('U' - '@');
	assert_string_equal(s.filter, "");
}

static void interrupt_leaves_from_anywhere(void **state)
{
	(void)state;
	key('/');
	assert_true(key(TUI_KEY_INTERRUPT).quit);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(filter_is_edited),
		TEST(filter_takes_and_drops_whole_characters),
		TEST(interrupt_leaves_from_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
