// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is said of single locks, at both sides of each threshold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "judge.h"

static struct model_lock *one_lock(struct judge *j)
{
	judge_begin(j);
	return judge_lock(j, 0xabc0, GW_KIND_MUTEX);
}

/* ---- battle ---------------------------------------------------------------
 */

static bool battle_said(uint64_t stolen, uint64_t acquired)
{
	struct model_lock *l;
	struct judge j;

	l = one_lock(&j);
	l->failed[GW_STOLEN] = stolen;
	l->acquired = acquired;
	return judge_says(&j, VERDICT_BATTLE);
}

static void battle_from_a_share(void **state)
{
	(void)state;
	assert_true(battle_said(100 * VERDICT_STOLEN_MIN,
				100 * (100 - VERDICT_STOLEN_MIN)));
	assert_false(battle_said(100 * VERDICT_STOLEN_MIN - 1,
				 100 * (100 - VERDICT_STOLEN_MIN) + 1));
}

static void battle_from_a_number(void **state)
{
	(void)state;
	assert_true(battle_said(VERDICT_EVENTS_MIN, 0));
	assert_false(battle_said(VERDICT_EVENTS_MIN - 1, 0));
}

/* Only what a release woke for nothing. */
static void battle_of_stolen_wakeups_only(void **state)
{
	struct model_lock *l;
	struct judge j;

	(void)state;
	l = one_lock(&j);
	l->acquired = 10;
	for (unsigned int i = 0; i < GW_RESULTS; i++)
		l->failed[i] = i == GW_STOLEN ? 0 : 1000;
	assert_false(judge_says(&j, VERDICT_BATTLE));
}

static void battle_has_its_figures(void **state)
{
	struct model_lock *l;
	struct judge j;

	(void)state;
	l = one_lock(&j);
	l->failed[GW_STOLEN] = 3000;
	l->acquired = 1000;
	l->wait_ns = JUDGE_S;
	judge_run(&j);
	judge_check(&j, VERDICT_BATTLE, "battle for lock 0xabc0 (mutex)",
		    "3.00k wakeups were stolen, 75% of all");
	assert_int_equal(judge_said(&j, VERDICT_BATTLE)->cost_ns,
			 JUDGE_S / 4 * 3);
	l->kind = GW_KIND_GIL;
	judge_run(&j);
	judge_check(&j, VERDICT_BATTLE, "battle for the GIL:", "75%");
	l->name = "gilvm GIL (fair)";
	judge_run(&j);
	judge_check(&j, VERDICT_BATTLE,
		    "battle for the gilvm GIL (fair):", "75%");
}

/* ---- bounce ---------------------------------------------------------------
 */

static bool bounce_said(uint64_t handoffs, uint64_t cross, uint64_t window_ns)
{
	struct model_lock *l;
	struct judge j;

	l = one_lock(&j);
	j.m.window_ns = window_ns;
	l->handoffs = handoffs;
	l->cross = cross;
	return judge_says(&j, VERDICT_BOUNCE);
}

static void bounce_from_a_share(void **state)
{
	(void)state;
	assert_true(
		bounce_said(100000, 1000 * VERDICT_CROSS_MIN, JUDGE_WINDOW));
	assert_false(bounce_said(100000, 1000 * VERDICT_CROSS_MIN - 1,
				 JUDGE_WINDOW));
}

static void bounce_from_a_rate(void **state)
{
	uint64_t least = VERDICT_CROSS_RATE * (JUDGE_WINDOW / JUDGE_S);

	(void)state;
	assert_true(bounce_said(least, least, JUDGE_WINDOW));
	assert_false(bounce_said(least - 1, least - 1, JUDGE_WINDOW));
}

static void bounce_from_a_number(void **state)
{
	(void)state;
	assert_true(
		bounce_said(VERDICT_EVENTS_MIN, VERDICT_EVENTS_MIN, JUDGE_MS));
	assert_false(bounce_said(VERDICT_EVENTS_MIN - 1, VERDICT_EVENTS_MIN - 1,
				 JUDGE_MS));
}

