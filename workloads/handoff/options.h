/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The command line of the handoff workload.
 */
#ifndef HANDOFF_OPTIONS_H
#define HANDOFF_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "lock.h"

struct options {
	enum lock_kind kind;
	int threads;
	int count; /* passes of all locks together; 0: by duration */
	uint64_t duration_ns;
	uint64_t hold_ns;
	uint64_t out_ns;
	uint64_t long_ns; /* first hold of the first thread; 0: as all others */
	uint64_t timed_ns;
	uint64_t delay_ns;
	int steal;  /* each that many releases takes back; 0: none */
	bool rush;  /* do not let another thread take the lock first */
	bool sleep; /* hold the lock asleep */
	bool adjacent;
	bool pin;         /* thread i on CPU i mod their number */
	int pin_cpu;      /* all threads on it; -1: free */
	const char *json; /* NULL: stdout */
};

/*
 * Reads the command line into @options. Returns 0 to go on, 1 when all is done
 * (help was printed), or -EINVAL after one line on stderr that says what is
 * wrong.
 */
int options_parse(struct options *options, int argc, char **argv);

#endif
