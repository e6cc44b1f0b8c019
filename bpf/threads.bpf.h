/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which threads are watched: how they are taken in, followed and let go. */
#ifndef GILWATCH_THREADS_BPF_H
#define GILWATCH_THREADS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "compat.bpf.h"
#include "ended.h"
#include "maps.bpf.h"
#include "record.bpf.h"
#include "stands.bpf.h"
#include "words.bpf.h"

/* The first part of struct gw_live, before the thread. */
struct gw_live_head {
	struct gw_names names;
	__u64 now_ns;
};

_Static_assert(sizeof(struct gw_live) ==
		       sizeof(struct gw_live_head) + sizeof(struct gw_thread),
	       "the iterator writes both parts one after the other");

/* A thread's and a process's number as gilwatch's /proc shows it; 0: it is not
 * there. */
static __always_inline __u32 tid_of(struct task_struct *task)
{
	return pidns_inode ? task_number_in(task, pidns_inode)
			   : (__u32)task->pid;
}

static __always_inline __u32 tgid_of(struct task_struct *task)
{
	return pidns_inode ? task_number_in(task->group_leader, pidns_inode)
			   : (__u32)task->tgid;
}

/* Most unwatched tasks have no storage at all, which is seen at less cost than
 * by asking for it. */
static __always_inline bool has_storage(struct task_struct *task)
{
	return task->bpf_storage != NULL;
}

/* Whether a futex call of the task may be of interest. */
static __always_inline bool may_concern(struct task_struct *task)
{
	return watch_all || has_storage(task);
}

static __always_inline struct gw_thread *known(struct task_struct *task)
{
	struct gw_thread *t;

	if (!has_storage(task))
		return NULL;
	t = bpf_task_storage_get(&threads, task, NULL, 0);
	return t && t->ready ? t : NULL;
}

/* The only cost that an unwatched task has. */
static __always_inline struct gw_thread *watched(struct task_struct *task)
{
	return state.stopped_ns ? NULL : known(task);
}

static __always_inline __u32 image_new(void)
{
	return __sync_fetch_and_add(&state.images, 1) + 1;
}

/* The image of the task's process: that of any thread of it that is known,
 * here of the leader, whose storage is made for it when missing. */
static __always_inline __u32 image_of(struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct gw_thread *t;

	t = bpf_task_storage_get(&threads, leader, NULL,
				 BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!t)
		return 0;
	if (!t->image)
		__sync_val_compare_and_swap(&t->image, 0, image_new());
	return t->image;
}

static __always_inline struct gw_thread *thread_new(struct task_struct *task)
{
	struct gw_thread *t;
	__u32 image = image_of(task);

	t = bpf_task_storage_get(&threads, task, NULL,
				 BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!t || !image) {
		lost(GW_LOST_THREADS);
		return NULL;
	}
	t->serial = __sync_fetch_and_add(&state.threads, 1) + 1;
	t->start_ns = task->start_time;
	t->tgid = tgid_of(task);
	t->tid = tid_of(task);
	t->image = image;
	return t;
}

/* The fields must be there before another CPU sees the thread as watched. */
static __always_inline void thread_ready(struct gw_thread *t,
					 const struct track_at *at)
{
	event_identity(GW_EV_BEGIN, t, at);
	__sync_lock_test_and_set(&t->ready, 1);
}

/* Whether the task belongs to what the user asked for. */
static __always_inline bool wanted(struct task_struct *task)
{
	__u32 tgid = tgid_of(task);

	if ((task->flags & PF_KTHREAD) || !tgid || tgid == own_tgid)
		return false;
	if (!watch_all)
		return bpf_map_lookup_elem(&targets, &tgid) != NULL;
	return BPF_CORE_READ(task, signal, nr_threads) > 1;
}

/* The running task; it is taken in at its first wait when all are watched. */
static __always_inline struct gw_thread *
watched_or_new(struct task_struct *task)
{
	struct gw_thread *t = watched(task);
	struct track_at at;
	__u32 tgid;

	if (t || !watch_all)
		return t;
	tgid = tgid_of(task);
	if (!tgid || tgid == own_tgid)
		return NULL;
	t = thread_new(task);
	if (!t)
		return NULL;
	at = moment();
	track_begin(t, GW_RUNNING, &at);
	thread_ready(t, &at);
	return t;
}

static __always_inline void adopt_running(struct task_struct *task,
					  const struct track_at *at)
{
	struct gw_thread *t;

	if (watched(task))
		return;
	t = thread_new(task);
	if (!t)
		return;
	track_begin(t, GW_RUNNING, at);
	t->matched = 1; /* it is in fork */
	thread_ready(t, at);
}

/* A child of a watched thread is watched from its first moment. It sleeps
 * until sched_wakeup_new. */
static __always_inline void thread_forked(struct task_struct *parent,
					  struct task_struct *child,
					  const struct track_at *at)
{
	struct gw_thread *t;

	if (!watched(parent)) {
		bool thread = parent->tgid == child->tgid;

		if (!wanted(parent) && !(watch_all && thread))
			return;
		if (tgid_of(parent) == own_tgid)
			return;
		adopt_running(parent, at);
	}
	t = thread_new(child);
	if (!t)
		return;
	track_begin(t, GW_SLEEPING, at);
	t->passive = 1;
	t->matched = 1;
	thread_ready(t, at);
	if (parent->tgid != child->tgid)
		tell(GW_MSG_IMAGE, t->tgid, t->image, image_of(parent));
}