/* A day of a busy lock: products of its figures need more than 64 bits. */
static void bounce_over_a_long_time(void **state)
{
	uint64_t day = 86400 * JUDGE_S, year = 365 * day;

	(void)state;
	assert_true(bounce_said(800000ull * 86400, 800000ull * 86400, day));
	assert_false(bounce_said(900ull * 86400, 900ull * 86400, day));
	assert_false(
		bounce_said(900ull * 86400 * 365, 900ull * 86400 * 365, year));
}

static void bounce_has_its_figures(void **state)
{
	struct model_lock *l;
	struct judge j;

	(void)state;
	l = one_lock(&j);
	l->handoffs = 20000;
	l->cross = 15000;
	l->runnable_ns = 4711;
	judge_run(&j);
	judge_check(&j, VERDICT_BOUNCE, "lock 0xabc0 (mutex) bounces",
		    "75% of its handoffs go to another core (2.00k/s in all)");
	assert_null(strstr(judge_said(&j, VERDICT_BOUNCE)->evidence, "wakeup"));
	assert_int_equal(judge_said(&j, VERDICT_BOUNCE)->cost_ns, 4711);
	l->dist[GW_WAKEUP] = (struct model_dist){ 9, 12300, 20000, 30000 };
	judge_run(&j);
	judge_check(&j, VERDICT_BOUNCE, "bounces",
		    "(2.00k/s in all); a wakeup then takes 12.3us (p50)");
}

/* ---- long hold ------------------------------------------------------------
 */

struct hold {
	uint64_t max, waited, interval;
	enum gw_kind kind;
};

static bool hold_said(struct hold h)
{
	struct model_lock *l;
	struct judge j;

	l = one_lock(&j);
	l->kind = h.kind;
	l->dist[GW_HOLD].max = h.max;
	l->wait_ns = h.waited;
	l->switch_interval_ns = h.interval;
	return judge_says(&j, VERDICT_LONG_HOLD);
}

#define HOLD(...) hold_said((struct hold){ __VA_ARGS__ })

static void long_hold_from_a_length(void **state)
{
	uint64_t ns = VERDICT_HOLD_NS;

	(void)state;
	assert_true(HOLD(ns, ns, 0, GW_KIND_MUTEX));
	assert_false(HOLD(ns - 1, ns, 0, GW_KIND_MUTEX));
	assert_false(HOLD(ns, ns - 1, 0, GW_KIND_MUTEX));
	assert_false(HOLD(MODEL_UNKNOWN, ns, 0, GW_KIND_MUTEX));
}

static void long_hold_from_switch_intervals(void **state)
{
	uint64_t interval = VERDICT_HOLD_NS / 5, ns;

	(void)state;
	ns = interval * VERDICT_HOLD_INTERVALS;
	assert_true(HOLD(ns, ns, interval, GW_KIND_GIL));
	assert_false(HOLD(ns - 1, ns, interval, GW_KIND_GIL));
	/* Of a short one even a hundred are no long time. */
	interval = JUDGE_MS;
	assert_true(HOLD(VERDICT_HOLD_NS, JUDGE_S, interval, GW_KIND_GIL));
	assert_false(HOLD(VERDICT_HOLD_NS - 1, JUDGE_S, interval, GW_KIND_GIL));
}

/* It was held before gilwatch came: nobody has got it since. */
static bool unseen_said(enum gw_kind kind, uint64_t waited, uint64_t untouched)
{
	struct model_lock *l;
	struct judge j;

	l = one_lock(&j);
	judge_computes(&j);
	l->kind = kind;
	l->open_waits = 1;
	l->wait_ns = l->open_wait_ns = waited;
	l->untouched_ns = untouched;
	return judge_says(&j, VERDICT_LONG_HOLD);
}

