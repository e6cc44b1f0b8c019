// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tui_history.h"

/* A ring; the place of a tick is its number modulo the length. */
struct entry {
	struct history_key key;
	uint64_t tick; /* of the newest value; 0: the entry is free */
	float value[HISTORY_LENGTH][HISTORY_VALUES];
};

/* A hash table with open addressing; never more than half full. */
struct history {
	struct entry *entry;
	size_t size; /* power of two */
	size_t used;
	uint64_t tick;
};

#define SIZE_MIN 64

struct history *history_new(void)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->size = SIZE_MIN;
	h->tick = HISTORY_LENGTH;
	h->entry = calloc(h->size, sizeof(*h->entry));
	if (h->entry)
		return h;
	free(h);
	return NULL;
}

struct history *history_copy(const struct history *h)
{
	struct history *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *h;
	copy->entry = malloc(h->size * sizeof(*h->entry));
	if (!copy->entry) {
		free(copy);
		return NULL;
	}
	memcpy(copy->entry, h->entry, h->size * sizeof(*h->entry));
	return copy;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	free(h->entry);
	free(h);
}

/* The finalizer of MurmurHash3 (public domain), over both words. */
static size_t slot_of(struct history_key key, size_t size)
{
	uint64_t x = key.owner * 0x9e3779b97f4a7c15ull ^ key.id;

	x = (x ^ x >> 33) * 0xff51afd7ed558ccdull;
	x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53ull;
	return (size_t)(x ^ x >> 33) & (size - 1);
}

/* The entry of the key, or the free one that it would get. */
static struct entry *find(struct entry *entry, size_t size,
			  struct history_key key)
{
	size_t i = slot_of(key, size);

	while (entry[i].tick &&
	       (entry[i].key.owner != key.owner || entry[i].key.id != key.id))
		i = (i + 1) & (size - 1);
	return &entry[i];
}

static bool silent(const struct history *h, const struct entry *e)
{
	return e->tick + HISTORY_LENGTH <= h->tick;
}

/* Moves what still counts into a table that fits it. */
static int rebuild(struct history *h)
{
	size_t live = 0, size = SIZE_MIN;
	struct entry *entry;

	for (size_t i = 0; i < h->size; i++)
		live += h->entry[i].tick && !silent(h, &h->entry[i]);
	while (size < 4 * (live + 1))
		size *= 2;
	entry = calloc(size, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	for (size_t i = 0; i < h->size; i++)
		if (h->entry[i].tick && !silent(h, &h->entry[i]))
			*find(entry, size, h->entry[i].key) = h->entry[i];
	free(h->entry);
	h->entry = entry;
	h->size = size;
	h->used = live;
	return 0;
}

void history_tick(struct history *h)
{
	h->tick++;
	/* A failed attempt is made again at the next. */
	if (h->tick % HISTORY_LENGTH == 0)
		rebuild(h);
}

int history_note(struct history *h, struct history_key key,
		 const float value[HISTORY_VALUES])
{
	struct entry *e;

	if (2 * (h->used + 1) > h->size && rebuild(h))
		return -ENOMEM;
	e = find(h->entry, h->size, key);
	if (!e->tick) {
		h->used++;
		e->key = key;
		e->tick = h->tick - HISTORY_LENGTH;
	}
	if (silent(h, e))
		memset(e->value, 0, sizeof(e->value));
	else
		while (++e->tick < h->tick)
			memset(e->value[e->tick % HISTORY_LENGTH], 0,
			       sizeof(e->value[0]));
	e->tick = h->tick;
	memcpy(e->value[h->tick % HISTORY_LENGTH], value, sizeof(e->value[0]));
	return 0;
}

void history_get(const struct history *h, struct history_key key,
		 unsigned int value, float out[HISTORY_LENGTH])
{
	const struct entry *e = find(h->entry, h->size, key);
	uint64_t tick = h->tick - HISTORY_LENGTH + 1;

	for (unsigned int i = 0; i < HISTORY_LENGTH; i++, tick++)
		out[i] = e->tick && tick <= e->tick &&
					 tick + HISTORY_LENGTH > e->tick
				 ? e->value[tick % HISTORY_LENGTH][value]
				 : 0;
}

size_t history_count(const struct history *h)
{
	return h->used;
}
