// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "recorder.h"
#include "replay.h"
#include "text.h"

/* Events in one block, and how long they may wait for its end. */
#define BLOCK_EVENTS 16384
#define BLOCK_NS 500000000u

/* What the file has been told of, to tell only what is new. */
struct told {
	struct gw_names *threads; /* by serial */
	struct gwr_lock *locks;   /* by index; image 0: not yet */
	struct gwr_image *images; /* in the snapshot's order */
	size_t nthreads, nlocks, nimages;
};

struct recorder {
	struct probe *probe;
	struct gwr_writer *writer;
	struct gwr_config config;
	struct replay *ahead; /* plays all that was put; NULL: not needed */
	struct told told;
	struct gwr_moment moment;
	struct gw_event *events;
	size_t n;
	uint64_t total;
	int err; /* the record can have no more */
};

int recorder_new(struct recorder **out, struct probe *probe,
		 const struct gwr_config *config, const struct gwr_info *info,
		 char msg[GWR_MSG])
{
	struct recorder *r = calloc(1, sizeof(*r));
	int err = -ENOMEM;

	*out = NULL;
	snprintf(msg, GWR_MSG, "out of memory");
	if (!r)
		return err;
	r->probe = probe;
	r->config = *config;
	r->events = calloc(BLOCK_EVENTS, sizeof(*r->events));
	if (config->max_bytes || config->keep_ns)
		r->ahead = replay_new(info, NULL);
	if (r->events && (r->ahead || !(config->max_bytes || config->keep_ns)))
		err = gwr_create(&r->writer, config, info, msg);
	if (err)
		recorder_free(r);
	else
		*out = r;
	return err;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	gwr_discard(r->writer);
	replay_free(r->ahead);
	free(r->told.threads);
	free(r->told.locks);
	free(r->told.images);
	free(r->events);
	free(r);
}

/* ---- blocks ---------------------------------------------------------------
 */

static int put(struct recorder *r, enum gwr_kind kind, const void *records,
	       size_t n, uint64_t first_ns, uint64_t last_ns)
{
	const struct gwr_item item = { .kind = kind,
				       .records = records,
				       .count = n };
	int err = 0;

	if (!n)
		return 0;
	if (r->ahead)
		err = replay_item(r->ahead, &item);
	return err ? err
		   : gwr_put(r->writer, kind, records, n, first_ns, last_ns);
}

static struct gwr_lock lock_of(const struct gw_lock *k, uint32_t index)
{
	return (struct gwr_lock){
		.id = k->id,
		.first_val = k->first_val,
		.index = index,
		.image = k->image,
		.tgid = k->tgid,
		.kind = k->kind,
		.shared = k->shared,
	};
}

static int grow(void *array, size_t *n, size_t need, size_t size)
{
	void *old, *bigger;

	if (need <= *n)
		return 0;
	memcpy(&old, array, sizeof(old));
	bigger = reallocarray(old, need, size);
	if (!bigger)
		return -ENOMEM;
	memset((char *)bigger + *n * size, 0, (need - *n) * size);
	memcpy(array, &bigger, sizeof(bigger));
	*n = need;
	return 0;
}

