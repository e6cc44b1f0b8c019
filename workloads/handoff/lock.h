/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The locks that the threads of the handoff workload pass round.
 */
#ifndef HANDOFF_LOCK_H
#define HANDOFF_LOCK_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum lock_kind {
	LOCK_FUTEX, /* a word of 0 free, 1 taken, 2 taken and waited for */
	LOCK_MUTEX, /* pthread_mutex_t */
	LOCK_COND,  /* flag, mutex and condition variable, as CPython's GIL */
	LOCK_SEM,   /* sem_t of 1 */
	LOCK_KINDS,
};

/* Why a return from waiting did not bring the lock. */
enum failure {
	FAIL_STOLEN,  /* woken, but another thread had taken the lock */
	FAIL_TIMEOUT, /* own timer */
	FAIL_RACE,    /* EAGAIN: the word changed before the thread slept */
	FAIL_SIGNAL,
	FAILURES,
};

/* What one acquisition went through. */
struct passage {
	bool contended;    /* it had to wait */
	uint64_t begin_ns; /* of the first wait; 0: none */
	int error;         /* errno of the last return from waiting */
	uint32_t failed[FAILURES];
};

/* A GIL in small; CPython has the condition variable and the mutex in this
 * order too. */
struct gil {
	pthread_cond_t cond;
	pthread_mutex_t mutex;
	bool locked;
};

struct lock {
	enum lock_kind kind;
	uint64_t timed_ns; /* LOCK_COND: wake up and look; 0: never */
	union {
		_Atomic uint32_t *word;
		pthread_mutex_t mutex;
		struct gil gil;
		sem_t sem;
	};

	/* Truth, apart from the lock itself. */
	_Atomic uint32_t waiters; /* threads inside lock_acquire() */
	_Atomic uint64_t acquisitions;
	_Atomic uint64_t failures;   /* returns from waiting without the lock */
	_Atomic int holder;          /* thread index, -1: free */
	_Atomic uint64_t violations; /* two holders at once */
	int last; /* thread index that released it last, -1: none */
};

/* The words that threads sleep on. */
struct lock_words {
	uintptr_t wait[2]; /* for the lock; 0: unused */
	uintptr_t inner;   /* a mutex that guards the lock's fields; 0: none */
};

/*
 * Makes @lock ready. @word: the futex word of LOCK_FUTEX, not used by other
 * kinds. @timed_ns: longest sleep of LOCK_COND in ns, 0 for no limit. Returns
 * 0 or a negative errno.
 */
int lock_init(struct lock *lock, enum lock_kind kind, _Atomic uint32_t *word,
	      uint64_t timed_ns);

/*
 * Takes @lock for the thread with index @self (0 and up) and says in @p what
 * that took. Returns the index of the thread that released it last, -1 when
 * nobody has.
 */
int lock_acquire(struct lock *lock, int self, struct passage *p);

/* Gives @lock up; @self as for lock_acquire(). */
void lock_release(struct lock *lock, int self);

/*
 * Gives @lock up and takes it back at once. A futex word and a flag are taken
 * back before the waiting thread can run, which then has been woken for
 * nothing; with a mutex or a semaphore that thread can be faster, as on one CPU
 * it may run at once. Returns whether @self has the lock.
 */
bool lock_take_back(struct lock *lock, int self);

/*
 * Where threads sleep on @lock: the words of glibc's structures as described
 * by bits/struct_mutex.h and bits/thread-shared-types.h; the value of a sem_t
 * is its low half on 64-bit little-endian machines (internaltypes.h).
 */
struct lock_words lock_words(const struct lock *lock);

/* Whether the kind's own code sees each return from waiting, and with it
 * struct passage's failed counts. */
bool lock_sees_failures(enum lock_kind kind);

/* "futex", "mutex", "cond" or "sem". */
const char *lock_kind_name(enum lock_kind kind);

#endif
