/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the handoff workload counted, as JSON.
 */
#ifndef HANDOFF_REPORT_H
#define HANDOFF_REPORT_H

#include <stdio.h>

#include "run.h"

/*
 * Writes the counts of @run to @out. For each lock: "address" and "words" that
 * threads wait on, "inner" word or null, acquisitions, contended, handoffs and
 * their "matrix", stolen, timeouts and races (null where the kind of lock does
 * not show them), wait_ns_total. For each thread: tid, name, index of its
 * lock, waits, wait_ns, wall_ns, cpu_ns. Times are in ns.
 */
void report_write(const struct run *run, FILE *out);

#endif
