// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Threads that were there before gilwatch came and make no event are known
 * from the start, with what they do.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "compare.h"
#include "csvtable.h"
#include "live.h"

/* What a thread does from before gilwatch comes until after it has gone. */
enum does { FUTEX, BITSET, TIMED, MUTEX, NAPS, READS, BURNS, THREADS };

/* The column of the time that it spends so. */
static const char *const column_of[THREADS] = {
	[FUTEX] = "lock_wait_ns", [BITSET] = "lock_wait_ns",
	[TIMED] = "lock_wait_ns", [MUTEX] = "lock_wait_ns",
	[NAPS] = "sleeping_ns",   [READS] = "sleeping_ns",
	[BURNS] = "running_ns",
};

/* Shared with the child. */
static struct shared {
	_Atomic int tid[THREADS];
	_Atomic uint32_t word[THREADS];
	pthread_mutex_t mutex; /* of the child's threads only */
	_Atomic bool unlock;
} * shared;

static void wait_on(enum does what, int op, const struct timespec *timeout)
{
	for (;;)
		syscall(SYS_futex, &shared->word[what], op | FUTEX_PRIVATE_FLAG,
			0, timeout, NULL, FUTEX_BITSET_MATCH_ANY);
}

static void *thread_main(void *arg)
{
	const struct timespec hour = { .tv_sec = 3600 };
	enum does what = (enum does)(intptr_t)arg;
	int pipes[2];
	char c;

	atomic_store(&shared->tid[what], gettid());
	switch (what) {
	case FUTEX:
		wait_on(what, FUTEX_WAIT, NULL);
		break;
	case BITSET:
		wait_on(what, FUTEX_WAIT_BITSET, NULL);
		break;
	case TIMED:
		wait_on(what, FUTEX_WAIT, &hour);
		break;
	case MUTEX:
		pthread_mutex_lock(&shared->mutex);
		nanosleep(&hour, NULL);
		break;
	case NAPS:
		nanosleep(&hour, NULL);
		break;
	case READS:
		return pipe(pipes) ? NULL : (void *)read(pipes[0], &c, 1);
	default:
		for (;;)
			continue;
	}
	return NULL;
}

/* The main thread holds the mutex until it is told to give it up. */
static int some_of_all(void *ctx)
{
	pthread_t thread;

	(void)ctx;
	pthread_mutex_init(&shared->mutex, NULL);
	pthread_mutex_lock(&shared->mutex);
	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, thread_main, (void *)i);
	while (!atomic_load(&shared->unlock))
		live_sleep(0.01);
	pthread_mutex_unlock(&shared->mutex);
	live_sleep(3600);
	return 0;
}

static void share(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
}

static struct live *start(void)
{
	struct live *l;

	memset(shared, 0, sizeof(*shared));
	l = live_call(some_of_all, NULL);
	while (!atomic_load(&shared->tid[BURNS]))
		live_sleep(0.01);
	live_sleep(0.1);
	return l;
}

static struct live *watch(const struct live *l, const char *csv,
			  const char *seconds)
{
	return live_watch((const char *[]){
		"-q", "-i", "0.3", "-d", seconds, "--csv", csv, "-p",
		live_number((uint64_t)l->pid), NULL });
}

static uint64_t address(enum does what)
{
	return what == MUTEX ? (uint64_t)(uintptr_t)&shared->mutex
			     : (uint64_t)(uintptr_t)&shared->word[what];
}

/* ---- comparisons --------------------------------------------------------- */

/* A thread that burns shares its CPU with others. */
static double time_so(const struct csvtable *t, size_t row, enum does what)
{
	uint64_t ns = csv_u64(t, row, column_of[what]);

	if (what == BURNS)
		ns += csv_u64(t, row, "runnable_ns");
	return (double)ns;
}

/* In each interval, the first one too, and in total. */
static void check_thread(struct compare *c, const struct csvtable *t,
			 enum does what)
{
	const char *tid = live_number((uint64_t)shared->tid[what]);
	size_t row = 0, rows = 0;

	while ((row = csv_find(t, row, "tid", tid, NULL)) != CSV_NONE) {
		compare_near(c, time_so(t, row, what), csv_window_ns(t, row),
			     0.01, 0, "thread %d, %s at %s", (int)what,
			     csv_cell(t, row, "scope"),
			     csv_cell(t, row, "start_s"));
		rows++;
		row++;
	}
	compare_true(c, rows >= 4, "thread %d is in %zu rows", (int)what, rows);
}

static void check_lock(struct compare *c, const struct csvtable *t,
		       enum does what)
{
	const char *lock = live_hex(address(what));
	size_t row = csv_one(t, "scope", "total", "lock", lock, NULL);

	compare_true(c, csv_u64(t, row, "waits") == 1, "lock %d has no wait",
		     (int)what);
	compare_near(c, (double)csv_u64(t, row, "wait_ns_total"),
		     csv_window_ns(t, row), 0.01, 0, "wait for lock %d",
		     (int)what);
	compare_true(c,
		     csv_count(t, "scope", "interval", "lock", lock, NULL) >= 3,
		     "lock %d is not in each interval", (int)what);
}

static void measure(struct compare *c, const void *ctx)
{
	const char *csv = live_path(live_folder(), "csv");
	struct csvtable locks, threads;
	struct live *l = start(), *w;

	(void)ctx;
	w = watch(l, csv, "1");
	assert_int_equal(live_wait(w), 0);
	live_done(w);
	live_done(l);
	csv_read(&threads, csv, "threads");
	csv_read(&locks, csv, "locks");
	for (int i = 0; i < THREADS; i++) {
		check_thread(c, &threads, i);
		if (!strcmp(column_of[i], "lock_wait_ns"))
			check_lock(c, &locks, i);
	}
	compare_true(c, csv_count(&locks, "scope", "total", NULL) == 4,
		     "there are other locks");
	csv_done(&threads);
	csv_done(&locks);
}

/* ---- tests --------------------------------------------------------------- */

static void threads_without_events_are_known(void **state)
{
	(void)state;
	live_require();
	share();
	compare_retry(measure, NULL);
}

/* The wait was there before; its end is seen. */
static void an_adopted_wait_ends_in_a_handoff(void **state)
{
	const char *csv = live_path(live_folder(), "csv");
	struct csvtable t;
	struct live *l, *w;
	size_t row;

	(void)state;
	live_require();
	share();
	l = start();
	w = watch(l, csv, "1");
	shared->unlock = true;
	assert_int_equal(live_wait(w), 0);
	csv_read(&t, csv, "locks");
	row = csv_one(&t, "scope", "total", "lock", live_hex(address(MUTEX)),
		      NULL);
	assert_string_equal(csv_cell(&t, row, "kind"), "mutex");
	assert_int_equal(csv_u64(&t, row, "waits"), 1);
	assert_int_equal(csv_u64(&t, row, "acquired"), 1);
	assert_int_equal(csv_u64(&t, row, "handoffs"), 1);
	csv_done(&t);
	csv_read(&t, csv, "handoffs");
	csv_one(&t, "scope", "total", "from_tid", live_number((uint64_t)l->pid),
		"to_tid", live_number((uint64_t)shared->tid[MUTEX]), NULL);
	csv_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(threads_without_events_are_known),
		LIVE_TEST(an_adopted_wait_ends_in_a_handoff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
