// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "object.h"

#define BLOCK_BYTES 65536

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	char mem[] __attribute__((aligned(16)));
};

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->blocks;
	void *p;

	size = (size + 15) & ~(size_t)15;
	if (!b || b->size - b->used < size) {
		size_t n = size > BLOCK_BYTES ? size : BLOCK_BYTES;

		b = xcalloc(1, sizeof(*b) + n);
		b->size = n;
		b->next = a->blocks;
		a->blocks = b;
	}
	p = b->mem + b->used;
	b->used += size;
	return p;
}

char *arena_copy(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	memcpy(p, s, n);
	return p;
}

void arena_free(struct arena *a)
{
	struct arena_block *b = a->blocks;

	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
	a->blocks = NULL;
}

struct strmap_slot {
	const char *name;
	int v;
};

static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static struct strmap_slot *find(const struct strmap *m, const char *name)
{
	uint32_t i = hash(name);

	for (;; i++) {
		struct strmap_slot *s = &m->slot[i & (uint32_t)(m->size - 1)];

		if (!s->name || !strcmp(s->name, name))
			return s;
	}
}

int strmap_get(const struct strmap *m, const char *name)
{
	struct strmap_slot *s = m->size ? find(m, name) : NULL;

	return s && s->name ? s->v : -1;
}

static void grow(struct strmap *m)
{
	struct strmap old = *m;

	m->size = old.size ? old.size * 2 : 16;
	m->slot = xcalloc((size_t)m->size, sizeof(*m->slot));
	for (int i = 0; i < old.size; i++) {
		if (old.slot[i].name)
			*find(m, old.slot[i].name) = old.slot[i];
	}
	free(old.slot);
}

void strmap_put(struct strmap *m, const char *name, int v)
{
	struct strmap_slot *s;

	if (m->used * 2 >= m->size)
		grow(m);
	s = find(m, name);
	if (!s->name) {
		s->name = name;
		m->used++;
	}
	s->v = v;
}

void strmap_free(struct strmap *m)
{
	free(m->slot);
	memset(m, 0, sizeof(*m));
}
