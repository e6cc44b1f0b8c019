// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Two at once on one workload: each counts everything. */
#include <stdio.h>
#include <unistd.h>

#include "compare.h"
#include "csvtable.h"
#include "live.h"
#include "truth.h"

/* The workload, held back until it is let go: a shell that reads a line and
 * then becomes it. */
struct workload {
	struct live *live;
	int gate[2];
};

static int behind_gate(void *ctx)
{
	const struct workload *w = ctx;

	return dup2(w->gate[0], STDIN_FILENO) < 0 || close(w->gate[1]);
}

static void start(struct workload *w, const char *json)
{
	assert_int_equal(pipe(w->gate), 0);
	w->live = live_start(
		(const char *[]){ "sh", "-c", "read line; exec \"$@\"", "sh",
				  live_workload("handoff"), "--lock", "cond",
				  "--threads", "4", "--hold-us", "1000",
				  "--duration", "1", "--json", json, NULL },
		behind_gate, w);
}

static void let_go(struct workload *w)
{
	assert_int_equal(write(w->gate[1], "\n", 1), 1);
	close(w->gate[0]);
	close(w->gate[1]);
	assert_int_equal(live_wait(w->live), 0);
}

static struct live *watch(const struct workload *workload, const char *csv)
{
	return live_watch((const char *[]){
		"-q", "--csv", csv, "-p",
		live_number((uint64_t)workload->live->pid), NULL });
}

static void check(struct compare *c, const char *csv, const struct truth *truth,
		  const char *which)
{
	struct csvtable t;
	size_t row;

	csv_read(&t, csv, "locks");
	row = csv_one(&t, "scope", "total", "lock",
		      live_hex(truth->lock[0].address), NULL);
	compare_near(c, (double)csv_u64(&t, row, "waits"),
		     (double)truth->lock[0].contended, 0.01, 0, "waits, %s",
		     which);
	compare_near(c, (double)csv_u64(&t, row, "handoffs"),
		     (double)truth->lock[0].handoffs, 0.01, 0, "handoffs, %s",
		     which);
	compare_near(c, (double)csv_u64(&t, row, "wait_ns_total"),
		     (double)truth->lock[0].wait_ns, 0.03, 0, "wait time, %s",
		     which);
	csv_done(&t);
}

static void measure(struct compare *c, const void *ctx)
{
	const char *folder = live_folder();
	struct workload workload;
	struct live *one, *two;
	char json[128], csv[2][128];
	struct truth truth;

	(void)ctx;
	snprintf(json, sizeof(json), "%s/truth.json", folder);
	snprintf(csv[0], sizeof(csv[0]), "%s/one", folder);
	snprintf(csv[1], sizeof(csv[1]), "%s/two", folder);
	start(&workload, json);
	one = watch(&workload, csv[0]);
	two = watch(&workload, csv[1]);
	let_go(&workload);
	assert_int_equal(live_wait(one), 0);
	assert_int_equal(live_wait(two), 0);
	truth_read(&truth, json);
	check(c, csv[0], &truth, "first");
	check(c, csv[1], &truth, "second");
	live_done(workload.live);
	live_done(one);
	live_done(two);
}

static void two_do_not_disturb_each_other(void **state)
{
	(void)state;
	live_require();
	compare_retry(measure, NULL);
}

/* One that is killed takes nothing from the other. */
static void measure_the_other(struct compare *c, const void *ctx)
{
	const char *folder = live_folder();
	struct workload workload;
	struct live *one, *two;
	char json[128], csv[128];
	struct truth truth;

	(void)ctx;
	snprintf(json, sizeof(json), "%s/truth.json", folder);
	snprintf(csv, sizeof(csv), "%s/csv", folder);
	start(&workload, json);
	one = watch(&workload, live_path(folder, "gone"));
	two = watch(&workload, csv);
	live_done(one);
	let_go(&workload);
	assert_int_equal(live_wait(two), 0);
	truth_read(&truth, json);
	check(c, csv, &truth, "the one that stays");
	live_done(workload.live);
	live_done(two);
}

static void one_outlives_the_other(void **state)
{
	(void)state;
	live_require();
	compare_retry(measure_the_other, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(two_do_not_disturb_each_other),
		LIVE_TEST(one_outlives_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
