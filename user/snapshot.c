// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "array.h"
#include "snapshot.h"
#include "track.h"

const char snapshot_others[GW_COMM_LEN] = "(others)";

/* ---- the look-ups of track.h, on the snapshot's own copies ----------------
 */

/* It is not as the kernel has it any more. */
static struct gw_lock *track_lock(void *store, __u32 index)
{
	struct snapshot *s = store;

	if (index >= s->nlocks)
		return NULL;
	s->locks[index].reading = 0;
	return &s->locks[index].k;
}

static struct gw_edge *edge_add(struct snapshot *s, const struct gw_edge *edge)
{
	if (array_grow(&s->edges, s->nedges, &s->edges_room))
		return NULL;
	s->edges[s->nedges] = *edge;
	return &s->edges[s->nedges++];
}

static struct gw_edge *track_edge(void *store, struct gw_thread *to, __u32 lock,
				  __u32 from)
{
	struct gw_edge edge = { .lock = lock, .from = from, .to = to->serial };
	struct snapshot *s = store;

	for (size_t i = 0; i < s->nedges; i++)
		if (s->edges[i].lock == lock && s->edges[i].from == from &&
		    s->edges[i].to == to->serial)
			return &s->edges[i];
	return edge_add(s, &edge);
}

/* ---- what is open ---------------------------------------------------------
 */

static void open_wait(struct snapshot *s, struct gw_thread *t,
		      const struct gw_episode *e, uint64_t now)
{
	struct snapshot_lock *lock;
	uint64_t end = e->phase == GW_WAITING ? now : e->return_ns;

	if (e->phase == GW_IDLE || e->lock >= s->nlocks || end < e->start_ns)
		return;
	lock = &s->locks[e->lock];
	track_waited(t, &lock->k, end - e->start_ns);
	if (e->phase != GW_WAITING)
		return;
	lock->open_waits++;
	if (end - e->start_ns > lock->open_wait_ns)
		lock->open_wait_ns = end - e->start_ns;
	track_max(&lock->k.max[GW_WAIT], end - e->start_ns, s->window);
}

/* The futex call in which the thread is; its run states are closed already. */
static void open_call(struct snapshot *s, struct gw_thread *t, uint64_t now)
{
	struct gw_lock *lock;
	uint64_t blocked, runnable;

	if (t->call != GW_CALL_WAIT || t->lock >= s->nlocks)
		return;
	lock = &s->locks[t->lock].k;
	if (t->role == GW_ROLE_INNER)
		lock->inner_ns += now - t->call_ns;
	if (t->role == GW_ROLE_SWITCH)
		lock->switch_ns += now - t->call_ns;
	if (!GW_ROLE_WAITS(t->role))
		return;
	blocked = t->time_ns[GW_LOCK_WAIT] - t->call_wait_ns;
	runnable = t->time_ns[GW_RUNNABLE] - t->call_runnable_ns;
	lock->blocked_ns += blocked;
	lock->runnable_ns += runnable;
	if (lock->kind == GW_KIND_GIL)
		t->gil_wait_ns += blocked;
}

/* A record that is read while its thread runs on another CPU can be newer than
 * the moment that was taken before. */
static uint64_t moment(const struct gw_live *live)
{
	const struct gw_thread *t = &live->thread;
	const uint64_t known[] = {
		t->since_ns,
		t->call_ns,
		t->episode[0].start_ns,
		t->episode[1].start_ns,
		t->episode[0].return_ns,
		t->episode[1].return_ns,
	};
	uint64_t ns = live->now_ns;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		ns = known[i] > ns ? known[i] : ns;
	return ns;
}

static void close_thread(struct snapshot *s, struct snapshot_thread *st)
{
	struct gw_thread *t = &st->live.thread;
	struct track_at at = { .now = moment(&st->live),
			       .cpu = t->cpu,
			       .window = s->window,
			       .store = s };

	track_settle(t, &at);
	st->still_ns = at.now - t->since_ns;
	track_enter_run(t, at.now, t->run);
	open_call(s, t, at.now);
	open_wait(s, t, &t->episode[0], at.now);
	open_wait(s, t, &t->episode[1], at.now);
}

static void close_busy(struct snapshot *s, struct gw_lock *lock)
{
	if (lock->image && (int)lock->waiting > 0 &&
	    lock->busy_since_ns < s->now_ns)
		lock->busy_ns += s->now_ns - lock->busy_since_ns;
}

