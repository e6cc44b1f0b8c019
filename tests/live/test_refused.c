// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the kernel refuses: said in one line, or done without. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "figure.h"
#include "live.h"
#include "refuse.h"
#include "tracefs.h"

static size_t lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static struct live *watch_shortly(live_setup_fn setup, void *ctx)
{
	return live_start(
		(const char *[]){ live_gilwatch(), "-q", "-d", "0.3", "-p",
				  live_number((uint64_t)getpid()), NULL },
		setup, ctx);
}

static void assert_one_line(int number, const char *part)
{
	struct live *l = watch_shortly(refuse_call, &number);

	live_wait(l);
	if (l->status != 1 || *live_out(l) || lines(live_err(l)) != 1 ||
	    !strstr(live_err(l), part))
		fail_msg("status %d: %s%s", l->status, live_err(l),
			 live_out(l));
	live_done(l);
}

static void no_perf_events(void **state)
{
	int number = SYS_perf_event_open;
	struct live *l;

	(void)state;
	live_require();
	/* The programs on every call take their place. */
	l = watch_shortly(refuse_call, &number);
	if (live_wait(l))
		fail_msg("status %d: %s", l->status, live_err(l));
	live_done(l);
}

static void no_bpf(void **state)
{
	(void)state;
	live_require();
	assert_one_line(SYS_bpf, "Operation not permitted");
}

static void no_membarrier(void **state)
{
	struct live *l;
	int number = SYS_membarrier;

	(void)state;
	live_require();
	/* Not needed but where tables are relieved: waits instead. */
	l = watch_shortly(refuse_call, &number);
	assert_int_equal(live_wait(l), 0);
	live_done(l);
}

static uint64_t tracepoint_id(const char *name)
{
	int tracefs = tracefs_open(), id;

	assert_true(tracefs >= 0);
	id = tracefs_id(tracefs, name);
	close(tracefs);
	return id > 0 ? (uint64_t)id : 0;
}

static struct live *refuse_one(const char *name, struct refuse_tracepoint *r)
{
	struct live *l;
	uint64_t id = tracepoint_id(name);

	if (!id)
		return NULL;
	refuse_tracepoint_begin(r, id);
	l = watch_shortly(refuse_tracepoint_setup, r);
	refuse_tracepoint_run(r, l);
	assert_int_equal(r->n, 1);
	return l;
}

static void it_goes_on_without(void **state)
{
	static const char *const optional[] = {
		"sys_enter_futex_waitv",
		"sys_exit_futex_waitv",
		"sys_enter_futex_requeue",
		"sys_enter_restart_syscall",
	};
	struct refuse_tracepoint r;
	unsigned int tried = 0;
	struct live *l;

	(void)state;
	live_require();
	for (size_t i = 0; i < sizeof(optional) / sizeof(*optional); i++) {
		l = refuse_one(optional[i], &r);
		if (!l)
			continue;
		tried++;
		if (l->status || !strstr(live_err(l), optional[i]) ||
		    !strstr(live_out(l), "=== gilwatch summary"))
			fail_msg("without %s: status %d: %s%s", optional[i],
				 l->status, live_err(l), live_out(l));
		live_done(l);
	}
	figure("optional tracepoints refused one by one, it goes on: %u",
	       tried);
	assert_true(tried > 0);
}

/* Where the first is refused, none is used; one that is refused later is told.
 */
static void not_without_futex(void **state)
{
	struct refuse_tracepoint r;
	struct live *l;

	(void)state;
	live_require();
	l = refuse_one("sys_exit_futex", &r);
	assert_non_null(l);
	if (l->status != 1 || lines(live_err(l)) != 1)
		fail_msg("status %d: %s", l->status, live_err(l));
	live_done(l);
}

/* Newer kernels charge BPF memory to the cgroup; older ones look here. */
static int no_locked_memory(void *ctx)
{
	const struct rlimit none = { 0, 0 };

	(void)ctx;
	return setrlimit(RLIMIT_MEMLOCK, &none);
}

static void a_limit_on_locked_memory(void **state)
{
	struct live *l;

	(void)state;
	live_require();
	l = watch_shortly(no_locked_memory, NULL);
	assert_int_equal(live_wait(l), 0);
	live_done(l);
}

/* So little address space that the tables cannot be mapped. */
static int little_memory(void *ctx)
{
	const struct rlimit limit = { 36u << 20, 36u << 20 };

	(void)ctx;
	return setrlimit(RLIMIT_AS, &limit);
}

