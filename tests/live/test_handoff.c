// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Threads that pass a lock round and count it themselves, watched from their
 * first moment: the figures have to be theirs.
 */
#include <stdio.h>

#include "compare.h"
#include "csvtable.h"
#include "live.h"
#include "truth.h"

struct config {
	const char *name;
	const char *hold_us;
	const char *args[10]; /* of the workload, besides --json */
};

/*
 * Holds are long against what a wakeup takes, so that a thread that is held up
 * for a moment does not change who waits for whom. Those of a condition
 * variable are longer: the workload's wait ends when it has the mutex again,
 * gilwatch's when the condition variable lets it go.
 */
#define MARGIN 0.01
#define MARGIN_SCHED 0.03
#define HOLD_US "500"
#define HOLD_COND_US "1000"

/* clang-format off */
#define KIND(k, us)                                                       \
	{ k " 2 free", us, { "--lock", k, "--threads", "2" } },            \
	{ k " 2 pinned", us, { "--lock", k, "--threads", "2", "--pin" } }, \
	{ k " 8 free", us, { "--lock", k, "--threads", "8" } },            \
	{ k " 8 pinned", us, { "--lock", k, "--threads", "8", "--pin" } }
/* clang-format on */

static const struct config passing[] = {
	KIND("futex", HOLD_US),
	KIND("mutex", HOLD_US),
	KIND("cond", HOLD_COND_US),
	KIND("sem", HOLD_US),
};

static const struct config stealing[] = {
	{ "futex 4 steal",
	  HOLD_US,
	  { "--lock", "futex", "--threads", "4", "--steal", "3" } },
	{ "futex 2 steal pinned",
	  HOLD_US,
	  { "--lock", "futex", "--threads", "2", "--steal", "2", "--pin" } },
	{ "cond 4 steal",
	  HOLD_COND_US,
	  { "--lock", "cond", "--threads", "4", "--steal", "3" } },
	{ "cond 2 steal timed",
	  HOLD_COND_US,
	  { "--lock", "cond", "--threads", "2", "--steal", "4", "--timed-ms",
	    "5" } },
};

