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
#include <sys/stat.h>
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

/* ---- the kernel's tracer --------------------------------------------------
 */

/* An instance of our own; perf was seen to lose some of these events without
 * a word, where this and gilwatch agreed. */
#define TRACEFS "/sys/kernel/tracing"
#define INSTANCE TRACEFS "/instances/gilwatch-test"

/* Not mounted everywhere; seen by this process and its children only. */
static void mount_tracefs(void)
{
	if (!access(TRACEFS "/events", F_OK))
		return;
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("tracefs", TRACEFS, "tracefs", 0, NULL), 0);
}

static void tracer_set(const char *file, const char *value)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), INSTANCE "/%s", file);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(value, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void tracer_start(void)
{
	rmdir(INSTANCE); /* of a run that was killed */
	assert_int_equal(mkdir(INSTANCE, 0700), 0);
	tracer_set("buffer_size_kb", "8192");
	tracer_set("events/sched/sched_migrate_task/enable", "1");
}

/* The trace as text, from malloc. The instance is gone afterwards. Not inlined:
 * gcc 12 then takes the text for a local variable's. */
__attribute__((noinline)) static char *tracer_stop(void)
{
	size_t size = 0;
	char *text = NULL;
	FILE *f;

	tracer_set("events/sched/sched_migrate_task/enable", "0");
	f = fopen(INSTANCE "/trace", "re");
	assert_non_null(f);
	assert_true(getdelim(&text, &size, '\0', f) > 0);
	fclose(f);
	assert_int_equal(rmdir(INSTANCE), 0);
	return text;
}

/* "# entries-in-buffer/entries-written: 12/12" */
static bool tracer_lost(const char *text)
{
	static const char mark[] = "entries-written:";
	const char *at = strstr(text, mark);
	unsigned long in;
	char *end;

	if (!at)
		return true;
	in = strtoul(at + sizeof(mark) - 1, &end, 10);
	return *end != '/' || strtoul(end + 1, NULL, 10) != in;
}

#define CPUS_MAX 64

/* How often each thread moved from where to where. */
struct counts {
	unsigned int n[THREADS][CPUS_MAX][CPUS_MAX];
	unsigned int exempt[THREADS][CPUS_MAX][CPUS_MAX]; /* beside these */
	unsigned int all, all_exempt;
	bool lost;
};

static int thread_of(int tid)
{
	for (int i = 0; i < THREADS; i++)
		if (shared->tid[i] == tid)
			return i;
	return -1;
}

/*
 * "  NAME-TID   [001] ...": the task that ran there. A virtual machine's kernel
 * may run no BPF program on behalf of its own agent, which is process 1, nor in
 * an interrupt that comes while that runs; the tracer is not told so.
 */
static bool is_exempt(const char *line)
{
	const char *cpu = strstr(line, " ["), *at = cpu;
	char path[64];

	while (at > line && at[-1] == ' ')
		at--;
	while (at > line && at[-1] != '-' && at[-1] != ' ')
		at--;
	if (!cpu || !atoi(at))
		return false;
	snprintf(path, sizeof(path), "/proc/1/task/%d", atoi(at));
	return !access(path, F_OK);
}

static void read_counts(struct counts *counts, const char *text)
{
	unsigned int from, to;
	const char *line = text, *pid;
	int tid, thread;

	memset(counts, 0, sizeof(*counts));
	counts->lost = tracer_lost(text);
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
		if (is_exempt(line)) {
			counts->exempt[thread][from][to]++;
			counts->all_exempt++;
		} else {
			counts->n[thread][from][to]++;
			counts->all++;
		}
	}
}

/* ---- comparison ---------------------------------------------------------- */

/* Exactly, but for those that need not be seen. */
static void check_count(struct compare *c, uint64_t got, unsigned int want,
			unsigned int exempt, const char *name)
{
	compare_true(c, got >= want && got <= want + exempt,
		     "%s: %lu, but %u in truth, and %u exempt", name,
		     (unsigned long)got, want, exempt);
}

