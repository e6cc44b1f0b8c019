// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* libFuzzer: what a process says of itself, against names with wildcards (-c):
 * its threads' names, its command line and the path of its program. The
 * functions of target.c are its own, hence its text here. */
#define _GNU_SOURCE
#include "../../user/target.c"

#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Where the content of both files is open. */
#define CONTENT 900

static char path[] = "/tmp/gilwatch-fuzz-XXXXXX";

static void remove_folder(void)
{
	int fd = open_folder(AT_FDCWD, path);

	unlinkat(fd, "task/1/comm", 0);
	unlinkat(fd, "task/1", AT_REMOVEDIR);
	unlinkat(fd, "task", AT_REMOVEDIR);
	unlinkat(fd, "cmdline", 0);
	unlinkat(fd, "exe", 0);
	rmdir(path);
}

/* A folder like that of a process, made once; gone when the program ends. */
static int folder(void)
{
	static int fd = -1;

	if (fd >= 0)
		return fd;
	if (!mkdtemp(path))
		abort();
	atexit(remove_folder);
	fd = open_folder(AT_FDCWD, path);
	if (mkdirat(fd, "task", 0700) || mkdirat(fd, "task/1", 0700) ||
	    symlinkat("/proc/self/fd/900", fd, "cmdline") ||
	    symlinkat("/proc/self/fd/900", fd, "task/1/comm"))
		abort();
	return fd;
}

static void put(const uint8_t *data, size_t size)
{
	static int content = -1;

	if (content < 0) {
		int fd = memfd_create("content", 0);

		content = dup2(fd, CONTENT);
		close(fd);
	}
	if (content < 0 || ftruncate(content, 0) ||
	    pwrite(content, data, size, 0) != (ssize_t)size)
		abort();
}

/* A link to an empty name or to one that is too long cannot be made. */
static void link_exe(const uint8_t *data, size_t size)
{
	char *exe = strndup((const char *)data, size);

	unlinkat(folder(), "exe", 0);
	if (exe && symlinkat(exe, folder(), "exe") && errno != ENOENT &&
	    errno != ENAMETOOLONG)
		abort();
	free(exe);
}

/* What any name matches, matches where there is one; what none does, never. */
static void check(int process)
{
	const char *const any[] = { "*" }, *const none[] = { "" };
	const struct globs all = { any, 1 }, no = { none, 1 };
	char text[64];
	bool named = read_text(process, "task/1/comm", text, sizeof(text)) > 0;

	if (match_threads(&all, process) != named ||
	    match_argv0(&all, process) != named)
		abort();
	match_threads(&no, process);
	match_argv0(&no, process);
	match_exe(&no, process);
	match_exe(&all, process);
}

/* The input is a name with wildcards up to the first newline, then the rest. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t n = end ? (size_t)(end - data) : 0;
	char *name = strndup((const char *)data, n < 64 ? n : 64);
	const char *const one[] = { name };
	const struct globs g = { one, 1 };

	if (!name)
		return 0;
	if (end) {
		data = end + 1;
		size -= n + 1;
	}
	put(data, size);
	link_exe(data, size);
	check(folder());
	match_threads(&g, folder());
	match_argv0(&g, folder());
	match_exe(&g, folder());
	free(name);
	return 0;
}
