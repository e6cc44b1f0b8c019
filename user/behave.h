/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_BEHAVE_H
#define GILWATCH_BEHAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which of a process's futex words are its global interpreter lock, judged only
 * by the calls that were made on them. Pure.
 *
 * What such locks look like was measured on CPython 2.7 and 3.6 - 3.13: a
 * waiter of 3.x sleeps for the switch interval at most, on both words of one
 * condition variable; 2.7 has one semaphore that every thread both waits for
 * and releases. A lock that is only contended is neither, however much.
 */

/* Threads that are told apart on each side of one word. */
#define BEHAVE_TIDS 4

/* Fewer waits than this on a lock say nothing. */
#define BEHAVE_WAITS_MIN 8

/* Words of one lock in the result. */
#define BEHAVE_LOCK_WORDS 12

/* A switch interval that a program can have, ns. */
#define BEHAVE_INTERVAL_MIN 1000ull
#define BEHAVE_INTERVAL_MAX 60000000000ull

/* What was seen of one futex word of one process. */
struct behave_word {
	uint64_t addr;
	bool shared;    /* calls without FUTEX_PRIVATE_FLAG */
	bool bitset;    /* FUTEX_WAIT_BITSET was used */
	bool realtime;  /* FUTEX_CLOCK_REALTIME was used in timed waits */
	bool val_two;   /* all waits expected the value 2, as a mutex's do */
	uint64_t waits; /* FUTEX_WAIT calls, all kinds */
	uint64_t waits_timed; /* of these, with a timeout */
	uint64_t wakes;       /* FUTEX_WAKE calls */
	/* Most frequent (absolute timeout - now) of the timed waits, and how
	 * many of them lie within 10 % of it; 0: not known. */
	uint64_t timeout_ns;
	uint64_t timeout_hits;
	uint32_t waiters; /* distinct threads that waited, at least */
	uint32_t wakers;  /* distinct threads that woke, at least */
	uint32_t waiter[BEHAVE_TIDS]; /* the first of them; 0: no more */
	uint32_t waker[BEHAVE_TIDS];
};

/* Which lock it looks like. */
enum behave_like {
	BEHAVE_NOTHING,
	BEHAVE_COND_MUTEX, /* CPython 3.7+: timed pair with its mutex behind */
	BEHAVE_COND,       /* CPython 3.2 - 3.6: timed pair alone */
	BEHAVE_SEM,        /* CPython 2: one semaphore */
};

struct behave_part {
	uint64_t addr;
	uint8_t role; /* enum gw_role */
};

/* The lock that was found. */
struct behave_lock {
	enum behave_like like;
	bool switching;   /* forced-switch words were seen at their places */
	uint64_t address; /* of the first WAIT word */
	uint64_t interval_ns; /* 0: not known */
	size_t parts;
	struct behave_part part[BEHAVE_LOCK_WORDS];
	const char *why; /* for people: one phrase, static */
};

/*
 * Find the word or words that behave as a global interpreter lock.
 *
 * seen, count: the words of one process, in any order, each address once
 * found: gets at most max locks, the likeliest first. Several only where each
 *        is a lock of the timed kind (interpreters with locks of their own).
 *
 * Returns how many. 0 with too little seen: none is a valid answer.
 */
size_t behave_find(const struct behave_word *seen, size_t count,
		   struct behave_lock *found, size_t max);

#endif
