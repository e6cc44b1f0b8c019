/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_EVENTS_H
#define GILWATCH_TEST_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "gilwatch.h"

/*
 * A small world of threads and locks that lists of events are played to. It
 * calls the transition function the way the kernel side does.
 */

enum { NOBODY, A, B, C, D, EVENTS_THREADS };
enum { L, M, N, EVENTS_LOCKS };

#define EVENTS_EDGES 32
#define EVENTS_TID(thread) (100u + (unsigned int)(thread))

enum event_op {
	WAIT,    /* calls FUTEX_WAIT on a word of .lock with .role */
	RET,     /* FUTEX_WAIT returns .ret */
	RESTART, /* calls restart_syscall, resuming the wait */
	WAKE,    /* calls FUTEX_WAKE on a word of .lock with .role */
	WOKE,    /* FUTEX_WAKE returns .ret */
	RUN,     /* gets a CPU: .cpu, or 0 for the one it had */
	PREEMPT, /* leaves it, still runnable */
	SLEEP,   /* leaves it to sleep */
	STOP,    /* leaves it, stopped */
	WOKEN,   /* sched_waking, by the running thread .by, or NOBODY */
	SETTLE,  /* is looked at */
	FORGET,  /* exec */
	END,     /* exits or is killed */
};

/* Limits of track.h that an event's time can be given from. */
enum event_limit { NO_LIMIT, COMMIT, DIRECT, EARLY, EVENT_LIMITS };

struct event {
	uint64_t ns; /* and .plus */
	int thread;  /* A to D */
	enum event_op op;
	unsigned int lock;
	enum gw_role role;
	int ret;
	int by;
	unsigned int cpu;
	enum event_limit plus;
	int later; /* PREEMPT, SLEEP: no lock may be changed now */
};

struct world {
	uint64_t now;
	uint32_t window;
	int no_edges; /* the table of handoff pairs is full */
	struct gw_thread thread[EVENTS_THREADS];
	struct gw_lock lock[EVENTS_LOCKS];
	struct gw_edge edge[EVENTS_EDGES];
	size_t edges;
};

/* What a limit is, in ns. */
uint64_t world_limit(enum event_limit limit);

/* At time 0 every thread runs, each on the CPU of its own number. */
void world_begin(struct world *w);

/* One event, then what must hold at any time (cmocka assertions). */
void world_event(struct world *w, const struct event *e);

/* A list of events, in the order of their times. */
void world_play(struct world *w, const struct event *list, size_t n);

/* Lists name only what an event needs. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define play(w, ...)                                                           \
	world_play(w, (const struct event[]){ __VA_ARGS__ },                   \
		   sizeof((const struct event[]){ __VA_ARGS__ }) /             \
			   sizeof(struct event))

/* The handoffs from one thread to another, or NULL. */
const struct gw_edge *world_pair(const struct world *w, unsigned int lock,
				 int from, int to);

/* Fail unless the four run states of each thread add up to its time. */
void world_check_time(const struct world *w);

uint64_t hist_total(const struct hist *hist);

/* ---- what a lock has counted: fields not named must be 0 ----------------- */

struct waits {
	uint64_t waits, acquired, stolen, timeout, race, signal, ns;
};

struct handoffs {
	uint64_t n, inferred, cross;
};

struct holds {
	uint64_t n, estimated, ns;
};

void world_check_waits(const struct world *w, unsigned int lock,
		       const struct waits *want, const char *file, int line);
void world_check_handoffs(const struct world *w, unsigned int lock,
			  const struct handoffs *want, const char *file,
			  int line);
void world_check_holds(const struct world *w, unsigned int lock,
		       const struct holds *want, const char *file, int line);

#define check_waits(w, lock, ...)                                              \
	world_check_waits(w, lock, &(const struct waits){ __VA_ARGS__ },       \
			  __FILE__, __LINE__)
#define check_handoffs(w, lock, ...)                                           \
	world_check_handoffs(w, lock, &(const struct handoffs){ __VA_ARGS__ }, \
			     __FILE__, __LINE__)
#define check_holds(w, lock, ...)                                              \
	world_check_holds(w, lock, &(const struct holds){ __VA_ARGS__ },       \
			  __FILE__, __LINE__)

/* ---- what many lists begin with ------------------------------------------ */

/* B waits for L from 10 us on, and sleeps. */
#define B_WAITS                                                                \
	{ 10000, B, WAIT, L },                                                 \
	{                                                                      \
		11000, B, SLEEP                                                \
	}

/* A releases L at 50 us and wakes B, which returns at 62 us: it has waited 52
 * us, was woken 12 us after the release, 9 us before it ran. */
#define A_WAKES_B                                                              \
	{ 50000, A, WAKE, L }, { 51000, B, WOKEN, .by = A },                   \
		{ 52000, A, WOKE, .ret = 1 }, { 60000, B, RUN },               \
	{                                                                      \
		62000, B, RET, .ret = 0                                        \
	}

/* Nobody releases anything: B returns at 62 us for another cause. */
#define B_RETURNS(ret_)                                                        \
	{ 51000, B, WOKEN }, { 60000, B, RUN },                                \
	{                                                                      \
		62000, B, RET, .ret = ret_                                     \
	}

#define B_RETURN_NS 62000
#define B_WAITED_NS 52000

#endif
