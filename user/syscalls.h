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

/*
 * Before loading: choose the programs. On perf events where these are to be had
 * (an id in tracefs and perf_event_open, which Debian keeps for CAP_SYS_ADMIN
 * by kernel.perf_event_paranoid=3), but for calls that this kernel has not;
 * else the two that see every system call, which need neither.
 *
 * tracefs: from tracefs_open; below 0: there is none
 */
void syscalls_choose(struct bpf_object *obj, int tracefs);

/* Before loading: leave out all of them. */
void syscalls_leave_out(struct bpf_object *obj);

/*
 * After loading: attach the others. Returns 0 or a negative errno; either way
 * syscalls_detach ends what was attached. s has to be zeroed.
 */
int syscalls_attach(struct syscalls *s, struct bpf_object *obj, int tracefs);

/* Detach all. */
void syscalls_detach(struct syscalls *s);

#endif
