// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What has to be the same under every kernel, for a machine that is emulated
 * and slow: counts, not times. Nobody else uses BPF there.
 */
#include <bpf/bpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "csvtable.h"
#include "figure.h"
#include "live.h"
#include "loads.h"
#include "truth.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* ---- handoffs of each kind of lock --------------------------------------- */

static const char *const kinds[] = { "futex", "mutex", "cond", "sem" };

static void check_matrix(struct compare *c, const struct csvtable *t,
			 const struct truth *truth, const char *kind)
{
	const struct truth_lock *want = &truth->lock[0];
	uint64_t got;

	for (size_t from = 0; from < truth->threads; from++)
		for (size_t to = 0; to < truth->threads; to++) {
			got = csv_sum(
				t, "handoffs", "scope", "total", "lock",
				live_hex(want->address), "from_tid",
				live_number((uint64_t)truth->thread[from].tid),
				"to_tid",
				live_number((uint64_t)truth->thread[to].tid),
				NULL);
			compare_near(c, (double)got,
				     (double)want->matrix[from][to], 0, 1,
				     "%s: handoffs %zu -> %zu", kind, from, to);
		}
}

static void check_kind(struct compare *c, const struct csvtable *locks,
		       const struct csvtable *handoffs, const char *json,
		       const char *kind)
{
	struct truth truth;
	size_t row;

	truth_read(&truth, json);
	row = csv_one(locks, "scope", "total", "pid",
		      live_number((uint64_t)truth.pid), "lock",
		      live_hex(truth.lock[0].address), NULL);
	compare_true(c, truth.lock[0].handoffs > 50, "%s: only %d handoffs",
		     kind, (int)truth.lock[0].handoffs);
	compare_near(c, (double)csv_u64(locks, row, "waits"),
		     (double)truth.lock[0].contended, 0.01, 1, "%s: waits",
		     kind);
	compare_near(c, (double)csv_u64(locks, row, "acquired"),
		     (double)truth.lock[0].contended, 0.01, 1, "%s: acquired",
		     kind);
	compare_near(c, (double)csv_u64(locks, row, "handoffs"),
		     (double)truth.lock[0].handoffs, 0.01, 1, "%s: handoffs",
		     kind);
	/* What an emulated machine takes is no measure, but an hour is. */
	compare_near(c, (double)csv_u64(locks, row, "wait_ns_total"),
		     (double)truth.lock[0].wait_ns, 0.5, 0, "%s: wait time",
		     kind);
	compare_near(c, (double)csv_u64(locks, row, "lost"), 0, 0, 0,
		     "%s: lost", kind);
	check_matrix(c, handoffs, &truth, kind);
}

struct scene {
	const char *probes; /* how gilwatch looks */
	const char *beside; /* what the shell does meanwhile */
};

/* One after the other, children of one command: which follows forks and execs
 * as well. They sleep with the lock, so that all waits are long. */
static void watch_kinds(struct compare *c, const void *ctx)
{
	const struct scene *scene = ctx;
	const char *folder = live_folder();
	struct csvtable locks, handoffs;
	char csv[128], script[4096];
	struct live *l;
	int n = snprintf(script, sizeof(script), "%s", scene->beside);

	snprintf(csv, sizeof(csv), "%s/csv", folder);
	for (size_t i = 0; i < COUNT(kinds); i++)
		n += snprintf(script + n, sizeof(script) - (size_t)n,
			      "%s --lock %s --threads 3 --count 120 --sleep "
			      "--hold-us 4000 --json %s/%s && ",
			      live_workload("handoff"), kinds[i], folder,
			      kinds[i]);
	snprintf(script + n, sizeof(script) - (size_t)n, "wait $! && exit 7");
	l = live_run((const char *[]){ live_gilwatch(), "-q", "--probes",
				       scene->probes, "--csv", csv, "--", "sh",
				       "-c", script, NULL },
		     NULL, NULL);
	if (l->status != 7)
		fail_msg("exit status %d: %s%s", l->status, live_out(l),
			 live_err(l));
	live_done(l);
	csv_check_folder(csv);
	csv_read(&locks, csv, "locks");
	csv_read(&handoffs, csv, "handoffs");
	for (size_t i = 0; i < COUNT(kinds); i++)
		check_kind(c, &locks, &handoffs, live_path(folder, kinds[i]),
			   kinds[i]);
	csv_done(&locks);
	csv_done(&handoffs);
}

