/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a futex word to its lock. A word that nothing has recognised is a lock
 * of its own, but for the two of a condition variable, which are one.
 */
#ifndef GILWATCH_WORDS_BPF_H
#define GILWATCH_WORDS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "condvar.h"
#include "maps.bpf.h"

/* include/uapi/linux/futex.h */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_REQUEUE 3
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAKE_OP 5
#define FUTEX_LOCK_PI 6
#define FUTEX_UNLOCK_PI 7
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAKE_BITSET 10
#define FUTEX_WAIT_REQUEUE_PI 11
#define FUTEX_CMP_REQUEUE_PI 12
#define FUTEX_LOCK_PI2 13
#define FUTEX_COMMAND 0x7f
#define FUTEX_PRIVATE 0x80
#define FUTEX_REALTIME 0x100
#define FUTEX2_PRIVATE 0x80

#define BIT(n) (1u << (n))
#define WAIT_COMMANDS                                                          \
	(BIT(FUTEX_WAIT) | BIT(FUTEX_LOCK_PI) | BIT(FUTEX_WAIT_BITSET) |       \
	 BIT(FUTEX_WAIT_REQUEUE_PI) | BIT(FUTEX_LOCK_PI2))
#define WAKE_COMMANDS                                                          \
	(BIT(FUTEX_WAKE) | BIT(FUTEX_REQUEUE) | BIT(FUTEX_CMP_REQUEUE) |       \
	 BIT(FUTEX_WAKE_OP) | BIT(FUTEX_UNLOCK_PI) | BIT(FUTEX_WAKE_BITSET) |  \
	 BIT(FUTEX_CMP_REQUEUE_PI))
#define PI_COMMANDS (BIT(FUTEX_LOCK_PI) | BIT(FUTEX_LOCK_PI2))

static __always_inline bool futex_is_one_of(__u32 op, __u32 commands)
{
	__u32 command = op & FUTEX_COMMAND;

	return command < 32 && (commands & BIT(command));
}

static __always_inline bool futex_is_wait(__u32 op)
{
	return futex_is_one_of(op, WAIT_COMMANDS);
}

static __always_inline bool futex_is_wake(__u32 op)
{
	return futex_is_one_of(op, WAKE_COMMANDS);
}

static __always_inline bool futex_is_pi(__u32 op)
{
	return futex_is_one_of(op, PI_COMMANDS);
}

/* FUTEX_WAIT's own timeout is relative; all others are absolute. */
static __always_inline __u64 absolute_timeout(__u32 op, __u64 timeout)
{
	return (op & FUTEX_COMMAND) == FUTEX_WAIT ? 0 : timeout;
}

/* The operation of the old call that a new call's flags amount to. */
static __always_inline __u32 futex2_op(__u64 flags)
{
	return FUTEX_WAIT_BITSET | (flags & FUTEX2_PRIVATE ? FUTEX_PRIVATE : 0);
}

/* A FUTEX_WAIT: the word, the operation and the value it is expected to have.
 */
struct futex_wait {
	__u64 addr;
	__u64 val;
	__u64 timeout; /* address of an absolute time, or 0 */
	__u32 op;
	__u32 pad;
};

/* What the first wait on a word tells: glibc's and Rust's mutexes wait for
 * 2, a semaphore for 0 in an aligned word, pthread_join for the thread's id in
 * a shared word. */
static __always_inline enum gw_kind kind_of(const struct futex_wait *call)
{
	bool bitset = (call->op & FUTEX_COMMAND) == FUTEX_WAIT_BITSET;

	if (futex_is_pi(call->op))
		return GW_KIND_PI;
	if (call->val == 2)
		return GW_KIND_MUTEX;
	if (bitset && call->val == 0 && !(call->addr & 7))
		return GW_KIND_SEM;
	if (bitset && call->val > 2 && !(call->op & FUTEX_PRIVATE))
		return GW_KIND_JOIN;
	return GW_KIND_FUTEX;
}

static __noinline bool is_condvar(__u64 addr, __u32 op)
{
	struct condvar_view view = {};
	__u64 pair = addr & ~7ull;

	if ((op & FUTEX_COMMAND) != FUTEX_WAIT_BITSET)
		return false;
	if (bpf_probe_read_user(&view, sizeof(view),
				(void *)(pair - CONDVAR_BEFORE)))
		return false;
	return condvar_is(&view, (addr >> 2) & 1);
}

