/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_DIFF_FAIL_H
#define GILWATCH_DIFF_FAIL_H

#include "diff.h"

/*
 * What makes a comparison fail, as --fail-if has it: [NAME:]FIGURE>+N% or
 * [NAME:]FIGURE<-N%. NAME is a glob over what locks and threads are called;
 * without it any of them fails it. A change within the noise of the intervals
 * does not, where there are enough intervals to tell.
 */
struct diff_fail {
	const char *text; /* as it was written; must live on */
	char name[128];   /* the glob; "" for any */
	char figure[40];
	bool up; /* > and not < */
	double percent;
};

/*
 * Read one. Returns 0, or -EINVAL with what is wrong in msg: a form other than
 * above, or a figure that there is not.
 */
int diff_fail_parse(struct diff_fail *f, const char *text, char msg[DIFF_MSG]);

/*
 * Does the comparison fail it? Adds a line to `out` for each lock or thread
 * that does.
 *
 * Returns how many there are, or -ENOMEM.
 */
int diff_fail_check(const struct diff *d, const struct diff_fail *f,
		    struct buf *out);

/* Whether one change is over the limit; it is strict: +20 % is not > +20 %. */
bool diff_fail_over(const struct diff_fail *f, const struct diff_change *c);

#endif
