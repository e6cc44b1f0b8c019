// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The buffer that output is built in, and tables made to fit a terminal. */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "table.h"

static void check_buf(struct buf *b, const char *want)
{
	assert_int_equal(buf_error(b), 0);
	assert_int_equal(b->len, strlen(want));
	assert_memory_equal(b->data, want, b->len);
}

static void buf_grows(void **state)
{
	struct buf b = { 0 };
	char want[3001];
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		buf_printf(&b, "%d", i % 10);
		buf_str(&b, "a");
		buf_add(&b, "bc", 1);
		memcpy(want + 3 * i, (char[]){ (char)('0' + i % 10), 'a', 'b' },
		       3);
	}
	want[3000] = '\0';
	check_buf(&b, want);
	buf_reset(&b);
	buf_fill(&b, '-', 3);
	buf_fill(&b, '-', 0);
	check_buf(&b, "---");
	buf_free(&b);
	assert_null(b.data);
}

static void buf_keeps_its_first_error(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_str(&b, "kept");
	buf_fill(&b, 'x', SIZE_MAX / 2);
	assert_int_equal(buf_error(&b), -ENOMEM);
	buf_str(&b, "more");
	assert_int_equal(b.len, 4);
	assert_int_equal(buf_write(&b, stdout), -ENOMEM);
	buf_fill(&b, 'x', SIZE_MAX);
	assert_int_equal(buf_error(&b), -ENOMEM);
	buf_reset(&b);
	buf_str(&b, "fine");
	check_buf(&b, "fine");
	buf_free(&b);
}

static void buf_write_tells_what_failed(void **state)
{
	struct buf b = { 0 }, empty = { 0 };
	int ends[2];
	FILE *f;

	(void)state;
	buf_str(&b, "text");
	f = fopen("/dev/full", "w");
	assert_non_null(f);
	assert_int_equal(buf_write(&b, f), -ENOSPC);
	assert_int_equal(buf_write(&empty, f), 0);
	fclose(f);

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	f = fdopen(ends[1], "w");
	assert_int_equal(buf_write(&b, f), -EPIPE);
	fclose(f);
	buf_free(&b);
}

/* Titles and cells are one letter a column unless a case needs more. */
static const struct table_column columns[] = {
	{ .title = "PID", .align = TEXT_RIGHT },
	{ .title = "NAME", .flex = true, .max = 12 },
	{ .title = "WAITS", .align = TEXT_RIGHT, .priority = 1 },
	{ .title = "P50", .align = TEXT_RIGHT, .priority = 2 },
	{ .title = "P99", .align = TEXT_RIGHT, .priority = 2 },
	{ .title = "KIND", .priority = 1 },
};

static void fill(struct table *t)
{
	static const char *const cells[] = {
		"1",  "python3", "12",     "1.00us",
		NULL, "gil",     "4711",   "a-name-that-is-long",
		"3",  "-",       "10.0ms", "futex",
	};
	size_t i;

	table_init(t, columns, sizeof(columns) / sizeof(columns[0]));
	for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		table_add(t, cells[i]);
}

static void check_table(size_t width, const char *want)
{
	struct buf out = { 0 };
	struct table t;

	fill(&t);
	buf_str(&out, ">\n");
	assert_int_equal(table_render(&t, width, &out), 0);
	buf_add(&out, "", 1);
	assert_string_equal(out.data, want);
	buf_free(&out);
	table_free(&t);
}

static void table_fits_its_content(void **state)
{
	const char *whole =
		">\n"
		" PID  NAME          WAITS     P50     P99  KIND\n"
		"   1  python3          12  1.00us       -  gil\n"
		"4711  a-name-that~      3       -  10.0ms  futex\n";

	(void)state;
	setlocale(LC_CTYPE, "C");
	check_table(0, whole);
	check_table(48, whole);
}

static void table_drops_the_least_important(void **state)
{
	(void)state;
	/* Of two equal columns the last goes first. */
	check_table(47, ">\n"
			" PID  NAME          WAITS     P50  KIND\n"
			"   1  python3          12  1.00us  gil\n"
			"4711  a-name-that~      3       -  futex\n");
	check_table(39, ">\n"
			" PID  NAME          WAITS  KIND\n"
			"   1  python3          12  gil\n"
			"4711  a-name-that~      3  futex\n");
	check_table(31, ">\n"
			" PID  NAME          WAITS\n"
			"   1  python3          12\n"
			"4711  a-name-that~      3\n");
	check_table(24, ">\n"
			" PID  NAME\n"
			"   1  python3\n"
			"4711  a-name-that~\n");
}

static void table_shortens_then_cuts(void **state)
{
	(void)state;
	check_table(17, ">\n"
			" PID  NAME\n"
			"   1  python3\n"
			"4711  a-name-tha~\n");
	check_table(10, ">\n"
			" PID  NAME\n"
			"   1  pyt~\n"
			"4711  a-n~\n");
	check_table(9, ">\n"
		       " PID  NA~\n"
		       "   1  py~\n"
		       "4711  a-~\n");
	check_table(1, ">\n~\n~\n~\n");
}

static void table_needs_whole_rows(void **state)
{
	struct buf out = { 0 };
	struct table t;

	(void)state;
	fill(&t);
	table_add(&t, "5");
	buf_str(&out, "before");
	assert_int_equal(table_render(&t, 0, &out), -EINVAL);
	check_buf(&out, "before");
	buf_free(&out);
	table_free(&t);
}

static void table_without_rows(void **state)
{
	struct buf out = { 0 };
	struct table t;

	(void)state;
	table_init(&t, columns, 2);
	assert_int_equal(table_render(&t, 80, &out), 0);
	check_buf(&out, "PID  NAME\n");
	buf_free(&out);
	table_free(&t);
}

static void table_passes_on_errors(void **state)
{
	struct buf out = { 0 };
	struct table t;

	(void)state;
	fill(&t);
	t.err = -ENOMEM;
	table_add(&t, "ignored");
	assert_int_equal(t.cells, 12);
	buf_str(&out, "before");
	assert_int_equal(table_render(&t, 0, &out), -ENOMEM);
	check_buf(&out, "before");
	t.err = 0;
	out.err = -ENOMEM;
	assert_int_equal(table_render(&t, 0, &out), -ENOMEM);
	buf_free(&out);
	table_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_grows),
		cmocka_unit_test(buf_keeps_its_first_error),
		cmocka_unit_test(buf_write_tells_what_failed),
		cmocka_unit_test(table_fits_its_content),
		cmocka_unit_test(table_drops_the_least_important),
		cmocka_unit_test(table_shortens_then_cuts),
		cmocka_unit_test(table_needs_whole_rows),
		cmocka_unit_test(table_without_rows),
		cmocka_unit_test(table_passes_on_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
