// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What cannot work is one clear line, the right status, and nothing else. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "live.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* One line on stderr that has `part` in it, nothing on stdout. */
static void assert_refused(struct live *l, int status, const char *part)
{
	const char *err = live_err(l);
	const char *end = strchr(err, '\n');

	if (live_wait(l) != status || *live_out(l) ||
	    strncmp(err, "gilwatch: ", 10) || !end || end[1] ||
	    !strstr(err, part))
		fail_msg("status %d, not %d, or not one line with \"%s\":\n"
			 "%s--\n%s",
			 l->status, status, part, live_out(l), err);
	live_done(l);
}

static int as_nobody(void *ctx)
{
	(void)ctx;
	return setgid(65534) || setuid(65534);
}

/* A checkout in a home folder is often closed to others. */
static const char *open_to_all(void)
{
	const char *copy = live_path(live_folder(), "gilwatch");
	struct live *l =
		live_run((const char *[]){ "install", "-m", "755",
					   live_gilwatch(), copy, NULL },
			 NULL, NULL);

	assert_int_equal(l->status, 0);
	live_done(l);
	return copy;
}

static struct live *run(const char *const *args, live_setup_fn setup, void *ctx)
{
	const char *argv[16] = { setup == as_nobody ? open_to_all()
						    : live_gilwatch() };

	for (size_t i = 0; args[i]; i++) {
		assert_true(i < COUNT(argv) - 2);
		argv[i + 1] = args[i];
	}
	return live_run(argv, setup, ctx);
}

/* ---- the command line ---------------------------------------------------- */

struct usage {
	const char *args[6];
	const char *part;
};

static const struct usage usages[] = {
	{ { "--nonsense" }, "--nonsense" },
	{ { "-x" }, "-x" },
	{ { "-i", "soon" }, "soon" },
	{ { "-i", "" }, "-i" },
	{ { "-i", "-1" }, "-1" },
	{ { "-i", "0" }, "0" },
	{ { "-i", "0.09" }, "0.09" },
	{ { "-i", "nan" }, "nan" },
	{ { "-i", "inf" }, "inf" },
	{ { "-i", "1e99" }, "1e99" },
	{ { "-i", "99999999999999999999999" }, "9999" },
	{ { "-i", "1,5" }, "1,5" },
	{ { "-i", "1 " }, "1 " },
	{ { "-i" }, "-i" },
	{ { "-d", "later" }, "later" },
	{ { "-d", "-0.5" }, "-0.5" },
	{ { "-d", "NaN" }, "NaN" },
	{ { "-d", "0" }, "0" },
	{ { "-d", "99999999999999999999999" }, "9999" },
	{ { "--duration=-3" }, "-3" },
	{ { "-n", "0" }, "0" },
	{ { "-n", "many" }, "many" },
	{ { "-n", "1001" }, "1001" },
	{ { "-p", "" }, "-p" },
	{ { "-p", "12x" }, "12x" },
	{ { "-p", "1,,2" }, "1,,2" },
	{ { "-p", "1," }, "1," },
	{ { "-p", ",1" }, ",1" },
	{ { "-p", "-1" }, "-1" },
	{ { "-p", "0" }, "0" },
	{ { "-p", "1 2" }, "1 2" },
	{ { "-p", "99999999999" }, "99999999999" },
	{ { "-p", "0x10" }, "0x10" },
	{ { "-c", "" }, "-c" },
	{ { "--csv", "" }, "--csv" },
	{ { "sleep", "1" }, "sleep" },
	{ { "--" }, "--" },
	{ { "-p", "1", "--", "true" }, "-p" },
	{ { "-c", "x", "--", "true" }, "-c" },
	{ { "--as-root" }, "--as-root" },
};

static void usage_is_status_2(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(usages); i++)
		assert_refused(run(usages[i].args, NULL, NULL), 2,
			       usages[i].part);
}

/* An argument's bytes are somebody's too. */
static void what_was_given_is_shown_harmless(void **state)
{
	static const char *const bad[] = { "\033[2J", "a\nb", "\xff\xfe", "\r",
					   "\x9b[31m" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *args[] = { "-i", bad[i], NULL };
		struct live *l = run(args, NULL, NULL);

		for (const char *c = live_err(l); *c; c++)
			assert_true(*c == '\n' ? !c[1] : *c >= 0x20);
		assert_refused(l, 2, "-i");
	}
}

/* ---- privileges ---------------------------------------------------------- */

static int without_perfmon(void *ctx)
{
	(void)ctx;
	/* CAP_PERFMON 38, CAP_SYS_ADMIN 21, which includes it. */
	return prctl(PR_CAPBSET_DROP, 38) || prctl(PR_CAPBSET_DROP, 21);
}

static int root_of_a_user_namespace(void *ctx)
{
	FILE *f;

	(void)ctx;
	if (unshare(CLONE_NEWUSER))
		return -1;
	f = fopen("/proc/self/uid_map", "w");
	return !f || fputs("0 0 1", f) < 0 || fclose(f);
}

static void without_privileges_it_says_which(void **state)
{
	const char *args[] = { "-d", "0.2", NULL };
	struct live *l;

	(void)state;
	live_require();
	l = run(args, as_nobody, NULL);
	assert_non_null(strstr(live_err(l), "cap_bpf"));
	assert_refused(l, 1, "sudo");
	l = run(args, without_perfmon, NULL);
	assert_null(strstr(live_err(l), "cap_bpf"));
	assert_refused(l, 1, "cap_perfmon");
	assert_refused(run(args, root_of_a_user_namespace, NULL), 1,
		       "namespace");
}

