// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "target.h"
#include "text.h"

/* A kernel thread: include/linux/sched.h. */
#define PF_KTHREAD 0x00200000

/* "(deleted)" is what the kernel adds to the path of a file that is gone. */
#define DELETED " (deleted)"

struct globs {
	const char *const *glob;
	size_t count;
};

/* What /proc/PID/stat says. */
struct about {
	char state;
	unsigned int flags;
	long threads;
};

/* A file below dir as text; its length or a negative errno. */
static ssize_t read_text(int dir, const char *path, char *text, size_t size)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

static int open_folder(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* /proc/PID/stat, proc(5): 3 state, 9 flags, 20 num_threads. */
static int read_about(int process, struct about *a)
{
	char text[1024], *rest;
	ssize_t n;

	n = read_text(process, "stat", text, sizeof(text));
	if (n < 0)
		return (int)n;
	/* The name in brackets may have brackets and spaces of its own. */
	rest = strrchr(text, ')');
	if (!rest || sscanf(rest,
			    ") %c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u "
			    "%*u %*u %*d %*d %*d %*d %ld",
			    &a->state, &a->flags, &a->threads) != 3)
		return -EPROTO;
	return 0;
}

/* The first thread stays a zombie as long as others of its process live. */
static bool has_ended(const struct about *a)
{
	return (a->state == 'Z' || a->state == 'X') && a->threads <= 1;
}

/* The process that a thread belongs to, or a negative errno. */
static int process_of(int process)
{
	char text[4096], *line;
	ssize_t n;
	int tgid;

	n = read_text(process, "status", text, sizeof(text));
	if (n < 0)
		return (int)n;
	line = strstr(text, "\nTgid:");
	return line && sscanf(line, "\nTgid: %d", &tgid) == 1 ? tgid : -EPROTO;
}

static int refuse(int err, char msg[TARGET_MSG], pid_t pid, const char *what)
{
	snprintf(msg, TARGET_MSG, "process %d: %s", (int)pid, what);
	return err;
}

static int refuse_thread(char msg[TARGET_MSG], pid_t tid, pid_t pid)
{
	char path[64], comm[64], shown[TEXT_COMM];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	n = read_text(AT_FDCWD, path, comm, sizeof(comm));
	text_escape(shown, sizeof(shown), comm,
		    strcspn(n > 0 ? comm : "", "\n"));
	snprintf(msg, TARGET_MSG,
		 "%d is a thread of process %d (%s): give -p %d", (int)tid,
		 (int)pid, shown, (int)pid);
	return -EINVAL;
}

static int judge(pid_t pid, int tgid, const struct about *a,
		 char msg[TARGET_MSG])
{
	if (tgid != pid)
		return refuse_thread(msg, pid, tgid);
	if (a->flags & PF_KTHREAD)
		return refuse(-EINVAL, msg, pid,
			      "a thread of the kernel, which has no futexes");
	if (has_ended(a))
		return refuse(-ESRCH, msg, pid,
			      "it has ended (a zombie that its parent has not "
			      "fetched)");
	return 0;
}

int target_check(pid_t pid, char msg[TARGET_MSG])
{
	char path[64];
	struct about a;
	int dir, tgid;

	msg[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dir = tgid = open_folder(AT_FDCWD, path);
	if (dir >= 0) {
		tgid = read_about(dir, &a);
		if (!tgid)
			tgid = process_of(dir);
		close(dir);
	}
	if (tgid == -ENOENT || tgid == -ESRCH)
		return refuse(-ESRCH, msg, pid, "no such process");
	if (tgid < 0)
		return refuse(tgid, msg, pid, strerror(-tgid));
	return judge(pid, tgid, &a, msg);
}

static bool match(const struct globs *g, const char *name)
{
	size_t i;

	for (i = 0; i < g->count; i++)
		if (!fnmatch(g->glob[i], name, 0))
			return true;
	return false;
}

static bool match_path(const struct globs *g, const char *path)
{
	const char *slash = strrchr(path, '/');

	return match(g, slash ? slash + 1 : path);
}

static bool match_comm(const struct globs *g, int tasks, const char *tid)
{
	char path[PATH_MAX], comm[64];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/comm", tid);
	n = read_text(tasks, path, comm, sizeof(comm));
	if (n <= 0)
		return false;
	if (comm[n - 1] == '\n')
		comm[n - 1] = '\0';
	return match(g, comm);
}

/* The first thread's name is the process's. */
static bool match_threads(const struct globs *g, int process)
{
	int fd = open_folder(process, "task");
	struct dirent *entry;
	bool found = false;
	DIR *tasks;

	if (fd < 0)
		return false;
	tasks = fdopendir(fd);
	if (!tasks) {
		close(fd);
		return false;
	}
	while (!found && (entry = readdir(tasks)))
		if (entry->d_name[0] != '.')
			found = match_comm(g, fd, entry->d_name);
	closedir(tasks);
	return found;
}

static bool match_argv0(const struct globs *g, int process)
{
	char text[PATH_MAX];

	/* Arguments are NUL-separated: the text ends after the first. */
	return read_text(process, "cmdline", text, sizeof(text)) > 0 &&
	       match_path(g, text);
}

static bool match_exe(const struct globs *g, int process)
{
	const size_t deleted = sizeof(DELETED) - 1;
	char exe[PATH_MAX];
	ssize_t n;

	n = readlinkat(process, "exe", exe, sizeof(exe) - 1);
	if (n < 0)
		return false;
	exe[n] = '\0';
	if ((size_t)n > deleted && !strcmp(exe + n - deleted, DELETED))
		exe[(size_t)n - deleted] = '\0';
	return match_path(g, exe);
}

static bool match_process(const struct globs *g, int proc, const char *pid)
{
	int process = open_folder(proc, pid);
	struct about a;
	bool found;

	if (process < 0)
		return false;
	found = !read_about(process, &a) && !(a.flags & PF_KTHREAD) &&
		!has_ended(&a) &&
		(match_threads(g, process) || match_argv0(g, process) ||
		 match_exe(g, process));
	close(process);
	return found;
}

int target_list_add(struct target_list *l, pid_t pid)
{
	size_t cap = l->count ? l->count * 2 : 16, at = l->count;
	pid_t *grown;

	while (at && l->pid[at - 1] > pid)
		at--;
	if (at && l->pid[at - 1] == pid)
		return 0;
	if (l->count >= l->cap) {
		grown = reallocarray(l->pid, cap, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		l->pid = grown;
		l->cap = cap;
	}
	memmove(l->pid + at + 1, l->pid + at, (l->count - at) * sizeof(pid_t));
	l->pid[at] = pid;
	l->count++;
	return 0;
}

int target_find(const char *proc, const char *const *glob, size_t count,
		struct target_list *found)
{
	const struct globs g = { glob, count };
	struct dirent *entry;
	int err = 0;
	pid_t pid;
	DIR *dir;

	dir = opendir(proc);
	if (!dir)
		return -errno;
	while (!err && (entry = readdir(dir))) {
		pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid <= 0 || pid == getpid())
			continue;
		if (match_process(&g, dirfd(dir), entry->d_name))
			err = target_list_add(found, pid);
	}
	closedir(dir);
	return err;
}

void target_list_free(struct target_list *l)
{
	free(l->pid);
	*l = (struct target_list){ 0 };
}

int target_pidfd(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}
