/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps, the settings, and the look-ups that track.h asks for. All tables
 * are allocated at load time: probes that run inside the scheduler must not
 * allocate. Sizes are set by user space before loading.
 */
#ifndef GILWATCH_MAPS_BPF_H
#define GILWATCH_MAPS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "track.h"

/* Settings, set between open and load. */
const volatile bool watch_all;  /* every process that contends for a lock */
const volatile bool sched_only; /* no probe on system calls: stands.bpf.h */
const volatile bool tell_names; /* report execs and renames */
const volatile __u32 own_tgid;  /* gilwatch itself, never watched */
/* Inode of gilwatch's pid namespace, whose numbers are used for all tasks; 0:
 * the first one. */
const volatile __u32 pidns_inode;
const volatile __u64 realtime_offset_ns; /* CLOCK_REALTIME - MONOTONIC */
const volatile __u32 locks_size = 1;     /* powers of two */
const volatile __u32 edges_size = 1;
/* Bytes that wait for user space before it is woken; it reads at least once an
 * interval. */
const volatile __u64 messages_enough;

struct gw_state state;

/* The state of each watched thread; a task without an entry is not watched.
 * Ends with its task. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct gw_thread);
} threads SEC(".maps");

/* Process ids to watch. Only asked at a fork and when threads are adopted:
 * after that a thread's storage tells. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

/* Futex word of a process image -> its lock and its role there. By image and
 * not by process id, because exec ends all addresses and ids are used again. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct gw_word_key);
	__type(value, struct gw_word);
} words SEC(".maps");

/* Counters of each lock, by index: a thread remembers the index of its hot
 * locks, and user space reads the table as memory. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct gw_lock);
} locks SEC(".maps");

/* Which entries of the two tables are free: by ticket, the number of the entry
 * less that of its own place, so that zeroes are a table that is all free. */
struct slots {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64); /* user space sees entries of 8 bytes */
};
struct slots lock_slots SEC(".maps");
struct slots edge_slots SEC(".maps");

/* Counters of each handoff pair, by index. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct gw_edge);
} edges SEC(".maps");

/* Handoff pair -> its index in edges, plus 1 (0 while it is being made). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct gw_edge_key);
	__type(value, __u32);
} edge_index SEC(".maps");

/* Migrations of one thread from one CPU to another. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct gw_migration_key);
	__type(value, __u64);
} migrations SEC(".maps");

/* Last records of ended threads, and names that changed. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} messages SEC(".maps");

static __always_inline void lost(enum gw_lost cause)
{
	__sync_fetch_and_add(&state.lost[cause], 1);
}

/* Sends a message without a record. */
static __always_inline void tell(enum gw_message_type type, __u32 tgid,
				 __u32 image, __u32 from)
{
	struct gw_message m = {
		.type = type, .tgid = tgid, .image = image, .from = from
	};

	if (bpf_ringbuf_output(&messages, &m, sizeof(m), BPF_RB_FORCE_WAKEUP))
		lost(GW_LOST_ENDED);
}

/* CPUs that take an entry at the same moment: one each time goes on. */
#define SLOT_TRIES 8

/* Entries that are kept for what stands for all that find the table full. */
#define SLOTS_KEPT(size) ((size) / 64)

static __always_inline __u32 slots_left(const struct gw_tickets *tickets)
{
	return *(const volatile __u32 *)&tickets->given -
	       *(const volatile __u32 *)&tickets->taken;
}

/* Takes a free entry of a table, unless only @keep are left. User space is
 * told to make room when a quarter of it is left. */
static __always_inline bool slot_take(struct gw_tickets *tickets, void *slots,
				      __u32 size, __u32 keep, __u32 *index)
{
	__u32 ticket, place;
	__u64 *slot;

	for (int i = 0; i < SLOT_TRIES; i++) {
		ticket = *(volatile __u32 *)&tickets->taken;
		if (*(volatile __u32 *)&tickets->given - ticket <= keep)
			return false;
		if (__sync_val_compare_and_swap(&tickets->taken, ticket,
						ticket + 1) != ticket)
			continue;
		place = ticket & (size - 1);
		slot = bpf_map_lookup_elem(slots, &place);
		if (!slot)
			return false;
		*index = place + (__u32)*slot;
		if (tickets->given - ticket == size / 4)
			tell(GW_MSG_FULL, 0, 0, 0);
		return true;
	}
	return false;
}

