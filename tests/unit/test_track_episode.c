// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How an episode ends: every arrow of the state machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "events.h"

#define ETIMEDOUT_ 110
#define EAGAIN_ 11
#define EINTR_ 4

#define COUNT_OF(a) (sizeof(a) / sizeof(*(a)))

#define EVENTS_MAX 8

static enum gw_phase phase_of(const struct world *w, int thread,
			      unsigned int lock)
{
	const struct gw_episode *e = w->thread[thread].episode;

	for (int i = 0; i < GW_EPISODES; i++)
		if (e[i].phase != GW_IDLE && e[i].lock == lock)
			return e[i].phase;
	return GW_IDLE;
}

static void from_idle_to_waiting(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	assert_int_equal(phase_of(&w, B, L), GW_IDLE);
	play(&w, B_WAITS);
	assert_int_equal(phase_of(&w, B, L), GW_WAITING);
	check_waits(&w, L, .waits = 1);
	assert_int_equal(w.lock[L].waiting, 1);
	assert_int_equal(w.thread[B].waits, 1);
	assert_int_equal(w.thread[B].run, GW_LOCK_WAIT);
}

static void return_alone_decides_nothing(void **state)
{
	static const int results[] = { 0, -ETIMEDOUT_, -EAGAIN_, -512 };
	struct world w;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(results); i++) {
		world_begin(&w);
		play(&w, B_WAITS, B_RETURNS(results[i]));
		assert_int_equal(phase_of(&w, B, L), GW_TENTATIVE);
		check_waits(&w, L, .waits = 1);
		assert_int_equal(w.lock[L].waiting, 0);
	}
}

/* Events after B's return with the lock, and whether they prove that it has
 * it. */
struct proof {
	const char *name;
	struct event list[EVENTS_MAX];
	size_t n;
	int proves;
};

#define LIST(...)                                                              \
	.list = { __VA_ARGS__ },                                               \
	.n = sizeof((struct event[]){ __VA_ARGS__ }) / sizeof(struct event)

static const struct proof proofs[] = {
	{ "wake on a WAIT word", LIST({ 63000, B, WAKE, L }), .proves = 1 },
	{ "wake on a SWITCH word", LIST({ 63000, B, WAKE, L, GW_ROLE_SWITCH }),
	  .proves = 1 },
	{ "wake on an INNER word",
	  LIST({ 63000, B, WAKE, L, GW_ROLE_INNER }, { 64000, B, WOKE }) },
	{ "wake on another lock", LIST({ 63000, B, WAKE, M }) },
	{ "wait on a SWITCH word", LIST({ 63000, B, WAIT, L, GW_ROLE_SWITCH }),
	  .proves = 1 },
	{ "wait on a SWITCH word of another lock",
	  LIST({ 63000, B, WAIT, M, GW_ROLE_SWITCH }) },
	{ "sleep in a wait on an INNER word",
	  LIST({ 63000, B, WAIT, L, GW_ROLE_INNER }, { 64000, B, SLEEP }) },
	{ "sleep in a wait for another lock",
	  LIST({ 63000, B, WAIT, M }, { 64000, B, SLEEP }) },
	{ "sleep outside futex calls", LIST({ 63000, B, SLEEP }), .proves = 1 },
	{ "stopped", LIST({ 63000, B, STOP }) },
	{ "1 ns less than enough on a CPU, then preempted",
	  LIST({ 61999, B, PREEMPT, .plus = COMMIT }) },
	{ "enough on a CPU, then preempted",
	  LIST({ 62000, B, PREEMPT, .plus = COMMIT }), .proves = 1 },
	{ "1 ns less than enough on a CPU, then looked at",
	  LIST({ 61999, B, SETTLE, .plus = COMMIT }) },
	{ "enough on a CPU, then looked at",
	  LIST({ 62000, B, SETTLE, .plus = COMMIT }), .proves = 1 },
	{ "enough on a CPU, then asleep on another lock",
	  LIST({ 62000, B, WAIT, M, .plus = COMMIT },
	       { 62500, B, SLEEP, .plus = COMMIT }),
	  .proves = 1 },
	{ "preempted for 1 s, 1 ns less than enough on a CPU",
	  LIST({ 70000, B, PREEMPT }, { 1000000000, B, RUN },
	       { 999991999, B, SETTLE, .plus = COMMIT }) },
	{ "preempted for 1 s, enough on a CPU",
	  LIST({ 70000, B, PREEMPT }, { 1000000000, B, RUN },
	       { 999992000, B, SETTLE, .plus = COMMIT }),
	  .proves = 1 },
	{ "asleep on another lock for 1 s, 1 ns less than enough on a CPU",
	  LIST({ 62000, B, WAIT, M }, { 62000, B, SLEEP },
	       { 900000000, B, WOKEN }, { 1000000000, B, RUN },
	       { 999999999, B, SETTLE, .plus = COMMIT }) },
};

