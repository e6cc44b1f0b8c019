/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_DESCRIBE_H
#define GILWATCH_DESCRIBE_H

#include "options.h"

#define DESCRIBE_TEXT 256

/* What is watched, in words, for the head of the summary: printable, and cut
 * where there is no room for more names. */
void describe(char text[DESCRIBE_TEXT], const struct options *o);

#endif
