/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_OPTIONS_TABLE_H
#define GILWATCH_OPTIONS_TABLE_H

#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "options.h"

/*
 * Between options.c, which has the table of options, options_value.c, which
 * has what each does with its value, and options_say.c, which has what is said
 * about them: help and errors.
 */

/* Parsing ended without an error: help or version. */
#define DONE ECANCELED

/* Keys from here on have no short option. */
#define KEY_LONG 256
#define KEY_RECORD 320
#define KEY_REPORT 384

struct option_parse {
	struct options *o;
	const struct option_command *command;
	int argc;
	char **argv;
	FILE *out, *err;
	int next;  /* the first argument that is not understood yet */
	bool said; /* what is wrong has been told */
};

/* How the help groups them. */
enum option_group { WHAT, WHEN, RECORD, OUTPUT, OTHER, GROUPS };

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

/* What a command line can begin with: "gilwatch", "gilwatch record". */
struct option_command {
	enum options_task task;
	const char *word;            /* NULL: none */
	const char *usage, *example; /* before and after the options */
	/* The options in the order of the help within their group; each array
	 * ends with a row without a name. */
	const struct option_row *rows[2];
	/* An argument that is no option, and what only the whole line shows.
	 * Return 0 or an errno for argp. */
	int (*argument)(struct option_parse *p, struct argp_state *state);
	int (*together)(struct option_parse *p, const struct argp_state *state);
};

extern const struct option_command option_watch, option_record, option_report;
extern const struct option_row option_rows_watch[];

/* The row after this one of a command, NULL: the first; NULL after the last. */
const struct option_row *option_next(const struct option_command *c,
				     const struct option_row *row);

/* The row of a key, or NULL. */
const struct option_row *option_find(const struct option_command *c, int key);

/* Options that several commands have; their keys differ. */
#define OPTION_ROW_ROWS                                                        \
	{                                                                      \
		'n', "rows", "ROWS", OUTPUT,                                   \
			"rows in a table, 1 to 1000 (default: what fits)",     \
			.set = option_set_rows                                 \
	}
#define OPTION_ROW_CSV(key)                                                    \
	{                                                                      \
		key, "csv", "DIR", OUTPUT,                                     \
			"write CSV tables into DIR, made if missing",          \
			.set = option_set_csv                                  \
	}
#define OPTION_ROW_HELP                                                        \
	{                                                                      \
		'h', "help", NULL, OTHER, "print this and end",                \
			.set = option_help                                     \
	}

/* What an option does with its value: 0 or an errno for argp. */
int option_set_pids(struct option_parse *p, const struct option_row *row,
		    char *arg);
int option_set_interval(struct option_parse *p, const struct option_row *row,
			char *arg);
int option_set_rows(struct option_parse *p, const struct option_row *row,
		    char *arg);
int option_set_max_locks(struct option_parse *p, const struct option_row *row,
			 char *arg);
int option_set_csv(struct option_parse *p, const struct option_row *row,
		   char *arg);
/* EINVAL, after saying so, where arg cannot be a file's name. */
int option_check_file(struct option_parse *p, const struct option_row *row,
		      const char *arg);
int option_set_html(struct option_parse *p, const struct option_row *row,
		    char *arg);
int option_set_name(struct option_parse *p, const struct option_row *row,
		    char *arg);
int option_set_duration(struct option_parse *p, const struct option_row *row,
			char *arg);
int option_set_stuck(struct option_parse *p, const struct option_row *row,
		     char *arg);
int option_set_probes(struct option_parse *p, const struct option_row *row,
		      char *arg);
int option_set_lock(struct option_parse *p, const struct option_row *row,
		    char *arg);
int option_set_seconds(struct option_parse *p, const struct option_row *row,
		       const char *arg, uint64_t min_ns, uint64_t max_ns,
		       uint64_t *ns);
void option_merge_pids(struct options *o);
int option_command_argument(struct option_parse *p, struct argp_state *state);
int option_watch_together(struct option_parse *p,
			  const struct argp_state *state);

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
