// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From whom to whom, across which CPUs, how fast; holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "events.h"

#define ETIMEDOUT_ 110
#define EAGAIN_ 11

/* ---- who ------------------------------------------------------------------
 */

static void exact_waker(void **state)
{
	const struct gw_edge *e;
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B);
	check_handoffs(&w, L, .n = 0);
	play(&w, { 63000, B, WAKE, L });
	check_handoffs(&w, L, .n = 1, .cross = 1);
	assert_int_equal(w.edges, 1);
	e = world_pair(&w, L, A, B);
	assert_non_null(e);
	assert_int_equal(e->handoffs, 1);
	assert_int_equal(e->inferred, 0);
	/* From the release, not from the waking. */
	assert_int_equal(e->timed, 1);
	assert_int_equal(e->latency_ns, 12000);
	assert_int_equal(e->latency_max.all, 12000);
}

/* C releases later than A, but A's wake is what woke B. */
static void later_release_does_not_take_the_place(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, { 50000, A, WAKE, L }, { 51000, B, WOKEN, .by = A },
	     { 52000, A, WOKE, .ret = 1 }, { 55000, C, WAKE, L },
	     { 56000, C, WOKE, .ret = 0 }, { 60000, B, RUN },
	     { 62000, B, RET, .ret = 0 }, { 63000, B, WAKE, L });
	assert_non_null(world_pair(&w, L, A, B));
	assert_null(world_pair(&w, L, C, B));
}

/* B's timer had woken it before A's wake took it off the queue. */
static void result_0_without_seen_waking(void **state)
{
	const struct gw_edge *e;
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, { 49000, B, WOKEN }, { 50000, A, WAKE, L },
	     { 52000, A, WOKE, .ret = 1 }, { 60000, B, RUN },
	     { 62000, B, RET, .ret = 0 }, { 63000, B, WAKE, L });
	check_handoffs(&w, L, .n = 1, .cross = 1);
	e = world_pair(&w, L, A, B);
	assert_non_null(e);
	assert_int_equal(e->inferred, 0);
	assert_int_equal(e->latency_ns, 12000);
}

static void inferred_after(int ret)
{
	const struct gw_edge *e;
	struct world w;

	world_begin(&w);
	play(&w, B_WAITS, { 40000, C, WAKE, L }, { 41000, C, WOKE, .ret = 0 },
	     B_RETURNS(ret), { 63000, B, WAKE, L });
	check_handoffs(&w, L, .n = 1, .inferred = 1, .cross = 1);
	e = world_pair(&w, L, C, B);
	assert_non_null(e);
	assert_int_equal(e->inferred, 1);
	/* When C let go of it is not known. */
	assert_int_equal(e->timed, 0);
	assert_int_equal(e->latency_ns, 0);
}

static void timeout_or_race_is_inferred(void **state)
{
	(void)state;
	inferred_after(-ETIMEDOUT_);
	inferred_after(-EAGAIN_);
}

/* C released nothing that was seen, but it had the lock last. */
static void last_holder_without_a_seen_release(void **state)
{
	const struct gw_edge *e;
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 1000, A, WAKE, L }, { 1500, A, WOKE, .ret = 0 },
	     { 2000, C, WAIT, L }, { 3000, C, RET, .ret = -EAGAIN_ },
	     { 4000, C, SLEEP }, B_WAITS, B_RETURNS(-ETIMEDOUT_),
	     { 63000, B, SLEEP });
	check_handoffs(&w, L, .n = 2, .inferred = 2, .cross = 2);
	assert_non_null(world_pair(&w, L, A, C));
	e = world_pair(&w, L, C, B);
	assert_non_null(e);
	assert_int_equal(e->timed, 0);
}

/* B's acquisition comes to light when C has released the lock already: of the
 * two C had it last. */
static void late_commit_is_not_the_last(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, PREEMPT },
	     { 80000, C, WAKE, L }, { 81000, C, WOKE, .ret = 0 },
	     { 90000, B, RUN }, { 91000, B, SLEEP });
	assert_int_equal(w.lock[L].acquired, 1);
	assert_int_equal(w.lock[L].released.thread, EVENTS_TID(C));
	assert_int_equal(w.lock[L].released.ns, 80000);
	play(&w, { 100000, D, WAIT, L }, { 101000, D, RET, .ret = -EAGAIN_ },
	     { 102000, D, SLEEP });
	assert_non_null(world_pair(&w, L, C, D));
	assert_null(world_pair(&w, L, B, D));
}

