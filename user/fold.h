/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_FOLD_H
#define GILWATCH_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"

/*
 * Records that become part of a sum: what has ended, or is idle, keeps its
 * counts but not a record of its own, so that memory is bounded and totals stay
 * exact. The sum of threads is a thread record, that of locks a lock of kind
 * GW_KIND_REST, that of processes an image with `folded` set. Pure arithmetic.
 */

/* A thread's serial or an image's number, and that of the sum it goes into. */
struct fold_pair {
	uint32_t from, into;
};

struct fold {
	struct fold_pair *threads; /* by from */
	struct fold_pair *images;  /* by from */
	struct gw_edge_key *edges; /* by snapshot_by_edge: go into "any pair" */
	uint32_t *locks;           /* by index: the index that the lock goes to,
				      itself when it becomes a sum */
	size_t nthreads, nimages, nedges, nlocks;
	const struct snapshot_thread
		*rests; /* the sums of threads, by serial */
	size_t nrests;
	const struct snapshot_image *now; /* the images that there are then */
	size_t nnow;
};

/* A lock that stays as it is, in fold.locks. */
#define FOLD_STAYS GW_NO_LOCK

/* The order of pairs, and of edge keys. */
int fold_by_from(const void *a, const void *b);
int fold_by_key(const void *a, const void *b);

/* What an image or a thread becomes; itself when it stays. */
uint32_t fold_image(const struct fold *f, uint32_t image);
uint32_t fold_serial(const struct fold *f, uint32_t serial);

/* Add one record's counters to another's. */
void fold_thread(struct gw_thread *into, const struct gw_thread *from);
void fold_lock(struct gw_lock *into, const struct gw_lock *from);
void fold_edge(struct gw_edge *into, const struct gw_edge *from);

/* The empty sum of locks of an image. */
struct gw_lock fold_lock_sum(uint32_t image, uint32_t tgid);

/* Change the key of an edge or a migration to that of the sum it is part of.
 * Return false when it stays. */
bool fold_edge_key(const struct fold *f, struct gw_edge *e);
bool fold_migration_key(const struct fold *f, struct gw_migration_key *key);

/*
 * Do to a snapshot of before what is done to the tables, so that the difference
 * to a later one has of each sum only what lies between the two.
 *
 * Returns 0 or -ENOMEM.
 */
int fold_snapshot(struct snapshot *s, const struct fold *f);

#endif
