// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is printed: each part of it, and no line wider than the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int columns(void *ctx)
{
	return setenv("COLUMNS", ctx, 1);
}

/* Twelve threads on free CPUs, with all that a summary can show. */
static struct live *run(const char *width, const char *const *options)
{
	const char *argv[24] = { live_gilwatch() };
	const char *const command[] = { "--",         live_workload("handoff"),
					"--threads",  "12",
					"--lock",     "cond",
					"--hold-us",  "200",
					"--duration", "1",
					"--json",     "/dev/null" };
	size_t n = 1;
	struct live *l;

	for (; *options; options++)
		argv[n++] = *options;
	for (size_t i = 0; i < COUNT(command); i++)
		argv[n++] = command[i];
	l = live_run(argv, columns, (void *)(uintptr_t)width);
	assert_int_equal(l->status, 0);
	return l;
}

/* Where the text is in out, from there on; fails the test without it. */
static const char *expect(const char *out, const char *text)
{
	const char *found = strstr(out, text);

	if (!found)
		fail_msg("no \"%s\" in:\n%s", text, out);
	return found + strlen(text);
}

static void expect_all(const char *line, const char *const *words, size_t n)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(line, "\n"), line);
	for (size_t i = 0; i < n; i++)
		if (!strstr(copy, words[i]))
			fail_msg("no %s in the columns: %s", words[i], copy);
}

/* Lines up to the next empty one. */
static size_t block_lines(const char *p)
{
	size_t n = 0;

	for (; *p && *p != '\n'; p += *p == '\n') {
		p += strcspn(p, "\n");
		n++;
	}
	return n;
}

static void the_summary_has_its_parts(void **state)
{
	static const char *const locks[] = {
		"LOCK",     "KIND",   "WAITS",  "ACQUIRED",
		"HANDOFFS", "X-CORE", "STOLEN", "TIMEOUTS",
		"WAIT p50", "p99",    "max",
	};
	static const char *const threads[] = {
		"TID",  "THREAD", "CLASS",      "RUN", "RUNNABLE",
		"LOCK", "SLEEP",  "WAKEUP p50", "p99", "MIGR",
		"IN",   "OUT",    "STOLEN",
	};
	static const char *const handoffs[] = { "FROM",         "TO",
						"HANDOFFS",     "X-CORE",
						"LATENCY mean", "max" };
	const char *p;
	struct live *l;

	(void)state;
	live_require();
	l = run("250", (const char *[]){ "-q", NULL });
	p = live_out(l);
	if (strncmp(p, "=== gilwatch summary of ", 24))
		fail_msg("-q prints something before the summary:\n%s", p);
	p = expect(p, "/workloads/handoff\n");
	p = expect(p, "\nhandoff (pid ");
	p = expect(p, "): 13 threads, ");
	p = expect(p, "\nLocks\n");
	expect_all(p, locks, COUNT(locks));
	p = expect(p, " condvar ");
	p = expect(p, "\nThreads\n");
	expect_all(p, threads, COUNT(threads));
	assert_int_equal(block_lines(p), 1 + 13);
	p = expect(p, "\nBusiest handoffs (contended)\n");
	expect_all(p, handoffs, COUNT(handoffs));
	/* The ten busiest of the at least twelve. */
	assert_true(block_lines(p) == 1 + 10 ||
		    (block_lines(p) == 1 + 10 + 1 && strstr(p, "\nand ")));
	p = expect(p, "\nWakeup latency: ");
	p = expect(p, "###");
	p = expect(p, "\nLost: nothing. gilwatch itself: ");
	p = expect(p, "of CPU time");
	p = expect(p, "of maps.\n");
	assert_string_equal(p, "");
}

