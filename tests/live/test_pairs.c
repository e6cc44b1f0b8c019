// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Two neighbouring futex words: those of a condition variable are one lock,
 * those of two locks are two. Also when threads slept on them before gilwatch
 * came.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "compare.h"
#include "csvtable.h"
#include "live.h"
#include "truth.h"

/* A workload and how gilwatch comes to it. */
struct config {
	const char *name;
	const char *args[10];
	bool attach; /* to the running one; else gilwatch starts it */
};

static const struct config one_lock[] = {
	{ "condition variable, launched",
	  { "--lock", "cond", "--threads", "4", "--hold-us", "1000" },
	  false },
	/* Asleep on both words when gilwatch comes, and woken one by one. */
	{ "condition variable, attached",
	  { "--lock", "cond", "--threads", "6", "--hold-us", "100000",
	    "--sleep" },
	  true },
};

/* Waiters that give up and signals at once: signallers wait for waiters to
 * leave a group, and for each other. */
static const struct config crowded = { "condition variable, crowded",
				       { "--lock", "cond", "--threads", "8",
					 "--hold-us", "300", "--timed-ms",
					 "1" },
				       false };

static const struct config two_locks[] = {
	{ "neighbours, launched",
	  { "--adjacent", "--threads", "4", "--hold-us", "1000" },
	  false },
	{ "neighbours, attached",
	  { "--adjacent", "--threads", "6", "--hold-us", "100000", "--sleep" },
	  true },
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* What one run left behind. */
struct result {
	struct truth truth;
	struct csvtable locks;
};

static struct live *start_workload(const struct config *config,
				   const char *json)
{
	const char *argv[24] = { live_workload("handoff"), "--json", json,
				 "--duration", "60" };

	for (size_t i = 0; config->args[i]; i++)
		argv[5 + i] = config->args[i];
	return live_start(argv, NULL, NULL);
}

static void attach(const struct config *config, const char *csv,
		   const char *json)
{
	struct live *workload = start_workload(config, json), *watch;

	live_sleep(0.5);
	watch = live_watch(
		(const char *[]){ "-q", "--csv", csv, "-p",
				  live_number((uint64_t)workload->pid), NULL });
	live_sleep(1);
	/* It ends as if it were done. */
	live_signal(workload, SIGINT);
	assert_int_equal(live_wait(watch), 0);
	assert_int_equal(live_wait(workload), 0);
	live_done(watch);
	live_done(workload);
}

static void launch(const struct config *config, const char *csv,
		   const char *json)
{
	const char *argv[32] = {
		live_gilwatch(),          "-q",     "--csv", csv,          "--",
		live_workload("handoff"), "--json", json,    "--duration", "1"
	};
	struct live *l;

	for (size_t i = 0; config->args[i]; i++)
		argv[10 + i] = config->args[i];
	l = live_run(argv, NULL, NULL);
	assert_int_equal(l->status, 0);
	live_done(l);
}

static void run(struct result *r, const struct config *config)
{
	const char *folder = live_folder();
	char csv[128], json[128];

	snprintf(csv, sizeof(csv), "%s/csv", folder);
	snprintf(json, sizeof(json), "%s/truth.json", folder);
	if (config->attach)
		attach(config, csv, json);
	else
		launch(config, csv, json);
	truth_read(&r->truth, json);
	csv_read(&r->locks, csv, "locks");
}

/* The lock's waits are the workload's; an attached gilwatch has missed those
 * before it came, and found some open. */
static void check_waits(struct compare *c, const struct result *r, size_t lock,
			bool attached)
{
	const struct truth_lock *want = &r->truth.lock[lock];
	size_t row = csv_one(&r->locks, "scope", "total", "lock",
			     live_hex(want->address), NULL);
	double waits = (double)csv_u64(&r->locks, row, "waits");

	if (attached)
		compare_true(c,
			     waits >= 3 && waits < (double)want->contended + 1,
			     "lock %zu: %.0f waits", lock, waits);
	else
		compare_near(c, waits, (double)want->contended, 0.01, 0,
			     "waits of lock %zu", lock);
}

static void check_one(struct compare *c, const void *ctx)
{
	const struct config *config = ctx;
	struct result r;
	size_t row;

	run(&r, config);
	check_waits(c, &r, 0, config->attach);
	row = csv_one(&r.locks, "scope", "total", "lock",
		      live_hex(r.truth.lock[0].address), NULL);
	compare_true(c, !strcmp(csv_cell(&r.locks, row, "kind"), "condvar"),
		     "kind is %s", csv_cell(&r.locks, row, "kind"));
	compare_true(c,
		     !csv_count(&r.locks, "lock",
				live_hex(r.truth.lock[0].address + 4), NULL),
		     "the second word is a lock of its own");
	csv_done(&r.locks);
}

static void check_two(struct compare *c, const void *ctx)
{
	const struct config *config = ctx;
	struct result r;
	size_t row;

	run(&r, config);
	assert_int_equal(r.truth.locks, 2);
	for (size_t i = 0; i < 2; i++) {
		check_waits(c, &r, i, config->attach);
		row = csv_one(&r.locks, "scope", "total", "lock",
			      live_hex(r.truth.lock[i].address), NULL);
		compare_true(c,
			     strcmp(csv_cell(&r.locks, row, "kind"), "condvar"),
			     "lock %zu is a condvar", i);
	}
	csv_done(&r.locks);
}

/* Bytes of a condition variable before its pair of words. */
#define INSIDE 40

/* Waits on its other words are its own, not those of locks beside it. */
static void check_inside(struct compare *c, const void *ctx)
{
	uint64_t pair, inner;
	struct result r;
	size_t row = 0;

	run(&r, ctx);
	pair = r.truth.lock[0].address;
	inner = csv_sum(&r.locks, "inner_wait_ns_total", "scope", "total",
			"lock", live_hex(pair), NULL);
	compare_true(c, inner > 0, "nobody waited inside of it");
	while ((row = csv_find(&r.locks, row, "scope", "total", NULL)) !=
	       CSV_NONE) {
		uint64_t at =
			strtoull(csv_cell(&r.locks, row++, "lock"), NULL, 16);

		compare_true(c, at >= pair || at + INSIDE < pair,
			     "0x%llx inside of it is a lock",
			     (unsigned long long)at);
	}
	csv_done(&r.locks);
}

static void the_inside_of_a_condition_variable_is_no_lock(void **state)
{
	live_require();
	compare_retry(check_inside, *state);
}

static void a_condition_variable_is_one_lock(void **state)
{
	live_require();
	compare_retry(check_one, *state);
}

static void neighbours_are_two_locks(void **state)
{
	live_require();
	compare_retry(check_two, *state);
}

/* ---- neighbours that wait as a condition variable does ------------------- */

/*
 * Rust's mutexes are words of 4 bytes side by side, with WAIT_BITSET and the
 * value 2. Nobody is woken before gilwatch is there, so that all it knows of
 * them is the call that they sleep in.
 */
static _Atomic uint32_t *words; /* shared with the child: 0 and 1 are locks */
#define WAKE_THEM 2             /* words[WAKE_THEM]: set to go on */

static void *wait_for_word(void *arg)
{
	_Atomic uint32_t *word = arg;

	while (atomic_load(word) == 2)
		syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG,
			2, NULL, NULL, FUTEX_BITSET_MATCH_ANY);
	return NULL;
}

