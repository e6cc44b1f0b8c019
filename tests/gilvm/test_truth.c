// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The truth that gilvm writes. */
#include "run.h"

#include "gilstats.h"

static void histogram_is_log_linear(void **state)
{
	(void)state;
	assert_int_equal(gil_hist_bucket(0), 0);
	assert_int_equal(gil_hist_bucket(64), 0);
	assert_int_equal(gil_hist_bucket(80), 1);
	assert_int_equal(gil_hist_bucket(128), 4);
	assert_int_equal(gil_hist_bucket(UINT64_MAX), GIL_HIST_N - 1);
	assert_int_equal(gil_hist_low(0), 64);
	assert_int_equal(gil_hist_low(GIL_HIST_N), 1ull << GIL_HIST_LAST);
	for (unsigned int i = 0; i < GIL_HIST_N; i++) {
		uint64_t low = gil_hist_low(i), next = gil_hist_low(i + 1);

		assert_int_equal(gil_hist_bucket(low), i);
		assert_int_equal(gil_hist_bucket(next - 1), i);
		/* At least four buckets for each power of two. */
		assert_true(next - low <= low / 4);
	}
}

static void matrix_grows(void **state)
{
	struct gil_stats s = { .tid = 1 };
	struct gil_wait w = { .waits = 1 };
	uint64_t sum = 0;

	(void)state;
	for (uint32_t round = 0; round < 3; round++) {
		for (uint32_t from = 2; from < 1002; from++)
			gil_stats_acquired(&s, &w, from, 100);
	}
	/* Its own release, or none at all, is no handoff. */
	gil_stats_acquired(&s, &w, 1, 100);
	gil_stats_acquired(&s, &w, 0, 100);
	assert_int_equal(s.handoffs, 3000);
	assert_int_equal(s.from_used, 1000);
	for (uint32_t i = 0; i < s.from_size; i++) {
		assert_true(s.from[i].tid == 0 || s.from[i].handoffs == 3);
		sum += s.from[i].handoffs;
	}
	assert_int_equal(sum, 3000);
	assert_int_equal(s.contended, 3002);
	free(s.from);
}

static char *truth_of(const char *options, const char *command)
{
	char path[256];
	struct result r;
	char *json;

	snprintf(path, sizeof(path), "%s", temp_name("stats.json"));
	run(&r, 60, "%s %s --stats=%s %s", built("workloads/gilvm"), options,
	    path, command);
	if (r.status)
		fail_msg("%s: %s", command, r.err);
	result_free(&r);
	json = read_file(path);
	assert_non_null(json);
	return json;
}

/* Sum of `"key":` over all places behind `from`. */
static double sum_after(const char *text, const char *from, const char *key)
{
	const char *p = strstr(text, from);
	char want[64];
	double sum = 0;

	assert_non_null(p);
	snprintf(want, sizeof(want), "\"%s\":", key);
	while ((p = strstr(p, want))) {
		p += strlen(want);
		sum += strtod(p, NULL);
	}
	return sum;
}

/* Sum of the counts of a histogram. */
static double hist_sum(const char *text, const char *name)
{
	char want[64];
	const char *p;
	double sum = 0;

	snprintf(want, sizeof(want), "\"%s\":[", name);
	p = strstr(text, want);
	assert_non_null(p);
	p += strlen(want);
	while (*p == '[') {
		p = strchr(p, ',') + 1;
		p = strchr(p, ',') + 1;
		sum += strtod(p, NULL);
		p = strchr(p, ']') + 1;
		p += *p == ',';
	}
	return sum;
}

static const char *const all_locks[] = {
	"--gil=interval",
	"--gil=fair",
	"--gil=ticks",
	"--gil=ticks --lock=cond",
};

