/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_LAUNCH_H
#define GILWATCH_LAUNCH_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "priv.h"

/*
 * Starting the command to watch, in two steps: a child that has everything but
 * the exec behind it and waits, so that the probes can be attached to it; and
 * the word to go.
 *
 *	launch_prepare -> attach -> launch_go -> poll pidfd -> launch_wait
 *
 * If gilwatch dies before launch_go, by whatever, the child sees its end of the
 * channel close and exits without having run the command.
 *
 * The command stays in gilwatch's process group and on its terminal: Ctrl-C
 * reaches both. gilwatch then does not kill it but waits for it to end by
 * itself, and a second SIGINT ends gilwatch at once.
 *
 * Prepare before unsharing a namespace: the child has the namespaces of the
 * moment it was made in.
 */

/* Exit statuses as a shell gives them. */
#define LAUNCH_NOT_EXECUTABLE 126
#define LAUNCH_NOT_FOUND 127
#define LAUNCH_SIGNAL 128 /* plus the signal's number */

/* Room for any message that launch_explain writes. */
#define LAUNCH_MSG 512

struct launch {
	pid_t pid;   /* the command's process; 0: none */
	int pidfd;   /* polls readable when it has ended; -1: none */
	int channel; /* to the waiting child; -1 after launch_go */
	bool reaped;
	int status; /* as waitpid gives it, once reaped */
};

/*
 * Make the child and wait until it is ready to exec.
 *
 * argv: the command and its arguments, ended by NULL; at least one
 * user: run as this user (groups, HOME, USER, LOGNAME, SHELL); where not set,
 *       as gilwatch runs
 *
 * The child has all signals at their defaults and unblocked, no descriptors but
 * 0, 1 and 2, no inheritable and no ambient capabilities.
 *
 * Returns 0, or a negative errno; then there is no child.
 */
int launch_prepare(struct launch *l, char *const *argv,
		   const struct priv_user *user);

/*
 * The same for a command that must leave the terminal to gilwatch: its standard
 * output and error go to the descriptor `output` (which stays the caller's),
 * its input is /dev/null. -1 for output: as launch_prepare.
 */
int launch_prepare_apart(struct launch *l, char *const *argv,
			 const struct priv_user *user, int output);

/*
 * Make a new file for a command's output in $TMPDIR, or in /tmp, readable by
 * the user alone.
 *
 * path: gets its name
 * user: its owner; where not set, as gilwatch runs
 *
 * Returns a descriptor (close-on-exec) or a negative errno.
 */
int launch_output_file(char path[PATH_MAX], const struct priv_user *user);

/*
 * Let the child exec (execvp: PATH is searched, with the user's rights).
 *
 * Returns 0 once the new program runs (or the child was killed while waiting:
 * launch_wait then tells the signal); the negative errno of the exec otherwise,
 * and the child is reaped. launch_status turns that into 126 or 127.
 */
int launch_go(struct launch *l);

/* The exit status for a failed exec: 127 for -ENOENT, else 126. */
int launch_status(int err);

/*
 * One line (no newline) for a failed launch_prepare or launch_go: what happened
 * to which command. Returns msg.
 */
const char *launch_explain(char msg[LAUNCH_MSG], const char *command, int err);

/*
 * Has the command ended?
 *
 * block:  wait for it (restarted after signals only where they restart calls:
 *         -EINTR comes back to the caller otherwise)
 * status: gets the exit status, 128 + N after signal N
 *
 * Returns 1 when it has ended, 0 when it still runs (never with block), or a
 * negative errno. May be asked again after the end.
 */
int launch_wait(struct launch *l, bool block, int *status);

/*
 * Give up: a child that still waits ends without running the command and is
 * reaped. A command that runs already is left alone. Closes everything; safe on
 * a struct that LAUNCH_NONE or a failed launch_prepare left.
 */
void launch_cancel(struct launch *l);

/* A struct launch without a child. */
#define LAUNCH_NONE ((struct launch){ .pidfd = -1, .channel = -1 })

#endif
