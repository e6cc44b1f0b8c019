// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Run states, wakeup latency, response delay, the lock's other words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "events.h"

#define ETIMEDOUT_ 110

static void check_state_times(const struct gw_thread *t, uint64_t running,
			      uint64_t runnable, uint64_t lock_wait,
			      uint64_t sleeping)
{
	assert_int_equal(t->time_ns[GW_RUNNING], running);
	assert_int_equal(t->time_ns[GW_RUNNABLE], runnable);
	assert_int_equal(t->time_ns[GW_LOCK_WAIT], lock_wait);
	assert_int_equal(t->time_ns[GW_SLEEPING], sleeping);
}

/* ---- run states -----------------------------------------------------------
 */

static void every_ns_in_one_state(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 1000, B, PREEMPT }, { 3000, B, RUN }, { 7000, B, SLEEP },
	     { 15000, B, WOKEN }, { 31000, B, RUN }, { 63000, B, WAIT, L },
	     { 127000, B, SLEEP }, { 255000, B, WOKEN }, { 511000, B, RUN },
	     { 1023000, B, RET }, { 2047000, B, END });
	check_state_times(&w.thread[B], 1000 + 4000 + 96000 + 512000 + 1024000,
			  2000 + 16000 + 256000, 128000, 8000);
	assert_int_equal(w.thread[B].preempted, 1);
	assert_int_equal(w.thread[B].voluntary, 2);
	assert_int_equal(w.thread[B].sleeps, 1);
	assert_int_equal(w.thread[B].wakeups, 2);
	assert_int_equal(w.lock[L].blocked_ns, 128000);
	assert_int_equal(w.lock[L].runnable_ns, 256000);
}

/* Preempted inside FUTEX_WAIT is not asleep on the lock. */
static void preempted_in_a_wait(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 10000, B, WAIT, L }, { 11000, B, PREEMPT },
	     { 14000, B, RUN }, { 15000, B, SLEEP }, { 20000, B, WOKEN },
	     { 27000, B, RUN }, { 28000, B, RET });
	check_state_times(&w.thread[B], 11000 + 1000, 3000 + 7000, 5000, 0);
	assert_int_equal(w.lock[L].blocked_ns, 5000);
	assert_int_equal(w.lock[L].runnable_ns, 10000);
	/* No wakeup: the first run had none before it. */
	assert_int_equal(hist_total(&w.thread[B].wakeup), 1);
	assert_int_equal(w.thread[B].wakeup_max.all, 7000);
}

static void gil_share_of_lock_waits(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	w.lock[L].kind = GW_KIND_GIL;
	play(&w, { 10000, B, WAIT, L }, { 10000, B, SLEEP },
	     { 30000, B, WOKEN }, { 35000, B, RUN }, { 36000, B, RET },
	     { 37000, B, WAIT, M }, { 37000, B, SLEEP }, { 137000, B, WOKEN },
	     { 138000, B, RUN }, { 139000, B, RET }, { 140000, B, WAKE, L });
	assert_int_equal(w.thread[B].gil_wait_ns, 20000);
	/* Also what lies between its wakeup and its return. */
	assert_int_equal(w.thread[B].gil_delay_ns, 26000);
	assert_int_equal(w.thread[B].time_ns[GW_LOCK_WAIT], 120000);
}

/* From the first of several waiters to the last: each ns counts once. */
static void busy_while_anybody_waits(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 10000, B, WAIT, L }, { 20000, C, WAIT, L },
	     { 30000, B, RET }, { 50000, C, RET }, { 60000, C, WAKE, L });
	assert_int_equal(w.lock[L].busy_ns, 40000);
	assert_int_equal(w.lock[L].waiting_max, 2);
	play(&w, { 70000, D, WAIT, L }, { 75000, D, END });
	assert_int_equal(w.lock[L].busy_ns, 45000);
	assert_int_equal(w.lock[M].busy_ns, 0);
}

/* ---- early and odd wakings ------------------------------------------------
 */