static void the_truth_adds_up(void **state)
{
	static const char *const keys[] = { "acquired", "contended", "handoffs",
					    "waits",    "steals",    "timeouts",
					    "wait_ns",  "hold_ns",   "ticks" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char *t = truth_of(all_locks[i],
				   "workloads/programs/convoy.py 2 0.5 0.002");
		double end = json_number(t, "end_ns");
		double wall = end - json_number(t, "start_ns");

		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			assert_true(
				json_number(t, keys[k]) ==
				sum_after(t, "\"threads\":", keys[k]) -
					(k == 2 ? sum_after(t, "\"matrix\":",
							    "handoffs")
						: 0));
		assert_true(sum_after(t, "\"matrix\":", "handoffs") ==
			    json_number(t, "handoffs"));
		assert_true(hist_sum(t, "wait_hist") ==
			    json_number(t, "contended"));
		/* The last hold has not ended when the file is written. */
		assert_true(hist_sum(t, "hold_hist") ==
			    json_number(t, "acquired") - 1);
		assert_true(json_number(t, "handoffs") > 20);
		assert_true(json_number(t, "handoffs") <=
			    json_number(t, "contended"));
		assert_true(json_number(t, "contended") <=
			    json_number(t, "waits"));
		assert_true(json_number(t, "handoffs") <=
			    json_number(t, "switches"));
		/* One thread at a time. */
		assert_true(json_number(t, "hold_ns") > 0);
		assert_true(json_number(t, "hold_ns") < wall);
		print_message("%s: %.0f handoffs, %.0f steals, %.0f timeouts\n",
			      all_locks[i], json_number(t, "handoffs"),
			      json_number(t, "steals"),
			      json_number(t, "timeouts"));
		free(t);
	}
}

static void ticks_count_bytecodes(void **state)
{
	const char *program = "workloads/programs/countdown.py sequential ";
	char command[128];
	double ticks[2];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (int k = 0; k < 2; k++) {
			char *t;

			snprintf(command, sizeof(command), "%s%d", program,
				 k ? 200000 : 100000);
			t = truth_of(all_locks[i], command);
			ticks[k] = json_number(t, "ticks");
			free(t);
		}
		/* Eight bytecodes a round, two countdowns. */
		assert_true(ticks[1] - ticks[0] == 2 * 8 * 100000);
	}
}

/* One release each N ticks, and those around blocking calls. */
static void check_interval_sets_the_pace(void **state)
{
	static const int intervals[] = { 10, 100, 1000 };
	char options[64];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *t;
		double expected;

		snprintf(options, sizeof(options), "--gil=ticks --check=%d",
			 intervals[i]);
		t = truth_of(options, "workloads/programs/countdown.py "
				      "sequential 100000");
		expected = json_number(t, "ticks") / intervals[i];
		assert_true(json_number(t, "acquired") >= expected * 0.99);
		assert_true(json_number(t, "acquired") <=
			    expected + 20 + json_number(t, "io_releases"));
		free(t);
	}
}

static const char beside_join[] =
	"import os, signal, sys, threading, time\n"
	"def spin():\n"
	"    time.sleep(0.2)\n"
	"    if len(sys.argv) > 1:\n"
	"        os.kill(os.getpid(), signal.SIGINT)\n"
	"    while True:\n"
	"        pass\n"
	"t = threading.Thread(target=spin, daemon=True)\n"
	"try:\n"
	"    t.start()\n"
	"    t.join(1.2)\n"
	"    i = 0\n"
	"    while i < 1000:\n"
	"        i += 1\n"
	"    print('quiet')\n"
	"except KeyboardInterrupt:\n"
	"    print('interrupted')\n";

/* Acquisitions of a program whose main thread waits in join() for 1.2 s, while
 * another computes, and sends a SIGINT first when there is an argument. */
