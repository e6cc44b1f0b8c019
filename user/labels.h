/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_LABELS_H
#define GILWATCH_LABELS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "interp.h"
#include "probe.h"
#include "snapshot.h"

/* The interpreters' locks that the kernel side has been told of. */

/* One of them, which belongs to a process image. */
struct label {
	uint32_t index; /* in the lock table */
	uint32_t image;
	pid_t pid;
	bool ended; /* so has the image: its memory is not read any more */
	uint64_t interval_ns;
	char name[INTERP_NAME + 16];
	char before[INTERP_NAME + 40]; /* its words until it was found */
	struct interp_lock found;
	size_t words;
	struct probe_word *word;
};

/* Zeroed but for the first two: empty. */
struct labels {
	struct probe *probe;
	bool verbose;        /* tell on stderr what is found */
	struct label **list; /* each allocated: their names are given out */
	size_t n, room;
};

/* Give everything back. Names given out end with it. */
void labels_free(struct labels *l);

/* Tell the kernel side each lock that was found in an image, once. */
void labels_take(struct labels *l, const struct interp *found, uint32_t image,
		 pid_t pid);

/* An image is a copy of another by fork: it has its locks, at the same
 * addresses. */
void labels_inherit(struct labels *l, uint32_t image, pid_t pid, uint32_t from);

/* The image is no more, or its process is another one now. */
void labels_end(struct labels *l, uint32_t image);

/* The image's locks have no records any more: forget what they are called. */
void labels_forget(struct labels *l, uint32_t image);

/* Give a snapshot's locks their names and switch intervals, as they are now. */
void labels_write(struct labels *l, struct snapshot *s);

#endif
