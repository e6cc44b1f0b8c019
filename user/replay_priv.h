/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_REPLAY_PRIV_H
#define GILWATCH_REPLAY_PRIV_H

#include "replay.h"

/*
 * The world of a replay: between replay_world.c, which keeps it, replay.c,
 * which plays events in it, and replay_state.c, which turns it into snapshots.
 */

/* More than any run of gilwatch has; a hostile file asks for more. */
#define REPLAY_THREADS_MAX (1u << 20)
#define REPLAY_LOCKS_MAX (1u << 15)

struct replay {
	struct gwr_info info;
	struct replay_hooks hooks;
	struct replay_thread **thread; /* by serial; NULL: not known */
	struct replay_lock **lock;     /* by index; NULL: not known */
	size_t threads, threads_room;  /* one more than the largest in use */
	size_t locks, locks_room;
	struct gw_edge **edge; /* in order of their making */
	size_t edges, edges_room;
	void *edge_tree; /* the same for tfind */
	struct snapshot_migration **migration;
	size_t migrations, migrations_room;
	void *migration_tree;
	struct gwr_image *image; /* in order of image */
	size_t images, images_room;
	uint32_t window;
	bool started; /* events were played, or a state was loaded */
	bool loading; /* in the blocks of a state */
	uint64_t now, lost;
	struct gwr_moment moment;
	/* The block that replay_until is in. */
	struct gwr_item item;
	size_t item_next;
};

/* A process of which a thread is known: it has a name, "?", until one is told.
 * Returns 0 or -ENOMEM. */
int replay_nameless(struct replay *r, uint32_t image, uint32_t tgid);

/* Each finds, or makes what is missing. NULL: no memory, or out of bounds. */
struct replay_thread *replay_get_thread(struct replay *r, uint32_t serial);
struct replay_lock *replay_get_lock(struct replay *r, uint32_t index);
struct gw_edge *replay_get_edge(struct replay *r, uint32_t lock, uint32_t from,
				uint32_t to, uint32_t *index);
struct snapshot_migration *
replay_get_migration(struct replay *r, const struct gw_migration_key *key);

/* Learn what a block tells besides events. Return 0 or a negative errno. */
int replay_learn(struct replay *r, const struct gwr_item *item);

/* Give back what is in it. */
void replay_clear(struct replay *r);

#endif
