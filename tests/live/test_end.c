// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* However gilwatch ends: a summary, the right status, nothing left behind. */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "csvtable.h"
#include "live.h"

/* ---- what gilwatch has in the kernel ------------------------------------- */

#define IDS_MAX 256

enum kind { PROGS, MAPS, LINKS, KINDS };

struct ids {
	__u32 id[KINDS][IDS_MAX];
	size_t count[KINDS];
};

/* As /proc/PID/fdinfo names them. */
static const char *const field[KINDS] = { "prog_id:", "map_id:", "link_id:" };

/* A link's file names its program too: the first of the three counts, which for
 * a link is link_id. */
static void note_ids(struct ids *ids, const char *text)
{
	static const enum kind order[] = { LINKS, MAPS, PROGS };
	const char *found;

	for (size_t i = 0; i < KINDS; i++) {
		enum kind k = order[i];

		found = strstr(text, field[k]);
		if (!found)
			continue;
		assert_true(ids->count[k] < IDS_MAX);
		ids->id[k][ids->count[k]++] =
			(__u32)strtoul(found + strlen(field[k]), NULL, 10);
		return;
	}
}

/* Everything of BPF that the process has open. */
static void read_ids(struct ids *ids, pid_t pid)
{
	char path[512], text[4096];
	struct dirent *entry;
	DIR *dir;

	memset(ids, 0, sizeof(*ids));
	snprintf(path, sizeof(path), "/proc/%d/fdinfo", (int)pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		FILE *f;
		size_t n;

		snprintf(path, sizeof(path), "/proc/%d/fdinfo/%s", (int)pid,
			 entry->d_name);
		f = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (!f)
			continue;
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
		text[n] = '\0';
		note_ids(ids, text);
	}
	closedir(dir);
	/* Or there is nothing to compare. */
	for (int k = 0; k < KINDS; k++)
		assert_true(ids->count[k] > 3);
}

static bool is_there(enum kind kind, __u32 id)
{
	int fd = kind == PROGS  ? bpf_prog_get_fd_by_id(id)
		 : kind == MAPS ? bpf_map_get_fd_by_id(id)
				: bpf_link_get_fd_by_id(id);

	if (fd >= 0)
		close(fd);
	return fd != -ENOENT;
}

static size_t left(const struct ids *ids)
{
	size_t n = 0;

	for (int k = 0; k < KINDS; k++)
		for (size_t i = 0; i < ids->count[k]; i++)
			n += is_there(k, ids->id[k][i]);
	return n;
}

/* The kernel frees them some time after the last descriptor is closed. */
static void assert_nothing_left(const struct ids *ids)
{
	for (int i = 0; left(ids) && i < 500; i++)
		live_sleep(0.02);
	assert_int_equal(left(ids), 0);
}

