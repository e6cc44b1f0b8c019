/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TRACEFS_H
#define GILWATCH_TRACEFS_H

#include <stdbool.h>

/*
 * System call tracepoints have their numbers in tracefs, which containers and
 * minimal machines do not mount. Then an instance is opened that is mounted
 * nowhere and seen by nobody else; it ends with its descriptor.
 */

/*
 * Open the folder of the system calls' tracepoints.
 *
 * Returns a file descriptor, or the negative errno of making the instance
 * (-EPERM: needs CAP_SYS_ADMIN; -ENODEV: the kernel has no tracefs).
 */
int tracefs_open(void);

/* Whether this kernel has the tracepoint syscalls/NAME. */
bool tracefs_has(int tracefs, const char *name);

/* The number of the tracepoint syscalls/NAME, or a negative errno. */
int tracefs_id(int tracefs, const char *name);

#endif
