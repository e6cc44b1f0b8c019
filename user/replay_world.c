// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The threads and locks of a replay. */
#define _GNU_SOURCE
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "replay_priv.h"

/* ---- threads and locks ----------------------------------------------------
 */

/* Makes room in an array of pointers for number n. */
static int reach(void *array, size_t *room, size_t n)
{
	size_t more = *room ? *room : 64;
	void **old, **bigger;

	if (n < *room)
		return 0;
	while (more <= n)
		more *= 2;
	memcpy(&old, array, sizeof(old));
	bigger = reallocarray(old, more, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	memset(bigger + *room, 0, (more - *room) * sizeof(*bigger));
	memcpy(array, &bigger, sizeof(bigger));
	*room = more;
	return 0;
}

struct replay_thread *replay_get_thread(struct replay *r, uint32_t serial)
{
	struct replay_thread *t;

	if (serial < r->threads && r->thread[serial])
		return r->thread[serial];
	if (serial >= REPLAY_THREADS_MAX ||
	    reach(&r->thread, &r->threads_room, serial))
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->live.thread.serial = serial;
	t->live.thread.lock = GW_NO_LOCK;
	t->live.names = (struct gw_names){ "?", "?" };
	r->thread[serial] = t;
	if (serial >= r->threads)
		r->threads = serial + 1;
	return t;
}

struct replay_lock *replay_get_lock(struct replay *r, uint32_t index)
{
	struct replay_lock *l;

	if (index < r->locks && r->lock[index])
		return r->lock[index];
	if (index >= REPLAY_LOCKS_MAX || reach(&r->lock, &r->locks_room, index))
		return NULL;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->info.index = index;
	r->lock[index] = l;
	if (index >= r->locks)
		r->locks = index + 1;
	return l;
}

/* ---- handoffs and migrations ----------------------------------------------
 */

static int by_edge(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct gw_edge_key));
}

_Static_assert(offsetof(struct gw_edge, lock) == 0 &&
		       offsetof(struct gw_edge, to) == 8,
	       "an edge begins with its key");

struct gw_edge *replay_get_edge(struct replay *r, uint32_t lock, uint32_t from,
				uint32_t to, uint32_t *index)
{
	struct gw_edge key = { .lock = lock, .from = from, .to = to };
	struct gw_edge **found = tfind(&key, &r->edge_tree, by_edge), *new;

	if (found) {
		*index = (*found)->pad;
		return *found;
	}
	new = calloc(1, sizeof(*new));
	if (!new || array_grow(&r->edge, r->edges, &r->edges_room)) {
		free(new);
		return NULL;
	}
	*new = key;
	if (!tsearch(new, &r->edge_tree, by_edge)) {
		free(new);
		return NULL;
	}
	*index = new->pad = (uint32_t)r->edges;
	r->edge[r->edges++] = new;
	return new;
}

struct snapshot_migration *
replay_get_migration(struct replay *r, const struct gw_migration_key *key)
{
	struct snapshot_migration **found =
		tfind(key, &r->migration_tree, snapshot_by_migration);
	struct snapshot_migration *new;

	if (found)
		return *found;
	new = calloc(1, sizeof(*new));
	if (!new ||
	    array_grow(&r->migration, r->migrations, &r->migrations_room)) {
		free(new);
		return NULL;
	}
	new->key = *key;
	if (!tsearch(new, &r->migration_tree, snapshot_by_migration)) {
		free(new);
		return NULL;
	}
	r->migration[r->migrations++] = new;
	return new;
}

/* ---- what a record tells --------------------------------------------------
 */

static int learn_threads(struct replay *r, const struct gwr_thread *told,
			 size_t n)
{
	for (size_t i = 0; i < n; i++, told++) {
		struct replay_thread *t = replay_get_thread(r, told->serial);

		if (!t)
			return -EPROTO;
		t->known = true;
		t->live.names = told->names;
		if (t->begun)
			continue;
		t->live.thread.start_ns = told->start_ns;
		t->live.thread.image = told->image;
		t->live.thread.tgid = told->tgid;
		t->live.thread.tid = told->tid;
	}
	return 0;
}

static int learn_locks(struct replay *r, const struct gwr_lock *told, size_t n)
{
	for (size_t i = 0; i < n; i++, told++) {
		struct replay_lock *l = replay_get_lock(r, told->index);

		if (!l || told->kind >= GW_KINDS)
			return -EPROTO;
		l->info = *told;
		l->info.name[GWR_NAME - 1] = '\0';
		l->k.id = told->id;
		l->k.image = told->image;
		l->k.tgid = told->tgid;
		l->k.kind = told->kind;
		l->k.shared = told->shared;
		l->k.first_val = told->first_val;
	}
	return 0;
}

static int by_image(const void *a, const void *b)
{
	const struct gwr_image *x = a, *y = b;

	return (x->image > y->image) - (x->image < y->image);
}

