// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Many threads and many locks, each of which somebody waits for once a period.
 *
 *	many [THREADS [LOCKS [PERIOD_MS [SECONDS]]]]	1000 10000 1000 10
 *
 * Two threads share a ring of locks. The first goes round: it takes the next
 * lock before it releases the one it has. The second follows one lock behind,
 * so that it has to wait for each and gets it from the first. The second
 * counts; at the end that is printed: "waits N".
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

struct ring {
	pthread_mutex_t *lock;
	size_t locks;
	long step_ns;  /* the first thread has each lock for so long */
	long start_ns; /* after the others: not all at once */
	unsigned long waits;
	bool held; /* the first thread has its first lock */
};

#define STACK (64 * 1024)
#define NSEC_PER_SEC 1000000000l
#define NSEC_PER_MSEC 1000000l

static atomic_bool over;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void nap(long ns)
{
	nanosleep(&(struct timespec){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC },
		  NULL);
}

static void *lead(void *arg)
{
	struct ring *r = arg;
	size_t at = 0, next;

	prctl(PR_SET_NAME, "lead");
	pthread_mutex_lock(&r->lock[0]);
	__atomic_store_n(&r->held, true, __ATOMIC_RELEASE);
	nap(r->start_ns);
	while (!atomic_load(&over)) {
		nap(r->step_ns);
		next = (at + 1) % r->locks;
		pthread_mutex_lock(&r->lock[next]);
		pthread_mutex_unlock(&r->lock[at]);
		at = next;
	}
	pthread_mutex_unlock(&r->lock[at]);
	return NULL;
}

static void *follow(void *arg)
{
	struct ring *r = arg;

	prctl(PR_SET_NAME, "follow");
	while (!__atomic_load_n(&r->held, __ATOMIC_ACQUIRE))
		nap(NSEC_PER_MSEC);
	for (size_t at = 0; !atomic_load(&over); at = (at + 1) % r->locks) {
		pthread_mutex_lock(&r->lock[at]);
		pthread_mutex_unlock(&r->lock[at]);
		r->waits++;
	}
	return NULL;
}

static void start(pthread_t *thread, void *(*run)(void *arg), struct ring *r)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	if (pthread_create(thread, &attr, run, r))
		fail("many: a thread");
	pthread_attr_destroy(&attr);
}

/* In a line of its own each, as locks of a program are mostly. */
static void fill(struct ring *r, size_t locks, long period_ns, double phase)
{
	r->lock = calloc(locks, sizeof(pthread_mutex_t));
	if (!r->lock)
		fail("many: locks");
	for (size_t i = 0; i < locks; i++)
		pthread_mutex_init(&r->lock[i], NULL);
	r->locks = locks;
	r->step_ns = period_ns / (long)locks;
	r->start_ns = (long)(phase * (double)r->step_ns);
}

static unsigned long number(int argc, char **argv, int at, unsigned long other)
{
	return argc > at ? strtoul(argv[at], NULL, 10) : other;
}

int main(int argc, char **argv)
{
	size_t pairs = number(argc, argv, 1, 1000) / 2;
	size_t locks = number(argc, argv, 2, 10000);
	long period = (long)number(argc, argv, 3, 1000) * NSEC_PER_MSEC;
	unsigned long waits = 0;
	struct ring *ring;
	pthread_t *thread;

	if (!pairs || locks < 2 * pairs) {
		fprintf(stderr, "usage: many [THREADS [LOCKS [PERIOD_MS "
				"[SECONDS]]]], two locks a pair or more\n");
		return 2;
	}
	ring = calloc(pairs, sizeof(*ring));
	thread = calloc(2 * pairs, sizeof(*thread));
	if (!ring || !thread)
		fail("many: threads");
	for (size_t i = 0; i < pairs; i++) {
		fill(&ring[i], locks / pairs, period,
		     (double)i / (double)pairs);
		start(&thread[2 * i], lead, &ring[i]);
		start(&thread[2 * i + 1], follow, &ring[i]);
	}
	nap((long)number(argc, argv, 4, 10) * NSEC_PER_SEC);
	atomic_store(&over, true);
	for (size_t i = 0; i < 2 * pairs; i++)
		pthread_join(thread[i], NULL);
	for (size_t i = 0; i < pairs; i++)
		waits += ring[i].waits;
	printf("waits %lu\n", waits);
	return 0;
}
