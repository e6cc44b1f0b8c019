// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* gilwatch diff as a command: --fail-if on both sides of its limit, exit
 * statuses, what is printed. */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "diff_cmd.h"
#include "diff_fail.h"
#include "folder.h"
#include "runs.h"

static char *out, *err;

/* Runs it with these arguments; returns its exit status. */
static int diff(const char *const *args)
{
	FILE *o, *e;
	char *argv[16] = { (char *)"diff" };
	size_t on, en;
	int argc = 1, status;

	free(out);
	free(err);
	for (; *args; args++)
		argv[argc++] = (char *)*args;
	o = open_memstream(&out, &on);
	e = open_memstream(&err, &en);
	status = diff_command(argc, argv, o, e, 120);
	fclose(o);
	fclose(e);
	return status;
}

#define DIFF(...) diff((const char *const[]){ __VA_ARGS__, NULL })

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in: %s", part, text);
}

static unsigned long hundred(unsigned int i)
{
	return 98 + i % 5;
}

static unsigned long more(unsigned int i)
{
	return 118 + i % 5;
}

static unsigned long even_more(unsigned int i)
{
	return 119 + i % 5;
}

/* ---- conditions -----------------------------------------------------------
 */

static void forms(void **state)
{
	char msg[DIFF_MSG];
	struct diff_fail f;

	(void)state;
	assert_int_equal(diff_fail_parse(&f, "handoffs_per_s>+20%", msg), 0);
	assert_true(f.up && f.percent == 20 && !*f.name);
	assert_int_equal(diff_fail_parse(&f, "running_share<-5.5%", msg), 0);
	assert_true(!f.up && f.percent == 5.5);
	assert_int_equal(diff_fail_parse(&f, "GIL*: x:wait_ns_p99>+0%", msg),
			 0);
	assert_string_equal(f.name, "GIL*: x");
	for (const char *const *bad =
		     (const char *const[]){
			     "", "handoffs_per_s", "handoffs_per_s>20%",
			     "handoffs_per_s>+20", "handoffs_per_s>-20%",
			     "handoffs_per_s<+20%", "handoffs_per_s>+%",
			     "handoffs_per_s>+.5%", "handoffs_per_s>+5.%",
			     "handoffs_per_s>+1e3%", "handoffs_per_s>+20%%",
			     "handoffs_per_s>=+20%", NULL };
	     *bad; bad++) {
		assert_int_equal(diff_fail_parse(&f, *bad, msg), -EINVAL);
		has(msg, "write it like");
	}
	assert_int_equal(diff_fail_parse(&f, "hand_offs>+1%", msg), -EINVAL);
	has(msg, "no such figure");
}

/* The limit itself is not over it. */
static void both_sides_of_a_limit(void **state)
{
	struct diff_fail up, down;
	struct diff_change c = { .a = 100, .percent = 20 };
	char msg[DIFF_MSG];

	(void)state;
	assert_int_equal(diff_fail_parse(&up, "handoffs_per_s>+20%", msg), 0);
	assert_int_equal(diff_fail_parse(&down, "handoffs_per_s<-20%", msg), 0);
	assert_false(diff_fail_over(&up, &c));
	c.percent = 20.01;
	assert_true(diff_fail_over(&up, &c));
	assert_false(diff_fail_over(&down, &c));
	c.percent = -20;
	assert_false(diff_fail_over(&down, &c));
	c.percent = -20.01;
	assert_true(diff_fail_over(&down, &c));
	assert_false(diff_fail_over(&up, &c));
}

static void noise_does_not_fail(void **state)
{
	struct diff_fail f;
	struct diff_change c = { .percent = 50, .testable = true };
	char msg[DIFF_MSG];

	(void)state;
	assert_int_equal(diff_fail_parse(&f, "handoffs_per_s>+20%", msg), 0);
	c.p = DIFF_NOISE_P;
	assert_false(diff_fail_over(&f, &c));
	c.p = DIFF_NOISE_P * 0.99;
	assert_true(diff_fail_over(&f, &c));
	c.p = 1;
	c.testable = false;
	assert_true(diff_fail_over(&f, &c));
}

