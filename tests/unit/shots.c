// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "shots.h"

void shot_begin(struct snapshot *s, uint64_t second)
{
	*s = (struct snapshot){
		.now_ns = SHOT_START_NS + second * SHOT_S,
		.unix_ns = SHOT_UNIX_NS + second * SHOT_S,
		.start_ns = SHOT_START_NS,
		.start_unix_ns = SHOT_UNIX_NS,
		.window = (uint32_t)second,
	};
}

/* One more zeroed element at the end. */
static void *grow(void *array, size_t *n, size_t size)
{
	char *more = realloc(array, (*n + 1) * size);

	if (!more)
		abort();
	memset(more + (*n)++ * size, 0, size);
	return more;
}

#define GROW(s, name)                                                          \
	((s)->name = grow((s)->name, &(s)->n##name, sizeof(*(s)->name)),       \
	 &(s)->name[(s)->n##name - 1])

static void put_name(char name[GW_COMM_LEN], const char *text)
{
	size_t n = strlen(text);

	memcpy(name, text, n < GW_COMM_LEN ? n : GW_COMM_LEN);
}

void shot_image(struct snapshot *s, uint32_t image, const char *name)
{
	struct snapshot_image *i = GROW(s, images);

	i->image = image;
	i->tgid = 1000 * image;
	put_name(i->comm, name);
}

struct gw_thread *shot_thread(struct snapshot *s, uint32_t serial,
			      uint32_t image, uint32_t tid, const char *name)
{
	struct snapshot_thread *t = GROW(s, threads);

	t->live.now_ns = s->now_ns;
	put_name(t->live.names.comm, name);
	t->live.thread = (struct gw_thread){
		.serial = serial,
		.image = image,
		.tgid = 1000 * image,
		.tid = tid,
		.ready = 1,
		.run = GW_RUNNING,
		.seen_ns = SHOT_START_NS,
		.since_ns = SHOT_START_NS,
		.lock = GW_NO_LOCK,
	};
	return &t->live.thread;
}

struct gw_lock *shot_lock(struct snapshot *s, uint32_t image, uint64_t id)
{
	struct snapshot_lock *l = GROW(s, locks);

	l->k.image = image;
	l->k.tgid = 1000 * image;
	l->k.id = id;
	return &l->k;
}

struct gw_edge *shot_edge(struct snapshot *s, uint32_t lock, uint32_t from,
			  uint32_t to, uint64_t handoffs)
{
	struct gw_edge *e = GROW(s, edges);

	s->edges_room = s->nedges;
	e->lock = lock;
	e->from = from;
	e->to = to;
	e->handoffs = handoffs;
	return e;
}

void shot_migration(struct snapshot *s, uint32_t image, uint32_t tid,
		    uint32_t from, uint32_t to, uint64_t count)
{
	struct snapshot_migration *m = GROW(s, migrations);

	m->key = (struct gw_migration_key){ image, tid, from, to };
	m->count = count;
}

static void *copy(const void *array, size_t bytes)
{
	void *p = malloc(bytes + 1);

	if (!p)
		abort();
	return bytes ? memcpy(p, array, bytes) : p;
}

#define COPY(to, from, name)                                                   \
	((to)->name =                                                          \
		 copy((from)->name, (from)->n##name * sizeof(*(from)->name)))

void shot_copy(struct snapshot *to, const struct snapshot *from)
{
	*to = *from;
	COPY(to, from, threads);
	COPY(to, from, locks);
	COPY(to, from, edges);
	COPY(to, from, migrations);
	COPY(to, from, images);
	to->edges_room = to->nedges;
}

void shot_samples(struct hist *hist, struct gw_max *max, uint64_t ns,
		  uint32_t n, uint32_t window)
{
	hist->count[hist_bucket(ns)] += n;
	max->groups |= 1u << hist_group(hist_bucket(ns));
	if (max->window != window)
		max->recent = 0;
	max->window = window;
	if (ns > max->recent)
		max->recent = ns;
	if (ns > max->all)
		max->all = ns;
}

const struct model_lock *shot_lock_row(const struct model *m, uint64_t id)
{
	for (size_t i = 0; i < m->nlocks; i++)
		if (m->locks[i].id == id)
			return &m->locks[i];
	return NULL;
}

const struct model_thread *shot_thread_row(const struct model *m,
					   uint32_t serial)
{
	for (size_t i = 0; i < m->nthreads; i++)
		if (m->threads[i].serial == serial)
			return &m->threads[i];
	return NULL;
}

void shot_pair_begin(struct shot_pair *p)
{
	*p = (struct shot_pair){ 0 };
	shot_begin(&p->before, 1);
	shot_begin(&p->now, 2);
	shot_image(&p->before, 1, "app");
	shot_image(&p->now, 1, "app");
	for (uint64_t id = 0x1000; id <= 0x2000; id += 0x1000) {
		shot_lock(&p->before, 1, id)->waits = 10;
		shot_lock(&p->now, 1, id)->waits = 11;
	}
	for (uint32_t serial = 1; serial <= 2; serial++) {
		uint32_t tid = 100 + serial;

		shot_thread(&p->before, serial, 1, tid, "thread");
		shot_thread(&p->now, serial, 1, tid, "thread");
	}
}

struct gw_lock *shot_lock_at(struct snapshot *s, size_t i)
{
	return &s->locks[i].k;
}

struct gw_thread *shot_thread_at(struct snapshot *s, size_t i)
{
	return &s->threads[i].live.thread;
}

void shot_pair_close(struct shot_pair *p)
{
	snapshot_close(&p->before);
	snapshot_close(&p->now);
	assert_int_equal(model_new(&p->m, &p->before, &p->now, true), 0);
}

void shot_pair_end(struct shot_pair *p)
{
	model_free(&p->m);
	snapshot_free(&p->before);
	snapshot_free(&p->now);
}
