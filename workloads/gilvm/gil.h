/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The global interpreter lock of gilvm: one front (gil.c) and one file for
 * each policy behind struct gil_ops. Nothing here knows of objects or of
 * bytecode, so the tests drive it alone.
 *
 * The lock lives in one exported object, `gilvm_gil`, which stands in the
 * program's dynamic symbol table. Its first 128 bytes have a fixed layout, so
 * that another program can find the futex words and read the lock's own
 * counters from memory without disturbing it.
 */
#ifndef GILVM_GIL_H
#define GILVM_GIL_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GILVM_GIL_MAGIC "gilvmGIL"
#define GILVM_GIL_VERSION 1

/* Which historical lock. The values are part of the layout. */
enum gil_policy {
	GIL_TICKS = 1,    /* CPython 2: release and take again every N ticks */
	GIL_INTERVAL = 2, /* CPython 3.2+: the waiter times out and asks */
	GIL_FAIR = 3,     /* tickets, strictly first come first served */
	GIL_NONE = 4,     /* no lock at all */
};

/* What the lock is made of. The values are part of the layout. */
enum gil_lock {
	GIL_LOCK_SEM = 1,   /* one sem_t */
	GIL_LOCK_COND = 2,  /* mutex and condition variable */
	GIL_LOCK_FUTEX = 3, /* one futex word, waited on by bit set */
	GIL_LOCK_NONE = 4,
};

/* Why the evaluation loop should look up from its work (gilvm_gil.breaker). */
#define GIL_BREAK_DROP 1u   /* a waiter asks the holder to release */
#define GIL_BREAK_SIGNAL 2u /* a signal waits for the main thread */

/* CPython 3's lock, same parts in the same roles. */
struct gil_interval_lock {
	pthread_cond_t cond;          /* waited on by those who want the lock */
	pthread_mutex_t mutex;        /* guards the fields of the lock */
	pthread_cond_t switch_cond;   /* waited on by a releaser, until */
	pthread_mutex_t switch_mutex; /* another thread has the lock */
};

/* A condition variable of one futex word, see gil_ticks.c. */
struct gil_seq_cond {
	uint32_t seq;     /* the futex word: counts the signals */
	uint32_t waiters; /* threads that wait, or are about to */
};

/* CPython 2's lock where it has no semaphores. */
struct gil_cond_lock {
	struct gil_seq_cond released;
	pthread_mutex_t mutex;
};

/* The ticket lock: `serving` is the futex word. */
struct gil_fair_lock {
	uint32_t serving; /* the ticket that has the lock, or gets it next */
	uint32_t next;    /* the ticket that the next thread draws */
};

/*
 * The lock. All multi-byte fields are in host order, addresses are those of
 * the process itself, an address of 0 means that the policy has no such word.
 */
struct gilvm_gil {
	char magic[8];              /*   0 "gilvmGIL", no final NUL */
	uint32_t version;           /*   8 GILVM_GIL_VERSION */
	uint32_t size;              /*  12 sizeof(struct gilvm_gil) */
	uint32_t policy;            /*  16 enum gil_policy */
	uint32_t lock;              /*  20 enum gil_lock */
	uint64_t interval_ns;       /*  24 switch interval, 0 if it has none */
	uint32_t locked;            /*  32 1 while a thread holds the lock */
	uint32_t last_holder;       /*  36 kernel tid that took it last, or 0 */
	uint64_t switch_number;     /*  40 times that the holder changed */
	uint64_t wait_word[2];      /*  48 futex words that wait for the lock */
	uint64_t inner_word;        /*  64 mutex around the lock's fields */
	uint64_t switch_word[2];    /* 72 forced-switch wait of the releaser */
	uint64_t switch_inner_word; /* 88 mutex of the forced switch */
	uint32_t breaker;           /*  96 GIL_BREAK_*, polled by the holder */
	uint32_t last_releaser;     /* 100 kernel tid that released it last */
	uint32_t check_interval;    /* 104 ticks between releases (GIL_TICKS) */
	uint32_t pad[5];
	union {
		sem_t sem;
		struct gil_cond_lock cond;
		struct gil_interval_lock interval;
		struct gil_fair_lock fair;
	} u __attribute__((aligned(64))); /* 128 */
};
_Static_assert(offsetof(struct gilvm_gil, locked) == 32, "layout");
_Static_assert(offsetof(struct gilvm_gil, switch_number) == 40, "layout");
_Static_assert(offsetof(struct gilvm_gil, wait_word) == 48, "layout");
_Static_assert(offsetof(struct gilvm_gil, switch_word) == 72, "layout");
_Static_assert(offsetof(struct gilvm_gil, breaker) == 96, "layout");
_Static_assert(offsetof(struct gilvm_gil, u) == 128, "layout");

