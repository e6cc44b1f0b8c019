/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The state of one thread, as CPython has it, and the list of all threads. */
#ifndef GILVM_THREAD_H
#define GILVM_THREAD_H

#include <pthread.h>
#include <stdint.h>

#include "gil.h"
#include "object.h"

#define RECURSION_LIMIT 1000

struct excobj;
struct frame;
struct intobj;

/* A piece of the stack of values; frames take their slots from it. */
struct stack_chunk {
	struct stack_chunk *prev;
	struct obj **top, **end;
	struct obj *mem[];
};

struct tstate {
	struct frame *frame; /* the one that runs */
	int depth;           /* of calls */
	struct excobj *exc;  /* pending error */
	struct obj *handled; /* exception that an except block handles */
	int64_t left;        /* ticks until the next look-up */
	int64_t refilled;    /* sum of all that `left` was set to */
	struct gil_thread gil;
	struct intobj *free_ints;
	struct stack_chunk *stack;
	int dealloc_depth;
	struct obj *dealloc_later;
	int repr_depth;
	bool is_main;
	struct threadobj *thread; /* what current_thread() gives; borrowed */
};

extern __thread struct tstate *ts_self;

/* The main thread's state: made at start, before any object. */
void tstate_init_main(void);

/* Set up ts for the calling thread; stats may be NULL. gil_take() is next. */
void tstate_enter(struct tstate *ts, struct gil_stats *stats);

/* Leave: gives back what the thread holds, then the GIL. */
void tstate_leave(struct tstate *ts);

/* Bytecodes that the thread has run. */
uint64_t tstate_ticks(const struct tstate *ts);

/* Set ts->left for the next round: check interval, or never. */
void tstate_refill(struct tstate *ts, int64_t left);

/* n slots, set to NULL. Never fails: ends the program when memory is short. */
struct obj **stack_push(struct tstate *ts, int n);
void stack_pop(struct tstate *ts, struct obj **slots);

/* Around a call that may block: release the GIL, take it again. */
static inline void io_begin(void)
{
	gil_io_begin(&ts_self->gil);
}

static inline void io_end(void)
{
	gil_io_end(&ts_self->gil);
}

#endif
