/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_OPTIONS_H
#define GILWATCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* The command line. One table in options.c is both its parser and its help. */

#define OPTIONS_VERSION "0.1.0"

/* Limits of what may be asked for. */
#define OPTIONS_SECOND_NS 1000000000ull
#define OPTIONS_INTERVAL_MIN_NS (OPTIONS_SECOND_NS / 10)
#define OPTIONS_INTERVAL_MAX_NS (86400 * OPTIONS_SECOND_NS)
#define OPTIONS_DURATION_MIN_NS (OPTIONS_SECOND_NS / 10)
#define OPTIONS_DURATION_MAX_NS (365 * 86400 * OPTIONS_SECOND_NS)
#define OPTIONS_STUCK_MIN_NS (OPTIONS_SECOND_NS / 10)
#define OPTIONS_STUCK_MAX_NS (86400 * OPTIONS_SECOND_NS)
#define OPTIONS_LOCKS_MIN 1024
#define OPTIONS_LOCKS_MAX 262144
#define OPTIONS_PID_MAX 4194304 /* PID_MAX_LIMIT of 64-bit kernels */

#define OPTIONS_BYTES_MIN (1ull << 20)
#define OPTIONS_BUFFER_MAX (1ull << 30)
#define OPTIONS_BYTES_MAX (1ull << 50)
#define OPTIONS_FLIGHT_MAX_NS (86400 * OPTIONS_SECOND_NS)

/* The first word of the command line, where it is one of these. */
enum options_task {
	OPTIONS_WATCH, /* none */
	OPTIONS_RECORD,
	OPTIONS_REPORT,
};

/* Strings point into argv and live as long as it does. */
struct options {
	enum options_task task;
	pid_t *pids; /* -p: ascending, each once */
	size_t pid_count;
	const char **names; /* -c: globs in the order given */
	size_t name_count;
	char **command;         /* after --, ended by NULL; NULL: none */
	uint64_t interval_ns;   /* -i; a second unless given, in a report 0 */
	uint64_t duration_ns;   /* -d; 0: until stopped */
	unsigned int rows;      /* -n; 0: as many as fit */
	const char *csv_dir;    /* --csv; NULL: none */
	bool csv_all;           /* --csv-all */
	const char *html;       /* --html; NULL: none */
	bool quiet;             /* -q: only the summary at the end */
	bool verbose;           /* -v */
	bool plain;             /* --plain: a block an interval */
	uint64_t stuck_ns;      /* --stuck; 2 s unless given */
	uint64_t lock;          /* --lock; 0: none */
	bool no_symbols;        /* --no-symbols: by behaviour only */
	bool explain;           /* --explain: how the GIL is found */
	bool columns;           /* --columns: explain them */
	bool sched_only;        /* --probes=sched */
	bool cost;              /* --cost: of the programs in the kernel */
	unsigned int max_locks; /* --max-locks, a power of two; 0: usual */
	bool as_root;           /* --as-root: the command keeps root */

	/* gilwatch record */
	const char *file;      /* -o; gilwatch.gwr unless given. report: FILE */
	uint64_t max_bytes;    /* --max-size; 0: no limit */
	uint64_t flight_ns;    /* --flight; 0: everything is kept */
	uint64_t buffer_bytes; /* --buffer; 0: what is usual */

	/* gilwatch report */
	const char *trace; /* --trace; NULL: none */

	/* gilwatch report; times since the start of the record */
	uint64_t from_ns; /* --from */
	uint64_t to_ns;   /* --to; UINT64_MAX unless given */
};

/*
 * Read the command line. Nothing is printed but the help or the version (to
 * out) or one line about what is wrong and what to do (to err); the process
 * never exits here.
 *
 * Returns 0 to go on; 1 when all is done (help, version: exit 0); -EINVAL after
 * a usage error (exit 2); -ENOMEM; -EIO where out could not be written (exit
 * 1). Except after 0, o holds nothing that needs options_free.
 */
int options_parse(struct options *o, int argc, char **argv, FILE *out,
		  FILE *err);

/* Whether the user named what to watch; else it is whatever contends. */
static inline bool options_named(const struct options *o)
{
	return o->pid_count || o->name_count || o->command;
}

/* Give back what options_parse took. */
void options_free(struct options *o);

#endif
