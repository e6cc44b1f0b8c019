// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Thread states and their stacks of values. */
#include "thread.h"

#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "gilstats.h"
#include "usdt.h"
#include "values.h"

#define CHUNK_SLOTS 4096

static struct tstate main_state;
__thread struct tstate *ts_self;

void tstate_init_main(void)
{
	ts_self = &main_state;
	main_state.is_main = true;
}

void tstate_refill(struct tstate *ts, int64_t left)
{
	ts->refilled += left - ts->left;
	ts->left = left;
}

uint64_t tstate_ticks(const struct tstate *ts)
{
	return (uint64_t)(ts->refilled - ts->left);
}

void tstate_enter(struct tstate *ts, struct gil_stats *stats)
{
	ts_self = ts;
	gil_thread_init(&ts->gil, stats);
	ts->left = 0;
	ts->refilled = 0;
	tstate_refill(ts, gilvm_gil.policy == GIL_TICKS
				  ? (int64_t)gilvm_gil.check_interval
				  : INT64_MAX / 4);
	USDT_PROBE(thread_start, ts->gil.tid);
}

void tstate_leave(struct tstate *ts)
{
	struct stack_chunk *c = ts->stack;

	err_clear();
	xdecref(ts->handled);
	ts->handled = NULL;
	while (c) {
		struct stack_chunk *prev = c->prev;

		free(c);
		c = prev;
	}
	ts->stack = NULL;
	int_free_list_drop(ts);
	if (ts->gil.stats)
		ts->gil.stats->ticks = tstate_ticks(ts);
	gil_drop(&ts->gil);
}

static struct stack_chunk *add_chunk(struct tstate *ts, int n)
{
	size_t slots = (size_t)n > CHUNK_SLOTS ? (size_t)n : CHUNK_SLOTS;
	struct stack_chunk *c =
		xcalloc(1, sizeof(*c) + slots * sizeof(struct obj *));

	c->prev = ts->stack;
	c->top = c->mem;
	c->end = c->mem + slots;
	ts->stack = c;
	return c;
}

struct obj **stack_push(struct tstate *ts, int n)
{
	struct stack_chunk *c = ts->stack;
	struct obj **slots;

	if (!c || c->end - c->top < n)
		c = add_chunk(ts, n);
	slots = c->top;
	c->top += n;
	memset(slots, 0, (size_t)n * sizeof(*slots));
	return slots;
}

void stack_pop(struct tstate *ts, struct obj **slots)
{
	struct stack_chunk *c = ts->stack;

	c->top = slots;
	if (slots != c->mem || !c->prev)
		return;
	ts->stack = c->prev;
	free(c);
}
