// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CSV: separators, quoting, what is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "csv.h"

static void check_csv(struct csv *c, const char *want)
{
	assert_int_equal(buf_error(&c->out), 0);
	buf_add(&c->out, "", 1);
	assert_string_equal(c->out.data, want);
	buf_free(&c->out);
}

static void rows_and_separators(void **state)
{
	struct csv c = { 0 };

	(void)state;
	csv_str(&c, "scope");
	csv_str(&c, "pid");
	csv_end_row(&c);
	csv_str(&c, "total");
	csv_u64(&c, 4711);
	csv_end_row(&c);
	check_csv(&c, "scope,pid\ntotal,4711\n");
}

static void numbers(void **state)
{
	struct csv c = { 0 };

	(void)state;
	csv_u64(&c, 0);
	csv_u64(&c, UINT64_MAX - 1);
	csv_u64(&c, UINT64_MAX);
	csv_hex(&c, 0x7f00deadbeef);
	csv_hex(&c, 0);
	csv_time(&c, 1700000000123456789);
	csv_time(&c, 1000);
	csv_time(&c, 999);
	csv_end_row(&c);
	check_csv(&c, "0,18446744073709551614,,0x7f00deadbeef,0x0,"
		      "1700000000.123456,0.000001,0.000000\n");
}

static void unknown_values_are_empty(void **state)
{
	struct csv c = { 0 };

	(void)state;
	csv_empty(&c);
	csv_str(&c, NULL);
	csv_empty(&c);
	csv_end_row(&c);
	/* An empty text is known. */
	csv_str(&c, "");
	csv_end_row(&c);
	check_csv(&c, ",,\n\"\"\n");
}

static void quoting(void **state)
{
	static const char *const pairs[][2] = {
		{ "plain", "plain" },
		{ " sp ace ", " sp ace " },
		{ "a,b", "\"a,b\"" },
		{ "\"", "\"\"\"\"" },
		{ "say \"hi\"", "\"say \"\"hi\"\"\"" },
		{ "two\nlines", "\"two\nlines\"" },
		{ "cr\r", "\"cr\r\"" },
		{ "semi;colon'", "semi;colon'" },
	};
	struct csv c = { 0 };
	struct buf want = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		csv_str(&c, pairs[i][0]);
		buf_str(&want, i ? "," : "");
		buf_str(&want, pairs[i][1]);
	}
	buf_add(&want, "", 1);
	check_csv(&c, want.data);
	buf_free(&want);
}

static void names_are_escaped_then_quoted(void **state)
{
	static const char comm[16] = "a,\x1b[2J\"\n";
	char longest[CSV_NAME_MAX + 1];
	struct csv c = { 0 };

	(void)state;
	csv_name(&c, comm, sizeof(comm));
	csv_end_row(&c);
	check_csv(&c, "\"a,\\x1b[2J\"\"\\x0a\"\n");

	memset(longest, 1, sizeof(longest));
	csv_name(&c, longest, sizeof(longest));
	assert_int_equal(c.out.len, 4 * CSV_NAME_MAX);
	buf_free(&c.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_and_separators),
		cmocka_unit_test(numbers),
		cmocka_unit_test(unknown_values_are_empty),
		cmocka_unit_test(quoting),
		cmocka_unit_test(names_are_escaped_then_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