/* Takes the next entry of the lock table. */
static __always_inline bool lock_new(struct gw_thread *t, __u64 id,
				     enum gw_kind kind,
				     const struct futex_wait *call,
				     __u32 *index)
{
	__u32 keep = kind == GW_KIND_UNLISTED ? 0 : SLOTS_KEPT(locks_size);
	struct gw_lock *lock;

	if (!slot_take(&state.locks, &lock_slots, locks_size, keep, index))
		return false;
	lock = bpf_map_lookup_elem(&locks, index);
	if (!lock)
		return false;
	lock->id = id;
	lock->tgid = t->tgid;
	lock->kind = kind;
	lock->shared = !(call->op & FUTEX_PRIVATE);
	lock->first_val = call->val;
	lock->bitset = (call->op & FUTEX_COMMAND) == FUTEX_WAIT_BITSET;
	/* Last: user space passes over entries without an image. */
	lock->image = t->image;
	return true;
}

/* Enters a word; where another CPU was faster, its entry counts. */
static __always_inline bool word_enter(struct gw_thread *t, __u64 addr,
				       struct gw_word *word)
{
	struct gw_word_key key = { .addr = addr, .image = t->image };
	struct gw_word *found;

	if (!bpf_map_update_elem(&words, &key, word, BPF_NOEXIST))
		return true;
	found = bpf_map_lookup_elem(&words, &key);
	if (!found)
		return false;
	*word = *found;
	return true;
}

/* A new lock, and the first of its words. */
static __always_inline bool lock_enter(struct gw_thread *t, __u64 id,
				       enum gw_kind kind,
				       const struct futex_wait *call,
				       struct gw_word *word)
{
	return lock_new(t, id, kind, call, &word->lock) &&
	       word_enter(t, id, word);
}

/*
 * The lock that stands for all of the process that have no entry of their own,
 * as the table was full when they came: they are counted, and only not told
 * apart. Not static: verified once and not at each place.
 *
 * Return: 1, or 0 and it is lost.
 */
__noinline int word_unlisted(struct gw_thread *t, struct gw_word *word)
{
	struct gw_word_key key = { .addr = GW_WORD_UNLISTED };
	struct gw_word own = { .role = GW_ROLE_UNLISTED }, *found;
	struct futex_wait call = { .op = FUTEX_PRIVATE };

	if (!t || !word)
		return 0;
	key.image = t->image;
	found = bpf_map_lookup_elem(&words, &key);
	if (found) {
		*word = *found;
		return 1;
	}
	if (!lock_enter(t, GW_WORD_UNLISTED, GW_KIND_UNLISTED, &call, &own)) {
		lost(GW_LOST_LOCKS);
		return 0;
	}
	state.unlisted = 1;
	*word = own;
	return 1;
}

/* A FUTEX_WAKE on a word that is not known: where there are locks without an
 * entry, on one of these. */
static __always_inline bool wakes_unlisted(struct gw_thread *t,
					   struct gw_word *word)
{
	return state.unlisted && word_unlisted(t, word);
}

/* A condition variable's second word; the first names the lock. */
static __always_inline bool pair_enter(struct gw_thread *t, __u64 id,
				       struct gw_word *word)
{
	struct gw_lock *lock = bpf_map_lookup_elem(&locks, &word->lock);

	if (lock)
		lock->kind = GW_KIND_COND;
	return word_enter(t, id + 4, word);
}

/* The lock whose two words of a condition variable are at @pair. */
static __always_inline bool pair_known(struct gw_thread *t, __u64 pair,
				       struct gw_word *word)
{
	struct gw_word_key key = { .addr = pair + 4, .image = t->image };
	struct gw_word *first, *second;

	second = bpf_map_lookup_elem(&words, &key);
	if (!second || second->role == GW_ROLE_INNER)
		return false;
	word->lock = second->lock;
	key.addr = pair;
	first = bpf_map_lookup_elem(&words, &key);
	return first && first->lock == word->lock &&
	       first->role != GW_ROLE_INNER;
}

/* A word inside a condition variable that is known by its pair: waits on it are
 * for the variable's own housekeeping. */
