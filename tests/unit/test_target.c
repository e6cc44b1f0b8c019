// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which processes: by number, and by name in a /proc made for the test. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "folder.h"
#include "target.h"

/* Far beyond what anything here needs; reached only when it hangs. */
#define PATIENCE_MS 20000

static void check_target(pid_t pid, int err, const char *part)
{
	char msg[TARGET_MSG];

	assert_int_equal(target_check(pid, msg), err);
	if (!strstr(msg, part))
		fail_msg("\"%s\" lacks \"%s\"", msg, part);
	assert_null(strchr(msg, '\n'));
	if (!err)
		assert_string_equal(msg, "");
}

static void processes(void **state)
{
	(void)state;
	check_target(getpid(), 0, "");
	check_target(getppid(), 0, "");
	check_target(4194304, -ESRCH, "process 4194304: no such process");
}

struct thread {
	pid_t tid;
	pthread_barrier_t step;
};

static void *stay(void *arg)
{
	struct thread *t = arg;

	t->tid = (pid_t)syscall(SYS_gettid);
	prctl(PR_SET_NAME, "worker");
	pthread_barrier_wait(&t->step);
	pthread_barrier_wait(&t->step);
	return NULL;
}

static void threads(void **state)
{
	struct thread t;
	pthread_t id;
	char part[64];

	(void)state;
	prctl(PR_SET_NAME, "a\x1b(b");
	pthread_barrier_init(&t.step, NULL, 2);
	assert_int_equal(pthread_create(&id, NULL, stay, &t), 0);
	pthread_barrier_wait(&t.step);
	snprintf(part, sizeof(part),
		 "%d is a thread of process %d (a\\x1b(b): give -p %d",
		 (int)t.tid, (int)getpid(), (int)getpid());
	check_target(t.tid, -EINVAL, part);
	pthread_barrier_wait(&t.step);
	pthread_join(id, NULL);
	pthread_barrier_destroy(&t.step);
}

static void zombies(void **state)
{
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (!pid)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	check_target(pid, -ESRCH, "it has ended (a zombie");
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	check_target(pid, -ESRCH, "no such process");
}

static void *wait_for_kill(void *arg)
{
	for (;;)
		pause();
	return arg;
}

/* The state letter of a process, or 0. */
static char state_of(pid_t pid)
{
	char path[64], text[512] = "", *rest;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (!fgets(text, sizeof(text), f))
		text[0] = '\0';
	fclose(f);
	rest = strrchr(text, ')');
	return rest && rest[1] ? rest[2] : '\0';
}

