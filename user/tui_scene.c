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
	s->m.buckets = copy_rows(s, BUCKETS, m->buckets, m->nbuckets,
				 sizeof(*m->buckets));
	return s->m.processes && s->m.locks && s->m.threads && s->m.handoffs &&
			       s->m.migrations && s->m.buckets
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

/* The rows were copied from others just before, which clang does not see.
 * NOLINTBEGIN(clang-analyzer-core.*) */
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
/* NOLINTEND(clang-analyzer-core.*) */

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

int scene_copy(struct scene *s, const struct model *m)
{
	int err = copy_tables(s, m);

	if (!err)
		err = copy_names(s);
	if (err) {
		scene_free(s);
		return err;
	}
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
