/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_DELIVER_H
#define GILWATCH_DELIVER_H

#include <stdbool.h>

#include "watch.h"

/*
 * The outputs' part of the loop in watch.c: makes models of the snapshots,
 * hands them to the outputs, and does what a user at the screen wishes.
 * Functions that return int return 0 or a negative errno of the counting
 * itself; an output that fails is told to the user, once, and noted in
 * w->trouble.
 */

/* The output that the user sits at, with its state; NULL: there is none. */
const struct sink *deliver_screen(const struct watch *w, void **state);

/* One line for the user: on the screen where there is one, else on standard
 * error. */
void deliver_tell(const struct watch *w, const char *line);

/* No output works any more. */
bool deliver_all_failed(const struct watch *w);

/* An interval ends now: a new snapshot, which becomes w->last. */
int deliver_interval(struct watch *w);

/* Totals up to the last snapshot, where somebody looks at them. */
int deliver_totals(struct watch *w);

/* The end: everything since the start, up to the last snapshot. */
int deliver_summary(struct watch *w);

/* Close the screen: what is told from here on belongs on the normal one. */
void deliver_leave_screen(struct watch *w);

/* Totals count from the last snapshot on. */
void deliver_clear(struct watch *w);

/* Write the totals as CSV tables, and tell where. */
void deliver_csv(struct watch *w);

/* Give the snapshots back. */
void deliver_forget(struct watch *w);

#endif
