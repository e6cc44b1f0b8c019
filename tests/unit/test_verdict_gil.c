// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is said of threads that share a GIL, at both sides of each threshold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge.h"

#define INTERVAL (5 * JUDGE_MS)

/* Two threads that compute and take turns. */
static struct model_lock *two_compute(struct judge *j)
{
	struct model_lock *gil;

	judge_begin(j);
	gil = judge_lock(j, 0x1000, GW_KIND_GIL);
	gil->wait_ns = JUDGE_WINDOW;
	gil->busy_ns = JUDGE_WINDOW * 9 / 10;
	judge_computes(j);
	judge_computes(j);
	return gil;
}

/* The second thread of the process. */
static struct model_thread *second(struct judge *j)
{
	return &j->thread[j->p.thread + 1];
}

static void gil_bound_says_its_figures(void **state)
{
	struct judge j;

	(void)state;
	two_compute(&j);
	j.p.running_ns = JUDGE_WINDOW * 98 / 100;
	judge_run(&j);
	judge_check(&j, VERDICT_GIL_BOUND,
		    "2 CPU-bound threads take turns on the GIL: 0.98 of 4 "
		    "cores used",
		    "they wait for it 50% of their time; somebody waits 90% of "
		    "the time");
	assert_int_equal(judge_said(&j, VERDICT_GIL_BOUND)->cost_ns,
			 JUDGE_WINDOW);
}

static void gil_bound_from_a_share_of_waiting(void **state)
{
	uint64_t least = JUDGE_WINDOW / 100 * VERDICT_GIL_WAIT_MIN;
	struct judge j;

	(void)state;
	two_compute(&j);
	second(&j)->gil_wait_ns = least;
	assert_true(judge_says(&j, VERDICT_GIL_BOUND));
	second(&j)->gil_wait_ns = least - 1;
	assert_false(judge_says(&j, VERDICT_GIL_BOUND));
	second(&j)->gil_wait_ns = MODEL_UNKNOWN;
	assert_false(judge_says(&j, VERDICT_GIL_BOUND));
}

static void gil_bound_up_to_cores_used(void **state)
{
	uint64_t most = (uint64_t)(JUDGE_WINDOW * VERDICT_CORES_MAX);
	struct judge j;

	(void)state;
	two_compute(&j);
	j.p.running_ns = most;
	assert_true(judge_says(&j, VERDICT_GIL_BOUND));
	j.p.running_ns = most + 1;
	assert_false(judge_says(&j, VERDICT_GIL_BOUND));
}

static void gil_bound_where_more_cores_would_help(void **state)
{
	struct judge j;

	(void)state;
	two_compute(&j);
	j.m.cpus = 2;
	assert_true(judge_says(&j, VERDICT_GIL_BOUND));
	j.m.cpus = 1;
	assert_false(judge_says(&j, VERDICT_GIL_BOUND));
}

static void gil_bound_only_with_a_gil_and_two_that_compute(void **state)
{
	struct model_lock *gil;
	struct judge j;

	(void)state;
	gil = two_compute(&j);
	second(&j)->class = MODEL_MIXED;
	assert_false(judge_says(&j, VERDICT_GIL_BOUND));
	second(&j)->class = MODEL_CPU_BOUND;
	assert_true(judge_says(&j, VERDICT_GIL_BOUND));
	gil->kind = GW_KIND_COND;
	assert_false(judge_says(&j, VERDICT_GIL_BOUND));
}

/* A lock that only looks like a GIL is called so. */
static void the_gil_has_its_name(void **state)
{
	struct judge j;

	(void)state;
	two_compute(&j)->name = "probable GIL (like CPython 3.7+)";
	judge_run(&j);
	judge_check(&j, VERDICT_GIL_BOUND,
		    "turns on the probable GIL (like CPython 3.7+): 1.00 of 4",
		    "50%");
}

/* ---- switch interval ------------------------------------------------------
 */

static struct model_lock *waits_of(struct judge *j, uint64_t p50,
				   uint64_t count)
{
	struct model_lock *gil = two_compute(j);

	gil->switch_interval_ns = INTERVAL;
	gil->dist[GW_WAIT] = (struct model_dist){ count, p50, p50, p50 };
	return gil;
}

static bool interval_said(uint64_t p50, uint64_t count)
{
	struct judge j;

	waits_of(&j, p50, count);
	return judge_says(&j, VERDICT_INTERVAL);
}

static void waits_near_the_switch_interval(void **state)
{
	uint64_t near = INTERVAL / 100 * VERDICT_INTERVAL_NEAR;

	(void)state;
	assert_true(interval_said(INTERVAL, 100));
	assert_true(interval_said(INTERVAL - near, 100));
	assert_false(interval_said(INTERVAL - near - 1, 100));
	assert_true(interval_said(INTERVAL + near, 100));
	assert_false(interval_said(INTERVAL + near + 1, 100));
	assert_false(interval_said(MODEL_UNKNOWN, 100));
}

