// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Verdicts as a whole: their order and number, what is said when nothing is
 * wrong, and texts from figures and names of any kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "judge.h"

/* ---- nothing wrong --------------------------------------------------------
 */

static void nothing_at_all(void **state)
{
	struct judge j;

	(void)state;
	judge_begin(&j);
	judge_run(&j);
	judge_check(&j, VERDICT_FINE, "nothing wrong with its locks",
		    "its threads waited 0ns for locks; 0 threads");
	assert_int_equal(j.v[0].cost_ns, 0);
}

static void calm_locks(void **state)
{
	struct judge j;

	(void)state;
	judge_begin(&j);
	judge_lock(&j, 0x1000, GW_KIND_GIL)->wait_ns = JUDGE_MS;
	judge_lock(&j, 0x2000, GW_KIND_MUTEX)->wait_ns = JUDGE_MS / 2;
	judge_thread(&j, "calm")->still_ns = 1;
	j.p.wait_ns = 3 * JUDGE_MS / 2;
	judge_run(&j);
	judge_check(&j, VERDICT_FINE, "nothing wrong with its locks",
		    "its threads waited 1.50ms for locks; 1 thread");
}

static void every_verdict_has_its_name(void **state)
{
	(void)state;
	for (int i = 0; i < VERDICT_KINDS; i++) {
		assert_non_null(verdict_name((enum verdict_kind)i));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(
				verdict_name((enum verdict_kind)i),
				verdict_name((enum verdict_kind)k));
	}
}

/* ---- CPUs full ------------------------------------------------------------
 */

/* A thread that could have run for this time; the lock that it slept on. */
static struct model_lock *starves(struct judge *j, uint64_t runnable,
				  uint64_t running)
{
	struct model_thread *t;
	struct model_lock *l;

	judge_begin(j);
	l = judge_lock(j, 0x1000, GW_KIND_MUTEX);
	for (int i = 0; i < 2; i++) {
		t = judge_thread(j, "starves");
		t->run = GW_RUNNABLE;
		t->time_ns[GW_RUNNABLE] = runnable / 2;
		t->time_ns[GW_RUNNING] = running / 2;
	}
	return l;
}

static bool full_said(uint64_t runnable, uint64_t running)
{
	struct judge j;

	starves(&j, runnable, running);
	return judge_says(&j, VERDICT_CPUS_FULL);
}

static void cpus_full_from_a_share_of_wanting_to_run(void **state)
{
	uint64_t whole = 2 * JUDGE_WINDOW;
	uint64_t least = whole / 100 * VERDICT_RUNNABLE_MIN;

	(void)state;
	assert_true(full_said(least, whole - least));
	assert_false(full_said(least - 2, whole - least + 2));
}

static void cpus_full_from_a_share_of_the_time(void **state)
{
	uint64_t least = JUDGE_WINDOW / 100 * VERDICT_RUNNABLE_MIN;

	(void)state;
	assert_true(full_said(least, 0));
	assert_false(full_said(least - 2, 0));
}

static void cpus_full_where_locks_cost_less(void **state)
{
	struct model_lock *l;
	struct judge j;

	(void)state;
	l = starves(&j, 8 * JUDGE_S, 12 * JUDGE_S);
	l->blocked_ns = 8 * JUDGE_S;
	assert_false(judge_says(&j, VERDICT_CPUS_FULL));
	l->blocked_ns = 8 * JUDGE_S - 1;
	assert_true(judge_says(&j, VERDICT_CPUS_FULL));
	l->blocked_ns = 2 * JUDGE_S;
	judge_run(&j);
	judge_check(&j, VERDICT_CPUS_FULL,
		    "wait for a CPU, the locks are not at fault",
		    "40% of the time in which they could run they had no CPU; "
		    "asleep on locks they were 2.00s");
	assert_int_equal(judge_said(&j, VERDICT_CPUS_FULL)->cost_ns,
			 8 * JUDGE_S);
	/* A pool that waits for work is no lock's fault. */
	l->blocked_ns = 80 * JUDGE_S;
	l->kind = GW_KIND_COND;
	judge_run(&j);
	judge_check(&j, VERDICT_CPUS_FULL, "CPU",
		    "asleep on locks they were 0ns");
}

