// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Processes in which nothing moves and no holder is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "judge.h"

static struct model_thread *thread_at(struct judge *j, size_t i)
{
	return &j->thread[j->p.thread + i];
}

static struct model_lock *lock_at(struct judge *j, size_t i)
{
	return &j->lock[j->p.lock + i];
}

/* A main thread that sleeps and two that wait for work. */
static void pool(struct judge *j, enum gw_kind kind)
{
	struct model_lock *work;

	judge_begin(j);
	work = judge_lock(j, 0x1000, kind);
	judge_thread(j, "main");
	judge_waits(judge_thread(j, "worker"), work, 0);
	judge_waits(judge_thread(j, "worker"), work, 0);
}

static void an_idle_pool_waits(void **state)
{
	struct judge j;

	(void)state;
	pool(&j, GW_KIND_COND);
	thread_at(&j, 2)->still_ns = 4 * JUDGE_S;
	judge_run(&j);
	assert_int_equal(j.n, 1);
	judge_check(&j, VERDICT_STUCK,
		    "waiting: no thread runs, and 2 wait for locks",
		    "the longest of these waits has lasted 4.00s");
	assert_int_equal(j.v[0].cost_ns, 8 * JUDGE_S);
	assert_null(strstr(j.v[0].what, "deadlock"));
	thread_at(&j, 1)->ended = true;
	judge_run(&j);
	judge_check(&j, VERDICT_STUCK, "and 1 waits for locks", "4.00s");
}

static void waiting_from_a_time_on(void **state)
{
	struct judge j;

	(void)state;
	pool(&j, GW_KIND_COND);
	thread_at(&j, 1)->still_ns = STUCK_NS;
	assert_true(judge_says(&j, VERDICT_STUCK));
	thread_at(&j, 1)->still_ns = STUCK_NS - 1;
	assert_false(judge_says(&j, VERDICT_STUCK));
}

/* What --stuck says, instead of STUCK_NS. */
static void waiting_from_another_time_on(void **state)
{
	struct judge j;

	(void)state;
	pool(&j, GW_KIND_COND);
	j.m.stuck_ns = 5 * JUDGE_S;
	thread_at(&j, 1)->still_ns = thread_at(&j, 2)->still_ns = 5 * JUDGE_S;
	assert_true(judge_says(&j, VERDICT_STUCK));
	thread_at(&j, 1)->still_ns = 5 * JUDGE_S - 1;
	assert_false(judge_says(&j, VERDICT_STUCK));
	j.m.stuck_ns = JUDGE_S / 2;
	thread_at(&j, 1)->still_ns = JUDGE_S / 2;
	assert_true(judge_says(&j, VERDICT_STUCK));
	lock_at(&j, 0)->untouched_ns = JUDGE_S / 2 - 1;
	assert_false(judge_says(&j, VERDICT_STUCK));
}

static void waiting_for_locks_that_nobody_touches(void **state)
{
	struct judge j;

	(void)state;
	pool(&j, GW_KIND_MUTEX);
	lock_at(&j, 0)->untouched_ns = STUCK_NS;
	assert_true(judge_says(&j, VERDICT_STUCK));
	lock_at(&j, 0)->untouched_ns = STUCK_NS - 1;
	assert_false(judge_says(&j, VERDICT_STUCK));
}

static void not_while_a_thread_runs(void **state)
{
	struct judge j;

	(void)state;
	pool(&j, GW_KIND_MUTEX);
	/* Still: for all the time it has run. */
	thread_at(&j, 0)->run = GW_RUNNING;
	assert_false(judge_says(&j, VERDICT_STUCK));
	thread_at(&j, 0)->run = GW_RUNNABLE;
	assert_false(judge_says(&j, VERDICT_STUCK));
	thread_at(&j, 0)->run = GW_SLEEPING;
	assert_true(judge_says(&j, VERDICT_STUCK));
	thread_at(&j, 0)->still_ns = STUCK_NS - 1;
	assert_false(judge_says(&j, VERDICT_STUCK));
}

static void join_alone_is_no_lock(void **state)
{
	uint64_t longest;
	struct judge j;

	(void)state;
	pool(&j, GW_KIND_JOIN);
	judge_run(&j);
	assert_int_equal(j.v[0].kind, VERDICT_FINE);
	judge_waits(thread_at(&j, 0), judge_lock(&j, 0x2000, GW_KIND_SEM), 0);
	assert_int_equal(stuck_waiting(&j.m, &j.p, &longest), 1);
	assert_int_equal(longest, STUCK_NS + JUDGE_S / 2);
}

static void no_threads(void **state)
{
	struct stuck_link c[STUCK_CYCLE_MAX];
	uint64_t longest = 1;
	struct judge j;

	(void)state;
	judge_begin(&j);
	assert_int_equal(stuck_cycle(&j.m, &j.p, c), 0);
	assert_int_equal(stuck_waiting(&j.m, &j.p, &longest), 0);
	assert_int_equal(longest, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_pool_waits),
		cmocka_unit_test(waiting_from_a_time_on),
		cmocka_unit_test(waiting_from_another_time_on),
		cmocka_unit_test(waiting_for_locks_that_nobody_touches),
		cmocka_unit_test(not_while_a_thread_runs),
		cmocka_unit_test(join_alone_is_no_lock),
		cmocka_unit_test(no_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