static void first_thread_ended(void **state)
{
	int ms;
	pid_t pid = fork();
	pthread_t id;

	(void)state;
	assert_true(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* Brackets and what looks like the fields after the name. */
		prctl(PR_SET_NAME, "x) R 1 (y) 2");
		if (pthread_create(&id, NULL, wait_for_kill, NULL))
			_exit(1);
		pthread_exit(NULL);
	}
	for (ms = 0; state_of(pid) != 'Z' && ms < PATIENCE_MS; ms++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	assert_int_equal(state_of(pid), 'Z');
	check_target(pid, 0, "");
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void kernel_threads(void **state)
{
	(void)state;
	if (!folder_has("/proc/2/comm", "kthreadd\n")) {
		fprintf(stderr, "SKIP-REASON: no kernel threads in this "
				"PID namespace\n");
		skip();
	}
	check_target(2, -EINVAL, "a thread of the kernel");
}

static void pidfd_tells_the_end(void **state)
{
	struct pollfd p = { .events = POLLIN };
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (!pid)
		wait_for_kill(NULL);
	p.fd = target_pidfd(pid);
	assert_true(p.fd >= 0);
	assert_int_equal(fcntl(p.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(poll(&p, 1, 0), 0);
	kill(pid, SIGKILL);
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	close(p.fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(target_pidfd(pid), -ESRCH);
}

/* A process of a made-up /proc. */
static void make_process(int pid, const char *comm, char letter, unsigned flags,
			 int nr_threads)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "proc/%d/stat", pid);
	snprintf(text, sizeof(text),
		 "%d (%s) %c 1 1 1 0 -1 %u 0 0 0 0 0 0 0 0 20 0 %d 0 99 0 0\n",
		 pid, comm, letter, flags, nr_threads);
	assert_int_equal(folder_write(path, text), 0);
	snprintf(path, sizeof(path), "proc/%d/task/%d/comm", pid, pid);
	snprintf(text, sizeof(text), "%s\n", comm);
	assert_int_equal(folder_write(path, text), 0);
	snprintf(path, sizeof(path), "proc/%d/cmdline", pid);
	assert_int_equal(folder_write(path, ""), 0);
}

static void make_proc(void)
{
	make_process(30, "python3", 'S', 0x400000, 2);
	assert_int_equal(folder_write("proc/30/task/31/comm", "worker-7\n"), 0);
	make_process(4, "nginx", 'S', 0, 1);
	assert_int_equal(symlink("/opt/x/nginx-1.2 (deleted)", "proc/4/exe"),
			 0);
	make_process(500, "MainThread", 'R', 0, 1);
	assert_int_equal(folder_write("proc/500/cmdline",
				      "/usr/lib/app/very-long-server-name"),
			 0);
	make_process(2, "kthreadd", 'S', 0x208040, 1);
	make_process(6, "python3", 'Z', 0, 1);
	make_process(7, "python3", 'Z', 0, 2);
	make_process(8, ") x\ny", 'S', 0, 1);
	assert_int_equal(folder_write("proc/uptime", "1 2\n"), 0);
	assert_int_equal(folder_write("proc/sys/task/1/comm", "python3\n"), 0);
	/* Ended between the reading of the folder and of it. */
	assert_int_equal(folder_write("proc/900/maps", ""), 0);
	make_process(getpid(), "python3", 'R', 0, 1);
}

/* What a glob finds, as text. */
static void check_find(const char *const *glob, size_t count, const char *want)
{
	struct target_list found = { 0 };
	char got[256] = "";
	size_t i, n = 0;

	assert_int_equal(target_find("proc", glob, count, &found), 0);
	for (i = 0; i < found.count; i++)
		n += (size_t)snprintf(got + n, sizeof(got) - n, " %d",
				      (int)found.pid[i]);
	target_list_free(&found);
	assert_null(found.pid);
	assert_string_equal(got, want);
}

#define FIND(want, ...)                                                        \
	check_find((const char *const[]){ __VA_ARGS__ },                       \
		   sizeof((const char *const[]){ __VA_ARGS__ }) /              \
			   sizeof(char *),                                     \
		   want)

static void names(void **state)
{
	(void)state;
	make_proc();
	/* The zombie 6 and this process are left out; 7 lives on in threads. */
	FIND(" 7 30", "python3");
	FIND(" 7 30", "pyt*");
	FIND("", "pyt");
	FIND("", "Python3");
	FIND(" 30", "worker-[0-9]");
	FIND(" 4", "nginx");
	FIND(" 4", "nginx-1.2");
	FIND("", "nginx-1.2*deleted*");
	FIND("", "/opt/x/nginx-1.2");
	FIND(" 500", "very-long-server-name");
	FIND("", "kthreadd");
	FIND(" 8", ")*y");
	FIND(" 4 7 30", "nginx", "python?", "python3");
	FIND(" 4 7 8 30 500", "*");
}

static void lists_are_sorted_and_merged(void **state)
{
	static const pid_t want[] = { 1, 4, 7, 8, 30, 500 };
	const char *any = "*";
	struct target_list l = { 0 };
	pid_t pid;

	(void)state;
	make_proc();
	assert_int_equal(target_list_add(&l, 8), 0);
	assert_int_equal(target_list_add(&l, 1), 0);
	assert_int_equal(target_list_add(&l, 8), 0);
	assert_int_equal(l.count, 2);
	assert_int_equal(target_find("proc", &any, 1, &l), 0);
	assert_int_equal(l.count, 6);
	assert_memory_equal(l.pid, want, sizeof(want));
	for (pid = 2000; pid > 1000; pid--)
		assert_int_equal(target_list_add(&l, pid), 0);
	assert_int_equal(l.count, 1006);
	assert_int_equal(l.pid[6], 1001);
	assert_int_equal(l.pid[1005], 2000);
	target_list_free(&l);
}

static void no_proc(void **state)
{
	const char *any = "*";
	struct target_list found = { 0 };

	(void)state;
	assert_int_equal(target_find("nowhere", &any, 1, &found), -ENOENT);
	assert_null(found.pid);
	assert_int_equal(found.count, 0);
}

static void real_proc(void **state)
{
	const char *name = "gw-test-child";
	struct target_list found = { 0 };
	int ends[2];
	pid_t pid;
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		if (write(ends[1], "x", 1) == 1)
			wait_for_kill(NULL);
		_exit(1);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(target_find("/proc", &name, 1, &found), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.pid[0], pid);
	target_list_free(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes),
		cmocka_unit_test(threads),
		cmocka_unit_test(zombies),
		cmocka_unit_test(first_thread_ended),
		cmocka_unit_test(kernel_threads),
		cmocka_unit_test(pidfd_tells_the_end),
		FOLDER_TEST(names),
		FOLDER_TEST(lists_are_sorted_and_merged),
		FOLDER_TEST(no_proc),
		cmocka_unit_test(real_proc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
