// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Report files: whole or not at all, no link followed, the right owner. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "file.h"
#include "folder.h"

/* Anybody's number but root's; the tests need no such user to exist. */
#define SOMEBODY 54321

static void need_root(const char *why)
{
	if (!geteuid())
		return;
	fprintf(stderr, "SKIP-REASON: not root: %s\n", why);
	skip();
}

static int open_dir(struct file_dir *d, const char *path)
{
	return file_dir_open(d, path, FILE_KEEP_UID, FILE_KEEP_GID);
}

#define check_file(path, text) assert_true(folder_has(path, text))
#define make_file(path, text) assert_int_equal(folder_write(path, text), 0)

static void dir_is_made_private(void **state)
{
	struct file_dir d;
	struct stat st;

	(void)state;
	assert_int_equal(open_dir(&d, "out/"), 0);
	assert_string_equal(d.path, "out");
	assert_int_equal(fcntl(d.fd, F_GETFD), FD_CLOEXEC);
	file_dir_close(&d);
	assert_int_equal(d.fd, -1);
	file_dir_close(&d);
	assert_int_equal(stat("out", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);

	/* One that is there stays as it is. */
	assert_int_equal(chmod("out", 0755), 0);
	assert_int_equal(open_dir(&d, "out"), 0);
	file_dir_close(&d);
	assert_int_equal(stat("out", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void check_dir_error(const char *path, int err, const char *part)
{
	char msg[FILE_MSG];
	struct file_dir d;

	assert_int_equal(open_dir(&d, path), err);
	assert_int_equal(d.fd, -1);
	assert_null(d.path);
	file_explain(msg, path, NULL, err);
	assert_non_null(strstr(msg, part));
	assert_null(strchr(msg, '\n'));
}

static void dir_errors(void **state)
{
	(void)state;
	make_file("file", "text");
	assert_int_equal(mkdir("real", 0700), 0);
	assert_int_equal(symlink("real", "link"), 0);
	assert_int_equal(symlink("nothing", "dangling"), 0);
	check_dir_error("file", -ENOTDIR, "folder file: it is not a folder");
	check_dir_error("file/below", -ENOTDIR, "it is not a folder");
	check_dir_error("link", -ELOOP, "it is a symbolic link");
	check_dir_error("link/", -ELOOP, "it is a symbolic link");
	check_dir_error("dangling", -ELOOP, "it is a symbolic link");
	check_dir_error("no/such", -ENOENT, "the folder above it does not");
	check_dir_error("", -ENOENT, "the folder above it does not");
	assert_int_equal(access("nothing", F_OK), -1);
	check_file("file", "text");
}

/* A child that has the rights of somebody, and ends with what f says. */
static int as_somebody(int (*f)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		if (!geteuid() && (setgid(SOMEBODY) || setuid(SOMEBODY)))
			_exit(99);
		_exit(f());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int open_locked(void)
{
	struct file_dir d;

	return -open_dir(&d, "locked");
}

static int open_below_locked(void)
{
	struct file_dir d;

	return -open_dir(&d, "locked/new");
}

static void dir_without_permission(void **state)
{
	char msg[FILE_MSG];

	(void)state;
	assert_int_equal(mkdir("locked", 0555), 0);
	assert_int_equal(as_somebody(open_locked), EACCES);
	assert_int_equal(as_somebody(open_below_locked), EACCES);
	file_explain(msg, "locked", NULL, -EACCES);
	assert_non_null(strstr(msg, "no permission to write there"));
}

static void dir_for_somebody(void **state)
{
	struct file_dir d;
	struct stat st;
	int groups;

	(void)state;
	need_root("reports for another user");
	groups = getgroups(0, NULL);
	/* This folder is root's: somebody could not make anything here. */
	assert_int_equal(file_dir_open(&d, "out", SOMEBODY, SOMEBODY), -EACCES);
	assert_int_equal(access("out", F_OK), -1);
	assert_int_equal(mkdir("out", 0700), 0);
	assert_int_equal(file_dir_open(&d, "out", SOMEBODY, SOMEBODY), -EACCES);

	assert_int_equal(chown(".", SOMEBODY, SOMEBODY), 0);
	assert_int_equal(rmdir("out"), 0);
	assert_int_equal(file_dir_open(&d, "out", SOMEBODY, SOMEBODY), 0);
	assert_int_equal(stat("out", &st), 0);
	assert_int_equal(st.st_uid, SOMEBODY);
	assert_int_equal(st.st_gid, SOMEBODY);
	assert_int_equal(getgroups(0, NULL), groups);

	/* Root again: files are root's doing, but somebody's. */
	assert_int_equal(file_replace(&d, "a.csv", "x", 1), 0);
	assert_int_equal(stat("out/a.csv", &st), 0);
	assert_int_equal(st.st_uid, SOMEBODY);
	assert_int_equal(st.st_gid, SOMEBODY);
	assert_int_equal(st.st_mode & 07777, 0600);
	file_dir_close(&d);
}

static void replace_makes_and_replaces(void **state)
{
	struct file_dir d;

	(void)state;
	assert_int_equal(open_dir(&d, "out"), 0);
	assert_int_equal(file_replace(&d, "a.csv", "one\n", 4), 0);
	check_file("out/a.csv", "one\n");
	assert_int_equal(file_replace(&d, "a.csv", "two\nthree\n", 10), 0);
	check_file("out/a.csv", "two\nthree\n");
	assert_int_equal(file_replace(&d, "a.csv", "", 0), 0);
	check_file("out/a.csv", "");
	assert_int_equal(folder_count("out"), 1);
	file_dir_close(&d);
}

static void replace_follows_no_link(void **state)
{
	char temp[64];
	struct file_dir d;
	struct stat st;

	(void)state;
	assert_int_equal(open_dir(&d, "out"), 0);
	make_file("victim", "untouched");
	assert_int_equal(symlink("../victim", "out/a.csv"), 0);
	/* The temporary name may be taken as well. */
	snprintf(temp, sizeof(temp), "out/.a.csv.%d", (int)getpid());
	assert_int_equal(symlink("../victim", temp), 0);
	assert_int_equal(file_replace(&d, "a.csv", "new", 3), 0);
	check_file("victim", "untouched");
	check_file("out/a.csv", "new");
	assert_int_equal(lstat("out/a.csv", &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(folder_count("out"), 1);
	file_dir_close(&d);
}

static void replace_refuses(void **state)
{
	char msg[FILE_MSG], longest[300];
	struct file_dir d;

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(open_dir(&d, "out"), 0);
	assert_int_equal(file_replace(&d, "../a", "x", 1), -EINVAL);
	assert_int_equal(file_replace(&d, "", "x", 1), -EINVAL);
	assert_int_equal(file_replace(&d, longest, "x", 1), -ENAMETOOLONG);
	longest[260] = '\0';
	assert_int_equal(file_replace(&d, longest, "x", 1), -ENAMETOOLONG);
	assert_int_equal(mkdir("out/a.csv", 0700), 0);
	assert_int_equal(file_replace(&d, "a.csv", "x", 1), -EISDIR);
	assert_int_equal(folder_count("out"), 1);
	file_explain(msg, "out", "a.csv", -EISDIR);
	assert_non_null(strstr(msg, "cannot write out/a.csv: Is a directory"));
	file_dir_close(&d);
}

/* As root the name may be that of a device that all programs need. */
static void what_is_no_file_stays(void **state)
{
	struct file_aside aside;
	struct file_dir d;
	char msg[FILE_MSG];
	struct stat st;

	(void)state;
	assert_int_equal(open_dir(&d, "out"), 0);
	assert_int_equal(mkfifo("out/null", 0600), 0);
	assert_int_equal(file_replace(&d, "null", "x", 1), -EEXIST);
	assert_int_equal(file_aside_open(&aside, &d, "null"), -EEXIST);
	assert_int_equal(aside.fd, -1);
	assert_int_equal(lstat("out/null", &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(folder_count("out"), 1);
	file_explain(msg, "out", "null", -EEXIST);
	assert_non_null(strstr(msg, "it is a device, a pipe or a socket"));
	file_dir_close(&d);
}

/* Files of this process end at n bytes: the last write is a short one. */
static void limit_files(rlim_t n)
{
	struct rlimit r;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = n == RLIM_INFINITY ? r.rlim_max : n;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

static void errors_leave_the_old_file(void **state)
{
	struct file_rows rows, none;
	struct file_dir d;
	int replaced, added, opened;

	(void)state;
	assert_int_equal(open_dir(&d, "out"), 0);
	assert_int_equal(file_replace(&d, "a.csv", "head\nold\n", 9), 0);
	assert_int_equal(file_rows_open(&rows, &d, "b.csv", "head\n", 5), 0);
	assert_int_equal(file_rows_add(&rows, "1\n", 2), 0);
	limit_files(9);
	replaced = file_replace(&d, "a.csv", "head\nold\nnew\n", 13);
	added = file_rows_add(&rows, "2\n3\n", 4);
	opened = file_rows_open(&none, &d, "c.csv", "longer head\n", 12);
	limit_files(RLIM_INFINITY);
	assert_int_equal(replaced, -EFBIG);
	assert_int_equal(added, -EFBIG);
	assert_int_equal(opened, -EFBIG);
	assert_int_equal(none.fd, -1);
	check_file("out/a.csv", "head\nold\n");
	check_file("out/b.csv", "head\n1\n");
	assert_int_equal(folder_count("out"), 2);

	/* When there is room again, it goes on where it was. */
	assert_int_equal(file_rows_add(&rows, "2\n", 2), 0);
	check_file("out/b.csv", "head\n1\n2\n");
	file_rows_close(&rows);
	file_rows_close(&rows);
	file_dir_close(&d);
}

static void rows_grow(void **state)
{
	struct file_rows rows;
	struct file_dir d;
	char big[3000];

	(void)state;
	assert_int_equal(open_dir(&d, "out"), 0);
	make_file("out/a.csv", "of an earlier run\n");
	assert_int_equal(file_rows_open(&rows, &d, "a.csv", "h\n", 2), 0);
	assert_int_equal(folder_count("out"), 1);
	check_file("out/a.csv", "h\n");
	assert_int_equal(file_rows_add(&rows, "", 0), 0);
	assert_int_equal(file_rows_add(&rows, "a\nb\n", 4), 0);
	check_file("out/a.csv", "h\na\nb\n");
	memset(big, 'x', sizeof(big));
	assert_int_equal(file_rows_add(&rows, big, sizeof(big)), 0);
	assert_int_equal(rows.size, 6 + (int)sizeof(big));
	file_rows_close(&rows);
	file_dir_close(&d);
}

/* A file system of two pages, gone with the process; or the reason why not. */
static const char *mount_small(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return "no mount namespace";
	if (mkdir("small", 0755) ||
	    mount("tmpfs", "small", "tmpfs", 0, "size=8k,mode=755"))
		return "no tmpfs";
	return NULL;
}

static int fill_small(void)
{
	struct file_rows rows;
	struct file_dir d;
	char big[6000];

	memset(big, 'x', sizeof(big));
	if (open_dir(&d, "small") || file_replace(&d, "a", "old", 3) ||
	    file_rows_open(&rows, &d, "b", "h\n", 2))
		return 1;
	if (file_replace(&d, "a", big, sizeof(big)) != -ENOSPC)
		return 2;
	if (file_rows_add(&rows, big, sizeof(big)) != -ENOSPC)
		return 3;
	file_rows_close(&rows);
	if (!folder_has("small/a", "old") || !folder_has("small/b", "h\n"))
		return 4;
	return folder_count("small") == 2 ? 0 : 5;
}

static int read_only_small(void)
{
	struct file_dir d;

	if (mount(NULL, "small", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL))
		return 1;
	if (open_dir(&d, "small") != -EROFS)
		return 2;
	return open_dir(&d, "small/new") == -EROFS ? 0 : 3;
}

static void full_and_read_only_disks(void **state)
{
	const char *why = NULL;
	int ends[2], status;
	char told[64] = "";
	pid_t pid;

	(void)state;
	need_root("a full disk");
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		why = mount_small();
		if (why && write(ends[1], why, strlen(why)) < 0)
			_exit(98);
		_exit(why ? 77 : fill_small() * 10 + read_only_small());
	}
	close(ends[1]);
	assert_true(read(ends[0], told, sizeof(told) - 1) >= 0);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		fprintf(stderr, "SKIP-REASON: %s: a full disk\n", told);
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void full_disk_is_explained(void **state)
{
	char msg[FILE_MSG];

	(void)state;
	assert_ptr_equal(file_explain(msg, "o\nut", "locks.csv", -ENOSPC), msg);
	assert_string_equal(msg, "cannot write o\\x0aut/locks.csv: No space "
				 "left on device: what was written before is "
				 "kept: make room and start again");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(dir_is_made_private),
		FOLDER_TEST(dir_errors),
		FOLDER_TEST(dir_without_permission),
		FOLDER_TEST(dir_for_somebody),
		FOLDER_TEST(replace_makes_and_replaces),
		FOLDER_TEST(replace_follows_no_link),
		FOLDER_TEST(replace_refuses),
		FOLDER_TEST(what_is_no_file_stays),
		FOLDER_TEST(errors_leave_the_old_file),
		FOLDER_TEST(rows_grow),
		FOLDER_TEST(full_and_read_only_disks),
		FOLDER_TEST(full_disk_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
