// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Waiting; Lock. Event and Barrier: sync_types.c. */
#include "sync.h"

#include <errno.h>
#include <time.h>

#include "convert.h"
#include "errors.h"
#include "signals.h"
#include "thread.h"
#include "values.h"

#define NSEC 1000000000

static struct timespec after(int64_t ns)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ns += ts.tv_nsec;
	ts.tv_sec += ns / NSEC;
	ts.tv_nsec = ns % NSEC;
	return ts;
}

static int wait_until(sem_t *sem, const struct timespec *until)
{
	if (!until)
		return sem_wait(sem) ? errno : 0;
	return sem_clockwait(sem, CLOCK_MONOTONIC, until) ? errno : 0;
}

int sem_wait_released(sem_t *sem, int64_t timeout_ns)
{
	struct timespec until = after(timeout_ns < 0 ? 0 : timeout_ns);
	bool deaf = gilvm_gil.policy == GIL_TICKS;
	int err;

	do {
		io_begin();
		do {
			err = wait_until(sem, timeout_ns < 0 ? NULL : &until);
		} while (err == EINTR && deaf);
		io_end();
		if (err == EINTR && signals_after_eintr())
			return -1;
	} while (err == EINTR);
	return err == 0;
}

struct waiter {
	struct waiter *next;
	sem_t sem;
	bool woken;
};

void waitq_init(struct waitq *q)
{
	pthread_mutex_init(&q->lock, NULL);
}

void waitq_lock(struct waitq *q)
{
	pthread_mutex_lock(&q->lock);
}

void waitq_unlock(struct waitq *q)
{
	pthread_mutex_unlock(&q->lock);
}

void waitq_wake_all(struct waitq *q)
{
	while (q->first) {
		struct waiter *w = q->first;

		q->first = w->next;
		w->woken = true;
		sem_post(&w->sem);
	}
}

static void remove_waiter(struct waitq *q, struct waiter *w)
{
	struct waiter **p = &q->first;

	while (*p && *p != w)
		p = &(*p)->next;
	if (*p)
		*p = w->next;
}

int waitq_wait(struct waitq *q, int64_t timeout_ns)
{
	struct waiter w = { .next = q->first };
	int r;

	sem_init(&w.sem, 0, 0);
	q->first = &w;
	waitq_unlock(q);
	r = sem_wait_released(&w.sem, timeout_ns);
	/* The waker is done with w once it has let go of the queue. */
	waitq_lock(q);
	if (w.woken && r == 0)
		r = 1;
	remove_waiter(q, &w);
	waitq_unlock(q);
	sem_destroy(&w.sem);
	return r;
}

int to_timeout(struct obj *o, int64_t *ns)
{
	double s;

	*ns = -1;
	if (!o || o == &none_obj)
		return 0;
	if (to_double(o, &s))
		return -1;
	if (s >= 9e9) {
		err_set(&exc_OverflowError, "timeout value is too large");
		return -1;
	}
	*ns = s < 0 ? -1 : (int64_t)(s * 1e9);
	return 0;
}

/* threading.Lock: a semaphore, as CPython has it. */
struct lockobj {
	struct obj base;
	sem_t sem;
	int locked;
};

static struct obj *lock_make(const struct type *t, const struct args *a)
{
	struct lockobj *l;

	if (args_bind(a, "Lock", 0, 0, "", NULL))
		return NULL;
	l = obj_alloc(t, sizeof(*l));
	sem_init(&l->sem, 0, 1);
	return &l->base;
}

static void lock_dealloc(struct obj *o)
{
	sem_destroy(&((struct lockobj *)o)->sem);
	obj_free(o);
}

/* 1: got it, 0: not, -1: raised. */
static int lock_acquire(struct lockobj *l, bool blocking, int64_t timeout_ns)
{
	int r = sem_trywait(&l->sem) == 0;

	if (!r && blocking)
		r = sem_wait_released(&l->sem, timeout_ns);
	if (r == 1)
		__atomic_store_n(&l->locked, 1, __ATOMIC_RELAXED);
	return r;
}

static struct obj *m_acquire(struct obj *self, struct obj **a)
{
	bool blocking = !a[0] || obj_truth(a[0]);
	int64_t ns;
	int r;

	if (to_timeout(a[1], &ns))
		return NULL;
	if (!blocking && ns >= 0)
		return err_set(&exc_ValueError,
			       "can't specify a timeout for a non-blocking "
			       "call");
	r = lock_acquire((struct lockobj *)self, blocking, ns);
	return r < 0 ? NULL : bool_ref(r);
}

static struct obj *m_release(struct obj *self, struct obj **a)
{
	struct lockobj *l = (struct lockobj *)self;

	(void)a;
	if (!__atomic_exchange_n(&l->locked, 0, __ATOMIC_RELAXED))
		return err_set(&exc_RuntimeError, "release unlocked lock");
	sem_post(&l->sem);
	return none_ref();
}

static struct obj *m_locked(struct obj *self, struct obj **a)
{
	(void)a;
	return bool_ref(__atomic_load_n(&((struct lockobj *)self)->locked,
					__ATOMIC_RELAXED));
}

static struct obj *m_enter(struct obj *self, struct obj **a)
{
	(void)a;
	if (lock_acquire((struct lockobj *)self, true, -1) < 0)
		return NULL;
	return bool_ref(true);
}

static struct native lock_methods[] = {
	NATIVE("acquire", m_acquire, 0, 2, "blocking timeout"),
	NATIVE("release", m_release, 0, 0, ""),
	NATIVE("locked", m_locked, 0, 0, ""),
	NATIVE("__enter__", m_enter, 0, 0, ""),
	NATIVE("__exit__", m_release, 0, 3, ""),
	NATIVE_END,
};

struct type lock_type = {
	TYPE_HEAD("lock"),
	.dealloc = lock_dealloc,
	.make = lock_make,
	.methods = lock_methods,
};
