// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ledger.h"

#define WORDS 64

static struct gw_state state;
static struct gw_lock locks[LEDGER_LOCKS];
static struct gw_edge edges[LEDGER_EDGES];
static uint64_t lock_slots[LEDGER_LOCKS], edge_slots[LEDGER_EDGES];
static struct tables tables;
static struct past past;
static struct retire retire;
static struct {
	struct gw_word_key key;
	struct gw_word word;
	bool used;
} words[WORDS];
static bool referred[LEDGER_LOCKS];
static void (*meanwhile)(void);

void ledger_begin(void)
{
	memset(&state, 0, sizeof(state));
	memset(locks, 0, sizeof(locks));
	memset(edges, 0, sizeof(edges));
	memset(lock_slots, 0, sizeof(lock_slots));
	memset(edge_slots, 0, sizeof(edge_slots));
	memset(words, 0, sizeof(words));
	memset(referred, 0, sizeof(referred));
	meanwhile = NULL;
	state.locks.given = LEDGER_LOCKS;
	state.edges.given = LEDGER_EDGES;
	state.images = 1000;
	tables = (struct tables){
		.state = &state,
		.locks = locks,
		.edges = edges,
		.lock_slots = lock_slots,
		.edge_slots = edge_slots,
		.locks_size = LEDGER_LOCKS,
		.edges_size = LEDGER_EDGES,
	};
	past = (struct past){ 0 };
	retire = (struct retire){ .tables = &tables, .past = &past };
}

void ledger_end(void)
{
	past_free(&past);
}

struct retire *ledger_retire(void)
{
	return &retire;
}

struct tables *ledger_tables(void)
{
	return &tables;
}

struct past *ledger_past(void)
{
	return &past;
}

void ledger_run(uint32_t window)
{
	assert_int_equal(retire_run(&retire, window, LEDGER_NOW), 0);
}

static void enter_word(const struct gw_word_key *key,
		       const struct gw_word *word)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (words[i].used)
			continue;
		words[i].key = *key;
		words[i].word = *word;
		words[i].used = true;
		return;
	}
	fail_msg("no room for a word");
}

struct gw_lock *ledger_lock(uint32_t image, uint64_t id, uint64_t waits,
			    uint64_t idle_ns)
{
	struct gw_word_key key = { .addr = id, .image = image };
	struct gw_word word = { .role = GW_ROLE_WAIT };

	assert_true(tables_take_lock(&tables, &word.lock));
	locks[word.lock].id = id;
	locks[word.lock].image = image;
	locks[word.lock].tgid = 1000 * image;
	locks[word.lock].waits = waits;
	locks[word.lock].wait_ns = waits;
	locks[word.lock].released.ns = LEDGER_NOW - idle_ns;
	enter_word(&key, &word);
	return &locks[word.lock];
}

struct gw_edge *ledger_edge(uint32_t lock, uint32_t from, uint32_t to,
			    uint64_t handoffs)
{
	uint32_t ticket = state.edges.taken++, place = ticket % LEDGER_EDGES;
	uint32_t index = place + (uint32_t)edge_slots[place];

	assert_true(ticket != state.edges.given);
	edges[index] = (struct gw_edge){
		.lock = lock, .from = from, .to = to, .handoffs = handoffs
	};
	return &edges[index];
}

static struct gw_live live(uint32_t image, const char *name)
{
	struct gw_live l = { .now_ns = 0 };

	snprintf(l.names.comm, GW_COMM_LEN, "%s", name);
	snprintf(l.names.process, GW_COMM_LEN, "app");
	l.thread.image = image;
	l.thread.tgid = 1000 * image;
	l.thread.tid = 5000 + state.threads;
	return l;
}

uint32_t ledger_ended(uint32_t image, const char *name, uint64_t running_ns,
		      uint32_t window)
{
	struct gw_live l = live(image, name);

	l.thread.serial = ++state.threads;
	l.thread.time_ns[GW_RUNNING] = running_ns;
	assert_int_equal(past_ended(&past, &l, window), 0);
	return l.thread.serial;
}

void ledger_alive(uint32_t image, const char *name, uint32_t window)
{
	struct gw_live l = live(image, name);

	assert_int_equal(past_alive(&past, &l, window), 0);
}

void ledger_refer(uint32_t index)
{
	referred[index] = true;
}

uint32_t ledger_word(uint32_t image, uint64_t addr)
{
	for (size_t i = 0; i < WORDS; i++)
		if (words[i].used && words[i].key.image == image &&
		    words[i].key.addr == addr)
			return words[i].word.lock;
	return GW_NO_LOCK;
}

void ledger_meanwhile(void (*fn)(void))
{
	meanwhile = fn;
}

uint64_t ledger_waits(void)
{
	uint64_t n = 0;

	for (size_t i = 0; i < LEDGER_LOCKS; i++)
		n += locks[i].waits;
	return n;
}

uint64_t ledger_handoffs(void)
{
	uint64_t n = 0;

	for (size_t i = 0; i < LEDGER_EDGES; i++)
		n += edges[i].handoffs;
	return n;
}

uint64_t ledger_running(void)
{
	uint64_t n = 0;

	for (size_t i = 0; i < past.nended; i++)
		n += past.ended[i].live.thread.time_ns[GW_RUNNING];
	for (size_t i = 0; i < past.nrests; i++)
		n += past.rests[i].live.thread.time_ns[GW_RUNNING];
	return n;
}

/* ---- in place of the kernel -----------------------------------------------
 */

int tables_drop_words(struct tables *t,
		      bool (*gone)(void *ctx, const struct gw_word_key *key,
				   const struct gw_word *word),
		      void *ctx, struct tables_words *dropped)
{
	dropped->key = calloc(WORDS, sizeof(*dropped->key));
	dropped->word = calloc(WORDS, sizeof(*dropped->word));
	if (!dropped->key || !dropped->word)
		return -ENOMEM;
	for (size_t i = 0; i < WORDS; i++) {
		if (!words[i].used || !gone(ctx, &words[i].key, &words[i].word))
			continue;
		dropped->key[dropped->n] = words[i].key;
		dropped->word[dropped->n++] = words[i].word;
		words[i].used = false;
	}
	t->state->epoch++;
	return 0;
}

void tables_put_word(struct tables *t, const struct gw_word_key *key,
		     const struct gw_word *word)
{
	(void)t;
	enter_word(key, word);
}

int tables_drop_edges(struct tables *t, const bool *goes, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (goes[i])
			t->edges[i].to = 0;
	return 0;
}

int tables_mark(struct tables *t)
{
	t->state->mark++;
	for (uint32_t i = 0; i < LEDGER_LOCKS; i++)
		if (referred[i])
			t->locks[i].mark = t->state->mark;
	return 0;
}

int tables_grace(struct tables *t)
{
	void (*fn)(void) = meanwhile;

	(void)t;
	meanwhile = NULL;
	if (fn)
		fn();
	return 0;
}

int tables_move_migrations(struct tables *t,
			   bool (*change)(void *ctx,
					  struct gw_migration_key *key),
			   void *ctx)
{
	(void)t;
	(void)change;
	(void)ctx;
	return 0;
}