static int learn_images(struct replay *r, const struct gwr_image *told,
			size_t n)
{
	struct gwr_image *image;

	for (size_t i = 0; i < n; i++, told++) {
		image = r->images ? bsearch(told, r->image, r->images,
					    sizeof(*image), by_image)
				  : NULL;
		if (!image) {
			if (array_grow(&r->image, r->images, &r->images_room))
				return -ENOMEM;
			image = &r->image[r->images++];
		}
		*image = *told;
		image->note[GWR_NOTE - 1] = '\0';
		image->later_note[GWR_NOTE - 1] = '\0';
		if (r->images > 1 && image == &r->image[r->images - 1] &&
		    by_image(image - 1, image) > 0)
			qsort(r->image, r->images, sizeof(*image), by_image);
	}
	return 0;
}

/* Until its name is told: a record may be cut off before. */
int replay_nameless(struct replay *r, uint32_t image, uint32_t tgid)
{
	const struct gwr_image told = { .image = image,
					.tgid = tgid,
					.comm = "?" };

	return replay_image(r, image) ? 0 : learn_images(r, &told, 1);
}

static int learn_moment(struct replay *r, const struct gwr_moment *told,
			size_t n)
{
	if (n != 1)
		return -EPROTO;
	r->moment = *told;
	return 0;
}

/* ---- a state --------------------------------------------------------------
 */

static int load_begin(struct replay *r, const struct gwr_moment *told, size_t n)
{
	if (n != 1)
		return -EPROTO;
	/* One who has all before it needs none. */
	r->loading = !r->started;
	if (!r->loading)
		return 0;
	r->now = told->ns;
	r->lost = told->lost[GW_LOST_EVENTS];
	return learn_moment(r, told, n);
}

static int load_threads(struct replay *r, const struct gw_thread *t, size_t n)
{
	for (size_t i = 0; i < n; i++, t++) {
		struct replay_thread *into = replay_get_thread(r, t->serial);

		if (!into || t->episode[0].phase > GW_DUE ||
		    t->episode[1].phase > GW_DUE || t->run >= GW_RUN_STATES)
			return -EPROTO;
		into->live.thread = *t;
		into->known = into->begun = true;
		into->ended = !t->ready;
		memset(into->live.thread.edge, 0, sizeof(t->edge));
	}
	return 0;
}

static int load_locks(struct replay *r, const struct gwr_state_lock *l,
		      size_t n)
{
	for (size_t i = 0; i < n; i++, l++) {
		struct replay_lock *into = replay_get_lock(r, l->index);

		if (!into || l->k.kind >= GW_KINDS)
			return -EPROTO;
		into->k = l->k;
	}
	return 0;
}

static int load_edges(struct replay *r, const struct gw_edge *e, size_t n)
{
	for (size_t i = 0; i < n; i++, e++) {
		uint32_t index;
		struct gw_edge *into =
			replay_get_edge(r, e->lock, e->from, e->to, &index);

		if (!into)
			return -ENOMEM;
		*into = *e;
		into->pad = index;
	}
	return 0;
}

static int load_migrations(struct replay *r, const struct snapshot_migration *m,
			   size_t n)
{
	for (size_t i = 0; i < n; i++, m++) {
		struct snapshot_migration *into =
			replay_get_migration(r, &m->key);

		if (!into)
			return -ENOMEM;
		into->count = m->count;
	}
	return 0;
}

int replay_learn(struct replay *r, const struct gwr_item *item)
{
	if (item->kind > GWR_STATE && !r->loading)
		return 0;
	if (item->kind < GWR_STATE)
		r->loading = false;
	if (item->kind == GWR_EVENTS)
		r->started = true;
	switch (item->kind) {
	case GWR_THREADS:
		return learn_threads(r, item->records, item->count);
	case GWR_LOCKS:
		return learn_locks(r, item->records, item->count);
	case GWR_IMAGES:
		return learn_images(r, item->records, item->count);
	case GWR_MOMENT:
	case GWR_END:
		return learn_moment(r, item->records, item->count);
	case GWR_STATE:
		return load_begin(r, item->records, item->count);
	case GWR_STATE_THREADS:
		return load_threads(r, item->records, item->count);
	case GWR_STATE_LOCKS:
		return load_locks(r, item->records, item->count);
	case GWR_STATE_EDGES:
		return load_edges(r, item->records, item->count);
	case GWR_STATE_MIGRATIONS:
		return load_migrations(r, item->records, item->count);
	case GWR_EVENTS:
		return 0;
	default:
		return -EPROTO;
	}
}

static void keep(void *p)
{
	(void)p;
}

void replay_clear(struct replay *r)
{
	for (size_t i = 0; i < r->threads; i++)
		free(r->thread[i]);
	for (size_t i = 0; i < r->locks; i++)
		free(r->lock[i]);
	tdestroy(r->edge_tree, keep);
	for (size_t i = 0; i < r->edges; i++)
		free(r->edge[i]);
	tdestroy(r->migration_tree, keep);
	for (size_t i = 0; i < r->migrations; i++)
		free(r->migration[i]);
	free(r->thread);
	free(r->lock);
	free(r->edge);
	free(r->migration);
	free(r->image);
}
