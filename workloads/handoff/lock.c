// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include "lock.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"

/* What one kind of lock does. */
struct kind {
	const char *name;
	bool sees_failures;
	int (*init)(struct lock *lock);
	void (*acquire)(struct lock *lock, struct passage *p);
	void (*release)(struct lock *lock);
	bool (*take_back)(struct lock *lock); /* whether that worked */
	struct lock_words (*words)(const struct lock *lock);
};

static enum failure failure_of(int error)
{
	switch (error) {
	case EAGAIN:
		return FAIL_RACE;
	case EINTR:
		return FAIL_SIGNAL;
	case ETIMEDOUT:
		return FAIL_TIMEOUT;
	default:
		return FAIL_STOLEN;
	}
}

/* The thread is about to wait, for the first time or again. */
static void must_wait(struct lock *lock, struct passage *p)
{
	if (p->contended) {
		p->failed[failure_of(p->error)]++;
		atomic_fetch_add(&lock->failures, 1);
		return;
	}
	p->contended = true;
	p->begin_ns = now_ns();
}

/* ---- a futex word ------------------------------------------------------- */

static int futex(_Atomic uint32_t *word, int op, uint32_t value)
{
	if (syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL,
		    0) < 0)
		return errno;
	return 0;
}

static int init_futex(struct lock *lock)
{
	atomic_store(lock->word, 0);
	return 0;
}

/* "Mutex, take 3" of Ulrich Drepper, "Futexes Are Tricky". */
static void acquire_futex(struct lock *lock, struct passage *p)
{
	uint32_t free = 0;

	if (atomic_compare_exchange_strong(lock->word, &free, 1))
		return;
	while (atomic_exchange(lock->word, 2) != 0) {
		must_wait(lock, p);
		p->error = futex(lock->word, FUTEX_WAIT, 2);
	}
}

static void release_futex(struct lock *lock)
{
	if (atomic_exchange(lock->word, 0) == 2)
		futex(lock->word, FUTEX_WAKE, 1);
}

static bool take_back_futex(struct lock *lock)
{
	uint32_t old = atomic_exchange(lock->word, 0);
	uint32_t free = 0;
	bool taken = atomic_compare_exchange_strong(lock->word, &free, old);

	if (old == 2)
		futex(lock->word, FUTEX_WAKE, 1);
	return taken;
}

static struct lock_words words_futex(const struct lock *lock)
{
	return (struct lock_words){ .wait = { (uintptr_t)lock->word } };
}

/* ---- pthread_mutex_t ---------------------------------------------------- */

static int init_mutex(struct lock *lock)
{
	return -pthread_mutex_init(&lock->mutex, NULL);
}

static void acquire_mutex(struct lock *lock, struct passage *p)
{
	if (pthread_mutex_trylock(&lock->mutex) == 0)
		return;
	must_wait(lock, p);
	pthread_mutex_lock(&lock->mutex);
}

static void release_mutex(struct lock *lock)
{
	pthread_mutex_unlock(&lock->mutex);
}

static bool take_back_mutex(struct lock *lock)
{
	release_mutex(lock);
	return pthread_mutex_trylock(&lock->mutex) == 0;
}

static struct lock_words words_mutex(const struct lock *lock)
{
	return (struct lock_words){
		.wait = { (uintptr_t)&lock->mutex.__data.__lock },
	};
}

/* ---- flag, mutex and condition variable --------------------------------- */

static int init_cond(struct lock *lock)
{
	pthread_condattr_t attr;
	int err;

	err = pthread_condattr_init(&attr);
	if (err)
		return -err;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	err = pthread_cond_init(&lock->gil.cond, &attr);
	pthread_condattr_destroy(&attr);
	if (err)
		return -err;
	return -pthread_mutex_init(&lock->gil.mutex, NULL);
}

static int wait_cond(struct gil *gil, uint64_t timed_ns)
{
	struct timespec end;

	if (timed_ns == 0)
		return pthread_cond_wait(&gil->cond, &gil->mutex);
	end = to_timespec(now_ns() + timed_ns);
	return pthread_cond_timedwait(&gil->cond, &gil->mutex, &end);
}

static void acquire_cond(struct lock *lock, struct passage *p)
{
	struct gil *gil = &lock->gil;

	pthread_mutex_lock(&gil->mutex);
	while (gil->locked) {
		must_wait(lock, p);
		p->error = wait_cond(gil, lock->timed_ns);
	}
	gil->locked = true;
	pthread_mutex_unlock(&gil->mutex);
}