/* The waker comes before the switch that it undoes: asleep for no time. */
static void early_waking(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 10000, B, WAIT, L }, { 19000, A, WAKE, L },
	     { 20000, B, WOKEN, .by = A }, { 19999, B, SLEEP, .plus = EARLY });
	assert_int_equal(w.thread[B].run, GW_RUNNABLE);
	play(&w, { 80000, B, RUN }, { 81000, B, RET });
	check_state_times(&w.thread[B], 69999, 10001, 0, 0);
	/* The latency is from the waking on. */
	assert_int_equal(w.thread[B].wakeup_max.all, 60000);
	assert_int_equal(w.lock[L].max[GW_WAKEUP].all, 60000);
	assert_int_equal(w.thread[B].wakeups, 1);
}

/* At the limit the waking is stale: it had been of use to an earlier sleep. */
static void stale_waking(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 20000, B, WOKEN }, { 20000, B, SLEEP, .plus = EARLY });
	assert_int_equal(w.thread[B].run, GW_SLEEPING);
	play(&w, { 100000, B, WOKEN }, { 103000, B, RUN });
	check_state_times(&w.thread[B], 70000, 3000, 0, 30000);
	assert_int_equal(hist_total(&w.thread[B].wakeup), 1);
	assert_int_equal(w.thread[B].wakeup_max.all, 3000);
}

/* Taken for early, but the thread slept after all: the next waking shows it. */
static void early_waking_that_was_none(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 20000, B, WOKEN }, { 30000, B, SLEEP });
	assert_int_equal(w.thread[B].run, GW_RUNNABLE);
	play(&w, { 130000, B, WOKEN }, { 133000, B, RUN });
	check_state_times(&w.thread[B], 30000, 3000, 0, 100000);
	assert_int_equal(w.thread[B].wakeup_max.all, 3000);
}

/* A waking of a running thread that goes on running has no latency, also not
 * for a later preemption. */
static void waking_of_a_running_thread(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 20000, B, WOKEN }, { 25000, B, PREEMPT }, { 90000, B, RUN });
	check_state_times(&w.thread[B], 25000, 65000, 0, 0);
	assert_int_equal(hist_total(&w.thread[B].wakeup), 0);
}

/* A preempted thread cannot be woken; such a waking changes nothing. */
static void waking_of_a_preempted_thread(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 20000, B, PREEMPT }, { 25000, B, WOKEN }, { 90000, B, RUN });
	assert_int_equal(hist_total(&w.thread[B].wakeup), 0);
	assert_int_equal(w.thread[B].wakeups, 0);
	check_state_times(&w.thread[B], 20000, 70000, 0, 0);
}

/* ---- wakeup latency -------------------------------------------------------
 */

/* A lock's latency counts its releases, a thread's every wakeup. */
static void wakeup_latency_of_lock_and_thread(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B);
	assert_int_equal(w.lock[L].max[GW_WAKEUP].all, 9000);
	assert_int_equal(hist_total(&w.lock[L].hist[GW_WAKEUP]), 1);
	play(&w, { 63000, B, WAIT, L }, { 64000, B, SLEEP },
	     { 70000, B, WOKEN }, { 100000, B, RUN },
	     { 101000, B, RET, .ret = -ETIMEDOUT_ }, { 102000, B, SLEEP },
	     { 110000, B, WOKEN, .by = C }, { 210000, B, RUN });
	assert_int_equal(hist_total(&w.lock[L].hist[GW_WAKEUP]), 1);
	assert_int_equal(w.lock[L].max[GW_WAKEUP].all, 9000);
	assert_int_equal(hist_total(&w.thread[B].wakeup), 3);
	assert_int_equal(w.thread[B].wakeup_max.all, 100000);
	assert_int_equal(w.thread[B].wakeup.count[hist_bucket(30000)], 1);
}

/* On a CPU in the same ns: a sample nevertheless. */
static void wakeup_without_latency(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, { 50000, A, WAKE, L }, { 51000, B, WOKEN, .by = A },
	     { 51000, B, RUN }, { 52000, B, RET });
	assert_int_equal(hist_total(&w.lock[L].hist[GW_WAKEUP]), 1);
	assert_int_equal(w.thread[B].wakeup.count[0], 1);
}

