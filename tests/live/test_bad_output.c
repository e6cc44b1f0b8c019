// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where the output cannot go: said in one line, and nothing half-made. */
#define _GNU_SOURCE
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csvtable.h"
#include "live.h"

static size_t lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void wrong(struct live *l)
{
	fail_msg("status %d: %s%s", l->status, live_err(l), live_out(l));
}

/* gilwatch on this test itself, for a moment. */
static struct live *watch_shortly(const char *csv, live_setup_fn setup,
				  void *ctx)
{
	const char *argv[12] = {
		live_gilwatch(), "-i", "0.2", "-d", "0.5", "-p"
	};
	size_t n = 6;

	argv[n++] = live_number((uint64_t)getpid());
	if (csv) {
		argv[n++] = "--csv";
		argv[n++] = csv;
	}
	return live_run(argv, setup, ctx);
}

/* ---- folders that cannot be used ----------------------------------------- */

static void assert_refused(const char *csv, const char *part)
{
	struct live *l = watch_shortly(csv, NULL, NULL);

	if (l->status != 1 || *live_out(l) || lines(live_err(l)) != 1 ||
	    !strstr(live_err(l), part) || !strstr(live_err(l), csv))
		wrong(l);
	live_done(l);
}

static void a_file_is_no_folder(void **state)
{
	const char *csv = live_path(live_folder(), "file");
	char text[16];
	FILE *f;

	(void)state;
	live_require();
	f = fopen(csv, "w");
	assert_non_null(f);
	fputs("precious", f);
	fclose(f);
	assert_refused(csv, "not a folder");
	f = fopen(csv, "r");
	assert_non_null(fgets(text, sizeof(text), f));
	fclose(f);
	assert_string_equal(text, "precious");
}

static void links_are_not_followed(void **state)
{
	const char *folder = live_folder(), *csv = live_path(folder, "link");
	char target[128];
	struct stat st;
	struct live *l;

	(void)state;
	live_require();
	snprintf(target, sizeof(target), "%s/target", folder);
	assert_int_equal(mkdir(target, 0755), 0);
	assert_int_equal(symlink(target, csv), 0);
	assert_refused(csv, "symbolic link");
	/* A table's name that is a link is replaced, its target left alone. */
	assert_int_equal(symlink("precious", live_path(target, "locks.csv")),
			 0);
	l = watch_shortly(target, NULL, NULL);
	assert_int_equal(l->status, 0);
	assert_int_equal(access(live_path(target, "precious"), F_OK), -1);
	assert_int_equal(lstat(live_path(target, "locks.csv"), &st), 0);
	assert_true(S_ISREG(st.st_mode));
	csv_check_folder(target);
}

static void the_folder_above_must_be_there(void **state)
{
	char csv[128];

	(void)state;
	live_require();
	snprintf(csv, sizeof(csv), "%s/no/such", live_folder());
	assert_refused(csv, "does not exist");
}

static void old_tables_are_replaced(void **state)
{
	const char *csv = live_folder();
	FILE *f = fopen(live_path(csv, "threads.csv"), "w");
	struct csvtable t;
	struct live *l;

	(void)state;
	live_require();
	assert_non_null(f);
	fputs("old,old,old\n", f);
	fclose(f);
	l = watch_shortly(csv, NULL, NULL);
	assert_int_equal(l->status, 0);
	csv_read(&t, csv, "threads");
	assert_string_equal(t.cell[0], "scope");
	csv_done(&t);
	csv_check_folder(csv);
}

/* ---- full disks ---------------------------------------------------------- */

/* A mount namespace in which this folder is a small disk. */
struct disk {
	const char *folder;
	const char *options;
	unsigned long flags;
};

static int on_disk(void *ctx)
{
	const struct disk *d = ctx;

	return unshare(CLONE_NEWNS) ||
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	       mount("small", d->folder, "tmpfs", d->flags, d->options);
}

/* Many rows in each interval. */
static struct live *busy(void)
{
	return live_start((const char *[]){ live_workload("handoff"),
					    "--threads", "8", "--sleep",
					    "--hold-us", "2000", "--duration",
					    "60", NULL },
			  NULL, NULL);
}