/* ---- the command ----------------------------------------------------------
 */

static void exit_statuses(void **state)
{
	(void)state;
	runs_simple("a", 10, hundred);
	runs_simple("b", 10, more);
	assert_int_equal(DIFF("a", "b"), 0);
	assert_string_equal(err, "");
	/* 1000 and 1200: no more than 20 %. */
	assert_int_equal(DIFF("--fail-if", "handoffs_per_s>+20%", "a", "b"), 0);
	runs_simple("b", 10, even_more);
	assert_int_equal(DIFF("--fail-if", "handoffs_per_s>+20%", "a", "b"), 1);
	has(err, "fails handoffs_per_s>+20%: handoffs_per_s of GIL 0x10 of py "
		 "changed by +21.0%, beyond the noise (p ");
	assert_int_equal(DIFF("--fail-if", "handoffs_per_s>+20%", "b", "a"), 0);
	assert_int_equal(DIFF("--fail-if", "handoffs_per_s<-10%", "b", "a"), 1);
	assert_int_equal(
		DIFF("--fail-if", "mutex*:handoffs_per_s>+20%", "a", "b"), 0);
	assert_int_equal(
		DIFF("--fail-if", "GIL*:handoffs_per_s>+20%", "a", "b"), 1);
	assert_int_equal(DIFF("--fail-if", "running_share>+90%", "--fail-if",
			      "handoffs_per_s>+20%", "a", "b"),
			 1);
}

static void usage_errors(void **state)
{
	(void)state;
	runs_simple("a", 2, hundred);
	assert_int_equal(DIFF("a"), 2);
	has(err, "give two runs");
	assert_int_equal(DIFF("a", "a", "a"), 2);
	assert_int_equal(DIFF("--fail-if", "nothing>+1%", "a", "a"), 2);
	has(err, "no such figure");
	assert_int_equal(DIFF("--fail-if"), 2);
	assert_int_equal(DIFF("--what", "a", "a"), 2);
	assert_int_equal(DIFF("-n", "0", "a", "a"), 2);
	assert_int_equal(DIFF("-n", "1001", "a", "a"), 2);
	assert_int_equal(DIFF("-n", "1000", "a", "a"), 0);
	assert_int_equal(DIFF("a", "missing"), 1);
	has(err, "gilwatch: diff: missing/locks.csv: No such file");
	assert_int_equal(DIFF("--help"), 0);
	has(out, "handoffs_per_s");
	assert_string_equal(err, "");
}

static void what_is_printed(void **state)
{
	(void)state;
	runs_simple("a", 10, hundred);
	runs_simple("b", 10, more);
	assert_int_equal(DIFF("a", "b"), 0);
	has(out, "A: a, 10.0s in 10 intervals\n");
	has(out, "\nGIL 0x10 of py\n");
	has(out, "handoffs_per_s    100/s    120/s    +20%  yes           "
		 "<0.001  10/10\n");
	has(out, "\nthread t\n");
	has(out, "running_share   50.0%  50.0%    0.0%  no");
	runs_simple("b", 2, more);
	assert_int_equal(DIFF("a", "b"), 0);
	has(out, "-76%  -             -  10/2\n");
	assert_int_equal(DIFF("-n", "1", "a", "b"), 0);
	has(out, "\nand 1 more (-n 2 shows all)\n");
}

static void only_in_one(void **state)
{
	(void)state;
	runs_simple("a", 2, hundred);
	runs_begin("b");
	runs_lock("py", "0x20", "mutex", "", 1, 1);
	runs_thread("t", 7, 1, 1);
	runs_thread("other", 8, 1, 1);
	runs_end();
	assert_int_equal(DIFF("a", "b"), 0);
	has(out, "Only in A: GIL of py\n");
	has(out, "Only in B: mutex of py, thread other\n");
}

static int done(void **state)
{
	free(out);
	free(err);
	out = err = NULL;
	return folder_leave(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, folder_enter, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(both_sides_of_a_limit),
		cmocka_unit_test(noise_does_not_fail),
		TEST(exit_statuses),
		TEST(usage_errors),
		TEST(what_is_printed),
		TEST(only_in_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