extern struct gilvm_gil gilvm_gil;

struct gil_stats;

/* What the lock knows of one thread. Zero it, then call gil_thread_init(). */
struct gil_thread {
	uint32_t tid;            /* kernel thread id */
	struct gil_stats *stats; /* NULL: count nothing */
	uint64_t acquired_ns;    /* CLOCK_MONOTONIC, only kept with stats */
	uint64_t wait_start_ns;  /* the same, of the current wait */
};

/* What one acquisition went through; filled by gil_ops.take. */
struct gil_wait {
	uint32_t waits;    /* times that it slept, or tried to, on a futex */
	uint32_t steals;   /* woken by a release, but another was quicker */
	uint32_t timeouts; /* its own timer ended the sleep */
	uint32_t races;    /* EAGAIN: the word had changed already */
};

/* One policy. take and drop never fail; init returns 0 or a negative errno. */
struct gil_ops {
	const char *name;
	int (*init)(struct gilvm_gil *g);
	void (*take)(struct gilvm_gil *g, struct gil_thread *t,
		     struct gil_wait *w);
	void (*drop)(struct gilvm_gil *g, struct gil_thread *t);
};

extern const struct gil_ops gil_ops_ticks_sem;
extern const struct gil_ops gil_ops_ticks_cond;
extern const struct gil_ops gil_ops_interval;
extern const struct gil_ops gil_ops_fair;
extern const struct gil_ops gil_ops_none;

/*
 * Make the lock, free. policy and lock select the operations; lock counts for
 * GIL_TICKS only (GIL_LOCK_SEM or GIL_LOCK_COND). interval_ns (1 us to 60 s)
 * counts for GIL_INTERVAL and GIL_FAIR, check_interval (1 and up) for
 * GIL_TICKS. Returns 0, -EINVAL for a combination that does not exist, or the
 * negative errno of making a part.
 */
int gil_init(enum gil_policy policy, enum gil_lock lock, uint64_t interval_ns,
	     uint32_t check_interval);

/*
 * Make the lock anew in a forked child, where the threads that used it are
 * gone: free, with the same settings and no counts. Result as gil_init().
 */
int gil_after_fork(void);

/* Set up t for the calling thread; stats may be NULL. */
void gil_thread_init(struct gil_thread *t, struct gil_stats *stats);

/* Take the lock; returns when the calling thread holds it. */
void gil_take(struct gil_thread *t);

/* Release the lock, which the calling thread must hold. */
void gil_drop(struct gil_thread *t);

/* Release the lock around something that may block, and count it as I/O. */
void gil_io_begin(struct gil_thread *t);

/* Take the lock again after gil_io_begin(). Keeps errno. */
void gil_io_end(struct gil_thread *t);

/* Change the switch interval, ns, 1 us to 60 s; the holder calls it. */
void gil_set_interval(uint64_t interval_ns);

/* A policy is about to sleep: notes the start of the wait and counts it. */
void gil_note_wait(struct gil_thread *t, struct gil_wait *w);

/* Set or clear bits of the breaker. Async-signal-safe. */
static inline void gil_break(struct gilvm_gil *g, uint32_t bits)
{
	__atomic_fetch_or(&g->breaker, bits, __ATOMIC_RELAXED);
}

static inline void gil_unbreak(struct gilvm_gil *g, uint32_t bits)
{
	__atomic_fetch_and(&g->breaker, ~bits, __ATOMIC_RELAXED);
}

/* The bits that are set now. One relaxed load: for the evaluation loop. */
static inline uint32_t gil_breaker(const struct gilvm_gil *g)
{
	return __atomic_load_n(&g->breaker, __ATOMIC_RELAXED);
}

/* The lock is ours: keep the fields that observers read. Holder only. */
void gil_mark_taken(struct gilvm_gil *g, const struct gil_thread *t);

/* The lock is about to be released: the same. Holder only. */
void gil_mark_dropped(struct gilvm_gil *g, const struct gil_thread *t);

#endif
