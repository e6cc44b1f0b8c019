/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_NOTE_H
#define GILWATCH_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

/* What is said of a process beside its name: on its interpreter, and its number
 * in a container. */

enum note_search {
	NOTE_DONE,    /* searched, with nothing more to come */
	NOTE_PENDING, /* its words still count as ordinary locks */
	NOTE_LATE,    /* they did so until the lock was found */
	NOTE_STATES,
};

struct note {
	bool gil_disabled;
	enum note_search search;
	uint64_t late_ns;   /* NOTE_LATE: found after so long */
	uint32_t inner_pid; /* in its own pid namespace; 0: the same as here */
};

/* The note as text from malloc; NULL where there is nothing to say, or without
 * memory. */
char *note_text(const struct note *n);

#endif
