/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Recording: each call of a function of track.h goes as an event into a buffer
 * that user space reads as memory. When nothing is recorded the verifier finds
 * all of this to be dead code and removes it.
 *
 * A replay is exact only when it makes the calls in the order in which they
 * changed the threads and locks. Two calls that change the same thing therefore
 * exclude each other, and each takes its event's number while it is alone:
 *
 *  - the turn, for locks. Programs that have it can be interrupted, so it is
 *    waited for only in system calls, where nothing else is held. A thread that
 *    leaves its CPU inside the scheduler only tries, and does what it has
 *    decided about its locks later (GW_DUE).
 *  - gw_thread.busy, for a thread: it is woken on one CPU while it leaves
 * another.
 *
 * A wait for either has an end, after which the call is made all the same and
 * counts as unordered. An interrupt between a call and its event can only wake
 * other threads: what a waking has seen of the waker is in the event.
 *
 * Not bpf_ringbuf_output: its own lock and its wakeups cost more than all else
 * here.
 */
#ifndef GILWATCH_RECORD_BPF_H
#define GILWATCH_RECORD_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "maps.bpf.h"

const volatile bool record_events;
const volatile __u32 events_shift; /* the buffer has 1 << that many */

struct gw_ring ring __attribute__((aligned(64)));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct gw_event);
} events SEC(".maps");

/* Several CPUs may find the last place free at once. */
#define EVENTS_SPARE(size) ((size) / 16)

/* ---- one at a time ------------------------------------------------------ */

/* Longer than an interrupt. */
#define WAIT_LONG_NS 50000

/* Inside the scheduler. */
#define WAIT_SHORT_NS 1000
#define WAIT_THREAD_NS 20000

/* The verifier walks each of them; each lasts as long as PAUSE looks at the
 * clock. */
#define SPINS 128
#define PAUSE 16

/* All that was written before is seen before what follows. */
static __always_inline void publish_u32(__u32 *to, __u32 value)
{
#ifdef __TARGET_ARCH_x86
	asm volatile("" ::: "memory"); /* stores are seen in their order */
	*(volatile __u32 *)to = value;
#else
	__sync_lock_test_and_set(to, value);
#endif
}

static __always_inline bool busy_taken(__u32 *busy)
{
	return !__sync_lock_test_and_set(busy, 1);
}

static __always_inline bool busy_free(const __u32 *busy)
{
	return !*(const volatile __u32 *)busy;
}

/* Not static: verified once and not at each place. Return: 1 when @busy was
 * taken. */
__noinline int busy_wait(__u32 *busy, __u64 limit)
{
	__u64 start = bpf_ktime_get_ns(), now;

	if (!busy)
		return 0;
	for (int i = 0; i < SPINS; i++) {
		if (busy_free(busy) && busy_taken(busy))
			return 1;
		for (int j = 0; j < PAUSE; j++)
			now = bpf_ktime_get_ns();
		if (now - start > limit)
			break;
	}
	return 0;
}

/* Goes on in any case, and takes it for its own: whoever comes next counts as
 * unordered or not, but this call does. No result, so that the verifier has one
 * state behind it. */
static __always_inline void busy_take(__u32 *busy, __u64 limit)
{
	if (!busy_taken(busy) && !busy_wait(busy, limit))
		__sync_fetch_and_add(&ring.unordered, 1);
}

/* The call before the next alone_end has the thread for itself; anywhere. */
static __always_inline void alone_with_thread(struct gw_thread *t)
{
	if (record_events)
		busy_take(&t->busy, WAIT_THREAD_NS);
}

static __always_inline void alone_end_thread(struct gw_thread *t)
{
	if (record_events)
		publish_u32(&t->busy, 0);
}

/* And the locks; in a system call. */
static __always_inline void alone_with_locks(void)
{
	if (record_events)
		busy_take(&ring.turn, WAIT_LONG_NS);
}

static __always_inline void alone_end_locks(void)
{
	if (record_events)
		publish_u32(&ring.turn, 0);
}

