// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What lasts over several intervals counts in each of them with its part, and
 * the intervals add up to the total.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "csvtable.h"
#include "live.h"
#include "truth.h"

#define HOLD_SECONDS "3"

/* What gilwatch saw of a thread that holds a lock and one that waits. */
struct result {
	struct truth truth;
	char out[65536];
	struct csvtable locks, threads, handoffs, migrations;
};

static int wide(void *ctx)
{
	(void)ctx;
	return setenv("COLUMNS", "250", 1);
}

static void run(struct result *r)
{
	const char *folder = live_folder();
	char csv[128], json[128];
	const char *argv[] = { live_gilwatch(),
			       "-i",
			       "0.5",
			       "--csv",
			       csv,
			       "--",
			       live_workload("handoff"),
			       "--hold-long",
			       HOLD_SECONDS,
			       "--json",
			       json,
			       NULL };
	struct live *l;

	snprintf(csv, sizeof(csv), "%s/csv", folder);
	snprintf(json, sizeof(json), "%s/truth.json", folder);
	l = live_run(argv, wide, NULL);
	assert_int_equal(l->status, 0);
	snprintf(r->out, sizeof(r->out), "%s", live_out(l));
	live_done(l);
	truth_read(&r->truth, json);
	csv_read(&r->locks, csv, "locks");
	csv_read(&r->threads, csv, "threads");
	csv_read(&r->handoffs, csv, "handoffs");
	csv_read(&r->migrations, csv, "migrations");
}

static void result_done(struct result *r)
{
	csv_done(&r->locks);
	csv_done(&r->threads);
	csv_done(&r->handoffs);
	csv_done(&r->migrations);
}

static const char *lock_id(const struct result *r)
{
	return live_hex(r->truth.lock[0].address);
}

static const char *tid(const struct result *r, size_t thread)
{
	return live_number((uint64_t)r->truth.thread[thread].tid);
}

/*
 * The holder's rows of the intervals that lie wholly in the hold: not the
 * first, in which it begins, and not the last two, in which it may end.
 */
static size_t inner_intervals(const struct result *r, size_t *row, size_t room)
{
	size_t at = 0, n = 0;

	while (n < room && (at = csv_find(&r->threads, at, "scope", "interval",
					  "tid", tid(r, 0), NULL)) != CSV_NONE)
		row[n++] = at++;
	assert_true(n >= 6);
	for (size_t i = 0; i + 3 < n; i++)
		row[i] = row[i + 1];
	return n - 3;
}

/* The row of a table in the interval that begins then. */
static size_t same_interval(const struct csvtable *t, const char *start,
			    const char *column, const char *value)
{
	size_t row = csv_find(t, 0, "scope", "interval", "start_s", start,
			      column, value, NULL);

	if (row == CSV_NONE)
		fail_msg("the interval at %s has no row with %s %s", start,
			 column, value);
	return row;
}

static double u64(const struct csvtable *t, size_t row, const char *column)
{
	return (double)csv_u64(t, row, column);
}

static void check_interval(struct compare *c, const struct result *r,
			   size_t holder)
{
	const char *start = csv_cell(&r->threads, holder, "start_s");
	size_t waiter = same_interval(&r->threads, start, "tid", tid(r, 1));
	size_t lock = same_interval(&r->locks, start, "lock", lock_id(r));
	double length = csv_window_ns(&r->threads, holder);

	compare_near(c,
		     u64(&r->threads, holder, "running_ns") +
			     u64(&r->threads, holder, "runnable_ns"),
		     length, 0.01, 0, "the holder runs, at %s", start);
	compare_near(c, u64(&r->threads, waiter, "lock_wait_ns"), length, 0.01,
		     0, "the waiter waits, at %s", start);
	compare_near(c, u64(&r->locks, lock, "wait_ns_total"), length, 0.01, 0,
		     "the lock's wait, at %s", start);
	compare_true(c, u64(&r->locks, lock, "wait_ns_max") >= length * 0.99,
		     "the open wait is the longest, at %s", start);
}

/* ---- sums ---------------------------------------------------------------- */

/* Between the first look at the threads and the first interval lies this much
 * at most, which only the total has. */
#define START_NS 1e6

static double few_of(const char *column)
{
	return strstr(column, "_ns") ? START_NS : 0;
}