/* Runs gilwatch there and copies what it left to where it can be seen. */
static struct live *run_on(struct disk *d, pid_t pid, const char *copy)
{
	static const char script[] =
		"\"$1\" -q -i 0.1 -d 1.5 --csv \"$2/csv\" -p \"$3\"; "
		"status=$?; if [ -d \"$2/csv\" ]; then cp -r \"$2/csv\" "
		"\"$4\" || exit 99; fi; exit $status";

	return live_run((const char *[]){ "sh", "-c", script, "sh",
					  live_gilwatch(), d->folder,
					  live_number((uint64_t)pid), copy,
					  NULL },
			on_disk, d);
}

static void a_full_disk_from_the_start(void **state)
{
	struct disk d = { live_folder(), "nr_inodes=3", 0 };
	const char *copy = live_path(live_folder(), "copy");
	struct live *l;

	(void)state;
	live_require();
	l = run_on(&d, getpid(), copy);
	if (l->status != 1 || *live_out(l) || lines(live_err(l)) != 1 ||
	    !strstr(live_err(l), d.folder))
		wrong(l);
}

static void a_read_only_disk(void **state)
{
	struct disk d = { live_folder(), "", MS_RDONLY };
	struct live *l;

	(void)state;
	live_require();
	l = run_on(&d, getpid(), "/nowhere");
	if (l->status != 1 || *live_out(l) ||
	    !strstr(live_err(l), "read-only") || lines(live_err(l)) != 1)
		wrong(l);
}

/* No interval is missing between the first and the last row. */
static void assert_whole_intervals(const char *folder, pid_t pid)
{
	const char *tid = live_number((uint64_t)pid);
	double end = 0, start;
	size_t row = 0, n = 0;
	struct csvtable t;

	csv_read(&t, folder, "threads");
	while ((row = csv_find(&t, row, "scope", "interval", "tid", tid,
			       NULL)) != CSV_NONE) {
		start = strtod(csv_cell(&t, row, "start_s"), NULL);
		assert_true(!n++ || fabs(start - end) < 0.0001);
		end = strtod(csv_cell(&t, row++, "end_s"), NULL);
	}
	assert_true(n > 1);
	csv_done(&t);
}

/* Five pages for the heads and one more for rows: full after some intervals.
 * The summary is shown all the same. */
static void a_disk_that_fills_up(void **state)
{
	struct disk d = { live_folder(), "size=24k", 0 };
	const char *copy = live_path(live_folder(), "copy");
	struct live *target, *l;

	(void)state;
	live_require();
	target = busy();
	l = run_on(&d, target->pid, copy);
	if (l->status != 1 || lines(live_err(l)) != 2 ||
	    !strstr(live_err(l), ".csv: No space left on device"))
		wrong(l);
	assert_non_null(strstr(live_out(l), "=== gilwatch summary"));
	csv_check_folder(copy);
	assert_whole_intervals(copy, target->pid);
}

/* The same, where a limit on the size of files ends it (ulimit -f). */
static int small_files(void *ctx)
{
	const struct rlimit limit = { 4096, 4096 };

	(void)ctx;
	return setrlimit(RLIMIT_FSIZE, &limit);
}

static void a_limit_on_the_size_of_files(void **state)
{
	const char *csv = live_path(live_folder(), "csv");
	struct live *target, *l;

	(void)state;
	live_require();
	target = busy();
	l = live_run((const char *[]){ live_gilwatch(), "-q", "-i", "0.1", "-d",
				       "1.5", "--csv", csv, "-p",
				       live_number((uint64_t)target->pid),
				       NULL },
		     small_files, NULL);
	if (l->status != 1 || !strstr(live_err(l), ".csv: File too large"))
		wrong(l);
	csv_check_folder(csv);
	assert_whole_intervals(csv, target->pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_file_is_no_folder),
		LIVE_TEST(links_are_not_followed),
		LIVE_TEST(the_folder_above_must_be_there),
		LIVE_TEST(old_tables_are_replaced),
		LIVE_TEST(a_full_disk_from_the_start),
		LIVE_TEST(a_read_only_disk),
		LIVE_TEST(a_disk_that_fills_up),
		LIVE_TEST(a_limit_on_the_size_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
