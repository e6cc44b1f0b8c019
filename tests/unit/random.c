// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "random.h"

/* xorshift64: Marsaglia, "Xorshift RNGs", 2003. */
uint32_t random_draw(struct random *s, uint32_t below)
{
	s->bits ^= s->bits << 13;
	s->bits ^= s->bits >> 7;
	s->bits ^= s->bits << 17;
	return (uint32_t)(s->bits >> 32) % below;
}

/* From 0 to 1 ms, most of it near the limits of 30, 50 and 100 us. */
static uint64_t step(struct random *s)
{
	static const uint64_t about[] = { 1,     100,   3000,   29999,
					  30000, 50000, 100000, 1000000 };

	return about[random_draw(s, 8)] * random_draw(s, 3);
}

static int result(struct random *s)
{
	static const int of[] = { 0, 0, 0, 1, -110, -110, -11, -4, -512, -516 };

	return of[random_draw(s, 10)];
}

struct event random_event_of(struct random *s, const struct world *w)
{
	return (struct event){
		.ns = w->now + step(s),
		.thread = (int)(A + random_draw(s, EVENTS_THREADS - A)),
		.lock = random_draw(s, EVENTS_LOCKS),
		.role = random_draw(s, 4) ? GW_ROLE_WAIT : random_draw(s, 3),
		.ret = result(s),
		.by = (int)random_draw(s, EVENTS_THREADS),
		.cpu = random_draw(s, 3),
		.later = !random_draw(s, 8),
	};
}

/* What a thread in this state can do next; WOKEN while asleep. */
enum event_op random_plausible(struct random *s, const struct gw_thread *t)
{
	static const enum event_op leave[] = { PREEMPT, SLEEP, STOP };
	static const enum event_op run[] = { WAIT,    WAIT,  WAKE,   WAKE,
					     PREEMPT, SLEEP, SETTLE, RESTART };

	if (t->run == GW_RUNNABLE)
		return RUN;
	if (t->run != GW_RUNNING)
		return WOKEN;
	if (!random_draw(s, 200))
		return FORGET;
	if (t->call == GW_CALL_WAIT)
		return random_draw(s, 3) ? leave[random_draw(s, 2)] : RET;
	if (t->call == GW_CALL_WAKE)
		return random_draw(s, 4) ? WOKE : PREEMPT;
	return random_draw(s, 20) ? run[random_draw(s, 8)] : STOP;
}

/* Any event in any state, but a call returns before the next one begins. */
enum event_op random_implausible(struct random *s, const struct gw_thread *t)
{
	enum event_op op = (enum event_op)random_draw(s, END + 1);

	if (op == END && random_draw(s, 20))
		op = PREEMPT;
	if ((op == WAIT || op == WAKE || op == RESTART) &&
	    t->call != GW_CALL_NONE)
		return RET;
	return op;
}
