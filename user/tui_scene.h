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
 * paused.
 */

/* A verdict and the process it is about. */
struct scene_verdict {
	size_t process; /* in the model's processes */
	struct verdict verdict;
};

/* One buffer, used again for the next model. */
struct scene_store {
	void *data;
	size_t room; /* bytes */
};

struct scene {
	struct model m; /* the rows and all that they point to are its own */
	bool filled;    /* a model was copied */
	struct scene_verdict verdicts[VERDICTS_MAX];
	size_t nverdicts;
	struct scene_store stores[7];
};

/*
 * Take a copy of a model. Returns 0 or -ENOMEM; then the scene is empty.
 */
int scene_copy(struct scene *s, const struct model *m);

/* Give everything back and zero it. */
void scene_free(struct scene *s);

/* The row with this id, or NULL. */
const struct model_lock *scene_lock(const struct scene *s, uint32_t image,
				    uint64_t id);
const struct model_thread *scene_thread(const struct scene *s, uint64_t serial);

/* The last thread with this tid in the process image, or NULL. */
const struct model_thread *scene_tid(const struct scene *s, uint32_t image,
				     pid_t tid);

#endif
