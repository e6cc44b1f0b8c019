// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* System calls that nobody need watch, and programs that are started. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"

/* ---- system calls of one thread ----------------------------------------- */

static void getppid_once(void)
{
	syscall(SYS_getppid);
}

static void wake_once(void)
{
	static uint32_t nobody;

	work_futex(&nobody, FUTEX_WAKE, 1);
}

/* ---- two processes send a byte to and fro ------------------------------- */

static int there[2], back[2];
static pid_t child;

static void echo(void)
{
	char byte;

	close(there[1]);
	close(back[0]);
	while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
		;
	_exit(0);
}

static bool pipe_open(void)
{
	if (pipe(there) || pipe(back))
		return false;
	child = fork();
	if (!child)
		echo();
	close(there[0]);
	close(back[1]);
	return child > 0;
}

static void pipe_once(void)
{
	char byte = 0;

	if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
		_exit(1);
}

static void pipe_close(void)
{
	close(there[1]);
	close(back[0]);
	waitpid(child, NULL, 0);
}

/* ---- what make does: fork, exec, wait ----------------------------------- */

static void spawn_once(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

const struct work_kind work_getppid = { "getppid", NULL, getppid_once, NULL,
					1 };
const struct work_kind work_wake = { "wake", NULL, wake_once, NULL, 1 };
const struct work_kind work_pipe = { "pipe", pipe_open, pipe_once, pipe_close,
				     2 };
const struct work_kind work_spawn = { "spawn", NULL, spawn_once, NULL, 1 };
