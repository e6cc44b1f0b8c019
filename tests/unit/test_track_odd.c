// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Odd cases: signals, stops, threads that come and go, what CPython does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "events.h"

#define ETIMEDOUT_ 110
#define EAGAIN_ 11
#define EINTR_ 4
#define ERESTARTSYS_ 512
#define ERESTART_RESTARTBLOCK_ 516

/* ---- signals and stops ----------------------------------------------------
 */

/* An untimed wait is begun anew by the kernel: the same futex call again. */
static void untimed_wait_interrupted(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, { 20000, B, WOKEN }, { 21000, B, RUN },
	     { 22000, B, RET, .ret = -ERESTARTSYS_ }, { 23000, B, WAIT, L },
	     { 24000, B, SLEEP }, { 50000, A, WAKE, L },
	     { 51000, B, WOKEN, .by = A }, { 52000, A, WOKE, .ret = 1 },
	     { 60000, B, RUN }, { 62000, B, RET, .ret = 0 },
	     { 63000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .signal = 1,
		    .ns = B_WAITED_NS);
	check_handoffs(&w, L, .n = 1, .cross = 1);
	assert_int_equal(w.lock[L].waiting, 0);
}

/* A timed wait goes on under restart_syscall. */
static void timed_wait_interrupted(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, { 20000, B, WOKEN }, { 21000, B, RUN },
	     { 22000, B, RET, .ret = -ERESTART_RESTARTBLOCK_ },
	     { 23000, B, RESTART }, { 24000, B, SLEEP });
	assert_int_equal(w.lock[L].waiting, 1);
	assert_int_equal(w.thread[B].run, GW_LOCK_WAIT);
	play(&w, { 50000, A, WAKE, L }, { 51000, B, WOKEN, .by = A },
	     { 52000, A, WOKE, .ret = 1 }, { 60000, B, RUN },
	     { 62000, B, RET, .ret = 0 }, { 63000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .signal = 1,
		    .ns = B_WAITED_NS);
	check_handoffs(&w, L, .n = 1, .cross = 1);
	assert_int_equal(w.lock[L].waiting, 0);
}

/* restart_syscall resumes other calls too. */
static void restart_of_something_else(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, B_RETURNS(0), { 63000, B, RESTART });
	check_waits(&w, L, .waits = 1);
	assert_int_equal(w.lock[L].waiting, 0);
	/* The handler made a futex call: the wait was not resumed. */
	play(&w, { 64000, B, WAIT, L }, { 65000, B, RET, .ret = -516 },
	     { 66000, B, WAKE, M }, { 66500, B, WOKE }, { 67000, B, RESTART });
	assert_int_equal(w.lock[L].waiting, 0);
	assert_int_equal(w.thread[B].call, GW_CALL_NONE);
}

/* The resumed wait is the inner mutex's, not the lock's. */
static void restart_keeps_the_role(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 10000, B, WAIT, L, GW_ROLE_SWITCH }, { 11000, B, SLEEP },
	     { 20000, B, WOKEN }, { 21000, B, RUN },
	     { 22000, B, RET, .ret = -516 }, { 23000, B, RESTART },
	     { 33000, B, RET, .ret = 0 });
	check_waits(&w, L, .waits = 0);
	assert_int_equal(w.lock[L].switch_ns, 22000);
}

/* SIGSTOP while waiting: no wakeup of the lock's, no sleep of its own. */
static void stopped_while_waiting(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, { 20000, B, WOKEN }, { 21000, B, RUN },
	     { 22000, B, RET, .ret = -516 }, { 22500, B, STOP });
	check_waits(&w, L, .waits = 1);
	play(&w, { 1000000, B, WOKEN }, { 1001000, B, RUN },
	     { 1002000, B, RESTART }, { 1003000, B, SLEEP },
	     { 2000000, A, WAKE, L }, { 2001000, B, WOKEN, .by = A },
	     { 2002000, A, WOKE, .ret = 1 }, { 2003000, B, RUN },
	     { 2004000, B, RET, .ret = 0 }, { 2005000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .signal = 1,
		    .ns = 2004000 - 10000);
	check_handoffs(&w, L, .n = 1, .cross = 1);
}

/* Stopped just after a return: whether it has the lock is still open. */
static void stopped_after_the_return(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, STOP }, { 900000, B, WOKEN },
	     { 901000, B, RUN }, { 902000, B, WAIT, L });
	check_waits(&w, L, .waits = 1, .stolen = 1);
}

static void interrupted_and_given_up(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, B_RETURNS(-EINTR_), { 63000, B, SLEEP });
	check_waits(&w, L, .waits = 1, .signal = 1, .ns = B_WAITED_NS);
	check_holds(&w, L, .n = 0);
	assert_int_equal(w.lock[L].hold_ns, 0);
	assert_int_equal(hist_total(&w.lock[L].hist[GW_WAIT]), 0);
}

/* ---- calls that return at once --------------------------------------------
 */