static void a_limit_on_memory(void **state)
{
	struct live *l;

	(void)state;
	live_require();
	l = watch_shortly(little_memory, NULL);
	live_wait(l);
	if (l->status != 1 || lines(live_err(l)) != 1)
		fail_msg("status %d: %s", l->status, live_err(l));
	live_done(l);
}

static bool put(const char *folder, const char *file, const char *text)
{
	char path[192];
	int fd;
	bool done;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* A new cgroup whose memory can be limited, and the file that does it. */
static const char *make_cgroup(char path[128])
{
	static const char *const roots[] = { "/sys/fs/cgroup/memory",
					     "/sys/fs/cgroup",
					     "/sys/fs/cgroup/unified" };
	static const char *const files[] = { "memory.limit_in_bytes",
					     "memory.max" };

	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		snprintf(path, 128, "%s/gilwatch-test-%d", roots[i],
			 (int)getpid());
		if (mkdir(path, 0700))
			continue;
		for (size_t j = 0; j < sizeof(files) / sizeof(*files); j++)
			if (put(path, files[j], "1G"))
				return files[j];
		rmdir(path);
	}
	return NULL;
}

static int join_cgroup(void *ctx)
{
	return put(ctx, "cgroup.procs", "0") ? 0 : 1;
}

/* Returns whether gilwatch found it too little, and said so in a line. */
static bool limited_to(char *cgroup, const char *file, const char *limit)
{
	struct live *l;
	bool refused;

	assert_true(put(cgroup, file, limit));
	l = watch_shortly(join_cgroup, cgroup);
	live_wait(l);
	refused = l->status == 1;
	if (l->status && (!refused || lines(live_err(l)) != 1 ||
			  !strstr(live_err(l), "memory limit of the cgroup")))
		fail_msg("%s: status %d: %s", limit, l->status, live_err(l));
	live_done(l);
	return refused;
}

/* Maps are charged to the cgroup: which of them is refused, differs. */
static void a_limit_on_a_cgroup(void **state)
{
	static const char *const limits[] = { "32M", "40M", "48M", "56M",
					      "64M", "72M", "1G" };
	const size_t n = sizeof(limits) / sizeof(*limits);
	unsigned int refused = 0;
	const char *file;
	char cgroup[128];

	(void)state;
	live_require();
	file = make_cgroup(cgroup);
	if (!file) {
		figure("map refused by a cgroup's limit: none can be made "
		       "here");
		return;
	}
	for (size_t i = 0; i + 1 < n; i++)
		refused += limited_to(cgroup, file, limits[i]);
	figure("map refused by a cgroup's limit on memory: %u times of %zu, "
	       "each with a line",
	       refused, n - 1);
	assert_int_equal(refused, n - 1);
	assert_false(limited_to(cgroup, file, limits[n - 1]));
	for (int i = 0; rmdir(cgroup) && i < 100; i++)
		live_sleep(0.02);
}

/* So few descriptors that the maps or links cannot all be made. */
static int few_files(void *ctx)
{
	const struct rlimit limit = { *(rlim_t *)ctx, *(rlim_t *)ctx };

	return setrlimit(RLIMIT_NOFILE, &limit);
}

static void a_limit_on_descriptors(void **state)
{
	unsigned int refused = 0;
	struct live *l;

	(void)state;
	live_require();
	for (rlim_t n = 5; n < 60; n += 3) {
		l = watch_shortly(few_files, &n);
		live_wait(l);
		if (l->status && (l->status != 1 || !lines(live_err(l))))
			fail_msg("%u descriptors: status %d: %s",
				 (unsigned int)n, l->status, live_err(l));
		refused += l->status == 1;
		live_done(l);
	}
	figure("map, program or link refused for want of descriptors: %u "
	       "times, "
	       "each with a line",
	       refused);
	assert_true(refused > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(no_perf_events),
		LIVE_TEST(no_bpf),
		LIVE_TEST(no_membarrier),
		LIVE_TEST(it_goes_on_without),
		LIVE_TEST(not_without_futex),
		LIVE_TEST(a_limit_on_locked_memory),
		LIVE_TEST(a_limit_on_memory),
		LIVE_TEST(a_limit_on_a_cgroup),
		LIVE_TEST(a_limit_on_descriptors),
	};

	return cmocka_run_group_tests_name("refused", tests, NULL, NULL);
}
