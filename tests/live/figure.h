/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_FIGURE_H
#define GILWATCH_TEST_FIGURE_H

/* Tell a figure that a test has measured: the runner shows it. */
void figure(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * How many seconds a part of a test lasts: `longer` where GILWATCH_TEST_LONG is
 * set (`make test-long`), else `usual`.
 */
unsigned int figure_seconds(unsigned int usual, unsigned int longer);

#endif