static void long_hold_that_was_there_before(void **state)
{
	uint64_t ns = VERDICT_HOLD_NS, old = JUDGE_WINDOW;

	(void)state;
	assert_true(unseen_said(GW_KIND_MUTEX, ns, old));
	assert_true(unseen_said(GW_KIND_GIL, ns, old));
	assert_false(unseen_said(GW_KIND_MUTEX, ns - 1, old));
	/* Somebody has had it or released it since. */
	assert_true(unseen_said(GW_KIND_MUTEX, JUDGE_S, ns));
	assert_false(unseen_said(GW_KIND_MUTEX, JUDGE_S, ns - 1));
	/* Of others nobody knows whether they are locks. */
	assert_false(unseen_said(GW_KIND_FUTEX, JUDGE_S, old));
	assert_false(unseen_said(GW_KIND_COND, JUDGE_S, old));
}

static void long_hold_that_was_there_before_is_told(void **state)
{
	struct model_lock *l;
	struct judge j;

	(void)state;
	l = one_lock(&j);
	judge_computes(&j);
	l->open_waits = 1;
	l->wait_ns = l->open_wait_ns = 3 * JUDGE_S;
	l->untouched_ns = JUDGE_WINDOW;
	judge_run(&j);
	judge_check(&j, VERDICT_LONG_HOLD, "a thread holds lock 0xabc0 (mutex)",
		    "longest hold 3.00s and more (its begin was not seen) "
		    "while others waited 3.00s in all");
	l->acquired = 1;
	assert_false(judge_says(&j, VERDICT_LONG_HOLD));
}

static void long_hold_of_locks_only(void **state)
{
	(void)state;
	assert_true(HOLD(JUDGE_S, JUDGE_S, 0, GW_KIND_FUTEX));
	assert_false(HOLD(JUDGE_S, JUDGE_S, 0, GW_KIND_COND));
	assert_false(HOLD(JUDGE_S, JUDGE_S, 0, GW_KIND_JOIN));
	assert_false(HOLD(JUDGE_S, JUDGE_S, 0, GW_KIND_SEM));
}

static void long_hold_has_its_figures(void **state)
{
	struct model_lock *l;
	struct judge j;

	(void)state;
	l = one_lock(&j);
	l->dist[GW_HOLD].max = JUDGE_S;
	l->wait_ns = 3 * JUDGE_S;
	judge_run(&j);
	judge_check(&j, VERDICT_LONG_HOLD,
		    "a thread holds lock 0xabc0 (mutex) for long",
		    "longest hold 1.00s while others waited 3.00s in all");
	assert_int_equal(judge_said(&j, VERDICT_LONG_HOLD)->cost_ns, JUDGE_S);
	assert_null(
		strstr(judge_said(&j, VERDICT_LONG_HOLD)->remedy, "extension"));
	l->kind = GW_KIND_GIL;
	judge_run(&j);
	judge_check(&j, VERDICT_LONG_HOLD, "a thread holds the GIL", "1.00s");
	assert_non_null(
		strstr(judge_said(&j, VERDICT_LONG_HOLD)->remedy, "extension"));
}

/* ---- another lock ---------------------------------------------------------
 */

static struct model_lock *contended(struct judge *j, enum gw_kind kind)
{
	struct model_lock *l = one_lock(j);

	l->kind = kind;
	l->waits = l->acquired = 1000;
	l->wait_ns = 3 * JUDGE_S;
	return l;
}

static void other_lock_from_a_share(void **state)
{
	uint64_t least = JUDGE_WINDOW / 100 * VERDICT_LOCK_WAIT_MIN;
	struct model_lock *l;
	struct judge j;

	(void)state;
	l = contended(&j, GW_KIND_MUTEX);
	l->wait_ns = least;
	assert_true(judge_says(&j, VERDICT_OTHER_LOCK));
	l->wait_ns = least - 1;
	assert_false(judge_says(&j, VERDICT_OTHER_LOCK));
}

