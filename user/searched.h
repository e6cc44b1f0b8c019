/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_SEARCHED_H
#define GILWATCH_SEARCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "note.h"

/* The processes that are searched for an interpreter, and when each is next. */

/* From one search to the next: at first while the interpreter starts, then
 * doubled. */
#define SEARCHED_FIRST_NS 20000000ull
#define SEARCHED_LONGEST_NS 30000000000ull

struct searched_image {
	uint32_t image;
	pid_t pid;
	uint32_t from; /* forked from this image, and not searched yet */
	bool done;     /* has ended, or its process is another image now */
	bool gil_disabled, pending, found;
	bool first;        /* this is its first search */
	bool ran;          /* was there before gilwatch came */
	uint64_t begin_ns; /* watched since */
	uint64_t late_ns;  /* its lock was found so long after; 0: at once */
	const char *note[NOTE_STATES]; /* by enum note_search */
	bool noted[NOTE_STATES];
	uint32_t locks, locks_seen; /* at the last search, and now */
	bool mixed;                 /* its lock has words of each thread */
	uint64_t tasks;             /* threads at the last search */
	uint64_t full_ns;           /* mixed: the next search in any case */
	uint64_t next_ns;           /* the next search */
	uint64_t wait_ns; /* and how long after it the one after that */
};

/* All zeroes: empty. */
struct searched {
	struct searched_image *list; /* in order of image */
	size_t n, room;
};

/* The image with this number, or NULL; good until one is added or removed. */
struct searched_image *searched_find(const struct searched *s, uint32_t image);

/* A new one, not searched yet; or NULL without memory. */
struct searched_image *searched_add(struct searched *s, uint32_t image,
				    pid_t pid);

/* Forget it. */
void searched_remove(struct searched *s, uint32_t image);

/* Give everything back and zero it. */
void searched_free(struct searched *s);

/*
 * How long a process that was searched is left alone at least, so that the
 * searches of all of them together take no more than their share of a core.
 *
 * took_ns: what its search took
 *
 * Returns ns; 0 where there are few processes.
 */
uint64_t searched_pause(const struct searched *s,
			const struct searched_image *image, uint64_t took_ns);

#endif
