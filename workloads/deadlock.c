// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Two threads and two mutexes: taken in opposite order they end up waiting for
 * each other, in one order they do not. Or a pool that waits for work.
 *
 * What a tool that watches it ought to name is printed as soon as it is so: the
 * threads' numbers and the locks' addresses.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"Usage: deadlock MODE SECONDS\n"
	"  unsafe  threads a-to-b and b-to-a lock two mutexes in opposite "
	"order\n"
	"  safe    both lock them in the same order, again and again\n"
	"  self    thread \"again\" locks a mutex that it has\n"
	"  join    thread \"joins\" waits for the end of \"wants\", which "
	"waits "
	"for a\n"
	"          mutex that \"joins\" has\n"
	"  idle    threads \"worker\" wait on a condition variable\n"
	"Prints \"ready\", the threads' numbers and the locks' addresses when "
	"it is so,\n"
	"and ends after SECONDS.\n";

struct account {
	pthread_mutex_t lock;
	long balance;
};

static struct account accounts[2] = {
	{ PTHREAD_MUTEX_INITIALIZER, 100 },
	{ PTHREAD_MUTEX_INITIALIZER, 100 },
};

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t pool_work = PTHREAD_COND_INITIALIZER;
static bool pool_has_work;

/* Both threads have their first lock before either asks for its second. */
static pthread_barrier_t both;

struct task {
	const char *name;
	struct account *first, *second;
	pid_t tid;
};

static void pause_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
			      .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void begin(struct task *t)
{
	pthread_setname_np(pthread_self(), t->name);
	t->tid = gettid();
	pthread_barrier_wait(&both);
}

static void *unsafe(void *arg)
{
	struct task *t = arg;

	pthread_mutex_lock(&t->first->lock);
	begin(t);
	pthread_mutex_lock(&t->second->lock);
	t->second->balance++;
	pthread_mutex_unlock(&t->second->lock);
	pthread_mutex_unlock(&t->first->lock);
	return NULL;
}

static void *safe(void *arg)
{
	struct task *t = arg;

	begin(t);
	for (;;) {
		pthread_mutex_lock(&accounts[0].lock);
		pthread_mutex_lock(&accounts[1].lock);
		t->first->balance--;
		t->second->balance++;
		pause_ms(1);
		pthread_mutex_unlock(&accounts[1].lock);
		pthread_mutex_unlock(&accounts[0].lock);
	}
	return NULL;
}

static void *idle(void *arg)
{
	begin(arg);
	pthread_mutex_lock(&pool_lock);
	while (!pool_has_work)
		pthread_cond_wait(&pool_work, &pool_lock);
	pthread_mutex_unlock(&pool_lock);
	return NULL;
}

static void *again(void *arg)
{
	struct task *t = arg;

	pthread_mutex_lock(&t->first->lock);
	begin(t);
	pthread_mutex_lock(&t->first->lock);
	return NULL;
}

static pthread_t thread[2];

static void *joins(void *arg)
{
	struct task *t = arg;

	pthread_mutex_lock(&t->first->lock);
	begin(t);
	pthread_join(thread[1], NULL);
	return NULL;
}

static void *wants(void *arg)
{
	struct task *t = arg;

	begin(t);
	pthread_mutex_lock(&t->first->lock);
	return NULL;
}

struct mode {
	const char *name;
	void *(*run[2])(void *arg); /* of each thread */
	unsigned int threads;
	struct task task[2];
};

static struct mode modes[] = {
	{ "unsafe",
	  { unsafe, unsafe },
	  2,
	  { { "a-to-b", &accounts[0], &accounts[1], 0 },
	    { "b-to-a", &accounts[1], &accounts[0], 0 } } },
	{ "safe",
	  { safe, safe },
	  2,
	  { { "a-to-b", &accounts[0], &accounts[1], 0 },
	    { "b-to-a", &accounts[1], &accounts[0], 0 } } },
	{ "self",
	  { again },
	  1,
	  { { "again", &accounts[0], &accounts[1], 0 } } },
	{ "join",
	  { joins, wants },
	  2,
	  { { "joins", &accounts[0], NULL, 0 },
	    { "wants", &accounts[0], NULL, 0 } } },
	{ "idle",
	  { idle, idle },
	  2,
	  { { "worker", NULL, NULL, 0 }, { "worker", NULL, NULL, 0 } } },
};

static struct mode *mode_find(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (!strcmp(modes[i].name, name))
			return &modes[i];
	return NULL;
}

/* What comes after the barrier takes the threads no time to speak of. */
#define SETTLE_MS 200

static int start(struct mode *m)
{
	int err = pthread_barrier_init(&both, NULL, m->threads + 1);

	for (unsigned int i = 0; i < m->threads && !err; i++)
		err = pthread_create(&thread[i], NULL, m->run[i], &m->task[i]);
	if (err)
		return err;
	pthread_barrier_wait(&both);
	pause_ms(SETTLE_MS);
	return 0;
}

int main(int argc, char **argv)
{
	struct mode *m = argc == 3 ? mode_find(argv[1]) : NULL;
	double seconds = m ? atof(argv[2]) : 0;
	int err;

	if (!m || !(seconds > 0) || seconds > 3600) {
		fputs(help, stderr);
		return 2;
	}
	err = start(m);
	if (err) {
		fprintf(stderr, "deadlock: cannot start a thread: %s\n",
			strerror(err));
		return 1;
	}
	printf("ready %d %d %p %p\n", (int)m->task[0].tid, (int)m->task[1].tid,
	       (void *)&accounts[0].lock, (void *)&accounts[1].lock);
	fflush(stdout);
	pause_ms((long)(seconds * 1000));
	_exit(0);
}
