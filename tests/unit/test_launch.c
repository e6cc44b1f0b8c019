// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Starting the command: when, as whom, with what, and how it ended. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "folder.h"
#include "launch.h"
#include "target.h"

/* Far beyond what anything here needs; reached only when it hangs. */
#define PATIENCE_MS 20000

static const struct priv_user self;

#define ARGV(...) ((char *[]){ __VA_ARGS__, NULL })
#define SHELL(text) ARGV((char *)"sh", (char *)"-c", (char *)(text))

/* Start, let go, wait: the exit status. */
static int run_as(char *const *argv, const struct priv_user *user)
{
	struct launch l;
	int status;

	assert_int_equal(launch_prepare(&l, argv, user), 0);
	assert_int_equal(launch_go(&l), 0);
	assert_int_equal(l.channel, -1);
	assert_int_equal(launch_wait(&l, true, &status), 1);
	launch_cancel(&l);
	assert_int_equal(l.pidfd, -1);
	return status;
}

static int run(const char *text)
{
	return run_as(SHELL(text), &self);
}

static void check_no_child(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void statuses_are_a_shells(void **state)
{
	(void)state;
	assert_int_equal(run_as(ARGV((char *)"true"), &self), 0);
	assert_int_equal(run_as(ARGV((char *)"false"), &self), 1);
	assert_int_equal(run("exit 42"), 42);
	assert_int_equal(run("exit 255"), 255);
	assert_int_equal(run("kill -TERM $$"), 128 + SIGTERM);
	assert_int_equal(run("kill -KILL $$"), 128 + SIGKILL);
	check_no_child();
}

static void check_refused(const char *command, int err, int status,
			  const char *part)
{
	char msg[LAUNCH_MSG];
	struct launch l;
	int got;

	assert_int_equal(
		launch_prepare(&l, ARGV((char *)(uintptr_t)command), &self), 0);
	assert_int_equal(launch_go(&l), err);
	assert_int_equal(launch_status(err), status);
	assert_int_equal(launch_wait(&l, false, &got), 1);
	assert_int_equal(got, status);
	launch_cancel(&l);
	check_no_child();
	launch_explain(msg, command, err);
	if (!strstr(msg, part))
		fail_msg("\"%s\" lacks \"%s\"", msg, part);
	assert_null(strchr(msg, '\n'));
}

static void commands_that_do_not_run(void **state)
{
	(void)state;
	assert_int_equal(folder_write("plain", "text"), 0);
	assert_int_equal(folder_write("orphan", "#!/no/such/shell\n"), 0);
	assert_int_equal(chmod("orphan", 0755), 0);
	check_refused("/nonexistent", -ENOENT, 127,
		      "cannot start /nonexistent: no such file");
	check_refused("no-such-command-anywhere", -ENOENT, 127,
		      "command not found in PATH");
	check_refused("./orphan", -ENOENT, 127, "interpreter is missing");
	check_refused("bad\nname", -ENOENT, 127, "cannot start bad\\x0aname:");
	check_refused("./plain", -EACCES, 126,
		      "cannot start ./plain: not executable");
	check_refused("/", -EACCES, 126, "not executable");
	check_refused("./plain/x", -ENOTDIR, 126, "Not a directory");
}

static void a_script_without_interpreter_runs(void **state)
{
	(void)state;
	assert_int_equal(folder_write("script", "exit 7\n"), 0);
	assert_int_equal(chmod("script", 0755), 0);
	assert_int_equal(run_as(ARGV((char *)"./script"), &self), 7);
}

static void nothing_runs_before_the_word(void **state)
{
	struct pollfd p = { .events = POLLIN };
	struct launch l;
	int status;

	(void)state;
	assert_int_equal(launch_prepare(&l, SHELL("echo ran > ran"), &self), 0);
	p.fd = l.pidfd;
	/* A child that does not wait has ample time to show it. */
	assert_int_equal(poll(&p, 1, 100), 0);
	assert_int_equal(launch_wait(&l, false, &status), 0);
	assert_false(folder_has("ran", "ran\n"));
	assert_int_equal(launch_go(&l), 0);
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(launch_wait(&l, false, &status), 1);
	assert_int_equal(status, 0);
	/* Asked again, it says the same. */
	assert_int_equal(launch_wait(&l, true, &status), 1);
	assert_int_equal(status, 0);
	assert_true(folder_has("ran", "ran\n"));
	launch_cancel(&l);
}

static void cancel_runs_nothing(void **state)
{
	struct launch l, none = LAUNCH_NONE;

	(void)state;
	launch_cancel(&none);
	assert_int_equal(launch_prepare(&l, SHELL("echo ran > ran"), &self), 0);
	launch_cancel(&l);
	check_no_child();
	assert_int_equal(l.pid, 0);
	launch_cancel(&l);

	/* Not even a stopped child is waited for in vain. */
	assert_int_equal(launch_prepare(&l, SHELL("echo ran > ran"), &self), 0);
	kill(l.pid, SIGSTOP);
	launch_cancel(&l);
	check_no_child();
	assert_false(folder_has("ran", "ran\n"));
}

/* The observer prepares, tells the child's number, and waits to be killed. */
__attribute__((noreturn)) static void observer(int out)
{
	struct launch l;

	if (launch_prepare(&l, SHELL("echo ran > ran"), &self) ||
	    write(out, &l.pid, sizeof(l.pid)) != sizeof(l.pid))
		_exit(1);
	for (;;)
		pause();
}

static void death_of_the_observer_runs_nothing(void **state)
{
	struct pollfd p = { .events = POLLIN };
	pid_t pid, child;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		observer(ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], &child, sizeof(child)), sizeof(child));
	close(ends[0]);
	p.fd = target_pidfd(child);
	assert_true(p.fd >= 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	close(p.fd);
	assert_false(folder_has("ran", "ran\n"));
}

