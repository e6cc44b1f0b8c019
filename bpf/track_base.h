/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Part of track.h: its limits, what its includer brings, clocks and samples. */
#ifndef GILWATCH_TRACK_BASE_H
#define GILWATCH_TRACK_BASE_H

#include "gilwatch.h"

/* On-CPU time after which a thread that has returned has the lock. A failed
 * waiter is back in FUTEX_WAIT within 10 us in CPython (p99). */
#define TRACK_COMMIT_NS 50000ull

/* A lock wait follows a sleep "directly" when less CPU time lies between. */
#define TRACK_DIRECT_NS 100000ull

/* A wakeup can be seen this long before the switch that it undoes: the waker
 * looks at the thread while another CPU is still switching it out. */
#define TRACK_EARLY_NS 50000ull

/* Results of system calls that are not in user space's errno.h. */
#define TRACK_EINTR 4
#define TRACK_ETIMEDOUT 110
#define TRACK_ERESTARTSYS 512
#define TRACK_ERESTART_RESTARTBLOCK 516

/* Always inlined: the verifier refuses a void function that leaves a pointer to
 * the stack in its unused result register. */
#define TRACK_FN static inline __attribute__((always_inline))

/* The compiler may else compare one copy of an index and use another one, of
 * which Linux 6.1 does not know that it is the same. */
#define TRACK_ONE_COPY(index) __asm__ volatile("" : "+r"(index))

/* Adds to a counter; its value before. */
#ifndef TRACK_ADD
#define TRACK_ADD(field, n)                                                    \
	({                                                                     \
		__typeof__(field) old_ = (field);                              \
		(field) += (__typeof__(field))(n);                             \
		old_;                                                          \
	})
#endif
/* Sets bits. */
#ifndef TRACK_OR
#define TRACK_OR(field, bits) ((field) |= (bits))
#endif
#ifndef TRACK_SWAP
TRACK_FN __u64 track_swap(__u64 *field, __u64 value)
{
	__u64 old = *field;

	*field = value;
	return old;
}
#define TRACK_SWAP(field, value) track_swap(&(field), value)
#endif

/* The moment and place of an event. */
struct track_at {
	__u64 now; /* ns */
	__u32 cpu;
	__u32 window; /* gw_state.window */
	__u32 later;  /* no lock may be changed now: episodes become GW_DUE */
	void *store;  /* handed on to the look-ups */
};

/* What an includer that replays is told: an episode has ended with the lock
 * (from: the release that it follows, thread 0: none) or without it; a hold. */
#ifndef TRACK_TELL_COMMIT
#define TRACK_TELL_COMMIT(at, t, e, from)
#define TRACK_TELL_GIVEN_UP(at, t, e, end)
#define TRACK_TELL_HOLD(at, lock, thread, since, end, estimated) (void)(thread)
#endif

/* Brought by the includer: the lock at an index and the pair's counters.
 * Either may be NULL, and then the event goes uncounted there. */
static struct gw_lock *track_lock(void *store, __u32 index);
static struct gw_edge *track_edge(void *store, struct gw_thread *to, __u32 lock,
				  __u32 from);

TRACK_FN void track_max(struct gw_max *max, __u64 value, __u32 window)
{
	if (max->window != window) {
		max->window = window;
		max->recent = 0;
	}
	if (value > max->recent)
		max->recent = value;
	if (value > max->all)
		max->all = value;
}

/* One more duration; the bit of its group is written once. */
TRACK_FN void track_value(struct hist *hist, struct gw_max *max, __u64 ns,
			  __u32 window)
{
	__u32 bucket = hist_bucket(ns);
	__u32 bit = 1u << (hist_group(bucket) & 31);

	TRACK_ONE_COPY(bucket);
	if (bucket < HIST_BUCKETS)
		TRACK_ADD(hist->count[bucket], 1);
	if (!(max->groups & bit))
		TRACK_OR(max->groups, bit);
	track_max(max, ns, window);
}

TRACK_FN void track_sample(struct gw_lock *lock, enum gw_metric metric,
			   __u64 ns, __u32 window)
{
	track_value(&lock->hist[metric], &lock->max[metric], ns, window);
}

/**
 * track_cpu() - CPU time of a thread since it was first seen
 * @t: the thread
 * @now: ns
 *
 * Return: ns.
 */
TRACK_FN __u64 track_cpu(const struct gw_thread *t, __u64 now)
{
	__u64 ns = t->time_ns[GW_RUNNING];

	return t->run == GW_RUNNING ? ns + (now - t->since_ns) : ns;
}

/* Every ns goes to the state that it was spent in, and to one only. */
TRACK_FN void track_enter_run(struct gw_thread *t, __u64 now, enum gw_run run)
{
	if (now > t->since_ns)
		t->time_ns[t->run & (GW_RUN_STATES - 1)] += now - t->since_ns;
	t->since_ns = now;
	t->run = run;
}

#endif /* GILWATCH_TRACK_BASE_H */
