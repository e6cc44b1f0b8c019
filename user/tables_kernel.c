// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "array.h"
#include "iterator.h"
#include "tables.h"

/* Records of a hash table that are read in one call. */
#define BATCH 4096

/* Longer than a program in the kernel runs, where the kernel cannot tell. */
#define GRACE_NS 500000000

/* ---- hash tables ----------------------------------------------------------
 */

/* A table while it is read through, a batch at a time. */
struct walk {
	int map;
	size_t key_size, value_size;
	char *keys, *values;
	int (*take)(void *ctx, const void *key, const void *value);
	void *ctx;
};

static int take_batch(const struct walk *w, uint32_t n)
{
	int err = 0;

	for (uint32_t i = 0; i < n && !err; i++)
		err = w->take(w->ctx, w->keys + i * w->key_size,
			      w->values + i * w->value_size);
	return err;
}

static int walk_batches(const struct walk *w)
{
	uint64_t place[2] = { 0 }; /* the kernel's own, of 4 bytes for a hash */
	bool first = true;
	int err = 0, end = 0;
	uint32_t n;

	while (!err && !end) {
		n = BATCH;
		if (bpf_map_lookup_batch(w->map, first ? NULL : place, place,
					 w->keys, w->values, &n, NULL))
			end = errno;
		if (end && end != ENOENT)
			return -end;
		err = take_batch(w, n);
		first = false;
	}
	return err;
}

static int walk(struct walk *w)
{
	int err = -ENOMEM;

	w->keys = calloc(BATCH, w->key_size);
	w->values = calloc(BATCH, w->value_size);
	if (w->keys && w->values)
		err = walk_batches(w);
	free(w->keys);
	free(w->values);
	return err;
}

/* ---- words ----------------------------------------------------------------
 */

struct picking {
	bool (*gone)(void *ctx, const struct gw_word_key *key,
		     const struct gw_word *word);
	void *ctx;
	struct tables_words *out;
};

static int words_grow(struct tables_words *w)
{
	size_t room = w->room;
	int err = array_grow(&w->key, w->n, &room);

	if (!err)
		err = array_grow(&w->word, w->n, &w->room);
	return err;
}

static int pick_word(void *ctx, const void *key, const void *value)
{
	const struct picking *p = ctx;
	struct tables_words *out = p->out;
	struct gw_word_key k;
	struct gw_word w;

	memcpy(&k, key, sizeof(k));
	memcpy(&w, value, sizeof(w));
	if (!p->gone(p->ctx, &k, &w))
		return 0;
	if (words_grow(out))
		return -ENOMEM;
	out->key[out->n] = k;
	out->word[out->n++] = w;
	return 0;
}

/* Keys that are gone already end a batch, hence more than one call. */
static void delete_keys(int map, const void *keys, size_t n, size_t size)
{
	uint32_t count;
	size_t done = 0;

	while (done < n) {
		count = (uint32_t)(n - done);
		if (!bpf_map_delete_batch(map, (const char *)keys + done * size,
					  &count, NULL))
			return;
		done += count + 1u;
	}
}

int tables_drop_words(struct tables *t,
		      bool (*gone)(void *ctx, const struct gw_word_key *key,
				   const struct gw_word *word),
		      void *ctx, struct tables_words *dropped)
{
	struct picking p = { .gone = gone, .ctx = ctx, .out = dropped };
	struct walk w = { .map = t->words,
			  .key_size = sizeof(struct gw_word_key),
			  .value_size = sizeof(struct gw_word),
			  .take = pick_word,
			  .ctx = &p };
	int err = walk(&w);

	delete_keys(t->words, dropped->key, dropped->n, sizeof(*dropped->key));
	__atomic_fetch_add(&t->state->epoch, 1, __ATOMIC_RELEASE);
	return err;
}

void tables_put_word(struct tables *t, const struct gw_word_key *key,
		     const struct gw_word *word)
{
	bpf_map_update_elem(t->words, key, word, BPF_NOEXIST);
}

/* ---- handoff pairs and migrations -----------------------------------------
 */

struct picked_edges {
	const bool *goes;
	uint32_t n;
	struct gw_edge_key *key;
	size_t found, room;
};

