/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_RECORDER_H
#define GILWATCH_RECORDER_H

#include <sys/types.h>

#include "gwr.h"
#include "probe.h"
#include "snapshot.h"

/*
 * Takes the events from the probe and puts them into a record, with what else a
 * replay needs: who the threads are, what the locks are called.
 */
struct recorder;

/* How often recorder_read must be called at least, in ns. */
#define RECORDER_READ_NS 20000000u

/*
 * Begin a record. Nothing may have been counted yet.
 *
 * probe: made to record; must outlive the recorder
 * msg:   on an error gets one line
 *
 * Returns 0 or a negative errno.
 */
int recorder_new(struct recorder **out, struct probe *probe,
		 const struct gwr_config *config, const struct gwr_info *info,
		 char msg[GWR_MSG]);

/* What was not finished is removed. NULL is fine. */
void recorder_free(struct recorder *r);

/*
 * Take what has come since the last time.
 *
 * Returns 0, or a negative errno once, when the record can have no more, with
 * one line in msg; then 0 again.
 */
int recorder_read(struct recorder *r, char msg[GWR_MSG]);

/* The same, and remember the names and figures of a snapshot. */
int recorder_tell(struct recorder *r, const struct snapshot *s,
		  char msg[GWR_MSG]);

/* Write a record that is kept in memory, as it is now, after recorder_tell.
 * Returns 0, or a negative errno with one line in msg. */
int recorder_write(struct recorder *r, char msg[GWR_MSG]);

/*
 * The end, after counting has stopped and recorder_tell has had the last
 * snapshot: gives the file its name.
 *
 * said: on success gets one line on what is in the file
 *
 * Returns 0, or a negative errno with one line in said.
 */
int recorder_finish(struct recorder *r, char said[GWR_MSG]);

#endif
