// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "collect.h"
#include "lockread.h"
#include "now.h"
#include "past.h"
#include "retire.h"

struct collect {
	struct probe *probe;
	uint64_t start_ns, start_unix_ns;
	uint64_t start_cpu_ns; /* its own CPU time then */
	uint32_t window;
	struct past past;
	struct retire retire;
	bool retire_nothing;
	bool full;             /* the kernel side asks for room */
	uint64_t relieved_ns;  /* room was made last */
	struct snapshot spare; /* memory of one that was given back */
	struct lockread *read; /* of each place of the table */
	size_t read_room;
	uint64_t read_folded; /* locks that were folded before it was read */
	void (*other)(void *ctx, const struct gw_message *m);
	void *ctx;
};

/* A snapshot while it is filled. */
struct filling {
	struct collect *c;
	struct snapshot *s;
};

#define MEMORY_KEPT (256 << 20) /* bytes */

/* Room is made no more often than this. Where it is taken faster, what finds
 * none is counted all the same, and to hurry would only be the dearer. */
#define RELIEF_PAUSE_NS 100000000ull

/* What one interval has taken serves the next: to give some MiB back to the
 * kernel and to take them again costs more than to fill them. */
static void keep_memory(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, MEMORY_KEPT);
	mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
#endif
}

struct collect *collect_new(struct probe *probe)
{
	struct collect *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	keep_memory();
	c->probe = probe;
	c->retire.tables = probe_tables(probe);
	c->retire.past = &c->past;
	c->start_ns = now_ns();
	c->start_cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	c->start_unix_ns = clock_ns(CLOCK_REALTIME);
	return c;
}

void collect_free(struct collect *c)
{
	if (!c)
		return;
	past_free(&c->past);
	free(c->read);
	snapshot_free(&c->spare);
	free(c);
}

void collect_start(const struct collect *c, uint64_t *ns, uint64_t *unix_ns)
{
	*ns = c->start_ns;
	*unix_ns = c->start_unix_ns;
}

/* ---- threads --------------------------------------------------------------
 */

static int on_ended(void *ctx, const struct gw_live *live, bool ended)
{
	struct collect *c = ctx;

	(void)ended;
	return past_ended(&c->past, live, c->window);
}

static int on_other(void *ctx, const struct gw_message *m)
{
	struct collect *c = ctx;

	if (m->type == GW_MSG_FULL)
		c->full = true;
	else if (c->other)
		c->other(c->ctx, m);
	return 0;
}

static int read_messages(struct collect *c)
{
	return probe_read_messages(c->probe, on_ended, on_other, c);
}

static int relieve(struct collect *c)
{
	int err;

	c->full = false;
	if (c->retire_nothing)
		return 0;
	err = retire_run(&c->retire, c->window, now_ns());
	if (!err)
		err = read_messages(c);
	c->relieved_ns = now_ns();
	return err;
}

int collect_wait_ms(const struct collect *c)
{
	uint64_t since = now_ns() - c->relieved_ns;

	if (!c->full)
		return -1;
	return since < RELIEF_PAUSE_NS
		       ? (int)((RELIEF_PAUSE_NS - since + 999999) / 1000000)
		       : 0;
}

int collect_messages(struct collect *c,
		     void (*other)(void *ctx, const struct gw_message *m),
		     void *ctx)
{
	int err;

	c->other = other;
	c->ctx = ctx;
	err = read_messages(c);
	if (!err && (!collect_wait_ms(c) || retire_is_due(&c->retire)))
		err = relieve(c);
	return err;
}

void collect_retire_nothing(struct collect *c)
{
	c->retire_nothing = true;
}

int collect_keep(struct collect *c, struct snapshot *s)
{
	if (c->retire.nkept == RETIRE_SNAPSHOTS)
		return -ENOSPC;
	c->retire.kept[c->retire.nkept++] = s;
	return 0;
}

void collect_on_gone(struct collect *c, void (*gone)(void *ctx, uint32_t image),
		     void *ctx)
{
	c->retire.gone = gone;
	c->retire.ctx = ctx;
}

static int add_thread(struct filling *f, const struct snapshot_thread *t)
{
	struct snapshot *s = f->s;

	if (array_grow(&s->threads, s->nthreads, &s->threads_room))
		return -ENOMEM;
	s->threads[s->nthreads++] = *t;
	return 0;
}

static int on_live(void *ctx, const struct gw_live *live, bool ended)
{
	const struct snapshot_thread t = { .live = *live, .ended = ended };
	struct filling *f = ctx;
	int err = add_thread(f, &t);

	return err ? err : past_alive(&f->c->past, live, f->c->window);
}

/* A thread that ended while the living were read is in both lists: its last
 * record counts. */
static void drop_twice_read(struct collect *c, struct snapshot *s,
			    size_t ended_before)
{
	size_t kept = 0, late = c->past.nended - ended_before;
	struct snapshot_thread *last = c->past.ended + ended_before;

	if (!late)
		return;
	qsort(last, late, sizeof(*last), snapshot_by_serial);
	for (size_t i = 0; i < s->nthreads; i++)
		if (!bsearch(&s->threads[i], last, late, sizeof(*last),
			     snapshot_by_serial))
			s->threads[kept++] = s->threads[i];
	s->nthreads = kept;
}

static int add_threads(struct filling *f, const struct snapshot_thread *list,
		       size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = add_thread(f, &list[i]);
	return err;
}