/* Without the probes on system calls. */
static const struct config by_sched[] = {
	{ "futex 2 free, sched",
	  HOLD_US,
	  { "--lock", "futex", "--threads", "2" } },
	{ "mutex 8 pinned, sched",
	  HOLD_US,
	  { "--lock", "mutex", "--threads", "8", "--pin" } },
	{ "cond 8 free, sched",
	  HOLD_COND_US,
	  { "--lock", "cond", "--threads", "8" } },
	{ "sem 2 pinned, sched",
	  HOLD_US,
	  { "--lock", "sem", "--threads", "2", "--pin" } },
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* What one run left behind. */
struct result {
	struct truth truth;
	struct csvtable locks, threads, handoffs;
};

static void run(struct result *r, const struct config *config,
		const char *probes)
{
	const char *folder = live_folder();
	char csv[128], json[128];
	const char *argv[32] = { live_gilwatch(),
				 "-q",
				 "--probes",
				 probes,
				 "--csv",
				 csv,
				 "--",
				 live_workload("handoff"),
				 "--json",
				 json,
				 "--duration",
				 "1",
				 "--hold-us",
				 config->hold_us };
	size_t n = 14;
	struct live *l;

	snprintf(csv, sizeof(csv), "%s/csv", folder);
	snprintf(json, sizeof(json), "%s/truth.json", folder);
	for (size_t i = 0; config->args[i]; i++)
		argv[n++] = config->args[i];
	l = live_run(argv, NULL, NULL);
	if (l->status)
		fail_msg("exit status %d: %s", l->status, live_err(l));
	live_done(l);
	truth_read(&r->truth, json);
	csv_read(&r->locks, csv, "locks");
	csv_read(&r->threads, csv, "threads");
	csv_read(&r->handoffs, csv, "handoffs");
}

static void result_done(struct result *r)
{
	csv_done(&r->locks);
	csv_done(&r->threads);
	csv_done(&r->handoffs);
}

/* ---- comparisons --------------------------------------------------------- */

/* A lock that behaves as a GIL is found to be one after some time: it has two
 * rows then. */
static double of_lock(const struct result *r, const char *column)
{
	return (double)csv_sum(&r->locks, column, "scope", "total", "pid",
			       live_number((uint64_t)r->truth.pid), "lock",
			       live_hex(r->truth.lock[0].address), NULL);
}

static void check_lock(struct compare *c, const struct result *r, double margin)
{
	const struct truth_lock *want = &r->truth.lock[0];

	compare_true(c, want->contended > 100, "only %d waits",
		     (int)want->contended);
	compare_near(c, of_lock(r, "waits"), (double)want->contended, margin, 0,
		     "waits");
	compare_near(c, of_lock(r, "acquired"), (double)want->contended, margin,
		     0, "acquired");
	compare_near(c, of_lock(r, "handoffs"), (double)want->handoffs, margin,
		     0, "handoffs");
	compare_near(c, of_lock(r, "wait_ns_total"), (double)want->wait_ns,
		     0.03, 0, "wait time");
	compare_near(c, of_lock(r, "lost"), 0, 0, 0, "lost");
}

static void check_matrix(struct compare *c, const struct result *r)
{
	const struct truth *t = &r->truth;
	uint64_t got, want;

	for (size_t from = 0; from < t->threads; from++)
		for (size_t to = 0; to < t->threads; to++) {
			want = t->lock[0].matrix[from][to];
			got = csv_sum(
				&r->handoffs, "handoffs", "scope", "total",
				"lock", live_hex(t->lock[0].address),
				"from_tid",
				live_number((uint64_t)t->thread[from].tid),
				"to_tid",
				live_number((uint64_t)t->thread[to].tid), NULL);
			/* 1 % of all, where one pair has only a few. */
			compare_near(c, (double)got, (double)want, 0.01,
				     0.01 * (double)t->lock[0].handoffs,
				     "handoffs %zu -> %zu", from, to);
		}
}

static double shares(const struct csvtable *t, size_t row)
{
	return (double)(csv_u64(t, row, "running_ns") +
			csv_u64(t, row, "runnable_ns") +
			csv_u64(t, row, "lock_wait_ns") +
			csv_u64(t, row, "sleeping_ns"));
}

static void check_threads(struct compare *c, const struct result *r)
{
	const struct truth_thread *want;
	size_t row;

	for (size_t i = 0; i < r->truth.threads; i++) {
		want = &r->truth.thread[i];
		row = csv_one(&r->threads, "scope", "total", "tid",
			      live_number((uint64_t)want->tid), NULL);
		compare_near(c, shares(&r->threads, row), (double)want->wall_ns,
			     0.01, 0, "thread %zu's four shares", i);
		compare_near(c, (double)csv_u64(&r->threads, row, "running_ns"),
			     (double)want->cpu_ns, 0.08, 0,
			     "thread %zu's CPU time", i);
	}
}

static void check_passing(struct compare *c, const void *config)
{
	struct result r;

	run(&r, config, "futex");
	check_lock(c, &r, MARGIN);
	check_matrix(c, &r);
	check_threads(c, &r);
	result_done(&r);
}

static void check_by_sched(struct compare *c, const void *config)
{
	struct result r;

	run(&r, config, "sched");
	check_lock(c, &r, MARGIN_SCHED);
	check_threads(c, &r);
	result_done(&r);
}

static void check_stealing(struct compare *c, const void *config)
{
	struct result r;

	run(&r, config, "futex");
	check_lock(c, &r, MARGIN);
	compare_true(c, r.truth.lock[0].stolen > 50, "only %d stolen",
		     (int)r.truth.lock[0].stolen);
	compare_near(c, of_lock(&r, "stolen"), (double)r.truth.lock[0].stolen,
		     0.03, 3, "stolen");
	result_done(&r);
}

/* ---- tests --------------------------------------------------------------- */

static void passing_as_counted(void **state)
{
	live_require();
	compare_retry(check_passing, *state);
}

static void passing_by_sched(void **state)
{
	live_require();
	compare_retry(check_by_sched, *state);
}

static void stealing_as_counted(void **state)
{
	live_require();
	compare_retry(check_stealing, *state);
}

static void add(struct CMUnitTest *tests, const struct config *configs,
		size_t n, CMUnitTestFunction fn)
{
	for (size_t i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){
			.name = configs[i].name,
			.test_func = fn,
			.teardown_func = live_teardown,
			.initial_state = (void *)(uintptr_t)&configs[i],
		};
}

int main(void)
{
	struct CMUnitTest
		tests[COUNT(passing) + COUNT(by_sched) + COUNT(stealing)];

	add(tests, passing, COUNT(passing), passing_as_counted);
	add(tests + COUNT(passing), by_sched, COUNT(by_sched),
	    passing_by_sched);
	add(tests + COUNT(passing) + COUNT(by_sched), stealing, COUNT(stealing),
	    stealing_as_counted);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
