/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_PAST_H
#define GILWATCH_PAST_H

#include "snapshot.h"

/*
 * What the kernel forgets: threads that have ended, the names of processes, and
 * the sums of those that have no record of their own any more. All zeroes:
 * empty.
 */
struct past {
	struct snapshot_thread *ended;
	struct snapshot_thread *rests; /* sums of threads, by serial */
	struct snapshot_image *images; /* by image */
	size_t nended, ended_room;
	size_t nrests, rests_room;
	size_t nimages, images_room;
};

/* Give everything back. */
void past_free(struct past *p);

/* A thread has ended; window: the number of the present one. Returns 0 or
 * -ENOMEM. */
int past_ended(struct past *p, const struct gw_live *live, uint32_t window);

/* A thread is alive in this window: so is its image. Returns 0 or -ENOMEM. */
int past_alive(struct past *p, const struct gw_live *live, uint32_t window);

/*
 * A lock is there of a process of which nothing else is known: it ended, and
 * what was told of its end is lost. It gets a row, without a name.
 *
 * Returns 0 or -ENOMEM.
 */
int past_nameless(struct past *p, uint32_t image, uint32_t tgid,
		  uint32_t window);

/* The image was known before the last reading, and none of its threads was
 * alive in it. window: the number of the present one. */
bool past_is_over(const struct snapshot_image *i, uint32_t window);

/* Names that sums are told apart by: threads of one process; processes. Where
 * there are more, those that come later go into one sum. */
#define PAST_THREAD_NAMES 16
#define PAST_PROCESS_NAMES 64

/*
 * The sum of ended threads of this image and name; made when missing.
 *
 * serials: the last number given to a thread, which is counted up
 *
 * Returns its place in rests, or -ENOMEM.
 */
long past_rest(struct past *p, const struct snapshot_image *image,
	       const char comm[GW_COMM_LEN], uint32_t *serials);

/* The sum of ended processes of this name; made when missing. numbers: the last
 * one given to an image. Returns its image number, or 0 without memory. */
uint32_t past_sum(struct past *p, const char comm[GW_COMM_LEN],
		  uint32_t *numbers);

/* The image with this number, or NULL. */
struct snapshot_image *past_image(const struct past *p, uint32_t image);

#endif
