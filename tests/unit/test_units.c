// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Numbers with units, both sides of every step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text.h"

#define NS_MS 1000000ull
#define NS_S 1000000000ull
#define NS_MIN (60 * NS_S)
#define NS_HOUR (60 * NS_MIN)

struct number {
	uint64_t value;
	const char *text;
};

static void check_numbers(const char *(*f)(char *, uint64_t),
			  const struct number *n, size_t count)
{
	char buf[TEXT_NUM];
	size_t i;

	for (i = 0; i < count; i++) {
		assert_ptr_equal(f(buf, n[i].value), buf);
		assert_string_equal(buf, n[i].text);
	}
}

static void numbers_ns(void **state)
{
	static const struct number n[] = {
		{ 0, "0ns" },
		{ 1, "1ns" },
		{ 850, "850ns" },
		{ 999, "999ns" },
		{ 1000, "1.00us" },
		{ 1004, "1.00us" },
		{ 1005, "1.01us" },
		{ 9994, "9.99us" },
		{ 9995, "10.0us" },
		{ 12345, "12.3us" },
		{ 99949, "99.9us" },
		{ 99950, "100us" },
		{ 999499, "999us" },
		{ 999500, "1.00ms" },
		{ 999999, "1.00ms" },
		{ 4987654, "4.99ms" },
		{ 999499999, "999ms" },
		{ 999500000, "1.00s" },
		{ 1200 * NS_MS, "1.20s" },
		{ 59949999999, "59.9s" },
		{ 59950000000, "1m00s" },
		{ NS_MIN, "1m00s" },
		{ 125 * NS_S, "2m05s" },
		{ 125 * NS_S + NS_S / 2, "2m06s" },
		{ NS_HOUR - NS_S / 2 - 1, "59m59s" },
		{ NS_HOUR - NS_S / 2, "1h00m" },
		{ 3 * NS_HOUR + 4 * NS_MIN + 29 * NS_S, "3h04m" },
		{ 3 * NS_HOUR + 4 * NS_MIN + 30 * NS_S, "3h05m" },
		{ 24 * NS_HOUR - 31 * NS_S, "23h59m" },
		{ 24 * NS_HOUR - 30 * NS_S, "1d00h" },
		{ 291 * NS_HOUR, "12d03h" },
		{ UINT64_MAX - 1, "213504d00h" },
		{ TEXT_UNKNOWN, "-" },
	};
	size_t count = sizeof(n) / sizeof(n[0]);

	(void)state;
	check_numbers(text_ns, n, count);
}

static void numbers_count(void **state)
{
	static const struct number n[] = {
		{ 0, "0" },
		{ 999, "999" },
		{ 1000, "1.00k" },
		{ 12345, "12.3k" },
		{ 999499, "999k" },
		{ 999500, "1.00M" },
		{ 4560000, "4.56M" },
		{ 999499999, "999M" },
		{ 999500000, "1.00G" },
		{ 1000000000000, "1.00T" },
		{ 1000000000000000, "1.00P" },
		{ 999500000000000000, "1.00E" },
		{ UINT64_MAX - 1, "18.4E" },
		{ TEXT_UNKNOWN, "-" },
	};

	(void)state;
	check_numbers(text_count, n, sizeof(n) / sizeof(n[0]));
}

static void numbers_bytes(void **state)
{
	static const struct number n[] = {
		{ 0, "0B" },
		{ 999, "999B" },
		{ 1000, "0.98KiB" },
		{ 1024, "1.00KiB" },
		{ 1536, "1.50KiB" },
		{ 10234, "9.99KiB" },
		{ 10235, "10.0KiB" },
		{ 999 * 1024 + 511, "999KiB" },
		{ 999 * 1024 + 512, "0.98MiB" },
		{ 1 << 20, "1.00MiB" },
		{ 12897484, "12.3MiB" },
		{ 1ull << 60, "1.00EiB" },
		{ UINT64_MAX - 1, "16.0EiB" },
		{ TEXT_UNKNOWN, "-" },
	};

	(void)state;
	check_numbers(text_bytes, n, sizeof(n) / sizeof(n[0]));
}

struct quotient {
	uint64_t a, b;
	const char *text;
};

static void check_quotients(const char *(*f)(char *, uint64_t, uint64_t),
			    const struct quotient *q, size_t count)
{
	char buf[TEXT_NUM];
	size_t i;

	for (i = 0; i < count; i++) {
		assert_ptr_equal(f(buf, q[i].a, q[i].b), buf);
		assert_string_equal(buf, q[i].text);
	}
}

static void numbers_percent(void **state)
{
	static const struct quotient q[] = {
		{ 0, 100, "0%" },
		{ 1, UINT64_MAX - 1, "<1%" },
		{ 99, 10000, "<1%" },
		{ 1, 100, "1%" },
		{ 149, 10000, "1%" },
		{ 150, 10000, "2%" },
		{ 12, 100, "12%" },
		{ 9949, 10000, "99%" },
		{ 9950, 10000, ">99%" },
		{ UINT64_MAX - 2, UINT64_MAX - 1, ">99%" },
		{ 7, 7, "100%" },
		{ 15, 10, "150%" },
		{ 99999, 100, "99999%" },
		{ 100000, 100, ">99999%" },
		{ UINT64_MAX - 1, 1, ">99999%" },
		{ 5, 0, "-" },
		{ TEXT_UNKNOWN, 5, "-" },
		{ 5, TEXT_UNKNOWN, "-" },
	};

	(void)state;
	check_quotients(text_percent, q, sizeof(q) / sizeof(q[0]));
}

static void numbers_rate(void **state)
{
	static const struct quotient q[] = {
		{ 0, NS_S, "0/s" },
		{ 1, 100 * NS_S, "0.01/s" },
		{ 1, 100 * NS_S + 1, "<0.01/s" },
		{ 1, 4 * NS_S, "0.25/s" },
		{ 1, NS_S, "1.00/s" },
		{ 999, NS_S, "999/s" },
		{ 9995, 10 * NS_S, "1.00k/s" },
		{ 853000, NS_S, "853k/s" },
		{ 853000, NS_S / 2, "1.71M/s" },
		{ 999, 1, "999G/s" },
		{ UINT64_MAX - 1, 1, ">999T/s" },
		{ 5, 0, "-" },
		{ TEXT_UNKNOWN, NS_S, "-" },
		{ 5, TEXT_UNKNOWN, "-" },
	};

	(void)state;
	check_quotients(text_rate, q, sizeof(q) / sizeof(q[0]));
}

/* No value, near any power of ten, needs more than three digits. */
static void numbers_have_three_digits(void **state)
{
	char buf[TEXT_NUM];
	uint64_t power, v;
	int digits;
	char *s;

	(void)state;
	for (power = 1000; power < 60 * NS_S; power *= 10)
		for (v = power - power / 100; v < power + power / 100;
		     v += power / 1000) {
			digits = 0;
			for (s = (char *)(uintptr_t)text_ns(buf, v); *s; s++)
				digits += *s >= '0' && *s <= '9';
			assert_in_range(digits, 1, 3);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_ns),
		cmocka_unit_test(numbers_count),
		cmocka_unit_test(numbers_bytes),
		cmocka_unit_test(numbers_percent),
		cmocka_unit_test(numbers_rate),
		cmocka_unit_test(numbers_have_three_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