static void races_in_a_row(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	for (uint64_t i = 0; i < 10; i++)
		play(&w, { 10000 + i * 1000, B, WAIT, L },
		     { 10500 + i * 1000, B, RET, .ret = -EAGAIN_ });
	play(&w, { 20000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .race = 9, .ns = 9500);
	assert_int_equal(w.thread[B].voluntary, 0);
	assert_int_equal(w.lock[L].blocked_ns, 0);
}

static void timeout_passed_at_entry(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 10000, B, WAIT, L }, { 10400, B, RET, .ret = -ETIMEDOUT_ },
	     { 11000, B, WAIT, L }, { 12000, B, SLEEP }, { 20000, B, WOKEN },
	     { 21000, B, RUN }, { 22000, B, RET, .ret = -ETIMEDOUT_ },
	     { 23000, B, SLEEP });
	check_waits(&w, L, .waits = 1, .acquired = 1, .timeout = 1,
		    .ns = 12000);
}

/* ---- what is not seen to begin --------------------------------------------
 */

static void exit_without_enter(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 10000, B, RET, .ret = 0 }, { 11000, B, WOKE, .ret = 1 },
	     { 12000, B, SLEEP }, { 13000, B, WOKEN }, { 14000, B, RUN },
	     { 15000, B, RET, .ret = -ETIMEDOUT_ });
	check_waits(&w, L, .waits = 0);
	assert_int_equal(w.lock[L].wakes, 0);
	assert_int_equal(w.lock[L].waiting, 0);
}

/* A word for which the lock table had no room. */
static void lock_that_is_not_kept(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 10000, B, WAIT, EVENTS_LOCKS }, { 11000, B, SLEEP },
	     { 50000, A, WAKE, EVENTS_LOCKS }, { 51000, B, WOKEN, .by = A },
	     { 52000, A, WOKE, .ret = 1 }, { 60000, B, RUN }, { 62000, B, RET },
	     { 63000, B, WAKE, EVENTS_LOCKS }, { 64000, B, WOKE },
	     { 65000, B, SLEEP });
	for (unsigned int i = 0; i < EVENTS_LOCKS; i++)
		check_waits(&w, i, .waits = 0);
	assert_int_equal(w.thread[B].time_ns[GW_LOCK_WAIT], 40000);
}

/* ---- fork, exec, exit -----------------------------------------------------
 */

static void killed_while_waiting(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, { 50000, B, WOKEN }, { 53000, B, RUN },
	     { 55000, B, END });
	check_waits(&w, L, .waits = 1, .signal = 1, .ns = 45000);
	assert_int_equal(w.lock[L].waiting, 0);
	assert_int_equal(w.lock[L].blocked_ns, 39000);
	assert_int_equal(w.lock[L].runnable_ns, 3000);
	assert_int_equal(w.thread[B].time_ns[GW_RUNNING], 11000 + 2000);
}

static void ended_with_the_lock(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 64000, B, END });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = B_WAITED_NS);
	check_handoffs(&w, L, .n = 1, .cross = 1);
}

static void exec_while_others_wait(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, { 20000, C, WAIT, L }, { 21000, C, SLEEP },
	     { 30000, B, WOKEN }, { 31000, B, RUN }, { 32000, B, FORGET });
	assert_int_equal(w.lock[L].waiting, 1);
	assert_int_equal(w.thread[B].lock, GW_NO_LOCK);
	assert_int_equal(w.thread[B].call, GW_CALL_NONE);
	/* Its next futex return belongs to nothing. */
	play(&w, { 33000, B, RET, .ret = 0 }, { 34000, B, WAKE, L });
	check_waits(&w, L, .waits = 2, .signal = 1, .ns = 22000);
}

static void exec_with_both_episodes_open(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, WAIT, M },
	     { 64000, B, RET, .ret = -EAGAIN_ }, { 65000, B, FORGET });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = B_WAITED_NS);
	check_waits(&w, M, .waits = 1, .acquired = 1, .ns = 1000);
	assert_int_equal(w.thread[B].episode[0].phase, GW_IDLE);
	assert_int_equal(w.thread[B].episode[1].phase, GW_IDLE);
}

/* ---- as CPython does it ---------------------------------------------------
 */

/* take_gil: cond wait with 5 ms timeout, the gil mutex in between, and after
 * it the switch mutex and cond. */
