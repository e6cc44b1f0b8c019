/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The process as a whole: start, fork, end. */
#ifndef GILVM_PROCESS_H
#define GILVM_PROCESS_H

#include <stdint.h>

#include "gil.h"

/* How the interpreter runs; from the command line. */
struct settings {
	enum gil_policy policy;
	enum gil_lock lock;
	uint64_t interval_ns;
	uint32_t check_interval;
	const char *stats_file; /* NULL: no statistics */
	bool dis;
	const char *program;
	int argc; /* of the program, with its name first */
	char **argv;
};

/*
 * Make the lock, the main thread's state and the built-in objects; the lock
 * is held afterwards. Returns 0 or a negative errno.
 */
int process_start(const struct settings *s);

/* In a forked child, which holds the lock: make it the only thread. */
void process_after_fork(void);

/*
 * End the process, whose main thread holds the lock: wait for threads and
 * child processes, write out everything, exit.
 */
void process_end(int status) __attribute__((noreturn));

/* Wait for processes that multiprocessing started; ends those that are
 * daemons. */
void processes_wait_all(void);

#endif
