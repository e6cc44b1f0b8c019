// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "owner.h"

/* PID_MAX_LIMIT of the kernel. */
#define TID_MAX 4194304u

/* More locks of one mutex by its owner, or users of it, are not believed. */
#define COUNT_MAX (1u << 20)

/* Kinds of pthread_mutex_t (nptl/pthreadP.h): the type in bits 0-1, 0x10
 * robust, 0x20 priority inheritance, 0x40 protected priority, 0x80 shared,
 * 0x100 and 0x200 elision. */
#define KIND_TYPE 3u
#define KIND_RECURSIVE 1u
#define KIND_WORD_IS_TID 0x30u
#define KIND_ALL 0x3f3u

struct mutex {
	uint32_t lock;
	uint32_t count;
	uint32_t owner;
	uint32_t users;
	uint32_t kind;
};

static bool is_held(const struct mutex *m)
{
	if (m->kind & KIND_WORD_IS_TID)
		return (m->lock & FUTEX_TID_MASK) == m->owner;
	return m->lock == 1 || m->lock == 2;
}

static bool is_mutex(const struct mutex *m)
{
	if (m->kind & ~KIND_ALL || m->owner > TID_MAX || m->users > COUNT_MAX ||
	    m->count > COUNT_MAX)
		return false;
	if (!m->owner)
		return !m->lock;
	/* Robust and priority-inheriting ones count always. */
	if (m->count && (m->kind & KIND_TYPE) != KIND_RECURSIVE &&
	    !(m->kind & KIND_WORD_IS_TID))
		return false;
	return is_held(m);
}

static struct owner judge(uint64_t word, const struct mutex *m)
{
	if (word & 3 || !is_mutex(m))
		return (struct owner){ .state = OWNER_UNKNOWN };
	return (struct owner){
		.state = m->owner ? OWNER_HELD : OWNER_FREE,
		.tid = m->owner,
		.recursive = (m->kind & KIND_TYPE) == KIND_RECURSIVE,
		.count = m->count,
	};
}

struct owner owner_read(const struct mem *m, uint64_t word)
{
	struct mutex x;

	if (mem_get(m, word, &x, sizeof(x)))
		return (struct owner){ .state = OWNER_UNKNOWN };
	return judge(word, &x);
}

void owner_read_many(struct mem_process *p, const uint64_t *word,
		     struct owner *out, size_t n)
{
	const struct mem mem = mem_of_process(p);
	struct mutex x[MEM_GATHER_MAX];
	size_t i, read;

	read = mem_gather(p, word, n, x, sizeof(*x));
	for (i = 0; i < read; i++)
		out[i] = judge(word[i], &x[i]);
	for (; i < n; i++)
		out[i] = owner_read(&mem, word[i]);
}

/*
 * The numbers behind "NSpid:" in a status file, each after a tab: the thread's
 * in the namespace of /proc, and in each one within it; proc(5). NULL where
 * there are none.
 */
static char *numbers(int dir, const char *path, char *text, size_t size)
{
	char *line;
	ssize_t n;
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	line = strstr(text, "\nNSpid:\t");
	if (!line)
		return NULL;
	line = strchr(line, '\t');
	line[strcspn(line, "\n")] = '\0';
	return line;
}

/* The last one; 0: not known. */
static uint32_t inner_number(int dir, const char *path)
{
	char text[4096];
	const char *all = numbers(dir, path, text, sizeof(text));

	return all ? (uint32_t)strtoul(strrchr(all, '\t') + 1, NULL, 10) : 0;
}

static bool has_number(int tasks, const char *tid, uint32_t inner)
{
	char path[288];

	snprintf(path, sizeof(path), "%s/status", tid);
	return inner_number(tasks, path) == inner;
}

static pid_t find_thread(DIR *tasks, uint32_t inner)
{
	struct dirent *entry;

	while ((entry = readdir(tasks)))
		if (entry->d_name[0] != '.' &&
		    has_number(dirfd(tasks), entry->d_name, inner))
			return (pid_t)strtol(entry->d_name, NULL, 10);
	return -ESRCH;
}

pid_t owner_thread(pid_t pid, uint32_t inner)
{
	char path[64], tid[16];
	DIR *tasks;
	pid_t found;

	if (!inner || inner > TID_MAX)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (!tasks)
		return errno == ENOENT ? -ESRCH : -errno;
	/* Nearly always it has the same number here. */
	snprintf(tid, sizeof(tid), "%u", inner);
	found = has_number(dirfd(tasks), tid, inner)
			? (pid_t)inner
			: find_thread(tasks, inner);
	closedir(tasks);
	return found;
}

uint32_t owner_inner(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return inner_number(AT_FDCWD, path);
}

bool owner_same_numbers(pid_t pid)
{
	char path[64], text[4096];
	const char *all;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	all = numbers(AT_FDCWD, path, text, sizeof(text));
	return all && strrchr(all, '\t') == all;
}
