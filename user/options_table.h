/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_OPTIONS_TABLE_H
#define GILWATCH_OPTIONS_TABLE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "options.h"

/*
 * Between options.c, which has the table of options and what each does, and
 * options_say.c, which has what is said about them: help and errors.
 */

/* Parsing ended without an error: help or version. */
#define DONE ECANCELED

/* Keys from here on have no short option. */
#define KEY_LONG 256

struct option_parse {
	struct options *o;
	int argc;
	char **argv;
	FILE *out, *err;
	int next;  /* the first argument that is not understood yet */
	bool said; /* what is wrong has been told */
};

/* How the help groups them. */
enum option_group { WHAT, WHEN, OUTPUT, OTHER, GROUPS };

struct option_row {
	int key;          /* short option, or above KEY_LONG */
	const char *name; /* long option */
	const char *arg;  /* what its value is called; NULL: takes none */
	enum option_group group;
	const char *help; /* a newline starts another line */
	/* One of both: a bool in struct options to set, or what to do. */
	size_t flag;
	int (*set)(struct option_parse *p, const struct option_row *row,
		   char *arg);
};

/* All options in the order of the help; ends with a row without a name. */
extern const struct option_row option_rows[];

/* The row of a key, or NULL. */
const struct option_row *option_find(int key);

/* Say what is wrong in one line "gilwatch: ..."; returns EINVAL for argp. */
int option_wrong(struct option_parse *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What the user wrote, on one line and not too long. */
struct option_shown {
	char text[64];
};

/* Make the first n bytes of arg, or all where it is shorter, fit to print. */
struct option_shown option_show(const char *arg, size_t n);

/* The option as it is written: -p, --csv. */
struct option_shown option_spelled(const struct option_row *row);

/*
 * Say why getopt did not take argv[next]: an option that does not exist or is
 * ambiguous, or a value that is missing or not wanted. Returns EINVAL.
 */
int option_refused(struct option_parse *p);

/* Handlers of --help and --version: DONE, or EIO where `out` took it not. */
int option_help(struct option_parse *p, const struct option_row *row,
		char *arg);
int option_version(struct option_parse *p, const struct option_row *row,
		   char *arg);

#endif
