/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TRACEFS_H
#define GILWATCH_TRACEFS_H

#include <stdbool.h>

/*
 * System call tracepoints have their numbers in tracefs, which containers and
 * minimal machines do not mount. It is then mounted where only gilwatch sees
 * it: in a mount namespace of its own, which ends with tracefs_leave.
 */
struct tracefs {
	int mounts; /* the mount namespace to go back to; -1: never left it */
	int cwd;    /* the folder to go back to */
};

#define TRACEFS_NONE ((struct tracefs){ .mounts = -1, .cwd = -1 })

/*
 * Make tracefs readable. Nothing is done where it is mounted already.
 *
 * Returns 0, or a negative errno of unshare(2) or mount(2); then the process is
 * where it was.
 */
int tracefs_enter(struct tracefs *t);

/* Go back to where tracefs_enter was called. Returns 0 or a negative errno. */
int tracefs_leave(struct tracefs *t);

/* Whether this kernel has the tracepoint syscalls/NAME. */
bool tracefs_has_syscall(const char *name);

#endif
