/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TIMELINE_BUILD_H
#define GILWATCH_TIMELINE_BUILD_H

#include "replay.h"
#include "timeline.h"

/* Listens to a replay and makes a timeline of it. */
struct timeline_builder;

/*
 * from_ns, to_ns: what lies outside is left out. Returns NULL without memory.
 */
struct timeline_builder *timeline_builder_new(uint64_t from_ns, uint64_t to_ns);

/* What the replay has to call. */
struct replay_hooks timeline_builder_hooks(struct timeline_builder *b);

/*
 * The events have all been played.
 *
 * end_ns: the end of the last state of each thread
 * out:    gets the timeline; free it with timeline_free
 *
 * Returns 0 or -ENOMEM, also for memory that was missing before.
 */
int timeline_builder_end(struct timeline_builder *b, const struct replay *r,
			 uint64_t end_ns, struct timeline *out);

/* NULL is fine. */
void timeline_builder_free(struct timeline_builder *b);

#endif
