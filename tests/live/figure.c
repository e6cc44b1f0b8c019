// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "figure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void figure(const char *fmt, ...)
{
	va_list args;

	fputs("FIGURE: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

unsigned int figure_seconds(unsigned int usual, unsigned int longer)
{
	return getenv("GILWATCH_TEST_LONG") ? longer : usual;
}
