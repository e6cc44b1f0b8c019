// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "live.h"

static void add(struct compare *c, const char *fmt, va_list args)
{
	size_t room = sizeof(c->text) - c->len;
	int n = vsnprintf(c->text + c->len, room, fmt, args);

	c->len += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

static void add_fmt(struct compare *c, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(c, fmt, args);
	va_end(args);
}

void compare_near(struct compare *c, double got, double want, double margin,
		  double few, const char *fmt, ...)
{
	double off = fabs(got - want);
	va_list args;

	if (off <= fabs(want) * margin || off <= few)
		return;
	c->misses++;
	va_start(args, fmt);
	add(c, fmt, args);
	va_end(args);
	add_fmt(c, ": %.0f, but %.0f in truth (%+.1f %%, %.1f %% allowed)\n",
		got, want, want ? (got - want) / want * 100 : INFINITY,
		margin * 100);
}

void compare_true(struct compare *c, bool holds, const char *fmt, ...)
{
	va_list args;

	if (holds)
		return;
	c->misses++;
	va_start(args, fmt);
	add(c, fmt, args);
	va_end(args);
	add_fmt(c, "\n");
}

void compare_retry(void (*measure)(struct compare *c, const void *ctx),
		   const void *ctx)
{
	struct compare c;

	for (int i = 0; i < COMPARE_TRIES; i++) {
		c = (struct compare){ .len = 0 };
		measure(&c, ctx);
		if (!c.misses)
			return;
		/* cmocka cuts long messages. */
		fprintf(stderr, "measurement %d missed:\n%s", i + 1, c.text);
	}
	fail_msg("missed in each of %d measurements", COMPARE_TRIES);
}