/* For each row of the total: the intervals' rows with the same keys. */
static void check_sums(struct compare *c, const struct csvtable *t,
		       const char *const keys[3], const char *const *columns)
{
	const char *value[3];
	size_t row = 0;

	assert_true(csv_count(t, "scope", "total", NULL) > 0);
	while ((row = csv_find(t, row, "scope", "total", NULL)) != CSV_NONE) {
		for (int i = 0; i < 3; i++)
			value[i] = csv_cell(t, row, keys[i]);
		for (const char *const *column = columns; *column; column++)
			compare_near(c,
				     (double)csv_sum(
					     t, *column, "scope", "interval",
					     keys[0], value[0], keys[1],
					     value[1], keys[2], value[2], NULL),
				     u64(t, row, *column), 0.001,
				     few_of(*column), "intervals of %s, %s %s",
				     *column, keys[1], value[1]);
		row++;
	}
}

static void check_all_sums(struct compare *c, const struct result *r)
{
	static const char *const lock_columns[] = {
		"waits",  "acquired",    "handoffs",      "handoffs_inferred",
		"stolen", "timeouts",    "races",         "signals",
		"wakes",  "wakes_empty", "wait_ns_total", "handoffs_cross_core",
		NULL
	};
	static const char *const thread_columns[] = {
		"running_ns",  "runnable_ns",  "lock_wait_ns", "sleeping_ns",
		"voluntary",   "preempted",    "wakeups",      "migrations",
		"handoffs_in", "handoffs_out", "stolen",       NULL
	};
	static const char *const counts[] = { "handoffs", "cross_core",
					      "latency_ns_total", NULL };

	check_sums(c, &r->locks, (const char *[]){ "pid", "lock", "kind" },
		   lock_columns);
	check_sums(c, &r->threads, (const char *[]){ "pid", "tid", "comm" },
		   thread_columns);
	check_sums(c, &r->handoffs,
		   (const char *[]){ "lock", "from_tid", "to_tid" }, counts);
}

/* ---- tests --------------------------------------------------------------- */

static void measure(struct compare *c, const void *ctx)
{
	static struct result r;
	size_t row[64], n;

	(void)ctx;
	run(&r);
	n = inner_intervals(&r, row, 64);
	for (size_t i = 0; i < n; i++)
		check_interval(c, &r, row[i]);
	row[0] = csv_one(&r.locks, "scope", "total", "lock", lock_id(&r), NULL);
	compare_near(c, u64(&r.locks, row[0], "wait_ns_total"),
		     (double)r.truth.lock[0].wait_ns, 0.01, 0, "wait in all");
	compare_true(c,
		     csv_u64(&r.locks, row[0], "waits") == 1 &&
			     csv_u64(&r.locks, row[0], "acquired") == 1,
		     "one wait in all");
	check_all_sums(c, &r);
	result_done(&r);
}

static void each_interval_has_its_part(void **state)
{
	(void)state;
	live_require();
	compare_retry(measure, NULL);
}

/* The number below a title in the first table that has it; the tables' columns
 * are aligned to the right. */
static const char *cell_below(const char *block, const char *title)
{
	const char *at = strstr(block, title), *head = at, *line;
	static char text[32];
	size_t end;

	if (!at)
		fail_msg("no %s in\n%s", title, block);
	while (head > block && head[-1] != '\n')
		head--;
	end = (size_t)(at - head) + strlen(title);
	line = strchr(at, '\n') + 1;
	assert_true(strcspn(line, "\n") >= end);
	for (at = line + end; at > line && at[-1] != ' ';)
		at--;
	snprintf(text, sizeof(text), "%.*s", (int)(line + end - at), at);
	return text;
}

static void open_waits_are_shown(void **state)
{
	static struct result r;
	const char *block;

	(void)state;
	live_require();
	run(&r);
	/* The third interval. */
	block = strstr(r.out, "\n--- ");
	assert_non_null(block);
	block = strstr(block + 1, "\n--- ");
	assert_non_null(block);
	assert_string_equal(cell_below(block, "OPEN"), "1");
	assert_string_equal(cell_below(block, "ACQUIRED"), "0");
	block = strstr(r.out, "=== ");
	assert_non_null(block);
	assert_string_equal(cell_below(block, "OPEN"), "0");
	assert_string_equal(cell_below(block, "ACQUIRED"), "1");
	result_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(each_interval_has_its_part),
		LIVE_TEST(open_waits_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