/* The largest value of a window is that window's. */
static void largest_by_window(void **state)
{
	const struct gw_max *max;
	struct world w;

	(void)state;
	world_begin(&w);
	max = &w.thread[B].wakeup_max;
	w.window = 4;
	play(&w, { 1000, B, SLEEP }, { 2000, B, WOKEN }, { 9000, B, RUN });
	assert_int_equal(max->recent, 7000);
	assert_int_equal(max->window, 4);
	w.window = 5;
	play(&w, { 11000, B, SLEEP }, { 12000, B, WOKEN }, { 15000, B, RUN },
	     { 21000, B, SLEEP }, { 22000, B, WOKEN }, { 24000, B, RUN });
	assert_int_equal(max->recent, 3000);
	assert_int_equal(max->window, 5);
	assert_int_equal(max->all, 7000);
}

/* ---- response delay -------------------------------------------------------
 */

/* Woken at 20 us, on a CPU at 25 us, waits for L, has it 40 us later. */
static uint64_t response_of(uint64_t run_ns, const struct event *extra)
{
	uint64_t wait = 25000 + run_ns;
	struct world w;

	world_begin(&w);
	play(&w, { 10000, B, SLEEP }, { 20000, B, WOKEN }, { 25000, B, RUN });
	if (extra)
		world_play(&w, extra, 1);
	play(&w, { wait, B, WAIT, L }, { wait, B, SLEEP },
	     { wait + 30000, B, WOKEN }, { wait + 39000, B, RUN },
	     { wait + 40000, B, RET }, { wait + 41000, B, WAKE, L });
	assert_int_equal(w.lock[L].acquired, 1);
	assert_int_equal(hist_total(&w.thread[B].response),
			 hist_total(&w.lock[L].hist[GW_RESPONSE]));
	assert_int_equal(w.thread[B].response_max.all,
			 w.lock[L].max[GW_RESPONSE].all);
	return hist_total(&w.thread[B].response) ? w.thread[B].response_max.all
						 : 0;
}

static void response_delay(void **state)
{
	static const struct event wake = { 26000, B, WAKE, M };
	static const struct event inner = { 26000, B, WAKE, M, GW_ROLE_INNER };
	static const struct event race = { 26000, B, WAIT, M };
	const uint64_t limit = world_limit(DIRECT);

	(void)state;
	assert_int_equal(response_of(2000, NULL), 5000 + 2000 + 40000);
	/* Directly: only so much CPU time in between. */
	assert_int_equal(response_of(limit - 1, NULL),
			 5000 + limit - 1 + 40000);
	assert_int_equal(response_of(limit, NULL), 0);
	/* It released something: it had a lock already. */
	assert_int_equal(response_of(2000, &wake), 0);
	assert_int_equal(response_of(2000, &inner), 47000);
	/* It is the delay of the first wait only. */
	assert_int_equal(response_of(2000, &race), 0);
}

/* Sleeping on a lock is no I/O, and a response is used once. */
static void response_only_after_sleeps_elsewhere(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, WAKE, L }, { 64000, B, WOKE },
	     { 65000, B, WAIT, L }, { 66000, B, SLEEP }, { 70000, B, WOKEN },
	     { 71000, B, RUN }, { 72000, B, RET }, { 73000, B, WAKE, L });
	assert_int_equal(w.lock[L].acquired, 2);
	assert_int_equal(hist_total(&w.thread[B].response), 0);
}

/* The delay goes on through failed wakeups. */
static void response_through_failed_wakeups(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 2000, B, SLEEP }, { 5000, B, WOKEN }, { 8000, B, RUN },
	     B_WAITS, A_WAKES_B, { 63000, B, WAIT, L }, { 64000, B, SLEEP },
	     { 90000, B, WOKEN }, { 91000, B, RUN }, { 95000, B, RET },
	     { 96000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .stolen = 1, .ns = 85000);
	assert_int_equal(w.thread[B].response_max.all, 90000);
}

/* Woken at 20 us, on a CPU at 25 us; releases the lock without having waited.
 */
static uint64_t free_response(enum gw_kind kind, enum gw_role role)
{
	struct world w;

	world_begin(&w);
	w.lock[L].kind = kind;
	play(&w, { 10000, B, SLEEP }, { 20000, B, WOKEN }, { 25000, B, RUN },
	     { 60000, B, PREEMPT }, { 70000, B, RUN },
	     { 400000, B, WAKE, L, role }, { 401000, B, WOKE, .ret = 1 });
	assert_int_equal(w.lock[L].acquired, 0);
	/* Once. */
	play(&w, { 410000, B, WAKE, L, role }, { 411000, B, WOKE, .ret = 1 });
	assert_int_equal(hist_total(&w.thread[B].response),
			 hist_total(&w.lock[L].hist[GW_RESPONSE]));
	assert_int_equal(w.thread[B].response_max.all,
			 w.lock[L].max[GW_RESPONSE].all);
	return hist_total(&w.thread[B].response) == 1
		       ? w.thread[B].response_max.all
		       : 0;
}