static void proofs_of_possession(void **state)
{
	struct world w;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(proofs); i++) {
		print_message("# %s\n", proofs[i].name);
		world_begin(&w);
		play(&w, B_WAITS, A_WAKES_B);
		world_play(&w, proofs[i].list, proofs[i].n);
		if (proofs[i].proves) {
			check_waits(&w, L, .waits = 1, .acquired = 1,
				    .ns = B_WAITED_NS);
			assert_int_equal(phase_of(&w, B, L), GW_IDLE);
		} else {
			check_waits(&w, L, .waits = 1);
			assert_int_equal(phase_of(&w, B, L), GW_TENTATIVE);
		}
	}
}

static void commit_is_dated_back_to_the_return(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 5000000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = B_WAITED_NS);
	assert_int_equal(w.lock[L].max[GW_WAIT].all, B_WAITED_NS);
	check_holds(&w, L, .n = 1, .ns = 5000000 - B_RETURN_NS);
	assert_int_equal(
		w.lock[L].hist[GW_WAIT].count[hist_bucket(B_WAITED_NS)], 1);
}

/* Back in FUTEX_WAIT at once: the wakeup failed, and the cause is its result.
 */
static void failed_wakeups_by_cause(void **state)
{
	static const struct {
		int ret;
		enum gw_result cause;
	} causes[] = {
		{ 0, GW_STOLEN },      { -ETIMEDOUT_, GW_TIMEOUT },
		{ -EAGAIN_, GW_RACE }, { -EINTR_, GW_SIGNAL },
		{ -512, GW_SIGNAL },   { -513, GW_SIGNAL },
		{ -514, GW_SIGNAL },   { -516, GW_SIGNAL },
		{ -511, GW_RACE },     { -517, GW_RACE },
		{ 1, GW_STOLEN },
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(causes); i++) {
		world_begin(&w);
		play(&w, B_WAITS, B_RETURNS(causes[i].ret),
		     { 64000, B, WAIT, L });
		assert_int_equal(phase_of(&w, B, L), GW_WAITING);
		check_waits(&w, L, .waits = 1,
			    .stolen = causes[i].cause == GW_STOLEN,
			    .timeout = causes[i].cause == GW_TIMEOUT,
			    .race = causes[i].cause == GW_RACE,
			    .signal = causes[i].cause == GW_SIGNAL);
		assert_int_equal(w.thread[B].failed[causes[i].cause], 1);
		assert_int_equal(w.thread[B].waits, 1);
		assert_int_equal(w.lock[L].waiting, 1);
	}
}

/* However often it went back to sleep: one wait from the first call on. */
static void one_episode_with_many_wakeups(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 64000, B, WAIT, L }, { 65000, B, SLEEP },
	     { 5064000, B, WOKEN }, { 5070000, B, RUN },
	     { 5072000, B, RET, .ret = -ETIMEDOUT_ }, { 5073000, B, WAIT, L },
	     { 5074000, B, RET, .ret = -EAGAIN_ }, { 5075000, B, WAIT, L },
	     { 5076000, B, SLEEP }, { 6000000, B, WOKEN }, { 6001000, B, RUN },
	     { 6002000, B, RET, .ret = 0 }, { 6003000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .stolen = 1, .timeout = 1,
		    .race = 1, .ns = 6002000 - 10000);
	assert_int_equal(w.lock[L].waiting_max, 1);
}

/* The same call 1 ns apart: still the old episode, or a new one. */
static void wait_again_at_the_limit(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 61999, B, WAIT, L, .plus = COMMIT });
	check_waits(&w, L, .waits = 1, .stolen = 1);

	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 62000, B, WAIT, L, .plus = COMMIT });
	check_waits(&w, L, .waits = 2, .acquired = 1, .ns = B_WAITED_NS);
	assert_int_equal(phase_of(&w, B, L), GW_WAITING);
}

/* A slept between return and wait: it had the lock, however short it ran. */
static void sleep_in_between_is_no_failure(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 64000, B, SLEEP }, { 70000, B, WOKEN },
	     { 71000, B, RUN }, { 72000, B, WAIT, L });
	check_waits(&w, L, .waits = 2, .acquired = 1, .ns = B_WAITED_NS);
}

static void proof_then_wait_is_a_new_episode(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, WAKE, L },
	     { 63500, B, WOKE, .ret = 0 }, { 64000, B, WAIT, L });
	check_waits(&w, L, .waits = 2, .acquired = 1, .ns = B_WAITED_NS);
	assert_int_equal(w.lock[L].wakes, 2);
	assert_int_equal(w.lock[L].wakes_empty, 1);
}

