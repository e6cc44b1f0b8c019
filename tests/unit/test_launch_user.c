// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The command as the user who called sudo: rights, groups, environment. */
#define _GNU_SOURCE
#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <setjmp.h>
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
	assert_int_equal(launch_wait(&l, true, &status), 1);
	launch_cancel(&l);
	return status;
}

static void check_no_child(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* PATH has a folder that may not be entered, as root's often is. */
static void not_found_behind_a_closed_door(void **state)
{
	char *path = strdup(getenv("PATH")), *longer;
	struct priv_user u = { .set = !geteuid(),
			       .uid = 65534,
			       .gid = 65534,
			       .name = "nobody",
			       .home = "/",
			       .shell = "/" };
	struct launch l;

	(void)state;
	assert_int_equal(folder_write("closed/command", ""), 0);
	assert_int_equal(folder_write("open/command", ""), 0);
	assert_int_equal(chmod("closed", 0), 0);
	assert_true(asprintf(&longer, "closed:open:%s", path) > 0);
	setenv("PATH", longer, 1);
	assert_int_equal(
		launch_prepare(&l, ARGV((char *)"no-such-command"), &u), 0);
	assert_int_equal(launch_go(&l), -ENOENT);
	launch_cancel(&l);
	assert_int_equal(launch_prepare(&l, ARGV((char *)"command"), &u), 0);
	assert_int_equal(launch_go(&l), -EACCES);
	launch_cancel(&l);
	setenv("PATH", path, 1);
	chmod("closed", 0700);
	free(longer);
	free(path);
}

static void need_root(void)
{
	if (!geteuid())
		return;
	fprintf(stderr, "SKIP-REASON: not root: commands as another user\n");
	skip();
}

static void runs_as_the_user(void **state)
{
	struct priv_user u = {
		.set = true,
		.uid = 65534,
		.gid = 54321,
		.name = "nobody",
		.home = "/home/of nobody",
		.shell = "/bin/any",
	};

	(void)state;
	need_root();
	setenv("SUDO_UID", "65534", 1);
	assert_int_equal(
		run_as(SHELL("test \"$HOME-$USER-$LOGNAME-$SHELL-$SUDO_UID\" "
			     "= '/home/of nobody-nobody-nobody-/bin/any-65534' "
			     "&& test $(id -u)-$(id -ru)-$(id -g)-$(id -rg) "
			     "= 65534-65534-54321-54321"),
		       &u),
		0);
	assert_int_equal(run_as(SHELL("! test -w /etc/passwd"), &u), 0);
	unsetenv("SUDO_UID");
	assert_int_equal(run_as(SHELL("test $(id -u) = 0"), &self), 0);
	assert_int_equal(folder_write("mine", "exit 0"), 0);
	assert_int_equal(chmod("mine", 0700), 0);
	assert_int_equal(run_as(ARGV((char *)"./mine"), &self), 0);
}

static void groups_of_root_stay_behind(void **state)
{
	const gid_t extra[] = { 0, 54322 };
	struct priv_user u = {
		.set = true, .uid = 65534, .gid = 54321, .name = "nobody"
	};
	int n = getgroups(0, NULL), status;
	gid_t *old = calloc((size_t)n + 1, sizeof(*old));

	(void)state;
	need_root();
	assert_int_equal(getgroups(n, old), n);
	assert_int_equal(setgroups(2, extra), 0);
	status = run_as(SHELL("case \" $(id -G) \" in *' 0 '*|*' 54322 '*)"
			      " exit 1; esac"),
			&u);
	setgroups((size_t)n, old);
	free(old);
	assert_int_equal(status, 0);
}

static void root_only_command_as_the_user(void **state)
{
	struct priv_user u = {
		.set = true, .uid = 65534, .gid = 65534, .name = "nobody"
	};
	char msg[LAUNCH_MSG];
	struct launch l;

	(void)state;
	need_root();
	assert_int_equal(folder_write("mine", "exit 0"), 0);
	assert_int_equal(chmod("mine", 0700), 0);
	assert_int_equal(launch_prepare(&l, ARGV((char *)"./mine"), &u), 0);
	assert_int_equal(launch_go(&l), -EACCES);
	launch_explain(msg, "./mine", -EACCES);
	assert_non_null(strstr(msg, "not executable for the user"));
	launch_cancel(&l);
	check_no_child();
}

static void failing_to_become_somebody(void **state)
{
	struct priv_user u = {
		.set = true, .uid = (uid_t)-1, .gid = 65534, .name = "nobody"
	};
	struct launch l;

	(void)state;
	need_root();
	/* -1 would mean "leave it" to setresuid: that has to be no root. */
	assert_int_not_equal(launch_prepare(&l, SHELL("exit 0"), &u), 0);
	assert_int_equal(l.pid, 0);
	assert_int_equal(l.channel, -1);
	check_no_child();
}

/* A launch from a process with inheritable and ambient capabilities. */
static int launch_with_caps(void)
{
	const char *text = "grep -q '^CapInh:.*0000000000000000$' "
			   "/proc/self/status && "
			   "grep -q '^CapAmb:.*0000000000000000$' "
			   "/proc/self/status";
	struct launch l;
	int status;

	capng_get_caps_process();
	capng_update(CAPNG_ADD, CAPNG_INHERITABLE | CAPNG_AMBIENT, CAP_KILL);
	if (capng_apply(CAPNG_SELECT_CAPS) || capng_apply(CAPNG_SELECT_AMBIENT))
		return 2;
	if (launch_prepare(&l, SHELL(text), &self) || launch_go(&l) ||
	    launch_wait(&l, true, &status) != 1)
		return 3;
	return status;
}

static void capabilities_stay_behind(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	need_root();
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(launch_with_caps());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(not_found_behind_a_closed_door),
		FOLDER_TEST(runs_as_the_user),
		cmocka_unit_test(groups_of_root_stay_behind),
		FOLDER_TEST(root_only_command_as_the_user),
		cmocka_unit_test(failing_to_become_somebody),
		cmocka_unit_test(capabilities_stay_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
