/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TABLES_H
#define GILWATCH_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gilwatch.h"

/*
 * The kernel side's tables, as memory and as descriptors: what is needed to
 * take entries back from it. tables.c has what is memory alone, tables_kernel.c
 * what the kernel does.
 */
struct tables {
	struct gw_state *state;
	struct gw_lock *locks;
	struct gw_edge *edges;
	uint64_t *lock_slots, *edge_slots; /* see struct gw_tickets */
	uint32_t locks_size, edges_size;   /* powers of two */
	uint32_t locks_end, edges_end;     /* see tables_locks_end */
	int words, edge_index, migrations; /* maps */
	int marker;                        /* link of the iterator mark_locks */
};

/* Entries in use. */
uint32_t tables_locks_used(const struct tables *t);
uint32_t tables_edges_used(const struct tables *t);

/* How far the table has ever been used: entries from here on are zero. */
uint32_t tables_locks_end(struct tables *t);
uint32_t tables_edges_end(struct tables *t);

/* Take a free lock entry. Returns false when there is none. */
bool tables_take_lock(struct tables *t, uint32_t *index);

/* Zero an entry that nothing refers to, and let it be taken again. */
void tables_give_lock(struct tables *t, uint32_t index);
void tables_give_edge(struct tables *t, uint32_t index);

/* Words that were dropped. */
struct tables_words {
	struct gw_word_key *key;
	struct gw_word *word;
	size_t n, room;
};

/*
 * Take the words of some locks out of the kernel's table. Threads forget what
 * they remember of them.
 *
 * gone:    called for each word: whether it goes
 * dropped: gets those that went, behind what it has
 *
 * Returns 0 or a negative errno.
 */
int tables_drop_words(struct tables *t,
		      bool (*gone)(void *ctx, const struct gw_word_key *key,
				   const struct gw_word *word),
		      void *ctx, struct tables_words *dropped);

/* Put a word back, unless it has been learnt anew. */
void tables_put_word(struct tables *t, const struct gw_word_key *key,
		     const struct gw_word *word);

/*
 * Take handoff pairs out of the kernel's index: their entries are found no
 * more, and have no receiver (`to`).
 *
 * goes: n flags, by index
 *
 * Returns 0 or a negative errno.
 */
int tables_drop_edges(struct tables *t, const bool *goes, uint32_t n);

/* Mark the locks that threads refer to with gw_state.mark, newly set. Returns 0
 * or a negative errno. */
int tables_mark(struct tables *t);

/* Returns when every program that was running in the kernel has ended: what it
 * had looked up before is not in use any more. 0 or a negative errno. */
int tables_grace(struct tables *t);

/* Read the migration counts. fn: called for each; a negative return ends the
 * reading with it. Returns 0, fn's result, or a negative errno. */
int tables_read_migrations(struct tables *t,
			   int (*fn)(void *ctx,
				     const struct gw_migration_key *key,
				     uint64_t count),
			   void *ctx);

/*
 * Move migration counts from one key to another.
 *
 * change: called for each key; changes it and returns true, or returns false
 *
 * Returns 0 or a negative errno. Counts that find no room are lost and counted.
 */
int tables_move_migrations(struct tables *t,
			   bool (*change)(void *ctx,
					  struct gw_migration_key *key),
			   void *ctx);

#endif