/* An early waking by A failed; the return that counts is by C. */
static void waker_of_the_last_wakeup_counts(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, WAIT, L }, { 64000, B, SLEEP },
	     { 70000, C, WAKE, L }, { 71000, B, WOKEN, .by = C },
	     { 72000, C, WOKE, .ret = 1 }, { 73000, B, RUN },
	     { 74000, B, RET, .ret = 0 }, { 75000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .stolen = 1, .ns = 64000);
	check_handoffs(&w, L, .n = 1, .cross = 1);
	assert_non_null(world_pair(&w, L, C, B));
}

static void to_itself_is_no_handoff(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 1000, B, WAKE, L }, { 2000, B, WOKE, .ret = 0 }, B_WAITS,
	     B_RETURNS(-ETIMEDOUT_), { 63000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = B_WAITED_NS);
	check_handoffs(&w, L, .n = 0);
	assert_int_equal(w.edges, 0);
}

static void from_nobody_is_no_handoff(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, B_RETURNS(0), { 63000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = B_WAITED_NS);
	check_handoffs(&w, L, .n = 0);
}

/* What wakes B on another lock, or on words that are not waited on for the
 * lock, releases nothing. */
static void only_a_release_of_this_lock_counts(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, { 50000, A, WAKE, M }, { 51000, B, WOKEN, .by = A },
	     { 52000, A, WOKE, .ret = 1 }, { 60000, B, RUN },
	     { 62000, B, RET, .ret = 0 }, { 63000, B, WAKE, L });
	check_handoffs(&w, L, .n = 0);
	assert_int_equal(hist_total(&w.lock[L].hist[GW_WAKEUP]), 0);

	world_begin(&w);
	play(&w, { 5000, C, WAKE, L, GW_ROLE_SWITCH },
	     { 6000, C, WOKE, .ret = 0 }, { 7000, C, WAKE, L, GW_ROLE_INNER },
	     { 8000, C, WOKE, .ret = 0 }, B_WAITS, B_RETURNS(-ETIMEDOUT_),
	     { 63000, B, WAKE, L });
	check_handoffs(&w, L, .n = 0);
	assert_int_equal(w.lock[L].wakes, 0);
}

static void pair_table_full_is_lost(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	w.no_edges = 1;
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, WAKE, L });
	check_handoffs(&w, L, .n = 1, .cross = 1);
	assert_int_equal(w.lock[L].lost, 1);
	assert_int_equal(w.edges, 0);
}

/* ---- where ----------------------------------------------------------------
 */

static uint64_t crossed(unsigned int release_cpu, unsigned int run_cpu)
{
	struct world w;

	world_begin(&w);
	play(&w, B_WAITS, { 20000, A, PREEMPT },
	     { 21000, A, RUN, .cpu = release_cpu }, { 50000, A, WAKE, L },
	     { 51000, B, WOKEN, .by = A }, { 52000, A, WOKE, .ret = 1 },
	     { 55000, A, SLEEP }, { 60000, B, RUN, .cpu = run_cpu },
	     { 62000, B, RET, .ret = 0 }, { 63000, B, WAKE, L });
	assert_int_equal(w.lock[L].handoffs, 1);
	assert_int_equal(world_pair(&w, L, A, B)->cross, w.lock[L].cross);
	return w.lock[L].cross;
}

static void cross_core(void **state)
{
	(void)state;
	assert_int_equal(crossed(7, 8), 1);
	assert_int_equal(crossed(7, 7), 0);
	assert_int_equal(crossed(8, 7), 1);
}

/* ---- holds ----------------------------------------------------------------
 */

static void hold_ends_by_own_release(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 70000, B, SLEEP }, { 80000, B, WOKEN },
	     { 90000, B, RUN }, { 100000, B, WAKE, L });
	check_holds(&w, L, .n = 1, .ns = 100000 - B_RETURN_NS);
	assert_int_equal(w.lock[L].hold_ns, 0);
	assert_int_equal(w.lock[L].max[GW_HOLD].all, 100000 - B_RETURN_NS);
	/* Another release has nothing to end. */
	play(&w, { 101000, B, WOKE, .ret = 0 }, { 200000, B, WAKE, L });
	check_holds(&w, L, .n = 1, .ns = 100000 - B_RETURN_NS);
}

