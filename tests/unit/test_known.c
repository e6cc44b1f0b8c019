// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is told of single locks: a GIL's account, and who has a mutex. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "judge.h"
#include "section.h"
#include "shots.h"

static void check(struct judge *j, const char *want)
{
	struct buf out = { 0 };

	section_known(&out, &j->m, &j->p, 0);
	buf_add(&out, "", 1);
	assert_int_equal(buf_error(&out), 0);
	assert_string_equal(out.data, want);
	buf_free(&out);
}

static void the_account_of_a_gil(void **state)
{
	struct model_lock *l;
	struct judge j;

	(void)state;
	judge_begin(&j);
	l = judge_lock(&j, 0x1000, GW_KIND_GIL);
	l->name = "CPython 3.11 GIL";
	l->switch_interval_ns = 5 * JUDGE_MS;
	l->window_ns = JUDGE_WINDOW;
	l->busy_ns = JUDGE_WINDOW / 2;
	l->open_waits = 1;
	l->waiters_max = 3;
	l->blocked_ns = 3 * JUDGE_S;
	l->runnable_ns = JUDGE_S;
	l->inner_ns = 7 * JUDGE_MS;
	l->switch_ns = 250000;
	check(&j, "CPython 3.11 GIL 0x1000\n"
		  "    switch interval 5.00ms; somebody waits 50% of the time; "
		  "waiters 1 now, 3 at most; of the waits 75% asleep, 25% "
		  "without a CPU; beside them 7.00ms for its inner mutex, "
		  "250us for forced switching\n");
}

static void a_gil_of_which_little_is_known(void **state)
{
	struct judge j;

	(void)state;
	judge_begin(&j);
	judge_lock(&j, 0x1000, GW_KIND_GIL)->window_ns = JUDGE_WINDOW;
	check(&j, "GIL 0x1000\n"
		  "    switch interval not known; somebody waits 0% of the "
		  "time; waiters 0 now, 0 at most; of the waits - asleep, - "
		  "without a CPU; beside them 0ns for its inner mutex, 0ns "
		  "for forced switching\n");
}

static void who_has_a_mutex(void **state)
{
	struct model_lock *l, *join;
	struct judge j;

	(void)state;
	judge_begin(&j);
	l = judge_lock(&j, 0x1000, GW_KIND_MUTEX);
	join = judge_lock(&j, 0x2000, GW_KIND_JOIN);
	judge_lock(&j, 0x3000, GW_KIND_MUTEX);
	judge_thread(&j, "worker\n");
	judge_waits(judge_thread(&j, "other"), l, JUDGE_TID);
	judge_waits(judge_thread(&j, "third"), join, JUDGE_TID);
	check(&j, "0x1000 (mutex): held by worker\\x0a (100), 1 waits for it "
		  "now\n"
		  "0x2000 (join): ends with worker\\x0a (100), 1 waits for it "
		  "now\n");
	/* A thread that is not among those that are watched. */
	l->owner = 4711;
	l->open_waits = 2;
	join->owner = 0;
	check(&j, "0x1000 (mutex): held by ? (4711), 2 wait for it now\n");
}

/* What is said of a process whose GIL was found late, and of later windows. */
static void a_note_that_is_of_the_first_windows(void **state)
{
	struct shot_pair p;
	struct model total;

	(void)state;
	shot_pair_begin(&p);
	p.now.images[0].note = "late";
	p.now.images[0].later_ns = p.before.now_ns + 1;
	p.now.images[0].later_note = "later";
	shot_pair_close(&p);
	assert_string_equal(p.m.processes[0].note, "late");
	model_free(&p.m);
	p.now.images[0].later_ns = p.before.now_ns;
	assert_int_equal(model_new(&p.m, &p.before, &p.now, true), 0);
	assert_string_equal(p.m.processes[0].note, "later");
	assert_int_equal(model_new(&total, NULL, &p.now, true), 0);
	assert_string_equal(total.processes[0].note, "late");
	model_free(&total);
	shot_pair_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_account_of_a_gil),
		cmocka_unit_test(a_gil_of_which_little_is_known),
		cmocka_unit_test(who_has_a_mutex),
		cmocka_unit_test(a_note_that_is_of_the_first_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
