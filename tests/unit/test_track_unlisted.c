// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Locks that share an entry, as the table was full when they came: what is
 * counted of them, and what would be wrong to count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "events.h"

#define ETIMEDOUT_ 110

/* L is that entry. */
#define ANY .role = GW_ROLE_UNLISTED

#define B_WAITS_ANY                                                            \
	{ 10000, B, WAIT, L, ANY },                                            \
	{                                                                      \
		11000, B, SLEEP                                                \
	}

#define A_WAKES_B_ANY                                                          \
	{ 50000, A, WAKE, L, ANY }, { 51000, B, WOKEN, .by = A },              \
		{ 52000, A, WOKE, .ret = 1 }, { 60000, B, RUN },               \
	{                                                                      \
		62000, B, RET, .ret = 0                                        \
	}

static void begin(struct world *w)
{
	world_begin(w);
	w->lock[L].kind = GW_KIND_UNLISTED;
}

static void waits_and_handoffs_are_counted(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	play(&w, B_WAITS_ANY, A_WAKES_B_ANY,
	     { 62000, B, SETTLE, .plus = COMMIT });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = B_WAITED_NS);
	check_handoffs(&w, L, .n = 1, .cross = 1);
	assert_non_null(world_pair(&w, L, A, B));
	assert_int_equal(hist_total(&w.lock[L].hist[GW_WAIT]), 1);
	assert_int_equal(hist_total(&w.lock[L].hist[GW_WAKEUP]), 1);
	assert_int_equal(w.lock[L].waiting, 0);
	assert_int_equal(w.lock[L].wakes, 1);
}

/* Soon after one lock the thread waits for another: the first was not stolen.
 */
static void next_wait_is_for_another_lock(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	play(&w, B_WAITS_ANY, A_WAKES_B_ANY, { 63000, B, WAIT, L, ANY },
	     { 64000, B, SLEEP });
	check_waits(&w, L, .waits = 2, .acquired = 1, .ns = B_WAITED_NS);
	assert_int_equal(w.thread[B].failed[GW_STOLEN], 0);
	check_handoffs(&w, L, .n = 1, .cross = 1);
}

/* Nobody has several locks: one that times out had its lock from nobody. */
static void no_holds_and_nothing_inferred(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	play(&w, B_WAITS_ANY, A_WAKES_B_ANY, { 62500, B, WAKE, L, ANY },
	     { 62600, B, WOKE, .ret = 0 }, { 63000, C, WAIT, L, ANY },
	     { 64000, C, SLEEP }, { 70000, C, WOKEN }, { 71000, C, RUN },
	     { 72000, C, RET, .ret = -ETIMEDOUT_ },
	     { 72000, C, SETTLE, .plus = COMMIT });
	check_waits(&w, L, .waits = 2, .acquired = 2, .ns = B_WAITED_NS + 9000);
	check_handoffs(&w, L, .n = 1, .cross = 1);
	check_holds(&w, L, .n = 0);
	assert_int_equal(w.lock[L].holder, 0);
	assert_int_equal(w.lock[L].released.thread, 0);
}

/* Any word that nobody waits on would count. */
static void wakes_of_nobody_are_left_out(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	play(&w, { 10000, A, WAKE, L, ANY }, { 11000, A, WOKE, .ret = 0 },
	     { 12000, A, WAKE, L, ANY }, { 13000, A, WOKE, .ret = -22 });
	assert_int_equal(w.lock[L].wakes, 0);
	assert_int_equal(w.lock[L].wakes_empty, 0);
}

/* Another thread came when there was room again. */
static void lock_gets_an_entry_meanwhile(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	play(&w, B_WAITS_ANY, { 50000, A, WAKE, M },
	     { 51000, B, WOKEN, .by = A }, { 52000, A, WOKE, .ret = 1 },
	     { 60000, B, RUN }, { 62000, B, RET, .ret = 0 },
	     { 62000, B, SETTLE, .plus = COMMIT });
	check_handoffs(&w, L, .n = 1, .cross = 1);
	check_handoffs(&w, M, .n = 0);
	assert_int_equal(w.lock[M].wakes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_and_handoffs_are_counted),
		cmocka_unit_test(next_wait_is_for_another_lock),
		cmocka_unit_test(no_holds_and_nothing_inferred),
		cmocka_unit_test(wakes_of_nobody_are_left_out),
		cmocka_unit_test(lock_gets_an_entry_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
