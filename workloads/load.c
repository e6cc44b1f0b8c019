// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loads that count their own truth: many futex calls, locks, threads or
 * processes. See usage() for the kinds. At the end, one line "name value" on
 * standard output for each thing counted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS 1000000000ull
#define STACK (64u << 10)

/* Threads that make futex calls; calls between two looks at the clock. */
#define CALLERS 2
#define BURST 64

extern char **environ;

/* One word a cache line, because neighbours can look like a condvar. */
struct word {
	_Alignas(64) uint32_t value;
};

static long futex(uint32_t *word, int op, uint32_t value)
{
	return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL,
		       NULL, 0);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
	const struct timespec t = { .tv_sec = (time_t)(ns / NS),
				    .tv_nsec = (long)(ns % NS) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) ==
	       EINTR)
		;
}

static void say(const char *name, uint64_t value)
{
	printf("%s %llu\n", name, (unsigned long long)value);
}

static void fail(const char *what, int err)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(err));
	exit(1);
}

static pthread_t start(void *(*fn)(void *ctx), void *ctx)
{
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	err = pthread_create(&thread, &attr, fn, ctx);
	if (err)
		fail("cannot start a thread", err);
	pthread_attr_destroy(&attr);
	return thread;
}

/* ---- futex calls at a rate ------------------------------------------------
 */

struct caller {
	struct word word;
	uint64_t rate, seconds;
	uint64_t calls; /* of both kinds */
};

/* A wait whose word has changed returns at once; the wake after it shows that
 * the thread has the lock. */
static void *call(void *ctx)
{
	struct caller *c = ctx;
	uint64_t begin = now_ns(), end = begin + c->seconds * NS;

	c->word.value = 1;
	while (now_ns() < end) {
		for (unsigned int i = 0; i < BURST; i++) {
			futex(&c->word.value, FUTEX_WAIT, 0);
			futex(&c->word.value, FUTEX_WAKE, 1);
		}
		c->calls += 2 * BURST;
		sleep_until(begin + c->calls * NS / c->rate);
	}
	return NULL;
}

static void run_calls(uint64_t rate, uint64_t seconds)
{
	static struct caller caller[CALLERS];
	pthread_t thread[CALLERS];
	uint64_t begin = now_ns(), calls = 0;

	for (unsigned int i = 0; i < CALLERS; i++) {
		caller[i].rate = rate / CALLERS;
		caller[i].seconds = seconds;
		thread[i] = start(call, &caller[i]);
	}
	for (unsigned int i = 0; i < CALLERS; i++) {
		pthread_join(thread[i], NULL);
		calls += caller[i].calls;
	}
	say("calls", calls);
	say("waits", calls / 2);
	say("wakes", calls / 2);
	say("rate", calls * NS / (now_ns() - begin));
}

/* ---- locks that are used once each ----------------------------------------
 */

struct once {
	struct word *words;
	uint64_t n, rate;
	uint64_t passed; /* words that the waiter is through with */
	uint64_t woken;  /* waits that a wake ended */
};