/* One pinned after the other to each CPU: there is something in the matrix. */
static void the_summary_shows_migrations(void **state)
{
	static const char script[] =
		"for i in 1 2 3 4 5 6; do taskset -p -c 0 $$; sleep 0.01; "
		"taskset -p -c 1 $$; sleep 0.01; done >&2";
	struct live *l;
	const char *p;

	(void)state;
	live_require();
	l = live_run((const char *[]){ "taskset", "-c", "1", "true", NULL },
		     NULL, NULL);
	if (l->status)
		live_skip("one CPU: nothing can migrate");
	l = live_run((const char *[]){ live_gilwatch(), "-q", "--", "sh", "-c",
				       script, NULL },
		     NULL, NULL);
	assert_int_equal(l->status, 0);
	p = expect(live_out(l),
		   "\nMigrations: from CPU (rows) to CPU (columns)\n");
	p = expect(p, "\n     0      . ");
	assert_true(strtoul(p, NULL, 10) >= 5);
	p = expect(p, "\n     1 ");
	assert_true(strtoul(p, NULL, 10) >= 5);
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

static void a_block_an_interval(void **state)
{
	struct live *l;
	const char *p;

	(void)state;
	live_require();
	l = run("120", (const char *[]){ "--plain", "-i", "0.2", NULL });
	p = live_out(l);
	/* The command takes a second and a little. */
	assert_true(count(p, "\n--- ") + 1 >= 5);
	assert_int_equal(count(p, "=== gilwatch summary of "), 1);
	assert_true(strstr(p, "=== ") > strstr(p, "--- "));
}

static void as_many_rows_as_asked_for(void **state)
{
	struct live *l;
	const char *p;

	(void)state;
	live_require();
	l = run("120", (const char *[]){ "-q", "-n", "3", NULL });
	p = expect(live_out(l), "\nThreads\n");
	assert_int_equal(block_lines(p), 1 + 3 + 1);
	expect(p, "\nand 10 more");
}

/* ---- width --------------------------------------------------------------- */

/* Characters, not bytes; what is printed here takes one column each. */
static size_t width_of(const char *line, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n += ((unsigned char)line[i] & 0xc0) != 0x80;
	return n;
}

static void assert_fits(const char *text, size_t width)
{
	size_t bytes;

	for (; *text; text += bytes + (text[bytes] == '\n')) {
		bytes = strcspn(text, "\n");
		if (width_of(text, bytes) > width)
			fail_msg("%zu wide, not %zu: %.*s",
				 width_of(text, bytes), width, (int)bytes,
				 text);
	}
}

static void lines_fit_the_width(void **state)
{
	static const char *const widths[] = { "80", "100", "132" };
	struct live *l;

	(void)state;
	live_require();
	for (size_t i = 0; i < COUNT(widths); i++) {
		l = run(widths[i], (const char *[]){ "-i", "0.5", NULL });
		/* The head names the command by its path. */
		assert_fits(strchr(live_out(l), '\n') + 1,
			    (size_t)atoi(widths[i]));
		live_done(l);
	}
}

static void help_fits_80_columns(void **state)
{
	struct live *l;

	(void)state;
	l = live_run((const char *[]){ live_gilwatch(), "--help", NULL }, NULL,
		     NULL);
	assert_int_equal(l->status, 0);
	assert_fits(live_out(l), 80);
	assert_non_null(strstr(live_out(l), "\nExamples:\n"));
	assert_int_equal(count(live_out(l), "\n  sudo gilwatch "), 3);
}

/* A program of the kernel's that ran at least a hundred times, for longer than
 * nothing. */
static void assert_ran(const char *cost, const char *program)
{
	char runs[16], each[16];
	const char *row = expect(cost, program);

	assert_int_equal(sscanf(row, "%15s %15s", runs, each), 2);
	assert_true(strchr(runs, 'k') || strchr(runs, 'M') ||
		    atoi(runs) >= 100);
	assert_true(each[0] >= '1' && each[0] <= '9');
}

static void cost_of_each_program(void **state)
{
	static const char *const ways[] = { "futex", "sched" };
	const char *cost;
	struct live *l;

	(void)state;
	for (size_t i = 0; i < COUNT(ways); i++) {
		l = run("120", (const char *[]){ "-q", "--cost", "--probes",
						 ways[i], NULL });
		cost = expect(live_out(l), "\nCost of the programs");
		assert_ran(cost, "\nsched_switch ");
		assert_ran(cost, "\nsched_waking ");
		if (!i)
			assert_ran(cost, "\nenter_futex ");
		else
			assert_null(strstr(cost, "futex"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(the_summary_has_its_parts),
		LIVE_TEST(the_summary_shows_migrations),
		LIVE_TEST(a_block_an_interval),
		LIVE_TEST(as_many_rows_as_asked_for),
		LIVE_TEST(lines_fit_the_width),
		LIVE_TEST(help_fits_80_columns),
		LIVE_TEST(cost_of_each_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
