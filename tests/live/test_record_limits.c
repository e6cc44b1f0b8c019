// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Records that are limited, cut off, or miss events. */
#define _GNU_SOURCE
#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "live.h"

/* A program that hands a lock on until it is ended. */
static struct live *busy(void)
{
	const char *const argv[] = { live_workload("handoff"),
				     "--duration",
				     "60",
				     "--hold-us",
				     "5",
				     "--out-us",
				     "1",
				     "--threads",
				     "3",
				     NULL };
	struct live *l = live_start(argv, NULL, NULL);

	live_sleep(0.2);
	return l;
}

static struct live *record(const struct live *of, const char *file,
			   const char *option, const char *value)
{
	const char *const args[] = { "record", "-q",
				     "-o",     file,
				     option,   value,
				     "-p",     live_number((uint64_t)of->pid),
				     NULL };

	return live_watch(args);
}

static struct live *report(const char *file)
{
	const char *const argv[] = { live_gilwatch(), "report", file, NULL };

	return live_run(argv, NULL, NULL);
}

static double shown_seconds(struct live *report)
{
	const char *out = live_out(report);
	const char *head = strstr(out, "=== gilwatch summary of ");
	double value;
	char *unit;

	assert_non_null(head);
	value = strtod(head + strlen("=== gilwatch summary of "), &unit);
	return strncmp(unit, "ms", 2) ? value : value / 1000;
}

static void end(struct live *l)
{
	live_signal(l, SIGINT);
	live_wait(l);
}

static void the_last_seconds_when_asked(void **state)
{
	const char *folder, *file;
	struct live *of, *l, *r;
	struct stat st;

	(void)state;
	live_require();
	folder = live_folder();
	file = live_path(folder, "f.gwr");
	of = busy();
	l = record(of, file, "--flight", "1");
	live_sleep(3);
	assert_int_equal(access(file, F_OK), -1);
	live_signal(l, SIGUSR1);
	for (int i = 0; i < 100 && access(file, F_OK); i++)
		live_sleep(0.1);
	r = report(file);
	assert_int_equal(r->status, 0);
	assert_non_null(strstr(live_err(r), "keeps only its last part"));
	assert_null(strstr(live_err(r), "has no end"));
	/* A quarter of slack: it can begin only where a state is. */
	assert_true(shown_seconds(r) >= 0.9 && shown_seconds(r) < 2.2);
	assert_non_null(strstr(live_out(r), "handoff"));
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	live_done(r);
	end(l);
	assert_int_equal(l->status, 0);
	r = report(file);
	assert_int_equal(r->status, 0);
}

static void no_more_than_the_size(void **state)
{
	const char *file;
	struct live *of, *l, *r;
	struct stat st;

	(void)state;
	live_require();
	file = live_path(live_folder(), "s.gwr");
	of = busy();
	l = record(of, file, "--max-size", "1M");
	live_sleep(4);
	end(l);
	assert_int_equal(l->status, 0);
	assert_non_null(strstr(live_err(l), "keeps only the last part"));
	assert_int_equal(stat(file, &st), 0);
	assert_true(st.st_size <= 1 << 20);
	r = report(file);
	assert_int_equal(r->status, 0);
	assert_non_null(strstr(live_err(r), "keeps only its last part"));
}

/* What a crash leaves is there, readable, and says what it is. */
static void killed(void **state)
{
	const char *folder, *file;
	struct live *of, *l, *r;
	glob_t parts;

	(void)state;
	live_require();
	folder = live_folder();
	file = live_path(folder, "k.gwr");
	of = busy();
	l = record(of, file, "-i", "1");
	live_sleep(2.5);
	live_signal(l, SIGKILL);
	live_wait(l);
	assert_int_equal(access(file, F_OK), -1);
	assert_int_equal(
		glob(live_path(folder, "k.gwr.*.part"), 0, NULL, &parts), 0);
	assert_int_equal(parts.gl_pathc, 1);
	r = report(parts.gl_pathv[0]);
	globfree(&parts);
	assert_int_equal(r->status, 0);
	assert_non_null(strstr(live_err(r), "has no end"));
	assert_true(shown_seconds(r) > 1);
}

/* Nobody takes the events for a while: the place is marked. */
static void lost(void **state)
{
	const char *file;
	struct live *of, *l, *r;

	(void)state;
	live_require();
	file = live_path(live_folder(), "l.gwr");
	of = busy();
	l = record(of, file, "--buffer", "1M");
	live_sleep(1);
	live_signal(l, SIGSTOP);
	live_sleep(5);
	live_signal(l, SIGCONT);
	live_sleep(1);
	end(l);
	assert_int_equal(l->status, 0);
	assert_non_null(strstr(live_err(l), "more were lost"));
	/* What was counted live misses none of it. */
	assert_null(strstr(live_out(l), "buffer for events full"));
	r = report(file);
	assert_int_equal(r->status, 0);
	assert_non_null(strstr(live_out(r), "buffer for events full"));
}