static void check_pair(struct compare *c, const struct csvtable *t,
		       const struct counts *want, int thread, unsigned int from,
		       unsigned int to)
{
	char name[64];
	uint64_t got =
		csv_sum(t, "migrations", "scope", "total", "tid",
			live_number((uint64_t)shared->tid[thread]), "from_cpu",
			live_number(from), "to_cpu", live_number(to), NULL);

	snprintf(name, sizeof(name), "thread %d from %u to %u", thread, from,
		 to);
	check_count(c, got, want->n[thread][from][to],
		    want->exempt[thread][from][to], name);
}

static void check_thread(struct compare *c, const struct csvtable *threads,
			 const struct counts *want, int thread)
{
	unsigned int all = 0, exempt = 0;
	char name[64];

	for (int from = 0; from < CPUS_MAX; from++)
		for (int to = 0; to < CPUS_MAX; to++) {
			all += want->n[thread][from][to];
			exempt += want->exempt[thread][from][to];
		}
	snprintf(name, sizeof(name), "thread %d in threads.csv", thread);
	check_count(c,
		    csv_sum(threads, "migrations", "scope", "total", "tid",
			    live_number((uint64_t)shared->tid[thread]), NULL),
		    all, exempt, name);
}

static void check(struct compare *c, const char *csv, const struct counts *want)
{
	unsigned int cpus = (unsigned int)sysconf(_SC_NPROCESSORS_CONF);
	struct csvtable moves, threads;

	csv_read(&moves, csv, "migrations");
	csv_read(&threads, csv, "threads");
	for (int thread = 0; thread < THREADS; thread++) {
		for (unsigned int from = 0; from < cpus; from++)
			for (unsigned int to = 0; to < cpus; to++)
				check_pair(c, &moves, want, thread, from, to);
		check_thread(c, &threads, want, thread);
	}
	csv_done(&moves);
	csv_done(&threads);
}

/* Both tracers come before the threads begin to move and go after that. */
static void measure(struct compare *c, const void *ctx)
{
	const char *folder = live_folder();
	struct live *l, *w;
	struct counts want;
	char csv[128], *trace;

	(void)ctx;
	snprintf(csv, sizeof(csv), "%s/csv", folder);
	memset(shared, 0, sizeof(*shared));
	assert_int_equal(pipe(shared->go), 0);
	l = live_call(movers, NULL);
	live_sleep(0.2);
	w = live_watch((const char *[]){ "-q", "--csv", csv, "-p",
					 live_number((uint64_t)l->pid), NULL });
	tracer_start();
	assert_int_equal(write(shared->go[1], "........", THREADS), THREADS);
	live_sleep(1.5);
	shared->stop = true;
	while (shared->still < THREADS)
		live_sleep(0.01);
	live_sleep(0.3); /* until they sleep: one may wait for a CPU still */
	live_signal(w, SIGINT);
	live_wait(w);
	trace = tracer_stop();
	live_done(l);
	read_counts(&want, trace);
	compare_true(c, !want.lost, "the tracer has lost events");
	compare_true(c, want.all > 100, "%u migrations in truth", want.all);
	compare_true(c, want.all_exempt * 20 < want.all, "%u more are exempt",
		     want.all_exempt);
	printf("# %u migrations, %u more that happened in process 1\n",
	       want.all, want.all_exempt);
	check(c, csv, &want);
	free(trace);
	close(shared->go[0]);
	close(shared->go[1]);
	live_teardown(NULL);
}

static void migrations_as_the_kernel_counts_them(void **state)
{
	cpu_set_t allowed;

	(void)state;
	live_require();
	sched_getaffinity(0, sizeof(allowed), &allowed);
	if (CPU_COUNT(&allowed) < 2)
		live_skip("one CPU: nothing can migrate");
	mount_tracefs();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	compare_retry(measure, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(migrations_as_the_kernel_counts_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
