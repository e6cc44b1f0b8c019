/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_COLLECT_H
#define GILWATCH_COLLECT_H

#include "probe.h"
#include "snapshot.h"

/*
 * Reads the probe's maps into snapshots and remembers what the kernel forgets:
 * threads that have ended and the names of processes, in bounded memory (see
 * retire.h).
 */
struct collect;

/* Returns a collector for this probe, which must outlive it, or NULL. */
struct collect *collect_new(struct probe *probe);

/* Give everything back; NULL is fine. */
void collect_free(struct collect *c);

/* When counting began, by both clocks, in ns. */
void collect_start(const struct collect *c, uint64_t *ns, uint64_t *unix_ns);

/*
 * Take in what came by itself since the last time (threads that ended), and
 * make room where the kernel side asks for it.
 *
 * other: called for each message of another kind, or NULL
 * ctx:   for other
 *
 * Returns 0 or a negative errno.
 */
int collect_messages(struct collect *c,
		     void (*other)(void *ctx, const struct gw_message *m),
		     void *ctx);

/* In so many ms collect_messages should be called again, as it put off making
 * room; 0: now, -1: when something comes. */
int collect_wait_ms(const struct collect *c);

/*
 * Keep a snapshot, that is compared with later ones, in agreement with the
 * tables: what becomes part of a sum here does so in it too. It may change in
 * collect_messages and collect_snapshot; empty, it is passed over.
 *
 * s: where it is kept, for as long as the collector
 *
 * Returns 0 or -ENOSPC.
 */
int collect_keep(struct collect *c, struct snapshot *s);

/* A record's events name entries of the tables: none is given back from now on,
 * and what finds no room is counted together (GW_KIND_UNLISTED). */
void collect_retire_nothing(struct collect *c);

/* gone: called for each process image of which only a sum is left. */
void collect_on_gone(struct collect *c, void (*gone)(void *ctx, uint32_t image),
		     void *ctx);

/*
 * Read all counters. A new window of largest values begins.
 *
 * s: gets the snapshot; free it with snapshot_free or, better, give it back
 *
 * Returns 0 or a negative errno; then s is empty.
 */
int collect_snapshot(struct collect *c, struct snapshot *s);

/*
 * A snapshot is no longer needed: its memory serves for a later one, so that
 * little has to be copied. Zeroes s. Without a collector it is freed.
 */
void collect_give_back(struct collect *c, struct snapshot *s);

#endif