/* Nothing lasts longer than the counting. */
static __always_inline __u64 now_ns(void)
{
	return state.stopped_ns ? state.stopped_ns : bpf_ktime_get_ns();
}

/* A moment whose time is still to be filled in. */
static __always_inline struct track_at place(void)
{
	struct track_at at = {
		.cpu = bpf_get_smp_processor_id(),
		.window = state.window,
	};

	return at;
}

/* The moment of an event of a thread that is watched: counting goes on. */
static __always_inline struct track_at moment(void)
{
	struct track_at at = place();

	at.now = bpf_ktime_get_ns();
	return at;
}

/* Of an event that is seen also when counting has stopped. */
static __always_inline struct track_at moment_or_stop(void)
{
	struct track_at at = place();

	at.now = now_ns();
	return at;
}

static __always_inline struct gw_lock *track_lock(void *store, __u32 index)
{
	return bpf_map_lookup_elem(&locks, &index);
}

/* Gives the pair an index. Of two CPUs that try, one wins. */
static __always_inline __u32 edge_new(const struct gw_edge_key *key)
{
	__u32 keep = key->from == GW_THREAD_REST ? 0 : SLOTS_KEPT(edges_size);
	__u32 none = 0, index;
	struct gw_edge *edge;
	__u32 *found;

	if (slots_left(&state.edges) <= keep ||
	    bpf_map_update_elem(&edge_index, key, &none, BPF_NOEXIST))
		return 0;
	if (!slot_take(&state.edges, &edge_slots, edges_size, keep, &index)) {
		bpf_map_delete_elem(&edge_index, key);
		return 0;
	}
	edge = bpf_map_lookup_elem(&edges, &index);
	found = bpf_map_lookup_elem(&edge_index, key);
	if (!edge || !found) /* never: the places are as many as the entries */
		return 0;
	edge->lock = key->lock;
	edge->from = key->from;
	edge->to = key->to;
	*found = index + 1;
	return index + 1;
}

static __always_inline __u32 edge_find(const struct gw_edge_key *key)
{
	__u32 *found = bpf_map_lookup_elem(&edge_index, key);

	return found ? *found : edge_new(key);
}

/* The pair's index plus 1, or 0. Where there is no room @key becomes that of
 * the pair from anybody to this thread. Not static: verified once and not at
 * each place. */
__noinline __u32 edge_of(struct gw_edge_key *key)
{
	struct gw_edge_key own; /* Linux 6.1 wants a key in this stack frame */
	__u32 index;

	if (!key)
		return 0;
	own = *key;
	index = edge_find(&own);
	if (index)
		return index;
	own.from = key->from = GW_THREAD_REST;
	return edge_find(&own);
}

/* The pair's entry, unless user space has taken it back meanwhile. */
static __always_inline struct gw_edge *edge_at(__u32 index,
					       const struct gw_edge_key *key)
{
	struct gw_edge *edge = bpf_map_lookup_elem(&edges, &index);

	if (!edge || edge->to != key->to || edge->from != key->from ||
	    edge->lock != key->lock)
		return NULL;
	return edge;
}

static __always_inline struct gw_edge *
track_edge(void *store, struct gw_thread *to, __u32 lock, __u32 from)
{
	struct gw_edge_cache *cache = &to->edge[from % GW_EDGE_CACHE];
	struct gw_edge_key key = { .lock = lock,
				   .from = from,
				   .to = to->serial };
	struct gw_edge *edge;
	__u32 index;

	if (cache->index && cache->lock == lock && cache->from == from) {
		edge = edge_at(cache->index - 1, &key);
		if (edge)
			return edge;
	}
	index = edge_of(&key);
	edge = index ? edge_at(index - 1, &key) : NULL;
	if (!edge) {
		lost(GW_LOST_EDGES);
		return NULL;
	}
	cache->lock = lock;
	cache->from = from;
	cache->index = index;
	return edge;
}

#endif /* GILWATCH_MAPS_BPF_H */
