/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_SHOTS_H
#define GILWATCH_TEST_SHOTS_H

#include "model.h"
#include "snapshot.h"

/* Snapshots made by hand: one process image 1 with pid 1000 and more. */

#define SHOT_S 1000000000ull /* ns */
#define SHOT_START_NS (5 * SHOT_S)
#define SHOT_UNIX_NS (1700000000 * SHOT_S)

/* Empty, `second` seconds after the start, window number `second`. */
void shot_begin(struct snapshot *s, uint64_t second);

/* Image n is process 1000 * n, by this name. */
void shot_image(struct snapshot *s, uint32_t image, const char *name);

/* A thread of an image; since the start, in RUNNING, alive. The pointer is good
 * until the next shot_thread. */
struct gw_thread *shot_thread(struct snapshot *s, uint32_t serial,
			      uint32_t image, uint32_t tid, const char *name);

/* The next lock of the table; good until the next shot_lock. */
struct gw_lock *shot_lock(struct snapshot *s, uint32_t image, uint64_t id);

struct gw_edge *shot_edge(struct snapshot *s, uint32_t lock, uint32_t from,
			  uint32_t to, uint64_t handoffs);
void shot_migration(struct snapshot *s, uint32_t image, uint32_t tid,
		    uint32_t from, uint32_t to, uint64_t count);

/* Deep copy of what is not closed yet; the copy is freed by itself. */
void shot_copy(struct snapshot *to, const struct snapshot *from);

/* n samples of a duration. */
void shot_samples(struct hist *hist, struct gw_max *max, uint64_t ns,
		  uint32_t n, uint32_t window);

/* Rows of a model by what they are of, or NULL. */
const struct model_lock *shot_lock_row(const struct model *m, uint64_t id);
const struct model_thread *shot_thread_row(const struct model *m,
					   uint32_t serial);

/* ---- two snapshots one second apart, and the model between them ---------- */

struct shot_pair {
	struct snapshot before, now;
	struct model m;
};

/* One process with locks 0x1000 and 0x2000, each waited for once, and threads
 * 101 and 102 (serials 1 and 2); the same in both. */
void shot_pair_begin(struct shot_pair *p);

struct gw_lock *shot_lock_at(struct snapshot *s, size_t i);
struct gw_thread *shot_thread_at(struct snapshot *s, size_t i);

/* Close both and make the model (cmocka assertion). */
void shot_pair_close(struct shot_pair *p);
void shot_pair_end(struct shot_pair *p);

#endif
