// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * An ordinary user with a gilwatch that has just the capabilities it needs, on
 * a process of that user's; and with one of them missing.
 */
#define _GNU_SOURCE
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compare.h"
#include "csvtable.h"
#include "live.h"
#include "truth.h"

#define USER 65534

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* With perf events and without: CAP_DAC_READ_SEARCH opens tracefs, and on
 * Debian CAP_SYS_ADMIN perf_event_open, and they are used then. */
struct place {
	const char *name;
	uint64_t more;
};

static int apart(void)
{
	return unshare(CLONE_NEWNS) ||
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static const struct place places[] = {
	{ "the three", 0 },
	{ "with tracefs", 1ull << CAP_DAC_READ_SEARCH },
	{ "with perf events",
	  1ull << CAP_DAC_READ_SEARCH | 1ull << CAP_SYS_ADMIN },
};

static const unsigned int always[] = { CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE };

/* In the child. */
static int become_user(void *ctx)
{
	(void)ctx;
	mkdir("/sys/kernel/tracing", 0700);
	return apart() ||
	       (mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL) &&
		errno != EBUSY) ||
	       setgroups(0, NULL) || setresgid(USER, USER, USER) ||
	       setresuid(USER, USER, USER);
}

/* ---- a program of its own -------------------------------------------------
 */

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

/* With these capabilities of the file, all but `but` (-1: all). */
static void give(const char *path, const struct place *p, unsigned int but)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const capng_type_t type = CAPNG_EFFECTIVE | CAPNG_PERMITTED;

	assert_true(fd >= 0);
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < COUNT(always); i++)
		if (always[i] != but)
			capng_update(CAPNG_ADD, type, always[i]);
	for (unsigned int cap = 0; cap < 64; cap++)
		if (p->more & (1ull << cap))
			capng_update(CAPNG_ADD, type, cap);
	if (capng_apply_caps_fd(fd))
		live_skip("the file system of /tmp keeps no capabilities");
	close(fd);
}

/* A folder of the user's with the program in it. */
static const char *user_folder(void)
{
	const char *folder = live_folder();

	copy(live_gilwatch(), live_path(folder, "gilwatch"));
	copy(live_workload("handoff"), live_path(folder, "handoff"));
	assert_int_equal(chown(folder, USER, USER), 0);
	return folder;
}

/* ---- with all of them ---------------------------------------------------- */

