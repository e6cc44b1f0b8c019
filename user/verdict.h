/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_VERDICT_H
#define GILWATCH_VERDICT_H

#include <stddef.h>

#include "model.h"

/*
 * What the figures mean, in a few sentences: what is wrong, the figures that
 * say so, and what a practitioner would try. Pure functions of the model.
 */

#define VERDICTS_MAX 5

enum verdict_kind {
	VERDICT_DEADLOCK,   /* a cycle among holders */
	VERDICT_STUCK,      /* threads wait, nothing runs: idle or stuck */
	VERDICT_GIL_BOUND,  /* CPU-bound threads take turns */
	VERDICT_CONVOY,     /* an I/O thread waits for them after each sleep */
	VERDICT_BATTLE,     /* woken threads find the lock taken */
	VERDICT_BOUNCE,     /* the lock goes from core to core */
	VERDICT_INTERVAL,   /* waits last as long as the switch interval */
	VERDICT_LONG_HOLD,  /* somebody does not let go */
	VERDICT_OTHER_LOCK, /* a lock that is not the GIL */
	VERDICT_CPUS_FULL,  /* not the lock: there is no CPU */
	VERDICT_FINE,       /* nothing wrong */
	VERDICT_KINDS,
};

/*
 * Thresholds. Each has a test on both sides. Shares are in per cent.
 */
#define VERDICT_EVENTS_MIN 20        /* samples without which nothing is said */
#define VERDICT_CORES_MAX 1.25       /* GIL-bound: cores used at most */
#define VERDICT_GIL_WAIT_MIN 20      /* of a CPU-bound thread's time */
#define VERDICT_CONVOY_SHARE 20      /* response delay: of the thread's time */
#define VERDICT_CONVOY_NS 1000000ull /* and p50 at least */
#define VERDICT_STOLEN_MIN 20        /* of the wakeups by a release */
#define VERDICT_CROSS_MIN 50         /* of the handoffs */
#define VERDICT_CROSS_RATE 1000      /* and handoffs a second at least */
#define VERDICT_INTERVAL_NEAR 25     /* of the interval, either side */
#define VERDICT_HOLD_INTERVALS 10    /* a long hold: so many switch intervals */
#define VERDICT_HOLD_NS 100000000ull /* and at least this */
#define VERDICT_LOCK_WAIT_MIN 20 /* waited, of the wall time of one thread */
#define VERDICT_RUNNABLE_MIN 25  /* of the time of threads that want to run */

/* Room for a text: names of a deadlock's threads are long. */
#define VERDICT_TEXT 1280

struct verdict {
	enum verdict_kind kind;
	/* Thread time that it costs, in ns; orders the verdicts. */
	uint64_t cost_ns;
	char what[VERDICT_TEXT];     /* one sentence */
	char evidence[VERDICT_TEXT]; /* the figures it rests on */
	char remedy[VERDICT_TEXT];   /* what to try; "" when nothing is wrong */
};

/*
 * The verdicts on one process, worst first.
 *
 * m, p: the model and one of its processes
 * out:  gets at most VERDICTS_MAX
 *
 * Returns how many: at least one (VERDICT_FINE).
 */
size_t verdict_find(const struct model *m, const struct model_process *p,
		    struct verdict out[VERDICTS_MAX]);

/* A verdict's name: "GIL-bound", "convoy". */
const char *verdict_name(enum verdict_kind kind);

#endif
