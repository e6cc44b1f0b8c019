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
#include "random.h"

#define SEQUENCES 3000
#define LENGTH 150

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
			 enum event_op (*next)(struct random *s,
					       const struct gw_thread *t))
{
	struct random s = { .bits = seed * 0x9e3779b97f4a7c15u };
	uint64_t handoffs = 0;
	struct world w;
	struct event e;

	world_begin(&w);
	w.lock[N].kind = seed % 2 ? GW_KIND_GIL : GW_KIND_PI;
	w.no_edges = seed % 16 == 0;
	for (int i = 0; i < LENGTH; i++) {
		w.window += !random_draw(&s, 50);
		e = random_event_of(&s, &w);
		e.op = next(&s, &w.thread[e.thread]);
		world_event(&w, &e);
	}
	close_world(&w);
	for (unsigned int i = 0; i < EVENTS_LOCKS; i++)
		handoffs += w.lock[i].handoffs;
	return handoffs;
}

static void run(enum event_op (*next)(struct random *s,
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
	run(random_plausible);
}

static void implausible_lists(void **state)
{
	(void)state;
	run(random_implausible);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plausible_lists),
		cmocka_unit_test(implausible_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
