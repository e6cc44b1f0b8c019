// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Deadlocks: cycles among known holders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

/*
 * n threads and n locks: thread `first + i` waits for a lock that the next one
 * has, the last one for one of the first. Threads before that only sleep.
 */
static void ring(struct judge *j, size_t first, size_t n, const char *name)
{
	pid_t next;

	judge_begin(j);
	for (size_t i = 0; i < first + n; i++)
		judge_thread(j, name);
	for (size_t i = 0; i < n; i++) {
		next = JUDGE_TID + (pid_t)(first + (i + 1) % n);
		judge_waits(
			thread_at(j, first + i),
			judge_lock(j, 0x7f0000000010 + 16 * i, GW_KIND_MUTEX),
			next);
	}
}

/* ---- cycles ---------------------------------------------------------------
 */

static void check_cycle(size_t first, size_t n)
{
	struct stuck_link c[STUCK_CYCLE_MAX];
	struct judge j;

	ring(&j, first, n, "t");
	assert_int_equal(stuck_cycle(&j.m, &j.p, c), n);
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(c[i].thread, thread_at(&j, first + i));
		assert_ptr_equal(c[i].lock, lock_at(&j, i));
	}
	judge_run(&j);
	assert_int_equal(j.n, 1);
	assert_non_null(judge_said(&j, VERDICT_DEADLOCK));
}

static void cycles_of_all_lengths(void **state)
{
	(void)state;
	for (size_t n = 1; n <= STUCK_CYCLE_MAX; n++)
		for (size_t first = 0; first < 3; first++)
			check_cycle(first, n);
}

/* One that is longer than what is followed is at least not kept quiet. */
static void a_cycle_too_long_to_follow(void **state)
{
	struct stuck_link c[STUCK_CYCLE_MAX];
	struct judge j;

	(void)state;
	ring(&j, 0, STUCK_CYCLE_MAX + 1, "t");
	assert_int_equal(stuck_cycle(&j.m, &j.p, c), 0);
	assert_true(judge_says(&j, VERDICT_STUCK));
}

static void a_cycle_that_others_wait_for(void **state)
{
	struct stuck_link c[STUCK_CYCLE_MAX];
	struct judge j;

	(void)state;
	ring(&j, 2, 2, "t");
	/* 100 waits for 101, which waits for the cycle of 102 and 103. */
	judge_waits(thread_at(&j, 0), judge_lock(&j, 1, GW_KIND_MUTEX), 101);
	judge_waits(thread_at(&j, 1), lock_at(&j, 0), 103);
	assert_int_equal(stuck_cycle(&j.m, &j.p, c), 2);
	assert_int_equal(c[0].thread->tid, 102);
	assert_int_equal(c[1].thread->tid, 103);
}

/* Whatever the other threads do, these two will not go on. */
static void a_cycle_while_others_run(void **state)
{
	struct judge j;

	(void)state;
	ring(&j, 0, 2, "t");
	judge_computes(&j);
	assert_true(judge_says(&j, VERDICT_DEADLOCK));
	assert_null(judge_said(&j, VERDICT_STUCK));
}

static void a_deadlock_names_all(void **state)
{
	struct judge j;

	(void)state;
	ring(&j, 0, 3, "t");
	thread_at(&j, 1)->still_ns = 3 * JUDGE_S;
	judge_run(&j);
	assert_string_equal(
		j.v[0].what,
		"deadlock: 3 threads wait for each other, for 2.50s");
	assert_string_equal(
		j.v[0].evidence,
		"t (100) waits for 0x7f0000000010, held by t (101), which "
		"waits for 0x7f0000000020, held by t (102), which waits for "
		"0x7f0000000030, held by t (100)");
	assert_non_null(strstr(j.v[0].remedy, "one order"));
}

static void a_thread_that_waits_for_itself(void **state)
{
	struct judge j;

	(void)state;
	ring(&j, 1, 1, "again");
	judge_waits(thread_at(&j, 0), lock_at(&j, 0), 101);
	judge_run(&j);
	assert_int_equal(j.n, 1);
	judge_check(&j, VERDICT_DEADLOCK,
		    "deadlock: thread again (101) waits for a lock that it has "
		    "itself, for 2.50s",
		    "0x7f0000000010, and the mutex there says that again (101) "
		    "has it");
	assert_non_null(strstr(j.v[0].remedy, "recursive"));
}

/* ---- texts ----------------------------------------------------------------
 */

static void long_names_all_fit(void **state)
{
	char part[32];
	struct judge j;

	(void)state;
	ring(&j, 0, STUCK_CYCLE_MAX, "worker-thread-1");
	for (size_t i = 0; i < STUCK_CYCLE_MAX; i++) {
		thread_at(&j, i)->tid += 4000000;
		lock_at(&j, i)->owner += 4000000;
	}
	judge_run(&j);
	assert_null(strstr(j.v[0].evidence, "and so on"));
	for (size_t i = 0; i < STUCK_CYCLE_MAX; i++) {
		snprintf(part, sizeof(part), "(%zu)", 4000000 + JUDGE_TID + i);
		assert_non_null(strstr(j.v[0].evidence, part));
	}
}