static __always_inline bool inner_learn(struct gw_thread *t,
					const struct futex_wait *call,
					struct gw_word *word)
{
	if ((call->op & FUTEX_COMMAND) != FUTEX_WAIT ||
	    (!pair_known(t, (call->addr & ~7ull) + CONDVAR_REFS_BEFORE, word) &&
	     !pair_known(t, call->addr + CONDVAR_LOCK_BEFORE, word)))
		return false;
	word->role = GW_ROLE_INNER;
	word->parked = 0;
	__builtin_memset(word->pad, 0, sizeof(word->pad));
	return word_enter(t, call->addr, word);
}

/* A word's first wait. The lower word of a pair is entered first, so that
 * two threads that come with one word each agree on the lock. Not inlined:
 * it is rare and the verifier need not walk it at each place. */
static __noinline bool word_learn(struct gw_thread *t,
				  const struct futex_wait *call, bool pair,
				  struct gw_word *word)
{
	__u64 id = pair ? call->addr & ~7ull : call->addr;
	struct gw_word_key key = { .addr = id, .image = t->image };
	struct gw_word *found;

	if (!pair && inner_learn(t, call, word))
		return true;
	found = bpf_map_lookup_elem(&words, &key);
	if (found) {
		*word = *found;
		return !pair || pair_enter(t, id, word);
	}
	word->role = GW_ROLE_WAIT;
	word->parked = 0;
	__builtin_memset(word->pad, 0, sizeof(word->pad));
	if (!lock_enter(t, id, kind_of(call), call, word))
		return word_unlisted(t, word);
	return !pair || pair_enter(t, id, word);
}

static __always_inline bool word_cached(const struct gw_thread *t, __u64 addr,
					struct gw_word *word)
{
	const struct gw_word_cache *c =
		&t->word[(addr >> 2) & (GW_WORD_CACHE - 1)];

	if (c->addr != addr || c->epoch != state.epoch)
		return false;
	word->lock = c->lock;
	word->role = (__u8)c->role;
	word->parked = (__u8)c->parked;
	return true;
}

static __always_inline void word_remember(struct gw_thread *t, __u64 addr,
					  const struct gw_word *word,
					  __u32 epoch)
{
	struct gw_word_cache *c = &t->word[(addr >> 2) & (GW_WORD_CACHE - 1)];

	c->addr = addr;
	c->lock = word->lock;
	c->role = word->role;
	c->parked = word->parked;
	c->epoch = epoch;
}

/* Finds a word that has been waited on before. */
static __always_inline bool word_known(struct gw_thread *t, __u64 addr,
				       struct gw_word *word)
{
	struct gw_word_key key = { .addr = addr, .image = t->image };
	struct gw_word *found;
	__u32 epoch;

	if (word_cached(t, addr, word))
		return true;
	/* Before the look-up: what is found can be out of date after it. */
	epoch = *(volatile __u32 *)&state.epoch;
	found = bpf_map_lookup_elem(&words, &key);
	if (!found)
		return false;
	*word = *found;
	word_remember(t, addr, word, epoch);
	return true;
}

/* Enough to know how long a lock's waiters sleep at most. */
#define TIMEOUTS_READ 256

/* The majority vote of Boyer and Moore, for values within an eighth. */
static __always_inline void timeout_vote(struct gw_lock *lock, __u64 ns)
{
	__u64 near = lock->timeout_ns / 8;

	if (!lock->timeout_hits) {
		lock->timeout_ns = ns;
		lock->timeout_hits = 1;
	} else if (ns + near >= lock->timeout_ns &&
		   ns <= lock->timeout_ns + near) {
		lock->timeout_hits++;
	} else {
		lock->timeout_hits--;
	}
}

/* A GIL is told by the time that its waiters sleep at most. */
static __always_inline void timeout_note(const struct gw_word *word,
					 const struct futex_wait *call,
					 __u64 now)
{
	struct gw_lock *lock = bpf_map_lookup_elem(&locks, &word->lock);
	__u64 ts[2];

	if (!lock || word->role != GW_ROLE_WAIT)
		return;
	lock->timed++;
	if (lock->timed > TIMEOUTS_READ ||
	    bpf_probe_read_user(ts, sizeof(ts), (void *)call->timeout))
		return;
	if (call->op & FUTEX_REALTIME) {
		lock->realtime = 1;
		now += realtime_offset_ns;
	}
	ts[0] = ts[0] * 1000000000ull + ts[1];
	if (ts[0] > now)
		timeout_vote(lock, ts[0] - now);
}

#endif /* GILWATCH_WORDS_BPF_H */