static void release_cond(struct lock *lock)
{
	struct gil *gil = &lock->gil;

	pthread_mutex_lock(&gil->mutex);
	gil->locked = false;
	pthread_cond_signal(&gil->cond);
	pthread_mutex_unlock(&gil->mutex);
}

static bool take_back_cond(struct lock *lock)
{
	struct gil *gil = &lock->gil;

	/* Nobody can look at the flag while the mutex is held. */
	pthread_mutex_lock(&gil->mutex);
	pthread_cond_signal(&gil->cond);
	pthread_mutex_unlock(&gil->mutex);
	return true;
}

static struct lock_words words_cond(const struct lock *lock)
{
	const struct gil *gil = &lock->gil;

	return (struct lock_words){
		.wait = { (uintptr_t)&gil->cond.__data.__g_signals[0],
			  (uintptr_t)&gil->cond.__data.__g_signals[1] },
		.inner = (uintptr_t)&gil->mutex.__data.__lock,
	};
}

/* ---- sem_t -------------------------------------------------------------- */

static int init_sem(struct lock *lock)
{
	return sem_init(&lock->sem, 0, 1) ? -errno : 0;
}

static void acquire_sem(struct lock *lock, struct passage *p)
{
	if (sem_trywait(&lock->sem) == 0)
		return;
	must_wait(lock, p);
	while (sem_wait(&lock->sem) != 0)
		;
}

static void release_sem(struct lock *lock)
{
	sem_post(&lock->sem);
}

static bool take_back_sem(struct lock *lock)
{
	release_sem(lock);
	return sem_trywait(&lock->sem) == 0;
}

static struct lock_words words_sem(const struct lock *lock)
{
	return (struct lock_words){ .wait = { (uintptr_t)&lock->sem } };
}

/* ---- all of them -------------------------------------------------------- */

static const struct kind kinds[] = {
	[LOCK_FUTEX] = { "futex", true, init_futex, acquire_futex,
			 release_futex, take_back_futex, words_futex },
	[LOCK_MUTEX] = { "mutex", false, init_mutex, acquire_mutex,
			 release_mutex, take_back_mutex, words_mutex },
	[LOCK_COND] = { "cond", true, init_cond, acquire_cond, release_cond,
			take_back_cond, words_cond },
	[LOCK_SEM] = { "sem", false, init_sem, acquire_sem, release_sem,
		       take_back_sem, words_sem },
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == LOCK_KINDS,
	       "each kind of lock has a row");

int lock_init(struct lock *lock, enum lock_kind kind, _Atomic uint32_t *word,
	      uint64_t timed_ns)
{
	memset(lock, 0, sizeof(*lock));
	lock->kind = kind;
	lock->timed_ns = timed_ns;
	lock->last = -1;
	atomic_store(&lock->holder, -1);
	if (kind == LOCK_FUTEX)
		lock->word = word;
	return kinds[kind].init(lock);
}

static void taken(struct lock *lock, int self)
{
	if (atomic_exchange(&lock->holder, self) != -1)
		atomic_fetch_add(&lock->violations, 1);
	atomic_fetch_add(&lock->acquisitions, 1);
}

static void given_up(struct lock *lock, int self)
{
	lock->last = self;
	if (atomic_exchange(&lock->holder, -1) != self)
		atomic_fetch_add(&lock->violations, 1);
}

int lock_acquire(struct lock *lock, int self, struct passage *p)
{
	*p = (struct passage){ 0 };
	atomic_fetch_add(&lock->waiters, 1);
	kinds[lock->kind].acquire(lock, p);
	atomic_fetch_sub(&lock->waiters, 1);
	taken(lock, self);
	return lock->last;
}

void lock_release(struct lock *lock, int self)
{
	given_up(lock, self);
	kinds[lock->kind].release(lock);
}

bool lock_take_back(struct lock *lock, int self)
{
	given_up(lock, self);
	if (!kinds[lock->kind].take_back(lock))
		return false;
	taken(lock, self);
	return true;
}

struct lock_words lock_words(const struct lock *lock)
{
	return kinds[lock->kind].words(lock);
}

bool lock_sees_failures(enum lock_kind kind)
{
	return kinds[kind].sees_failures;
}

const char *lock_kind_name(enum lock_kind kind)
{
	return kinds[kind].name;
}
