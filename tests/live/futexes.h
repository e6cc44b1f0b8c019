/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_FUTEXES_H
#define GILWATCH_TEST_FUTEXES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "behave.h"

/*
 * The futex calls that a process really makes, as perf records them: the truth
 * for what is said about its words. At raw_syscalls, because perf sees nothing
 * at a tracepoint while somebody's BPF program there returns 0.
 */

struct futexes_call {
	uint32_t tid;
	uint64_t addr;
	uint32_t op;
	uint32_t val;
	bool timed;
};

struct futexes {
	struct futexes_call *call;
	size_t count;
};

/* Record all threads of a process for so long. Fails the test without perf.
 * Free with futexes_free. */
struct futexes futexes_record(pid_t pid, double seconds);
void futexes_free(struct futexes *f);

bool futexes_is_wait(const struct futexes_call *c);
bool futexes_is_wake(const struct futexes_call *c);

/*
 * The table that recognition by behaviour reads, from malloc; timeouts are not
 * in the record and stay unknown. Returns the number of words.
 */
size_t futexes_words(const struct futexes *f, struct behave_word **words);

#endif
