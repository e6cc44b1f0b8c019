/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_PFTRACE_H
#define GILWATCH_PFTRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "strindex.h"

/*
 * Writes a Perfetto trace (pftrace.proto) packet by packet. A track has to be
 * told before its events; the events of one track have to come in the order of
 * time, slices begun and ended in pairs. All text has to be UTF-8.
 */

/* Where the bytes go. Returns 0 or a negative errno, which then sticks. */
typedef int (*pftrace_write_fn)(void *ctx, const void *data, size_t n);

struct pftrace {
	struct buf out; /* not written yet */
	pftrace_write_fn write;
	void *ctx;
	struct strindex events, args; /* names that the trace has already */
	bool begun;
	int err;
};

void pftrace_begin(struct pftrace *p, pftrace_write_fn write, void *ctx);

/* Write what is left and give everything back. Returns 0 or the first error. */
int pftrace_end(struct pftrace *p);

/* The same moment by three clocks, in ns. */
void pftrace_clocks(struct pftrace *p, uint64_t boot, uint64_t monotonic,
		    uint64_t real);

/* Tracks. uuid: any number but 0, each once; parent: 0 for none. */
void pftrace_process(struct pftrace *p, uint64_t uuid, int32_t pid,
		     const char *name);
void pftrace_thread(struct pftrace *p, uint64_t uuid, int32_t pid, int32_t tid,
		    const char *name);
void pftrace_track(struct pftrace *p, uint64_t uuid, uint64_t parent,
		   const char *name);
void pftrace_counter(struct pftrace *p, uint64_t uuid, uint64_t parent,
		     const char *name);

/* Something that is told beside an event: text, or a number where it is NULL.
 */
struct pftrace_arg {
	const char *name, *text;
	uint64_t number;
};

#define PFTRACE_ARGS_MAX 8

/* What an event has besides its track and time; zeroed: nothing. */
struct pftrace_event {
	const char *name;
	struct pftrace_arg arg[PFTRACE_ARGS_MAX];
	size_t args;
	uint64_t flow_from, flow_to; /* an arrow that begins or ends here, by
					its number; 0: none */
};

/* Events, at ns of CLOCK_BOOTTIME. */
void pftrace_slice(struct pftrace *p, uint64_t uuid, uint64_t ns,
		   const struct pftrace_event *e);
void pftrace_slice_end(struct pftrace *p, uint64_t uuid, uint64_t ns);
void pftrace_instant(struct pftrace *p, uint64_t uuid, uint64_t ns,
		     const struct pftrace_event *e);
void pftrace_value(struct pftrace *p, uint64_t uuid, uint64_t ns, double value);

#endif
