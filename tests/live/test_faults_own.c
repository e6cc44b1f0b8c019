// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What can happen to gilwatch itself: its output is slow, the time jumps. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "csvtable.h"
#include "faulted.h"
#include "figure.h"

/* ---- output that is slow --------------------------------------------------
 */

static int out_to(void *ctx)
{
	return dup2(*(int *)ctx, STDOUT_FILENO) < 0;
}

static void a_slow_reader(void **state)
{
	struct target t;
	char text[4096];
	int slow[2];

	(void)state;
	live_require();
	target_begin(&t);
	live_signal(t.watch, SIGINT);
	assert_int_equal(live_wait(t.watch), 0);
	live_done(t.watch);
	assert_int_equal(pipe2(slow, O_CLOEXEC), 0);
	assert_true(fcntl(slow[1], F_SETPIPE_SZ, 4096) >= 0);
	t.csv = live_path(live_folder(), "slow");
	t.watch = live_start(
		(const char *[]){ live_gilwatch(), "--plain", "-i", "0.1",
				  "--csv", t.csv, "-p",
				  live_number((uint64_t)t.live->pid), NULL },
		out_to, &slow[1]);
	close(slow[1]);
	live_await_err(t.watch, "watching");
	/* It blocks on its output meanwhile. */
	for (int i = 0; i < 20; i++) {
		target_step(&t, 't');
		live_sleep(0.05);
	}
	close(t.order[1]);
	close(t.answer[0]);
	assert_int_equal(live_wait(t.live), 0);
	while (read(slow[0], text, sizeof(text)) > 0)
		;
	close(slow[0]);
	assert_int_equal(live_wait(t.watch), 0);
	target_check(&t, "output that nobody reads for a second");
}

/* ---- libraries that are loaded before the C library ------------------------
 */

static int with_library(void *ctx)
{
	return setenv("LD_PRELOAD", ctx, 1);
}

/* Ends the watching that has begun, and begins one with this library. */
static void watch_with(struct target *t, const char *library,
		       const char *interval)
{
	const char *handoff = live_workload("load");
	char preload[512];

	snprintf(preload, sizeof(preload), "%.*s/../tests/live/%s",
		 (int)(strrchr(handoff, '/') - handoff), handoff, library);
	live_signal(t->watch, SIGINT);
	assert_int_equal(live_wait(t->watch), 0);
	t->csv = live_path(live_folder(), "out");
	t->watch = live_start(
		(const char *[]){ live_gilwatch(), "-q", "-i", interval,
				  "--csv", t->csv, "-p",
				  live_number((uint64_t)t->live->pid), NULL },
		with_library, preload);
	live_await_err(t->watch, "watching");
}

/* Each write takes 100 ms, so that an interval's tables take several of the
 * intervals that were asked for. */
static void a_slow_disk(void **state)
{
	struct csvtable locks;
	struct target t;

	(void)state;
	live_require();
	target_begin(&t);
	watch_with(&t, "slow_disk.so", "0.1");
	for (int i = 0; i < 20; i++) {
		target_step(&t, i % 2 ? '.' : 't');
		live_sleep(0.1);
	}
	target_end(&t, "a disk that takes 100 ms for each write");
	csv_read(&locks, t.csv, "locks");
	/* 2 s in intervals of 0.1 s, of which each takes longer. */
	assert_in_range(csv_count(&locks, "scope", "interval", "kind", "futex",
				  NULL),
			1, 12);
	csv_done(&locks);
}

/* Where the clocks of the machine may not be set, those of gilwatch jump. */
static void the_time_of_day_jumps(void **state)
{
	static const char *const times[] = { "running_ns", "runnable_ns",
					     "lock_wait_ns", "sleeping_ns" };
	struct csvtable threads;
	struct target t;
	uint64_t ns = 0;

	(void)state;
	live_require();
	target_begin(&t);
	watch_with(&t, "jumping_clock.so", "0.5");
	for (int i = 0; i < 18; i++) {
		target_step(&t, '.');
		live_sleep(0.2);
	}
	target_end(&t, "the time of day jumps forth and back");
	csv_read(&threads, t.csv, "threads");
	for (int i = 0; i < 4; i++)
		ns += csv_sum(&threads, times[i], "scope", "total", NULL);
	csv_done(&threads);
	figure("its only thread's times add up to %.2f s", (double)ns / 1e9);
	/* The steps alone take 3.6 s; an hour would be 3600. */
	assert_in_range(ns, 3600000000ull, 60000000000ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_slow_reader),
		LIVE_TEST(a_slow_disk),
		LIVE_TEST(the_time_of_day_jumps),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("faults of its own", tests, NULL,
					   NULL);
}