static void killed_while_waiting(void **state)
{
	struct launch l;
	int status;

	(void)state;
	assert_int_equal(launch_prepare(&l, SHELL("echo ran > ran"), &self), 0);
	kill(l.pid, SIGKILL);
	assert_int_equal(
		poll(&(struct pollfd){ l.pidfd, POLLIN, 0 }, 1, PATIENCE_MS),
		1);
	assert_int_equal(launch_go(&l), 0);
	assert_int_equal(launch_wait(&l, true, &status), 1);
	assert_int_equal(status, 128 + SIGKILL);
	launch_cancel(&l);
}

static void handler(int sig)
{
	(void)sig;
}

static void signals_are_as_new(void **state)
{
	sigset_t mask, old;
	int status;

	(void)state;
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, handler);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigprocmask(SIG_BLOCK, &mask, &old);
	/* 32 and 33 are the C library's own: no program can set them, and
	 * glibc 2.36's posix_spawn, by which make starts this test, leaves
	 * them ignored. */
	status = run("grep -q '^SigBlk:.*0000000000000000$' /proc/self/status "
		     "&& set -- $(grep '^SigIgn:' /proc/self/status) "
		     "&& exit $(( (0x$2 & ~0x180000000) != 0 ))");
	/* The mask of the caller is as it was. */
	sigprocmask(SIG_SETMASK, &old, &mask);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	assert_int_equal(status, 0);
	assert_true(sigismember(&mask, SIGTERM));
	assert_false(sigismember(&mask, SIGUSR1));
}

static void only_three_descriptors(void **state)
{
	int fd, status;

	(void)state;
	fd = dup(open("/dev/null", O_RDONLY));
	assert_true(fd > 2);
	/* ls has one of its own, for the folder that it lists. */
	status =
		run("test \"$(ls /proc/self/fd | tr '\\n' ' ')\" = '0 1 2 3 '");
	close(fd);
	close(fd - 1);
	assert_int_equal(status, 0);
}

static void stays_in_the_process_group(void **state)
{
	char text[128];

	(void)state;
	/* Field 5 of /proc/PID/stat. */
	snprintf(text, sizeof(text),
		 "test \"$(cut -d' ' -f5 /proc/$$/stat)\" = %d",
		 (int)getpgrp());
	assert_int_equal(run(text), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses_are_a_shells),
		FOLDER_TEST(commands_that_do_not_run),
		FOLDER_TEST(a_script_without_interpreter_runs),
		FOLDER_TEST(nothing_runs_before_the_word),
		FOLDER_TEST(cancel_runs_nothing),
		FOLDER_TEST(death_of_the_observer_runs_nothing),
		FOLDER_TEST(killed_while_waiting),
		cmocka_unit_test(signals_are_as_new),
		cmocka_unit_test(only_three_descriptors),
		cmocka_unit_test(stays_in_the_process_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
