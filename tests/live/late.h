/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_LATE_H
#define GILWATCH_TEST_LATE_H

#include <stddef.h>

#include "compare.h"
#include "csvtable.h"

/*
 * How late a program says that its I/O thread was: a line "late UNIX_NS NS"
 * each time, with the moment at which its code ran and the time since its data
 * was ready. The measure for gilwatch's response delay.
 */
struct late {
	struct late_sample {
		double at_ns, ns;
	} * sample;
	size_t count;
};

/* Collects such lines out of a program's output. Free with late_done. */
void late_read(struct late *l, const char *out);
void late_done(struct late *l);

/* Half of those within a window (Unix ns) were at most so late, in ns; *n gets
 * how many there are. 0 where there is none. */
double late_p50(const struct late *l, double from_ns, double to_ns, size_t *n);

/*
 * Compares the response delay of a row of threads.csv with what the thread says
 * itself about the same time.
 */
void late_compare(struct compare *c, const struct late *l,
		  const struct csvtable *threads, size_t row);

#endif
