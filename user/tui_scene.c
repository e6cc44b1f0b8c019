// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tui_scene.h"

/* What the stores hold. */
enum {
	PROCESSES,
	LOCKS,
	THREADS,
	HANDOFFS,
	MIGRATIONS,
	NAMES,
	CPUS,
	FIRST,
	BUCKETS,
	STORES
};

_Static_assert(STORES == sizeof(((struct scene *)0)->stores) /
				 sizeof(struct scene_store),
	       "a store for each");

/* Longest name of a lock that is kept, with its end. */
#define LOCK_NAME 64

/* At least `size` bytes, with a quarter more so that growth is rare. The old
 * content is kept. */
static void *store(struct scene *s, unsigned int which, size_t size)
{
	struct scene_store *t = &s->stores[which];
	void *bigger;

	if (t->data && size <= t->room)
		return t->data;
	bigger = realloc(t->data, size + size / 4 + 64);
	if (!bigger)
		return NULL;
	t->data = bigger;
	t->room = size + size / 4 + 64;
	return bigger;
}

static void *copy_rows(struct scene *s, unsigned int which, const void *rows,
		       size_t n, size_t size)
{
	void *to = store(s, which, n * size);

	if (to && n)
		memcpy(to, rows, n * size);
	return to;
}

static int copy_tables(struct scene *s, const struct model *m)
{
	s->m = *m;
	s->m.processes = copy_rows(s, PROCESSES, m->processes, m->nprocesses,
				   sizeof(*m->processes));
	s->m.locks =
		copy_rows(s, LOCKS, m->locks, m->nlocks, sizeof(*m->locks));
	s->m.threads = copy_rows(s, THREADS, m->threads, m->nthreads,
				 sizeof(*m->threads));
	s->m.handoffs = copy_rows(s, HANDOFFS, m->handoffs, m->nhandoffs,
				  sizeof(*m->handoffs));
	s->m.migrations = copy_rows(s, MIGRATIONS, m->migrations,
				    m->nmigrations, sizeof(*m->migrations));
	s->cpu = store(s, CPUS, m->nthreads * sizeof(*s->cpu));
	return s->m.processes && s->m.locks && s->m.threads && s->m.handoffs &&
			       s->m.migrations && s->cpu
		       ? 0
		       : -ENOMEM;
}

/* ---- names ----------------------------------------------------------------
 */

/* Copies a kernel name; *at goes on. NULL stays. */
static const char *keep_comm(char **at, const char *comm)
{
	char *to = *at;

	if (!comm)
		return NULL;
	memcpy(to, comm, strnlen(comm, GW_COMM_LEN));
	*at += GW_COMM_LEN;
	return to;
}

static const char *keep_name(char **at, const char *name)
{
	size_t n = name ? strnlen(name, LOCK_NAME - 1) : 0;
	char *to = *at;

	if (!n)
		return "";
	memcpy(to, name, n);
	*at += LOCK_NAME;
	return to;
}

static size_t names_size(const struct model *m)
{
	size_t comms =
		m->nprocesses + m->nthreads + 2 * m->nhandoffs + m->nmigrations;
	size_t named = 0;

	for (size_t i = 0; i < m->nlocks; i++)
		named += m->locks[i].name && *m->locks[i].name;
	return comms * GW_COMM_LEN + named * LOCK_NAME;
}

static int copy_names(struct scene *s)
{
	struct model *m = &s->m;
	size_t size = names_size(m);
	char *at = store(s, NAMES, size);

	if (!at)
		return -ENOMEM;
	memset(at, 0, size);
	for (size_t i = 0; i < m->nprocesses; i++)
		m->processes[i].comm = keep_comm(&at, m->processes[i].comm);
	for (size_t i = 0; i < m->nthreads; i++)
		m->threads[i].comm = keep_comm(&at, m->threads[i].comm);
	for (size_t i = 0; i < m->nlocks; i++) {
		m->locks[i].name = keep_name(&at, m->locks[i].name);
		m->locks[i].comm = m->processes[m->locks[i].row.process].comm;
	}
	for (size_t i = 0; i < m->nhandoffs; i++) {
		m->handoffs[i].from_comm =
			keep_comm(&at, m->handoffs[i].from_comm);
		m->handoffs[i].to_comm = keep_comm(&at, m->handoffs[i].to_comm);
	}
	for (size_t i = 0; i < m->nmigrations; i++)
		m->migrations[i].comm = keep_comm(&at, m->migrations[i].comm);
	return 0;
}

/* ---- histograms -----------------------------------------------------------
 */

/* Most buckets are as they were: they are compared several at a time. */
#define RUN 8

static bool same(const struct hist *now, const struct hist *before,
		 unsigned int from)
{
	return from + RUN <= HIST_BUCKETS &&
	       !memcmp(now->count + from, before->count + from,
		       RUN * sizeof(*now->count));
}

static int pack(struct scene *s, const struct hist *now,
		const struct hist *before)
{
	static const struct hist empty;
	uint32_t count;

	before = before ? before : &empty;
	s->bucket = store(s, BUCKETS,
			  (s->nbuckets + HIST_BUCKETS) * sizeof(*s->bucket));
	if (!s->bucket)
		return -ENOMEM;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		while (i % RUN == 0 && same(now, before, i))
			i += RUN;
		if (i >= HIST_BUCKETS)
			break;
		/* 32 bits wide in the kernel, where they wrap. */
		count = now->count[i] - before->count[i];
		if (count)
			s->bucket[s->nbuckets++] = (struct scene_bucket){
				.bucket = (uint16_t)i,
				.count = count,
			};
	}
	return 0;
}

