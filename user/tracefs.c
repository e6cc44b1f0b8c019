// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tracefs.h"

#define SYSCALLS "events/syscalls"

/* Where it is by custom, the second with debugfs. */
static const char *const places[] = {
	"/sys/kernel/tracing/" SYSCALLS,
	"/sys/kernel/debug/tracing/" SYSCALLS,
};

static int open_folder(int at, const char *path)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* fsmount(2) without move_mount(2): mounted nowhere. */
static int open_unmounted(void)
{
	int fs = fsopen("tracefs", FSOPEN_CLOEXEC), mount = -1, err = 0, fd;

	if (fs < 0)
		return -errno;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) ||
	    (mount = fsmount(fs, FSMOUNT_CLOEXEC,
			     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				     MOUNT_ATTR_NOEXEC)) < 0)
		err = -errno;
	close(fs);
	if (err)
		return err;
	fd = open_folder(mount, SYSCALLS);
	close(mount);
	return fd;
}

int tracefs_open(void)
{
	int fd;

	for (unsigned int i = 0; i < sizeof(places) / sizeof(*places); i++) {
		fd = open_folder(AT_FDCWD, places[i]);
		if (fd >= 0)
			return fd;
	}
	return open_unmounted();
}

bool tracefs_has(int tracefs, const char *name)
{
	return !faccessat(tracefs, name, F_OK, 0);
}

int tracefs_id(int tracefs, const char *name)
{
	char path[128], text[16] = "";
	ssize_t n;
	int fd, id;

	snprintf(path, sizeof(path), "%s/id", name);
	fd = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	id = n < 0 ? -errno : atoi(text);
	close(fd);
	return id ? id : -EIO;
}
