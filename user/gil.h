/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_GIL_H
#define GILWATCH_GIL_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/*
 * CPython's struct _gil_runtime_state, 3.7 - 3.15 (Include/internal/
 * pycore_gil.h), counted from its field `interval`: free-threaded builds have a
 * flag before that. Pure.
 *
 * The fields are the same in all of them. The C library's types have the same
 * size in the watched process as here, because it has the same architecture.
 */
enum {
	GIL_INTERVAL = 0,  /* unsigned long, us */
	GIL_HOLDER = 8,    /* pointer to the thread state of the last holder */
	GIL_LOCKED = 16,   /* int: 1 held, 0 free, -1 not made yet */
	GIL_SWITCHES = 24, /* unsigned long */
	GIL_COND = 32,
	GIL_MUTEX = GIL_COND + sizeof(pthread_cond_t),
	GIL_SWITCH_COND = GIL_MUTEX + sizeof(pthread_mutex_t),
	GIL_SWITCH_MUTEX = GIL_SWITCH_COND + sizeof(pthread_cond_t),
	GIL_SIZE = GIL_SWITCH_MUTEX + sizeof(pthread_mutex_t),
};

/*
 * Where a condition variable has its futex words. glibc 2.25 - 2.40: the pair
 * __g_signals at 40, waits for stragglers on __g_refs at 16. From 2.41 on the
 * pair is at 32 and nothing else is waited on. The places do not collide, and
 * the ones of the other layout are never futexes, so both are always given.
 */
enum {
	COND_WORDS = 40,
	COND_WORDS_NEW = 32,
	COND_REFS = 16,
};

/* Largest switch interval that is believed: 60 s in us. */
#define GIL_INTERVAL_MAX 60000000ull

enum gil_fit {
	GIL_NO,   /* not a GIL */
	GIL_LIKE, /* could be one */
	GIL_IS,   /* both its conditions use the monotonic clock, as from 3.8 */
};

/* How well GIL_SIZE bytes fit the structure of a GIL that has been made. */
enum gil_fit gil_fits(const void *bytes);

/* Whether the bytes of a pthread_mutex_t can be one that is in plain use. */
int gil_mutex_fits(const void *bytes);

/*
 * Whether the bytes of a pthread_cond_t can be one in use; 2 where it was made
 * for CLOCK_MONOTONIC, 1 otherwise, 0 for no.
 */
int gil_cond_fits(const void *bytes);

/* Whether v can be a pointer to user memory that is aligned for a struct. */
int gil_pointer_fits(uint64_t v);

struct gil_match {
	size_t offset; /* of the best match */
	size_t best;   /* how many are as good as that */
	enum gil_fit fit;
};

/* Find the structure in n bytes at 8-byte steps; fit GIL_NO: not there. */
struct gil_match gil_scan(const void *bytes, size_t n);

#endif