static void cpython_takes_the_gil(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	w.lock[L].kind = GW_KIND_GIL;
	play(&w, { 10000, B, WAIT, L }, { 11000, B, SLEEP },
	     { 5010000, B, WOKEN }, { 5020000, B, RUN },
	     { 5021000, B, RET, .ret = -ETIMEDOUT_ },
	     { 5021500, B, WAIT, L, GW_ROLE_INNER }, { 5022000, B, SLEEP },
	     { 5024000, B, WOKEN }, { 5025000, B, RUN }, { 5026000, B, RET },
	     { 5027000, B, WAIT, L }, { 5028000, B, SLEEP },
	     { 6000000, A, WAKE, L }, { 6001000, B, WOKEN, .by = A },
	     { 6002000, A, WOKE, .ret = 1 },
	     { 6003000, A, WAIT, L, GW_ROLE_SWITCH }, { 6004000, A, SLEEP },
	     { 6010000, B, RUN }, { 6011000, B, RET, .ret = 0 });
	check_waits(&w, L, .waits = 1, .timeout = 1);
	play(&w, { 6012000, B, WAKE, L, GW_ROLE_SWITCH },
	     { 6013000, A, WOKEN, .by = B }, { 6014000, B, WOKE, .ret = 1 },
	     { 6020000, A, RUN }, { 6021000, A, RET });
	check_waits(&w, L, .waits = 1, .acquired = 1, .timeout = 1,
		    .ns = 6001000);
	check_handoffs(&w, L, .n = 1, .cross = 1);
	assert_int_equal(world_pair(&w, L, A, B)->latency_ns, 11000);
	assert_int_equal(w.lock[L].inner_ns, 4500);
	assert_int_equal(w.lock[L].switch_ns, 18000);
	assert_int_equal(w.lock[L].wakes, 1);
	/* The switch wait is no wait for the lock, its waking no release: B has
	 * the lock, since its return. */
	assert_int_equal(w.lock[L].released.thread, EVENTS_TID(B));
	assert_int_equal(w.lock[L].released.ns, 6011000);
	assert_int_equal(w.lock[L].released.seen, 0);
	assert_int_equal(w.thread[B].gil_wait_ns, 4999000 + 973000);
	assert_int_equal(w.thread[A].gil_wait_ns, 0);
	assert_int_equal(w.thread[A].gil_delay_ns, 0);
}

/* Without forced switching: the next release is the proof. */
static void half_of_the_wakes_wake_nobody(void **state)
{
	struct world w;
	uint64_t at = 10000;

	(void)state;
	world_begin(&w);
	for (int i = 0; i < 100; i++, at += 10000)
		play(&w, { at, A, WAKE, L },
		     { at + 500, A, WOKE, .ret = i & 1 });
	assert_int_equal(w.lock[L].wakes, 100);
	assert_int_equal(w.lock[L].wakes_empty, 50);
	/* A wake that is refused woke nobody either. */
	play(&w, { at, A, WAKE, L }, { at + 500, A, WOKE, .ret = -EAGAIN_ });
	assert_int_equal(w.lock[L].wakes_empty, 51);
}

/* FUTEX_UNLOCK_PI returns 0 though it has woken somebody. */
static void pi_wakes_are_not_empty(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	w.lock[L].kind = GW_KIND_PI;
	play(&w, { 10000, A, WAKE, L }, { 11000, A, WOKE, .ret = 0 },
	     { 12000, A, WAKE, L }, { 13000, A, WOKE, .ret = -EAGAIN_ });
	assert_int_equal(w.lock[L].wakes, 2);
	assert_int_equal(w.lock[L].wakes_empty, 1);
}

/* Python 2.7's battle: the releaser takes the lock back at once, the woken
 * thread finds it gone, time and again. */
static void woken_and_robbed(void **state)
{
	struct world w;
	uint64_t at = 100000;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS);
	for (int i = 0; i < 50; i++, at += 100000)
		play(&w, { at, A, WAKE, L }, { at + 1000, B, WOKEN, .by = A },
		     { at + 2000, A, WOKE, .ret = 1 }, { at + 9000, B, RUN },
		     { at + 9500, B, RET, .ret = 0 },
		     { at + 10000, B, WAIT, L }, { at + 11000, B, SLEEP });
	check_waits(&w, L, .waits = 1, .stolen = 50);
	check_handoffs(&w, L, .n = 0);
	assert_int_equal(w.thread[B].failed[GW_STOLEN], 50);
	assert_int_equal(w.thread[A].failed[GW_STOLEN], 0);
	assert_int_equal(hist_total(&w.lock[L].hist[GW_WAKEUP]), 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(untimed_wait_interrupted),
		cmocka_unit_test(timed_wait_interrupted),
		cmocka_unit_test(restart_of_something_else),
		cmocka_unit_test(restart_keeps_the_role),
		cmocka_unit_test(stopped_while_waiting),
		cmocka_unit_test(stopped_after_the_return),
		cmocka_unit_test(interrupted_and_given_up),
		cmocka_unit_test(races_in_a_row),
		cmocka_unit_test(timeout_passed_at_entry),
		cmocka_unit_test(exit_without_enter),
		cmocka_unit_test(lock_that_is_not_kept),
		cmocka_unit_test(killed_while_waiting),
		cmocka_unit_test(ended_with_the_lock),
		cmocka_unit_test(exec_while_others_wait),
		cmocka_unit_test(exec_with_both_episodes_open),
		cmocka_unit_test(cpython_takes_the_gil),
		cmocka_unit_test(half_of_the_wakes_wake_nobody),
		cmocka_unit_test(pi_wakes_are_not_empty),
		cmocka_unit_test(woken_and_robbed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