static void other_lock_from_a_number(void **state)
{
	struct model_lock *l;
	struct judge j;

	(void)state;
	l = contended(&j, GW_KIND_MUTEX);
	l->acquired = VERDICT_EVENTS_MIN;
	assert_true(judge_says(&j, VERDICT_OTHER_LOCK));
	l->acquired = VERDICT_EVENTS_MIN - 1;
	assert_false(judge_says(&j, VERDICT_OTHER_LOCK));
}

static void other_lock_that_is_waited_for_more_than_the_gil(void **state)
{
	struct model_lock *l, *gil;
	struct judge j;

	(void)state;
	l = contended(&j, GW_KIND_MUTEX);
	gil = judge_lock(&j, 0x2000, GW_KIND_GIL);
	gil->wait_ns = l->wait_ns;
	assert_false(judge_says(&j, VERDICT_OTHER_LOCK));
	gil->wait_ns = l->wait_ns - 1;
	assert_true(judge_says(&j, VERDICT_OTHER_LOCK));
	gil->wait_ns = JUDGE_S;
	judge_run(&j);
	judge_check(&j, VERDICT_OTHER_LOCK,
		    "lock 0xabc0 (mutex) is the bottleneck, not the GIL",
		    "threads waited 3.00s for it in 1.00k waits; for the GIL "
		    "1.00s");
}

static void other_lock_without_a_gil(void **state)
{
	struct judge j;

	(void)state;
	contended(&j, GW_KIND_FUTEX);
	judge_run(&j);
	assert_string_equal(judge_said(&j, VERDICT_OTHER_LOCK)->what,
			    "lock 0xabc0 (futex) is the bottleneck");
	assert_string_equal(judge_said(&j, VERDICT_OTHER_LOCK)->evidence,
			    "threads waited 3.00s for it in 1.00k waits");
}

/* Who waits for work, waits for no lock. */
static void other_lock_is_a_lock(void **state)
{
	static const enum gw_kind others[] = { GW_KIND_COND, GW_KIND_JOIN,
					       GW_KIND_GIL };
	struct model_lock *l;
	struct judge j;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		contended(&j, others[i]);
		assert_false(judge_says(&j, VERDICT_OTHER_LOCK));
	}
	/* Those that the same threads take and give back are locks. */
	l = contended(&j, GW_KIND_SEM);
	assert_false(judge_says(&j, VERDICT_OTHER_LOCK));
	l->mutual = true;
	judge_run(&j);
	judge_check(&j, VERDICT_OTHER_LOCK,
		    "lock 0xabc0 (lock) is the bottleneck", "3.00s");
	l->name = "threading.Lock";
	judge_run(&j);
	judge_check(&j, VERDICT_OTHER_LOCK,
		    "lock 0xabc0 (threading.Lock) is the bottleneck", "3.00s");
	contended(&j, GW_KIND_PI);
	assert_true(judge_says(&j, VERDICT_OTHER_LOCK));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(battle_from_a_share),
		cmocka_unit_test(battle_from_a_number),
		cmocka_unit_test(battle_of_stolen_wakeups_only),
		cmocka_unit_test(battle_has_its_figures),
		cmocka_unit_test(bounce_from_a_share),
		cmocka_unit_test(bounce_from_a_rate),
		cmocka_unit_test(bounce_from_a_number),
		cmocka_unit_test(bounce_over_a_long_time),
		cmocka_unit_test(bounce_has_its_figures),
		cmocka_unit_test(long_hold_from_a_length),
		cmocka_unit_test(long_hold_from_switch_intervals),
		cmocka_unit_test(long_hold_that_was_there_before),
		cmocka_unit_test(long_hold_that_was_there_before_is_told),
		cmocka_unit_test(long_hold_of_locks_only),
		cmocka_unit_test(long_hold_has_its_figures),
		cmocka_unit_test(other_lock_from_a_share),
		cmocka_unit_test(other_lock_from_a_number),
		cmocka_unit_test(
			other_lock_that_is_waited_for_more_than_the_gil),
		cmocka_unit_test(other_lock_without_a_gil),
		cmocka_unit_test(other_lock_is_a_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
