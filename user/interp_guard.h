/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_INTERP_GUARD_H
#define GILWATCH_INTERP_GUARD_H

#include "interp.h"

/*
 * The search with an end that is sure. A process can make whoever reads its
 * memory wait for ever: pages that it handles itself (userfaultfd(2)), files on
 * a file system that it serves itself. The search therefore runs in a child
 * that is killed when its time is over.
 */

/* Enough for any process that does not play tricks: the search takes about one
 * ms, and all CPUs may be busy. */
#define INTERP_GUARD_MS 2000

/* The explanation is cut to this, bytes. */
#define INTERP_EXPLAIN_MAX (256u << 10)

/*
 * As interp_find(), in a child process. Costs a fork more, about 1 ms.
 *
 * limit_ms: time for all of it, > 0
 *
 * Also returns -ETIMEDOUT where the time was over; -EIO where the child ended
 * by a signal; the negative errno of making it. `out` is then empty, and
 * explain has what the child had to say or one line about its end.
 *
 * The caller must not have threads of its own that hold locks of the C library
 * at this moment, and must not reap children that it does not know.
 */
int interp_find_guarded(pid_t pid, const struct interp_hints *hints,
			struct interp *out, struct buf *explain, int limit_ms);

#endif
