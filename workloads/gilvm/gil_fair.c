// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A ticket lock: whoever asks draws the next number and has the lock when it
 * is served, so nobody can barge in and no wakeup can be stolen. All wait on
 * one futex word, each with the bit of its ticket, so that a release wakes
 * only the one whose turn it is (two that are 32 tickets apart share a bit;
 * the one whose turn it is not waits again). The first waiter whose interval
 * passes without a change of holder asks for the lock, as in CPython 3.
 */
#include "gil.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NSEC 1000000000ull

static uint32_t ticket_bit(uint32_t ticket)
{
	return 1u << (ticket % 32);
}

static int fair_init(struct gilvm_gil *g)
{
	g->lock = GIL_LOCK_FUTEX;
	g->wait_word[0] = (uintptr_t)&g->u.fair.serving;
	return 0;
}

static long fair_futex_wait(struct gilvm_gil *g, uint32_t seen, uint32_t ticket)
{
	struct timespec ts;
	uint64_t ns;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ns = (uint64_t)ts.tv_nsec +
	     __atomic_load_n(&g->interval_ns, __ATOMIC_RELAXED);
	ts.tv_sec += (time_t)(ns / NSEC);
	ts.tv_nsec = (long)(ns % NSEC);
	return syscall(SYS_futex, &g->u.fair.serving,
		       FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, seen, &ts, NULL,
		       ticket_bit(ticket));
}

static void wait_turn(struct gilvm_gil *g, uint32_t ticket, uint32_t seen,
		      struct gil_wait *w)
{
	long res = fair_futex_wait(g, seen, ticket);
	int err = errno;
	uint32_t now = __atomic_load_n(&g->u.fair.serving, __ATOMIC_RELAXED);

	if (res < 0 && err == ETIMEDOUT) {
		w->timeouts++;
		if (now == seen)
			gil_break(g, GIL_BREAK_DROP);
	} else if (res < 0 && err == EAGAIN) {
		w->races++;
	}
}

static void fair_take(struct gilvm_gil *g, struct gil_thread *t,
		      struct gil_wait *w)
{
	struct gil_fair_lock *l = &g->u.fair;
	uint32_t ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_SEQ_CST);
	uint32_t seen;

	for (;;) {
		seen = __atomic_load_n(&l->serving, __ATOMIC_ACQUIRE);
		if (seen == ticket)
			break;
		gil_note_wait(t, w);
		wait_turn(g, ticket, seen, w);
	}
	gil_unbreak(g, GIL_BREAK_DROP);
	gil_mark_taken(g, t);
}

static void fair_drop(struct gilvm_gil *g, struct gil_thread *t)
{
	struct gil_fair_lock *l = &g->u.fair;
	uint32_t turn = l->serving + 1;

	gil_mark_dropped(g, t);
	/* Sequentially consistent with the draw: either the thread whose turn
	 * it is sees the new number before it sleeps, or it is seen here. */
	__atomic_store_n(&l->serving, turn, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&l->next, __ATOMIC_SEQ_CST) == turn)
		return;
	syscall(SYS_futex, &l->serving, FUTEX_WAKE_BITSET | FUTEX_PRIVATE_FLAG,
		INT_MAX, NULL, NULL, ticket_bit(turn));
}

const struct gil_ops gil_ops_fair = {
	.name = "fair",
	.init = fair_init,
	.take = fair_take,
	.drop = fair_drop,
};
