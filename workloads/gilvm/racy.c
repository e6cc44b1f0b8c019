// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reference counts without a lock, and what gets lost of them. */
#include "racy.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define CHUNK_BYTES (1u << 20)
#define MAX_STATIC 256

struct chunk {
	struct chunk *next;
	size_t used, size;
	char mem[] __attribute__((aligned(16)));
};

/* Stands before each object, so that a chunk can be walked. */
struct prefix {
	size_t size; /* with the prefix */
	size_t pad;
};

static __thread struct chunk *my_chunk;
static __thread uint64_t my_incs, my_decs;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct chunk *chunks;
static uint64_t total_incs, total_decs;
static struct obj *statics[MAX_STATIC];
static int n_statics;

void racy_incref(struct obj *o)
{
	o->race.inc++;
	my_incs++;
}

void racy_decref(struct obj *o)
{
	o->race.dec++;
	my_decs++;
}

static struct chunk *new_chunk(size_t need)
{
	size_t size = need > CHUNK_BYTES ? need : CHUNK_BYTES;
	struct chunk *c = xcalloc(1, sizeof(*c) + size);

	c->size = size;
	pthread_mutex_lock(&lock);
	c->next = chunks;
	chunks = c;
	pthread_mutex_unlock(&lock);
	return c;
}

void *racy_alloc(const struct type *t, size_t size)
{
	size_t need = (sizeof(struct prefix) + size + 15) & ~(size_t)15;
	struct prefix *p;
	struct obj *o;

	if (!my_chunk || my_chunk->used + need > my_chunk->size)
		my_chunk = new_chunk(need);
	p = (struct prefix *)(void *)(my_chunk->mem + my_chunk->used);
	my_chunk->used += need;
	p->size = need;
	o = (struct obj *)(void *)(p + 1);
	o->race.inc = 1;
	o->type = t;
	my_incs++;
	return o;
}

void obj_register_static(struct obj *o)
{
	if (!vm_racy || n_statics == MAX_STATIC)
		return;
	statics[n_statics++] = o;
	o->race.inc = 1;
	o->race.dec = 0;
	my_incs++;
}

void racy_thread_done(void)
{
	pthread_mutex_lock(&lock);
	total_incs += my_incs;
	total_decs += my_decs;
	my_incs = 0;
	my_decs = 0;
	pthread_mutex_unlock(&lock);
}

static void add_chunk(const struct chunk *c, uint64_t *incs, uint64_t *decs)
{
	size_t at = 0;

	while (at < c->used) {
		const struct prefix *p = (const void *)(c->mem + at);
		const struct obj *o = (const void *)(p + 1);

		*incs += o->race.inc;
		*decs += o->race.dec;
		at += p->size;
	}
}

void racy_report(void)
{
	uint64_t incs = 0, decs = 0;

	racy_thread_done();
	for (int i = 0; i < n_statics; i++) {
		incs += statics[i]->race.inc;
		decs += statics[i]->race.dec;
	}
	for (const struct chunk *c = chunks; c; c = c->next)
		add_chunk(c, &incs, &decs);
	/* Each object's counts are 32 bits wide, so compare modulo 2^32. */
	incs = (uint32_t)(total_incs - incs);
	decs = (uint32_t)(total_decs - decs);
	fprintf(stderr,
		"gilvm: no GIL: lost %" PRIu64 " of %" PRIu64
		" reference count updates (%" PRIu64 " up, %" PRIu64 " down)\n",
		incs + decs, total_incs + total_decs, incs, decs);
}
