/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tells a glibc condition variable from its fields. Its waiters sleep on one
 * of two neighbouring futex words (__g_signals[0] and [1]), which are one lock;
 * two neighbouring one-word mutexes are two. The fields before the words
 * decide, read while a thread is about to wait, when the variable counts it
 * already.
 *
 * Layout: struct __pthread_cond_s in sysdeps/nptl/bits/thread-shared-types.h of
 * glibc. 2.25 - 2.40: wseq 0, g1_start 8, g_refs 16, g_size 24, g1_orig_size
 * 32, wrefs 36, g_signals 40. 2.41 and newer, and older ones with its fix for
 * lost wakeups, have no g_refs: wseq 0, g1_start 8, g_size 16, g1_orig_size 24,
 * wrefs 28, g_signals 32. What the fields count: the comment at the head of
 * __pthread_cond_wait_common in nptl/pthread_cond_wait.c.
 *
 * Pure: no BPF helper, no libc.
 */
#ifndef GILWATCH_CONDVAR_H
#define GILWATCH_CONDVAR_H

#ifdef __bpf__
#include "vmlinux.h"
#else
#include <linux/types.h>
#endif

/* More threads than this do not wait on one variable. */
#define CONDVAR_WAITERS_MAX (1u << 20)

/* The 32-bit words from 40 bytes before the pair to its end. */
struct condvar_view {
	__u32 wseq_old[2];
	__u32 third[2];  /* g1_start before 2.41, wseq since */
	__u32 second[2]; /* g_refs before 2.41, g1_start since */
	__u32 g_size[2];
	__u32 g1_orig_size;
	__u32 wrefs;
	__u32 g_signals[2];
};

#define CONDVAR_BEFORE 40 /* bytes of the view that lie before the pair */

/* Words of the variable's own, on which a signaller waits for waiters to leave
 * or for another signaller, never for the lock: bytes before the pair.
 * g1_orig_size has a lock in its two lowest bits. No g_refs since 2.41. */
#define CONDVAR_REFS_BEFORE 24
#define CONDVAR_LOCK_BEFORE 8

_Static_assert(sizeof(struct condvar_view) == CONDVAR_BEFORE + 8, "layout");

static inline __u64 condvar_u64(const __u32 *half)
{
	return half[0] | (__u64)half[1] << 32;
}

/* The next waiter's position is ahead of where group 1 begins by the waiters of
 * both groups, of which group 1 had orig_size at first. That counts in units of
 * 4, and in between while its two lowest bits, a lock, are taken. */
static inline int condvar_sequence(__u64 next, __u64 g1_start, __u32 orig_size)
{
	__u64 ahead = next - g1_start;

	if (ahead < 1 || ahead > CONDVAR_WAITERS_MAX)
		return 0;
	return (orig_size & 3) || orig_size >> 2 <= ahead;
}

/**
 * condvar_is() - whether a futex word is half of a condition variable
 * @v: the bytes around the word's pair
 * @half: which word of the pair a thread is about to wait on, 0 or 1
 *
 * Return: 1 or 0.
 */
static inline int condvar_is(const struct condvar_view *v, __u32 half)
{
	__u32 waiters = v->wrefs >> 3;
	/* By shifting, not indexing: the verifier knows no variable stack
	 * offset. */
	__u32 refs = (__u32)(condvar_u64(v->second) >> (half ? 32 : 0)) >> 1;

	if (waiters < 1 || waiters > CONDVAR_WAITERS_MAX)
		return 0;
	/* Bit 0 of wseq, and of g1_start before 2.41, is a group's index. */
	if (refs >= 1 && refs <= waiters &&
	    condvar_sequence(condvar_u64(v->wseq_old) >> 1,
			     condvar_u64(v->third) >> 1, v->g1_orig_size))
		return 1;
	return condvar_sequence(condvar_u64(v->third) >> 1,
				condvar_u64(v->second), v->g1_orig_size);
}

#endif /* GILWATCH_CONDVAR_H */
