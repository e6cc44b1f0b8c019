/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The records that the kernel side and the user side share: enums and structs
 * only. What the words mean is defined in README.md, "Words".
 *
 * All times are CLOCK_MONOTONIC in ns. Counters only grow.
 */
#ifndef GILWATCH_H
#define GILWATCH_H

#ifdef __bpf__
#include "vmlinux.h"
#else
#include <linux/types.h>
#endif
#include "hist.h"

#define GW_COMM_LEN 16

/* Where the wall time of a thread goes. The four add up to it. */
enum gw_run {
	GW_RUNNING,
	GW_RUNNABLE,
	GW_LOCK_WAIT,
	GW_SLEEPING,
	GW_RUN_STATES,
};

/* What a futex word is to the lock that it belongs to. */
enum gw_role {
	GW_ROLE_WAIT,     /* threads wait for the lock on it */
	GW_ROLE_INNER,    /* a mutex that guards the lock's own fields */
	GW_ROLE_SWITCH,   /* the releaser waits on it for its successor */
	GW_ROLE_UNLISTED, /* of one of the locks that share an entry */
	GW_ROLES,
};

/* Whether threads wait for a lock on a word of this role. */
#define GW_ROLE_WAITS(role)                                                    \
	((role) == GW_ROLE_WAIT || (role) == GW_ROLE_UNLISTED)

/* What the lock is, as far as its futex calls tell. */
enum gw_kind {
	GW_KIND_FUTEX,
	GW_KIND_MUTEX,
	GW_KIND_COND,
	GW_KIND_SEM,
	GW_KIND_PI,
	GW_KIND_JOIN,
	GW_KIND_GIL,
	GW_KIND_REST,     /* the sum of locks that are no more, or idle */
	GW_KIND_UNLISTED, /* all that came when the lock table was full */
	GW_KINDS,
};

/* Whether it is several locks in one row. */
#define GW_KIND_SEVERAL(kind)                                                  \
	((kind) == GW_KIND_REST || (kind) == GW_KIND_UNLISTED)

/* How a thread leaves its CPU. */
enum track_leave {
	TRACK_PREEMPTED, /* still runnable */
	TRACK_ASLEEP,
	TRACK_STOPPED, /* asleep by SIGSTOP or a tracer: not its own doing */
};

/* How a return from FUTEX_WAIT came about; the first four can fail. */
enum gw_result {
	GW_STOLEN, /* woken by a release; a failure means that it was stolen */
	GW_TIMEOUT,
	GW_RACE, /* EAGAIN: the word had changed already */
	GW_SIGNAL,
	GW_RESULTS,
};

/* The state of one episode, see track.h. */
enum gw_phase {
	GW_IDLE,
	GW_WAITING,
	GW_TENTATIVE,
	GW_DUE, /* decided, but its lock was busy: to be ended soon */
};

/* The futex call that a thread is in. */
enum gw_call {
	GW_CALL_NONE,
	GW_CALL_WAIT,
	GW_CALL_WAKE,
};

/* Why something could not be counted. */
enum gw_lost {
	GW_LOST_LOCKS,      /* lock table full */
	GW_LOST_EDGES,      /* handoff table full */
	GW_LOST_MIGRATIONS, /* migration table full */
	GW_LOST_THREADS,    /* the kernel refused storage for a thread */
	GW_LOST_ENDED,      /* buffer for ended threads full */
	GW_LOST_UNMATCHED,  /* a futex call returned that was not seen to begin
			     */
	GW_LOST_EVENTS,     /* replay: missing in the record */
	GW_LOST_SKIPPED,    /* the kernel left a program's run out, as another
			     * run of it had not ended on that CPU */
	GW_LOST_CAUSES,
};

/* Distributions of a lock; those of a thread are named apart. */
enum gw_metric {
	GW_WAIT,
	GW_WAKEUP,
	GW_HOLD,
	GW_RESPONSE,
	GW_METRICS,
};

#define GW_NO_LOCK 0xffffffffu
#define GW_THREAD_REST 0xffffffffu /* in place of a serial: any thread */
#define GW_EPISODES 2
#define GW_WORD_CACHE 4
#define GW_EDGE_CACHE 4

/* Largest value since the start, and in the window that @window names; of
 * values that a histogram counts also which part of it has any. */
struct gw_max {
	__u64 all;
	__u64 recent;
	__u32 window;
	__u32 groups; /* bit hist_group(i): bucket i may have counts; of a
			 lock: that user space has not seen */
};

/* Who last had a lock, when and where; inside a lock and inside an episode. */
struct gw_release {
	__u64 ns;     /* of the release, or of the acquisition; 0: nobody yet */
	__u32 thread; /* its serial */
	__u32 cpu;
	__u32 seen; /* 1: its release was seen; 0: only that it got the lock */
	__u32 pad;
};