/* The lock was free: it was there as soon as the thread was on a CPU. */
static void response_without_a_wait(void **state)
{
	(void)state;
	assert_int_equal(free_response(GW_KIND_GIL, GW_ROLE_WAIT), 5000);
	assert_int_equal(free_response(GW_KIND_MUTEX, GW_ROLE_WAIT), 5000);
	/* No release of the lock. */
	assert_int_equal(free_response(GW_KIND_GIL, GW_ROLE_INNER), 0);
	assert_int_equal(free_response(GW_KIND_GIL, GW_ROLE_SWITCH), 0);
	/* Who wakes there does not have to have anything. */
	assert_int_equal(free_response(GW_KIND_COND, GW_ROLE_WAIT), 0);
	assert_int_equal(free_response(GW_KIND_SEM, GW_ROLE_WAIT), 0);
	assert_int_equal(free_response(GW_KIND_FUTEX, GW_ROLE_WAIT), 0);
}

/* After a wait the release says nothing new, nor without a sleep. */
static void response_of_a_wait_counts_once(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	w.lock[L].kind = GW_KIND_GIL;
	play(&w, { 2000, B, SLEEP }, { 5000, B, WOKEN }, { 8000, B, RUN },
	     B_WAITS, A_WAKES_B, { 63000, B, WAKE, L }, { 64000, B, WOKE });
	assert_int_equal(hist_total(&w.thread[B].response), 1);
	assert_int_equal(hist_total(&w.thread[A].response), 0);
}

/* ---- INNER and SWITCH words -----------------------------------------------
 */

static void inner_and_switch_are_apart(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 10000, B, WAIT, L, GW_ROLE_INNER }, { 11000, B, SLEEP },
	     { 15000, A, WAKE, L, GW_ROLE_INNER }, { 16000, B, WOKEN, .by = A },
	     { 17000, A, WOKE, .ret = 1 }, { 20000, B, RUN }, { 21000, B, RET },
	     { 30000, B, WAIT, L, GW_ROLE_SWITCH }, { 31000, B, SLEEP },
	     { 60000, B, WOKEN }, { 61000, B, RUN }, { 62000, B, RET });
	check_waits(&w, L, .waits = 0);
	check_handoffs(&w, L, .n = 0);
	assert_int_equal(w.lock[L].inner_ns, 11000);
	assert_int_equal(w.lock[L].switch_ns, 32000);
	assert_int_equal(w.lock[L].blocked_ns, 0);
	assert_int_equal(w.lock[L].waiting_max, 0);
	assert_int_equal(w.lock[L].wakes, 0);
	assert_int_equal(hist_total(&w.lock[L].hist[GW_WAKEUP]), 0);
	assert_int_equal(w.lock[L].released.ns, 0);
	/* The thread was asleep on a lock all the same. */
	assert_int_equal(w.thread[B].time_ns[GW_LOCK_WAIT], 5000 + 29000);
	assert_int_equal(w.thread[B].sleeps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_ns_in_one_state),
		cmocka_unit_test(preempted_in_a_wait),
		cmocka_unit_test(gil_share_of_lock_waits),
		cmocka_unit_test(busy_while_anybody_waits),
		cmocka_unit_test(early_waking),
		cmocka_unit_test(stale_waking),
		cmocka_unit_test(early_waking_that_was_none),
		cmocka_unit_test(waking_of_a_running_thread),
		cmocka_unit_test(waking_of_a_preempted_thread),
		cmocka_unit_test(wakeup_latency_of_lock_and_thread),
		cmocka_unit_test(wakeup_without_latency),
		cmocka_unit_test(largest_by_window),
		cmocka_unit_test(response_delay),
		cmocka_unit_test(response_only_after_sleeps_elsewhere),
		cmocka_unit_test(response_through_failed_wakeups),
		cmocka_unit_test(response_without_a_wait),
		cmocka_unit_test(response_of_a_wait_counts_once),
		cmocka_unit_test(inner_and_switch_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
