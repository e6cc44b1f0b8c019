// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading CSV: what RFC 4180 allows, and what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "csv.h"
#include "csv_read.h"

static void check_good(const char *text, size_t columns, size_t rows,
		       const char *const *cells)
{
	char msg[CSV_READ_MSG];
	struct csv_table t;

	assert_int_equal(csv_parse(&t, text, strlen(text), msg), 0);
	assert_int_equal(t.columns, columns);
	assert_int_equal(t.rows, rows);
	for (size_t i = 0; i < columns * (rows + 1); i++)
		assert_string_equal(t.cell[i], cells[i]);
	csv_table_free(&t);
}

static void check_bad(const char *text, size_t len, const char *part)
{
	char msg[CSV_READ_MSG] = "";
	struct csv_table t;

	assert_int_equal(csv_parse(&t, text, len, msg), -EINVAL);
	if (!strstr(msg, part))
		fail_msg("\"%s\" has no \"%s\"", msg, part);
	assert_null(t.cell);
	assert_null(t.text);
}

#define BAD(text, part) check_bad(text, sizeof(text) - 1, part)
#define CELLS(...) ((const char *const[]){ __VA_ARGS__ })

static void plain_rows(void **state)
{
	(void)state;
	check_good("a,b\n1,2\n3,4\n", 2, 2,
		   CELLS("a", "b", "1", "2", "3", "4"));
	check_good("a\n", 1, 0, CELLS("a"));
	check_good("a", 1, 0, CELLS("a"));
	check_good("a,b\n1,2", 2, 1, CELLS("a", "b", "1", "2"));
	check_good("a,b\r\n1,2\r\n", 2, 1, CELLS("a", "b", "1", "2"));
}

static void empty_fields(void **state)
{
	(void)state;
	check_good("a,b\n,\n,x\n", 2, 2, CELLS("a", "b", "", "", "", "x"));
	check_good("a,b\n\"\",1\n", 2, 1, CELLS("a", "b", "", "1"));
	check_good("a\n\n", 1, 1, CELLS("a", ""));
	check_good("a,b\n1,", 2, 1, CELLS("a", "b", "1", ""));
}

static void quotes(void **state)
{
	(void)state;
	check_good("a,\"b\"\n\"x,y\",\"say \"\"hi\"\"\"\n", 2, 1,
		   CELLS("a", "b", "x,y", "say \"hi\""));
	check_good("a\n\"two\nlines\"\n", 1, 1, CELLS("a", "two\nlines"));
	check_good("a\n\"\"\"\"\n", 1, 1, CELLS("a", "\""));
	check_good("a\n\"x\"", 1, 1, CELLS("a", "x"));
	check_good("a\n\"x\"\r\n", 1, 1, CELLS("a", "x"));
}

static void refused(void **state)
{
	(void)state;
	BAD("", "no header");
	BAD("a,b\n1\n", "line 2: not as many fields");
	BAD("a,b\n1,2\n1,2,3\n", "line 3: not as many fields");
	BAD("a,b\n\n", "line 2: not as many fields");
	BAD("a\nx\"y\n", "line 2: a quote in a field without quotes");
	BAD("a\n\"x\n\ny", "a quote that is not closed");
	BAD("a\n\"x\"y\n", "line 2: no comma after a field");
	BAD("a\rb\n", "line 1: no comma after a field");
	BAD("a\n\0\n", "a byte 0");
	/* Lines inside quotes count. */
	BAD("a\n\"1\n2\"\n3,4\n", "line 4: not as many");
}

/* What the writer writes comes back. */
static void what_is_written_is_read(void **state)
{
	static const char *const odd[] = { "",     ",",     "\"",
					   "\"\"", "\n",    "\r\n",
					   "a\"b", "x,y\n", "plain" };
	const size_t n = sizeof(odd) / sizeof(*odd);
	struct csv c = { 0 };
	struct csv_table t;
	char msg[CSV_READ_MSG];

	(void)state;
	for (size_t row = 0; row < 2; row++) {
		for (size_t i = 0; i < n; i++)
			csv_str(&c, odd[i]);
		csv_end_row(&c);
	}
	assert_int_equal(csv_parse(&t, c.out.data, c.out.len, msg), 0);
	assert_int_equal(t.columns, n);
	assert_int_equal(t.rows, 1);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(csv_at(&t, 0, i), odd[i]);
	csv_table_free(&t);
	buf_free(&c.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_rows),
		cmocka_unit_test(empty_fields),
		cmocka_unit_test(quotes),
		cmocka_unit_test(refused),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
