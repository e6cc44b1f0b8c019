// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include "blocked.h"
#include "owner.h"
#include "stuck.h"

/* ---- holders --------------------------------------------------------------
 */

/* A living thread of the snapshot, found by its number. */
struct holder {
	uint32_t tid;
	const struct gw_thread *thread;
};

/* What is known while the owners of many locks are read: to ask /proc for each
 * would cost more than all the rest of an interval. */
struct holders {
	const struct snapshot *s;
	struct holder *list; /* by tid */
	size_t n;
	uint32_t tgid; /* the process asked for last; 0: none yet */
	bool same;     /* its threads have the numbers that they have here */
};

/* A time that nobody has set: the usual one. */
static uint64_t long_enough(uint64_t stuck_ns)
{
	return stuck_ns ? stuck_ns : STUCK_NS;
}

static int by_tid(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

static void holders_open(struct holders *h, const struct snapshot *s)
{
	const struct snapshot_thread *t;

	*h = (struct holders){ .s = s };
	h->list = calloc(s->nthreads + 1, sizeof(*h->list));
	for (size_t i = 0; h->list && i < s->nthreads; i++) {
		t = &s->threads[i];
		if (!t->ended)
			h->list[h->n++] = (struct holder){ t->live.thread.tid,
							   &t->live.thread };
	}
	if (h->n)
		qsort(h->list, h->n, sizeof(*h->list), by_tid);
}

static const struct gw_thread *alive(const struct holders *h, uint32_t tid)
{
	const struct holder key = { .tid = tid }, *found;

	if (!h->n)
		return NULL;
	found = bsearch(&key, h->list, h->n, sizeof(key), by_tid);
	return found ? found->thread : NULL;
}

static bool same_numbers(struct holders *h, uint32_t tgid)
{
	if (h->tgid != tgid)
		h->same = owner_same_numbers((pid_t)tgid);
	h->tgid = tgid;
	return h->same;
}

static uint32_t thread_numbered(struct holders *h, const struct gw_lock *k,
				uint32_t inner)
{
	const struct gw_thread *t = alive(h, inner);
	pid_t tid;

	if (t && t->tgid == k->tgid && same_numbers(h, k->tgid))
		return inner;
	tid = owner_thread((pid_t)k->tgid, inner);
	return tid > 0 ? (uint32_t)tid : 0;
}

/*
 * The threads were read before the owners. An owner that waited for a mutex
 * then, and has got it meanwhile, would close a cycle that never was.
 */
static bool has_moved(const struct holders *h, uint32_t tid)
{
	const struct gw_thread *t = alive(h, tid);
	const struct gw_lock *k;
	struct blocked b;

	if (!t || t->call != GW_CALL_WAIT || t->lock >= h->s->nlocks)
		return false;
	k = &h->s->locks[t->lock].k;
	if (k->kind != GW_KIND_MUTEX)
		return false;
	return blocked_read((pid_t)t->tgid, (pid_t)tid, &b) ||
	       b.in != BLOCKED_FUTEX || b.word != k->id;
}

static bool has_owner(const struct snapshot_lock *l, uint64_t stuck_ns)
{
	uint64_t least =
		STUCK_OWNER_NS < stuck_ns / 2 ? STUCK_OWNER_NS : stuck_ns / 2;

	return l->k.image && l->open_waits && l->open_wait_ns >= least &&
	       (l->k.kind == GW_KIND_MUTEX || l->k.kind == GW_KIND_JOIN);
}

static void set_owner(struct holders *h, struct snapshot_lock *l,
		      uint32_t inner)
{
	l->owner = thread_numbered(h, &l->k, inner);
	if (l->owner && has_moved(h, l->owner))
		l->owner = 0;
}

/* pthread_join waits until the thread's end clears its number. */
static void set_joined(struct holders *h, struct snapshot_lock *l)
{
	if (l->k.first_val <= UINT32_MAX)
		set_owner(h, l, (uint32_t)l->k.first_val);
}

/* Mutexes of one process whose owners are still to be read. */
struct batch {
	size_t n;
	struct snapshot_lock *lock[MEM_GATHER_MAX];
};

static void read_batch(struct holders *h, struct batch *b)
{
	struct owner owner[MEM_GATHER_MAX];
	uint64_t word[MEM_GATHER_MAX];
	struct mem_process process;

	if (!b->n)
		return;
	for (size_t i = 0; i < b->n; i++)
		word[i] = b->lock[i]->k.id;
	mem_process_open(&process, (pid_t)b->lock[0]->k.tgid);
	owner_read_many(&process, word, owner, b->n);
	mem_process_close(&process);
	for (size_t i = 0; i < b->n; i++)
		if (owner[i].state == OWNER_HELD)
			set_owner(h, b->lock[i], owner[i].tid);
	b->n = 0;
}

static void add_to_batch(struct holders *h, struct batch *b,
			 struct snapshot_lock *l)
{
	if (b->n == MEM_GATHER_MAX || (b->n && b->lock[0]->k.tgid != l->k.tgid))
		read_batch(h, b);
	b->lock[b->n++] = l;
}

void stuck_owners(struct snapshot *s)
{
	uint64_t stuck_ns = long_enough(s->stuck_ns);
	struct batch batch = { 0 };
	struct snapshot_lock *l;
	struct holders h;

	holders_open(&h, s);
	for (l = s->locks; l < s->locks + s->nlocks; l++) {
		if (!has_owner(l, stuck_ns))
			continue;
		if (l->k.kind == GW_KIND_JOIN)
			set_joined(&h, l);
		else
			add_to_batch(&h, &batch, l);
	}
	read_batch(&h, &batch);
	free(h.list);
}

/* ---- one process ----------------------------------------------------------
 */

/* Where the row with a number is. */
struct place {
	uint32_t number;
	uint32_t row;
};

struct places {
	struct place *at; /* by number */
	size_t n;
};

/* A process's rows, to be found by the numbers that others have of them: to
 * look at each in turn takes long where many wait. */
struct rows_of {
	const struct model *m;
	const struct model_process *p;
	struct places locks;   /* by index in the snapshot */
	struct places threads; /* by thread id */
};

static int by_number(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* Without memory there is nothing to be found until the next time. */
static void places_open(struct places *s, size_t n)
{
	*s = (struct places){ .at = malloc((n + 1) * sizeof(*s->at)) };
}

static void places_add(struct places *s, uint32_t number, size_t row)
{
	if (s->at)
		s->at[s->n++] = (struct place){ number, (uint32_t)row };
}

static void places_sort(struct places *s)
{
	if (s->n)
		qsort(s->at, s->n, sizeof(*s->at), by_number);
}

static const struct place *place_of(const struct places *s, uint32_t number)
{
	const struct place key = { .number = number };

	return s->n ? bsearch(&key, s->at, s->n, sizeof(key), by_number) : NULL;
}

static void rows_open(struct rows_of *r, const struct model *m,
		      const struct model_process *p)
{
	*r = (struct rows_of){ .m = m, .p = p };
	places_open(&r->locks, p->locks);
	for (size_t i = p->lock; i < p->lock + p->locks; i++)
		places_add(&r->locks, m->locks[i].index, i);
	places_open(&r->threads, p->threads);
	for (size_t i = p->thread; i < p->thread + p->threads; i++)
		if (!m->threads[i].ended)
			places_add(&r->threads, (uint32_t)m->threads[i].tid, i);
	places_sort(&r->locks);
	places_sort(&r->threads);
}

static void rows_close(struct rows_of *r)
{
	free(r->locks.at);
	free(r->threads.at);
}

static const struct model_lock *lock_of(const struct rows_of *r,
					const struct model_thread *t)
{
	const struct place *place = place_of(&r->locks, t->waits_for);

	return place ? &r->m->locks[place->row] : NULL;
}

static const struct model_thread *thread_of(const struct rows_of *r, pid_t tid)
{
	const struct place *place = place_of(&r->threads, (uint32_t)tid);

	return place ? &r->m->threads[place->row] : NULL;
}

static bool waits_long(const struct model *m, const struct model_thread *t)
{
	return t->run == GW_LOCK_WAIT && t->waits_for != GW_NO_LOCK &&
	       t->still_ns >= long_enough(m->stuck_ns);
}

/* Follows the holders from one thread; the cycle is what comes back to it. */
static size_t follow(const struct rows_of *r, const struct model_thread *from,
		     struct stuck_link cycle[STUCK_CYCLE_MAX])
{
	const struct model_thread *t = from;
	const struct model_lock *lock;
	size_t n = 0;

	while (t && n < STUCK_CYCLE_MAX && waits_long(r->m, t)) {
		lock = lock_of(r, t);
		if (!lock || !lock->owner)
			return 0;
		cycle[n++] = (struct stuck_link){ .thread = t, .lock = lock };
		t = thread_of(r, lock->owner);
		if (t == from)
			return n;
	}
	return 0;
}

static bool any_waits_long(const struct model *m, const struct model_process *p)
{
	for (size_t i = p->thread; i < p->thread + p->threads; i++)
		if (waits_long(m, &m->threads[i]))
			return true;
	return false;
}

size_t stuck_cycle(const struct model *m, const struct model_process *p,
		   struct stuck_link cycle[STUCK_CYCLE_MAX])
{
	struct rows_of rows;
	size_t n = 0;

	if (!any_waits_long(m, p))
		return 0;
	rows_open(&rows, m, p);
	for (size_t i = p->thread; i < p->thread + p->threads && !n; i++)
		n = follow(&rows, &m->threads[i], cycle);
	rows_close(&rows);
	return n;
}

/* Nothing has moved in it for so long. */
static bool is_still(const struct model *m, const struct model_thread *t)
{
	return t->still_ns >= long_enough(m->stuck_ns) &&
	       (t->run == GW_LOCK_WAIT || t->run == GW_SLEEPING);
}

static bool all_still(const struct model *m, const struct model_process *p)
{
	for (size_t i = p->thread; i < p->thread + p->threads; i++)
		if (!m->threads[i].ended && !is_still(m, &m->threads[i]))
			return false;
	return true;
}

/* Of threads that are all still. 0, too, when one of the locks was touched. */
static size_t count_waiting(const struct rows_of *r, uint64_t *wait_ns)
{
	const struct model_process *p = r->p;
	const struct model_thread *t;
	const struct model_lock *lock;
	size_t n = 0;

	for (t = r->m->threads + p->thread;
	     t < r->m->threads + p->thread + p->threads; t++) {
		lock = !t->ended && waits_long(r->m, t) ? lock_of(r, t) : NULL;
		if (!lock || lock->kind == GW_KIND_JOIN)
			continue;
		if (lock->untouched_ns < long_enough(r->m->stuck_ns))
			return 0;
		n++;
		if (t->still_ns > *wait_ns)
			*wait_ns = t->still_ns;
	}
	return n;
}

size_t stuck_waiting(const struct model *m, const struct model_process *p,
		     uint64_t *wait_ns)
{
	struct rows_of rows;
	size_t n;

	*wait_ns = 0;
	if (!all_still(m, p))
		return 0;
	rows_open(&rows, m, p);
	n = count_waiting(&rows, wait_ns);
	rows_close(&rows);
	return n;
}