/* Both. The locks first: the thread is then not kept while waiting. */
static __always_inline void alone_with_both(struct gw_thread *t)
{
	alone_with_locks();
	alone_with_thread(t);
}

static __always_inline void alone_end_both(struct gw_thread *t)
{
	alone_end_thread(t);
	alone_end_locks();
}

/* The locks, if leaving may change some; in the scheduler. Return: true when
 * they are wanted and cannot be had at once. */
static __always_inline bool alone_try_locks(void)
{
	return !busy_taken(&ring.turn) && !busy_wait(&ring.turn, WAIT_SHORT_NS);
}

/* ---- events ------------------------------------------------------------- */

static __always_inline struct gw_event *event_at(__u64 number)
{
	__u32 slot = number & ((1u << events_shift) - 1);

	return bpf_map_lookup_elem(&events, &slot);
}

static __always_inline void event_publish(struct gw_event *e, __u64 number,
					  __u16 flags)
{
	__u32 seq = (__u16)((number >> events_shift) + 1);

	publish_u32((__u32 *)&e->flags, flags | seq << 16);
}

/* Whether there is room. After a loss the buffer must be half empty first, so
 * that one long piece is missing and not many short ones. */
static __always_inline bool events_have_room(void)
{
	__u32 size = 1u << events_shift;
	__u64 used = ring.head - *(volatile __u64 *)&ring.tail;
	__u32 most = ring.lost ? size / 2 : size - EVENTS_SPARE(size);

	if (used <= most)
		return true;
	__sync_fetch_and_add(&ring.lost, 1);
	__sync_fetch_and_add(&ring.lost_all, 1);
	return false;
}

/* Marks the place where events are missing. */
static __noinline void event_lost(const struct track_at *at)
{
	__u64 lost = __sync_lock_test_and_set(&ring.lost, 0), number;
	struct gw_event *e;

	if (!lost)
		return;
	number = __sync_fetch_and_add(&ring.head, 1);
	e = event_at(number);
	if (!e)
		return;
	e->ns = at->now;
	e->thread = 0;
	e->count = lost > 0xffffffff ? 0xffffffff : lost;
	e->to = 0;
	e->tid = 0;
	e->cpu = at->cpu;
	e->type = GW_EV_LOST;
	e->how = 0;
	event_publish(e, number, 0);
}

/* The fields by the places that they have in struct gw_event. */
static __always_inline void event(enum gw_event_type type,
				  const struct gw_thread *t,
				  const struct track_at *at, __u32 how,
				  __u16 flags, __u32 lock, __u32 result)
{
	struct gw_event *e;
	__u64 number;

	if (!record_events || !events_have_room())
		return;
	if (ring.lost)
		event_lost(at);
	number = __sync_fetch_and_add(&ring.head, 1);
	e = event_at(number);
	if (!e)
		return;
	e->ns = at->now;
	e->thread = t->serial;
	e->lock = lock;
	e->result = result;
	e->tid = t->tid;
	e->cpu = type == GW_EV_BEGIN ? t->cpu : at->cpu;
	e->type = type;
	e->how = how;
	event_publish(e, number, flags);
}

/* GW_EV_BEGIN, GW_EV_EXEC */
static __always_inline void event_identity(enum gw_event_type type,
					   const struct gw_thread *t,
					   const struct track_at *at)
{
	event(type, t, at, t->run, t->passive ? GW_EV_PASSIVE : 0, t->image,
	      t->tgid);
}

static __always_inline void event_waking(const struct gw_thread *t,
					 const struct gw_thread *waker,
					 const struct track_at *at)
{
	bool release;

	if (!record_events)
		return;
	release = track_releases(waker, t);
	event(GW_EV_WAKING, t, at, 0, release ? GW_EV_RELEASE : 0,
	      waker ? waker->serial : 0,
	      release ? at->now - waker->call_ns : 0);
}

#endif /* GILWATCH_RECORD_BPF_H */
