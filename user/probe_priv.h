/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_PROBE_PRIV_H
#define GILWATCH_PROBE_PRIV_H

#include "probe.h"
#include "syscalls.h"

/* Between probe.c, which loads and attaches, and probe_read.c. */

struct gilwatch_bpf;
struct ring_buffer;

struct probe {
	struct gilwatch_bpf *skel;
	struct ring_buffer *ring;
	struct tables tables;
	struct gw_event *events; /* NULL: they are not recorded */
	size_t events_size;
	uint64_t memory;
	struct syscalls syscalls;
	int stats;           /* keeps the kernel timing the programs; -1: not */
	probe_live_fn ended; /* during probe_read_messages */
	probe_message_fn other;
	void *ctx;
};

#endif
