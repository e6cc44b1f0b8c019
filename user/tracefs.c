// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tracefs.h"

#define TRACEFS "/sys/kernel/tracing"

/* The two places where libbpf looks. */
static const char *const places[] = {
	TRACEFS "/events/syscalls",
	"/sys/kernel/debug/tracing/events/syscalls",
};

static bool mounted(void)
{
	return !access(places[0], X_OK) || !access(places[1], X_OK);
}

static void forget(struct tracefs *t)
{
	if (t->mounts >= 0)
		close(t->mounts);
	if (t->cwd >= 0)
		close(t->cwd);
	*t = TRACEFS_NONE;
}

/* Private first: nothing mounted here may reach the other namespaces. */
static int mount_here(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	if (mount("tracefs", TRACEFS, "tracefs",
		  MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return -errno;
	return 0;
}

int tracefs_enter(struct tracefs *t)
{
	int err;

	*t = TRACEFS_NONE;
	if (mounted())
		return 0;
	t->mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	t->cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (t->mounts < 0 || t->cwd < 0 || unshare(CLONE_NEWNS)) {
		err = -errno;
		forget(t);
		return err;
	}
	err = mount_here();
	if (err)
		tracefs_leave(t);
	return err;
}

int tracefs_leave(struct tracefs *t)
{
	int err = 0;

	if (t->mounts < 0)
		return 0;
	/* Entering a mount namespace moves to its root. */
	if (setns(t->mounts, CLONE_NEWNS) || fchdir(t->cwd))
		err = -errno;
	forget(t);
	return err;
}

bool tracefs_has_syscall(const char *name)
{
	char path[128];

	for (unsigned int i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, sizeof(path), "%s/%s", places[i], name);
		if (!access(path, F_OK))
			return true;
	}
	return false;
}
