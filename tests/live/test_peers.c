// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Others that use the same tracepoints at the same time: perf, bpftrace and a
 * second gilwatch. Nobody's figures suffer. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "csvtable.h"
#include "figure.h"
#include "live.h"
#include "loads.h"

#define RATE 20000
#define SECONDS 3

/* As a shell finds it. */
static bool is_installed(const char *tool)
{
	char command[64];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", tool);
	return !system(command); /* NOLINT: a name from this file */
}

static struct live *perf(void)
{
	struct live *l = live_start(
		(const char *[]){ "perf", "record", "-q", "-a", "-e",
				  "raw_syscalls:sys_enter", "--filter",
				  "id == 202 || id == 98", "-o", "/dev/null",
				  NULL },
		NULL, NULL);

	live_sleep(0.5);
	if (live_ended(l))
		fail_msg("perf: %s", live_err(l));
	return l;
}

/* Counts what it sees of one program's calls. */
static struct live *bpftrace(void)
{
	struct live *l;

	if (!is_installed("bpftrace")) {
		figure("bpftrace beside it: not installed");
		return NULL;
	}
	l = live_start(
		(const char *[]){ "bpftrace", "-e",
				  "tracepoint:raw_syscalls:sys_enter "
				  "/comm == \"load\" && (args->id == 202 || "
				  "args->id == 98)/ { @calls = count(); } "
				  "BEGIN { printf(\"ready\\n\"); }",
				  NULL },
		NULL, NULL);
	for (int i = 0; i < 100 && !live_ended(l); i++) {
		if (strstr(live_out(l), "ready"))
			return l;
		live_sleep(0.1);
	}
	figure("bpftrace beside it: does not work here");
	live_done(l);
	return NULL;
}

static uint64_t seen_by(struct live *l)
{
	const char *text;

	live_signal(l, SIGINT);
	live_wait(l);
	text = strstr(live_out(l), "@calls: ");
	return text ? strtoull(text + strlen("@calls: "), NULL, 10) : 0;
}

static uint64_t waits(const char *csv)
{
	struct csvtable t;
	uint64_t sum;

	csv_read(&t, csv, "locks");
	sum = csv_sum(&t, "waits", "scope", "total", "comm", "load", NULL) -
	      csv_sum(&t, "waits", "scope", "total", "comm", "load", "kind",
		      "join", NULL);
	csv_done(&t);
	return sum;
}

static void all_at_once(void **state)
{
	const char *csv = live_path(live_folder(), "second");
	struct live *second, *p, *b;
	struct loads l;
	uint64_t calls;

	(void)state;
	live_require();
	p = perf();
	b = bpftrace();
	/* By the name of the first, whose child the load is: it is there long
	 * before the load begins. */
	second = live_watch(
		(const char *[]){ "-q", "--csv", csv, "-c", "gilwatch", NULL });
	loads_run(&l, "calls", RATE, SECONDS);
	live_signal(second, SIGINT);
	assert_int_equal(live_wait(second), 0);
	calls = loads_truth(&l, "calls");
	loads_check(&l, "beside perf, bpftrace and a second gilwatch",
		    waits(l.csv), loads_truth(&l, "waits"), "");
	loads_check(&l, "by the second gilwatch", waits(csv),
		    loads_truth(&l, "waits"), "");
	assert_false(live_ended(p));
	live_signal(p, SIGINT);
	live_wait(p);
	if (!b)
		return;
	/* It sees the calls of pthread_join and of the end too. */
	figure("by bpftrace: %llu of %llu futex calls",
	       (unsigned long long)seen_by(b), (unsigned long long)calls);
}

/* Both mount tracefs where it is not, and leave it there. */
static int in_mounts_of_its_own(void **state)
{
	(void)state;
	return geteuid() ? 0
			 : unshare(CLONE_NEWNS) ||
				   mount("none", "/", NULL, MS_REC | MS_PRIVATE,
					 NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(all_at_once),
	};

	return cmocka_run_group_tests_name("peers", tests, in_mounts_of_its_own,
					   NULL);
}
