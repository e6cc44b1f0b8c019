// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From two snapshots to rows; what ties rows to each other is in model.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fetch.h"
#include "rows.h"

/* What was open at the last snapshot can end earlier than it was counted to
 * (see track_hold_begin), so a counter's open part may shrink. By the sign of
 * the difference, so that a counter may pass 2^64. */
static uint64_t since(uint64_t now, uint64_t before)
{
	uint64_t difference = now - before;

	return difference <= INT64_MAX ? difference : 0;
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
	/* With fewer waits it is the same one anew. */
	return old->image == now->image && old->id == now->id &&
			       (int64_t)(now->waits - old->waits) >= 0
		       ? old
		       : NULL;
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

/* Which groups of buckets can have counts that are new in the window. */
static uint32_t lock_groups(const struct rows_pair *p, uint32_t index,
			    enum gw_metric metric)
{
	const struct snapshot_lock *now = &p->now->locks[index];

	if (p->before && now->reading && index < p->before->nlocks &&
	    p->before->locks[index].reading + 1 == now->reading)
		return now->touched[metric];
	return now->k.max[metric].groups;
}

static int lock_dists(struct model *m, struct model_lock *l,
		      const struct rows_pair *p)
{
	const struct gw_lock *now = &p->now->locks[l->index].k;
	const struct gw_lock *before = lock_before(p, l->index);
	int err = 0;

	for (enum gw_metric i = 0; i < GW_METRICS && !err; i++) {
		const struct rows_ends e = {
			.now = &now->hist[i],
			.max = &now->max[i],
			.before = before ? &before->hist[i] : NULL,
			.max_before = before ? &before->max[i] : NULL,
			.groups = lock_groups(p, l->index, i),
		};

		err = rows_dist(m, &l->dist[i], &l->first[i], &e, p);
	}
	return err;
}

/* Something happened, or somebody waits. */
static bool lock_busy(const struct model_lock *l)
{
	return l->waits || l->acquired || l->wait_ns || l->wakes ||
	       l->open_waits || l->inner_ns || l->switch_ns || l->lost;
}

static const char *name_of(const struct snapshot_lock *s)
{
	if (s->name)
		return s->name;
	return s->k.kind == GW_KIND_UNLISTED
		       ? "no room for rows of their own (--max-locks)"
		       : "";
}

static void lock_row(struct model_lock *l, const struct model *m,
		     const struct rows_pair *p, uint32_t index)
{
	static const struct gw_lock zero;
	const struct gw_lock *before = lock_before(p, index);
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
		.name = name_of(s),
		.switch_interval_ns = s->switch_interval_ns,
		.waiters = s->k.waiting,
		.waiters_max = s->k.waiting_max,
		.owner = (pid_t)s->owner,
		.untouched_ns = since(p->now->now_ns, s->k.released.ns),
		.open_waits = s->open_waits,
		.open_wait_ns = s->open_wait_ns,
		.first_val = s->k.first_val,
		.joined = s->k.joined,
		.window_ns = m->window_ns,
		.folded = s->k.folded,
	};
	lock_counts(l, before ? before : &zero, &s->k);
	if (l->folded) /* they can be busy at the same time */
		l->busy_ns = MODEL_UNKNOWN;
}

/* Locks ahead of the one that is worked on; most of them have counts in so many
 * lines of a histogram. */
#define AHEAD 8

/* What lock_dists will read of it. */
static void fetch_hists(const struct rows_pair *p, size_t i)
{
	const struct gw_lock *now, *before;
	uint32_t groups;

	if (i >= p->now->nlocks || !p->now->locks[i].k.image)
		return;
	now = &p->now->locks[i].k;
	before = lock_before(p, (uint32_t)i);
	for (enum gw_metric k = 0; k < GW_METRICS; k++) {
		groups = lock_groups(p, (uint32_t)i, k);
		fetch_hist(&now->hist[k], groups);
		if (before)
			fetch_hist(&before->hist[k], groups);
	}
}

static void fetch_counters(const struct snapshot *s, size_t i)
{
	if (i < s->nlocks)
		fetch_bytes(&s->locks[i],
			    offsetof(struct snapshot_lock, k.hist));
}

/* The records are too many for any cache, and their places known. */
static void fetch(const struct rows_pair *p, size_t i)
{
	fetch_counters(p->now, i + AHEAD);
	if (p->before)
		fetch_counters(p->before, i + AHEAD);
	fetch_hists(p, i + AHEAD / 2);
}