/* A lock must be known before the first event that names it. */
static int tell_new_locks(struct recorder *r)
{
	struct tables *tables = probe_tables(r->probe);
	const struct gw_lock *locks = tables->locks;
	size_t used = tables_locks_end(tables), n = 0;
	struct gwr_lock *new;
	int err;

	if (grow(&r->told.locks, &r->told.nlocks, used, sizeof(*new)))
		return -ENOMEM;
	new = calloc(used + 1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	for (size_t i = 0; i < used; i++) {
		/* Written last, see lock_new. */
		if (r->told.locks[i].image ||
		    !__atomic_load_n(&locks[i].image, __ATOMIC_ACQUIRE))
			continue;
		r->told.locks[i] = lock_of(&locks[i], (uint32_t)i);
		new[n++] = r->told.locks[i];
	}
	err = put(r, GWR_LOCKS, new, n, 0, 0);
	free(new);
	return err;
}

static int flush(struct recorder *r)
{
	uint64_t first, last;
	int err;

	if (!r->n)
		return 0;
	err = tell_new_locks(r);
	first = r->events[0].ns;
	last = r->events[r->n - 1].ns;
	if (!err)
		err = put(r, GWR_EVENTS, r->events, r->n, first, last);
	if (!err)
		r->total += r->n;
	r->n = 0;
	if (!err && r->ahead && gwr_wants_state(r->writer))
		err = replay_save(r->ahead, r->writer);
	return err;
}

static int failed(struct recorder *r, int err, char msg[GWR_MSG])
{
	char name[256];

	r->err = err;
	text_escape(name, sizeof(name), r->config.path, strlen(r->config.path));
	snprintf(msg, GWR_MSG,
		 "cannot write %s: %s: what was written before is kept, the "
		 "recording has stopped",
		 name, strerror(-err));
	return err;
}

static bool lives(const struct snapshot *s, uint32_t serial)
{
	const struct snapshot_thread key = { .live.thread.serial = serial };
	const struct snapshot_thread *t = NULL;

	if (s->nthreads)
		t = bsearch(&key, s->threads, s->nthreads, sizeof(*t),
			    snapshot_by_serial);
	return t && !t->ended;
}

/* A thread that ended after counting had stopped, and after the last snapshot
 * had read it, did not end for this record. */
static void drop_late_ends(struct recorder *r, const struct snapshot *s)
{
	uint64_t stopped = probe_state(r->probe)->stopped_ns;
	const struct gw_event *e;
	size_t kept = 0;

	for (size_t i = 0; stopped && i < r->n; i++) {
		e = &r->events[i];
		if (e->type != GW_EV_END || e->ns < stopped ||
		    !lives(s, e->thread))
			r->events[kept++] = *e;
	}
	if (stopped)
		r->n = kept;
}

/* Also when nothing can be written any more: the kernel side goes on. */
static int take(struct recorder *r, const struct snapshot *s)
{
	size_t got;
	int err = 0;

	do {
		got = probe_events(r->probe, r->events + r->n,
				   BLOCK_EVENTS - r->n);
		r->n += got;
		if (s)
			drop_late_ends(r, s);
		if (r->err)
			r->n = 0;
		else if (r->n == BLOCK_EVENTS)
			err = flush(r);
	} while (got && !err);
	if (!err && r->n && r->events[r->n - 1].ns - r->events[0].ns > BLOCK_NS)
		err = flush(r);
	return err;
}

int recorder_read(struct recorder *r, char msg[GWR_MSG])
{
	int err = take(r, NULL);

	return err ? failed(r, err, msg) : 0;
}

/* ---- names ----------------------------------------------------------------
 */

static int tell_threads(struct recorder *r, const struct snapshot *s)
{
	struct gwr_thread *new = calloc(s->nthreads + 1, sizeof(*new));
	size_t n = 0;
	int err = new ? 0 : -ENOMEM;

	for (size_t i = 0; i < s->nthreads && !err; i++) {
		const struct gw_live *live = &s->threads[i].live;
		const struct gw_thread *t = &live->thread;

		err = grow(&r->told.threads, &r->told.nthreads,
			   (size_t)t->serial + 1, sizeof(*r->told.threads));
		if (err || !memcmp(&r->told.threads[t->serial], &live->names,
				   sizeof(live->names)))
			continue;
		r->told.threads[t->serial] = live->names;
		new[n++] = (struct gwr_thread){
			.serial = t->serial,
			.image = t->image,
			.tgid = t->tgid,
			.tid = t->tid,
			.start_ns = t->start_ns,
			.names = live->names,
		};
	}
	if (!err)
		err = put(r, GWR_THREADS, new, n, 0, 0);
	free(new);
	return err;
}

static int tell_locks(struct recorder *r, const struct snapshot *s)
{
	struct gwr_lock *new = calloc(s->nlocks + 1, sizeof(*new)), l;
	size_t n = 0;
	int err;

	if (!new)
		return -ENOMEM;
	err = grow(&r->told.locks, &r->told.nlocks, s->nlocks, sizeof(l));
	for (size_t i = 0; i < s->nlocks && !err; i++) {
		if (!s->locks[i].k.image)
			continue;
		l = lock_of(&s->locks[i].k, (uint32_t)i);
		l.owner = s->locks[i].owner;
		l.switch_interval_ns = s->locks[i].switch_interval_ns;
		if (s->locks[i].name)
			snprintf(l.name, sizeof(l.name), "%s",
				 s->locks[i].name);
		if (!memcmp(&l, &r->told.locks[i], sizeof(l)))
			continue;
		r->told.locks[i] = new[n++] = l;
	}
	if (!err)
		err = put(r, GWR_LOCKS, new, n, 0, 0);
	free(new);
	return err;
}

static void copy_note(char out[GWR_NOTE], const char *note)
{
	if (note)
		snprintf(out, GWR_NOTE, "%s", note);
}

static int tell_images(struct recorder *r, const struct snapshot *s)
{
	struct gwr_image *new = calloc(s->nimages + 1, sizeof(*new));
	struct told *told = &r->told;
	size_t n = 0;
	int err = new ? 0 : -ENOMEM;

	if (!err)
		err = grow(&told->images, &told->nimages, s->nimages,
			   sizeof(*new));
	for (size_t i = 0; i < s->nimages && !err; i++) {
		const struct snapshot_image *image = &s->images[i];
		struct gwr_image *out = &new[n];

		*out = (struct gwr_image){ .image = image->image };
		out->tgid = image->tgid;
		memcpy(out->comm, image->comm, sizeof(out->comm));
		out->later_ns = image->later_ns;
		copy_note(out->note, image->note);
		copy_note(out->later_note, image->later_note);
		n += !!memcmp(out, &told->images[i], sizeof(*out));
		told->images[i] = *out;
	}
	if (!err)
		err = put(r, GWR_IMAGES, new, n, 0, 0);
	free(new);
	return err;
}

static void note_moment(struct recorder *r, const struct snapshot *s)
{
	r->moment = (struct gwr_moment){
		.ns = s->now_ns,
		.unix_ns = s->unix_ns,
		.unordered = probe_ring(r->probe)->unordered,
		.cpu_ns = s->cost.cpu_ns,
		.before_ns = s->cost.before_ns,
		.map_bytes = s->cost.map_bytes,
	};
	memcpy(r->moment.lost, s->lost, sizeof(s->lost));
}

int recorder_tell(struct recorder *r, const struct snapshot *s,
		  char msg[GWR_MSG])
{
	int err = take(r, s);

	if (!err && !r->err)
		err = flush(r);
	note_moment(r, s);
	if (!err && !r->err)
		err = tell_threads(r, s);
	if (!err && !r->err)
		err = tell_locks(r, s);
	if (!err && !r->err)
		err = tell_images(r, s);
	if (!err && !r->err)
		err = put(r, GWR_MOMENT, &r->moment, 1, 0, 0);
	return err ? failed(r, err, msg) : 0;
}

/* ---- the end --------------------------------------------------------------
 */

int recorder_write(struct recorder *r, char msg[GWR_MSG])
{
	int err = put(r, GWR_END, &r->moment, 1, 0, 0);

	if (err)
		return failed(r, err, msg);
	return gwr_publish(r->writer, msg);
}

static void say(const struct recorder *r, char said[GWR_MSG])
{
	char name[256];
	uint64_t lost = probe_ring(r->probe)->lost_all;
	int n;

	text_escape(name, sizeof(name), r->config.path, strlen(r->config.path));
	n = snprintf(said, GWR_MSG, "recorded %llu events, %.1f MiB, in %s",
		     (unsigned long long)r->total,
		     (double)gwr_bytes(r->writer) / (1 << 20), name);
	if (gwr_dropped(r->writer))
		n += snprintf(said + n, GWR_MSG - (size_t)n,
			      "; it keeps only the last part");
	if (lost)
		snprintf(said + n, GWR_MSG - (size_t)n,
			 "; %llu more were lost: a larger --buffer may help",
			 (unsigned long long)lost);
}

int recorder_finish(struct recorder *r, char said[GWR_MSG])
{
	int err = r->err ? 0 : put(r, GWR_END, &r->moment, 1, 0, 0);

	if (err)
		failed(r, err, said);
	err = gwr_publish(r->writer, said);
	if (!err)
		say(r, said);
	return err;
}
