// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "blocked.h"
#include "owner.h"
#include "stuck.h"

/* ---- holders --------------------------------------------------------------
 */

static uint32_t owner_of(const struct gw_lock *k)
{
	struct mem_process process;
	struct owner owner;
	struct mem mem;
	pid_t tid;

	mem_process_open(&process, (pid_t)k->tgid);
	mem = mem_of_process(&process);
	owner = owner_read(&mem, k->id);
	mem_process_close(&process);
	if (owner.state != OWNER_HELD)
		return 0;
	tid = owner_thread((pid_t)k->tgid, owner.tid);
	return tid > 0 ? (uint32_t)tid : 0;
}

static const struct gw_thread *alive(const struct snapshot *s, uint32_t tid)
{
	for (size_t i = 0; i < s->nthreads; i++)
		if (s->threads[i].live.thread.tid == tid &&
		    !s->threads[i].ended)
			return &s->threads[i].live.thread;
	return NULL;
}

/*
 * The threads were read before the owners. An owner that waited for a mutex
 * then, and has got it meanwhile, would close a cycle that never was.
 */
static bool has_moved(const struct snapshot *s, uint32_t tid)
{
	const struct gw_thread *t = alive(s, tid);
	const struct gw_lock *k;
	struct blocked b;

	if (!t || t->call != GW_CALL_WAIT || t->lock >= s->nlocks)
		return false;
	k = &s->locks[t->lock].k;
	if (k->kind != GW_KIND_MUTEX)
		return false;
	return blocked_read((pid_t)t->tgid, (pid_t)tid, &b) ||
	       b.in != BLOCKED_FUTEX || b.word != k->id;
}

void stuck_owners(struct snapshot *s)
{
	struct snapshot_lock *l;

	for (size_t i = 0; i < s->nlocks; i++) {
		l = &s->locks[i];
		if (l->k.image && l->k.kind == GW_KIND_MUTEX && l->open_waits &&
		    l->open_wait_ns >= STUCK_NS / 2)
			l->owner = owner_of(&l->k);
		if (l->owner && has_moved(s, l->owner))
			l->owner = 0;
	}
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

static bool waits_long(const struct model_thread *t)
{
	return t->run == GW_LOCK_WAIT && t->waits_for != GW_NO_LOCK &&
	       t->still_ns >= STUCK_NS;
}

/* Follows the holders from one thread; the cycle is what comes back to it. */
static size_t follow(const struct model *m, const struct model_process *p,
		     const struct model_thread *from,
		     struct stuck_link cycle[STUCK_CYCLE_MAX])
{
	const struct model_thread *t = from;
	const struct model_lock *lock;
	size_t n = 0;

	while (t && n < STUCK_CYCLE_MAX && waits_long(t)) {
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
	const struct model_lock *lock;
	size_t n = 0;

	*wait_ns = 0;
	for (size_t i = p->thread; i < p->thread + p->threads; i++) {
		t = &m->threads[i];
		if (t->ended)
			continue;
		if (t->still_ns < STUCK_NS ||
		    (t->run != GW_LOCK_WAIT && t->run != GW_SLEEPING))
			return 0;
		lock = waits_long(t) ? lock_of(m, p, t) : NULL;
		if (!lock || lock->kind == GW_KIND_JOIN)
			continue;
		if (lock->untouched_ns < STUCK_NS)
			return 0;
		n++;
		if (t->still_ns > *wait_ns)
			*wait_ns = t->still_ns;
	}
	return n;
}
