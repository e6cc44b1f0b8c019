/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_RECOGNISE_H
#define GILWATCH_RECOGNISE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "probe.h"
#include "snapshot.h"

/*
 * Keeps track of the process images that are watched, looks for the
 * interpreter's lock in each (interp.h), and tells the kernel side its words.
 * An interpreter makes its lock some time after its exec, so the search is
 * repeated: soon at first, then ever later.
 */
struct recognise;

/* What the user says about the search. Zeroed: nothing. */
struct recognise_config {
	bool no_symbols; /* by behaviour only; for tests */
	uint64_t lock;   /* this futex word or structure is the GIL; 0: none */
	bool verbose;    /* tell on stderr what is found */
};

/* Returns NULL without memory. The probe must outlive it. */
struct recognise *recognise_new(struct probe *probe,
				const struct recognise_config *config);

/* Forget an image that has no records any more, and the names of its locks. */
void recognise_forget(struct recognise *r, uint32_t image);

/* Give everything back; NULL is fine. Names given out end with it. */
void recognise_free(struct recognise *r);

/*
 * A process image is watched: search it at once, and, where there is nothing
 * yet, again later. Does nothing for one that is known.
 */
void recognise_image(struct recognise *r, uint32_t image, pid_t pid);

/*
 * An image was made by a fork (from: of which) or an exec (from: 0). A fork
 * keeps all addresses.
 */
void recognise_message(struct recognise *r, const struct gw_message *m);

/*
 * Search again where it is time to.
 *
 * s: the last snapshot, for what the futex calls look like; may be NULL
 */
void recognise_run(struct recognise *r, const struct snapshot *s);

/* ms until recognise_run has something to do; -1: nothing. */
int recognise_wait_ms(const struct recognise *r);

/*
 * Give a snapshot's locks their names and switch intervals, its images their
 * notes ("GIL disabled").
 */
void recognise_label(struct recognise *r, struct snapshot *s);

#endif