static void check_tables(struct compare *c, const char *csv, const char *json,
			 const char *name)
{
	struct truth truth;
	struct csvtable t;
	struct stat st;
	size_t row;

	csv_check_folder(csv);
	truth_read(&truth, json);
	csv_read(&t, csv, "locks");
	row = csv_one(&t, "scope", "total", "lock",
		      live_hex(truth.lock[0].address), NULL);
	compare_near(c, (double)csv_u64(&t, row, "waits"),
		     (double)truth.lock[0].contended, 0.01, 1, "%s: waits",
		     name);
	compare_near(c, (double)csv_u64(&t, row, "handoffs"),
		     (double)truth.lock[0].handoffs, 0.01, 1, "%s: handoffs",
		     name);
	csv_done(&t);
	assert_int_equal(stat(live_path(csv, "locks.csv"), &st), 0);
	assert_int_equal(st.st_uid, USER);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void watch_as_user(struct compare *c, const void *ctx)
{
	const struct place *p = ctx;
	const char *folder = user_folder();
	char gilwatch[64], csv[64], handoff[64], json[64];
	struct live *w;

	snprintf(gilwatch, sizeof(gilwatch), "%s/gilwatch", folder);
	snprintf(handoff, sizeof(handoff), "%s/handoff", folder);
	snprintf(csv, sizeof(csv), "%s/csv", folder);
	snprintf(json, sizeof(json), "%s/json", folder);
	give(gilwatch, p, (unsigned int)-1);
	w = live_run((const char *[]){ gilwatch, "-q", "--csv", csv, "--",
				       handoff, "--threads", "3", "--count",
				       "300", "--hold-us", "1000", "--json",
				       json, NULL },
		     become_user, NULL);
	if (w->status)
		fail_msg("%s: exit status %d: %s", p->name, w->status,
			 live_err(w));
	live_done(w);
	check_tables(c, csv, json, p->name);
}

static void these_suffice_for_a_user(void **state)
{
	(void)state;
	live_require();
	for (size_t i = 0; i < COUNT(places); i++)
		compare_retry(watch_as_user, &places[i]);
}

/* ---- what a command gets ------------------------------------------------- */

static const char what_it_has[] =
	"grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status; "
	"for fd in /proc/self/fd/*; do n=${fd##*/}; "
	"[ -e /proc/$$/fd/$n ] && echo open $n; done; true";

static void check_command(const char *out)
{
	static const char *const caps[] = { "CapInh:\t0000000000000000\n",
					    "CapPrm:\t0000000000000000\n",
					    "CapEff:\t0000000000000000\n",
					    "CapAmb:\t0000000000000000\n" };

	for (size_t i = 0; i < COUNT(caps); i++)
		if (!strstr(out, caps[i]))
			fail_msg("no %s in %s", caps[i], out);
	if (!strstr(out, "open 0\nopen 1\nopen 2\n===") &&
	    !strstr(out, "open 0\nopen 1\nopen 2\ngilwatch"))
		fail_msg("other descriptors than 0, 1, 2: %s", out);
}

/* gilwatch has its own capabilities and a descriptor that it was given. */
static int with_a_descriptor(void *ctx)
{
	return dup2(STDIN_FILENO, 17) < 0 || become_user(ctx);
}

static void a_command_gets_none_of_them(void **state)
{
	const struct place *p = &places[0];
	const char *folder = user_folder();
	const char *gilwatch = live_path(folder, "gilwatch");
	struct live *w;

	(void)state;
	live_require();
	give(gilwatch, p, (unsigned int)-1);
	w = live_run((const char *[]){ gilwatch, "-q", "--", "sh", "-c",
				       what_it_has, NULL },
		     with_a_descriptor, NULL);
	if (w->status)
		fail_msg("exit status %d: %s", w->status, live_err(w));
	check_command(live_out(w));
}

/* ---- with one missing ---------------------------------------------------- */

static void check_refused(const struct place *p, const char *folder,
			  unsigned int missing)
{
	const char *gilwatch = live_path(folder, "gilwatch");
	char want[128];
	struct live *w;

	give(gilwatch, p, missing);
	w = live_run((const char *[]){ gilwatch, "-q", "-d", "0.1", "-p",
				       live_number((uint64_t)getpid()), NULL },
		     become_user, NULL);
	snprintf(want, sizeof(want),
		 "gilwatch: missing capabilities: cap_%s: run it with sudo\n",
		 capng_capability_to_name(missing));
	assert_int_equal(w->status, 1);
	assert_string_equal(live_out(w), "");
	assert_string_equal(live_err(w), want);
	live_done(w);
}

static void without_one_it_is_refused(void **state)
{
	const char *folder = user_folder();

	(void)state;
	live_require();
	for (size_t i = 0; i < COUNT(always); i++)
		check_refused(&places[0], folder, always[i]);
}

/* ---- while it watches ---------------------------------------------------- */

static void assert_status(const char *status, const char *line)
{
	if (!strstr(status, line))
		fail_msg("no \"%s\" in:\n%s", line, status);
}

static void it_has_given_up_the_rest(void **state)
{
	char path[64], status[8192] = "";
	struct live *l, *w;
	FILE *f;

	(void)state;
	live_require();
	l = live_start((const char *[]){ "sleep", "100", NULL }, NULL, NULL);
	w = live_watch(
		(const char *[]){ "-p", live_number((uint64_t)l->pid), NULL });
	snprintf(path, sizeof(path), "/proc/%d/status", (int)w->pid);
	f = fopen(path, "r");
	assert_non_null(f);
	status[fread(status, 1, sizeof(status) - 1, f)] = '\0';
	fclose(f);
	assert_status(status, "\nNoNewPrivs:\t1\n");
	assert_status(status, "\nSeccomp:\t2\n");
	assert_status(status, "\nCapBnd:\t0000000000000000\n");
	assert_status(status, "\nCapInh:\t0000000000000000\n");
	/* CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE; and CAP_DAC_OVERRIDE: root */
	assert_status(status, "\nCapPrm:\t000000c000080002\n");
	live_signal(w, SIGTERM);
	assert_int_equal(live_wait(w), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(these_suffice_for_a_user),
		LIVE_TEST(a_command_gets_none_of_them),
		LIVE_TEST(without_one_it_is_refused),
		LIVE_TEST(it_has_given_up_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
