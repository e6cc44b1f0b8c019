/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Waiting for each other: what the objects of module threading are made of. */
#ifndef GILVM_SYNC_H
#define GILVM_SYNC_H

#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>

#include "object.h"

/*
 * Wait for sem with the GIL released, timeout_ns from now at most (negative:
 * for ever). 1: got it, 0: time is up, -1: a signal handler raised. With the
 * GIL of CPython 2 a signal does not end the wait, as it did not there.
 */
int sem_wait_released(sem_t *sem, int64_t timeout_ns);

/*
 * Threads that wait for a condition. Its mutex guards the condition too; that
 * matters without a GIL only, and with one it is never contended. Zero it and
 * call waitq_init().
 */
struct waitq {
	pthread_mutex_t lock;
	struct waiter *first;
};

void waitq_init(struct waitq *q);
void waitq_lock(struct waitq *q);
void waitq_unlock(struct waitq *q);

/* Wake all that wait; the queue is locked. */
void waitq_wake_all(struct waitq *q);

/*
 * Wait until woken. The queue is locked when this is called, and unlocked
 * when it returns. Result as sem_wait_released().
 */
int waitq_wait(struct waitq *q, int64_t timeout_ns);

/* The types of module threading that wait. */
extern struct type lock_type, event_type, barrier_type;
void sync_types_init(void);

/* A timeout argument: NULL, None or negative: for ever (-1). -1: raised. */
int to_timeout(struct obj *o, int64_t *ns);

#endif