/* A release that nobody waits for makes no futex call, so a hold is known to
 * last only while somebody waits. */
static void close_hold(struct snapshot *s, struct gw_lock *lock)
{
	uint64_t ns = s->now_ns - lock->hold_ns;

	if (!lock->image || (int)lock->waiting <= 0 || !lock->hold_ns ||
	    lock->hold_ns > s->now_ns)
		return;
	lock->held_ns += ns;
	track_max(&lock->max[GW_HOLD], ns, s->window);
}

/* ---- the whole ------------------------------------------------------------
 */

void snapshot_close(struct snapshot *s)
{
	for (size_t i = 0; i < s->nthreads; i++)
		if (!s->threads[i].ended)
			close_thread(s, &s->threads[i]);
	for (size_t i = 0; i < s->nlocks; i++) {
		close_hold(s, &s->locks[i].k);
		close_busy(s, &s->locks[i].k);
	}
	snapshot_sort(s);
}

const struct snapshot_image *snapshot_image(const struct snapshot *s,
					    uint32_t image)
{
	struct snapshot_image key = { .image = image };

	if (!s->nimages)
		return NULL;
	return bsearch(&key, s->images, s->nimages, sizeof(key),
		       snapshot_by_image);
}

/* From the kernel, not malloc: there what is untouched is address space only.
 */
static void *map(void *old, size_t old_bytes, size_t bytes)
{
	if (old)
		return mremap(old, old_bytes, bytes, MREMAP_MAYMOVE);
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

int snapshot_reserve_locks(struct snapshot *s, size_t n)
{
	size_t room = n + n / 4 + 1, bytes = room * sizeof(*s->locks);
	void *bigger;

	if (s->locks && n <= s->locks_room)
		return 0;
	if (s->locks && !s->locks_mapped)
		return array_reserve(&s->locks, n, &s->locks_room);
	bigger = map(s->locks, s->locks_mapped, bytes);
	if (bigger == MAP_FAILED)
		return -ENOMEM;
	/* The child of a search (interp_guard.h) has no use for it, and each
	 * page would have to be copied when it is written to again. */
	madvise(bigger, bytes, MADV_DONTFORK);
	s->locks = bigger;
	s->locks_mapped = bytes;
	s->locks_room = room;
	return 0;
}

void snapshot_give_back(struct snapshot_lock *first, struct snapshot_lock *end)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = ((uintptr_t)first + page - 1) & ~(page - 1);
	uintptr_t to = (uintptr_t)end & ~(page - 1);

	if (from < to)
		madvise((void *)from, to - from, MADV_DONTNEED);
}

static void free_locks(struct snapshot *s)
{
	if (s->locks_mapped)
		munmap(s->locks, s->locks_mapped);
	else
		free(s->locks);
}

static void copy_locks(struct snapshot *to, const struct snapshot *from,
		       bool *failed)
{
	to->locks = NULL;
	to->locks_room = to->locks_mapped = 0;
	if (snapshot_reserve_locks(to, from->nlocks)) {
		*failed = true;
		return;
	}
	for (size_t i = 0; i < from->nlocks; i++)
		if (from->locks[i].k.image)
			to->locks[i] = from->locks[i];
}

static void *copy(const void *array, size_t n, size_t size, bool *failed)
{
	void *new = calloc(n + 1, size);

	if (new &&n)
		memcpy(new, array, n * size);
	*failed |= !new;
	return new;
}

#define COPY(to, from, name, failed)                                           \
	((to)->name = copy((from)->name, (from)->n##name,                      \
			   sizeof(*(from)->name), failed))

int snapshot_copy(struct snapshot *to, const struct snapshot *from)
{
	bool failed = false;

	*to = *from;
	COPY(to, from, threads, &failed);
	copy_locks(to, from, &failed);
	COPY(to, from, edges, &failed);
	COPY(to, from, migrations, &failed);
	COPY(to, from, images, &failed);
	to->threads_room = from->nthreads + 1;
	to->edges_room = from->nedges + 1;
	to->migrations_room = from->nmigrations + 1;
	to->images_room = from->nimages + 1;
	if (!failed)
		return 0;
	snapshot_free(to);
	return -ENOMEM;
}

void snapshot_free(struct snapshot *s)
{
	free(s->threads);
	free_locks(s);
	free(s->edges);
	free(s->migrations);
	free(s->images);
	*s = (struct snapshot){ 0 };
}
