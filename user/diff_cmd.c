// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "diff_cmd.h"
#include "diff_fail.h"
#include "table.h"
#include "text.h"

enum { EXIT_FINE, EXIT_FAILED, EXIT_USAGE };

/* Locks and threads that are shown when -n does not say. */
#define ROWS_USUAL 20

#define FAILS_MAX 32

struct call {
	FILE *out, *err;
	size_t width, rows;
	struct diff_fail fail[FAILS_MAX];
	size_t fails;
	bool done; /* the help was printed */
};

static const struct option long_options[] = {
	{ "fail-if", required_argument, NULL, 'f' },
	{ "rows", required_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static const char usage_text[] =
	"Usage: gilwatch diff [OPTION...] A B\n"
	"\n"
	"Compares two runs, A before and B after: folders made by --csv, or "
	"records. Per "
	"lock and\n"
	"thread name: each figure of both, its change, and whether that is "
	"more than the\n"
	"intervals of each run differ among themselves (rank test of Mann and "
	"Whitney over\n"
	"n intervals, yes below p = 0.01).\n"
	"\n"
	"  -n, --rows N            locks and threads shown, 1 to 1000 "
	"(default: 20)\n"
	"      --fail-if CONDITION exit status 1 where a figure changed by "
	"more:\n"
	"                          'handoffs_per_s>+20%', "
	"'GIL*:acquired_per_s<-10%';\n"
	"                          a change within the noise does not count; "
	"may be\n"
	"                          given several times\n"
	"  -h, --help              print this and end\n";

static int usage(const struct call *c, const char *what)
{
	fprintf(c->err, "gilwatch: diff: %s\n", what);
	return EXIT_USAGE;
}

static void print_figures(FILE *out, enum diff_table table, const char *title)
{
	const struct diff_figure *f;
	size_t n = diff_figures(&f), used = 80;

	fprintf(out, "\n%s:", title);
	for (size_t i = 0; i < n; i++) {
		if (f[i].table != table)
			continue;
		if (used + strlen(f[i].name) + 2 > 78)
			used = (size_t)fprintf(out, "\n ") - 1;
		used += (size_t)fprintf(out, " %s", f[i].name);
	}
	fputc('\n', out);
}

static int help(struct call *c)
{
	fputs(usage_text, c->out);
	print_figures(c->out, DIFF_LOCKS, "Figures of locks");
	print_figures(c->out, DIFF_THREADS, "Figures of threads");
	c->done = true;
	return fflush(c->out) ? EXIT_FAILED : EXIT_FINE;
}

static int set_rows(struct call *c, const char *arg)
{
	size_t n = strlen(arg);

	c->rows = strspn(arg, "0123456789") == n && n <= 4
			  ? strtoul(arg, NULL, 10)
			  : 0;
	if (c->rows && c->rows <= TABLE_ROWS_MAX)
		return EXIT_FINE;
	return usage(c, "-n: not a whole number from 1 to 1000");
}

static int add_fail(struct call *c, const char *arg)
{
	char msg[DIFF_MSG];

	if (c->fails == FAILS_MAX)
		return usage(c, "more than 32 conditions");
	if (diff_fail_parse(&c->fail[c->fails++], arg, msg))
		return usage(c, msg);
	return EXIT_FINE;
}

static int take(struct call *c, int key)
{
	switch (key) {
	case 'f':
		return add_fail(c, optarg);
	case 'n':
		return set_rows(c, optarg);
	case 'h':
		return help(c);
	case ':':
		return usage(c, "an option needs a value: see gilwatch diff "
				"--help");
	default:
		return usage(c, "unknown option: see gilwatch diff --help");
	}
}

static int parse(struct call *c, int argc, char **argv)
{
	int key, status = EXIT_FINE;

	optind = 0;
	opterr = 0;
	while (!status && !c->done &&
	       (key = getopt_long(argc, argv, ":n:h", long_options, NULL)) !=
		       -1)
		status = take(c, key);
	if (!status && !c->done && argc - optind != 2)
		return usage(c, "give two runs: gilwatch diff A B");
	return status;
}

static int complain(const struct call *c, const char *msg)
{
	fprintf(c->err, "gilwatch: diff: %s\n", msg);
	return EXIT_FAILED;
}

/* The conditions, after the comparison itself is out. */
static int check(const struct call *c, const struct diff *d)
{
	struct buf lines = { 0 };
	int failed = 0, n;

	for (size_t i = 0; i < c->fails; i++) {
		n = diff_fail_check(d, &c->fail[i], &lines);
		if (n < 0)
			break;
		failed += n;
	}
	if (buf_error(&lines))
		failed = 1;
	buf_write(&lines, c->err);
	buf_free(&lines);
	return failed ? EXIT_FAILED : EXIT_FINE;
}

static int compare(const struct call *c, const char *a, const char *b)
{
	struct buf text = { 0 };
	char msg[DIFF_MSG];
	struct diff d;
	int err, status = EXIT_FINE;

	err = diff_open(&d, a, b, msg);
	if (err) {
		status = complain(c, msg);
	} else {
		err = diff_print(&d, c->rows, c->width, &text);
		if (!err)
			err = buf_write(&text, c->out);
		status = err ? complain(c, strerror(-err)) : check(c, &d);
	}
	buf_free(&text);
	diff_close(&d);
	return status;
}

int diff_command(int argc, char **argv, FILE *out, FILE *err, size_t width)
{
	struct call c = {
		.out = out, .err = err, .width = width, .rows = ROWS_USUAL
	};
	int status = parse(&c, argc, argv);

	if (status || c.done)
		return status;
	return compare(&c, argv[optind], argv[optind + 1]);
}
