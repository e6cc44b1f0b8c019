// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who has the locks that threads have waited on for long: read from the
 * processes, into a snapshot. */
#include "blocked.h"
#include "owner.h"
#include "places.h"
#include "stuck.h"

/* What is known while the owners of many locks are read: to ask /proc for each
 * would cost more than all the rest of an interval. */
struct holders {
	const struct snapshot *s;
	struct places alive; /* living threads by their number */
	uint32_t tgid;       /* the process asked for last; 0: none yet */
	bool same; /* its threads have the numbers that they have here */
};

static void holders_open(struct holders *h, const struct snapshot *s)
{
	*h = (struct holders){ .s = s };
	places_open(&h->alive, s->nthreads);
	for (size_t i = 0; i < s->nthreads; i++)
		if (!s->threads[i].ended)
			places_add(&h->alive, s->threads[i].live.thread.tid, i);
	places_sort(&h->alive);
}

static const struct gw_thread *alive(const struct holders *h, uint32_t tid)
{
	uint32_t row = places_find(&h->alive, tid);

	return row == PLACES_NONE ? NULL : &h->s->threads[row].live.thread;
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
	uint64_t stuck_ns = stuck_long(s->stuck_ns);
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
	places_close(&h.alive);
}
