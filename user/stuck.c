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

static uint32_t owner_of(struct holders *h, const struct gw_lock *k)
{
	struct mem_process process;
	struct owner owner;
	struct mem mem;

	/* pthread_join waits until the thread's end clears its number. */
	if (k->kind == GW_KIND_JOIN)
		return k->first_val <= UINT32_MAX
			       ? thread_numbered(h, k, (uint32_t)k->first_val)
			       : 0;
	mem_process_open(&process, (pid_t)k->tgid);
	mem = mem_of_process(&process);
	owner = owner_read(&mem, k->id);
	mem_process_close(&process);
	return owner.state == OWNER_HELD ? thread_numbered(h, k, owner.tid) : 0;
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

void stuck_owners(struct snapshot *s)
{
	uint64_t stuck_ns = long_enough(s->stuck_ns);
	struct snapshot_lock *l;
	struct holders h;

	holders_open(&h, s);
	for (size_t i = 0; i < s->nlocks; i++) {
		l = &s->locks[i];
		if (has_owner(l, stuck_ns))
			l->owner = owner_of(&h, &l->k);
		if (l->owner && has_moved(&h, l->owner))
			l->owner = 0;
	}
	free(h.list);
}

/* ---- one process ----------------------------------------------------------
 */

static const struct model_lock *lock_of(const struct model *m,
					const struct model_process *p,
					const struct model_thread *t)
{
	for (size_t i = p->lock; i < p->lock + p->locks; i++)
		if (m->locks[i].index == t->waits_for)
			return &m->locks[i];
	return NULL;
}

static const struct model_thread *
thread_of(const struct model *m, const struct model_process *p, pid_t tid)
{
	for (size_t i = p->thread; i < p->thread + p->threads; i++)
		if (m->threads[i].tid == tid && !m->threads[i].ended)
			return &m->threads[i];
	return NULL;
}

static bool waits_long(const struct model *m, const struct model_thread *t)
{
	return t->run == GW_LOCK_WAIT && t->waits_for != GW_NO_LOCK &&
	       t->still_ns >= long_enough(m->stuck_ns);
}

/* Follows the holders from one thread; the cycle is what comes back to it. */
static size_t follow(const struct model *m, const struct model_process *p,
		     const struct model_thread *from,
		     struct stuck_link cycle[STUCK_CYCLE_MAX])
{
	const struct model_thread *t = from;
	const struct model_lock *lock;
	size_t n = 0;

	while (t && n < STUCK_CYCLE_MAX && waits_long(m, t)) {
		lock = lock_of(m, p, t);
		if (!lock || !lock->owner)
			return 0;
		cycle[n++] = (struct stuck_link){ .thread = t, .lock = lock };
		t = thread_of(m, p, lock->owner);
		if (t == from)
			return n;
	}
	return 0;
}

size_t stuck_cycle(const struct model *m, const struct model_process *p,
		   struct stuck_link cycle[STUCK_CYCLE_MAX])
{
	size_t n = 0;

	for (size_t i = p->thread; i < p->thread + p->threads && !n; i++)
		n = follow(m, p, &m->threads[i], cycle);
	return n;
}

size_t stuck_waiting(const struct model *m, const struct model_process *p,
		     uint64_t *wait_ns)
{
	const struct model_thread *t;
	uint64_t stuck_ns = long_enough(m->stuck_ns);
	const struct model_lock *lock;
	size_t n = 0;

	*wait_ns = 0;
	for (size_t i = p->thread; i < p->thread + p->threads; i++) {
		t = &m->threads[i];
		if (t->ended)
			continue;
		if (t->still_ns < stuck_ns ||
		    (t->run != GW_LOCK_WAIT && t->run != GW_SLEEPING))
			return 0;
		lock = waits_long(m, t) ? lock_of(m, p, t) : NULL;
		if (!lock || lock->kind == GW_KIND_JOIN)
			continue;
		if (lock->untouched_ns < stuck_ns)
			return 0;
		n++;
		if (t->still_ns > *wait_ns)
			*wait_ns = t->still_ns;
	}
	return n;
}
