// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * CPython 2's lock, after thread_pthread.h of its sources: one binary
 * semaphore or, where there are none, a flag with mutex and condition
 * variable. It knows neither holder nor order: a release makes it free, and
 * whoever comes first has it, usually the releaser.
 */
#include "gil.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * sem_t of 64-bit glibc (struct new_sem, nptl/sem_waitcommon.c): value in the
 * low half, number of waiters in the high half. Waiting is written out here,
 * as glibc does it, because sem_wait() does not tell whether it slept, and
 * the truth has to. Tests prove that it works together with sem_wait() and
 * sem_post() on one semaphore.
 */
#define SEM_WAITER (1ull << 32)

_Static_assert(sizeof(sem_t) == 32, "sem_t of 64-bit glibc");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "value is first");

static long ticks_futex_wait(uint32_t *word, uint32_t seen)
{
	/* The very call of glibc: no timeout, so the clock flag is idle. */
	return syscall(SYS_futex, word,
		       FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG |
			       FUTEX_CLOCK_REALTIME,
		       seen, NULL, NULL, FUTEX_BITSET_MATCH_ANY);
}

static bool sem_try(uint64_t *sem)
{
	uint64_t v = __atomic_load_n(sem, __ATOMIC_RELAXED);

	return (uint32_t)v &&
	       __atomic_compare_exchange_n(sem, &v, v - 1, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* free: whether the lock could be had when the call was back. */
static void note_result(long res, int err, bool free, struct gil_wait *w)
{
	if (res == 0 && !free)
		w->steals++;
	else if (res < 0 && err == EAGAIN)
		w->races++;
}

static void sem_sleep(uint64_t *sem, struct gil_thread *t, struct gil_wait *w)
{
	uint64_t v = __atomic_add_fetch(sem, SEM_WAITER, __ATOMIC_RELAXED);
	long res;

	for (;;) {
		if ((uint32_t)v) {
			if (__atomic_compare_exchange_n(
				    sem, &v, v - 1 - SEM_WAITER, false,
				    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
				return;
			continue;
		}
		gil_note_wait(t, w);
		res = ticks_futex_wait((uint32_t *)sem, 0);
		v = __atomic_load_n(sem, __ATOMIC_RELAXED);
		note_result(res, errno, (uint32_t)v, w);
	}
}

static int sem_lock_init(struct gilvm_gil *g)
{
	g->wait_word[0] = (uintptr_t)&g->u.sem;
	return sem_init(&g->u.sem, 0, 1) ? -errno : 0;
}

static void sem_lock_take(struct gilvm_gil *g, struct gil_thread *t,
			  struct gil_wait *w)
{
	uint64_t *sem = (uint64_t *)(void *)&g->u.sem;

	if (!sem_try(sem))
		sem_sleep(sem, t, w);
	gil_mark_taken(g, t);
}

static void sem_lock_drop(struct gilvm_gil *g, struct gil_thread *t)
{
	gil_mark_dropped(g, t);
	sem_post(&g->u.sem);
}

const struct gil_ops gil_ops_ticks_sem = {
	.name = "ticks",
	.init = sem_lock_init,
	.take = sem_lock_take,
	.drop = sem_lock_drop,
};

/*
 * The condition variable is written out for the same reason: a wait of glibc's
 * that finds itself signalled already makes no system call, and does not tell.
 * It is the plain one that most C libraries had at the time (a sequence number
 * that each signal counts up), so every wait is one FUTEX_WAIT. The caller has
 * the mutex; without it again on return.
 */
static long seq_wait(struct gil_seq_cond *c, pthread_mutex_t *mutex)
{
	uint32_t seen = __atomic_load_n(&c->seq, __ATOMIC_RELAXED);
	long res;
	int err;

	__atomic_fetch_add(&c->waiters, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(mutex);
	res = ticks_futex_wait(&c->seq, seen);
	err = errno;
	__atomic_fetch_sub(&c->waiters, 1, __ATOMIC_RELAXED);
	errno = err;
	return res;
}

static void seq_signal(struct gil_seq_cond *c)
{
	__atomic_fetch_add(&c->seq, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&c->waiters, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &c->seq, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1,
			NULL, NULL, 0);
}

static int cond_lock_init(struct gilvm_gil *g)
{
	struct gil_cond_lock *l = &g->u.cond;

	g->wait_word[0] = (uintptr_t)&l->released.seq;
	g->inner_word = (uintptr_t)&l->mutex.__data.__lock;
	return -pthread_mutex_init(&l->mutex, NULL);
}

static void cond_lock_take(struct gilvm_gil *g, struct gil_thread *t,
			   struct gil_wait *w)
{
	struct gil_cond_lock *l = &g->u.cond;
	long res;
	int err;

	pthread_mutex_lock(&l->mutex);
	while (g->locked) {
		gil_note_wait(t, w);
		res = seq_wait(&l->released, &l->mutex);
		err = errno;
		pthread_mutex_lock(&l->mutex);
		note_result(res, err, !g->locked, w);
	}
	gil_mark_taken(g, t);
	pthread_mutex_unlock(&l->mutex);
}

static void cond_lock_drop(struct gilvm_gil *g, struct gil_thread *t)
{
	struct gil_cond_lock *l = &g->u.cond;

	pthread_mutex_lock(&l->mutex);
	gil_mark_dropped(g, t);
	pthread_mutex_unlock(&l->mutex);
	seq_signal(&l->released);
}

const struct gil_ops gil_ops_ticks_cond = {
	.name = "ticks",
	.init = cond_lock_init,
	.take = cond_lock_take,
	.drop = cond_lock_drop,
};