static int pack_lock(struct scene *s, const struct model_lock *l, size_t *first)
{
	int err = 0;

	for (unsigned int i = 0; i < GW_METRICS && !err; i++) {
		first[i] = s->nbuckets;
		if (l->dist[i].count)
			err = pack(s, &l->now->hist[i],
				   l->before ? &l->before->hist[i] : NULL);
	}
	return err;
}

static int pack_thread(struct scene *s, const struct model_thread *t,
		       size_t *first)
{
	const struct gw_thread *old = t->before;
	int err = 0;

	first[SCENE_WAKEUP] = s->nbuckets;
	if (t->wakeup.count)
		err = pack(s, &t->now->wakeup, old ? &old->wakeup : NULL);
	first[SCENE_RESPONSE] = s->nbuckets;
	if (!err && t->response.count)
		err = pack(s, &t->now->response, old ? &old->response : NULL);
	return err;
}

static int copy_hists(struct scene *s, const struct model *m)
{
	size_t dists =
		m->nlocks * GW_METRICS + m->nthreads * SCENE_THREAD_METRICS;
	size_t *first;
	int err = 0;

	s->nbuckets = 0;
	s->first = first = store(s, FIRST, (dists + 1) * sizeof(*first));
	if (!first)
		return -ENOMEM;
	for (size_t i = 0; i < m->nlocks && !err; i++, first += GW_METRICS)
		err = pack_lock(s, &m->locks[i], first);
	for (size_t i = 0; i < m->nthreads && !err;
	     i++, first += SCENE_THREAD_METRICS)
		err = pack_thread(s, &m->threads[i], first);
	if (!err)
		*first = s->nbuckets;
	return err;
}

static void add_dist(const struct scene *s, size_t dist, uint64_t *out)
{
	for (size_t i = s->first[dist]; i < s->first[dist + 1]; i++)
		out[s->bucket[i].bucket] += s->bucket[i].count;
}

void scene_lock_hist(const struct scene *s, size_t lock, enum gw_metric metric,
		     uint64_t *out)
{
	add_dist(s, lock * GW_METRICS + metric, out);
}

void scene_thread_hist(const struct scene *s, size_t thread,
		       enum gw_metric metric, uint64_t *out)
{
	size_t which = metric == GW_RESPONSE ? SCENE_RESPONSE : SCENE_WAKEUP;

	add_dist(s,
		 s->m.nlocks * GW_METRICS + thread * SCENE_THREAD_METRICS +
			 which,
		 out);
}

/* ---- the whole ------------------------------------------------------------
 */

/* "Nothing wrong" is said only where it is all there is to say. */
static void find_verdicts(struct scene *s, const struct model *m)
{
	struct verdict found[VERDICTS_MAX];
	size_t n;

	s->nverdicts = 0;
	for (size_t i = 0; i < m->nprocesses && s->nverdicts < VERDICTS_MAX;
	     i++) {
		n = verdict_find(m, &m->processes[i], found);
		for (size_t k = 0; k < n && s->nverdicts < VERDICTS_MAX; k++)
			if (found[k].kind != VERDICT_FINE || m->nprocesses == 1)
				s->verdicts[s->nverdicts++] =
					(struct scene_verdict){
						.process = i,
						.verdict = found[k],
					};
	}
}

/* What pointed into the snapshots. */
static void cut_ties(struct scene *s)
{
	for (size_t i = 0; i < s->m.nlocks; i++)
		s->m.locks[i].now = s->m.locks[i].before = NULL;
	for (size_t i = 0; i < s->m.nthreads; i++) {
		const struct gw_thread *now = s->m.threads[i].now;

		s->cpu[i] = now ? now->cpu : 0;
		s->m.threads[i].now = s->m.threads[i].before = NULL;
	}
}

int scene_copy(struct scene *s, const struct model *m)
{
	int err = copy_tables(s, m);

	if (!err)
		err = copy_names(s);
	if (!err)
		err = copy_hists(s, m);
	if (err) {
		scene_free(s);
		return err;
	}
	cut_ties(s);
	find_verdicts(s, m);
	s->filled = true;
	return 0;
}

void scene_free(struct scene *s)
{
	for (unsigned int i = 0; i < STORES; i++)
		free(s->stores[i].data);
	*s = (struct scene){ 0 };
}

const struct model_lock *scene_lock(const struct scene *s, uint32_t image,
				    uint64_t id)
{
	for (size_t i = 0; i < s->m.nlocks; i++)
		if (s->m.locks[i].row.image == image && s->m.locks[i].id == id)
			return &s->m.locks[i];
	return NULL;
}

const struct model_thread *scene_thread(const struct scene *s, uint64_t serial)
{
	for (size_t i = 0; i < s->m.nthreads; i++)
		if (s->m.threads[i].serial == serial)
			return &s->m.threads[i];
	return NULL;
}

const struct model_thread *scene_tid(const struct scene *s, uint32_t image,
				     pid_t tid)
{
	const struct model_thread *found = NULL;

	for (size_t i = 0; i < s->m.nthreads; i++)
		if (s->m.threads[i].row.image == image &&
		    s->m.threads[i].tid == tid &&
		    (!found || s->m.threads[i].serial > found->serial))
			found = &s->m.threads[i];
	return found;
}
