// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The state of a replay: as it is, as a snapshot, as blocks of a record. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay_priv.h"

/* ---- as it is -------------------------------------------------------------
 */

const struct replay_thread *replay_thread(const struct replay *r,
					  uint32_t serial)
{
	return serial < r->threads ? r->thread[serial] : NULL;
}

const struct replay_lock *replay_lock(const struct replay *r, uint32_t index)
{
	return index < r->locks ? r->lock[index] : NULL;
}

uint32_t replay_threads(const struct replay *r)
{
	return (uint32_t)r->threads;
}

uint32_t replay_locks(const struct replay *r)
{
	return (uint32_t)r->locks;
}

const struct gwr_image *replay_image(const struct replay *r, uint32_t image)
{
	size_t low = 0, high = r->images, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (r->image[mid].image < image)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->images && r->image[low].image == image ? &r->image[low]
							       : NULL;
}

uint64_t replay_now(const struct replay *r)
{
	return r->now;
}

const struct gwr_moment *replay_moment(const struct replay *r)
{
	return &r->moment;
}

uint64_t replay_lost(const struct replay *r)
{
	return r->lost;
}

/* ---- a snapshot -----------------------------------------------------------
 */

static void copy_threads(const struct replay *r, uint64_t ns,
			 struct snapshot *s)
{
	for (size_t i = 0; i < r->threads; i++) {
		const struct replay_thread *t = r->thread[i];

		if (!t || !t->begun)
			continue;
		s->threads[s->nthreads].live = t->live;
		s->threads[s->nthreads].live.now_ns = ns;
		s->threads[s->nthreads++].ended = t->ended;
	}
}

static void copy_locks(const struct replay *r, struct snapshot *s)
{
	s->nlocks = r->locks;
	for (size_t i = 0; i < r->locks; i++) {
		const struct replay_lock *l = r->lock[i];

		if (!l)
			continue;
		s->locks[i].k = l->k;
		s->locks[i].name = *l->info.name ? l->info.name : NULL;
		s->locks[i].owner = l->info.owner;
		s->locks[i].switch_interval_ns = l->info.switch_interval_ns;
	}
}

static void copy_rest(const struct replay *r, struct snapshot *s)
{
	for (size_t i = 0; i < r->edges; i++) {
		s->edges[s->nedges] = *r->edge[i];
		s->edges[s->nedges++].pad = 0;
	}
	for (size_t i = 0; i < r->migrations; i++)
		s->migrations[s->nmigrations++] = *r->migration[i];
	for (size_t i = 0; i < r->images; i++) {
		const struct gwr_image *image = &r->image[i];
		struct snapshot_image *out = &s->images[s->nimages++];

		out->image = image->image;
		out->tgid = image->tgid;
		memcpy(out->comm, image->comm, sizeof(out->comm));
		out->note = *image->note ? image->note : NULL;
		out->later_ns = image->later_ns;
		out->later_note = *image->later_note ? image->later_note : NULL;
	}
}

static size_t begun(const struct replay *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->threads; i++)
		n += r->thread[i] && r->thread[i]->begun;
	return n;
}

/* As much as there is: the highest numbers are the word of a file. */
static bool allocate(const struct replay *r, struct snapshot *s)
{
	s->threads = calloc(begun(r) + 1, sizeof(*s->threads));
	if (snapshot_reserve_locks(s, r->locks))
		return false;
	s->edges = calloc(r->edges + 1, sizeof(*s->edges));
	s->migrations = calloc(r->migrations + 1, sizeof(*s->migrations));
	s->images = calloc(r->images + 1, sizeof(*s->images));
	s->edges_room = r->edges + 1;
	return s->threads && s->edges && s->migrations && s->images;
}

/* The clocks drift apart a little: the last reading of both counts. */
static uint64_t unix_of(const struct replay *r, uint64_t ns)
{
	if (r->moment.unix_ns && r->moment.ns <= ns)
		return r->moment.unix_ns + (ns - r->moment.ns);
	return r->info.start_unix_ns + (ns - r->info.start_ns);
}

