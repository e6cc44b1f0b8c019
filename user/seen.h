/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_SEEN_H
#define GILWATCH_SEEN_H

#include "behave.h"
#include "snapshot.h"

/* Words of a process that are looked at for their behaviour. */
#define SEEN_MAX 512

/*
 * The futex words of an image as a snapshot has them, for interp_hints.
 *
 * seen: gets at most SEEN_MAX
 * s:    closed (snapshot_close); NULL for none
 *
 * Returns how many.
 */
size_t seen_words(struct behave_word *seen, const struct snapshot *s,
		  uint32_t image);

#endif