int rows_locks(struct model *m, const struct rows_pair *p)
{
	struct model_lock *l;
	int err = 0;

	m->locks = calloc(p->now->nlocks + 1, sizeof(*m->locks));
	if (!m->locks)
		return -ENOMEM;
	for (size_t i = 0; i < p->now->nlocks && !err; i++) {
		fetch(p, i);
		if (!p->now->locks[i].k.image)
			continue;
		l = &m->locks[m->nlocks];
		lock_row(l, m, p, (uint32_t)i);
		if (!lock_busy(l))
			continue;
		err = lock_dists(m, l, p);
		m->nlocks++;
	}
	return err;
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
	t->gil_delay_ns = since(b->gil_delay_ns, a->gil_delay_ns);
	t->voluntary = since(b->voluntary, a->voluntary);
	t->sleeps = since(b->sleeps, a->sleeps);
	t->waits = since(b->waits, a->waits);
	t->preempted = since(b->preempted, a->preempted);
	t->wakeups = since(b->wakeups, a->wakeups);
	t->migrations = since(b->migrations, a->migrations);
}

static int thread_dists(struct model *m, struct model_thread *t,
			const struct gw_thread *now,
			const struct gw_thread *before,
			const struct rows_pair *p)
{
	struct rows_ends e = { .now = &now->wakeup,
			       .max = &now->wakeup_max,
			       .groups = now->wakeup_max.groups };
	int err;

	if (before) {
		e.before = &before->wakeup;
		e.max_before = &before->wakeup_max;
	}
	err = rows_dist(m, &t->wakeup, &t->first[MODEL_WAKEUP], &e, p);
	if (err)
		return err;
	e.now = &now->response;
	e.upper = &now->response_upper;
	e.max = &now->response_max;
	e.groups = now->response_max.groups;
	if (before) {
		e.before = &before->response;
		e.upper_before = &before->response_upper;
		e.max_before = &before->response_max;
	}
	return rows_dist(m, &t->response, &t->first[MODEL_RESPONSE], &e, p);
}

static int thread_row(struct model *m, struct model_thread *t,
		      const struct rows_pair *p,
		      const struct snapshot_thread *s)
{
	static const struct gw_thread zero;
	const struct snapshot_thread *old = thread_before(p, s);
	const struct gw_thread *before = old ? &old->live.thread : NULL;
	const struct gw_thread *now = &s->live.thread;

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
		.cpu = now->cpu,
	};
	thread_counts(t, before ? before : &zero, now);
	return thread_dists(m, t, now, before, p);
}

/* Threads that had ended before the window are no part of it. */
int rows_threads(struct model *m, const struct rows_pair *p)
{
	struct model_thread *t;
	int err = 0;

	m->threads = calloc(p->now->nthreads + 1, sizeof(*m->threads));
	if (!m->threads)
		return -ENOMEM;
	for (size_t i = 0; i < p->now->nthreads && !err; i++) {
		t = &m->threads[m->nthreads];
		err = thread_row(m, t, p, &p->now->threads[i]);
		if (t->wall_ns || !t->ended)
			m->nthreads++;
	}
	return err;
}

/* ---- handoffs and migrations ----------------------------------------------
 */

/* The same pair before the window, or NULL. Both tables are in the same order:
 * *at goes through the old one as `now` goes through the new one. */
static const struct gw_edge *edge_before(const struct rows_pair *p,
					 const struct gw_edge *now, size_t *at)
{
	const struct snapshot *s = p->before;
	int order = -1;

	while (s && *at < s->nedges) {
		order = snapshot_by_edge(&s->edges[*at], now);
		if (order >= 0)
			break;
		++*at;
	}
	return order ? NULL : &s->edges[*at];
}

static void handoff_row(struct model_handoff *h, const struct rows_pair *p,
			const struct gw_edge *now, const struct gw_edge *old)
{
	static const struct gw_edge zero;
	const struct gw_lock *lock = &p->now->locks[now->lock].k;

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
		.latency_max_ns = rows_largest(
			&now->latency_max,
			old == &zero ? NULL : &old->latency_max, NULL, p),
	};
}

int rows_handoffs(struct model *m, const struct rows_pair *p)
{
	struct model_handoff *h;
	size_t at = 0;

	m->handoffs = calloc(p->now->nedges + 1, sizeof(*m->handoffs));
	if (!m->handoffs)
		return -ENOMEM;
	for (size_t i = 0; i < p->now->nedges; i++) {
		if (p->now->edges[i].lock >= p->now->nlocks)
			continue;
		h = &m->handoffs[m->nhandoffs];
		handoff_row(h, p, &p->now->edges[i],
			    edge_before(p, &p->now->edges[i], &at));
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
