// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What does not move any more, of one process in a model. */
#include "places.h"
#include "stuck.h"

uint64_t stuck_long(uint64_t stuck_ns)
{
	return stuck_ns ? stuck_ns : STUCK_NS;
}

/* A process's rows, to be found by the numbers that others have of them. */
struct rows_of {
	const struct model *m;
	const struct model_process *p;
	struct places locks;   /* by index in the snapshot */
	struct places threads; /* by thread id */
};

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
	places_close(&r->locks);
	places_close(&r->threads);
}

static const struct model_lock *lock_of(const struct rows_of *r,
					const struct model_thread *t)
{
	uint32_t row = places_find(&r->locks, t->waits_for);

	return row == PLACES_NONE ? NULL : &r->m->locks[row];
}

static const struct model_thread *thread_of(const struct rows_of *r, pid_t tid)
{
	uint32_t row = places_find(&r->threads, (uint32_t)tid);

	return row == PLACES_NONE ? NULL : &r->m->threads[row];
}

static bool waits_long(const struct model *m, const struct model_thread *t)
{
	return t->run == GW_LOCK_WAIT && t->waits_for != GW_NO_LOCK &&
	       t->still_ns >= stuck_long(m->stuck_ns);
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
	return t->still_ns >= stuck_long(m->stuck_ns) &&
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
		if (lock->untouched_ns < stuck_long(r->m->stuck_ns))
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
