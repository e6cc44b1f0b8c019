/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_RANDOM_H
#define GILWATCH_TEST_RANDOM_H

#include "events.h"

/* Events by chance, the same ones each time for the same first bits (not 0). */

struct random {
	uint64_t bits;
};

uint32_t random_draw(struct random *s, uint32_t below);

/* All of an event but what it is, at or after the world's time. */
struct event random_event_of(struct random *s, const struct world *w);

/* What a thread in this state can do next; and any event in any state, but a
 * call returns before the next one begins. */
enum event_op random_plausible(struct random *s, const struct gw_thread *t);
enum event_op random_implausible(struct random *s, const struct gw_thread *t);

#endif