static size_t mounts(void)
{
	FILE *f = fopen("/proc/mounts", "r");
	size_t n = 0;
	int c;

	assert_non_null(f);
	while ((c = fgetc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return n;
}

/* ---- signals ------------------------------------------------------------- */

static struct live *sleeper(void)
{
	return live_start((const char *[]){ "sleep", "1000", NULL }, NULL,
			  NULL);
}

static struct live *watch(const struct live *l)
{
	return live_watch(
		(const char *[]){ "-p", live_number((uint64_t)l->pid), NULL });
}

static void assert_summary(struct live *w)
{
	const char *summary = strstr(live_out(w), "=== gilwatch summary of ");

	if (!summary)
		fail_msg("no summary:\n%s%s", live_out(w), live_err(w));
	assert_non_null(strstr(summary, "gilwatch itself: "));
	assert_null(strstr(summary + 1, "=== gilwatch summary of "));
}

static void signals_end_with_a_summary(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct live *l, *w;
	struct ids ids;

	(void)state;
	live_require();
	l = sleeper();
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		w = watch(l);
		read_ids(&ids, w->pid);
		live_signal(w, signals[i]);
		assert_int_equal(live_wait(w), 0);
		assert_summary(w);
		assert_nothing_left(&ids);
		live_done(w);
		assert_false(live_ended(l));
	}
}

static void killed_it_leaves_nothing(void **state)
{
	size_t before = mounts();
	struct live *l, *w;
	struct ids ids;

	(void)state;
	live_require();
	l = sleeper();
	w = watch(l);
	read_ids(&ids, w->pid);
	assert_true(left(&ids) > 10);
	live_signal(w, SIGKILL);
	assert_int_equal(live_wait(w), 128 + SIGKILL);
	assert_nothing_left(&ids);
	assert_int_equal(mounts(), before);
	assert_false(live_ended(l));
}

/* Also while it is starting, at whatever point that is. */
static void killed_at_any_moment_it_leaves_nothing(void **state)
{
	size_t before = mounts();
	struct live *l = sleeper(), *w;

	(void)state;
	live_require();
	for (int i = 0; i < 12; i++) {
		w = live_start((const char *[]){ live_gilwatch(), "-p",
						 live_number((uint64_t)l->pid),
						 NULL },
			       NULL, NULL);
		live_sleep(0.03 * i);
		live_signal(w, SIGKILL);
		assert_int_equal(live_wait(w), 128 + SIGKILL);
		live_done(w);
		assert_int_equal(mounts(), before);
	}
}

/* The command does not end on Ctrl-C; a second one ends gilwatch. */
static void the_second_interrupt_ends_at_once(void **state)
{
	struct live *w;
	struct ids ids;
	pid_t command;

	(void)state;
	live_require();
	w = live_watch((const char *[]){ "--", "sh", "-c",
					 "trap '' INT; echo pid $$; "
					 "exec sleep 1000",
					 NULL });
	live_await_out(w, "pid ");
	command = atoi(strstr(live_out(w), "pid ") + 4);
	read_ids(&ids, w->pid);
	live_signal(w, SIGINT);
	live_sleep(0.5);
	assert_false(live_ended(w));
	live_signal(w, SIGINT);
	live_wait(w);
	assert_nothing_left(&ids);
	assert_int_equal(kill(command, SIGKILL), 0);
}

/* ---- the other ways to end ----------------------------------------------- */

static void it_ends_with_its_targets(void **state)
{
	struct live *one, *two, *w;
	char pids[64];

	(void)state;
	live_require();
	one = sleeper();
	two = sleeper();
	snprintf(pids, sizeof(pids), "%d,%d", (int)one->pid, (int)two->pid);
	w = live_watch((const char *[]){ "-p", pids, NULL });
	live_signal(one, SIGKILL);
	live_wait(one);
	live_sleep(0.3);
	assert_false(live_ended(w));
	live_signal(two, SIGTERM);
	live_wait(two);
	assert_int_equal(live_wait(w), 0);
	assert_summary(w);
}

/* Asked to, the workload ends as a program does that is done. */
static void a_target_that_ends_by_itself(void **state)
{
	struct live *l, *w;

	(void)state;
	live_require();
	l = live_start((const char *[]){ live_workload("handoff"), "--duration",
					 "60", NULL },
		       NULL, NULL);
	w = watch(l);
	live_sleep(0.5);
	live_signal(l, SIGINT);
	assert_int_equal(live_wait(l), 0);
	assert_int_equal(live_wait(w), 0);
	assert_summary(w);
	if (!strstr(live_out(w), "pass-1"))
		fail_msg("no pass-1:\n%s", live_out(w));
}

static void it_ends_after_its_duration(void **state)
{
	const char *csv = live_path(live_folder(), "csv");
	struct live *l, *w;
	struct csvtable t;
	double seconds;
	size_t row;

	(void)state;
	live_require();
	l = sleeper();
	w = live_watch((const char *[]){ "-d", "1.5", "--csv", csv, "-p",
					 live_number((uint64_t)l->pid), NULL });
	assert_int_equal(live_wait(w), 0);
	assert_summary(w);
	csv_read(&t, csv, "threads");
	row = csv_one(&t, "scope", "total", NULL);
	seconds = csv_window_ns(&t, row) / 1e9;
	/* What it took to let go is not part of it. */
	assert_true(seconds >= 1.499);
	assert_true(seconds < 1.5 * 1.2);
	csv_done(&t);
}

/* A command that gilwatch's own end finds running is asked to end. */
static void a_command_ends_with_the_watching(void **state)
{
	static const char script[] = "trap 'echo asked; exit 5' TERM; "
				     "echo up; while :; do sleep 0.05; done";
	struct live *w;

	(void)state;
	live_require();
	w = live_watch(
		(const char *[]){ "-d", "1", "--", "sh", "-c", script, NULL });
	assert_int_equal(live_wait(w), 0);
	assert_non_null(strstr(live_out(w), "asked"));
	assert_summary(w);
	live_done(w);
	w = live_watch((const char *[]){ "--", "sh", "-c", script, NULL });
	live_await_out(w, "up");
	live_signal(w, SIGTERM);
	live_wait(w);
	assert_non_null(strstr(live_out(w), "asked"));
	assert_summary(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(signals_end_with_a_summary),
		LIVE_TEST(killed_it_leaves_nothing),
		LIVE_TEST(killed_at_any_moment_it_leaves_nothing),
		LIVE_TEST(the_second_interrupt_ends_at_once),
		LIVE_TEST(it_ends_with_its_targets),
		LIVE_TEST(a_target_that_ends_by_itself),
		LIVE_TEST(it_ends_after_its_duration),
		LIVE_TEST(a_command_ends_with_the_watching),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