/* After a signal only a wake proves possession; else nothing was acquired. */
static void after_a_signal(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, B_RETURNS(-EINTR_), { 63000, B, WAKE, L });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = B_WAITED_NS);

	world_begin(&w);
	play(&w, B_WAITS, B_RETURNS(-EINTR_), { 63000, B, SLEEP });
	check_waits(&w, L, .waits = 1, .signal = 1, .ns = B_WAITED_NS);
	assert_int_equal(w.thread[B].failed[GW_SIGNAL], 1);

	world_begin(&w);
	play(&w, B_WAITS, B_RETURNS(-EINTR_),
	     { 62000, B, PREEMPT, .plus = COMMIT });
	check_waits(&w, L, .waits = 1, .signal = 1, .ns = B_WAITED_NS);
}

/* A condition variable and its mutex: both episodes stay open. */
static void two_episodes_at_once(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, WAIT, M },
	     { 64000, B, SLEEP });
	assert_int_equal(phase_of(&w, B, L), GW_TENTATIVE);
	assert_int_equal(phase_of(&w, B, M), GW_WAITING);
	play(&w, { 80000, A, WAKE, M }, { 80500, B, WOKEN, .by = A },
	     { 81000, A, WOKE, .ret = 1 }, { 82000, B, RUN },
	     { 83000, B, RET, .ret = 0 });
	assert_int_equal(phase_of(&w, B, L), GW_TENTATIVE);
	assert_int_equal(phase_of(&w, B, M), GW_TENTATIVE);
	play(&w, { 84000, B, SLEEP });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = B_WAITED_NS);
	check_waits(&w, M, .waits = 1, .acquired = 1, .ns = 20000);
	check_handoffs(&w, L, .n = 1, .cross = 1);
	check_handoffs(&w, M, .n = 1, .cross = 1);
}

/* The wait for the mutex does not make the condition's wakeup a success. */
static void mutex_in_between_then_wait_again(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, WAIT, M }, { 64000, B, SLEEP },
	     { 80000, B, WOKEN }, { 81000, B, RUN },
	     { 82000, B, RET, .ret = 0 }, { 83000, B, WAKE, M },
	     { 84000, B, WOKE, .ret = 0 }, { 85000, B, WAIT, L });
	check_waits(&w, L, .waits = 1, .stolen = 1);
	check_waits(&w, M, .waits = 1, .acquired = 1, .ns = 19000);
}

static void third_lock_ends_the_older_episode(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	play(&w, B_WAITS, A_WAKES_B, { 63000, B, WAIT, M },
	     { 64000, B, RET, .ret = -EAGAIN_ }, { 65000, B, WAIT, N });
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = B_WAITED_NS);
	check_waits(&w, M, .waits = 1);
	check_waits(&w, N, .waits = 1);
	assert_int_equal(phase_of(&w, B, M), GW_TENTATIVE);
	assert_int_equal(phase_of(&w, B, N), GW_WAITING);
	play(&w, { 66000, B, RET, .ret = -EAGAIN_ }, { 67000, B, WAIT, L });
	check_waits(&w, L, .waits = 2, .acquired = 1, .ns = B_WAITED_NS);
	check_waits(&w, M, .waits = 1, .acquired = 1, .ns = 1000);
	assert_int_equal(phase_of(&w, B, N), GW_TENTATIVE);
}

/* FUTEX_LOCK_PI returns 0 only with the lock. */
static void pi_futex_is_definite(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	w.lock[L].kind = GW_KIND_PI;
	play(&w, B_WAITS, A_WAKES_B);
	check_waits(&w, L, .waits = 1, .acquired = 1, .ns = B_WAITED_NS);
	check_handoffs(&w, L, .n = 1, .cross = 1);
	assert_int_equal(phase_of(&w, B, L), GW_IDLE);

	/* Any other result is not. */
	world_begin(&w);
	w.lock[L].kind = GW_KIND_PI;
	play(&w, B_WAITS, B_RETURNS(-ETIMEDOUT_));
	check_waits(&w, L, .waits = 1);
	assert_int_equal(phase_of(&w, B, L), GW_TENTATIVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_idle_to_waiting),
		cmocka_unit_test(return_alone_decides_nothing),
		cmocka_unit_test(proofs_of_possession),
		cmocka_unit_test(commit_is_dated_back_to_the_return),
		cmocka_unit_test(failed_wakeups_by_cause),
		cmocka_unit_test(one_episode_with_many_wakeups),
		cmocka_unit_test(wait_again_at_the_limit),
		cmocka_unit_test(sleep_in_between_is_no_failure),
		cmocka_unit_test(proof_then_wait_is_a_new_episode),
		cmocka_unit_test(after_a_signal),
		cmocka_unit_test(two_episodes_at_once),
		cmocka_unit_test(mutex_in_between_then_wait_again),
		cmocka_unit_test(third_lock_ends_the_older_episode),
		cmocka_unit_test(pi_futex_is_definite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