static int small_disk(void *ctx)
{
	return unshare(CLONE_NEWNS) ||
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	       mount("small", ctx, "tmpfs", 0, "size=4m");
}

/* $1 gilwatch, $2 the file, $3 the process: recorded, then reported where the
 * small disk is still there. */
static const char fill_then_report[] =
	"\"$1\" record -q -o \"$2\" -d 8 -p \"$3\" >/dev/null;"
	"echo recorded with status $?;"
	"\"$1\" report \"$2\"; echo reported with status $?; ls \"${2%/*}\"";

/* Runs such a script beside a process that is busy; the file lies on a disk
 * that is soon full. */
static struct live *on_a_small_disk(const char *script, const char *name)
{
	const char *folder = live_folder();
	struct live *of = busy();

	return live_run(
		(const char *const[]){ "sh", "-c", script, "sh",
				       live_gilwatch(), live_path(folder, name),
				       live_number((uint64_t)of->pid), NULL },
		small_disk, (void *)folder);
}

/* What was whole is kept and can be read. */
static void a_full_disk(void **state)
{
	struct live *l;
	const char *text;

	(void)state;
	live_require();
	l = on_a_small_disk(fill_then_report, "d.gwr");
	text = strstr(live_err(l), "No space left on device");
	assert_non_null(text);
	/* Once, not for each block that came after. */
	assert_null(strstr(text + 1, "No space left on device"));
	assert_non_null(strstr(live_err(l), "has no end"));
	assert_non_null(strstr(live_out(l), "recorded with status 1"));
	assert_non_null(strstr(live_out(l), "handoff (pid "));
	assert_non_null(strstr(live_out(l), "reported with status 0"));
	assert_null(strstr(live_out(l), ".part"));
}

/* $1 gilwatch, $2 the file, $3 the process: twice, the second time beside the
 * first one's file. */
static const char fly_twice[] =
	"for i in 1 2; do"
	" \"$1\" record -q --flight 60 -o \"$2\" -d 8 -p \"$3\" >/dev/null;"
	" echo recorded with status $?; cksum <\"$2\"; done;"
	"\"$1\" report \"$2\"; echo reported with status $?; ls \"${2%/*}\"";

/* The first part is better than nothing, and is not overwritten by nothing. */
static void a_full_disk_at_the_end(void **state)
{
	const char *first, *second;
	struct live *l;

	(void)state;
	live_require();
	l = on_a_small_disk(fly_twice, "f.gwr");
	assert_non_null(strstr(live_err(l), "only the first part of the last"));
	assert_non_null(strstr(live_err(l), "nothing of the last seconds"));
	first = strstr(live_out(l), "recorded with status 1\n");
	assert_non_null(first);
	second = strstr(first + 1, "recorded with status 1\n");
	assert_non_null(second);
	assert_memory_equal(first, second, (size_t)(second - first));
	assert_non_null(strstr(second, "handoff (pid "));
	assert_non_null(strstr(second, "reported with status 0"));
	assert_null(strstr(second, ".part"));
}

static int become_nobody(void *ctx)
{
	(void)ctx;
	return setgid(65534) || setuid(65534);
}

/* Anybody can look at a record, and it looks the same. */
static void without_root(void **state)
{
	const char *folder, *file, *copy;
	struct live *of, *l, *a, *b;

	(void)state;
	live_require();
	folder = live_folder();
	file = live_path(folder, "r.gwr");
	of = busy();
	l = record(of, file, "-d", "1");
	live_wait(l);
	assert_int_equal(l->status, 0);
	assert_int_equal(chmod(file, 0644), 0);
	a = report(file);
	/* The checkout may be where nobody else can go. */
	copy = live_path(folder, "gilwatch");
	l = live_run((const char *const[]){ "install", "-m", "755",
					    live_gilwatch(), copy, NULL },
		     NULL, NULL);
	assert_int_equal(l->status, 0);
	b = live_run((const char *const[]){ copy, "report", file, NULL },
		     become_nobody, NULL);
	assert_int_equal(b->status, 0);
	assert_string_equal(live_out(a), live_out(b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(the_last_seconds_when_asked),
		LIVE_TEST(no_more_than_the_size),
		LIVE_TEST(killed),
		LIVE_TEST(lost),
		LIVE_TEST(a_full_disk),
		LIVE_TEST(a_full_disk_at_the_end),
		LIVE_TEST(without_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