static double acquired_beside_join(const char *gil, const char *argument)
{
	char path[256], program[256];
	struct result r;
	double acquired;
	char *json;

	snprintf(path, sizeof(path), "%s", temp_name("stats.json"));
	snprintf(program, sizeof(program), "%s", temp_name("join.py"));
	write_file(program, beside_join, strlen(beside_join));
	run(&r, 20, "%s %s --check=1000000 --stats=%s %s%s",
	    built("workloads/gilvm"), gil, path, program, argument);
	assert_string_equal(r.out, *argument ? "interrupted\n" : "quiet\n");
	result_free(&r);
	json = read_file(path);
	assert_non_null(json);
	acquired = json_number(json, "acquired");
	free(json);
	return acquired;
}

/* CPython 2's way with signals: once one is pending, the lock is given up and
 * taken again after each single tick, until the main thread runs. */
static void a_pending_signal_makes_each_tick_a_check(void **state)
{
	double calm, storm;

	(void)state;
	for (size_t i = 2; i < 4; i++) {
		calm = acquired_beside_join(all_locks[i], "");
		storm = acquired_beside_join(all_locks[i], " now");
		print_message("%s: %.0f acquisitions, %.0f with a signal\n",
			      all_locks[i], calm, storm);
		assert_true(storm > 20 * calm);
	}
}

/* Programs set both intervals, and the truth has what was set last. */
static void intervals_can_be_set(void **state)
{
	static const struct {
		const char *gil, *text, *out, *key;
		double set;
	} cases[] = {
		{ "--gil=interval --interval=0.25",
		  "import sys\n"
		  "print(sys.getswitchinterval())\n"
		  "sys.setswitchinterval(0.002)\n"
		  "print(sys.getswitchinterval())\n",
		  "0.25\n0.002\n", "interval_ns", 2000000 },
		{ "--gil=ticks --check=70",
		  "import sys\n"
		  "print(sys.getcheckinterval())\n"
		  "sys.setcheckinterval(50)\n"
		  "print(sys.getcheckinterval())\n",
		  "70\n50\n", "check_interval", 50 },
	};
	char program[256], path[256];
	struct result r;
	char *json;

	(void)state;
	snprintf(path, sizeof(path), "%s", temp_name("stats.json"));
	snprintf(program, sizeof(program), "%s", temp_name("set.py"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_file(program, cases[i].text, strlen(cases[i].text));
		run(&r, 20, "%s %s --stats=%s %s", built("workloads/gilvm"),
		    cases[i].gil, path, program);
		assert_string_equal(r.out, cases[i].out);
		result_free(&r);
		json = read_file(path);
		assert_true(json_number(json, cases[i].key) == cases[i].set);
		free(json);
	}
}

static void children_write_their_own_truth(void **state)
{
	char command[300];
	char *t;
	FILE *p;
	int files = 0;
	char line[256];

	(void)state;
	/* A child of a program before may have come to its end, too. */
	snprintf(command, sizeof(command), "rm -f %s.*",
		 temp_name("stats.json"));
	assert_int_equal(system(command), 0);
	t = truth_of("", "workloads/programs/countdown.py processes 200000");
	/* The parent only waits. */
	assert_true(json_number(t, "ticks") < 10000);
	free(t);
	snprintf(command, sizeof(command), "ls %s.*", temp_name("stats.json"));
	p = popen(command, "re");
	assert_non_null(p);
	while (fgets(line, sizeof(line), p)) {
		line[strcspn(line, "\n")] = '\0';
		t = read_file(line);
		assert_true(json_number(t, "ticks") > 200000);
		assert_true(json_number(t, "pid") ==
			    atof(strrchr(line, '.') + 1));
		free(t);
		files++;
	}
	pclose(p);
	assert_int_equal(files, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(histogram_is_log_linear),
		cmocka_unit_test(matrix_grows),
		cmocka_unit_test(the_truth_adds_up),
		cmocka_unit_test(ticks_count_bytecodes),
		cmocka_unit_test(check_interval_sets_the_pace),
		cmocka_unit_test(intervals_can_be_set),
		cmocka_unit_test(a_pending_signal_makes_each_tick_a_check),
		cmocka_unit_test(children_write_their_own_truth),
	};

	run_first();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