static __always_inline void thread_execed(struct gw_thread *t,
					  struct task_struct *task,
					  const struct track_at *at)
{
	alone_with_both(t);
	track_forget_locks(t, at);
	t->tid = tid_of(task);
	t->tgid = tgid_of(task);
	t->image = image_new();
	event_identity(GW_EV_EXEC, t, at);
	alone_end_both(t);
	tell(GW_MSG_IMAGE, t->tgid, t->image, 0);
	for (int i = 0; i < GW_WORD_CACHE; i++)
		t->word[i].epoch = 0;
}

static __always_inline void names_read(struct gw_names *names,
				       struct task_struct *task)
{
	BPF_CORE_READ_STR_INTO(&names->comm, task, comm);
	BPF_CORE_READ_STR_INTO(&names->process, task, group_leader, comm);
}

static __always_inline __u64 wakeup_flag(void)
{
	__u64 waiting = bpf_ringbuf_query(&messages, BPF_RB_AVAIL_DATA);

	return waiting < messages_enough ? BPF_RB_NO_WAKEUP
					 : BPF_RB_FORCE_WAKEUP;
}

/* Where the last record of a thread is put together. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct gw_ended);
} ended SEC(".maps");

static __always_inline long ended_send(struct gw_thread *t,
				       struct task_struct *task, __u64 now)
{
	__u32 zero = 0;
	struct gw_ended *m = bpf_map_lookup_elem(&ended, &zero);

	if (!m)
		return -1;
	m->head.type = GW_MSG_ENDED;
	m->head.tgid = t->tgid;
	m->head.image = t->image;
	m->head.from = 0;
	__builtin_memset(&m->names, 0, sizeof(m->names));
	names_read(&m->names, task);
	m->now_ns = now;
	bpf_probe_read_kernel(m->thread, sizeof(m->thread), t);
	return bpf_ringbuf_output(&messages, m, ended_pack(m, t),
				  wakeup_flag());
}

/* The last record of a thread goes to user space: its storage ends with it. */
static __always_inline void thread_ended(struct gw_thread *t,
					 struct task_struct *task,
					 const struct track_at *at)
{
	alone_with_both(t);
	event(GW_EV_END, t, at, 0, 0, 0, 0);
	track_end(t, at);
	alone_end_both(t);
	/* After what it has written: see mark_locks. */
	__sync_lock_test_and_set(&t->ready, 0);
	if (ended_send(t, task, at->now))
		lost(GW_LOST_ENDED);
}

/* A process may have got a name that is asked for. */
static __always_inline void name_changed(struct task_struct *task)
{
	if (tell_names && !watched(task))
		tell(GW_MSG_NAMED, tgid_of(task), 0, 0);
}

/* Asleep since it was taken in. */
static __always_inline bool still_as_found(const struct gw_thread *t)
{
	return t->run == GW_SLEEPING && t->since_ns == t->seen_ns &&
	       t->call == GW_CALL_NONE;
}

/* A thread that still sleeps as it did when it was taken in, in a futex wait,
 * waits for that lock from then on. */
static __always_inline void adopt_wait(struct gw_thread *t,
				       struct task_struct *task,
				       const struct track_at *at)
{
	struct futex_wait call = {};
	struct gw_word word = {};

	if (!still_as_found(t) || !sleeps_in(task, &call))
		return;
	if (!word_known(t, call.addr, &word) &&
	    !word_learn(t, &call, false, &word))
		return;
	if (word.parked) /* for what is in its memory, not in this process's */
		return;
	alone_with_both(t);
	t->definite = futex_is_pi(call.op);
	t->matched = 1;
	event(GW_EV_WAIT, t, at, word.role,
	      GW_EV_ADOPTED | (t->definite ? GW_EV_DEFINITE : 0), word.lock, 0);
	track_wait_enter(t, word.lock, word.role, at);
	t->run = GW_LOCK_WAIT;
	alone_end_both(t);
}

static __always_inline void mark(__u32 index)
{
	struct gw_lock *lock = bpf_map_lookup_elem(&locks, &index);

	if (lock)
		lock->mark = state.mark;
}

/* Marks the locks that a thread refers to, and could count for. */
static __always_inline void mark_all(const struct gw_thread *t)
{
	if (t->call != GW_CALL_NONE || t->restart)
		mark(t->lock);
	if (t->episode[0].phase != GW_IDLE)
		mark(t->episode[0].lock);
	if (t->episode[1].phase != GW_IDLE)
		mark(t->episode[1].lock);
}

/* What a task is doing at this moment. */
static __always_inline enum gw_run task_run(struct task_struct *task)
{
	if (task_on_cpu(task))
		return GW_RUNNING;
	if (task_on_rq(task))
		return GW_RUNNABLE;
	return GW_SLEEPING;
}

/* Returns the new thread, or NULL where there is none to take in. */
static __always_inline struct gw_thread *
thread_adopted(struct task_struct *task, const struct track_at *at)
{
	struct gw_thread *t;

	if (watched(task) || BPF_CORE_READ(task, exit_state))
		return NULL;
	t = thread_new(task);
	if (!t)
		return NULL;
	track_begin(t, task_run(task), at);
	t->cpu = task_cpu(task);
	thread_ready(t, at);
	return t;
}

static __always_inline void migration_count(struct gw_thread *t, __u32 from,
					    __u32 to)
{
	struct gw_migration_key key = {
		.image = t->image, .thread = t->serial, .from = from, .to = to
	};
	__u64 one = 1, *count;
	struct track_at at = moment();

	t->migrations++;
	event(GW_EV_MIGRATE, t, &at, 0, 0, from, to);
	count = bpf_map_lookup_elem(&migrations, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
	else if (bpf_map_update_elem(&migrations, &key, &one, BPF_NOEXIST))
		lost(GW_LOST_MIGRATIONS);
}

#endif /* GILWATCH_THREADS_BPF_H */
