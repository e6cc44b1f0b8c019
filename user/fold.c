// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"

/* ---- what becomes of what -------------------------------------------------
 */

int fold_by_from(const void *a, const void *b)
{
	const struct fold_pair *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

int fold_by_key(const void *a, const void *b)
{
	const struct gw_edge_key *x = a, *y = b;

	if (x->lock != y->lock)
		return x->lock < y->lock ? -1 : 1;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

static uint32_t find(const struct fold_pair *pairs, size_t n, uint32_t from)
{
	const struct fold_pair key = { .from = from }, *found;

	if (!n)
		return from;
	found = bsearch(&key, pairs, n, sizeof(key), fold_by_from);
	return found ? found->into : from;
}

uint32_t fold_image(const struct fold *f, uint32_t image)
{
	return find(f->images, f->nimages, image);
}

uint32_t fold_serial(const struct fold *f, uint32_t serial)
{
	return find(f->threads, f->nthreads, serial);
}

bool fold_edge_key(const struct fold *f, struct gw_edge *e)
{
	const struct gw_edge_key old = { e->lock, e->from, e->to };
	bool any = f->nedges &&
		   bsearch(&old, f->edges, f->nedges, sizeof(old), fold_by_key);

	if (e->lock < f->nlocks && f->locks[e->lock] != FOLD_STAYS)
		e->lock = f->locks[e->lock];
	e->from = any ? GW_THREAD_REST : fold_serial(f, e->from);
	e->to = any ? GW_THREAD_REST : fold_serial(f, e->to);
	return e->lock != old.lock || e->from != old.from || e->to != old.to;
}

bool fold_migration_key(const struct fold *f, struct gw_migration_key *key)
{
	const struct gw_migration_key old = *key;

	key->image = fold_image(f, key->image);
	key->thread = fold_serial(f, key->thread);
	return key->image != old.image || key->thread != old.thread;
}

/* ---- sums -----------------------------------------------------------------
 */

static void add_hist(struct hist *into, const struct hist *from)
{
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		into->count[i] += from->count[i];
}

static void add_upper(struct hist_upper *into, const struct hist_upper *from)
{
	for (unsigned int i = 0; i < HIST_UPPER_BUCKETS; i++)
		into->count[i] = (uint16_t)(into->count[i] + from->count[i]);
}

static void add_max(struct gw_max *into, const struct gw_max *from)
{
	if (from->all > into->all)
		into->all = from->all;
	if (from->window > into->window ||
	    (from->window == into->window && from->recent > into->recent)) {
		into->window = from->window;
		into->recent = from->recent;
	}
	into->groups |= from->groups;
}

void fold_thread(struct gw_thread *into, const struct gw_thread *from)
{
	for (unsigned int i = 0; i < GW_RUN_STATES; i++)
		into->time_ns[i] += from->time_ns[i];
	for (unsigned int i = 0; i < GW_RESULTS; i++)
		into->failed[i] += from->failed[i];
	into->gil_wait_ns += from->gil_wait_ns;
	into->gil_delay_ns += from->gil_delay_ns;
	into->voluntary += from->voluntary;
	into->sleeps += from->sleeps;
	into->waits += from->waits;
	into->preempted += from->preempted;
	into->wakeups += from->wakeups;
	into->migrations += from->migrations;
	into->folded += from->folded ? from->folded : 1;
	add_max(&into->wakeup_max, &from->wakeup_max);
	add_max(&into->response_max, &from->response_max);
	add_hist(&into->wakeup, &from->wakeup);
	add_hist(&into->response, &from->response);
	add_upper(&into->response_upper, &from->response_upper);
}

static void add_lock_times(struct gw_lock *into, const struct gw_lock *from)
{
	into->wait_ns += from->wait_ns;
	into->blocked_ns += from->blocked_ns;
	into->runnable_ns += from->runnable_ns;
	into->busy_ns += from->busy_ns;
	into->held_ns += from->held_ns;
	into->inner_ns += from->inner_ns;
	into->switch_ns += from->switch_ns;
}

void fold_lock(struct gw_lock *into, const struct gw_lock *from)
{
	into->waits += from->waits;
	into->acquired += from->acquired;
	into->handoffs += from->handoffs;
	into->inferred += from->inferred;
	into->cross += from->cross;
	for (unsigned int i = 0; i < GW_RESULTS; i++)
		into->failed[i] += from->failed[i];
	into->timed += from->timed;
	into->wakes += from->wakes;
	into->wakes_empty += from->wakes_empty;
	into->holds_estimated += from->holds_estimated;
	into->lost += from->lost;
	add_lock_times(into, from);
	if (from->waiting_max > into->waiting_max)
		into->waiting_max = from->waiting_max;
	if (from->released.ns > into->released.ns)
		into->released.ns = from->released.ns;
	for (unsigned int i = 0; i < GW_METRICS; i++) {
		add_max(&into->max[i], &from->max[i]);
		add_hist(&into->hist[i], &from->hist[i]);
	}
	into->folded += from->folded ? from->folded : 1;
}

void fold_edge(struct gw_edge *into, const struct gw_edge *from)
{
	into->handoffs += from->handoffs;
	into->inferred += from->inferred;
	into->cross += from->cross;
	into->latency_ns += from->latency_ns;
	into->timed += from->timed;
	add_max(&into->latency_max, &from->latency_max);
}

struct gw_lock fold_lock_sum(uint32_t image, uint32_t tgid)
{
	return (struct gw_lock){ .image = image,
				 .tgid = tgid,
				 .kind = GW_KIND_REST };
}

/* ---- a snapshot of before -------------------------------------------------
 */

static const struct snapshot_thread *rest_of(const struct fold *f,
					     uint32_t serial)
{
	struct snapshot_thread key;

	key.live.thread.serial = serial;
	return bsearch(&key, f->rests, f->nrests, sizeof(key),
		       snapshot_by_serial);
}

/* The thread's counters under the name of its sum. */
static void rename_thread(struct snapshot_thread *t,
			  const struct snapshot_thread *rest)
{
	const struct gw_thread old = t->live.thread;

	*t = (struct snapshot_thread){ .ended = true,
				       .live.names = rest->live.names };
	t->live.thread.serial = rest->live.thread.serial;
	t->live.thread.image = rest->live.thread.image;
	t->live.thread.tgid = rest->live.thread.tgid;
	t->live.thread.lock = GW_NO_LOCK;
	fold_thread(&t->live.thread, &old);
}

static void fold_threads(struct snapshot *s, const struct fold *f)
{
	const struct snapshot_thread *rest;
	size_t kept = 0;
	uint32_t into;

	if (!f->nthreads || !s->nthreads)
		return;
	for (size_t i = 0; i < s->nthreads; i++) {
		into = fold_serial(f, s->threads[i].live.thread.serial);
		if (into == s->threads[i].live.thread.serial)
			continue;
		rest = rest_of(f, into);
		if (rest)
			rename_thread(&s->threads[i], rest);
	}
	qsort(s->threads, s->nthreads, sizeof(*s->threads), snapshot_by_serial);
	for (size_t i = 1; i < s->nthreads; i++) {
		if (snapshot_by_serial(&s->threads[kept], &s->threads[i]))
			s->threads[++kept] = s->threads[i];
		else
			fold_thread(&s->threads[kept].live.thread,
				    &s->threads[i].live.thread);
	}
	s->nthreads = kept + 1;
}

/* A row becomes, or is added to, that of a sum. */
static void add_lock_row(struct snapshot_lock *into, struct snapshot_lock *from,
			 const struct fold *f)
{
	struct snapshot_lock old = *from;

	if (!old.k.image)
		return;
	*from = (struct snapshot_lock){ 0 };
	if (into == from || !into->k.image)
		into->k = fold_lock_sum(fold_image(f, old.k.image), old.k.tgid);
	fold_lock(&into->k, &old.k);
}

/* The sum of images has no process id. */
static uint32_t tgid_of(const struct fold *f, const struct gw_lock *k)
{
	return fold_image(f, k->image) == k->image ? k->tgid : 0;
}

/* Only read where there is none: what is written to takes memory. */
static void rename_locks(struct snapshot *s, const struct fold *f)
{
	size_t free = 0; /* the first of a run of entries not in use */

	for (size_t i = 0; i < s->nlocks; i++) {
		struct gw_lock *k = &s->locks[i].k;

		if (!k->image)
			continue;
		k->tgid = tgid_of(f, k);
		k->image = fold_image(f, k->image);
		if (free < i)
			snapshot_give_back(&s->locks[free], &s->locks[i]);
		free = i + 1;
	}
	if (free < s->nlocks)
		snapshot_give_back(&s->locks[free], &s->locks[s->nlocks]);
}

static int fold_locks(struct snapshot *s, const struct fold *f)
{
	size_t n = s->nlocks < f->nlocks ? s->nlocks : f->nlocks, most = 0;

	for (size_t i = 0; i < n; i++)
		if (f->locks[i] != FOLD_STAYS && f->locks[i] >= most)
			most = f->locks[i] + 1;
	if (most > s->nlocks) {
		if (snapshot_reserve_locks(s, most))
			return -ENOMEM;
		s->nlocks = most;
	}
	/* Those that become sums themselves first. */
	for (size_t i = 0; i < n; i++)
		if (f->locks[i] == i)
			add_lock_row(&s->locks[i], &s->locks[i], f);
	for (size_t i = 0; i < n; i++)
		if (f->locks[i] != i && f->locks[i] != FOLD_STAYS)
			add_lock_row(&s->locks[f->locks[i]], &s->locks[i], f);
	rename_locks(s, f);
	return 0;
}

static void fold_edges(struct snapshot *s, const struct fold *f)
{
	size_t kept = 0, changed = 0;

	for (size_t i = 0; i < s->nedges; i++)
		changed += fold_edge_key(f, &s->edges[i]);
	if (!changed)
		return;
	qsort(s->edges, s->nedges, sizeof(*s->edges), snapshot_by_edge);
	for (size_t i = 1; i < s->nedges; i++) {
		if (snapshot_by_edge(&s->edges[kept], &s->edges[i]))
			s->edges[++kept] = s->edges[i];
		else
			fold_edge(&s->edges[kept], &s->edges[i]);
	}
	s->nedges = kept + 1;
}

static void fold_migrations(struct snapshot *s, const struct fold *f)
{
	struct snapshot_migration *m = s->migrations;
	size_t kept = 0, changed = 0;

	for (size_t i = 0; i < s->nmigrations; i++)
		changed += fold_migration_key(f, &m[i].key);
	if (!changed)
		return;
	qsort(m, s->nmigrations, sizeof(*m), snapshot_by_migration);
	for (size_t i = 1; i < s->nmigrations; i++) {
		if (snapshot_by_migration(&m[kept], &m[i]))
			m[++kept] = m[i];
		else
			m[kept].count += m[i].count;
	}
	s->nmigrations = kept + 1;
}

static int fold_images(struct snapshot *s, const struct fold *f)
{
	struct snapshot_image *images;

	if (!f->nimages)
		return 0;
	images = calloc(f->nnow + 1, sizeof(*images));
	if (!images)
		return -ENOMEM;
	if (f->nnow)
		memcpy(images, f->now, f->nnow * sizeof(*images));
	free(s->images);
	s->images = images;
	s->images_room = f->nnow + 1;
	s->nimages = f->nnow;
	return 0;
}

int fold_snapshot(struct snapshot *s, const struct fold *f)
{
	int err;

	/* Edges name locks by their old indexes. */
	fold_edges(s, f);
	fold_threads(s, f);
	fold_migrations(s, f);
	err = fold_locks(s, f);
	return err ? err : fold_images(s, f);
}
