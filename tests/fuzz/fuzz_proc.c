// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* libFuzzer: files of /proc/PID that are parsed: stat, status, syscall. The
 * functions of target.c are its own, hence its text here. */
#define _GNU_SOURCE
#include "../../user/target.c"

#include <stdint.h>
#include <sys/mman.h>

#include "blocked.h"

static char path[] = "/tmp/gilwatch-fuzz-XXXXXX";

static void remove_folder(void)
{
	int fd = open_folder(AT_FDCWD, path);

	unlinkat(fd, "stat", 0);
	unlinkat(fd, "status", 0);
	rmdir(path);
}

/* A folder with the two files, made once; gone when the program ends. */
static int folder(void)
{
	static int fd = -1;

	if (fd < 0 && mkdtemp(path)) {
		fd = open_folder(AT_FDCWD, path);
		atexit(remove_folder);
		symlinkat("/proc/self/fd/900", fd, "stat");
		symlinkat("/proc/self/fd/900", fd, "status");
	}
	return fd;
}

/* The content of both: a file without a name, under a number that is free. */
static void put(const uint8_t *data, size_t size)
{
	static int content = -1;

	if (content < 0) {
		int fd = memfd_create("content", 0);

		content = dup2(fd, 900);
		close(fd);
	}
	if (content < 0 || ftruncate(content, 0) ||
	    pwrite(content, data, size, 0) != (ssize_t)size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct about about = { 0 };
	struct blocked b;
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	/* Exactly as long: what is read behind it is found. */
	memcpy(text, data, size);
	if (!blocked_parse(text, size, &b) &&
	    (unsigned int)b.in > BLOCKED_FUTEX)
		abort();
	free(text);
	put(data, size);
	if (!read_about(folder(), &about))
		has_ended(&about);
	process_of(folder());
	return 0;
}