/* ---- all at once ----------------------------------------------------------
 */

/* A lock of which everything is said. */
static void worst_lock(struct judge *j, uint64_t id, enum gw_kind kind,
		       uint64_t wait_ns)
{
	struct model_lock *l = judge_lock(j, id, kind);

	l->wait_ns = wait_ns;
	l->runnable_ns = wait_ns / 3;
	l->waits = l->acquired = l->failed[GW_STOLEN] = 100000;
	l->handoffs = l->cross = 100000;
	l->switch_interval_ns = 5 * JUDGE_MS;
	for (unsigned int i = 0; i < GW_METRICS; i++)
		l->dist[i] = (struct model_dist){ 1000, 5 * JUDGE_MS, JUDGE_S,
						  2 * JUDGE_S };
}

/* As many verdicts as there can be, more than are shown. */
static void everything(struct judge *j, bool gil)
{
	struct model_thread *t;

	judge_begin(j);
	for (uint64_t i = 0; i < 8; i++)
		worst_lock(j, 0x1000 + i, GW_KIND_MUTEX,
			   (20 - i) * JUDGE_WINDOW);
	if (gil)
		j->lock[j->p.lock + 4].kind = GW_KIND_GIL;
	for (int i = 0; i < 3; i++)
		judge_computes(j)->time_ns[GW_RUNNABLE] = 900 * JUDGE_S;
	j->p.running_ns = JUDGE_WINDOW;
	t = judge_thread(j, "server");
	t->class = MODEL_IO_BOUND;
	t->response = (struct model_dist){ 5000, JUDGE_MS, JUDGE_S, JUDGE_S };
}

static void at_most_five_worst_first(void **state)
{
	struct judge j;

	(void)state;
	for (int gil = 0; gil < 2; gil++) {
		everything(&j, gil);
		judge_run(&j);
		assert_int_equal(j.n, VERDICTS_MAX);
		assert_int_equal(j.v[0].kind, VERDICT_CPUS_FULL);
		assert_int_equal(j.v[0].cost_ns, 2700 * JUDGE_S);
		assert_int_equal(j.v[1].kind, VERDICT_OTHER_LOCK);
		assert_non_null(strstr(j.v[1].what, "lock 0x1000 "));
	}
}

static void a_deadlock_comes_before_all_else(void **state)
{
	struct judge j;

	(void)state;
	everything(&j, true);
	judge_waits(judge_thread(&j, "stuck"), &j.lock[j.p.lock], 104);
	judge_run(&j);
	assert_int_equal(j.n, VERDICTS_MAX);
	assert_int_equal(j.v[0].kind, VERDICT_DEADLOCK);
	/* And of its lock nothing else is said. */
	for (size_t i = 1; i < j.n; i++)
		assert_null(strstr(j.v[i].what, "lock 0x1000 "));
}

/* ---- figures and names of any kind ---------------------------------------
 */

static void no_window_no_rates(void **state)
{
	struct judge j;

	(void)state;
	everything(&j, true);
	j.m.window_ns = 0;
	judge_run(&j);
	assert_int_equal(j.v[0].kind, VERDICT_FINE);
	judge_waits(judge_thread(&j, "stuck"), &j.lock[j.p.lock], 104);
	judge_run(&j);
	assert_int_equal(j.n, 1);
	assert_int_equal(j.v[0].kind, VERDICT_DEADLOCK);
}

static void set_dist(struct model_dist *d, uint64_t value)
{
	*d = (struct model_dist){ value, value, value, value };
}

