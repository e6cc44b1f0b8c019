/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What happened to gilvm's lock, as it counted itself and as gilwatch saw it.
 */
#ifndef TESTS_GILVM_VIEW_H
#define TESTS_GILVM_VIEW_H

#define MAX_EDGES 256

struct edge {
	double from, to, handoffs;
};

/* Waits that the way into the kernel and back makes no longer: both sides have
 * a histogram with an edge here. */
#define LONG_WAIT_NS 65536

/* One side of the comparison. */
struct view {
	double contended; /* acquisitions after a wait */
	double handoffs;
	double calls;  /* FUTEX_WAIT on the lock, failed ones too */
	double longer; /* waits of LONG_WAIT_NS and more */
	double wait_ns;
	double inner_ns; /* waits for the mutex around the lock; not in truths
			  */
	double hold_ns;
	double wall_ns; /* length of the run; only in truths */
	struct edge edges[MAX_EDGES];
	int n_edges;
};

/* Read the truth that gilvm wrote (--stats) into a zeroed view. Fails the test
 * when there is none. */
void view_truth(struct view *v, const char *path);

/* The same from gilwatch's tables in a folder, for the process whose GIL they
 * show. Fails the test when they show none. */
void view_seen(struct view *v, const char *folder);

/* Handoffs that stand at another pair of threads, or at none: how many. */
double view_misplaced(const struct view *a, const struct view *b);

#endif
