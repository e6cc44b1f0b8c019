/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_DIFF_CMD_H
#define GILWATCH_DIFF_CMD_H

#include <stdio.h>

/*
 * gilwatch diff A B: compare two runs.
 *
 * argv: argv[0] is "diff", then options and the two folders
 * out, err: for the comparison, and for one line about what is wrong
 * width: of lines; 0: no limit
 *
 * Returns the exit status: 0; 1 when a --fail-if fails or a folder cannot be
 * read; 2 after a usage error.
 */
int diff_command(int argc, char **argv, FILE *out, FILE *err, size_t width);

#endif
