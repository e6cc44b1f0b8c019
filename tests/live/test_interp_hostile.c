// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Processes that make trouble for whoever reads them: pages that never come, an
 * end in the middle of the search, and mappings without end.
 */
#define _GNU_SOURCE
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "interp_guard.h"
#include "interps.h"

/* Time that a search is given where it cannot succeed. */
#define SHORT_MS 300

#define PAGE 4096u
#define MAPPINGS 20000u

static struct interp found;

/* Who touches this mapping waits for a page that nobody brings. */
static int page_that_never_comes(void *ctx)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	int file = memfd_create("trap", 0);
	void *trap;

	(void)ctx;
	if (faults < 0 || ioctl(faults, UFFDIO_API, &api)) {
		printf("refused: %s\n", strerror(errno));
		fflush(stdout);
		return 1;
	}
	if (ftruncate(file, PAGE))
		return 1;
	trap = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	reg.range.start = (uintptr_t)trap;
	reg.range.len = PAGE;
	if (trap == MAP_FAILED || ioctl(faults, UFFDIO_REGISTER, &reg))
		return 1;
	printf("ready\n");
	fflush(stdout);
	pause();
	return 0;
}

static void trap(void **state)
{
	struct live *l = live_call(page_that_never_comes, NULL);
	struct buf explain = { 0 };

	(void)state;
	while (!live_ended(l) && !strchr(live_out(l), '\n'))
		live_sleep(0.01);
	if (strstr(live_out(l), "refused"))
		live_skip("no userfaultfd: %s", live_out(l));
	assert_int_equal(
		interp_find_guarded(l->pid, NULL, &found, &explain, SHORT_MS),
		-ETIMEDOUT);
	assert_int_equal(found.locks, 0);
	buf_add(&explain, "", 1);
	assert_non_null(strstr(explain.data, "given up after 300 ms"));
	buf_free(&explain);
	live_done(l);
}

static int many_mappings(void *ctx)
{
	int file = memfd_create("many", 0);
	size_t i;
	char *at;

	(void)ctx;
	if (ftruncate(file, PAGE))
		return 1;
	/* Read-only between writable ones, or they would become one. */
	at = mmap(NULL, MAPPINGS * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		  -1, 0);
	for (i = 0; at != MAP_FAILED && i < MAPPINGS; i += 2)
		if (mmap(at + i * PAGE, PAGE, PROT_READ,
			 MAP_PRIVATE | MAP_FIXED, file, 0) == MAP_FAILED)
			return 1;
	printf("ready\n");
	fflush(stdout);
	pause();
	return 0;
}

static void mappings(void **state)
{
	struct live *l = live_call(many_mappings, NULL);
	double ms;

	(void)state;
	live_await_out(l, "ready");
	assert_int_equal(interps_search(l->pid, NULL, &ms)->locks, 0);
	assert_non_null(strstr(interps_explain(), "the rest not"));
	printf("# %u mappings of ELF-less files: %.1f ms\n", MAPPINGS / 2, ms);
	live_done(l);
}

/* The process that was made last on this machine. */
static pid_t last_pid(void)
{
	FILE *f = fopen("/proc/sys/kernel/ns_last_pid", "r");
	int pid = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	return pid;
}

/* Processes that start, exec and end while they are searched. */
static void short_lived(void **state)
{
	const char *argv[] = { "sh", "-c", "while :; do /bin/true; done",
			       NULL };
	struct live *l = live_start(argv, NULL, NULL);
	int i, err, found_some = 0, gone = 0;

	(void)state;
	for (i = 0; i < 1000; i++) {
		err = interp_find(last_pid(), NULL, &found, NULL);
		assert_true(err <= 0);
		if (err)
			assert_int_equal(found.locks, 0);
		found_some += !err;
		gone += err < 0;
		live_sleep(0.0003 * (i % 5));
	}
	printf("# %d searched, %d gone meanwhile\n", found_some, gone);
	assert_true(found_some > 0 && gone > 0);
	live_done(l);
}

/* The guarded search finds what the other finds. */
static void same_answer(void **state)
{
	static struct interps list[INTERPS_MAX];
	struct buf explain = { 0 };
	const struct interp *in;
	struct live *l;

	(void)state;
	assert_true(interps_find(list) > 0);
	l = interps_idle(&list[0]);
	in = interps_search(l->pid, NULL, NULL);
	assert_int_equal(interp_find_guarded(l->pid, NULL, &found, &explain,
					     INTERP_GUARD_MS),
			 0);
	assert_memory_equal(in, &found, sizeof(found));
	buf_add(&explain, "", 1);
	assert_string_equal(explain.data, interps_explain());
	buf_free(&explain);
	live_done(l);
	assert_int_equal(interp_find_guarded(4194304, NULL, &found, NULL,
					     INTERP_GUARD_MS),
			 -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(trap),
		LIVE_TEST(mappings),
		LIVE_TEST(short_lived),
		LIVE_TEST(same_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
