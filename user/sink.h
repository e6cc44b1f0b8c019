/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_SINK_H
#define GILWATCH_SINK_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "model.h"

struct timeline;

/* Where figures go. An output is one file with one const struct sink. */

/* What outputs need to know; strings live as long as the output is open. */
struct sink_config {
	FILE *out;               /* text for people */
	size_t width;            /* of its lines; 0: no limit */
	unsigned int rows;       /* of each table at most; 0: what is usual */
	bool quiet;              /* nothing before the summary */
	const char *target;      /* what is watched, in words */
	const char *csv_dir;     /* the folder for CSV files */
	bool csv_all;            /* with all columns */
	const char *html;        /* the file for a page */
	const char *trace;       /* the file for a trace */
	/* What happened when, complete before a summary is asked for; NULL: is
	   not known. */
	const struct timeline *timeline;
	uint64_t interval_ns;    /* between two models */
	const char *output;      /* the file that the command's output goes to;
				    NULL: it is not redirected */
	uid_t uid;               /* the files' owner, or FILE_KEEP_UID */
	gid_t gid;
};

/* Room for any message of a sink. */
#define SINK_MSG 512

/* What a user asks for; zeroed: nothing. */
struct sink_wish {
	bool quit;
	bool clear;           /* totals are to begin anew */
	bool totals;          /* totals are to come with each interval */
	bool csv;             /* write CSV now, and say where */
	uint64_t interval_ns; /* the new interval; 0: as it is */
};

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

	/*
	 * An output that a user sits at has these too; it is closed before any
	 * summary, when the watching ends. NULL elsewhere.
	 */
	/* A descriptor that polls readable when there is input. */
	int (*fd)(void *state);
	/* Take the input and say what the user wishes. Does not block. An
	 * error ends the watching. */
	int (*input)(void *state, struct sink_wish *wish, char msg[SINK_MSG]);
	/* Everything since the start, or since the totals began anew; right
	 * after it was wished for, then after each interval. */
	int (*total)(void *state, const struct model *m, char msg[SINK_MSG]);
	/* One line that would otherwise go to standard error. */
	void (*say)(void *state, const char *line);
};

extern const struct sink sink_plain; /* blocks of text */
extern const struct sink sink_csv;   /* five files */
extern const struct sink sink_html;  /* one page, at the end */
extern const struct sink sink_trace; /* a Perfetto trace, of a timeline */
extern const struct sink sink_tui;   /* a live screen, where screen_usable says so */

#endif
