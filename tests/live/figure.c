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

unsigned int figure_seconds(unsigned int usual)
{
	const char *times = getenv("GILWATCH_TEST_LONG");
	int n = times ? atoi(times) : 0;

	return n > 1 ? usual * (unsigned int)n : usual;
}