/* What does not fit is left out by whole links, and it is said. */
static void hostile_names_are_cut_between_links(void **state)
{
	static const char end[] = "), and so on";
	const char *text;
	struct judge j;

	(void)state;
	ring(&j, 0, STUCK_CYCLE_MAX,
	     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	     "\xff");
	judge_run(&j);
	text = j.v[0].evidence;
	assert_non_null(strstr(text, "held by \\xff\\xff"));
	assert_true(strlen(text) > VERDICT_TEXT / 2);
	assert_string_equal(text + strlen(text) - strlen(end), end);
}

/* ---- no cycle -------------------------------------------------------------
 */

static void check_broken(struct judge *j)
{
	struct stuck_link c[STUCK_CYCLE_MAX];

	assert_int_equal(stuck_cycle(&j->m, &j->p, c), 0);
	assert_false(judge_says(j, VERDICT_DEADLOCK));
}

static void an_owner_that_is_not_known(void **state)
{
	struct judge j;

	(void)state;
	ring(&j, 0, 3, "t");
	lock_at(&j, 1)->owner = 0;
	check_broken(&j);
}

static void an_owner_that_has_ended(void **state)
{
	struct judge j;

	(void)state;
	ring(&j, 0, 3, "t");
	thread_at(&j, 1)->ended = true;
	thread_at(&j, 1)->waits_for = GW_NO_LOCK;
	check_broken(&j);
}

/* A number that was used again: only the thread that lives counts. */
static void an_owner_with_a_number_used_before(void **state)
{
	struct stuck_link c[STUCK_CYCLE_MAX];
	struct model_thread *old;
	struct judge j;

	(void)state;
	ring(&j, 1, 2, "t");
	old = thread_at(&j, 0);
	old->tid = 102;
	old->ended = true;
	assert_int_equal(stuck_cycle(&j.m, &j.p, c), 2);
	assert_ptr_equal(c[1].thread, thread_at(&j, 2));
}

/* The other process's deadlock is not this one's. */
static void an_owner_outside_the_process(void **state)
{
	struct judge j;

	(void)state;
	ring(&j, 0, 2, "t");
	lock_at(&j, 1)->owner = JUDGE_STRANGER;
	check_broken(&j);
	lock_at(&j, 1)->owner = 4711;
	check_broken(&j);
}

static void an_owner_that_does_not_wait(void **state)
{
	static const enum gw_run runs[] = { GW_RUNNING, GW_RUNNABLE,
					    GW_SLEEPING };
	struct judge j;

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		ring(&j, 0, 3, "t");
		thread_at(&j, 2)->run = runs[i];
		check_broken(&j);
	}
	ring(&j, 0, 3, "t");
	thread_at(&j, 2)->waits_for = GW_NO_LOCK;
	check_broken(&j);
	/* A lock without a row. */
	thread_at(&j, 2)->waits_for = 4711;
	check_broken(&j);
}

static void a_cycle_from_a_time_on(void **state)
{
	struct judge j;

	(void)state;
	ring(&j, 0, 2, "t");
	thread_at(&j, 0)->still_ns = STUCK_NS;
	assert_true(judge_says(&j, VERDICT_DEADLOCK));
	thread_at(&j, 0)->still_ns = STUCK_NS - 1;
	check_broken(&j);
	j.m.stuck_ns = STUCK_NS - 1;
	assert_true(judge_says(&j, VERDICT_DEADLOCK));
}

/* Waits for the end of a thread that waits for a lock that the first one has.
 */
static void a_cycle_through_a_join(void **state)
{
	struct judge j;

	(void)state;
	ring(&j, 0, 2, "t");
	lock_at(&j, 0)->kind = GW_KIND_JOIN;
	judge_run(&j);
	judge_check(&j, VERDICT_DEADLOCK, "2 threads wait for each other",
		    "waits for the end (0x");
	judge_check(&j, VERDICT_DEADLOCK, "2 threads", ", held by ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cycles_of_all_lengths),
		cmocka_unit_test(a_cycle_too_long_to_follow),
		cmocka_unit_test(a_cycle_that_others_wait_for),
		cmocka_unit_test(a_cycle_while_others_run),
		cmocka_unit_test(a_deadlock_names_all),
		cmocka_unit_test(a_thread_that_waits_for_itself),
		cmocka_unit_test(long_names_all_fit),
		cmocka_unit_test(hostile_names_are_cut_between_links),
		cmocka_unit_test(an_owner_that_is_not_known),
		cmocka_unit_test(an_owner_that_has_ended),
		cmocka_unit_test(an_owner_with_a_number_used_before),
		cmocka_unit_test(an_owner_outside_the_process),
		cmocka_unit_test(an_owner_that_does_not_wait),
		cmocka_unit_test(a_cycle_from_a_time_on),
		cmocka_unit_test(a_cycle_through_a_join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
