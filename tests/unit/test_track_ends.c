// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ends that no event tells in time: dead holders, missed returns, stops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "events.h"

/* A thread that ends (or execs) with the lock: its hold ends with it. */
static void dead_holder(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, SLEEP }, { 64000, B, WOKEN },
	     { 65000, B, RUN }, { 70000, B, END });
	assert_int_equal(w.lock[L].hold_ns, 0);
}

/* A return that was not seen: the thread waits no longer all the same. */
static void missed_return(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 1000, B, WAIT, L }, { 2000, B, SLEEP }, { 3000, B, WOKEN },
	     { 4000, B, RUN }, { 5000, B, WAIT, M }, { 6000, B, RET, .ret = 0 },
	     { 7000, B, END });
	assert_int_equal(w.lock[L].waiting, 0);
}

/* Killed while it waits for the lock's own mutex. */
static void inner_killed(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 1000, B, WAIT, L, GW_ROLE_INNER }, { 2000, B, SLEEP },
	     { 3000, B, WOKEN }, { 4000, B, RUN }, { 5000, B, END });
	assert_int_equal(w.lock[L].inner_ns, 4000);
}

/* A new thread's start is no wakeup out of an I/O sleep. */
static void forked(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	w.thread[B].run = GW_SLEEPING; /* as a fork leaves it */
	w.thread[B].passive = 1;
	play(&w, { 1000, B, WOKEN }, { 2000, B, RUN }, { 3000, B, WAIT, L },
	     { 4000, B, RET }, { 5000, B, WAKE, L });
	assert_int_equal(hist_total(&w.thread[B].response), 0);
}

/* Nor is SIGCONT; a stop is no sleep of its own. */
static void stop_response(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, { 1000, B, STOP }, { 100000, B, WOKEN }, { 102000, B, RUN },
	     { 103000, B, WAIT, L }, { 104000, B, RET },
	     { 105000, B, WAKE, L });
	assert_int_equal(hist_total(&w.thread[B].response), 0);
	assert_int_equal(w.thread[B].sleeps, 0);
}

/* Asleep with the lock, while another CPU changes locks: what is decided is
 * done by the next event that may, as of the return. */
static void decided_later(void **state)
{
	static const struct event next[] = {
		{ 90000, B, WAKE, L }, { 90000, B, WAIT, L },
		{ 90000, B, WAIT, M }, { 90000, B, PREEMPT },
		{ 90000, B, SLEEP },   { 90000, B, SETTLE },
		{ 90000, B, FORGET },  { 90000, B, END },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(next) / sizeof(*next); i++) {
		struct world w;

		world_begin(&w);
		play(&w, B_WAITS, A_WAKES_B, { 63000, B, SLEEP, .later = 1 },
		     { 64000, B, WOKEN }, { 65000, B, RUN });
		assert_int_equal(w.thread[B].episode[0].phase, GW_DUE);
		check_waits(&w, L, .waits = 1);
		world_event(&w, &next[i]);
		if (next[i].op == WAIT && next[i].lock == M)
			world_event(&w, &(struct event){ 91000, B, END });
		check_waits(&w, L,
			    .waits = 1 + (next[i].op == WAIT && !next[i].lock),
			    .acquired = 1, .ns = B_WAITED_NS);
		check_handoffs(&w, L, .n = 1, .cross = 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dead_holder),
		cmocka_unit_test(missed_return),
		cmocka_unit_test(inner_killed),
		cmocka_unit_test(forked),
		cmocka_unit_test(stop_response),
		cmocka_unit_test(decided_later),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
