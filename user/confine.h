/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_CONFINE_H
#define GILWATCH_CONFINE_H

#include <stdio.h>

/*
 * The last lock on the door: a seccomp filter for what runs with privileges and
 * reads what others have written.
 */

/* What becomes of a system call that is not in the list. */
enum confine {
	CONFINE_REFUSE, /* it fails with EPERM, and the watching goes on */
	CONFINE_KILL,   /* the process dies of SIGSYS: for tests */
};

/*
 * From here on this process and its children may read and write files, memory
 * of their own, terminals and BPF maps, read the memory of other processes,
 * wait, signal, and fork; and nothing else. In particular no exec, no new
 * program in the kernel, no socket, no ptrace, no write into another process,
 * no change of user, namespace or mount, no memory that can be executed.
 *
 * Call it after attaching, after priv_drop, and after a command was forked,
 * which is not to have the filter.
 *
 * Returns 0 or a negative errno (-EINVAL, -ENOSYS: this kernel has no filters);
 * then nothing has changed.
 */
int confine(enum confine how);

/*
 * confine(), CONFINE_KILL where the environment has GILWATCH_SECCOMP=kill. A
 * kernel without filters is no reason not to watch: then a line goes to err.
 */
void confine_self(FILE *err);

#endif