static int two_sleepers(void *ctx)
{
	pthread_t threads[2];

	(void)ctx;
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, wait_for_word, &words[i]);
	while (!atomic_load(&words[WAKE_THEM]))
		live_sleep(0.01);
	for (int i = 0; i < 2; i++) {
		atomic_store(&words[i], 0);
		syscall(SYS_futex, &words[i], FUTEX_WAKE | FUTEX_PRIVATE_FLAG,
			1);
		pthread_join(threads[i], NULL);
	}
	return 0;
}

static void check_sleepers(const char *csv)
{
	struct csvtable t;

	csv_read(&t, csv, "locks");
	for (int i = 0; i < 2; i++) {
		size_t row =
			csv_one(&t, "scope", "total", "lock",
				live_hex((uint64_t)(uintptr_t)&words[i]), NULL);

		assert_int_equal(csv_u64(&t, row, "waits"), 1);
		assert_string_not_equal(csv_cell(&t, row, "kind"), "condvar");
	}
	csv_done(&t);
}

static void sleeping_neighbours_are_two_locks(void **state)
{
	const char *csv = live_path(live_folder(), "csv");
	struct live *child, *watch;

	(void)state;
	live_require();
	words = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(words != MAP_FAILED);
	words[0] = words[1] = 2;
	child = live_call(two_sleepers, NULL);
	live_sleep(0.2);
	watch = live_watch((const char *[]){ "-q", "--csv", csv, "-p",
					     live_number((uint64_t)child->pid),
					     NULL });
	live_sleep(0.3);
	words[WAKE_THEM] = 1;
	assert_int_equal(live_wait(child), 0);
	assert_int_equal(live_wait(watch), 0);
	check_sleepers(csv);
	munmap(words, 4096);
}

/* ---- all ----------------------------------------------------------------- */

static size_t add(struct CMUnitTest *tests, const struct config *configs,
		  size_t n, CMUnitTestFunction fn)
{
	for (size_t i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){
			.name = configs[i].name,
			.test_func = fn,
			.teardown_func = live_teardown,
			.initial_state = (void *)(uintptr_t)&configs[i],
		};
	return n;
}

int main(void)
{
	struct CMUnitTest tests[COUNT(one_lock) + COUNT(two_locks) + 2];
	size_t n = 0;

	n += add(tests, one_lock, COUNT(one_lock),
		 a_condition_variable_is_one_lock);
	n += add(tests + n, two_locks, COUNT(two_locks),
		 neighbours_are_two_locks);
	n += add(tests + n, &crowded, 1,
		 the_inside_of_a_condition_variable_is_no_lock);
	tests[n] =
		(struct CMUnitTest)LIVE_TEST(sleeping_neighbours_are_two_locks);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