static void handoffs_are_the_workloads(void **state)
{
	static const struct scene scene = { "futex", "" };

	(void)state;
	compare_retry(watch_kinds, &scene);
}

static void handoffs_without_the_system_calls(void **state)
{
	static const struct scene scene = { "sched", "" };

	(void)state;
	compare_retry(watch_kinds, &scene);
}

/* What changes the machine is for one that ends with the tests. */
static void only_in_a_guest(void)
{
	if (!getenv("GILWATCH_GUEST"))
		live_skip("only in a guest of qemu (tests/kernels/init.sh)");
}

#define CPU1 "/sys/devices/system/cpu/cpu1/online"

/* What ran on it has to move; what was attached there stays. */
static void a_cpu_goes_offline_and_comes_back(void **state)
{
	static const struct scene scene = {
		"futex", "(for i in 1 2 3 4; do sleep 0.3; "
			 "echo 0 >" CPU1 " || exit 1; sleep 0.3; "
			 "echo 1 >" CPU1 " || exit 1; done) & "
	};

	(void)state;
	only_in_a_guest();
	if (access(CPU1, W_OK))
		live_skip("no CPU that can be taken offline");
	compare_retry(watch_kinds, &scene);
}

/* By settimeofday: an hour ahead, and two back. */
static void the_time_of_day_is_set(void **state)
{
	static const struct scene scene = {
		"futex",
		"(sleep 0.7; date -s @$(($(date +%s) + 3600)) || exit 1; "
		"sleep 1; date -s @$(($(date +%s) - 7200)) || exit 1) "
		">/dev/null & "
	};

	(void)state;
	only_in_a_guest();
	compare_retry(watch_kinds, &scene);
}

/* Linux 7.3 leaves runs of programs out, each of which may be a wait's. */
static void more_locks_than_there_is_room_for(void **state)
{
	uint64_t truth, left_out;
	struct loads l;

	(void)state;
	live_require();
	loads_run_with(&l, "--max-locks=1024", "locks", 20000, 1000000);
	assert_int_equal(loads_lost(&l, "table full"), 0);
	left_out = loads_lost(&l, "program left out by the kernel");
	if (!left_out) {
		loads_check_locks(&l, "20,000 locks with room for 1,024");
		return;
	}
	truth = loads_truth(&l, "waits") + loads_truth(&l, "hot_waits");
	figure("20,000 locks with room for 1,024: %llu of %llu counted, the "
	       "kernel left %llu runs out",
	       (unsigned long long)loads_waits(&l), (unsigned long long)truth,
	       (unsigned long long)left_out);
	assert_in_range(loads_waits(&l), truth - left_out, truth);
}

/* ---- an interpreter's lock ----------------------------------------------- */

static double number_in(const char *path, const char *key)
{
	char text[65536] = "", quoted[64];
	FILE *f = fopen(path, "r");
	const char *at;

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	at = strstr(text, quoted);
	assert_non_null(at);
	return atof(at + strlen(quoted));
}

/* Handoffs before it is recognised are another lock's, which is why some may be
 * missing. No timer ends a wait: whether its thread got the lock then, is told
 * by how long it runs, which takes ever so long on an emulated CPU. */
