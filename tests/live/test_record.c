// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is recorded shows again what was seen live. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csvtable.h"
#include "live.h"

#define TABLES 5
static const char *const tables[TABLES] = { "locks", "threads", "handoffs",
					    "migrations", "histograms" };

/* ---- live against replayed ------------------------------------------------
 */

static struct live *report(const char *file, const char *csv)
{
	const char *const argv[] = {
		live_gilwatch(), "report", "--csv", csv, file, NULL
	};
	struct live *l = live_run(argv, NULL, NULL);

	assert_int_equal(l->status, 0);
	return l;
}

/* Cell by cell; the live one has rows of intervals too. */
static size_t same_totals(const char *live, const char *again,
			  const char *table)
{
	struct csvtable a, b;
	size_t row = 0, compared = 0;

	csv_read(&a, live, table);
	csv_read(&b, again, table);
	assert_int_equal(a.columns, b.columns);
	for (size_t i = 0; i < b.rows; i++, row++) {
		assert_string_equal(csv_cell(&b, i, "scope"), "total");
		row = csv_find(&a, row, "scope", "total", NULL);
		assert_true(row != CSV_NONE);
		for (size_t c = 0; c < a.columns; c++, compared++)
			assert_string_equal(a.cell[(row + 1) * a.columns + c],
					    b.cell[(i + 1) * b.columns + c]);
	}
	assert_int_equal(csv_count(&a, "scope", "total", NULL), b.rows);
	csv_done(&a);
	csv_done(&b);
	return compared;
}

/* From the heading on. */
static const char *summary(const char *out)
{
	const char *head = strstr(out, "=== gilwatch summary");

	assert_non_null(head);
	return head;
}

static struct live *record(const char *file, const char *csv,
			   const char *const *command, size_t words)
{
	const char *argv[24] = { live_gilwatch(), "record", "-q",
				 "--as-root",     "-o",     file,
				 "--csv",         csv,      "--" };
	struct live *l;

	assert_true(9 + words < 24);
	memcpy(argv + 9, command, words * sizeof(*command));
	l = live_run(argv, NULL, NULL);
	assert_int_equal(l->status, 0);
	return l;
}

/* The kernel side counts what it cannot put in order; on a busy machine a
 * thread that has the turn can lose its CPU for long. */
static bool is_exact(struct live *again)
{
	return !strstr(live_err(again), "is a guess") &&
	       !strstr(live_out(again), "buffer for events full");
}

static void equal(const char *const *command, size_t words)
{
	struct live *live, *again;
	size_t cells = 0;
	bool exact = false;

	live_require();
	for (int i = 0; i < 5 && !exact; i++) {
		const char *folder = live_folder();
		char file[256], a[256], b[256];

		snprintf(file, sizeof(file), "%s/r.gwr", folder);
		snprintf(a, sizeof(a), "%s/live", folder);
		snprintf(b, sizeof(b), "%s/again", folder);
		live = record(file, a, command, words);
		again = report(file, b);
		exact = is_exact(again);
		if (exact) {
			for (int t = 0; t < TABLES; t++)
				cells += same_totals(a, b, tables[t]);
			assert_string_equal(summary(live_out(live)),
					    summary(live_out(again)));
		}
		live_done(live);
		live_done(again);
	}
	assert_true(exact);
	assert_true(cells > 1000);
	print_message("# %zu cells are the same\n", cells);
}

#define EQUAL(...)                                                             \
	equal((const char *const[]){ live_workload("handoff"), __VA_ARGS__ },  \
	      1 + sizeof((const char *const[]){ __VA_ARGS__ }) /               \
			      sizeof(const char *))

static void on_one_core(void **state)
{
	(void)state;
	EQUAL("--threads", "4", "--duration", "1", "--hold-us", "3", "--out-us",
	      "1", "--pin-cpu", "0");
}

static void on_all_cores(void **state)
{
	(void)state;
	EQUAL("--threads", "4", "--duration", "1", "--hold-us", "3", "--out-us",
	      "1");
}

static void condition_variables(void **state)
{
	(void)state;
	EQUAL("--lock", "cond", "--timed-ms", "1", "--threads", "3",
	      "--duration", "1", "--hold-us", "300", "--sleep");
}

static void robbed(void **state)
{
	(void)state;
	EQUAL("--lock", "mutex", "--threads", "6", "--duration", "1", "--steal",
	      "3", "--rush", "--hold-us", "5");
}

/* Processes, execs, a recognised GIL, names, joins, I/O. */
static void an_interpreter(void **state)
{
	const char *const command[] = {
		"/bin/sh",
		"-c",
		"$0 workloads/programs/convoy.py 2 1; /bin/true | /bin/cat",
		live_workload("gilvm"),
	};

	(void)state;
	equal(command, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(on_one_core),         LIVE_TEST(on_all_cores),
		LIVE_TEST(condition_variables), LIVE_TEST(robbed),
		LIVE_TEST(an_interpreter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
