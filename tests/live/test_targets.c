// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is watched: everything that contends, by number, by name. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>

#include "csvtable.h"
#include "live.h"

static struct live *passing(void)
{
	return live_start((const char *[]){ live_workload("handoff"),
					    "--hold-us", "500", "--sleep",
					    "--duration", "60", NULL },
			  NULL, NULL);
}

static struct live *sleeper(void)
{
	return live_start((const char *[]){ "sleep", "1000", NULL }, NULL,
			  NULL);
}

static size_t threads_of(const struct csvtable *t, const struct live *l)
{
	return csv_count(t, "scope", "total", "pid",
			 live_number((uint64_t)l->pid), NULL);
}

/* handoff has a main thread and two that pass the lock. */
#define HANDOFF_THREADS 3

/* Ends gilwatch and reads a table that it wrote. */
static void finish(struct live *w, const char *csv, const char *name,
		   struct csvtable *t)
{
	live_signal(w, SIGINT);
	assert_int_equal(live_wait(w), 0);
	csv_read(t, csv, name);
}

static void everything_that_contends(void **state)
{
	const char *csv = live_path(live_folder(), "csv");
	struct live *before, *after, *calm, *w;
	struct csvtable t;

	(void)state;
	live_require();
	before = passing();
	calm = sleeper();
	live_sleep(0.2);
	w = live_watch((const char *[]){ "--csv", csv, NULL });
	after = passing();
	live_sleep(1);
	finish(w, csv, "locks", &t);
	assert_true(threads_of(&t, before) >= 1);
	assert_true(threads_of(&t, after) >= 1);
	assert_int_equal(threads_of(&t, calm), 0);
	/* Its own threads and locks are nobody's concern. */
	assert_int_equal(threads_of(&t, w), 0);
	assert_non_null(live_out(w));
	csv_done(&t);
	csv_read(&t, csv, "threads");
	assert_int_equal(threads_of(&t, calm), 0);
	assert_true(threads_of(&t, after) >= 2);
	csv_done(&t);
}

static void several_by_number(void **state)
{
	const char *csv = live_path(live_folder(), "csv");
	struct live *one, *two, *other, *w;
	struct csvtable t;
	char pids[64];

	(void)state;
	live_require();
	one = passing();
	two = sleeper();
	other = passing();
	live_sleep(0.2);
	snprintf(pids, sizeof(pids), "%d,%d", (int)one->pid, (int)two->pid);
	w = live_watch((const char *[]){ "--csv", csv, "-p", pids, NULL });
	live_sleep(0.5);
	finish(w, csv, "threads", &t);
	assert_int_equal(threads_of(&t, one), HANDOFF_THREADS);
	assert_int_equal(threads_of(&t, two), 1);
	assert_int_equal(threads_of(&t, other), 0);
	csv_done(&t);
}

/* Of processes that are there, and of those that come. */
static void check_name(const char *glob)
{
	const char *csv = live_path(live_folder(), "csv");
	struct live *before, *after, *other, *w;
	struct csvtable t;

	before = passing();
	other = sleeper();
	live_sleep(0.2);
	w = live_watch((const char *[]){ "--csv", csv, "-c", glob, NULL });
	after = passing();
	live_sleep(1);
	finish(w, csv, "threads", &t);
	if (threads_of(&t, before) != HANDOFF_THREADS ||
	    threads_of(&t, after) != HANDOFF_THREADS || threads_of(&t, other))
		fail_msg("-c %s: %zu threads of the one that was there, %zu of "
			 "the one that came, %zu of another",
			 glob, threads_of(&t, before), threads_of(&t, after),
			 threads_of(&t, other));
	csv_done(&t);
	live_teardown(NULL);
}

static void by_name(void **state)
{
	(void)state;
	live_require();
	check_name("handoff");
	check_name("hand*f");
	/* A thread's name. */
	check_name("pass-[12]");
}

/* A name that nobody has yet is waited for; the rest is not watched. */
static void a_name_that_nobody_has(void **state)
{
	const char *csv = live_path(live_folder(), "csv");
	struct csvtable t;
	struct live *w;

	(void)state;
	live_require();
	passing();
	w = live_watch(
		(const char *[]){ "--csv", csv, "-c", "no-such-name", NULL });
	live_sleep(0.5);
	finish(w, csv, "threads", &t);
	assert_int_equal(t.rows, 0);
	csv_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(everything_that_contends),
		LIVE_TEST(several_by_number),
		LIVE_TEST(by_name),
		LIVE_TEST(a_name_that_nobody_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