static int read_threads(struct filling *f)
{
	struct collect *c = f->c;
	const struct past *past = &c->past;
	size_t before;
	int err = read_messages(c);

	before = past->nended;
	if (!err)
		err = probe_read_threads(c->probe, on_live, f);
	if (!err)
		err = read_messages(c);
	if (err)
		return err;
	drop_twice_read(c, f->s, before);
	err = add_threads(f, past->ended, past->nended);
	return err ? err : add_threads(f, past->rests, past->nrests);
}

/* ---- tables ---------------------------------------------------------------
 */

static int on_migration(void *ctx, const struct gw_migration_key *key,
			uint64_t count)
{
	struct filling *f = ctx;
	struct snapshot *s = f->s;

	if (array_grow(&s->migrations, s->nmigrations, &s->migrations_room))
		return -ENOMEM;
	s->migrations[s->nmigrations].key = *key;
	s->migrations[s->nmigrations++].count = count;
	return 0;
}

/* Only what is in use: what is not stays untouched, and takes no memory. */
static int copy_locks(struct collect *c, struct snapshot *s)
{
	struct tables *t = probe_tables(c->probe);

	s->nlocks = tables_locks_end(t);
	if (snapshot_reserve_locks(s, s->nlocks) ||
	    array_reserve(&c->read, s->nlocks, &c->read_room))
		return -ENOMEM;
	if (c->read_folded != c->retire.locks)
		memset(c->read, 0, c->read_room * sizeof(*c->read));
	c->read_folded = c->retire.locks;
	lockread(s->locks, t->locks, c->read, s->nlocks, s->window + 1);
	return 0;
}

static int copy_edges(struct collect *c, struct snapshot *s)
{
	struct tables *t = probe_tables(c->probe);
	size_t end = tables_edges_end(t);

	if (array_reserve(&s->edges, end, &s->edges_room))
		return -ENOMEM;
	for (size_t i = 0; i < end; i++)
		if (t->edges[i].to)
			s->edges[s->nedges++] = t->edges[i];
	return 0;
}

/* Only what is lost leaves a lock without its process, or a process that came
 * after the threads were read, which gets its name with the next reading. */
static int name_all(struct collect *c, const struct snapshot *s)
{
	const struct gw_lock *k;
	int err = 0;

	for (size_t i = 0; i < s->nlocks && !err; i++) {
		k = &s->locks[i].k;
		err = k->image ? past_nameless(&c->past, k->image, k->tgid,
					       c->window)
			       : 0;
	}
	return err;
}

static int copy_images(struct collect *c, struct snapshot *s)
{
	const struct past *p = &c->past;

	if (probe_state(c->probe)->lost[GW_LOST_ENDED] && name_all(c, s))
		return -ENOMEM;
	if (array_reserve(&s->images, p->nimages, &s->images_room))
		return -ENOMEM;
	s->nimages = p->nimages;
	if (p->nimages)
		memcpy(s->images, p->images, p->nimages * sizeof(*s->images));
	return 0;
}

static void own_cost(struct collect *c, struct snapshot *s)
{
	s->cost.cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - c->start_cpu_ns;
	s->cost.before_ns = c->start_cpu_ns;
	s->cost.map_bytes = probe_memory(c->probe);
}

static int fill(struct filling *f)
{
	struct collect *c = f->c;
	struct snapshot *s = f->s;
	int err;

	/* First what names others, so that these are known: a pair or a
	 * migration of a thread or lock that came later would be in no row of
	 * this window, nor in those of the next. Threads before locks: an
	 * episode that opens between the two readings is then missing in both
	 * the thread's and the lock's waits, or known to the lock alone, but
	 * never counted twice. */
	err = probe_read_migrations(c->probe, on_migration, f);
	if (!err)
		err = copy_edges(c, s);
	if (!err)
		err = read_threads(f);
	if (!err)
		err = copy_locks(c, s);
	if (!err)
		err = copy_images(c, s);
	return err;
}

/* Now, or when counting stopped. */
static void set_moment(struct collect *c, struct snapshot *s)
{
	uint64_t stopped = probe_state(c->probe)->stopped_ns;

	s->now_ns = now_ns();
	s->unix_ns = clock_ns(CLOCK_REALTIME);
	if (!stopped)
		return;
	s->unix_ns -= s->now_ns - stopped;
	s->now_ns = stopped;
}

/* With the memory of the last one that was given back, emptied. */
static void take_spare(struct collect *c, struct snapshot *s)
{
	*s = c->spare;
	c->spare = (struct snapshot){ 0 };
	s->nthreads = s->nedges = s->nmigrations = s->nimages = 0;
	s->window = c->window;
}

void collect_give_back(struct collect *c, struct snapshot *s)
{
	if (c && !c->spare.locks) {
		c->spare = *s;
		*s = (struct snapshot){ 0 };
	}
	snapshot_free(s);
}

int collect_snapshot(struct collect *c, struct snapshot *s)
{
	struct filling f = { .c = c, .s = s };
	int err = relieve(c);

	take_spare(c, s);
	probe_window(c->probe, ++c->window);
	set_moment(c, s);
	s->start_ns = c->start_ns;
	s->start_unix_ns = c->start_unix_ns;
	if (!err)
		err = fill(&f);
	if (err) {
		snapshot_free(s);
		return err;
	}
	memcpy(s->lost, probe_state(c->probe)->lost, sizeof(s->lost));
	s->lost[GW_LOST_SKIPPED] = probe_skipped(c->probe);
	own_cost(c, s);
	snapshot_close(s);
	return 0;
}