/* A release by somebody else does not end B's hold. */
static void hold_is_not_ended_by_another_release(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 70000, B, SLEEP }, { 80000, A, WAKE, L },
	     { 81000, A, WOKE, .ret = 0 });
	check_holds(&w, L, .n = 0);
	assert_int_equal(w.lock[L].hold_ns, B_RETURN_NS);
	assert_int_equal(w.lock[L].holder, EVENTS_TID(B));
}

static void hold_ends_by_anothers_commit(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 70000, B, SLEEP }, { 80000, C, WAIT, L },
	     { 81000, C, SLEEP }, { 150000, C, WOKEN }, { 160000, C, RUN },
	     { 162000, C, RET, .ret = -ETIMEDOUT_ });
	check_holds(&w, L, .n = 0);
	play(&w, { 170000, C, SLEEP });
	check_holds(&w, L, .n = 1, .estimated = 1, .ns = 162000 - B_RETURN_NS);
	assert_int_equal(w.lock[L].holder, EVENTS_TID(C));
	assert_int_equal(w.lock[L].hold_ns, 162000);
}

/* B waits for what it held: it had lost it when that wait began. */
static void same_holder_again(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 70000, B, SLEEP }, { 80000, B, WOKEN },
	     { 90000, B, RUN }, { 100000, B, WAIT, L }, { 101000, B, SLEEP },
	     { 200000, B, WOKEN }, { 210000, B, RUN },
	     { 212000, B, RET, .ret = 0 }, { 213000, B, SLEEP });
	check_waits(&w, L, .waits = 2, .acquired = 2,
		    .ns = B_WAITED_NS + 112000);
	check_holds(&w, L, .n = 1, .estimated = 1, .ns = 100000 - B_RETURN_NS);
	assert_int_equal(w.lock[L].hold_ns, 212000);
}

/* Commits come late and in any order; a hold begins at a return. */
static void commit_dated_before_the_holders(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, PREEMPT },
	     { 64000, C, WAIT, L }, { 64500, C, RET, .ret = -EAGAIN_ },
	     { 65000, C, SLEEP });
	assert_int_equal(w.lock[L].holder, EVENTS_TID(C));
	play(&w, { 70000, B, RUN }, { 71000, B, SLEEP });
	check_waits(&w, L, .waits = 2, .acquired = 2, .ns = B_WAITED_NS + 500);
	check_holds(&w, L, .n = 0);
	assert_int_equal(w.lock[L].holder, EVENTS_TID(C));
	assert_int_equal(w.lock[L].hold_ns, 64500);
}

/* B returns, and nothing shows yet that it has the lock. C has it before
 * something does: that time is not counted for B too. */
static void late_commit_does_not_count_twice(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, PREEMPT },
	     { 64000, C, WAIT, L }, { 64500, C, RET, .ret = -EAGAIN_ },
	     { 90000, C, WAKE, L }, { 90500, C, WOKE, .ret = 0 });
	check_holds(&w, L, .n = 1, .ns = 90000 - 64500);
	play(&w, { 91000, B, RUN }, { 95000, B, WAKE, L });
	check_waits(&w, L, .waits = 2, .acquired = 2, .ns = B_WAITED_NS + 500);
	check_holds(&w, L, .n = 2, .ns = 90000 - 64500 + 95000 - 90000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_waker),
		cmocka_unit_test(later_release_does_not_take_the_place),
		cmocka_unit_test(result_0_without_seen_waking),
		cmocka_unit_test(timeout_or_race_is_inferred),
		cmocka_unit_test(last_holder_without_a_seen_release),
		cmocka_unit_test(late_commit_is_not_the_last),
		cmocka_unit_test(waker_of_the_last_wakeup_counts),
		cmocka_unit_test(to_itself_is_no_handoff),
		cmocka_unit_test(from_nobody_is_no_handoff),
		cmocka_unit_test(only_a_release_of_this_lock_counts),
		cmocka_unit_test(pair_table_full_is_lost),
		cmocka_unit_test(cross_core),
		cmocka_unit_test(hold_ends_by_own_release),
		cmocka_unit_test(hold_is_not_ended_by_another_release),
		cmocka_unit_test(hold_ends_by_anothers_commit),
		cmocka_unit_test(same_holder_again),
		cmocka_unit_test(commit_dated_before_the_holders),
		cmocka_unit_test(late_commit_does_not_count_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
