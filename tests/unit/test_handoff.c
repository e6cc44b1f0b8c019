// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The handoff workload is the truth for other tests, so its own counts have to
 * agree with each other for every kind of lock.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define REPORT_MAX 65536

/* Runs the workload with @args; its output goes to @text. Returns its exit
 * status. */
static int run(const char *args, char text[REPORT_MAX])
{
	const char *build = getenv("BUILD");
	char command[512];
	size_t length;
	FILE *pipe;
	int status;

	snprintf(command, sizeof(command), "%s/workloads/handoff %s",
		 build ? build : "build", args);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	length = fread(text, 1, REPORT_MAX - 1, pipe);
	text[length] = '\0';
	status = pclose(pipe);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The number after the first @key in @text; fails the test without one. */
static uint64_t number(const char *text, const char *key)
{
	char quoted[64];
	char *found;

	snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
	found = strstr(text, quoted);
	if (!found)
		fail_msg("no %s in %s", quoted, text);
	return strtoull(found + strlen(quoted), NULL, 0);
}

/* The sum of the numbers after each @key from @text to @end. */
static uint64_t sum(const char *text, const char *end, const char *key)
{
	char quoted[64];
	uint64_t total = 0;

	snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
	while ((text = strstr(text, quoted)) && text < end) {
		text += strlen(quoted);
		total += strtoull(text, NULL, 10);
	}
	return total;
}

static uint64_t address(const char *text)
{
	const char *found = strstr(text, "\"address\": \"");

	assert_non_null(found);
	return strtoull(found + strlen("\"address\": \""), NULL, 16);
}

/* What holds for every report of one lock. */
static void check_report(const char *text)
{
	const char *threads = strstr(text, "\"threads\"");
	const char *end = text + strlen(text);

	assert_non_null(threads);
	assert_int_equal(number(text, "violations"), 0);
	assert_int_equal(number(text, "handoffs"), number(text, "contended"));
	assert_int_equal(number(text, "handoffs"), sum(text, threads, "n"));
	assert_int_equal(number(text, "contended"), sum(threads, end, "waits"));
	assert_int_equal(number(text, "wait_ns_total"),
			 sum(threads, end, "wait_ns"));
	assert_true(number(text, "contended") < number(text, "acquisitions"));
	assert_true(sum(threads, end, "wait_ns") +
			    sum(threads, end, "cpu_ns") <=
		    sum(threads, end, "wall_ns"));
}

/* A CPU that this process may run on. */
static int some_cpu(void)
{
	cpu_set_t allowed;
	int cpu = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	while (!CPU_ISSET(cpu, &allowed))
		cpu++;
	return cpu;
}

static void each_kind_agrees_with_itself(void **state)
{
	static const char *const kinds[] = { "futex", "mutex", "cond", "sem" };
	char one_cpu[32];
	const char *const places[] = { "", "--pin", one_cpu };
	char text[REPORT_MAX];
	char args[128];

	(void)state;
	snprintf(one_cpu, sizeof(one_cpu), "--pin-cpu %d", some_cpu());
	for (int i = 0; i < 4 * 3 * 2; i++) {
		int threads = i % 2 ? 8 : 2;

		snprintf(args, sizeof(args),
			 "--lock %s --threads %d %s "
			 "--count 200",
			 kinds[i / 6], threads, places[i / 2 % 3]);
		assert_int_equal(run(args, text), 0);
		check_report(text);
		/* After the last pass that was asked for, who waits has its
		 * turn too. */
		assert_in_range(number(text, "acquisitions"), 200,
				200 + threads - 1);
		/* On one CPU nothing can disturb the order. */
		if (i / 2 % 3 == 2)
			assert_true(number(text, "contended") * 20 >=
				    number(text, "acquisitions") * 19);
	}
}

/* A word and a flag are taken back before anybody can be faster. */
static void stealing_wakes_for_nothing(void **state)
{
	static const char *const kinds[] = { "futex", "cond" };
	char text[REPORT_MAX];
	char args[128];

	(void)state;
	for (int i = 0; i < 4; i++) {
		snprintf(args, sizeof(args),
			 "--lock %s --count 300 --threads %d --steal 5 "
			 "--pin-cpu %d",
			 kinds[i / 2], i % 2 ? 4 : 2, some_cpu());
		assert_int_equal(run(args, text), 0);
		check_report(text);
		assert_true(number(text, "stolen") * 10 >
			    number(text, "acquisitions"));
	}
	assert_int_equal(run("--lock mutex --steal 5 --count 300", text), 0);
	check_report(text);
}

static void unknown_counts_are_null(void **state)
{
	char text[REPORT_MAX];

	(void)state;
	assert_int_equal(run("--lock mutex --count 10", text), 0);
	assert_non_null(strstr(text, "\"stolen\": null"));
	assert_int_equal(run("--lock sem --count 10", text), 0);
	assert_non_null(strstr(text, "\"stolen\": null"));
}

static void timed_waits_time_out(void **state)
{
	char text[REPORT_MAX];

	(void)state;
	assert_int_equal(run("--lock cond --timed-ms 1 --hold-us 20000 "
			     "--count 10",
			     text),
			 0);
	check_report(text);
	assert_true(number(text, "timeouts") > number(text, "contended"));
}

static void neighbours_are_two_locks(void **state)
{
	char text[REPORT_MAX];
	const char *second;

	(void)state;
	assert_int_equal(run("--adjacent --threads 4 --count 400", text), 0);
	second = strstr(text, "\"address\"");
	assert_non_null(second);
	second = strstr(second + 1, "\"address\"");
	assert_non_null(second);
	assert_int_equal(address(second), address(text) + 4);
	assert_int_equal(address(text) % 8, 0);
	assert_true(number(text, "handoffs") > 0);
	assert_true(number(second, "handoffs") > 0);
	assert_int_equal(number(text, "violations"), 0);
	assert_int_equal(number(second, "violations"), 0);
}

static void one_long_hold_is_one_long_wait(void **state)
{
	char text[REPORT_MAX];

	(void)state;
	assert_int_equal(run("--hold-long 0.5", text), 0);
	check_report(text);
	assert_int_equal(number(text, "acquisitions"), 2);
	assert_int_equal(number(text, "contended"), 1);
	/* The other thread waits nearly as long as the first one lives. */
	assert_true(number(text, "wait_ns_total") * 2 >
		    number(strstr(text, "\"threads\""), "wall_ns"));
}

static void one_thread_never_waits(void **state)
{
	char text[REPORT_MAX];

	(void)state;
	assert_int_equal(run("--threads 1 --count 50 --steal 2", text), 0);
	check_report(text);
	assert_int_equal(number(text, "contended"), 0);
	assert_int_equal(number(text, "wait_ns_total"), 0);
}

static void duration_ends_the_run(void **state)
{
	char text[REPORT_MAX];

	(void)state;
	assert_int_equal(run("--duration 0.2 --lock sem", text), 0);
	check_report(text);
	assert_true(number(text, "handoffs") > 1);
}

static void bad_options_are_one_line(void **state)
{
	static const char *const bad[] = {
		"--nonsense",
		"--lock spin",
		"--threads 0",
		"--threads 257",
		"--threads -1",
		"--threads ' 2'",
		"--threads 2x",
		"--threads",
		"--count 0",
		"--steal 1",
		"--hold-us nan",
		"--hold-us -1",
		"--hold-us 1e30",
		"--hold-us ''",
		"extra",
		"--pin-cpu 9999",
		"--adjacent --lock sem",
		"--timed-ms 5 --lock futex",
		"--pin --pin-cpu 0",
		"--count 1 --duration 1",
		"--adjacent --hold-long 1",
	};
	char text[REPORT_MAX];
	char args[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(args, sizeof(args), "%s 2>&1", bad[i]);
		assert_int_equal(run(args, text), 2);
		assert_non_null(strchr(text, '\n'));
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	}
}

static void a_full_disk_is_an_error(void **state)
{
	char text[REPORT_MAX];

	(void)state;
	assert_int_equal(run("--count 2 --json /dev/full 2>&1", text), 1);
	assert_non_null(strstr(text, "/dev/full"));
	assert_int_equal(run("--help", text), 0);
	assert_non_null(strstr(text, "--steal K"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_agrees_with_itself),
		cmocka_unit_test(stealing_wakes_for_nothing),
		cmocka_unit_test(unknown_counts_are_null),
		cmocka_unit_test(timed_waits_time_out),
		cmocka_unit_test(neighbours_are_two_locks),
		cmocka_unit_test(one_long_hold_is_one_long_wait),
		cmocka_unit_test(one_thread_never_waits),
		cmocka_unit_test(duration_ends_the_run),
		cmocka_unit_test(bad_options_are_one_line),
		cmocka_unit_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
