/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_WATCH_H
#define GILWATCH_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "collect.h"
#include "launch.h"
#include "options.h"
#include "recognise.h"
#include "recorder.h"
#include "sink.h"
#include "target.h"

/*
 * The time between attaching and the summary: waits for what ends it, and
 * hands a model to the outputs at each interval.
 */

#define WATCH_SINKS 4

struct watch {
	const struct options *options;
	struct probe *probe;
	struct collect *collect;
	struct recognise *recognise;
	struct recorder *recorder;  /* NULL: nothing is recorded */
	struct launch *launch;      /* NULL: no command */
	struct target_list targets; /* given by -p or found by -c */
	struct {
		const struct sink *sink;
		void *state;
		bool failed; /* told already */
	} sinks[WATCH_SINKS];
	size_t nsinks;
	struct sink_config config; /* of the outputs */
	int *pidfds;               /* of the targets of -p */
	size_t npidfds;
	struct snapshot last;
	struct snapshot base; /* totals on the screen count from here */
	bool cleared;         /* base is set; else they count from the start */
	bool totals;          /* somebody looks at them */
	bool trouble;         /* an output failed: exit status 1 */
};

/*
 * Take signals from now on: SIGINT, SIGTERM and SIGHUP end watch_run, SIGUSR1
 * writes a record that is kept in memory. Call it before anything is attached.
 * Returns 0 or a negative errno.
 */
int watch_signals(const struct options *o);

/*
 * Open an output and use it. Returns 0, or a negative errno with one line in
 * msg.
 */
int watch_open(struct watch *w, const struct sink *sink,
	       const struct sink_config *config, char msg[SINK_MSG]);

/*
 * Watch the targets from now on, as they are at this moment. Returns 0, or a
 * negative errno with one line in msg.
 */
int watch_targets(struct watch *w, char msg[TARGET_MSG]);

/*
 * Wait until a signal, the end of the duration or of the targets; then detach,
 * read once more, and let the outputs write their summaries.
 *
 * status: gets the exit status: 0, 1 after an output failed, or the command's
 *
 * Returns 0, or a negative errno when counting itself failed.
 */
int watch_run(struct watch *w, int *status);

/* Close the outputs and give back what the functions above took. */
void watch_close(struct watch *w);

#endif
