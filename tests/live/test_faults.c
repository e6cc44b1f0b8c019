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

#include "csvtable.h"
#include "figure.h"
#include "live.h"

/* Waits in each step of the target. */
#define STEP 500

/* Of the target. */
#define NAME "gw-target"

/* The target does one step for each byte that it reads, and answers each. */
struct target {
	int order[2], answer[2];
	struct live *live, *watch;
	const char *csv;
	uint64_t waits; /* ordered so far */
};

static _Alignas(64) uint32_t word = 1;

/* A wait whose word has changed returns at once; the wake after it shows that
 * the thread has the lock. */
static void contend(void)
{
	for (unsigned int i = 0; i < STEP; i++) {
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
}

static void *thread(void *ctx)
{
	contend();
	return ctx;
}

/* Forks twice and goes on as a process of nobody. */
static int daemonise(void)
{
	pid_t pid = fork();

	if (pid)
		_exit(pid < 0);
	setsid();
	pid = fork();
	if (pid)
		_exit(pid < 0);
	return chdir("/");
}

static int step(char order)
{
	pthread_t t;

	switch (order) {
	case 'u':
		if (setgid(65534) || setuid(65534))
			return 1;
		break;
	case 'd':
		if (daemonise())
			return 1;
		break;
	case 't':
		if (pthread_create(&t, NULL, thread, NULL))
			return 1;
		return pthread_join(t, NULL);
	default:
		break;
	}
	contend();
	return 0;
}

static int target(void *ctx)
{
	const struct target *t = ctx;
	char order;
	int err = 0;

	close(t->order[1]);
	close(t->answer[0]);
	prctl(PR_SET_NAME, NAME);
	err = write(t->answer[1], "", 1) != 1;
	while (!err && read(t->order[0], &order, 1) == 1) {
		err = step(order);
		if (!err && write(t->answer[1], &order, 1) != 1)
			err = 1;
	}
	return err == 1;
}

static void order(struct target *t, char what)
{
	assert_int_equal(write(t->order[1], &what, 1), 1);
}

static void await(struct target *t)
{
	char what;

	assert_int_equal(read(t->answer[0], &what, 1), 1);
	t->waits += STEP;
}

/* option: -p, or -c for a watching that does not end with the process */
static void begin_watched(struct target *t, const char *option)
{
	const char *who = NAME;

	*t = (struct target){ .csv = live_path(live_folder(), "out") };
	assert_int_equal(pipe2(t->order, O_CLOEXEC), 0);
	assert_int_equal(pipe2(t->answer, O_CLOEXEC), 0);
	t->live = live_call(target, t);
	close(t->order[0]);
	close(t->answer[1]);
	await(t);
	if (!strcmp(option, "-p"))
		who = live_number((uint64_t)t->live->pid);
	t->watch = live_watch((const char *[]){ "-q", "-i", "0.2", "--csv",
						t->csv, option, who, NULL });
	t->waits = 0;
}

static void begin(struct target *t)
{
	begin_watched(t, "-p");
}

static void do_step(struct target *t, char what)
{
	order(t, what);
	await(t);
}

/* All that was ordered has been counted, and every ns of a thread is in one of
 * its four states. */
static void check(struct target *t, const char *what)
{
	struct csvtable locks;
	uint64_t waits;

	csv_read(&locks, t->csv, "locks");
	waits = csv_sum(&locks, "waits", "scope", "total", NULL) -
		csv_sum(&locks, "waits", "scope", "total", "kind", "join",
			NULL);
	csv_done(&locks);
	figure("%s: %llu of %llu waits counted", what,
	       (unsigned long long)waits, (unsigned long long)t->waits);
	assert_int_equal(waits, t->waits);
}

static void end(struct target *t, const char *what)
{
	close(t->order[1]);
	close(t->answer[0]);
	assert_int_equal(live_wait(t->live), 0);
	if (live_wait(t->watch))
		fail_msg("%s: status %d: %s", what, t->watch->status,
			 live_err(t->watch));
	check(t, what);
	live_done(t->watch);
	live_done(t->live);
}

/* ---- the faults -----------------------------------------------------------
 */

static void it_is_killed(void **state)
{
	struct target t;

	(void)state;
	live_require();
	begin(&t);
	do_step(&t, '.');
	do_step(&t, 't');
	live_signal(t.live, SIGKILL);
	assert_int_equal(live_wait(t.live), 128 + SIGKILL);
	assert_int_equal(live_wait(t.watch), 0);
	check(&t, "killed");
	close(t.order[1]);
	close(t.answer[0]);
}

static void it_is_stopped(void **state)
{
	struct target t;

	(void)state;
	live_require();
	begin(&t);
	do_step(&t, '.');
	for (int i = 0; i < 20; i++) {
		live_signal(t.live, SIGSTOP);
		order(&t, 't');
		live_sleep(0.02);
		live_signal(t.live, SIGCONT);
		await(&t);
	}
	end(&t, "stopped and continued 20 times");
}

static void it_becomes_another_user(void **state)
{
	struct target t;

	(void)state;
	live_require();
	begin(&t);
	do_step(&t, '.');
	do_step(&t, 'u');
	do_step(&t, 't');
	end(&t, "setuid");
}

/* Watched still is the daemon, a child's child. */
static void it_becomes_a_daemon(void **state)
{
	struct target t;
	char c;

	(void)state;
	live_require();
	begin_watched(&t, "-c");
	do_step(&t, '.');
	do_step(&t, 'd');
	do_step(&t, 't');
	close(t.order[1]);
	assert_int_equal(live_wait(t.live), 0);
	assert_int_equal(read(t.answer[0], &c, 1), 0);
	close(t.answer[0]);
	live_signal(t.watch, SIGINT);
	assert_int_equal(live_wait(t.watch), 0);
	check(&t, "a daemon now");
}

static void it_is_traced(void **state)
{
	struct target t;
	int status;

	(void)state;
	live_require();
	begin(&t);
	do_step(&t, '.');
	for (int i = 0; i < 20; i++) {
		assert_int_equal(ptrace(PTRACE_SEIZE, t.live->pid, 0, 0), 0);
		assert_int_equal(ptrace(PTRACE_INTERRUPT, t.live->pid, 0, 0),
				 0);
		assert_int_equal(waitpid(t.live->pid, &status, 0), t.live->pid);
		assert_true(WIFSTOPPED(status));
		order(&t, 't');
		assert_int_equal(ptrace(PTRACE_DETACH, t.live->pid, 0, 0), 0);
		await(&t);
	}
	end(&t, "traced 20 times");
}

static void it_dumps_core(void **state)
{
	struct target t;

	(void)state;
	live_require();
	begin(&t);
	do_step(&t, '.');
	do_step(&t, 't');
	live_signal(t.live, SIGABRT);
	assert_int_equal(live_wait(t.live), 128 + SIGABRT);
	assert_int_equal(live_wait(t.watch), 0);
	check(&t, "aborted, with a dump where the limits allow it");
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
	begin(&t);
	for (int i = 0; i < 20; i++) {
		assert_true(move(i % 2 ? root : cgroup, t.live->pid));
		do_step(&t, i % 3 ? '.' : 't');
	}
	end(&t, "moved between cgroups 20 times");
	for (int i = 0; rmdir(cgroup) && i < 100; i++)
		live_sleep(0.02);
}

/* ---- output that is slow --------------------------------------------------
 */

static int out_to(void *ctx)
{
	return dup2(*(int *)ctx, STDOUT_FILENO) < 0;
}

static void a_slow_reader(void **state)
{
	struct target t;
	char text[4096];
	int slow[2];

	(void)state;
	live_require();
	begin(&t);
	live_signal(t.watch, SIGINT);
	assert_int_equal(live_wait(t.watch), 0);
	live_done(t.watch);
	assert_int_equal(pipe2(slow, O_CLOEXEC), 0);
	assert_true(fcntl(slow[1], F_SETPIPE_SZ, 4096) >= 0);
	t.csv = live_path(live_folder(), "slow");
	t.watch = live_start(
		(const char *[]){ live_gilwatch(), "--plain", "-i", "0.1",
				  "--csv", t.csv, "-p",
				  live_number((uint64_t)t.live->pid), NULL },
		out_to, &slow[1]);
	close(slow[1]);
	live_await_err(t.watch, "watching");
	/* It blocks on its output meanwhile. */
	for (int i = 0; i < 20; i++) {
		do_step(&t, 't');
		live_sleep(0.05);
	}
	close(t.order[1]);
	close(t.answer[0]);
	assert_int_equal(live_wait(t.live), 0);
	while (read(slow[0], text, sizeof(text)) > 0)
		;
	close(slow[0]);
	assert_int_equal(live_wait(t.watch), 0);
	check(&t, "output that nobody reads for a second");
}

/* ---- the time of day ------------------------------------------------------
 */

static int with_jumping_clock(void *ctx)
{
	return setenv("LD_PRELOAD", ctx, 1);
}

/* Where the clocks of the machine may not be set, those of gilwatch jump. */
static void the_time_of_day_jumps(void **state)
{
	char preload[512];
	struct csvtable threads;
	struct target t;
	uint64_t ns = 0;

	(void)state;
	live_require();
	snprintf(preload, sizeof(preload),
		 "%.*s/../tests/live/jumping_clock.so",
		 (int)(strrchr(live_workload("load"), '/') -
		       live_workload("load")),
		 live_workload("load"));
	begin(&t);
	live_signal(t.watch, SIGINT);
	assert_int_equal(live_wait(t.watch), 0);
	t.csv = live_path(live_folder(), "jumps");
	t.watch = live_start(
		(const char *[]){ live_gilwatch(), "-q", "-i", "0.5", "--csv",
				  t.csv, "-p",
				  live_number((uint64_t)t.live->pid), NULL },
		with_jumping_clock, preload);
	live_await_err(t.watch, "watching");
	for (int i = 0; i < 18; i++) {
		do_step(&t, '.');
		live_sleep(0.2);
	}
	close(t.order[1]);
	close(t.answer[0]);
	assert_int_equal(live_wait(t.live), 0);
	assert_int_equal(live_wait(t.watch), 0);
	check(&t, "the time of day jumps forth and back");
	csv_read(&threads, t.csv, "threads");
	for (int i = 0; i < 4; i++)
		ns += csv_sum(&threads,
			      (const char *[]){ "running_ns", "runnable_ns",
						"lock_wait_ns",
						"sleeping_ns" }[i],
			      "scope", "total", NULL);
	csv_done(&threads);
	figure("its only thread's times add up to %.2f s", (double)ns / 1e9);
	/* The steps alone take 3.6 s; an hour would be 3600. */
	assert_in_range(ns, 3600000000ull, 60000000000ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(the_time_of_day_jumps),
		LIVE_TEST(it_is_killed),
		LIVE_TEST(it_is_stopped),
		LIVE_TEST(it_becomes_another_user),
		LIVE_TEST(it_becomes_a_daemon),
		LIVE_TEST(it_is_traced),
		LIVE_TEST(it_dumps_core),
		LIVE_TEST(it_is_moved_between_cgroups),
		LIVE_TEST(a_slow_reader),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