/* Sums have no key, and a pair can have come anew under another index. */
static int pick_edge(void *ctx, const void *key, const void *value)
{
	struct picked_edges *p = ctx;
	uint32_t index;

	memcpy(&index, value, sizeof(index));
	if (!index || index > p->n || !p->goes[index - 1])
		return 0;
	if (array_grow(&p->key, p->found, &p->room))
		return -ENOMEM;
	memcpy(&p->key[p->found++], key, sizeof(*p->key));
	return 0;
}

int tables_drop_edges(struct tables *t, const bool *goes, uint32_t n)
{
	struct picked_edges p = { .goes = goes, .n = n };
	struct walk w = { .map = t->edge_index,
			  .key_size = sizeof(struct gw_edge_key),
			  .value_size = sizeof(uint32_t),
			  .take = pick_edge,
			  .ctx = &p };
	int err = walk(&w);

	delete_keys(t->edge_index, p.key, p.found, sizeof(*p.key));
	free(p.key);
	for (uint32_t i = 0; i < n; i++)
		if (goes[i])
			__atomic_store_n(&t->edges[i].to, 0, __ATOMIC_RELEASE);
	return err;
}

struct reading {
	int (*fn)(void *ctx, const struct gw_migration_key *key,
		  uint64_t count);
	void *ctx;
};

static int read_migration(void *ctx, const void *key, const void *value)
{
	const struct reading *r = ctx;
	struct gw_migration_key k;
	uint64_t count;

	memcpy(&k, key, sizeof(k));
	memcpy(&count, value, sizeof(count));
	return r->fn(r->ctx, &k, count);
}

int tables_read_migrations(struct tables *t,
			   int (*fn)(void *ctx,
				     const struct gw_migration_key *key,
				     uint64_t count),
			   void *ctx)
{
	struct reading r = { .fn = fn, .ctx = ctx };
	struct walk w = { .map = t->migrations,
			  .key_size = sizeof(struct gw_migration_key),
			  .value_size = sizeof(uint64_t),
			  .take = read_migration,
			  .ctx = &r };

	return walk(&w);
}

struct moved {
	struct gw_migration_key from, to;
	uint64_t count;
};

struct moving {
	bool (*change)(void *ctx, struct gw_migration_key *key);
	void *ctx;
	struct moved *moved;
	size_t n, room;
};

static int pick_migration(void *ctx, const void *key, const void *value)
{
	struct moving *m = ctx;
	struct moved one;

	memcpy(&one.from, key, sizeof(one.from));
	memcpy(&one.count, value, sizeof(one.count));
	one.to = one.from;
	if (!m->change(m->ctx, &one.to))
		return 0;
	if (array_grow(&m->moved, m->n, &m->room))
		return -ENOMEM;
	m->moved[m->n++] = one;
	return 0;
}

static void move(struct tables *t, const struct moved *m)
{
	uint64_t count = 0;

	bpf_map_delete_elem(t->migrations, &m->from);
	bpf_map_lookup_elem(t->migrations, &m->to, &count);
	count += m->count;
	if (bpf_map_update_elem(t->migrations, &m->to, &count, BPF_ANY))
		__atomic_fetch_add(&t->state->lost[GW_LOST_MIGRATIONS],
				   m->count, __ATOMIC_RELAXED);
}

int tables_move_migrations(struct tables *t,
			   bool (*change)(void *ctx,
					  struct gw_migration_key *key),
			   void *ctx)
{
	struct moving m = { .change = change, .ctx = ctx };
	struct walk w = { .map = t->migrations,
			  .key_size = sizeof(struct gw_migration_key),
			  .value_size = sizeof(uint64_t),
			  .take = pick_migration,
			  .ctx = &m };
	int err = walk(&w);

	for (size_t i = 0; i < m.n && !err; i++)
		move(t, &m.moved[i]);
	free(m.moved);
	return err;
}

/* ---- who still refers to what ---------------------------------------------
 */

static int no_record(void *ctx, const void *record)
{
	(void)ctx;
	(void)record;
	return 0;
}

int tables_mark(struct tables *t)
{
	__atomic_fetch_add(&t->state->mark, 1, __ATOMIC_RELEASE);
	return iterator_read(t->marker, 1, no_record, NULL);
}

/* A global barrier is a grace period of RCU, inside which programs on
 * tracepoints run. Kernels with nohz_full CPUs have none. */
int tables_grace(struct tables *t)
{
	const struct timespec longer = { .tv_nsec = GRACE_NS };

	(void)t;
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		nanosleep(&longer, NULL);
	return 0;
}
