// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The processes that are searched, and how long they are left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "searched.h"

#define TOOK_NS 5000000u

static void add(struct searched *s, uint32_t n)
{
	for (uint32_t i = 1; i <= n; i++)
		assert_non_null(searched_add(s, i, (pid_t)i));
}

static void found_in_any_order(void **state)
{
	static const uint32_t images[] = { 5, 9, 2, 7 };
	struct searched s = { 0 };

	(void)state;
	assert_null(searched_find(&s, 5));
	for (size_t i = 0; i < 4; i++)
		searched_add(&s, images[i], (pid_t)(100 * images[i]));
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(searched_find(&s, images[i])->pid,
				 100 * images[i]);
	assert_null(searched_find(&s, 6));
	searched_remove(&s, 6);
	searched_remove(&s, 5);
	searched_remove(&s, 9);
	assert_int_equal(s.n, 2);
	assert_null(searched_find(&s, 5));
	assert_int_equal(s.list[0].image, 2);
	assert_int_equal(s.list[1].image, 7);
	searched_free(&s);
}

/* A tenth of a core while they are new, then a hundredth. */
static void many_share(void **state)
{
	struct searched s = { 0 };

	(void)state;
	add(&s, 1000);
	assert_int_equal(searched_pause(&s, &s.list[0], TOOK_NS),
			 1000ull * TOOK_NS * 10);
	s.list[0].wait_ns = SEARCHED_LONGEST_NS;
	assert_int_equal(searched_pause(&s, &s.list[0], TOOK_NS),
			 1000ull * TOOK_NS * 100);
	searched_free(&s);
}

static void few_need_not(void **state)
{
	struct searched s = { 0 };

	(void)state;
	add(&s, 12);
	assert_true(searched_pause(&s, &s.list[0], TOOK_NS) > 0);
	s.list[3].done = s.list[4].done = true; /* have ended: ten are left */
	assert_int_equal(searched_pause(&s, &s.list[0], TOOK_NS), 0);
	searched_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_in_any_order),
		cmocka_unit_test(many_share),
		cmocka_unit_test(few_need_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
