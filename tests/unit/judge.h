/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_JUDGE_H
#define GILWATCH_TEST_JUDGE_H

#include "stuck.h"
#include "verdict.h"

/*
 * A model of one process, made by hand, and what is said about it. Rows of
 * another process stand before its own.
 */

#define JUDGE_S 1000000000ull /* ns */
#define JUDGE_MS 1000000ull
#define JUDGE_WINDOW (10 * JUDGE_S)
#define JUDGE_LOCKS 24
#define JUDGE_THREADS 40
#define JUDGE_TID 100 /* of the first thread, 101 of the next ... */

/* A thread of the other process, which waits for a lock of that one, which it
 * has itself. */
#define JUDGE_STRANGER 77

struct judge {
	struct model m;
	struct model_process p;
	struct model_lock lock[JUDGE_LOCKS];
	struct model_thread thread[JUDGE_THREADS];
	char name[JUDGE_THREADS][GW_COMM_LEN + 1];
	struct verdict v[VERDICTS_MAX];
	size_t n;
};

/* No locks, no threads, 4 CPUs, JUDGE_WINDOW. */
void judge_begin(struct judge *j);

/* A lock that nothing has happened to. */
struct model_lock *judge_lock(struct judge *j, uint64_t id, enum gw_kind kind);

/* A thread that has slept all the time, of the class idle. */
struct model_thread *judge_thread(struct judge *j, const char *name);

/* A CPU-bound thread: half of the time it waited for the GIL. */
struct model_thread *judge_computes(struct judge *j);

/* The thread waits, for STUCK_NS and half a second, for a lock that thread
 * `owner` has; 0: nobody knows. */
void judge_waits(struct model_thread *t, struct model_lock *l, pid_t owner);

/*
 * Find the verdicts. Fails the test where they are none or more than
 * VERDICTS_MAX, not worst first, VERDICT_FINE beside others, the same twice, a
 * text empty that must not be, or not harmless.
 */
void judge_run(struct judge *j);

/* The only verdict of this kind, or NULL. */
const struct verdict *judge_said(const struct judge *j, enum verdict_kind kind);

/* judge_run, then whether there is one of this kind. */
bool judge_says(struct judge *j, enum verdict_kind kind);

/* Fail unless it is said, with these texts in its sentence and its evidence. */
void judge_check(const struct judge *j, enum verdict_kind kind,
		 const char *what, const char *evidence);

#endif
