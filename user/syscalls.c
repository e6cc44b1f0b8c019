// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscalls.h"
#include "tracefs.h"

#define TRACEPOINTS "tracepoint/syscalls/"

/* The tracepoint of a program on a system call, or NULL for any other. */
static const char *tracepoint_of(const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);

	if (strncmp(section, TRACEPOINTS, strlen(TRACEPOINTS)))
		return NULL;
	return section + strlen(TRACEPOINTS);
}

/* The programs that need no perf event. */
static bool sees_all_calls(const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);

	return !strcmp(section, "tp_btf/sys_enter") ||
	       !strcmp(section, "tp_btf/sys_exit");
}

void syscalls_leave_out(struct bpf_object *obj)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj)
	{
		if (!tracepoint_of(prog) && !sees_all_calls(prog))
			continue;
		bpf_program__set_autoload(prog, false);
		bpf_program__set_autoattach(prog, false);
	}
}

static int open_event(int tracefs, const char *name)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT,
					.size = sizeof(attr) };
	int id = tracefs_id(tracefs, name), fd;

	if (id < 0)
		return id;
	attr.config = (__u64)id;
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1,
			  PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool events_work(int tracefs)
{
	int fd = tracefs < 0 ? tracefs : open_event(tracefs, "sys_enter_futex");

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

void syscalls_choose(struct bpf_object *obj, int tracefs)
{
	bool events = events_work(tracefs);
	struct bpf_program *prog;
	const char *name;

	bpf_object__for_each_program(prog, obj)
	{
		name = tracepoint_of(prog);
		if (name) {
			bpf_program__set_autoload(
				prog, events && tracefs_has(tracefs, name));
			bpf_program__set_autoattach(prog, false);
		} else if (sees_all_calls(prog)) {
			bpf_program__set_autoload(prog, !events);
		}
	}
}

static int attach(struct syscalls *s, struct bpf_program *prog, int tracefs)
{
	int fd = open_event(tracefs, tracepoint_of(prog));

	if (fd < 0)
		return fd;
	s->link[s->links] = bpf_program__attach_perf_event(prog, fd);
	if (!s->link[s->links]) {
		close(fd);
		return -errno;
	}
	s->links++;
	/* The program runs without the event, which would only cost time. */
	ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	return 0;
}

/* Without these two there is nothing to count. */
static bool is_needed(const char *tracepoint)
{
	return !strcmp(tracepoint, "sys_enter_futex") ||
	       !strcmp(tracepoint, "sys_exit_futex");
}

/* A call whose beginning is not seen is not looked at at its return either. */
static bool has_no_beginning(const char *tracepoint, const char *refused)
{
	static const char enter[] = "sys_enter_", exit[] = "sys_exit_";

	return refused && !strncmp(tracepoint, exit, sizeof(exit) - 1) &&
	       !strcmp(tracepoint + sizeof(exit) - 1,
		       refused + sizeof(enter) - 1);
}

int syscalls_attach(struct syscalls *s, struct bpf_object *obj, int tracefs)
{
	const char *refused = NULL, *name;
	struct bpf_program *prog;
	int err;

	bpf_object__for_each_program(prog, obj)
	{
		name = tracepoint_of(prog);
		if (!bpf_program__autoload(prog) || !name ||
		    has_no_beginning(name, refused))
			continue;
		if (s->links == SYSCALLS_MAX)
			return -E2BIG;
		err = attach(s, prog, tracefs);
		if (err && is_needed(name))
			return err;
		if (!err)
			continue;
		refused = name;
		fprintf(stderr,
			"gilwatch: the kernel refuses the tracepoint %s (%s): "
			"these calls are not counted\n",
			name, strerror(-err));
	}
	return 0;
}

void syscalls_detach(struct syscalls *s)
{
	for (size_t i = 0; i < s->links; i++)
		bpf_link__destroy(s->link[i]);
	s->links = 0;
}
