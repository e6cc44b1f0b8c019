// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Migrations are those that the kernel's own tracer counts in the same run. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "compare.h"
#include "csvtable.h"
#include "live.h"

/* ---- a program whose threads move ---------------------------------------- */

#define MOVERS 2   /* change their affinity */
#define SLEEPERS 4 /* are put where there is room */
#define THREADS (MOVERS + SLEEPERS)

/* Shared with the child: all stand still before they get a byte from `go` and
 * after `still`. */
static struct shared {
	_Atomic int tid[THREADS];
	int go[2]; /* a pipe */
	_Atomic bool stop;
	_Atomic int still;
} * shared;

/* To each allowed CPU in turn. */
static void move(const cpu_set_t *allowed, int turn)
{
	int cpu = -1;
	cpu_set_t one;

	for (turn %= CPU_COUNT(allowed); turn >= 0; turn--)
		do {
			cpu++;
		} while (!CPU_ISSET(cpu, allowed));
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static void *thread_main(void *arg)
{
	int index = (int)(intptr_t)arg;
	cpu_set_t allowed;
	char byte;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	atomic_store(&shared->tid[index], gettid());
	if (read(shared->go[0], &byte, 1) != 1)
		return NULL;
	for (int i = 0; !atomic_load(&shared->stop); i++) {
		if (index < MOVERS)
			move(&allowed, i);
		for (volatile int burn = 0; burn < 100000; burn++)
			continue;
		usleep(500);
	}
	atomic_fetch_add(&shared->still, 1);
	pause();
	return NULL;
}

static int movers(void *ctx)
{
	pthread_t thread;

	(void)ctx;
	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, thread_main, (void *)i);
	pause();
	return 0;
}

/* ---- perf ---------------------------------------------------------------- */

/* perf reads tracefs, which is not mounted everywhere. */
static int with_tracefs(void *ctx)
{
	(void)ctx;
	if (!access("/sys/kernel/tracing/events", F_OK))
		return 0;
	return unshare(CLONE_NEWNS) ||
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	       mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
}

static struct live *perf_start(const char *data)
{
	struct live *l = live_start(
		(const char *[]){ "perf", "record", "-q", "-a", "-m", "512",
				  "-e", "sched:sched_migrate_task", "-o", data,
				  "--", "sh", "-c",
				  "echo records; exec sleep 60", NULL },
		with_tracefs, NULL);

	live_await_out(l, "records");
	return l;
}

/* "comm=x pid=1 prio=120 orig_cpu=0 dest_cpu=1" a line. */
static struct live *perf_read(const char *data)
{
	struct live *l = live_run(
		(const char *[]){ "perf", "script", "-i", data, "-F",
				  "event,trace", "--show-lost-events", NULL },
		with_tracefs, NULL);

	if (l->status)
		fail_msg("perf script: %s", live_err(l));
	return l;
}

#define CPUS_MAX 64

/* How often each thread moved from where to where. */
struct counts {
	unsigned int n[THREADS][CPUS_MAX][CPUS_MAX];
	unsigned int all;
	bool lost;
};

static int thread_of(int tid)
{
	for (int i = 0; i < THREADS; i++)
		if (shared->tid[i] == tid)
			return i;
	return -1;
}

static void read_counts(struct counts *counts, const char *text)
{
	unsigned int from, to;
	const char *line = text, *pid;
	int tid, thread;

	memset(counts, 0, sizeof(*counts));
	counts->lost = strstr(text, "LOST");
	for (; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		pid = strstr(line, " pid=");
		if (!pid || pid > line + strcspn(line, "\n") ||
		    sscanf(pid, " pid=%d prio=%*d orig_cpu=%u dest_cpu=%u",
			   &tid, &from, &to) != 3)
			continue;
		thread = thread_of(tid);
		if (thread < 0)
			continue;
		assert_true(from < CPUS_MAX && to < CPUS_MAX);
		counts->n[thread][from][to]++;
		counts->all++;
	}
}

/* ---- comparison ---------------------------------------------------------- */

static void check_pair(struct compare *c, const struct csvtable *t,
		       const struct counts *want, int thread, unsigned int from,
		       unsigned int to)
{
	uint64_t got =
		csv_sum(t, "migrations", "scope", "total", "tid",
			live_number((uint64_t)shared->tid[thread]), "from_cpu",
			live_number(from), "to_cpu", live_number(to), NULL);

	compare_near(c, (double)got, want->n[thread][from][to], 0, 0,
		     "thread %d from %u to %u", thread, from, to);
}

static void check(struct compare *c, const char *csv, const struct counts *want)
{
	unsigned int cpus = (unsigned int)sysconf(_SC_NPROCESSORS_CONF);
	struct csvtable moves, threads;
	unsigned int all;

	csv_read(&moves, csv, "migrations");
	csv_read(&threads, csv, "threads");
	for (int thread = 0; thread < THREADS; thread++) {
		all = 0;
		for (unsigned int from = 0; from < cpus; from++)
			for (unsigned int to = 0; to < cpus; to++) {
				check_pair(c, &moves, want, thread, from, to);
				all += want->n[thread][from][to];
			}
		compare_near(c,
			     (double)csv_sum(
				     &threads, "migrations", "scope", "total",
				     "tid",
				     live_number((uint64_t)shared->tid[thread]),
				     NULL),
			     all, 0, 0, "thread %d in threads.csv", thread);
	}
	csv_done(&moves);
	csv_done(&threads);
}

/* Both tracers come before the threads begin to move and go after that. */
static void measure(struct compare *c, const void *ctx)
{
	const char *folder = live_folder();
	struct live *l, *w, *perf;
	char csv[128], data[128];
	struct counts want;

	(void)ctx;
	snprintf(csv, sizeof(csv), "%s/csv", folder);
	snprintf(data, sizeof(data), "%s/perf.data", folder);
	memset(shared, 0, sizeof(*shared));
	assert_int_equal(pipe(shared->go), 0);
	l = live_call(movers, NULL);
	live_sleep(0.2);
	w = live_watch((const char *[]){ "-q", "--csv", csv, "-p",
					 live_number((uint64_t)l->pid), NULL });
	perf = perf_start(data);
	assert_int_equal(write(shared->go[1], "........", THREADS), THREADS);
	live_sleep(1.5);
	shared->stop = true;
	while (shared->still < THREADS)
		live_sleep(0.01);
	live_signal(w, SIGINT);
	live_wait(w);
	live_signal(perf, SIGINT);
	live_wait(perf);
	live_done(l);
	read_counts(&want, live_out(perf_read(data)));
	compare_true(c, !want.lost, "perf has lost events");
	compare_true(c, want.all > 100, "perf saw %u migrations", want.all);
	check(c, csv, &want);
	close(shared->go[0]);
	close(shared->go[1]);
	live_teardown(NULL);
}

static void migrations_as_perf_counts_them(void **state)
{
	struct live *l;
	cpu_set_t allowed;

	(void)state;
	live_require();
	sched_getaffinity(0, sizeof(allowed), &allowed);
	if (CPU_COUNT(&allowed) < 2)
		live_skip("one CPU: nothing can migrate");
	l = live_run((const char *[]){ "perf", "version", NULL }, NULL, NULL);
	if (l->status)
		live_skip("no perf");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	compare_retry(measure, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(migrations_as_perf_counts_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
