/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TUI_SCENE_H
#define GILWATCH_TUI_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"
#include "verdict.h"

/*
 * A model's content, owned. A model lives as long as its snapshots, which are
 * gone with the next interval; the screen is drawn again at each key and may be
 * paused. Histograms are kept without their empty buckets.
 */

/* A verdict and the process it is about. */
struct scene_verdict {
	size_t process; /* in the model's processes */
	struct verdict verdict;
};

/* Buckets that are not empty. */
struct scene_bucket {
	uint16_t bucket;
	uint32_t count;
};

/* Distributions kept of a thread. */
enum { SCENE_WAKEUP, SCENE_RESPONSE, SCENE_THREAD_METRICS };

/* One buffer, used again for the next model. */
struct scene_store {
	void *data;
	size_t room; /* bytes */
};

struct scene {
	/* The rows and all that they point to are the scene's own, but `now`
	 * and `before`, which are NULL. */
	struct model m;
	bool filled;   /* a model was copied */
	uint32_t *cpu; /* of each thread, the last one it ran on */
	struct scene_verdict verdicts[VERDICTS_MAX];
	size_t nverdicts;
	struct scene_bucket *bucket;
	size_t nbuckets;
	/* Where the buckets of a distribution begin: GW_METRICS a lock, then
	 * SCENE_THREAD_METRICS a thread, then the end. */
	size_t *first;
	struct scene_store stores[9];
};

/*
 * Take a copy of a model. Returns 0 or -ENOMEM; then the scene is empty.
 */
int scene_copy(struct scene *s, const struct model *m);

/* Give everything back and zero it. */
void scene_free(struct scene *s);

/*
 * Add a distribution of a row of s->m.locks or s->m.threads (there GW_WAKEUP or
 * GW_RESPONSE) to out, which has HIST_BUCKETS counts.
 */
void scene_lock_hist(const struct scene *s, size_t lock, enum gw_metric metric,
		     uint64_t *out);
void scene_thread_hist(const struct scene *s, size_t thread,
		       enum gw_metric metric, uint64_t *out);

/* The row with this id, or NULL. */
const struct model_lock *scene_lock(const struct scene *s, uint32_t image,
				    uint64_t id);
const struct model_thread *scene_thread(const struct scene *s, uint64_t serial);

/* The last thread with this tid in the process image, or NULL. */
const struct model_thread *scene_tid(const struct scene *s, uint32_t image,
				     pid_t tid);

#endif
