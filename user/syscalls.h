/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_SYSCALLS_H
#define GILWATCH_SYSCALLS_H

#include <bpf/libbpf.h>

/*
 * Programs on system call tracepoints. libbpf attaches these only where tracefs
 * is mounted; here its descriptor is enough (tracefs.h).
 */

#define SYSCALLS_MAX 16

struct syscalls {
	struct bpf_link *link[SYSCALLS_MAX];
	size_t links;
};

/* Before loading: leave out the programs whose call this kernel has not. */
void syscalls_choose(struct bpf_object *obj, int tracefs);

/*
 * After loading: attach the others. Returns 0 or a negative errno; either way
 * syscalls_detach ends what was attached. s has to be zeroed.
 */
int syscalls_attach(struct syscalls *s, struct bpf_object *obj, int tracefs);

/* Detach all. */
void syscalls_detach(struct syscalls *s);

#endif
