/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_PROBE_H
#define GILWATCH_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "gilwatch.h"
#include "tables.h"

/*
 * The programs in the kernel and their maps. The only place that knows the
 * skeleton. Nothing outlives the process: programs and maps are held by
 * descriptors alone.
 */
struct probe;

/* What is decided before the programs are loaded. */
struct probe_config {
	bool watch_all;     /* every process that contends for a lock */
	bool sched_only;    /* no probe on system calls; needs 5.15 */
	bool cost;          /* the kernel times each program; needs 5.8 */
	bool tell_names;    /* report execs and renames of the unwatched */
	bool verbose;       /* libbpf's own messages on stderr */
	bool record;        /* events too, for probe_events */
	uint64_t buffer;    /* bytes of room for them; 0: the default */
	unsigned int locks; /* sizes of the tables, powers of two; 0: default */
	unsigned int edges; /* twice as many: two threads are two pairs */
	unsigned int migrations;
};

#define PROBE_LOCKS 16384
#define PROBE_MESSAGES (16 << 20) /* bytes of the buffer */
#define PROBE_MIGRATIONS 65536

#define PROBE_BUFFER (16u << 20)

/* Room for any message of probe_new. */
#define PROBE_MSG 256

/* Called for each record; a negative return ends the reading with it. */
typedef int (*probe_live_fn)(void *ctx, const struct gw_live *live, bool ended);
typedef int (*probe_sleeper_fn)(void *ctx, const struct gw_sleeper *sleeper);
typedef int (*probe_message_fn)(void *ctx, const struct gw_message *message);
typedef int (*probe_migration_fn)(void *ctx, const struct gw_migration_key *key,
				  uint64_t count);

/*
 * Load and attach. Needs the privileges that priv_check asks for.
 *
 * out: gets the probe; NULL on an error
 * msg: on an error gets one line: what failed and what to do
 *
 * Returns 0 or a negative errno.
 */
int probe_new(struct probe **out, const struct probe_config *config,
	      char msg[PROBE_MSG]);

/* Detach and give everything back; NULL is fine. */
void probe_free(struct probe *p);

/*
 * Watch the process tgid: from probe_adopt on, or from its next fork.
 * Returns 0 or a negative errno (-E2BIG: too many).
 */
int probe_watch(struct probe *p, pid_t tgid);

/*
 * Take in the threads that exist already, with what each is doing now.
 *
 * fn: called for each that sleeps in a futex wait, before that wait is counted
 *     for its lock: the time to say with probe_add_lock what the word is
 *
 * Returns 0, fn's result, or a negative errno.
 */
int probe_adopt(struct probe *p, probe_sleeper_fn fn, void *ctx);

/*
 * Read the record of each watched thread that is alive, in no order. A thread
 * that is running goes on counting meanwhile.
 *
 * Returns 0, fn's result, or a negative errno.
 */
int probe_read_threads(struct probe *p, probe_live_fn fn, void *ctx);

/*
 * Read what has come by itself: threads that ended, and other messages.
 * Returns 0, a result of the functions, or a negative errno.
 */
int probe_read_messages(struct probe *p, probe_live_fn ended,
			probe_message_fn other, void *ctx);

/* A descriptor that polls readable when messages should be read early. */
int probe_poll_fd(const struct probe *p);

/* Read the migration counts. Returns 0, fn's result, or a negative errno. */
int probe_read_migrations(struct probe *p, probe_migration_fn fn, void *ctx);

/*
 * The tables as the kernel writes them. They stay valid, and their counters
 * move, until probe_free. Of the locks whoever reads them takes the bits of
 * gw_max.groups away (lockread.h).
 */
struct tables *probe_tables(struct probe *p);
const struct gw_state *probe_state(const struct probe *p);

/*
 * Take the next events out of their buffer, in the order in which they were
 * counted.
 *
 * out: gets at most room of them
 *
 * Returns how many; 0: none is ready.
 */
size_t probe_events(struct probe *p, struct gw_event *out, size_t room);

/* The ends of that buffer, and what was lost at them. */
const struct gw_ring *probe_ring(const struct probe *p);

/* A futex word and its role in a lock. */
struct probe_word {
	uint64_t addr;
	enum gw_role role;
};

/*
 * Make a lock of futex words: from now on they are its words, whatever they
 * were counted as before.
 *
 * image, pid: the process image that it belongs to
 * id, kind:   of the lock
 * words:      count words
 * index:      gets its place in the lock table
 *
 * Returns 0 or a negative errno (-ENOSPC: the lock table is full).
 */
int probe_add_lock(struct probe *p, uint32_t image, pid_t pid, uint64_t id,
		   enum gw_kind kind, const struct probe_word *words,
		   size_t count, uint32_t *index);

/* Give such a lock more words. Returns 0 or a negative errno. */
int probe_add_words(struct probe *p, uint32_t image, uint32_t index,
		    const struct probe_word *words, size_t count);

/* Whether this futex word of this image belongs to a lock already. */
bool probe_knows(const struct probe *p, uint32_t image, uint64_t addr);

/* Begin the window with this number: largest values are kept per window. */
void probe_window(struct probe *p, uint32_t window);

/* What a program in the kernel has cost since it was attached. */
struct probe_cost {
	const char *program;
	uint64_t runs;
	uint64_t ns;
	uint64_t skipped; /* runs that the kernel left out */
};
typedef int (*probe_cost_fn)(void *ctx, const struct probe_cost *cost);

/* Read what the programs have cost; without `cost` in the configuration all but
 * what was skipped is 0. Returns 0, fn's result, or a negative errno. */
int probe_read_costs(const struct probe *p, probe_cost_fn fn, void *ctx);

/*
 * How many runs of programs the kernel has left out: one that is preempted
 * within a program, as a real-time kernel may, keeps that program from running
 * on the CPU meanwhile. Whether a watched thread was concerned nobody knows.
 * 0 also when the kernel does not tell.
 */
uint64_t probe_skipped(const struct probe *p);

/*
 * Count nothing from this moment on. What is read afterwards is as of then,
 * however long the reading takes; detaching, which takes the kernel a while,
 * can follow at leisure. Threads that end meanwhile are still told.
 */
void probe_stop(struct probe *p);

/* Kernel memory of the maps when loaded, in bytes; without what grows with the
 * threads. 0 when the kernel does not tell. */
uint64_t probe_memory(const struct probe *p);

#endif
