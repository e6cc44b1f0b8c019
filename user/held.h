/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_HELD_H
#define GILWATCH_HELD_H

#include <stdio.h>

/*
 * Output that can be held back: a file of its own that goes where another
 * descriptor goes. While it is held, what a library writes in many small writes
 * is gathered, and released with one.
 */
struct held;

/*
 * to: descriptor that the output is for; stays the caller's and must stay open
 * held: gets it, to be freed with held_free
 *
 * Returns 0 or a negative errno.
 */
int held_new(struct held **held, int to);

/* NULL is fine. Nothing may be held back. */
void held_free(struct held *h);

/*
 * The file, with a descriptor of its own. While nothing is held back, that
 * descriptor is what `to` is, a terminal if it is one.
 */
FILE *held_file(const struct held *h);

/*
 * From now on gather what is written to the file's descriptor. Where this fails
 * (a negative errno) it is written as it comes.
 */
int held_start(struct held *h);

/*
 * Write all that was gathered to `to`, in one write unless the kernel takes
 * only a part. Nothing where nothing is held back. Returns 0 or a negative
 * errno, then the rest is lost.
 */
int held_release(struct held *h);

#endif
