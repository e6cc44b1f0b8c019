/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_LEDGER_H
#define GILWATCH_TEST_LEDGER_H

#include "retire.h"

/*
 * The kernel side's tables in memory, for retire_run: words, marks and
 * migrations are lists here. Brings its own tables_kernel.c.
 */

#define LEDGER_LOCKS 16u
#define LEDGER_EDGES 16u
#define LEDGER_NOW 100000000000ull /* ns */

/* Everything is empty; nothing is kept. */
void ledger_begin(void);
void ledger_end(void);

/* What is retired, by retire_run at LEDGER_NOW. Asserts that it works. */
struct retire *ledger_retire(void);
struct tables *ledger_tables(void);
struct past *ledger_past(void);
void ledger_run(uint32_t window);

/* Take the next entry as a lock of this image with so many waits, last touched
 * `idle_ns` before LEDGER_NOW; it has one word, at its id. */
struct gw_lock *ledger_lock(uint32_t image, uint64_t id, uint64_t waits,
			    uint64_t idle_ns);

/* Take the next entry as handoffs of a lock between two serials. */
struct gw_edge *ledger_edge(uint32_t lock, uint32_t from, uint32_t to,
			    uint64_t handoffs);

/* A thread has ended that ran for so long; its serial. */
uint32_t ledger_ended(uint32_t image, const char *name, uint64_t running_ns,
		      uint32_t window);

/* A thread of this image is alive in this window. */
void ledger_alive(uint32_t image, const char *name, uint32_t window);

/* Threads refer to the lock at this index: marking finds it. */
void ledger_refer(uint32_t index);

/* The lock that the word at addr of an image belongs to, or GW_NO_LOCK. */
uint32_t ledger_word(uint32_t image, uint64_t addr);

/* Something that counts on while its entry is being retired, as a program in
 * the kernel does: called in the next grace period. */
void ledger_meanwhile(void (*fn)(void));

/* Sums over all entries. */
uint64_t ledger_waits(void);
uint64_t ledger_handoffs(void);
uint64_t ledger_running(void);

#endif
