// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Time and memory of playing a record of 10 million events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "recording.h"
#include "replay.h"

#define EVENTS 10000000
#define BLOCK 16384

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int play(const char *path)
{
	struct snapshot s;
	char msg[GWR_MSG];
	struct replay *r;
	struct gwr *file;

	if (gwr_open(&file, path, msg))
		return 1;
	r = replay_new(gwr_info(file), NULL);
	if (!r || replay_until(r, file, UINT64_MAX, msg) ||
	    replay_snapshot(r, replay_now(r), &s))
		return 1;
	printf("handoffs %llu\n", (unsigned long long)s.locks[0].k.handoffs);
	snapshot_free(&s);
	replay_free(r);
	gwr_close(file);
	return 0;
}

/* In a child, whose memory is that of playing alone. */
static void measure(void **state)
{
	char path[] = "/tmp/gilwatch-bench-XXXXXX";
	int fd = mkstemp(path), status;
	struct rusage usage;
	double start;
	pid_t pid;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	recording_write(path, EVENTS, BLOCK);
	fflush(stdout);
	start = seconds();
	pid = fork();
	if (!pid) {
		char *const argv[] = { "replay", path, NULL };

		execv("/proc/self/exe", argv);
		_exit(1);
	}
	assert_true(wait4(pid, &status, 0, &usage) == pid);
	unlink(path);
	assert_int_equal(status, 0);
	printf("%d events: %.2f s, %.2f s of CPU, %ld MiB\n", EVENTS,
	       seconds() - start,
	       (double)usage.ru_utime.tv_sec +
		       (double)usage.ru_utime.tv_usec / 1e6,
	       usage.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(measure) };

	if (argc > 1)
		return play(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
