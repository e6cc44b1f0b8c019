/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_DIFF_H
#define GILWATCH_DIFF_H

#include "buf.h"
#include "diff_run.h"

/*
 * Two runs side by side: for each lock and each thread name what has changed,
 * and whether it has changed more than intervals differ among themselves.
 */

/* Intervals shorter than this part of the median one are left out of the noise:
 * the last one is whatever was left. */
#define DIFF_INTERVAL_PART 0.5

/* From this p on, two-sided, a change is within the noise. There are many
 * figures, so 0.05 would find one change in twenty by chance. */
#define DIFF_NOISE_P 0.01

/* One figure of one item in both runs. */
struct diff_change {
	double a, b;    /* NAN: not known */
	double percent; /* of a; INFINITY from 0, NAN where it is not known */
	size_t na, nb;  /* intervals that know it */
	double p;       /* of the rank test over them */
	/* There are enough intervals that p could be below DIFF_NOISE_P. */
	bool testable;
};

/* An item of either run, or one of each; NULL: this run has none. */
struct diff_pair {
	const struct diff_item *a, *b;
};

struct diff {
	struct diff_run a, b;
	struct diff_pair *pair; /* locks first, those that waited most first */
	size_t pairs;
};

/*
 * Load and pair. In pairs are: the same name of process, kind, name (and
 * address, where both runs have it); then the only ones left of a process's
 * name and kind; then the only ones left of a kind.
 *
 * Returns 0, or a negative errno with one line in msg. Free d after either.
 */
int diff_open(struct diff *d, const char *a, const char *b, char msg[DIFF_MSG]);
void diff_close(struct diff *d);

/* A figure of a pair. Returns 0 or -ENOMEM. */
int diff_change(const struct diff *d, const struct diff_pair *p, size_t figure,
		struct diff_change *c);

/* What an item is called: "GIL of python3: CPython 3.11 GIL", "thread io". */
#define DIFF_LABEL 320
const char *diff_label(char buf[DIFF_LABEL], const struct diff_item *i);

/* The change is more than noise, or nothing tells. */
static inline bool diff_is_change(const struct diff_change *c)
{
	return !c->testable || c->p < DIFF_NOISE_P;
}

/*
 * All of it as text.
 *
 * limit: so many pairs at most; width: of the lines, 0: no limit
 *
 * Returns 0 or -ENOMEM.
 */
int diff_print(const struct diff *d, size_t limit, size_t width,
	       struct buf *out);

#endif
