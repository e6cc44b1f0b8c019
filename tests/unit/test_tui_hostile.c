// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names from other programs: no byte of them moves the cursor. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "picture.h"

static const char *const hostile[] = {
	"\x1b[2J\x1b[H",
	"a\nb\tc\rd",
	"\x9b"
	"31m",
	"\xff\xfe\xc3",
	"\xe2\x80\xae"
	"abc",
	"%s%n%p",
	"中文线程名",
	"e\xcc\x81\xcc\x82\xcc\x83",
	"0123456789abcdef",
};

static void no_control_reaches_a_cell(const struct picture *p)
{
	const struct cell *c = p->cells.cell;
	size_t n = (size_t)(p->cells.rows * p->cells.cols);

	for (size_t i = 0; i < n; i++, c++)
		for (int k = 0; k < CELL_CODES && c->code[k]; k++) {
			assert_true(c->code[k] >= ' ');
			assert_false(c->code[k] >= 0x7f && c->code[k] < 0xa0);
			assert_int_not_equal(c->code[k], 0x202e);
			if (!p->cells.utf8)
				assert_true(c->code[k] < 0x7f);
		}
}

static void draw_everything(struct picture *p, bool utf8)
{
	static const int sizes[][2] = { { 10, 40 }, { 24, 80 }, { 50, 300 } };

	for (int i = 0; i < 3; i++)
		for (uint32_t view = '1'; view <= '5'; view++) {
			picture_draw(p, sizes[i][0], sizes[i][1], utf8);
			picture_key(p, view);
			no_control_reaches_a_cell(p);
			picture_key(p, TUI_KEY_ENTER);
			no_control_reaches_a_cell(p);
			picture_key(p, TUI_KEY_ESCAPE);
		}
}

static void names_are_shown_harmless(void **state)
{
	struct picture p;

	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		picture_begin(&p);
		memset(p.pair.now.images[0].comm, 0, GW_COMM_LEN);
		memcpy(p.pair.now.images[0].comm, hostile[i],
		       strnlen(hostile[i], GW_COMM_LEN));
		memset(p.pair.now.threads[0].live.names.comm, 0, GW_COMM_LEN);
		memcpy(p.pair.now.threads[0].live.names.comm, hostile[i],
		       strnlen(hostile[i], GW_COMM_LEN));
		shot_edge(&p.pair.now, 0, 1, 2, 5);
		shot_migration(&p.pair.now, 1, 1, 0, 1, 5);
		picture_ready(&p);
		p.tui.target = hostile[i];
		p.tui.interpreter = hostile[i];
		draw_everything(&p, true);
		draw_everything(&p, false);
		picture_end(&p);
	}
}

static void escape_is_seen_as_text(void **state)
{
	struct picture p;

	(void)state;
	picture_begin(&p);
	memcpy(p.pair.now.threads[0].live.names.comm, "\x1b[2J\0\0\0\0", 8);
	picture_ready(&p);
	picture_draw(&p, 24, 80, true);
	picture_key(&p, '2');
	assert_int_not_equal(picture_find(&p, "\\x1b[2J"), -1);
	picture_end(&p);
}

static void typed_control_is_no_filter(void **state)
{
	struct picture p;

	(void)state;
	picture_begin(&p);
	picture_ready(&p);
	picture_draw(&p, 24, 80, true);
	picture_key(&p, '/');
	picture_key(&p, 0x9b);
	picture_key(&p, 0x202e);
	no_control_reaches_a_cell(&p);
	picture_key(&p, TUI_KEY_ENTER);
	no_control_reaches_a_cell(&p);
	picture_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_shown_harmless),
		cmocka_unit_test(escape_is_seen_as_text),
		cmocka_unit_test(typed_control_is_no_filter),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
