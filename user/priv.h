/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_PRIV_H
#define GILWATCH_PRIV_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* What gilwatch is allowed to do, and giving up what it no longer needs. */

/* Oldest kernel: task storage in tracing programs came with it. */
#define PRIV_KERNEL_MAJOR 5
#define PRIV_KERNEL_MINOR 12

/* Room for any message that is written here. */
#define PRIV_MSG 512

/* What priv_check looks at. */
struct priv_facts {
	uint64_t caps;       /* effective capabilities, bit N = capability N */
	const char *release; /* the running kernel's, as uname -r prints it */
	int btf;             /* 0, or the negative errno of opening the BTF */
	bool root;           /* effective user 0 */
	bool initial_userns; /* not root of a container's user namespace only */
};

/*
 * Judge the facts; the first obstacle in the order kernel, BTF, user namespace,
 * capabilities is the one that is told.
 *
 * Returns 0 with an empty msg, or -ENOTSUP (kernel, BTF) or -EPERM with one
 * line in msg, without a newline and without the program's name.
 */
int priv_judge(const struct priv_facts *f, char msg[PRIV_MSG]);

/*
 * Collect the facts of this machine and process and judge them; an obstacle is
 * written to err as one line "gilwatch: ...". Returns as priv_judge.
 */
int priv_check(FILE *err);

/* The user who called sudo. */
struct priv_user {
	bool set; /* false: there is nobody to become; the rest is empty */
	uid_t uid;
	gid_t gid;
	char name[LOGIN_NAME_MAX];
	char home[PATH_MAX];
	char shell[PATH_MAX];
};

/*
 * Find the user who called sudo, from SUDO_UID, SUDO_GID and the user database.
 * Not set where the process is not root, SUDO_UID is not there, or it is 0.
 *
 * Returns 0; -EINVAL where SUDO_UID or SUDO_GID is no user or group number;
 * -ENOENT where no such user exists; another negative errno of the database.
 * On an error msg has one line. Never falls back to root by itself.
 */
int priv_sudo_user(struct priv_user *u, char msg[PRIV_MSG]);

/*
 * Become the user for good, with the user's groups, and keep only CAP_BPF,
 * CAP_PERFMON and CAP_SYS_PTRACE (reading maps, task iterators, other
 * processes' memory). The bounding set is emptied where CAP_SETPCAP allows it;
 * no_new_privs is set.
 *
 * u: from priv_sudo_user. Not set: the uid stays. Root that stays root also
 *    keeps CAP_DAC_OVERRIDE, so that reports go wherever root said.
 *
 * Call it after attaching and before anything is read from other processes.
 * Afterwards, unless the process stays root:
 *   - other users' memory is read with process_vm_readv, not /proc/PID/mem: the
 *     mode of that file asks for CAP_DAC_OVERRIDE;
 *   - signals to a command that runs as root are refused;
 *   - tracefs is closed.
 *
 * Returns 0 or a negative errno; then the process may be half-way and has to
 * end.
 */
int priv_drop(const struct priv_user *u);

#endif
