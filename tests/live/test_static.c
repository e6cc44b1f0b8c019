// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The static build, in a folder that has nothing else: no library, no shell, no
 * user database, no terminal description.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csvtable.h"
#include "live.h"

static const char *static_gilwatch(void)
{
	static char path[512];
	const char *build = getenv("BUILD");

	snprintf(path, sizeof(path), "%s/static/gilwatch",
		 build ? build : "build");
	return path;
}

static void copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	struct stat st;

	assert_true(in >= 0 && out >= 0 && !fstat(in, &st));
	while (sendfile(out, in, NULL, 1 << 20) > 0)
		continue;
	assert_int_equal(lseek(out, 0, SEEK_CUR), st.st_size);
	close(in);
	close(out);
}

/* A folder with the program and two places for the kernel's own files. */
static const char *empty_root(void)
{
	const char *root = live_folder();

	copy(static_gilwatch(), live_path(root, "gilwatch"));
	assert_int_equal(mkdir(live_path(root, "proc"), 0755), 0);
	assert_int_equal(mkdir(live_path(root, "sys"), 0755), 0);
	/* Descriptors 0 to 2 are made sure of by it. */
	assert_int_equal(mkdir(live_path(root, "dev"), 0755), 0);
	assert_int_equal(mknod(live_path(root, "dev/null"), S_IFCHR | 0666,
			       (1 << 8) | 3),
			 0);
	return root;
}

/* In the child, in a mount namespace of its own. */
static int enter(void *root)
{
	return unshare(CLONE_NEWNS) ||
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	       mount("/proc", live_path(root, "proc"), NULL, MS_BIND, NULL) ||
	       mount("/sys", live_path(root, "sys"), NULL, MS_BIND | MS_REC,
		     NULL) ||
	       chroot(root) || chdir("/");
}

static void it_watches_in_an_empty_root(void **state)
{
	const char *root = empty_root(), *pid;
	struct csvtable t;
	struct live *l, *w;

	(void)state;
	live_require();
	l = live_start((const char *[]){ live_workload("handoff"), "--duration",
					 "30", "--hold-us", "500", NULL },
		       NULL, NULL);
	pid = live_number((uint64_t)l->pid);
	w = live_run((const char *[]){ "/gilwatch", "-d", "1", "-p", pid,
				       "--csv", "/csv", NULL },
		     enter, (void *)(uintptr_t)root);
	if (w->status)
		fail_msg("exit status %d: %s", w->status, live_err(w));
	assert_non_null(strstr(live_out(w), "handoff (pid "));
	csv_check_folder(live_path(root, "csv"));
	csv_read(&t, live_path(root, "csv"), "locks");
	assert_true(csv_sum(&t, "handoffs", "scope", "total", "pid", pid,
			    NULL) > 100);
	csv_done(&t);
}

/* The only command that there is. */
static void it_starts_a_command_there(void **state)
{
	const char *root = empty_root();
	struct live *w;

	(void)state;
	live_require();
	w = live_run((const char *[]){ "/gilwatch", "-q", "--", "/gilwatch",
				       "--help", NULL },
		     enter, (void *)(uintptr_t)root);
	assert_int_equal(w->status, 0);
	assert_non_null(strstr(live_out(w), "Usage: gilwatch"));
	assert_non_null(strstr(live_out(w), "=== gilwatch summary of "));
}

static int called_by_sudo(void *root)
{
	return setenv("SUDO_UID", "1000", 1) || enter(root);
}

static void a_user_that_it_cannot_find_is_an_error(void **state)
{
	const char *root = empty_root();
	struct live *w;

	(void)state;
	live_require();
	w = live_run((const char *[]){ "/gilwatch", "-q", "-d", "1", "-p", "1",
				       NULL },
		     called_by_sudo, (void *)(uintptr_t)root);
	assert_int_equal(w->status, 1);
	assert_string_equal(live_out(w), "");
	assert_string_equal(live_err(w),
			    "gilwatch: SUDO_UID=1000: no such user: unset it, "
			    "or call sudo again\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(it_watches_in_an_empty_root),
		LIVE_TEST(it_starts_a_command_there),
		LIVE_TEST(a_user_that_it_cannot_find_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
