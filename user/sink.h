/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_SINK_H
#define GILWATCH_SINK_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "model.h"

/* Where figures go. An output is one file with one const struct sink. */

/* What outputs need to know; strings live as long as the output is open. */
struct sink_config {
	FILE *out;           /* text for people */
	size_t width;        /* of its lines; 0: no limit */
	unsigned int rows;   /* of each table at most; 0: what is usual */
	bool quiet;          /* nothing before the summary */
	const char *target;  /* what is watched, in words */
	const char *csv_dir; /* the folder for CSV files */
	uid_t uid;           /* the files' owner, or FILE_KEEP_UID */
	gid_t gid;
};

/* Room for any message of a sink. */
#define SINK_MSG 512

/*
 * All functions return 0 or a negative errno with one line in msg (what
 * happened, to what). After an error of interval the sink may be called again.
 */
struct sink {
	const char *name;
	/* Start; *state is the output's own until close. */
	int (*open)(void **state, const struct sink_config *config,
		    char msg[SINK_MSG]);
	/* One interval has passed. */
	int (*interval)(void *state, const struct model *m, char msg[SINK_MSG]);
	/* The end: everything since the start. */
	int (*summary)(void *state, const struct model *m, char msg[SINK_MSG]);
	/* Give everything back; NULL is fine. */
	void (*close)(void *state);
};

extern const struct sink sink_plain; /* blocks of text */
extern const struct sink sink_csv;   /* five files */

#endif
