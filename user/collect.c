// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "array.h"
#include "collect.h"

struct collect {
	struct probe *probe;
	uint64_t start_ns, start_unix_ns;
	uint32_t window;
	struct snapshot_thread *ended;
	size_t nended, ended_room;
	struct snapshot_image *images;
	size_t nimages, images_room;
	void (*other)(void *ctx, const struct gw_message *m);
	void *ctx;
};

/* A snapshot while it is filled. */
struct filling {
	struct collect *c;
	struct snapshot *s;
	size_t threads_room, migrations_room;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct collect *collect_new(struct probe *probe)
{
	struct collect *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->probe = probe;
	c->start_ns = clock_ns(CLOCK_MONOTONIC);
	c->start_unix_ns = clock_ns(CLOCK_REALTIME);
	return c;
}

void collect_free(struct collect *c)
{
	if (!c)
		return;
	free(c->ended);
	free(c->images);
	free(c);
}

/* ---- threads --------------------------------------------------------------
 */

/* Image numbers only grow: new ones nearly always go to the end. */
static int remember_image(struct collect *c, const struct gw_live *live)
{
	struct snapshot_image key = { .image = live->thread.image }, *found;

	found = c->nimages ? bsearch(&key, c->images, c->nimages, sizeof(key),
				     snapshot_by_image)
			   : NULL;
	if (!found) {
		if (array_grow(&c->images, c->nimages, &c->images_room))
			return -ENOMEM;
		found = &c->images[c->nimages++];
		*found = key;
		found->tgid = live->thread.tgid;
	}
	memcpy(found->comm, live->names.process, GW_COMM_LEN);
	if (found == &c->images[c->nimages - 1] && c->nimages > 1 &&
	    found[-1].image > found->image)
		qsort(c->images, c->nimages, sizeof(key), snapshot_by_image);
	return 0;
}

static int on_ended(void *ctx, const struct gw_live *live, bool ended)
{
	struct collect *c = ctx;

	if (array_grow(&c->ended, c->nended, &c->ended_room))
		return -ENOMEM;
	c->ended[c->nended].live = *live;
	c->ended[c->nended++].ended = ended;
	return remember_image(c, live);
}

static int on_other(void *ctx, const struct gw_message *m)
{
	struct collect *c = ctx;

	if (c->other)
		c->other(c->ctx, m);
	return 0;
}

int collect_messages(struct collect *c,
		     void (*other)(void *ctx, const struct gw_message *m),
		     void *ctx)
{
	c->other = other;
	c->ctx = ctx;
	return probe_read_messages(c->probe, on_ended, on_other, c);
}

static int on_live(void *ctx, const struct gw_live *live, bool ended)
{
	struct filling *f = ctx;
	struct snapshot *s = f->s;

	if (array_grow(&s->threads, s->nthreads, &f->threads_room))
		return -ENOMEM;
	s->threads[s->nthreads].live = *live;
	s->threads[s->nthreads++].ended = ended;
	return remember_image(f->c, live);
}

/* A thread that ended while the living were read is in both lists: its last
 * record counts. */
static void drop_twice_read(struct collect *c, struct snapshot *s,
			    size_t ended_before)
{
	size_t kept = 0, late = c->nended - ended_before;
	struct snapshot_thread *last = c->ended + ended_before;

	if (!late)
		return;
	qsort(last, late, sizeof(*last), snapshot_by_serial);
	for (size_t i = 0; i < s->nthreads; i++)
		if (!bsearch(&s->threads[i], last, late, sizeof(*last),
			     snapshot_by_serial))
			s->threads[kept++] = s->threads[i];
	s->nthreads = kept;
}

static int read_threads(struct filling *f)
{
	struct collect *c = f->c;
	size_t before;
	int err = collect_messages(c, c->other, c->ctx);

	before = c->nended;
	if (!err)
		err = probe_read_threads(c->probe, on_live, f);
	if (!err)
		err = collect_messages(c, c->other, c->ctx);
	if (err)
		return err;
	drop_twice_read(c, f->s, before);
	for (size_t i = 0; i < c->nended && !err; i++)
		err = on_live(f, &c->ended[i].live, true);
	return err;
}

/* ---- tables ---------------------------------------------------------------
 */

static int on_migration(void *ctx, const struct gw_migration_key *key,
			uint64_t count)
{
	struct filling *f = ctx;
	struct snapshot *s = f->s;

	if (array_grow(&s->migrations, s->nmigrations, &f->migrations_room))
		return -ENOMEM;
	s->migrations[s->nmigrations].key = *key;
	s->migrations[s->nmigrations++].count = count;
	return 0;
}

static int copy_locks(struct collect *c, struct snapshot *s)
{
	const struct gw_lock *locks = probe_locks(c->probe, &s->nlocks);

	s->locks = calloc(s->nlocks + 1, sizeof(*s->locks));
	if (!s->locks)
		return -ENOMEM;
	for (size_t i = 0; i < s->nlocks; i++)
		s->locks[i].k = locks[i];
	return 0;
}

static int copy_edges(struct collect *c, struct snapshot *s)
{
	size_t used;
	const struct gw_edge *edges = probe_edges(c->probe, &used);

	s->edges = calloc(used + 1, sizeof(*s->edges));
	if (!s->edges)
		return -ENOMEM;
	s->edges_room = used + 1;
	for (size_t i = 0; i < used; i++)
		if (edges[i].to)
			s->edges[s->nedges++] = edges[i];
	return 0;
}

static int copy_images(struct collect *c, struct snapshot *s)
{
	s->images = calloc(c->nimages + 1, sizeof(*s->images));
	if (!s->images)
		return -ENOMEM;
	s->nimages = c->nimages;
	if (c->nimages)
		memcpy(s->images, c->images, c->nimages * sizeof(*s->images));
	return 0;
}

static uint64_t timeval_ns(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

static void own_cost(struct collect *c, struct snapshot *s)
{
	struct rusage usage = { 0 };

	getrusage(RUSAGE_SELF, &usage);
	s->cost.cpu_ns =
		timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime);
	s->cost.map_bytes = probe_memory(c->probe);
}

static int fill(struct filling *f)
{
	struct collect *c = f->c;
	struct snapshot *s = f->s;
	int err;

	/* Threads before locks: an episode that opens between the two readings
	 * is then missing in both the thread's and the lock's waits, or known
	 * to the lock alone, but never counted twice. */
	err = read_threads(f);
	if (!err)
		err = copy_locks(c, s);
	if (!err)
		err = copy_edges(c, s);
	if (!err)
		err = probe_read_migrations(c->probe, on_migration, f);
	if (!err)
		err = copy_images(c, s);
	return err;
}

/* Now, or when counting stopped. */
static void set_moment(struct collect *c, struct snapshot *s)
{
	uint64_t stopped = probe_state(c->probe)->stopped_ns;

	s->now_ns = clock_ns(CLOCK_MONOTONIC);
	s->unix_ns = clock_ns(CLOCK_REALTIME);
	if (!stopped)
		return;
	s->unix_ns -= s->now_ns - stopped;
	s->now_ns = stopped;
}

int collect_snapshot(struct collect *c, struct snapshot *s)
{
	struct filling f = { .c = c, .s = s };
	int err;

	*s = (struct snapshot){ .window = c->window };
	probe_window(c->probe, ++c->window);
	set_moment(c, s);
	s->start_ns = c->start_ns;
	s->start_unix_ns = c->start_unix_ns;
	err = fill(&f);
	if (err) {
		snapshot_free(s);
		return err;
	}
	memcpy(s->lost, probe_state(c->probe)->lost, sizeof(s->lost));
	own_cost(c, s);
	snapshot_close(s);
	return 0;
}
