// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Attaches the programs of floor.bpf.c in the way gilwatch attaches its own,
 * says so on standard error and stays until it gets a signal. "floor sched"
 * leaves the system calls out; "floor looks PID" lets them look at the clock
 * and find the threads of a process.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "floor.skel.h"
#include "syscalls.h"
#include "tracefs.h"

static int load(struct floor_bpf *skel, struct syscalls *calls, bool sched_only)
{
	int tracefs = tracefs_open(), err;
	struct bpf_program *prog;

	if (tracefs < 0)
		return tracefs;
	syscalls_choose(skel->obj, tracefs);
	bpf_object__for_each_program(
		prog,
		skel->obj) if (sched_only && !bpf_program__autoattach(prog))
		bpf_program__set_autoload(prog, false);
	err = floor_bpf__load(skel);
	if (!err)
		err = floor_bpf__attach(skel);
	if (!err)
		err = syscalls_attach(calls, skel->obj, tracefs);
	close(tracefs);
	return err;
}

static void wait_for_signal(void)
{
	sigset_t set;
	int signal;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fprintf(stderr, "floor: watching\n");
	sigwait(&set, &signal);
}

int main(int argc, char **argv)
{
	bool sched_only = argc > 1 && !strcmp(argv[1], "sched");
	bool looks = argc > 2 && !strcmp(argv[1], "looks");
	struct floor_bpf *skel = floor_bpf__open();
	struct syscalls calls = { .links = 0 };
	int err = -errno;

	if (skel) {
		skel->rodata->looks_at = looks ? atoi(argv[2]) : 0;
		err = load(skel, &calls, sched_only);
	}
	if (err)
		fprintf(stderr, "floor: cannot attach: %s\n", strerror(-err));
	else
		wait_for_signal();
	syscalls_detach(&calls);
	floor_bpf__destroy(skel);
	return err ? 1 : 0;
}