/* One thread's wait for one lock, from the first sleep to having the lock. */
struct gw_episode {
	__u32 lock;        /* index into the lock table */
	__u8 phase;        /* enum gw_phase */
	__u8 result : 4;   /* enum gw_result of the last return */
	__u8 slept : 4;    /* 1: for another lock, since that return */
	__u16 cpu;         /* of the last return */
	__u64 start_ns;    /* first FUTEX_WAIT */
	__u64 return_ns;   /* last return */
	__u64 cpu_ns;      /* the thread's CPU time at that return */
	__u64 response_ns; /* wakeup that ended the sleep before; 0: none */
	struct gw_release from; /* who woke it; ns 0: that was not seen */
};

/* A futex word as a thread remembers it, so that a hot lock needs no lookup. */
struct gw_word_cache {
	__u64 addr;
	__u32 lock;
	__u32 epoch; /* gw_state.epoch then; 0: empty */
	__u32 role;
	__u32 parked;
};

/* A handoff pair as the receiving thread remembers it. */
struct gw_edge_cache {
	__u32 lock;
	__u32 from;
	__u32 index; /* into the edge table, plus 1; 0: empty */
};

/* One watched thread: its state now and its counters since it was first seen.
 * The task storage in the kernel; a copy of it goes to user space. */
struct gw_thread {
	__u64 start_ns; /* start of the task: tells a tid used again */
	__u64 seen_ns;  /* counters begin here */
	__u32 tgid;
	__u32 tid;
	__u32 image;  /* process image, new at each fork and exec */
	__u32 ready;  /* the fields above and below are valid */
	__u32 serial; /* number of the thread, never used again; not 0 */
	__u32 busy;   /* recording: a CPU is changing this record */
	__u32 folded; /* the sum of so many ended threads; 0: one thread */
	__u32 timed;  /* this wait has a timeout; where no result is seen */

	/* now */
	__u32 run;         /* enum gw_run */
	__u32 cpu;         /* last CPU */
	__u64 since_ns;    /* in this run state since */
	__u64 wake_ns;     /* woken then and not yet on a CPU; 0: no */
	__u64 response_ns; /* wakeup that ended a sleep outside futex calls */
	__u64 response_cpu_ns; /* the thread's CPU time when it ran after it */
	__u64 response_run_ns; /* first on a CPU after it; 0: not yet */
	__u8 call;             /* enum gw_call */
	__u8 role;             /* enum gw_role of the word of that call */
	__u8 definite;         /* a 0 from this wait is possession (PI futex) */
	__u8 matched;  /* a futex call was seen to begin: its return is known */
	__u8 passive;  /* asleep, but not by its own doing: new, or stopped */
	__u8 restart;  /* interrupted: restart_syscall may resume this wait */
	__u32 lock;    /* of that call, or GW_NO_LOCK */
	__u64 call_ns; /* its beginning */
	__u64 call_wait_ns;      /* time_ns[GW_LOCK_WAIT] then */
	__u64 call_runnable_ns;  /* time_ns[GW_RUNNABLE] then */
	__u64 wake_latency_ns;   /* of the release that ended this wait */
	struct gw_release waker; /* ns 0: not (yet) woken by a release */
	struct gw_episode episode[GW_EPISODES];
	struct gw_word_cache word[GW_WORD_CACHE];
	struct gw_edge_cache edge[GW_EDGE_CACHE];

	/* since seen_ns */
	__u64 time_ns[GW_RUN_STATES];
	__u64 gil_wait_ns;  /* the part of GW_LOCK_WAIT that is a GIL's */
	__u64 gil_delay_ns; /* waits for a GIL, from the call until it had it */
	__u64 voluntary;    /* times it left its CPU to sleep */
	__u64 sleeps;       /* of these, outside any futex wait */
	__u64 waits;        /* episodes begun, with any lock */
	__u64 preempted;
	__u64 wakeups;
	__u64 migrations;
	__u64 failed[GW_RESULTS];
	struct gw_max wakeup_max;
	struct gw_max response_max;
	struct hist wakeup;
	struct hist response;
	struct hist_upper response_upper;
};

#define GW_CACHE_LINE 64

/* One lock of one process image. Many are read in a row, and memory is what
 * takes the time then: they begin with a cache line, and so do the histograms.
 * What every wait, wake and handoff changes lies in four lines together.
 */
struct gw_lock {
	__u64 id; /* address of the futex word or of the structure */
	__u32 image;
	__u32 tgid;
	__u32 shared;    /* 1: not a PRIVATE futex */
	__u32 folded;    /* GW_KIND_REST: the sum of so many locks */
	__u64 first_val; /* the expected value in the first wait */

