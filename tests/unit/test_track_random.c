// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Long random lists of events, the same ones each time: what must hold at any
 * time (see world_event) holds after every event, and everything is closed at
 * the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "events.h"

#define SEQUENCES 3000
#define LENGTH 150

struct source {
	uint64_t bits;
};

/* xorshift64: Marsaglia, "Xorshift RNGs", 2003. */
static uint32_t draw(struct source *s, uint32_t below)
{
	s->bits ^= s->bits << 13;
	s->bits ^= s->bits >> 7;
	s->bits ^= s->bits << 17;
	return (uint32_t)(s->bits >> 32) % below;
}

/* From 0 to 1 ms, most of it near the limits of 30, 50 and 100 us. */
static uint64_t step(struct source *s)
{
	static const uint64_t about[] = { 1,     100,   3000,   29999,
					  30000, 50000, 100000, 1000000 };

	return about[draw(s, 8)] * draw(s, 3);
}

static int result(struct source *s)
{
	static const int of[] = { 0, 0, 0, 1, -110, -110, -11, -4, -512, -516 };

	return of[draw(s, 10)];
}

static struct event random_event(struct source *s, const struct world *w)
{
	return (struct event){
		.ns = w->now + step(s),
		.thread = (int)(A + draw(s, EVENTS_THREADS - A)),
		.lock = draw(s, EVENTS_LOCKS),
		.role = draw(s, 4) ? GW_ROLE_WAIT : draw(s, 3),
		.ret = result(s),
		.by = (int)draw(s, EVENTS_THREADS),
		.cpu = draw(s, 3),
	};
}

/* What a thread in this state can do next; WOKEN while asleep. */
static enum event_op plausible(struct source *s, const struct gw_thread *t)
{
	static const enum event_op leave[] = { PREEMPT, SLEEP, STOP };
	static const enum event_op run[] = { WAIT,    WAIT,  WAKE,   WAKE,
					     PREEMPT, SLEEP, SETTLE, RESTART };

	if (t->run == GW_RUNNABLE)
		return RUN;
	if (t->run != GW_RUNNING)
		return WOKEN;
	if (!draw(s, 200))
		return FORGET;
	if (t->call == GW_CALL_WAIT)
		return draw(s, 3) ? leave[draw(s, 2)] : RET;
	if (t->call == GW_CALL_WAKE)
		return draw(s, 4) ? WOKE : PREEMPT;
	return draw(s, 20) ? run[draw(s, 8)] : STOP;
}

/* Any event in any state, but a call returns before the next one begins. */
static enum event_op implausible(struct source *s, const struct gw_thread *t)
{
	enum event_op op = (enum event_op)draw(s, END + 1);

	if (op == END && draw(s, 20))
		op = PREEMPT;
	if ((op == WAIT || op == WAKE || op == RESTART) &&
	    t->call != GW_CALL_NONE)
		return RET;
	return op;
}

/* Every thread ends, and then nobody waits any more. */
static void close_world(struct world *w)
{
	uint64_t waits, ended;

	for (int i = A; i < EVENTS_THREADS; i++)
		world_event(w, &(struct event){ w->now + 1000, i, END });
	for (unsigned int i = 0; i < EVENTS_LOCKS; i++) {
		waits = w->lock[i].waits;
		ended = w->lock[i].acquired + w->lock[i].failed[GW_SIGNAL];
		assert_int_equal(w->lock[i].waiting, 0);
		/* Every wait has ended in one of these ways. */
		assert_true(ended >= waits);
	}
	for (int i = A; i < EVENTS_THREADS; i++)
		assert_int_equal(w->thread[i].time_ns[GW_RUNNING] +
					 w->thread[i].time_ns[GW_RUNNABLE] +
					 w->thread[i].time_ns[GW_LOCK_WAIT] +
					 w->thread[i].time_ns[GW_SLEEPING],
				 w->thread[i].since_ns - w->thread[i].seen_ns);
}

static uint64_t sequence(uint64_t seed,
			 enum event_op (*next)(struct source *s,
					       const struct gw_thread *t))
{
	struct source s = { .bits = seed * 0x9e3779b97f4a7c15u };
	uint64_t handoffs = 0;
	struct world w;
	struct event e;

	world_begin(&w);
	w.lock[N].kind = seed % 2 ? GW_KIND_GIL : GW_KIND_PI;
	w.no_edges = seed % 16 == 0;
	for (int i = 0; i < LENGTH; i++) {
		w.window += !draw(&s, 50);
		e = random_event(&s, &w);
		e.op = next(&s, &w.thread[e.thread]);
		world_event(&w, &e);
	}
	close_world(&w);
	for (unsigned int i = 0; i < EVENTS_LOCKS; i++)
		handoffs += w.lock[i].handoffs;
	return handoffs;
}

static void run(enum event_op (*next)(struct source *s,
				      const struct gw_thread *t))
{
	uint64_t handoffs = 0;

	for (uint64_t seed = 1; seed <= SEQUENCES; seed++)
		handoffs += sequence(seed, next);
	/* Else the lists would be too dull to prove anything. */
	assert_true(handoffs > SEQUENCES);
	print_message("# %d lists of %d events, %llu handoffs\n", SEQUENCES,
		      LENGTH, (unsigned long long)handoffs);
}

static void plausible_lists(void **state)
{
	(void)state;
	run(plausible);
}

static void implausible_lists(void **state)
{
	(void)state;
	run(implausible);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plausible_lists),
		cmocka_unit_test(implausible_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
