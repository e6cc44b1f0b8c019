/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Memory that is given back all at once: tokens, syntax tree. */
#ifndef GILVM_ARENA_H
#define GILVM_ARENA_H

#include <stddef.h>

struct arena_block;

/* Zero it to start. */
struct arena {
	struct arena_block *blocks;
};

/* size bytes, zeroed, aligned for any type; never NULL. */
void *arena_alloc(struct arena *a, size_t size);

/* A copy of n bytes with a NUL behind. */
char *arena_copy(struct arena *a, const char *s, size_t n);

void arena_free(struct arena *a);

/* A map from names to numbers; zero it to start. The names are not copied. */
struct strmap {
	struct strmap_slot *slot;
	int size, used;
};

/* Number of the name, or -1. */
int strmap_get(const struct strmap *m, const char *name);
void strmap_put(struct strmap *m, const char *name, int v);
void strmap_free(struct strmap *m);

#endif
