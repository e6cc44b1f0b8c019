// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The search in a live process. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interp.h"

struct process {
	pid_t pid;
	struct mem_process memory;
	struct mem_file file;
};

/*
 * Only a plain file is opened for reading: opening a device or a pipe can do
 * something or wait. path is what the process itself would open.
 */
static int open_plain(const char *path)
{
	char again[64];
	struct stat st;
	int fd, place = open(path, O_PATH | O_CLOEXEC);

	if (place < 0)
		return -errno;
	if (fstat(place, &st) || !S_ISREG(st.st_mode)) {
		close(place);
		return -EINVAL;
	}
	snprintf(again, sizeof(again), "/proc/self/fd/%d", place);
	fd = open(again, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		fd = -errno;
	close(place);
	return fd;
}

/* The file that is mapped, also when deleted; needs CAP_CHECKPOINT_RESTORE. */
static int open_mapped(pid_t pid, const struct maps_range *r)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/map_files/%jx-%jx", (int)pid,
		 (uintmax_t)r->start, (uintmax_t)r->end);
	return open_plain(path);
}

/* The file by its name, in the mounts and the root that the process sees. */
static int open_named(pid_t pid, const struct maps_range *r)
{
	char path[4096 + 64];
	struct stat st;
	int fd;

	if (r->deleted || r->path[0] != '/')
		return -ENOENT;
	snprintf(path, sizeof(path), "/proc/%d/root%s", (int)pid, r->path);
	fd = open_plain(path);
	if (fd >= 0 && (fstat(fd, &st) || st.st_ino != r->inode)) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

static int open_file(void *ctx, const struct maps_range *r, struct mem *file)
{
	struct process *p = ctx;
	int fd = open_mapped(p->pid, r);

	if (fd < 0)
		fd = open_named(p->pid, r);
	if (fd < 0)
		return fd;
	p->file.fd = fd;
	*file = mem_of_file(&p->file);
	return 0;
}

static void close_file(void *ctx)
{
	struct process *p = ctx;

	close(p->file.fd);
}

/* Maps can be read with fewer rights than memory. */
static int can_read(struct process *p, const struct maps *maps)
{
	struct mem m = mem_of_process(&p->memory);
	char byte;
	size_t i;

	for (i = 0; i < maps->count; i++) {
		if (!(maps->range[i].access & MAPS_READ))
			continue;
		if (mem_part(&m, maps->range[i].start, &byte, 1))
			return 0;
		if (p->memory.err)
			return p->memory.err;
	}
	return maps->count ? -EFAULT : -ESRCH;
}

int interp_find(pid_t pid, const struct interp_hints *hints, struct interp *out,
		struct buf *explain)
{
	struct process p = { .pid = pid };
	struct interp_source src = { .open_file = open_file,
				     .close_file = close_file,
				     .ctx = &p };
	struct maps maps;
	int err;

	*out = (struct interp){ 0 };
	err = maps_read(&maps, pid);
	if (err)
		return err;
	mem_process_open(&p.memory, pid);
	err = can_read(&p, &maps);
	src.maps = &maps;
	src.mem = mem_of_process(&p.memory);
	if (!err)
		err = interp_search(&src, hints, out, explain);
	mem_process_close(&p.memory);
	maps_free(&maps);
	return err;
}
