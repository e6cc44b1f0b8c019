/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TARGET_H
#define GILWATCH_TARGET_H

#include <stddef.h>
#include <sys/types.h>

/* Which processes to watch: by number or by name. */

/* Room for any message that target_check writes. */
#define TARGET_MSG 256

/* Process ids (thread group leaders), ascending, each once. Zeroed: empty. */
struct target_list {
	pid_t *pid;
	size_t count;
	size_t cap;
};

/*
 * Check that pid is a process that can be watched.
 *
 * Returns 0, or a negative errno with one line in msg (no newline):
 *   -ESRCH   no such process, or it has ended (zombie)
 *   -EINVAL  a thread of another process (the line names that process), or a
 *            thread of the kernel
 *   other    /proc cannot be read
 * A process whose first thread has ended but whose others live is fine.
 */
int target_check(pid_t pid, char msg[TARGET_MSG]);

/*
 * Find the processes of which one of these matches a glob (fnmatch, case
 * matters): the process's name, the name of any of its threads
 * (/proc/PID/task/TID/comm, at most 15 bytes), the last component of argv[0],
 * the last component of the executable's path. Kernel threads, zombies and
 * gilwatch itself are left out.
 *
 * proc:  the folder to read, "/proc"
 * glob:  count patterns
 * found: what is found is added to it
 *
 * Returns 0 (also where nothing is found), -ENOMEM, or the negative errno of
 * reading proc; the list is good for target_list_free in any case. Processes
 * that end meanwhile are left out.
 */
int target_find(const char *proc, const char *const *glob, size_t count,
		struct target_list *found);

/* Add a process unless it is there. Returns 0 or -ENOMEM. */
int target_list_add(struct target_list *l, pid_t pid);

/* Give the list back; it is empty and usable again. */
void target_list_free(struct target_list *l);

/*
 * A file descriptor (close-on-exec) that polls readable when the process has
 * ended: pidfd_open(2). Returns it or a negative errno (-ESRCH: gone).
 */
int target_pidfd(pid_t pid);

#endif
