// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From two snapshots to rows; what ties rows to each other is in model.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

/* What was open at the last snapshot can end earlier than it was counted to
 * (see track_hold_begin), so a counter's open part may shrink. */
static uint64_t since(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

/* The end of the highest bucket that is not empty. */
static uint64_t highest(const uint64_t *counts)
{
	for (unsigned int i = HIST_BUCKETS; i-- > 0;)
		if (counts[i])
			return hist_low(i + 1) - 1;
	return 0;
}

/*
 * The largest value of the window. The kernel knows it for the window of the
 * moment, and that may be the next one by the time the record is read; then,
 * and for a window of several intervals, a new record since its beginning is
 * exact, and else the histogram tells it to a bucket.
 *
 * before: NULL for what is new in the window
 * counts: NULL where there is no histogram: MODEL_UNKNOWN then
 */
static uint64_t largest(const struct gw_max *max, const struct gw_max *before,
			const uint64_t *counts, const struct rows_pair *p)
{
	bool recent = max->window == p->now->window;
	uint64_t top;

	if (!p->before)
		return max->all;
	if (p->before->window + 1 >= p->now->window && recent)
		return max->recent;
	if (p->before->window + 1 >= p->now->window &&
	    max->window < p->now->window)
		return 0;
	if (!before || max->all > before->all)
		return max->all;
	if (!counts)
		return MODEL_UNKNOWN;
	top = highest(counts);
	if (recent && max->recent > top)
		return max->recent;
	return top < max->all ? top : max->all;
}

static void dist(struct model_dist *d, const uint64_t *counts,
		 const struct gw_max *max, const struct gw_max *before,
		 const struct rows_pair *p)
{
	uint64_t top = largest(max, before, counts, p);

	d->count = 0;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		d->count += counts[i];
	d->max = top || d->count ? top : MODEL_UNKNOWN;
	d->p50 = model_percentile(counts, 0.50, d->count ? top : 0);
	d->p99 = model_percentile(counts, 0.99, d->count ? top : 0);
}

/* ---- locks ----------------------------------------------------------------
 */

static const struct gw_lock *lock_before(const struct rows_pair *p,
					 uint32_t index)
{
	const struct gw_lock *now = &p->now->locks[index].k, *old;

	if (!p->before || index >= p->before->nlocks)
		return NULL;
	old = &p->before->locks[index].k;
	return old->image == now->image && old->id == now->id ? old : NULL;
}

static void lock_counts(struct model_lock *l, const struct gw_lock *a,
			const struct gw_lock *b)
{
	l->waits = since(b->waits, a->waits);
	l->acquired = since(b->acquired, a->acquired);
	l->handoffs = since(b->handoffs, a->handoffs);
	l->inferred = since(b->inferred, a->inferred);
	l->cross = since(b->cross, a->cross);
	for (unsigned int i = 0; i < GW_RESULTS; i++)
		l->failed[i] = since(b->failed[i], a->failed[i]);
	l->wakes = since(b->wakes, a->wakes);
	l->wakes_empty = since(b->wakes_empty, a->wakes_empty);
	l->wait_ns = since(b->wait_ns, a->wait_ns);
	l->blocked_ns = since(b->blocked_ns, a->blocked_ns);
	l->runnable_ns = since(b->runnable_ns, a->runnable_ns);
	l->busy_ns = since(b->busy_ns, a->busy_ns);
	l->hold_ns = since(b->held_ns, a->held_ns);
	l->inner_ns = since(b->inner_ns, a->inner_ns);
	l->switch_ns = since(b->switch_ns, a->switch_ns);
	l->lost = since(b->lost, a->lost);
}

static void lock_dists(struct model_lock *l, const struct rows_pair *p)
{
	uint64_t counts[HIST_BUCKETS];

	for (enum gw_metric i = 0; i < GW_METRICS; i++) {
		model_lock_hist(l, i, counts);
		dist(&l->dist[i], counts, &l->now->max[i],
		     l->before ? &l->before->max[i] : NULL, p);
	}
}

/* Something happened, or somebody waits. */
static bool lock_busy(const struct model_lock *l)
{
	return l->waits || l->acquired || l->wait_ns || l->wakes ||
	       l->open_waits || l->inner_ns || l->switch_ns || l->lost;
}

static void lock_row(struct model_lock *l, const struct model *m,
		     const struct rows_pair *p, uint32_t index)
{
	static const struct gw_lock zero;
	const struct snapshot_lock *s = &p->now->locks[index];
	const struct snapshot_image *image = snapshot_image(p->now, s->k.image);

	*l = (struct model_lock){
		.index = index,
		.row.image = s->k.image,
		.pid = (pid_t)s->k.tgid,
		.comm = image ? image->comm : "",
		.id = s->k.id,
		.kind = s->k.kind,
		.shared = s->k.shared,
		.name = s->name ? s->name : "",
		.switch_interval_ns = s->switch_interval_ns,
		.waiters = s->k.waiting,
		.waiters_max = s->k.waiting_max,
		.owner = (pid_t)s->owner,
		.untouched_ns = since(p->now->now_ns, s->k.released.ns),
		.open_waits = s->open_waits,
		.open_wait_ns = s->open_wait_ns,
		.now = &s->k,
		.before = lock_before(p, index),
		.window_ns = m->window_ns,
		.folded = s->k.folded,
	};
	lock_counts(l, l->before ? l->before : &zero, &s->k);
	if (l->folded) /* they can be busy at the same time */
		l->busy_ns = MODEL_UNKNOWN;
}

int rows_locks(struct model *m, const struct rows_pair *p)
{
	struct model_lock *l;

	m->locks = calloc(p->now->nlocks + 1, sizeof(*m->locks));
	if (!m->locks)
		return -ENOMEM;
	for (size_t i = 0; i < p->now->nlocks; i++) {
		if (!p->now->locks[i].k.image)
			continue;
		l = &m->locks[m->nlocks];
		lock_row(l, m, p, (uint32_t)i);
		if (!lock_busy(l))
			continue;
		lock_dists(l, p);
		m->nlocks++;
	}
	return 0;
}

/* ---- threads --------------------------------------------------------------
 */

static const struct snapshot_thread *
thread_before(const struct rows_pair *p, const struct snapshot_thread *now)
{
	if (!p->before || !p->before->nthreads)
		return NULL;
	return bsearch(now, p->before->threads, p->before->nthreads,
		       sizeof(*now), snapshot_by_serial);
}

static void thread_counts(struct model_thread *t, const struct gw_thread *a,
			  const struct gw_thread *b)
{
	for (unsigned int i = 0; i < GW_RUN_STATES; i++) {
		t->time_ns[i] = since(b->time_ns[i], a->time_ns[i]);
		t->wall_ns += t->time_ns[i];
	}
	for (unsigned int i = 0; i < GW_RESULTS; i++)
		t->failed[i] = since(b->failed[i], a->failed[i]);
	t->gil_wait_ns = since(b->gil_wait_ns, a->gil_wait_ns);
	t->gil_runnable_ns = since(b->gil_runnable_ns, a->gil_runnable_ns);
	t->voluntary = since(b->voluntary, a->voluntary);
	t->sleeps = since(b->sleeps, a->sleeps);
	t->waits = since(b->waits, a->waits);
	t->preempted = since(b->preempted, a->preempted);
	t->wakeups = since(b->wakeups, a->wakeups);
	t->migrations = since(b->migrations, a->migrations);
}

static void thread_row(struct model_thread *t, const struct rows_pair *p,
		       const struct snapshot_thread *s)
{
	static const struct gw_thread zero;
	const struct snapshot_thread *before = thread_before(p, s);
	const struct gw_thread *now = &s->live.thread;
	uint64_t counts[HIST_BUCKETS];

	*t = (struct model_thread){
		.serial = now->serial,
		.row.image = now->image,
		.pid = (pid_t)now->tgid,
		.tid = (pid_t)now->tid,
		.comm = s->live.names.comm,
		.ended = s->ended,
		.folded = now->folded,
		.run = now->run,
		.still_ns = s->still_ns,
		.waits_for = now->call == GW_CALL_WAIT && !s->ended
				     ? now->lock
				     : GW_NO_LOCK,
		.now = now,
		.before = before ? &before->live.thread : NULL,
	};
	thread_counts(t, t->before ? t->before : &zero, now);
	model_thread_hist(t, GW_WAKEUP, counts);
	dist(&t->wakeup, counts, &now->wakeup_max,
	     t->before ? &t->before->wakeup_max : NULL, p);
	model_thread_hist(t, GW_RESPONSE, counts);
	dist(&t->response, counts, &now->response_max,
	     t->before ? &t->before->response_max : NULL, p);
}

/* Threads that had ended before the window are no part of it. */
int rows_threads(struct model *m, const struct rows_pair *p)
{
	struct model_thread *t;

	m->threads = calloc(p->now->nthreads + 1, sizeof(*m->threads));
	if (!m->threads)
		return -ENOMEM;
	for (size_t i = 0; i < p->now->nthreads; i++) {
		t = &m->threads[m->nthreads];
		thread_row(t, p, &p->now->threads[i]);
		if (t->wall_ns || !t->ended)
			m->nthreads++;
	}
	return 0;
}

/* ---- handoffs and migrations ----------------------------------------------
 */

static void handoff_row(struct model_handoff *h, const struct rows_pair *p,
			const struct gw_edge *now)
{
	static const struct gw_edge zero;
	const struct gw_edge *old = NULL;
	const struct gw_lock *lock = &p->now->locks[now->lock].k;

	if (p->before && p->before->nedges)
		old = bsearch(now, p->before->edges, p->before->nedges,
			      sizeof(*now), snapshot_by_edge);
	if (!old)
		old = &zero;
	*h = (struct model_handoff){
		.lock = now->lock,
		.row.image = lock->image,
		.pid = (pid_t)lock->tgid,
		.lock_id = lock->id,
		.from_serial = now->from,
		.to_serial = now->to,
		.from = -1,
		.to = -1,
		.handoffs = since(now->handoffs, old->handoffs),
		.inferred = since(now->inferred, old->inferred),
		.cross = since(now->cross, old->cross),
		.timed = since(now->timed, old->timed),
		.latency_ns = since(now->latency_ns, old->latency_ns),
		.latency_max_ns = largest(
			&now->latency_max,
			old == &zero ? NULL : &old->latency_max, NULL, p),
	};
}

int rows_handoffs(struct model *m, const struct rows_pair *p)
{
	struct model_handoff *h;

	m->handoffs = calloc(p->now->nedges + 1, sizeof(*m->handoffs));
	if (!m->handoffs)
		return -ENOMEM;
	for (size_t i = 0; i < p->now->nedges; i++) {
		if (p->now->edges[i].lock >= p->now->nlocks)
			continue;
		h = &m->handoffs[m->nhandoffs];
		handoff_row(h, p, &p->now->edges[i]);
		if (h->handoffs)
			m->nhandoffs++;
	}
	return 0;
}

static void migration_row(struct model_migration *r, const struct rows_pair *p,
			  const struct snapshot_migration *now)
{
	const struct snapshot_image *image =
		snapshot_image(p->now, now->key.image);
	const struct snapshot_migration *old = NULL;

	if (p->before && p->before->nmigrations)
		old = bsearch(now, p->before->migrations,
			      p->before->nmigrations, sizeof(*now),
			      snapshot_by_migration);
	*r = (struct model_migration){
		.row.image = now->key.image,
		.pid = image ? (pid_t)image->tgid : 0,
		.serial = now->key.thread,
		.tid = -1,
		.from = now->key.from,
		.to = now->key.to,
		.migrations = since(now->count, old ? old->count : 0),
	};
}

int rows_migrations(struct model *m, const struct rows_pair *p)
{
	m->migrations = calloc(p->now->nmigrations + 1, sizeof(*m->migrations));
	if (!m->migrations)
		return -ENOMEM;
	for (size_t i = 0; i < p->now->nmigrations; i++) {
		migration_row(&m->migrations[m->nmigrations], p,
			      &p->now->migrations[i]);
		if (m->migrations[m->nmigrations].migrations)
			m->nmigrations++;
	}
	return 0;
}
