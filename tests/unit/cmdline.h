/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_CMDLINE_H
#define GILWATCH_TEST_CMDLINE_H

#include "options.h"

/* Command lines as text, put through the parser. */

#define ARGS_MAX 32

/* One call of the parser: what was given, what came out. */
struct call {
	char *line;
	char *argv[ARGS_MAX + 2];
	int argc;
	struct options o;
	int result;
	char *out, *err;
};

/*
 * Parse the words of `line`, split at spaces ('' is an empty word). There is
 * one struct: call cmdline_done before the next.
 */
struct call *cmdline_call(const char *line);

/* Give it back, and check that nothing was left over. */
void cmdline_done(struct call *c);

/* Check a line that is right: nothing is printed. */
struct call *cmdline_good(const char *line);

/* Check a line that is wrong: one line on err, which has `part` in it. */
void cmdline_bad(const char *line, const char *part);

#endif