static void watch_gil(struct compare *c, const void *ctx)
{
	const char *csv = live_path(live_folder(), "csv");
	const char *stats = live_path(live_folder(), "stats");
	char option[256];
	struct csvtable t;
	struct live *l;
	size_t row;
	bool found;

	(void)ctx;
	snprintf(option, sizeof(option), "--stats=%s", stats);
	l = live_run((const char *[]){ live_gilwatch(), "-q", "--csv", csv,
				       "--", live_workload("gilvm"),
				       "--interval=2", option,
				       "tests/kernels/turns.py", "300", NULL },
		     NULL, NULL);
	if (l->status)
		fail_msg("exit status %d: %s", l->status, live_err(l));
	csv_read(&t, csv, "locks");
	/* On an emulated CPU it can be over before it is searched. */
	found = csv_count(&t, "scope", "total", "kind", "GIL", NULL) == 1;
	compare_true(c, found, "no GIL found");
	if (found) {
		row = csv_one(&t, "scope", "total", "kind", "GIL", NULL);
		compare_true(c, number_in(stats, "handoffs") > 50,
			     "few handoffs");
		compare_near(c, (double)csv_u64(&t, row, "handoffs"),
			     number_in(stats, "handoffs"), 0.15, 3,
			     "handoffs of the GIL");
	}
	csv_done(&t);
	live_done(l);
}

static void a_gil_is_recognised(void **state)
{
	(void)state;
	compare_retry(watch_gil, NULL);
}

/* ---- threads that were there before -------------------------------------- */

/* The iterators and what user space reads of another process's memory. */
static void a_deadlock_that_was_there_before(void **state)
{
	const char *csv = live_path(live_folder(), "csv");
	struct live *l = live_start((const char *[]){ live_workload("deadlock"),
						      "unsafe", "60", NULL },
				    NULL, NULL);
	struct csvtable t;
	struct live *w;

	(void)state;
	live_await_out(l, "\n");
	w = live_watch((const char *[]){ "-p", live_number((uint64_t)l->pid),
					 "-d", "3", "--plain", "-q", "--csv",
					 csv, NULL });
	assert_int_equal(live_wait(w), 0);
	if (!strstr(live_out(w), "deadlock: 2 threads wait for each other"))
		fail_msg("no deadlock in:\n%s", live_out(w));
	csv_read(&t, csv, "locks");
	assert_int_equal(csv_count(&t, "scope", "total", "kind", "mutex",
				   "waits", "1", NULL),
			 2);
	csv_done(&t);
	csv_read(&t, csv, "threads");
	assert_int_equal(csv_count(&t, "scope", "total", NULL), 3);
	csv_done(&t);
}

/* ---- the end ------------------------------------------------------------- */

/* What there is in the kernel, of all processes. */
static size_t in_kernel(void)
{
	__u32 id;
	size_t n = 0;

	for (id = 0; !bpf_prog_get_next_id(id, &id);)
		n++;
	for (id = 0; !bpf_map_get_next_id(id, &id);)
		n++;
	for (id = 0; !bpf_link_get_next_id(id, &id);)
		n++;
	return n;
}

/* It frees them some time after the last descriptor is closed. */
static void assert_nothing_there(void)
{
	for (int i = 0; in_kernel() && i < 500; i++)
		live_sleep(0.02);
	assert_int_equal(in_kernel(), 0);
}

static void nothing_is_left(void **state)
{
	static const int signals[] = { SIGTERM, SIGKILL };
	struct live *l = live_start((const char *[]){ "sleep", "1000", NULL },
				    NULL, NULL);
	struct live *w;

	(void)state;
	assert_nothing_there();
	for (size_t i = 0; i < COUNT(signals); i++) {
		w = live_watch((const char *[]){
			"-p", live_number((uint64_t)l->pid), NULL });
		assert_true(in_kernel() > 10);
		live_signal(w, signals[i]);
		live_wait(w);
		assert_nothing_there();
		assert_false(live_ended(l));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(handoffs_are_the_workloads),
		LIVE_TEST(handoffs_without_the_system_calls),
		LIVE_TEST(a_cpu_goes_offline_and_comes_back),
		LIVE_TEST(the_time_of_day_is_set),
		LIVE_TEST(more_locks_than_there_is_room_for),
		LIVE_TEST(a_gil_is_recognised),
		LIVE_TEST(a_deadlock_that_was_there_before),
		LIVE_TEST(nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