int replay_snapshot(struct replay *r, uint64_t ns, struct snapshot *s)
{
	int err = -ENOMEM;

	*s = (struct snapshot){
		.now_ns = ns,
		.unix_ns = unix_of(r, ns),
		.start_ns = r->info.start_ns,
		.start_unix_ns = r->info.start_unix_ns,
		.window = r->window++,
		.cpus = r->info.cpus,
	};
	if (allocate(r, s)) {
		copy_threads(r, ns, s);
		copy_locks(r, s);
		copy_rest(r, s);
		err = 0;
	}
	if (err) {
		snapshot_free(s);
		return err;
	}
	memcpy(s->lost, r->moment.lost, sizeof(s->lost));
	s->lost[GW_LOST_EVENTS] = r->lost;
	s->cost.cpu_ns = r->moment.cpu_ns;
	s->cost.before_ns = r->moment.before_ns;
	s->cost.map_bytes = r->moment.map_bytes;
	snapshot_close(s);
	return 0;
}

/* ---- blocks of a record ---------------------------------------------------
 */

/* Records of all kinds that a state has, one array after the other. */
struct saving {
	struct gwr_thread *known;
	struct gw_thread *threads;
	struct gwr_lock *told;
	struct gwr_state_lock *locks;
	struct gw_edge *edges;
	struct snapshot_migration *migrations;
	size_t nknown, nthreads, nlocks;
};

static void save_threads(const struct replay *r, struct saving *s)
{
	for (size_t i = 0; i < r->threads; i++) {
		const struct replay_thread *t = r->thread[i];
		const struct gw_thread *k;

		if (!t)
			continue;
		k = &t->live.thread;
		if (t->begun)
			s->threads[s->nthreads++] = *k;
		if (t->known)
			s->known[s->nknown++] = (struct gwr_thread){
				.serial = k->serial,
				.image = k->image,
				.tgid = k->tgid,
				.tid = k->tid,
				.start_ns = k->start_ns,
				.names = t->live.names,
			};
	}
}

static void save_locks(const struct replay *r, struct saving *s)
{
	for (size_t i = 0; i < r->locks; i++) {
		if (!r->lock[i])
			continue;
		s->told[s->nlocks] = r->lock[i]->info;
		s->locks[s->nlocks++] =
			(struct gwr_state_lock){ .index = (uint32_t)i,
						 .k = r->lock[i]->k };
	}
}

static int put(struct gwr_writer *w, enum gwr_kind kind, const void *records,
	       size_t n)
{
	return n ? gwr_put(w, kind, records, n, 0, 0) : 0;
}

static int save(const struct replay *r, struct gwr_writer *w, struct saving *s)
{
	struct gwr_moment m = r->moment;
	int err;

	save_threads(r, s);
	save_locks(r, s);
	for (size_t i = 0; i < r->edges; i++)
		s->edges[i] = *r->edge[i];
	for (size_t i = 0; i < r->migrations; i++)
		s->migrations[i] = *r->migration[i];
	m.ns = r->now;
	m.lost[GW_LOST_EVENTS] = r->lost;
	err = gwr_put(w, GWR_STATE, &m, 1, r->now, r->now);
	if (!err)
		err = put(w, GWR_STATE_THREADS, s->threads, s->nthreads);
	if (!err)
		err = put(w, GWR_STATE_LOCKS, s->locks, s->nlocks);
	if (!err)
		err = put(w, GWR_STATE_EDGES, s->edges, r->edges);
	if (!err)
		err = put(w, GWR_STATE_MIGRATIONS, s->migrations,
			  r->migrations);
	if (!err)
		err = put(w, GWR_THREADS, s->known, s->nknown);
	if (!err)
		err = put(w, GWR_LOCKS, s->told, s->nlocks);
	if (!err)
		err = put(w, GWR_IMAGES, r->image, r->images);
	return err;
}

int replay_save(const struct replay *r, struct gwr_writer *w)
{
	struct saving s = {
		.known = calloc(r->threads + 1, sizeof(*s.known)),
		.threads = calloc(r->threads + 1, sizeof(*s.threads)),
		.told = calloc(r->locks + 1, sizeof(*s.told)),
		.locks = calloc(r->locks + 1, sizeof(*s.locks)),
		.edges = calloc(r->edges + 1, sizeof(*s.edges)),
		.migrations = calloc(r->migrations + 1, sizeof(*s.migrations)),
	};
	int err = -ENOMEM;

	if (s.known && s.threads && s.told && s.locks && s.edges &&
	    s.migrations)
		err = save(r, w, &s);
	free(s.known);
	free(s.threads);
	free(s.told);
	free(s.locks);
	free(s.edges);
	free(s.migrations);
	return err;
}
