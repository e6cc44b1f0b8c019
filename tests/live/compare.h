/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_COMPARE_H
#define GILWATCH_TEST_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Comparisons with a margin. They are collected, not asserted one by one, so
 * that a measurement can be repeated: on a machine that others use too, a
 * single one can be spoilt. What is wrong in the program under test is wrong
 * every time.
 */

#define COMPARE_TRIES 3

struct compare {
	char text[8192]; /* a line for each miss */
	size_t len;
	unsigned int misses;
};

/*
 * got has to be within margin (0.01: 1 %) of want, or nearer than `few`.
 * fmt: what is compared.
 */
void compare_near(struct compare *c, double got, double want, double margin,
		  double few, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/* A condition that has to hold. */
void compare_true(struct compare *c, bool holds, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Measures up to COMPARE_TRIES times, until nothing is missed; fails the test
 * with what was missed each time. */
void compare_retry(void (*measure)(struct compare *c, const void *ctx),
		   const void *ctx);

#endif
