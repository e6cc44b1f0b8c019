/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_EXPLAIN_H
#define GILWATCH_EXPLAIN_H

#include <stddef.h>
#include <sys/types.h>

#include "buf.h"
#include "recognise.h"

/*
 * How the interpreter's lock of a process is found: each step of the search,
 * what came of it and how long it took. Its futex calls are watched for a
 * second before, where the kernel allows it, so that behaviour has its say.
 *
 * out: gets the text, also that of the processes before one that fails
 * msg: gets one line where a process cannot be read
 *
 * Returns 0 or a negative errno.
 */
#define EXPLAIN_MSG 256
int explain(const pid_t *pids, size_t count,
	    const struct recognise_config *config, struct buf *out,
	    char msg[EXPLAIN_MSG]);

#endif