/* A mistake in the command line is told also to those who may not watch. */
static void help_and_usage_need_no_privileges(void **state)
{
	const char *bad[] = { "-i", "nan", NULL };
	const char *const good[][2] = { { "--help" }, { "-V" } };
	struct live *l;

	(void)state;
	if (geteuid())
		live_skip("not root: cannot become another user");
	assert_refused(run(bad, as_nobody, NULL), 2, "nan");
	for (size_t i = 0; i < COUNT(good); i++) {
		l = run((const char *[]){ good[i][0], NULL }, as_nobody, NULL);
		assert_int_equal(l->status, 0);
		assert_string_equal(live_err(l), "");
		assert_string_not_equal(live_out(l), "");
		live_done(l);
	}
}

/* ---- processes ----------------------------------------------------------- */

static int end_at_once(void *ctx)
{
	(void)ctx;
	return 0;
}

/* A number that nobody has: a child's that was fetched. */
static const char *free_pid(void)
{
	static char text[24];
	struct live *l = live_call(end_at_once, NULL);

	snprintf(text, sizeof(text), "%d", (int)l->pid);
	live_wait(l);
	live_done(l);
	return text;
}

static void no_such_process(void **state)
{
	const char *pid = free_pid();
	char list[64];

	(void)state;
	live_require();
	assert_refused(run((const char *[]){ "-p", pid, NULL }, NULL, NULL), 1,
		       pid);
	snprintf(list, sizeof(list), "%d,%s", (int)getpid(), pid);
	assert_refused(run((const char *[]){ "-p", list, NULL }, NULL, NULL), 1,
		       pid);
}

static void a_zombie(void **state)
{
	struct live *l;
	char pid[24];

	(void)state;
	live_require();
	l = live_call(end_at_once, NULL);
	snprintf(pid, sizeof(pid), "%d", (int)l->pid);
	/* It is not fetched until the end of the test. */
	live_sleep(0.2);
	assert_refused(run((const char *[]){ "-p", pid, NULL }, NULL, NULL), 1,
		       "zombie");
}

static void a_thread_of_the_kernel(void **state)
{
	char comm[64] = "";
	FILE *f = fopen("/proc/2/comm", "r");

	(void)state;
	live_require();
	if (f) {
		assert_non_null(fgets(comm, sizeof(comm), f));
		fclose(f);
	}
	if (strcmp(comm, "kthreadd\n"))
		live_skip("process 2 is not kthreadd: a process namespace");
	assert_refused(run((const char *[]){ "-p", "2", NULL }, NULL, NULL), 1,
		       "kernel");
}

/* Ended, or ending, while gilwatch attaches: never a hang, never a crash. */
static void a_process_that_ends_while_attaching(void **state)
{
	struct live *target, *w;

	(void)state;
	live_require();
	for (int i = 0; i < 10; i++) {
		target = live_start((const char *[]){ "sleep", "100", NULL },
				    NULL, NULL);
		w = live_start(
			(const char *[]){ live_gilwatch(), "-p",
					  live_number((uint64_t)target->pid),
					  NULL },
			NULL, NULL);
		live_sleep(0.025 * i);
		live_signal(target, SIGKILL);
		live_wait(target);
		live_wait(w);
		if (w->status == 0)
			assert_non_null(strstr(live_out(w), "=== gilwatch"));
		else
			assert_refused(w, 1, "process");
		live_teardown(NULL);
	}
}

/* ---- tracefs ------------------------------------------------------------- */

static int without_tracefs(void *ctx)
{
	(void)ctx;
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	/* Each may be there several times, or not at all. */
	while (!umount2("/sys/kernel/debug/tracing", MNT_DETACH))
		continue;
	while (!umount2("/sys/kernel/debug", MNT_DETACH))
		continue;
	while (!umount2("/sys/kernel/tracing", MNT_DETACH))
		continue;
	return !access("/sys/kernel/tracing/events", F_OK);
}

static void tracefs_is_mounted_privately(void **state)
{
	static const char script[] =
		"cat /proc/self/mounts > \"$2\"; "
		"\"$1\" -p $$ -d 0.5 --csv \"$3\"; status=$?; "
		"cat /proc/self/mounts | cmp - \"$2\" && exit $status; exit 9";
	const char *folder = live_folder(), *csv = live_path(folder, "csv");
	struct stat st;
	struct live *l;

	(void)state;
	live_require();
	l = live_run((const char *[]){ "sh", "-c", script, "sh",
				       live_gilwatch(),
				       live_path(folder, "mounts"), csv, NULL },
		     without_tracefs, NULL);
	if (l->status)
		fail_msg("status %d: %s%s", l->status, live_out(l),
			 live_err(l));
	assert_non_null(strstr(live_out(l), "=== gilwatch summary"));
	/* The report is where the user sees it, not in another namespace. */
	assert_int_equal(stat(live_path(csv, "locks.csv"), &st), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(usage_is_status_2),
		LIVE_TEST(what_was_given_is_shown_harmless),
		LIVE_TEST(without_privileges_it_says_which),
		LIVE_TEST(help_and_usage_need_no_privileges),
		LIVE_TEST(no_such_process),
		LIVE_TEST(a_zombie),
		LIVE_TEST(a_thread_of_the_kernel),
		LIVE_TEST(a_process_that_ends_while_attaching),
		LIVE_TEST(tracefs_is_mounted_privately),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
