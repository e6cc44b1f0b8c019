/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_STANDARD_H
#define GILWATCH_STANDARD_H

#include <stddef.h>

/* Standard input, output and error. */

/*
 * Sees to it that files that are opened later do not become one of the three
 * where these are closed. Returns 0 or -errno.
 */
int standard_hold(void);

/* Characters in a line: the terminal's, else those of COLUMNS, else 120. */
size_t standard_width(void);

/*
 * Writes out and closes standard output and error. Detaching takes the kernel
 * most of a second: it waits for each probe until no CPU can be in it. Who
 * reads what was printed need not wait for that.
 */
void standard_end(void);

#endif
