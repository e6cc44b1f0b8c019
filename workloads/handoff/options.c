// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define DEFAULT_COUNT 1000

/* How the value of an option is read, and the type of the field it goes to. */
enum type {
	TYPE_HELP,
	TYPE_KIND,   /* enum lock_kind */
	TYPE_FLAG,   /* bool */
	TYPE_NUMBER, /* int, from low to high */
	TYPE_TIME,   /* uint64_t, in units of unit ns */
	TYPE_TEXT,   /* const char * */
};

struct row {
	const char *name;
	enum type type;
	size_t field; /* in struct options */
	uint64_t unit;
	int low, high;
};

#define FIELD(name) offsetof(struct options, name)

static const struct row rows[] = {
	{ "help", TYPE_HELP, 0, 0, 0, 0 },
	{ "lock", TYPE_KIND, FIELD(kind), 0, 0, 0 },
	{ "threads", TYPE_NUMBER, FIELD(threads), 0, 1, 256 },
	{ "count", TYPE_NUMBER, FIELD(count), 0, 1, 1000000000 },
	{ "steal", TYPE_NUMBER, FIELD(steal), 0, 2, 1000000000 },
	{ "pin-cpu", TYPE_NUMBER, FIELD(pin_cpu), 0, 0, 8191 },
	{ "duration", TYPE_TIME, FIELD(duration_ns), NSEC_PER_SEC, 0, 0 },
	{ "hold-long", TYPE_TIME, FIELD(long_ns), NSEC_PER_SEC, 0, 0 },
	{ "hold-us", TYPE_TIME, FIELD(hold_ns), NSEC_PER_USEC, 0, 0 },
	{ "out-us", TYPE_TIME, FIELD(out_ns), NSEC_PER_USEC, 0, 0 },
	{ "timed-ms", TYPE_TIME, FIELD(timed_ns), NSEC_PER_MSEC, 0, 0 },
	{ "start-delay-ms", TYPE_TIME, FIELD(delay_ns), NSEC_PER_MSEC, 0, 0 },
	{ "sleep", TYPE_FLAG, FIELD(sleep), 0, 0, 0 },
	{ "adjacent", TYPE_FLAG, FIELD(adjacent), 0, 0, 0 },
	{ "rush", TYPE_FLAG, FIELD(rush), 0, 0, 0 },
	{ "pin", TYPE_FLAG, FIELD(pin), 0, 0, 0 },
	{ "json", TYPE_TEXT, FIELD(json), 0, 0, 0 },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const char help[] =
	"Usage: handoff [OPTION]...\n"
	"Threads pass a lock round and count what happens, as JSON.\n"
	"\n"
	"The lock\n"
	"  --lock KIND         futex (default), mutex, cond (flag, mutex and\n"
	"                      condition variable, as CPython's GIL) or sem\n"
	"  --timed-ms MS       cond: wake up to look, each MS milliseconds\n"
	"  --adjacent          futex: two locks in one 8-byte word, the odd\n"
	"                      threads on one, the even ones on the other\n"
	"\n"
	"How it is passed\n"
	"  --threads N         1 to 256 (default 2)\n"
	"  --count N           passes in all (default 1000); who waits then\n"
	"                      has its turn too\n"
	"  --duration SEC      this long instead of a count\n"
	"  --hold-us US        CPU time with the lock (default 100)\n"
	"  --out-us US         CPU time without it (default 10)\n"
	"  --sleep             sleep with the lock instead of computing\n"
	"  --hold-long SEC     one pass: the first thread holds the lock for\n"
	"                      SEC seconds, then each other has its turn\n"
	"  --steal K           each K-th release takes the lock back at once\n"
	"  --rush              ask again after a release without letting a\n"
	"                      waiting thread take the lock first\n"
	"\n"
	"Where and when\n"
	"  --pin               thread i on CPU i modulo the number of CPUs\n"
	"  --pin-cpu CPU       all threads on this CPU\n"
	"  --start-delay-ms MS start that long after the threads are there\n"
	"\n"
	"Output\n"
	"  --json FILE         the report goes there (default: stdout)\n"
	"  --help              this text\n";

/* One line on stderr; @text is what the user gave. */
static int reject(const char *option, const char *text, const char *wanted)
{
	fprintf(stderr, "handoff: --%s %s: not %s\n", option, text, wanted);
	return -EINVAL;
}

/* A whole number from @low to @high. */
static int parse_number(const struct row *row, const char *text, int *value)
{
	char wanted[64];
	long number;
	char *end;

	errno = 0;
	number = strtol(text, &end, 10);
	if (isdigit((unsigned char)text[0]) && !*end && !errno &&
	    number >= row->low && number <= row->high) {
		*value = (int)number;
		return 0;
	}
	snprintf(wanted, sizeof(wanted), "a number from %d to %d", row->low,
		 row->high);
	return reject(row->name, text, wanted);
}

/* A time of up to 10,000 s, fractions allowed. */
static int parse_time(const struct row *row, const char *text, uint64_t *ns)
{
	double high = 1e4 * NSEC_PER_SEC / (double)row->unit;
	char wanted[64];
	double value;
	char *end;

	value = strtod(text, &end);
	if (isdigit((unsigned char)text[0]) && !*end && isfinite(value) &&
	    value <= high) {
		*ns = (uint64_t)(value * (double)row->unit);
		return 0;
	}
	snprintf(wanted, sizeof(wanted), "a time from 0 to %.0f", high);
	return reject(row->name, text, wanted);
}

static int parse_kind(const struct row *row, const char *text,
		      enum lock_kind *kind)
{
	for (int i = 0; i < LOCK_KINDS; i++)
		if (strcmp(text, lock_kind_name(i)) == 0) {
			*kind = i;
			return 0;
		}
	return reject(row->name, text, "futex, mutex, cond or sem");
}

/* Returns 1 after help. */
static int parse_row(struct options *options, const struct row *row,
		     const char *text)
{
	void *field = (char *)options + row->field;

	switch (row->type) {
	case TYPE_KIND:
		return parse_kind(row, text, field);
	case TYPE_NUMBER:
		return parse_number(row, text, field);
	case TYPE_TIME:
		return parse_time(row, text, field);
	case TYPE_FLAG:
		*(bool *)field = true;
		return 0;
	case TYPE_TEXT:
		*(const char **)field = text;
		return 0;
	case TYPE_HELP:
		break;
	}
	fputs(help, stdout);
	return 1;
}

static int contradiction(const char *text)
{
	fprintf(stderr, "handoff: %s\n", text);
	return -EINVAL;
}

/* What no single option can tell. */
static int check(const struct options *o)
{
	if (o->adjacent && o->kind != LOCK_FUTEX)
		return contradiction("--adjacent needs --lock futex");
	if (o->adjacent && o->long_ns)
		return contradiction("--adjacent excludes --hold-long");
	if (o->timed_ns && o->kind != LOCK_COND)
		return contradiction("--timed-ms needs --lock cond");
	if (o->pin && o->pin_cpu >= 0)
		return contradiction("--pin excludes --pin-cpu");
	if (o->count && o->duration_ns)
		return contradiction("--count excludes --duration");
	return 0;
}

static void make_long_options(struct option *list)
{
	for (size_t i = 0; i < ROWS; i++) {
		bool bare =
			rows[i].type == TYPE_FLAG || rows[i].type == TYPE_HELP;

		list[i] = (struct option){
			.name = rows[i].name,
			.has_arg = bare ? no_argument : required_argument,
			.val = (int)i,
		};
	}
}

int options_parse(struct options *options, int argc, char **argv)
{
	struct option list[ROWS + 1] = { 0 };
	int err;
	int i;

	*options = (struct options){
		.threads = 2,
		.hold_ns = 100 * NSEC_PER_USEC,
		.out_ns = 10 * NSEC_PER_USEC,
		.pin_cpu = -1,
	};
	make_long_options(list);
	while ((i = getopt_long(argc, argv, "", list, NULL)) != -1) {
		if (i == '?')
			return -EINVAL;
		err = parse_row(options, &rows[i], optarg);
		if (err)
			return err;
	}
	if (optind < argc) {
		fprintf(stderr, "handoff: unexpected: %s\n", argv[optind]);
		return -EINVAL;
	}
	err = check(options);
	if (!options->count && !options->duration_ns)
		options->count = DEFAULT_COUNT;
	return err;
}