static void set_lock(struct model_lock *l, uint64_t value)
{
	l->switch_interval_ns = l->waits = l->acquired = value;
	l->handoffs = l->inferred = l->cross = value;
	l->wait_ns = l->blocked_ns = l->runnable_ns = value;
	l->busy_ns = l->hold_ns = value;
	l->open_waits = l->open_wait_ns = l->untouched_ns = value;
	for (unsigned int i = 0; i < GW_RESULTS; i++)
		l->failed[i] = value;
	for (unsigned int i = 0; i < GW_METRICS; i++)
		set_dist(&l->dist[i], value);
}

static void set_thread(struct model_thread *t, uint64_t value)
{
	t->wall_ns = t->gil_wait_ns = t->still_ns = value;
	t->sleeps = t->waits = t->wakeups = t->preempted = value;
	for (unsigned int i = 0; i < GW_RUN_STATES; i++)
		t->time_ns[i] = value;
	set_dist(&t->response, value);
	set_dist(&t->wakeup, value);
}

/* Largest numbers, and MODEL_UNKNOWN, in every field. */
static void figures_of_any_size(void **state)
{
	static const uint64_t values[] = { MODEL_UNKNOWN, MODEL_UNKNOWN - 1,
					   1ull << 63, 1ull << 57, 1 };
	struct judge j;

	(void)state;
	for (size_t v = 0; v < 2 * sizeof(values) / sizeof(*values); v++) {
		everything(&j, v & 1);
		j.p.running_ns = j.p.wait_ns = values[v / 2];
		for (size_t i = 0; i < j.p.locks; i++)
			set_lock(&j.lock[j.p.lock + i], values[v / 2]);
		for (size_t i = 0; i < j.p.threads; i++)
			set_thread(&j.thread[j.p.thread + i], values[v / 2]);
		judge_run(&j);
		j.m.window_ns = values[v / 2];
		judge_run(&j);
	}
}

/* An I/O thread by this name that is held up. */
static const char *convoy_of(struct judge *j, const char *name)
{
	struct model_thread *t;

	judge_begin(j);
	t = judge_thread(j, name);
	t->class = MODEL_IO_BOUND;
	t->response = (struct model_dist){ 5000, JUDGE_MS, JUDGE_S, JUDGE_S };
	judge_run(j);
	assert_non_null(judge_said(j, VERDICT_CONVOY));
	return judge_said(j, VERDICT_CONVOY)->what;
}

static void names_are_made_harmless(void **state)
{
	struct judge j;

	(void)state;
	assert_non_null(strstr(convoy_of(&j, "\x1b[31m\r\n"),
			       "thread \\x1b[31m\\x0d\\x0a (100)"));
	assert_non_null(strstr(convoy_of(&j, "a\\x1b\xff\xc2"),
			       "thread a\\\\x1b\\xff\\xc2 (100)"));
	assert_non_null(strstr(convoy_of(&j, "%s%n%d"), "thread %s%n%d (100)"));
	/* 16 bytes without an end. */
	assert_non_null(strstr(convoy_of(&j, "0123456789abcdef"),
			       "thread 0123456789abcdef (100)"));
	assert_non_null(
		strstr(convoy_of(&j, "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\2"),
		       "\\x01\\x02 (100)"));
	assert_non_null(strstr(convoy_of(&j, ""), "thread ? (100)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_at_all),
		cmocka_unit_test(calm_locks),
		cmocka_unit_test(every_verdict_has_its_name),
		cmocka_unit_test(cpus_full_from_a_share_of_wanting_to_run),
		cmocka_unit_test(cpus_full_from_a_share_of_the_time),
		cmocka_unit_test(cpus_full_where_locks_cost_less),
		cmocka_unit_test(at_most_five_worst_first),
		cmocka_unit_test(a_deadlock_comes_before_all_else),
		cmocka_unit_test(no_window_no_rates),
		cmocka_unit_test(figures_of_any_size),
		cmocka_unit_test(names_are_made_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