static void waits_near_the_switch_interval_in_number(void **state)
{
	(void)state;
	assert_true(interval_said(INTERVAL, VERDICT_EVENTS_MIN));
	assert_false(interval_said(INTERVAL, VERDICT_EVENTS_MIN - 1));
}

static void no_switch_interval_known(void **state)
{
	struct judge j;

	(void)state;
	waits_of(&j, 0, 100)->switch_interval_ns = 0;
	assert_false(judge_says(&j, VERDICT_INTERVAL));
}

static void the_switch_interval_has_its_figures(void **state)
{
	struct judge j;

	(void)state;
	waits_of(&j, 5100000, 100)->wait_ns = 123;
	judge_run(&j);
	judge_check(&j, VERDICT_INTERVAL, "waits for the GIL last as long",
		    "wait p50 5.10ms, switch interval 5.00ms");
	assert_int_equal(judge_said(&j, VERDICT_INTERVAL)->cost_ns, 123);
}

/* ---- convoy ---------------------------------------------------------------
 */

static struct model_thread *answers(struct judge *j, const char *name,
				    uint64_t p50, uint64_t count)
{
	struct model_thread *t = judge_thread(j, name);

	t->class = MODEL_IO_BOUND;
	t->sleeps = 50;
	t->time_ns[GW_SLEEPING] = 5 * JUDGE_S;
	t->response = (struct model_dist){ count, p50, 2 * p50, 3 * p50 };
	return t;
}

static bool convoy_said(uint64_t p50, uint64_t count)
{
	struct judge j;

	judge_begin(&j);
	answers(&j, "server", p50, count);
	return judge_says(&j, VERDICT_CONVOY);
}

static void convoy_from_a_share_of_delay(void **state)
{
	uint64_t least = JUDGE_WINDOW / 100 * VERDICT_CONVOY_SHARE / 100;

	(void)state;
	assert_true(convoy_said(least, 100));
	assert_false(convoy_said(least - 1, 100));
}

static void convoy_from_a_delay(void **state)
{
	(void)state;
	assert_true(convoy_said(VERDICT_CONVOY_NS, 8000));
	assert_false(convoy_said(VERDICT_CONVOY_NS - 1, 8000));
}

static void convoy_from_a_number_of_delays(void **state)
{
	(void)state;
	assert_true(convoy_said(JUDGE_S / 2, VERDICT_EVENTS_MIN));
	assert_false(convoy_said(JUDGE_S / 2, VERDICT_EVENTS_MIN - 1));
	assert_false(convoy_said(MODEL_UNKNOWN, VERDICT_EVENTS_MIN));
}

static void convoy_of_io_threads_only(void **state)
{
	struct model_thread *t;
	struct judge j;

	(void)state;
	judge_begin(&j);
	t = answers(&j, "server", JUDGE_S / 10, 50);
	assert_true(judge_says(&j, VERDICT_CONVOY));
	t->class = MODEL_CPU_BOUND;
	assert_false(judge_says(&j, VERDICT_CONVOY));
}

static void convoy_names_the_worst(void **state)
{
	struct judge j;

	(void)state;
	judge_begin(&j);
	answers(&j, "late", JUDGE_S / 20, 50);
	answers(&j, "later", JUDGE_S / 10, 50)->sleeps = 0;
	answers(&j, "latest", JUDGE_S / 9, 50);
	judge_run(&j);
	judge_check(&j, VERDICT_CONVOY, "I/O thread latest (102) is ready",
		    "after each sleep (100ms on average) it needs 111ms until "
		    "it has the lock, p99 222ms");
	assert_int_equal(judge_said(&j, VERDICT_CONVOY)->cost_ns,
			 JUDGE_S / 9 * 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gil_bound_says_its_figures),
		cmocka_unit_test(gil_bound_from_a_share_of_waiting),
		cmocka_unit_test(gil_bound_up_to_cores_used),
		cmocka_unit_test(gil_bound_where_more_cores_would_help),
		cmocka_unit_test(
			gil_bound_only_with_a_gil_and_two_that_compute),
		cmocka_unit_test(the_gil_has_its_name),
		cmocka_unit_test(waits_near_the_switch_interval),
		cmocka_unit_test(waits_near_the_switch_interval_in_number),
		cmocka_unit_test(no_switch_interval_known),
		cmocka_unit_test(the_switch_interval_has_its_figures),
		cmocka_unit_test(convoy_from_a_share_of_delay),
		cmocka_unit_test(convoy_from_a_delay),
		cmocka_unit_test(convoy_from_a_number_of_delays),
		cmocka_unit_test(convoy_of_io_threads_only),
		cmocka_unit_test(convoy_names_the_worst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
