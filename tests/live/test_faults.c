// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What can happen to a target while it is watched: its counts stay exact. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "faulted.h"
#include "figure.h"

/* ---- the faults -----------------------------------------------------------
 */

static void it_is_killed(void **state)
{
	struct target t;

	(void)state;
	live_require();
	target_begin(&t);
	target_step(&t, '.');
	target_step(&t, 't');
	live_signal(t.live, SIGKILL);
	assert_int_equal(live_wait(t.live), 128 + SIGKILL);
	assert_int_equal(live_wait(t.watch), 0);
	target_check(&t, "killed");
	close(t.order[1]);
	close(t.answer[0]);
}

static void it_is_stopped(void **state)
{
	struct target t;

	(void)state;
	live_require();
	target_begin(&t);
	target_step(&t, '.');
	for (int i = 0; i < 20; i++) {
		live_signal(t.live, SIGSTOP);
		target_order(&t, 't');
		live_sleep(0.02);
		live_signal(t.live, SIGCONT);
		target_await(&t);
	}
	target_end(&t, "stopped and continued 20 times");
}

static void it_becomes_another_user(void **state)
{
	struct target t;

	(void)state;
	live_require();
	target_begin(&t);
	target_step(&t, '.');
	target_step(&t, 'u');
	target_step(&t, 't');
	target_end(&t, "setuid");
}

/* Watched still is the daemon, a child's child. */
static void it_becomes_a_daemon(void **state)
{
	struct target t;
	char c;

	(void)state;
	live_require();
	target_begin_watched(&t, "-c");
	target_step(&t, '.');
	target_step(&t, 'd');
	target_step(&t, 't');
	close(t.order[1]);
	assert_int_equal(live_wait(t.live), 0);
	assert_int_equal(read(t.answer[0], &c, 1), 0);
	close(t.answer[0]);
	live_signal(t.watch, SIGINT);
	assert_int_equal(live_wait(t.watch), 0);
	target_check(&t, "a daemon now");
}

static void it_is_traced(void **state)
{
	struct target t;
	int status;

	(void)state;
	live_require();
	target_begin(&t);
	target_step(&t, '.');
	for (int i = 0; i < 20; i++) {
		assert_int_equal(ptrace(PTRACE_SEIZE, t.live->pid, 0, 0), 0);
		assert_int_equal(ptrace(PTRACE_INTERRUPT, t.live->pid, 0, 0),
				 0);
		assert_int_equal(waitpid(t.live->pid, &status, 0), t.live->pid);
		assert_true(WIFSTOPPED(status));
		target_order(&t, 't');
		assert_int_equal(ptrace(PTRACE_DETACH, t.live->pid, 0, 0), 0);
		target_await(&t);
	}
	target_end(&t, "traced 20 times");
}

static void it_dumps_core(void **state)
{
	struct target t;

	(void)state;
	live_require();
	target_begin(&t);
	target_step(&t, '.');
	target_step(&t, 't');
	live_signal(t.live, SIGABRT);
	assert_int_equal(live_wait(t.live), 128 + SIGABRT);
	assert_int_equal(live_wait(t.watch), 0);
	target_check(&t, "aborted, with a dump where the limits allow it");
	close(t.order[1]);
	close(t.answer[0]);
}

/* The folder of a new cgroup, in whichever hierarchy there is. */
static bool make_cgroup(char path[128])
{
	static const char *const roots[] = { "/sys/fs/cgroup",
					     "/sys/fs/cgroup/cpu",
					     "/sys/fs/cgroup/freezer" };
	char procs[160];

	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		snprintf(path, 128, "%s/gilwatch-test-%d", roots[i],
			 (int)getpid());
		if (mkdir(path, 0700))
			continue;
		snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
		if (!access(procs, W_OK))
			return true;
		rmdir(path);
	}
	return false;
}

static bool move(const char *cgroup, pid_t pid)
{
	char path[160], text[16];
	int n = snprintf(text, sizeof(text), "%d", (int)pid), fd;
	bool moved;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY);
	moved = fd >= 0 && write(fd, text, (size_t)n) == n;
	if (fd >= 0)
		close(fd);
	return moved;
}

static void it_is_moved_between_cgroups(void **state)
{
	char cgroup[128], root[128];
	struct target t;

	(void)state;
	live_require();
	if (!make_cgroup(cgroup)) {
		figure("moved between cgroups: none can be made here");
		return;
	}
	snprintf(root, sizeof(root), "%s", cgroup);
	*strrchr(root, '/') = '\0';
	target_begin(&t);
	for (int i = 0; i < 20; i++) {
		assert_true(move(i % 2 ? root : cgroup, t.live->pid));
		target_step(&t, i % 3 ? '.' : 't');
	}
	target_end(&t, "moved between cgroups 20 times");
	for (int i = 0; rmdir(cgroup) && i < 100; i++)
		live_sleep(0.02);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(it_is_killed),
		LIVE_TEST(it_is_stopped),
		LIVE_TEST(it_becomes_another_user),
		LIVE_TEST(it_becomes_a_daemon),
		LIVE_TEST(it_is_traced),
		LIVE_TEST(it_dumps_core),
		LIVE_TEST(it_is_moved_between_cgroups),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