	/* How threads wait for it, from its first waits with a timeout. */
	__u64 timed;        /* waits with a timeout */
	__u64 timeout_ns;   /* most frequent (absolute timeout - now) */
	__u32 timeout_hits; /* waits near timeout_ns, less those that are not */
	__u8 bitset;        /* 1: WAIT_BITSET */
	__u8 realtime;      /* 1: CLOCK_REALTIME in a timed wait */
	__u8 joined;        /* 1: first_val was the id of a thread that ended */
	__u8 hole;
	__u32 mark; /* gw_state.mark when a thread last referred to it */
	__u32 pad;

	/* now */
	__u32 kind;    /* enum gw_kind */
	__u32 waiting; /* threads in a FUTEX_WAIT on it */
	__u32 waiting_max;
	__u32 holder;        /* serial of the thread that holds it */
	__u64 hold_ns;       /* since; 0: not known to be held */
	__u64 busy_since_ns; /* somebody waits since, while waiting > 0 */
	struct gw_release released; /* who last had it */

	/* since the start, with each handoff */
	__u64 waits;
	__u64 acquired;
	__u64 handoffs;
	__u64 wakes;
	__u64 wait_ns;
	__u64 blocked_ns;  /* asleep in FUTEX_WAIT */
	__u64 runnable_ns; /* woken, or preempted, in FUTEX_WAIT */
	__u64 busy_ns;     /* at least one thread was in FUTEX_WAIT */
	__u64 held_ns;
	struct gw_max max[GW_METRICS];

	/* since the start, now and then */
	__u64 cross;
	__u64 inferred;
	__u64 wakes_empty;
	__u64 failed[GW_RESULTS];
	__u64 holds_estimated; /* holds whose end is another's commit */
	__u64 inner_ns;
	__u64 switch_ns;
	__u64 lost;
	__u64 to_line;
	struct hist hist[GW_METRICS];
};

/* Handoffs of one lock from one thread to another, both by their serials. */
struct gw_edge {
	__u32 lock;
	__u32 from; /* serials of threads: ids are used again */
	__u32 to;
	__u32 pad;
	__u64 handoffs;
	__u64 inferred;
	__u64 cross;
	__u64 latency_ns;
	__u64 timed; /* handoffs that latency_ns is the sum of */
	struct gw_max latency_max;
};

/* Key of the table of futex words. */
struct gw_word_key {
	__u64 addr;
	__u32 image;
	__u32 pad;
};

/* What a futex word is: a lock's index and the role in it. */
struct gw_word {
	__u32 lock;
	__u8 role;   /* enum gw_role */
	__u8 parked; /* 1: a thread's own word, the lock is named beside it */
	__u8 pad[2];
};

/* In the place of an address: an entry that says that threads of the process
 * park, as those of CPython 3.13 and newer do (park.bpf.h). */
#define GW_WORD_PARKS 1

/* The same: the lock that stands for all of the process that have no entry. */
#define GW_WORD_UNLISTED 2

/* Key of the table that finds an edge. */
struct gw_edge_key {
	__u32 lock;
	__u32 from;
	__u32 to;
};

/* Key of the migration counts: one thread, from one CPU to another. */
struct gw_migration_key {
	__u32 image;
	__u32 thread; /* its serial */
	__u32 from;
	__u32 to;
};

/* A thread's names, sent before its record because they are the task's. */
struct gw_names {
	char comm[GW_COMM_LEN];    /* the thread's */
	char process[GW_COMM_LEN]; /* the thread group leader's */
};

/* A thread that slept in a futex wait when it was taken in: its word. */
struct gw_sleeper {
	__u64 addr;
	__u32 image;
	__u32 tgid;
	__u32 op;
	__u32 val;
};

/* One element of the thread iterator: the record, its names, the moment. */
struct gw_live {
	struct gw_names names;
	__u64 now_ns;
	struct gw_thread thread;
};

enum gw_message_type {
	GW_MSG_ENDED = 1, /* a watched thread has ended: see ended.h */
	GW_MSG_IMAGE = 2, /* a watched process was forked or exec'ed */
	GW_MSG_NAMED = 3, /* an unwatched one was exec'ed or a thread renamed */
	GW_MSG_FULL = 4,  /* a table is three quarters full */
};

/* What comes through the ring buffer begins with this. */
struct gw_message {
	__u32 type; /* enum gw_message_type */
	__u32 tgid;
	__u32 image; /* GW_MSG_IMAGE: the new image */
	__u32 from;  /* and, after a fork, the one it is a copy of; else 0 */
};

/*
 * What is recorded: one struct gw_event for each call of a function of track.h,
 * in the order in which the calls changed the threads and locks. The fields
 * that each type uses besides ns, thread and cpu are named here.
 */
