/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_LOADS_H
#define GILWATCH_TEST_LOADS_H

#include <stddef.h>
#include <stdint.h>

/* The load workload under gilwatch: its own truth, and what gilwatch says. */

#define LOADS_SAMPLES 8192

struct loads {
	const char *csv;             /* folder with the tables */
	uint64_t lost;               /* as the last line says */
	uint64_t rss[LOADS_SAMPLES]; /* of gilwatch, in KiB, evenly in time */
	size_t samples;
	char truth[1024]; /* and what was lost */
};

/* Runs `load KIND A B` under gilwatch to its end. Fails the test unless both
 * end well. */
void loads_run(struct loads *l, const char *kind, uint64_t a, uint64_t b);

/* The same, with one more option for gilwatch. */
void loads_run_with(struct loads *l, const char *option, const char *kind,
		    uint64_t a, uint64_t b);

/* What the workload counted under this name. */
uint64_t loads_truth(const struct loads *l, const char *name);

/* What was lost for a cause, as model_lost_name calls it. */
uint64_t loads_lost(const struct loads *l, const char *cause);

/* Fails the test unless what was counted, and lost for this cause ("": nothing
 * may be lost), is the truth. */
void loads_check(const struct loads *l, const char *what, uint64_t counted,
		 uint64_t truth, const char *cause);

/* Waits of all locks but those of pthread_join, which the truth leaves out; and
 * those of the lock at this address. */
uint64_t loads_waits(const struct loads *l);
uint64_t loads_waits_of(const struct loads *l, uint64_t address);

/* Of the kind "locks": fails the test unless waits counted and lost are the
 * truth. Of the hot lock's some can be in a sum, where its thread did not get a
 * CPU for a while. */
void loads_check_locks(const struct loads *l, const char *what);

/* Fails the test where memory grows over the last half of the run. */
void loads_check_memory(const struct loads *l, const char *what);

#endif
