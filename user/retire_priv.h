/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_RETIRE_PRIV_H
#define GILWATCH_RETIRE_PRIV_H

#include "fold.h"
#include "retire.h"

/* A handoff pair, by what it becomes. */
struct retiring_edge {
	struct gw_edge_key key;
	uint32_t index;
	bool goes;
};

/* One run: what is folded into what. */
struct retiring {
	struct retire *r;
	uint32_t window;
	uint64_t now;
	uint32_t nlocks, nedges; /* entries of the tables */
	struct fold f;
	size_t threads_room, images_room;
	bool *goes; /* locks, by index */
	bool locks_go;
	struct tables_words words; /* of these locks */
	struct retiring_edge *edges;
	size_t edges_used;
	bool *edge_goes; /* by index */
	bool *edge_noted;
};

/* One of those that can go; the least first. */
struct retire_choice {
	uint64_t weight;
	uint32_t what;
};

struct retire_choices {
	struct retire_choice *list;
	size_t n, room;
};

/* Add to those that can go. Returns 0 or -ENOMEM. */
int retire_choose(struct retire_choices *c, uint64_t weight, size_t what);

/* Bring them in order: the first are the least. */
void retire_order(struct retire_choices *c);

/* Add a pair at the end of a list. Returns 0 or -ENOMEM. */
int retire_add_pair(struct fold_pair **pairs, size_t *n, size_t *room,
		    uint32_t from, uint32_t into);

/* Whether this process goes. */
bool retire_image_goes(const struct retiring *x, uint32_t image);

/* Say what each process, and then each thread, that goes becomes. Return 0 or a
 * negative errno. */
int retire_plan_images(struct retiring *x);
int retire_plan_threads(struct retiring *x);

/* Say what each lock that goes becomes, and which pairs go of their own. Return
 * 0 or -ENOMEM. */
int retire_plan_locks(struct retiring *x);
int retire_plan_edges(struct retiring *x);

/* Fold what has been chosen. Returns 0 or a negative errno. */
int retire_apply(struct retiring *x);

#endif