enum gw_event_type {
	GW_EV_BEGIN = 1, /* watched from now on: how (enum gw_run), image, tgid,
			    tid, GW_EV_PASSIVE */
	GW_EV_WAIT,      /* calls FUTEX_WAIT: lock, how (enum gw_role),
			    GW_EV_DEFINITE, GW_EV_ADOPTED */
	GW_EV_WAITED,    /* it returns: result */
	GW_EV_WAKE,      /* calls FUTEX_WAKE: lock, how (enum gw_role) */
	GW_EV_WOKE,      /* it returns: result */
	GW_EV_OUT,       /* leaves its CPU: how (enum track_leave),
			    GW_EV_LATER */
	GW_EV_IN,        /* starts to run on cpu */
	GW_EV_WAKING,    /* is woken, on cpu: other (the watched thread that ran
			    there, or 0), GW_EV_RELEASE and then since_ns */
	GW_EV_MIGRATE,   /* is moved to another CPU: from, to */
	GW_EV_EXEC,      /* execs: image, tgid, tid */
	GW_EV_END,       /* ends */
	GW_EV_LOST,      /* events had no room here: count; thread 0 */
	GW_EV_TYPES,
};

/* In gw_event.flags. */
#define GW_EV_DEFINITE 1 /* a 0 from this wait is possession */
#define GW_EV_ADOPTED 2  /* it slept already when it was taken in */
#define GW_EV_LATER 4    /* leaves with decided episodes not ended */
#define GW_EV_RELEASE 8  /* other's FUTEX_WAKE, since_ns ago, wakes it */
#define GW_EV_PASSIVE 16 /* asleep, but not by its own doing */

struct gw_event {
	__u64 ns;
	__u32 thread; /* serial */
	union {
		__u32 lock; /* index */
		__u32 image;
		__u32 other; /* serial */
		__u32 from;  /* CPU */
		__u32 count;
	};
	union {
		__s32 result;
		__u32 tgid;
		__u32 since_ns;
		__u32 to; /* CPU */
	};
	__u32 tid;
	__u16 cpu;
	__u8 type; /* enum gw_event_type */
	__u8 how;
	__u16 flags;
	__u16 seq; /* of the slot's round in the buffer; 0 in files */
};

/*
 * The buffer of events between kernel and user space: the table of events as
 * memory, and its ends. Events are numbered; number n is in slot n modulo the
 * table's size, and there when the slot's seq says so.
 */
struct gw_ring {
	__u64 head; /* number of the next event */
	__u64 lost; /* events without room since the last that had it */
	__u64 lost_all;
	__u64 unordered; /* events whose place in the order is a guess */
	__u32 turn;      /* a CPU is changing a lock */
	__u32 pad[7];
	__u64 tail; /* read up to here; written by user space */
};

/* Entries of a table are taken by ticket. Ticket n is for the entry that the
 * table of free ones names at n modulo its size, which is a power of two. */
struct gw_tickets {
	__u32 taken; /* the next ticket */
	__u32 given; /* and the first that there is no entry for */
};

/* State of the kernel side as a whole; one global variable. */
struct gw_state {
	struct gw_tickets locks;
	struct gw_tickets edges;
	__u32 mark;       /* for gw_lock.mark, set by user space */
	__u32 images;     /* last process image number given */
	__u32 window;     /* number of the current window, set by user space */
	__u32 epoch;      /* changed when words change their meaning; not 0 */
	__u32 threads;    /* last thread number given */
	__u32 unlisted;   /* 1: there are locks without an entry of their own */
	__u64 stopped_ns; /* nothing is counted after this moment; 0: goes on */
	__u64 lost[GW_LOST_CAUSES];
};

_Static_assert(sizeof(struct gw_max) == 24, "shared with user space");
_Static_assert(sizeof(struct gw_episode) == 64, "shared with user space");
_Static_assert(sizeof(struct gw_word_cache) == 24, "no hole");
_Static_assert(sizeof(struct gw_word_key) == 16, "no hole in a key");
_Static_assert(sizeof(struct gw_edge_key) == 12, "no hole in a key");
_Static_assert(sizeof(struct gw_migration_key) == 16, "no hole in a key");
_Static_assert(sizeof(struct gw_event) == 32, "shared, and in files");
_Static_assert(sizeof(struct gw_ring) == 72, "the ends are a line apart");
_Static_assert(sizeof(struct gw_thread) % 8 == 0, "shared with user space");
_Static_assert(sizeof(struct gw_lock) % GW_CACHE_LINE == 0 &&
		       __builtin_offsetof(struct gw_lock, hist) %
				       GW_CACHE_LINE ==
			       0,
	       "a lock and its histograms begin with a cache line");
_Static_assert(__builtin_offsetof(struct gw_lock, kind) == GW_CACHE_LINE &&
		       __builtin_offsetof(struct gw_lock, max[GW_RESPONSE]) <=
			       5 * GW_CACHE_LINE,
	       "four lines");

#endif /* GILWATCH_H */
