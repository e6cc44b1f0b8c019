// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A thread returns from its wait and loses its CPU before it has the lock;
 * another has the lock meanwhile. Times: B_WAITS and A_WAKES_B. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "events.h"

#define B_LOSES_ITS_CPU                                                        \
	{                                                                      \
		63000, B, PREEMPT                                              \
	}

#define C_RELEASES                                                             \
	{ 90000, C, WAKE, L },                                                 \
	{                                                                      \
		90500, C, WOKE, .ret = 0                                       \
	}

static void begin(struct world *w, enum gw_kind kind)
{
	world_begin(w);
	w->lock[L].kind = kind;
}

static void check_from(const struct world *w, int from, int other)
{
	assert_non_null(world_pair(w, L, from, B));
	assert_null(world_pair(w, L, other, B));
}

static void got_when_back_on_a_cpu(enum gw_kind kind)
{
	struct world w;

	begin(&w, kind);
	play(&w, B_WAITS, A_WAKES_B, B_LOSES_ITS_CPU, C_RELEASES,
	     { 100000, B, RUN, .cpu = 7 }, { 104000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = 90000);
	check_from(&w, C, A);
	check_handoffs(&w, L, .n = 1, .inferred = 1, .cross = 1);
	check_holds(&w, L, .n = 1, .ns = 4000);
	/* 9 us in the call, and what came after it. */
	assert_int_equal(w.lock[L].runnable_ns, 9000 + 38000);
}

static void from_who_had_it_meanwhile(void **state)
{
	(void)state;
	got_when_back_on_a_cpu(GW_KIND_GIL);
	got_when_back_on_a_cpu(GW_KIND_MUTEX);
}

static void a_release_while_it_runs_again(void **state)
{
	struct world w;

	(void)state;
	begin(&w, GW_KIND_GIL);
	play(&w, B_WAITS, A_WAKES_B, B_LOSES_ITS_CPU, { 80000, B, RUN },
	     C_RELEASES, { 95000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = 80000);
	check_from(&w, C, A);
	check_holds(&w, L, .n = 1, .ns = 5000);
}

/* C's release makes no futex call; that it had the lock is known. */
static void from_a_holder_without_a_seen_release(void **state)
{
	struct world w;

	(void)state;
	begin(&w, GW_KIND_GIL);
	play(&w, B_WAITS, A_WAKES_B, B_LOSES_ITS_CPU, { 70000, C, WAIT, L },
	     { 71000, C, RET, .ret = -11 }, { 72000, C, SLEEP },
	     { 100000, B, RUN }, { 104000, B, WAKE, L });
	check_waits(&w, L, .waits = 2, .acquired = 2, .ns = 90000 + 1000);
	check_from(&w, C, A);
}

/* Nobody else had it: it got it, or could have, at the return. */
static void not_overtaken(void **state)
{
	struct world w;

	(void)state;
	begin(&w, GW_KIND_GIL);
	play(&w, B_WAITS, A_WAKES_B, B_LOSES_ITS_CPU, { 100000, B, RUN },
	     { 104000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = 52000);
	check_from(&w, A, C);
}

/* It never lost its CPU: C's call is late, its release was not. */
static void on_its_cpu_all_the_time(void **state)
{
	struct world w;

	(void)state;
	begin(&w, GW_KIND_GIL);
	play(&w, B_WAITS, A_WAKES_B, C_RELEASES, { 95000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = 52000);
	check_from(&w, A, C);
}

/* In join, for a second: it has had the lock, and released it before. */
static void not_after_a_sleep_for_another_lock(void **state)
{
	struct world w;

	(void)state;
	begin(&w, GW_KIND_GIL);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, WAIT, M }, { 64000, B, SLEEP },
	     C_RELEASES, { 1000000, B, WOKEN }, { 1001000, B, RUN },
	     { 1002000, B, RET, .ret = 0 }, { 1003000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = 52000);
	check_from(&w, A, C);
}

/* For the mutex inside of it: it is not in the lock yet. */
static void after_a_sleep_for_the_locks_own_mutex(void **state)
{
	struct world w;

	(void)state;
	begin(&w, GW_KIND_GIL);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, WAIT, L, GW_ROLE_INNER },
	     { 64000, B, SLEEP }, C_RELEASES, { 95000, B, WOKEN },
	     { 100000, B, RUN }, { 102000, B, RET, .ret = 0 },
	     { 104000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = 90000);
	check_from(&w, C, A);
}

/* What several threads may have at once proves nothing. */
static void not_where_anybody_may_wake(void **state)
{
	struct world w;

	(void)state;
	begin(&w, GW_KIND_COND);
	play(&w, B_WAITS, A_WAKES_B, B_LOSES_ITS_CPU, C_RELEASES,
	     { 100000, B, RUN }, { 104000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = 52000);
	check_from(&w, A, C);
}

/* The I/O thread's answer is late by all of it. */
static void response_delay_has_it_too(void **state)
{
	struct world w;

	(void)state;
	begin(&w, GW_KIND_GIL);
	play(&w, { 1000, B, SLEEP }, { 5000, B, WOKEN }, { 9000, B, RUN },
	     B_WAITS, A_WAKES_B, B_LOSES_ITS_CPU, C_RELEASES,
	     { 100000, B, RUN }, { 104000, B, WAKE, L });
	assert_int_equal(w.lock[L].max[GW_RESPONSE].all, 100000 - 5000);
	assert_int_equal(w.thread[B].gil_delay_ns, 90000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_who_had_it_meanwhile),
		cmocka_unit_test(a_release_while_it_runs_again),
		cmocka_unit_test(from_a_holder_without_a_seen_release),
		cmocka_unit_test(not_overtaken),
		cmocka_unit_test(on_its_cpu_all_the_time),
		cmocka_unit_test(not_after_a_sleep_for_another_lock),
		cmocka_unit_test(after_a_sleep_for_the_locks_own_mutex),
		cmocka_unit_test(not_where_anybody_may_wake),
		cmocka_unit_test(response_delay_has_it_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
