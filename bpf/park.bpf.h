/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads that park: in newer CPythons a lock is a byte (PyMutex; 3.13.5 has
 * it, 3.13.0 has not). Who has to wait does so on a semaphore in its own stack,
 * which stands behind the address of the lock (struct wait_entry in its
 * Python/parking_lot.c):
 *
 *	uintptr_t addr;		what is waited for
 *	_PySemaphore sema;	a sem_t; its first word is the futex
 *
 * The lock's byte has bit 1 while somebody is parked, and bit 0 while it is
 * locked.
 */
#ifndef GILWATCH_PARK_BPF_H
#define GILWATCH_PARK_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "maps.bpf.h"
#include "words.bpf.h"

#define PARK_BEFORE 8
#define PARK_BYTE_MAX 3
#define PARK_BYTE_PARKED 2
#define PARK_ADDR_MIN 4096

static __always_inline bool park_addr(__u64 addr, __u64 *lock)
{
	return !bpf_probe_read_user(lock, sizeof(*lock),
				    (void *)(addr - PARK_BEFORE)) &&
	       *lock >= PARK_ADDR_MIN;
}

/* Whether an unknown word is one that a thread parks on; then it is entered. */
static __noinline bool park_learn(struct gw_thread *t,
				  const struct futex_wait *call,
				  struct gw_word *word)
{
	struct gw_word_key key = { .addr = GW_WORD_PARKS, .image = t->image };
	struct gw_word *parks = bpf_map_lookup_elem(&words, &key);
	__u64 lock = 0;
	__u8 byte = 0;

	if (!parks || kind_of(call) != GW_KIND_SEM ||
	    !park_addr(call->addr, &lock) ||
	    bpf_probe_read_user(&byte, sizeof(byte), (void *)lock) ||
	    byte > PARK_BYTE_MAX || !(byte & PARK_BYTE_PARKED))
		return false;
	*word = *parks; /* the GIL, so that it goes when that does */
	word->role = GW_ROLE_WAIT;
	word->parked = 1;
	return word_enter(t, call->addr, word);
}

/* The lock that a thread waits for, or is woken for, on a word of its own. A
 * call makes it known. */
static __noinline bool park_lock(struct gw_thread *t, __u64 addr,
				 const struct futex_wait *call,
				 struct gw_word *word)
{
	struct gw_word_key key = { .image = t->image };
	struct gw_word *found;

	if (!park_addr(addr, &key.addr))
		return false;
	found = bpf_map_lookup_elem(&words, &key);
	if (found) {
		*word = *found;
		return !word->parked;
	}
	if (!call)
		return wakes_unlisted(t, word);
	word->parked = 0;
	if (!lock_enter(t, key.addr, GW_KIND_SEM, call, word))
		return word_unlisted(t, word);
	return true;
}

/* Finds or learns the word that a thread is about to wait on. */
static __always_inline bool word_for_wait(struct gw_thread *t,
					  const struct futex_wait *call,
					  struct gw_word *word)
{
	if (!word_known(t, call->addr, word) && !park_learn(t, call, word))
		return word_learn(t, call, is_condvar(call->addr, call->op),
				  word);
	return !word->parked || park_lock(t, call->addr, call, word);
}

/* Finds the word that a thread is about to wake somebody on. */
static __always_inline bool word_for_wake(struct gw_thread *t, __u64 addr,
					  struct gw_word *word)
{
	if (!word_known(t, addr, word))
		return wakes_unlisted(t, word);
	return !word->parked || park_lock(t, addr, NULL, word);
}

#endif /* GILWATCH_PARK_BPF_H */
