// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * CPython 3.2+'s lock, after take_gil() and drop_gil() of its ceval_gil.h:
 * the same condition variables, mutexes and order of calls, so that its futex
 * pattern is the same. A waiter sleeps for at most the switch interval; if the
 * holder is still the same one then, it asks it to release. The releaser that
 * was asked waits until another thread has the lock ("forced switching").
 */
#include "gil.h"

#include <errno.h>
#include <time.h>

#define NSEC 1000000000ull

static int init_cond(pthread_cond_t *cond, pthread_condattr_t *attr)
{
	return -pthread_cond_init(cond, attr);
}

static void note_words(struct gilvm_gil *g)
{
	struct gil_interval_lock *l = &g->u.interval;

	g->wait_word[0] = (uintptr_t)&l->cond.__data.__g_signals[0];
	g->wait_word[1] = (uintptr_t)&l->cond.__data.__g_signals[1];
	g->inner_word = (uintptr_t)&l->mutex.__data.__lock;
	g->switch_word[0] = (uintptr_t)&l->switch_cond.__data.__g_signals[0];
	g->switch_word[1] = (uintptr_t)&l->switch_cond.__data.__g_signals[1];
	g->switch_inner_word = (uintptr_t)&l->switch_mutex.__data.__lock;
}

static int interval_init(struct gilvm_gil *g)
{
	struct gil_interval_lock *l = &g->u.interval;
	pthread_condattr_t attr;
	int err = -pthread_condattr_init(&attr);

	if (err)
		return err;
	err = -pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (!err)
		err = init_cond(&l->cond, &attr);
	if (!err)
		err = init_cond(&l->switch_cond, NULL);
	if (!err)
		err = -pthread_mutex_init(&l->mutex, NULL);
	if (!err)
		err = -pthread_mutex_init(&l->switch_mutex, NULL);
	pthread_condattr_destroy(&attr);
	g->lock = GIL_LOCK_COND;
	note_words(g);
	return err;
}

static struct timespec deadline(const struct gilvm_gil *g)
{
	struct timespec ts;
	uint64_t ns;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ns = (uint64_t)ts.tv_nsec +
	     __atomic_load_n(&g->interval_ns, __ATOMIC_RELAXED);
	ts.tv_sec += (time_t)(ns / NSEC);
	ts.tv_nsec = (long)(ns % NSEC);
	return ts;
}

static void wait_once(struct gilvm_gil *g, struct gil_thread *t,
		      struct gil_wait *w)
{
	struct gil_interval_lock *l = &g->u.interval;
	uint64_t seen = g->switch_number;
	struct timespec until = deadline(g);
	int err;

	gil_note_wait(t, w);
	err = pthread_cond_timedwait(&l->cond, &l->mutex, &until);
	if (err == ETIMEDOUT)
		w->timeouts++;
	else if (g->locked)
		w->steals++;
	if (err == ETIMEDOUT && g->locked && g->switch_number == seen)
		gil_break(g, GIL_BREAK_DROP);
}

static void interval_take(struct gilvm_gil *g, struct gil_thread *t,
			  struct gil_wait *w)
{
	struct gil_interval_lock *l = &g->u.interval;

	pthread_mutex_lock(&l->mutex);
	while (g->locked)
		wait_once(g, t, w);
	pthread_mutex_lock(&l->switch_mutex);
	gil_mark_taken(g, t);
	pthread_cond_signal(&l->switch_cond);
	pthread_mutex_unlock(&l->switch_mutex);
	if (gil_breaker(g) & GIL_BREAK_DROP)
		gil_unbreak(g, GIL_BREAK_DROP);
	pthread_mutex_unlock(&l->mutex);
}

static void force_switch(struct gilvm_gil *g, struct gil_thread *t)
{
	struct gil_interval_lock *l = &g->u.interval;

	pthread_mutex_lock(&l->switch_mutex);
	if (g->last_holder == t->tid) {
		gil_unbreak(g, GIL_BREAK_DROP);
		pthread_cond_wait(&l->switch_cond, &l->switch_mutex);
	}
	pthread_mutex_unlock(&l->switch_mutex);
}

static void interval_drop(struct gilvm_gil *g, struct gil_thread *t)
{
	struct gil_interval_lock *l = &g->u.interval;

	pthread_mutex_lock(&l->mutex);
	gil_mark_dropped(g, t);
	pthread_cond_signal(&l->cond);
	pthread_mutex_unlock(&l->mutex);
	if (gil_breaker(g) & GIL_BREAK_DROP)
		force_switch(g, t);
}

const struct gil_ops gil_ops_interval = {
	.name = "interval",
	.init = interval_init,
	.take = interval_take,
	.drop = interval_drop,
};