static void *wait_once(void *ctx)
{
	struct once *o = ctx;

	for (uint64_t i = 0; i < o->n; i++) {
		futex(&o->words[i].value, FUTEX_WAIT, 0);
		__atomic_store_n(&o->passed, i + 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void wake_once(struct once *o)
{
	uint64_t begin = now_ns();

	for (uint64_t i = 0; i < o->n; i++) {
		if (i % BURST == 0)
			sleep_until(begin + i * NS / o->rate);
		while (__atomic_load_n(&o->passed, __ATOMIC_ACQUIRE) <= i) {
			if (futex(&o->words[i].value, FUTEX_WAKE, 1) == 1) {
				o->woken++;
				break;
			}
			sched_yield();
		}
	}
}

/* A lock that is used all the while: its calls go on being counted. */
struct hot {
	struct word word;
	bool over;
	uint64_t waits;
};

static void *use_hot(void *ctx)
{
	struct hot *h = ctx;

	h->word.value = 1;
	while (!__atomic_load_n(&h->over, __ATOMIC_ACQUIRE)) {
		futex(&h->word.value, FUTEX_WAIT, 0);
		futex(&h->word.value, FUTEX_WAKE, 1);
		__atomic_fetch_add(&h->waits, 1, __ATOMIC_RELEASE);
		sleep_until(now_ns() + NS / 2000);
	}
	return NULL;
}

static void run_locks(uint64_t n, uint64_t rate)
{
	static struct hot hot;
	struct once o = { .n = n, .rate = rate };
	pthread_t waiter, user = start(use_hot, &hot);

	o.words = aligned_alloc(64, n * sizeof(*o.words));
	if (!o.words)
		fail("no memory", ENOMEM);
	memset(o.words, 0, n * sizeof(*o.words));
	/* It was there before the others. */
	while (!__atomic_load_n(&hot.waits, __ATOMIC_ACQUIRE))
		sched_yield();
	waiter = start(wait_once, &o);
	wake_once(&o);
	pthread_join(waiter, NULL);
	__atomic_store_n(&hot.over, true, __ATOMIC_RELEASE);
	pthread_join(user, NULL);
	say("waits", n);
	say("woken", o.woken);
	say("hot", (uint64_t)(uintptr_t)&hot.word.value);
	say("hot_waits", hot.waits);
	free(o.words);
}

/* ---- threads --------------------------------------------------------------
 */

static struct word common = { .value = 1 };

static void *live_once(void *ctx)
{
	(void)ctx;
	futex(&common.value, FUTEX_WAIT, 0);
	futex(&common.value, FUTEX_WAKE, 1);
	return NULL;
}

static void run_threads(uint64_t rate, uint64_t seconds)
{
	uint64_t begin = now_ns(), n = 0;

	pthread_setname_np(pthread_self(), "short");
	while (now_ns() < begin + seconds * NS) {
		pthread_join(start(live_once, NULL), NULL);
		n++;
		sleep_until(begin + n * NS / rate);
	}
	say("threads", n);
	say("waits", n);
	say("word", (uint64_t)(uintptr_t)&common.value);
	say("rate", n * NS / (now_ns() - begin));
}

struct crowd {
	struct word gate;
	uint64_t arrived;
};

static void *stay(void *ctx)
{
	struct crowd *c = ctx;

	__atomic_fetch_add(&c->arrived, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&c->gate.value, __ATOMIC_ACQUIRE))
		futex(&c->gate.value, FUTEX_WAIT, 0);
	return NULL;
}

static void run_alive(uint64_t n, uint64_t seconds)
{
	static struct crowd crowd;
	pthread_t *thread = calloc(n, sizeof(*thread));

	if (!thread)
		fail("no memory", ENOMEM);
	pthread_setname_np(pthread_self(), "crowd");
	for (uint64_t i = 0; i < n; i++)
		thread[i] = start(stay, &crowd);
	while (__atomic_load_n(&crowd.arrived, __ATOMIC_ACQUIRE) < n)
		sleep_until(now_ns() + NS / 1000);
	sleep_until(now_ns() + seconds * NS);
	__atomic_store_n(&crowd.gate.value, 1, __ATOMIC_RELEASE);
	futex(&crowd.gate.value, FUTEX_WAKE, INT_MAX);
	for (uint64_t i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	say("threads", n);
	say("word", (uint64_t)(uintptr_t)&crowd.gate.value);
	free(thread);
}

/* ---- processes ------------------------------------------------------------
 */

static void run_processes(uint64_t rate, uint64_t seconds)
{
	char *const argv[] = { "load", "child", NULL };
	uint64_t begin = now_ns(), n = 0;
	int status, err;
	pid_t pid;

	while (now_ns() < begin + seconds * NS) {
		err = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv,
				  environ);
		if (err)
			fail("cannot start a process", err);
		if (waitpid(pid, &status, 0) != pid || status)
			fail("a child did not end well", ECHILD);
		n++;
		sleep_until(begin + n * NS / rate);
	}
	say("processes", n);
	say("waits", n);
	say("rate", n * NS / (now_ns() - begin));
}

/* ---- the command line -----------------------------------------------------
 */

static const struct kind {
	const char *name;
	void (*run)(uint64_t a, uint64_t b);
	const char *usage;
} kinds[] = {
	{ "calls", run_calls, "RATE SECONDS   futex calls a second" },
	{ "locks", run_locks,
	  "N RATE         locks used once each, so many a second, beside a hot "
	  "one" },
	{ "threads", run_threads,
	  "RATE SECONDS   threads that begin and end a second" },
	{ "alive", run_alive, "N SECONDS      threads at once, which wait" },
	{ "processes", run_processes,
	  "RATE SECONDS   processes that exec and exit a second" },
};

static int usage(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		fprintf(stderr, "load %s %s\n", kinds[i].name, kinds[i].usage);
	return 2;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "child"))
		return live_once(NULL) != NULL;
	if (argc != 4)
		return usage();
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(argv[1], kinds[i].name)) {
			kinds[i].run(strtoull(argv[2], NULL, 10),
				     strtoull(argv[3], NULL, 10));
			return 0;
		}
	return usage();
}
