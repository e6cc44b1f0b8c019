/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a task to the record of its thread. A look into task storage costs as
 * much as all that an event does with the record, so it is asked only when
 * nothing cheaper knows: on each CPU the thread that runs there is remembered,
 * and a thread that is switched in or woken is found by its id.
 *
 * Task storage stays what decides: it says where in the table the record is.
 * The table has one place for a thread, its seat. Records in task storage
 * itself, for those that find none, would be another kind of memory to the
 * verifier, which then walks every program twice and gives up.
 */
#ifndef GILWATCH_SEATS_BPF_H
#define GILWATCH_SEATS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "gilwatch.h"

#define SEATS 12288 /* threads that are watched at a time */
#define SEAT_HINTS 16384
#define SEAT_CPUS 1024

/* What a task has to do with gilwatch; ends with the task. */
struct gw_home {
	__u32 seat;  /* as in struct gw_thread */
	__u32 image; /* of its process; only the group leader's counts */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct gw_home);
} homes SEC(".maps");

/* The records of watched threads. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SEATS);
	__type(key, __u32);
	__type(value, struct gw_thread);
} threads SEC(".maps");

/* Seats of threads that have ended. First in, first out: somebody may still be
 * writing to one that has just been left. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, SEATS);
	__type(value, __u32);
} free_seats SEC(".maps");

__u32 seats_used;

/* Seat of a thread by its id: the id in the upper half. May be overwritten by
 * another one's. */
__u64 seat_hint[SEAT_HINTS];

/*
 * Who was last seen on a CPU. A cache line each. Only a hint: a switch may go
 * unseen (a virtual machine's kernel runs no program for its own agent), so
 * whom it says is compared with who is there.
 */
struct {
	__u32 seat;   /* of the thread that runs; 0: not known, or it has none */
	__u32 nobody; /* id of a task that was found not to be watched */
	__u32 news;   /* seat_news when that was looked up */
	__u32 pad[13];
} on_cpu[SEAT_CPUS];

/* Counts threads that get a record: any of them may be running already. */
__u32 seat_news = 1;

const volatile struct gw_thread seat_empty = {};

static __always_inline struct gw_thread *seat_at(__u32 seat)
{
	__u32 index = seat - 1;

	return bpf_map_lookup_elem(&threads, &index);
}

static __always_inline __u64 *seat_hint_of(__u32 tid)
{
	return &seat_hint[tid % SEAT_HINTS];
}

static __always_inline __u64 seat_hint_make(__u32 tid, __u32 seat)
{
	return (__u64)tid << 32 | seat;
}

/* Most unwatched tasks have no storage at all: 5.11 has put it here. */
static __always_inline bool task_has_storage(struct task_struct *task)
{
	return task->bpf_storage != NULL;
}

static __noinline struct gw_thread *seat_ask(struct task_struct *task)
{
	struct gw_home *home = bpf_task_storage_get(&homes, task, NULL, 0);
	__u32 seat = home ? home->seat : 0;

	if (!seat)
		return NULL;
	*seat_hint_of(task->pid) = seat_hint_make(task->pid, seat);
	return seat_at(seat);
}

/* The thread's record, if it has one that is filled in. The start time tells
 * another task that has got the same id. */
static __always_inline struct gw_thread *known(struct task_struct *task)
{
	__u64 hint = *seat_hint_of(task->pid);
	struct gw_thread *t;

	if (hint >> 32 == (__u32)task->pid) {
		t = seat_at((__u32)hint);
		if (t && t->ready && t->start_ns == task->start_time)
			return t;
	}
	if (!task_has_storage(task))
		return NULL;
	t = seat_ask(task);
	return t && t->ready ? t : NULL;
}

/* The record of the task, which is on this CPU, where the scheduler was seen to
 * put it there; else NULL. */
static __always_inline struct gw_thread *seat_here(__u32 cpu,
						   struct task_struct *task)
{
	struct gw_thread *t;

	if (cpu >= SEAT_CPUS || !on_cpu[cpu].seat)
		return NULL;
	t = seat_at(on_cpu[cpu].seat);
	return t && t->ready && t->start_ns == task->start_time ? t : NULL;
}

/* The same where it may not be watched, which is remembered: until another
 * task is looked up here, or any thread gets a record. */
static __always_inline struct gw_thread *known_on(__u32 cpu,
						  struct task_struct *task)
{
	struct gw_thread *t = seat_here(cpu, task);
	__u32 news = *(volatile __u32 *)&seat_news;
	__u32 tid = task->pid;

	if (t)
		return t;
	if (cpu >= SEAT_CPUS)
		return known(task);
	if (on_cpu[cpu].nobody == tid && on_cpu[cpu].news == news)
		return NULL;
	t = known(task);
	if (t)
		return t;
	on_cpu[cpu].nobody = tid;
	on_cpu[cpu].news = news;
	return NULL;
}

static __always_inline struct gw_thread *known_here(void)
{
	return known_on(bpf_get_smp_processor_id(), bpf_get_current_task_btf());
}

/* @t, or nobody that is watched, is going to run on this CPU. */
static __always_inline void seat_on_cpu(const struct gw_thread *t)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u32 seat = t ? t->seat : 0;

	if (cpu < SEAT_CPUS && on_cpu[cpu].seat != seat)
		on_cpu[cpu].seat = seat;
}

static __always_inline __u32 seat_take(void)
{
	__u32 seat;

	if (seats_used < SEATS) {
		seat = __sync_fetch_and_add(&seats_used, 1) + 1;
		if (seat <= SEATS)
			return seat;
	}
	return bpf_map_pop_elem(&free_seats, &seat) ? 0 : seat;
}

/* Gives the task a record with nothing in it but its seat. Of two CPUs that do
 * so for the same task one wins. */
static __noinline struct gw_thread *seat_new(struct task_struct *task)
{
	struct gw_home *home = bpf_task_storage_get(
		&homes, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	struct gw_thread *t;
	__u32 seat;

	if (!home)
		return NULL;
	seat = home->seat ? home->seat : seat_take();
	t = seat_at(seat);
	if (!t || home->seat)
		return t;
	bpf_probe_read_kernel(t, sizeof(*t), (const void *)&seat_empty);
	t->seat = seat;
	if (__sync_val_compare_and_swap(&home->seat, 0, seat)) {
		bpf_map_push_elem(&free_seats, &seat, 0);
		t = seat_at(home->seat);
	}
	*seat_hint_of(task->pid) = seat_hint_make(task->pid, home->seat);
	return t;
}

/* The running task has ended and its record has been read. */
static __always_inline void seat_leave(struct gw_thread *t,
				       struct task_struct *task)
{
	struct gw_home *home = bpf_task_storage_get(&homes, task, NULL, 0);
	__u64 *hint = seat_hint_of(task->pid);
	__u32 seat = t->seat;

	seat_on_cpu(NULL);
	if (*hint == seat_hint_make(task->pid, seat))
		*hint = 0;
	if (!home || !seat)
		return;
	home->seat = 0;
	bpf_map_push_elem(&free_seats, &seat, 0);
}

#endif /* GILWATCH_SEATS_BPF_H */
