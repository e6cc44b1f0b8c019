// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * gilwatch is killed at any moment: nothing is left in the kernel, the target
 * is none the worse, and its tables are whole.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "csvtable.h"
#include "figure.h"
#include "live.h"
#include "tracefs.h"

/* Together; how often, and the latest moment. */
#define AT_ONCE 10
#define ROUNDS 10
#define LATEST_S 2.5

/* How long the kernel may take to free what nobody has open. */
#define FREED_S 60

/* ---- what is in the kernel ------------------------------------------------
 */

/* Names of gilwatch's programs and maps, as the kernel cuts them. */
static const char *const programs[] = { "sched_switch", "enter_futex",
					"exit_futex", "read_threads",
					"adopt_threads" };
static const char *const maps[] = { "locks", "edges", "words", "edge_index",
				    "migrations" };

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static unsigned int programs_left(void)
{
	struct bpf_prog_info info;
	__u32 id = 0, size;
	unsigned int n = 0;
	int fd;

	while (!bpf_prog_get_next_id(id, &id)) {
		fd = bpf_prog_get_fd_by_id(id);
		if (fd < 0)
			continue;
		memset(&info, 0, sizeof(info));
		size = sizeof(info);
		if (!bpf_obj_get_info_by_fd(fd, &info, &size))
			n += is_one_of(info.name, programs,
				       sizeof(programs) / sizeof(*programs));
		close(fd);
	}
	return n;
}

static unsigned int maps_left(void)
{
	struct bpf_map_info info;
	__u32 id = 0, size;
	unsigned int n = 0;
	int fd;

	while (!bpf_map_get_next_id(id, &id)) {
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0)
			continue;
		memset(&info, 0, sizeof(info));
		size = sizeof(info);
		if (!bpf_obj_get_info_by_fd(fd, &info, &size))
			n += is_one_of(info.name, maps,
				       sizeof(maps) / sizeof(*maps));
		close(fd);
	}
	return n;
}

static unsigned int links(void)
{
	unsigned int n = 0;
	__u32 id = 0;

	while (!bpf_link_get_next_id(id, &id))
		n++;
	return n;
}

/* Lines of a file, which it closes; none of one that could not be opened. */
static size_t lines_of(int fd)
{
	size_t n = 0;
	FILE *f;
	int c;

	if (fd < 0)
		return 0;
	f = fdopen(fd, "r");
	assert_non_null(f);
	while ((c = fgetc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return n;
}

static size_t instances(int tracefs)
{
	int fd = openat(tracefs, "instances", O_RDONLY | O_DIRECTORY);
	const struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	if (fd < 0)
		return 0;
	dir = fdopendir(fd);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* Tracing instances, and probes that somebody has made. */
static size_t tracing(void)
{
	static const char *const files[] = { "kprobe_events", "uprobe_events",
					     "dynamic_events" };
	int syscalls = tracefs_open(), tracefs;
	size_t n;

	assert_true(syscalls >= 0);
	tracefs = openat(syscalls, "../..", O_RDONLY | O_DIRECTORY);
	close(syscalls);
	assert_true(tracefs >= 0);
	n = instances(tracefs);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		n += lines_of(openat(tracefs, files[i], O_RDONLY | O_CLOEXEC));
	close(tracefs);
	return n;
}

static size_t mounts(void)
{
	int fd = open("/proc/mounts", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return lines_of(fd);
}

/* ---- killing --------------------------------------------------------------
 */

struct victim {
	struct live *live;
	char csv[256];
	double after_s;
};

static double random_s(void)
{
	return LATEST_S * (double)rand() / RAND_MAX;
}

static int by_moment(const void *a, const void *b)
{
	const struct victim *x = a, *y = b;

	return (x->after_s > y->after_s) - (x->after_s < y->after_s);
}

static void start(struct victim *v, pid_t target, const char *folder,
		  unsigned int i)
{
	snprintf(v->csv, sizeof(v->csv), "%s/%u", folder, i);
	v->after_s = random_s();
	v->live = live_start((const char *[]){ live_gilwatch(), "-q", "-i",
					       "0.1", "--csv", v->csv, "-p",
					       live_number((uint64_t)target),
					       NULL },
			     NULL, NULL);
}

/* The tables that there are: killed early, it has made none or some. */
static unsigned int check_tables(const char *csv)
{
	static const char *const names[] = { "locks", "threads", "handoffs",
					     "migrations", "histograms" };
	unsigned int rows = 0;
	struct csvtable t;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s.csv", csv, names[i]);
		if (access(path, F_OK))
			continue;
		csv_read(&t, csv, names[i]);
		rows += (unsigned int)t.rows;
		csv_done(&t);
	}
	return rows;
}

static unsigned int kill_round(pid_t target, const char *folder)
{
	struct victim v[AT_ONCE];
	double now = 0;
	unsigned int rows = 0;

	for (unsigned int i = 0; i < AT_ONCE; i++)
		start(&v[i], target, folder, i);
	qsort(v, AT_ONCE, sizeof(*v), by_moment);
	for (unsigned int i = 0; i < AT_ONCE; i++) {
		live_sleep(v[i].after_s - now);
		now = v[i].after_s;
		live_signal(v[i].live, SIGKILL);
	}
	for (unsigned int i = 0; i < AT_ONCE; i++) {
		assert_int_equal(live_wait(v[i].live), 128 + SIGKILL);
		live_done(v[i].live);
		rows += check_tables(v[i].csv);
	}
	return rows;
}

static void await_nothing(unsigned int links_before)
{
	for (int i = 0; i < FREED_S * 10; i++) {
		if (!programs_left() && !maps_left() && links() <= links_before)
			return;
		live_sleep(0.1);
	}
	fail_msg("%u programs, %u maps, %u links more than before are left",
		 programs_left(), maps_left(), links() - links_before);
}

static void nothing_is_left(void **state)
{
	unsigned int links_before, rows = 0;
	size_t mounts_before = mounts(), tracing_before;
	const char *folder = live_folder();
	struct live *target;

	(void)state;
	live_require();
	srand((unsigned int)getpid());
	/* Others that end just now are not ours. */
	for (int i = 0; programs_left() && i < FREED_S * 10; i++)
		live_sleep(0.1);
	links_before = links();
	tracing_before = tracing();
	target = live_start((const char *[]){ live_workload("load"), "calls",
					      "2000", "1000000", NULL },
			    NULL, NULL);
	for (unsigned int i = 0; i < ROUNDS; i++)
		rows += kill_round(target->pid, folder);
	await_nothing(links_before);
	assert_int_equal(mounts(), mounts_before);
	assert_int_equal(tracing(), tracing_before);
	assert_false(live_ended(target));
	figure("killed at %u random moments: no program, map, link, mount or "
	       "tracing instance left, %u rows in whole tables",
	       ROUNDS * AT_ONCE, rows);
	assert_true(rows > 0);
	live_signal(target, SIGKILL);
	live_wait(target);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(nothing_is_left),
	};

	return cmocka_run_group_tests_name("killed", tests, NULL, NULL);
}
