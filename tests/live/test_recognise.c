// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The GIL of a python3 while the process changes: its switch interval, and
 * children that come and go. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "compare.h"
#include "live.h"

/* Not the script in front of it that some version managers have. */
static const char *python(void)
{
	static char path[PATH_MAX];
	struct live *l;

	if (*path)
		return path;
	l = live_run((const char *[]){ "python3", "-c",
				       "import sys\n"
				       "sys.setswitchinterval\n"
				       "print(sys.executable, end='')",
				       NULL },
		     NULL, NULL);
	if (l->status)
		live_skip("no python3: %s", live_err(l));
	snprintf(path, sizeof(path), "%s", live_out(l));
	live_done(l);
	return path;
}

static struct live *watched(const char *script)
{
	struct live *l =
		live_run((const char *[]){ live_gilwatch(), "--plain", "-q",
					   "--", python(), "-c", script, NULL },
			 NULL, NULL);

	if (l->status)
		fail_msg("exit status %d: %s", l->status, live_err(l));
	return l;
}

/* It is set long after the GIL has been found. */
static const char sets_interval[] =
	"import sys, threading, time\n"
	"def compute(seconds):\n"
	"    end = time.time() + seconds\n"
	"    def work():\n"
	"        while time.time() < end:\n"
	"            sum(range(1000))\n"
	"    threads = [threading.Thread(target=work) for _ in range(2)]\n"
	"    for t in threads:\n"
	"        t.start()\n"
	"    for t in threads:\n"
	"        t.join()\n"
	"compute(0.2)\n"
	"sys.setswitchinterval(0.02)\n"
	"compute(2.5)\n";

static void measure_interval(struct compare *c, const void *ctx)
{
	struct live *l = watched(sets_interval);

	(void)ctx;
	compare_true(c, strstr(live_out(l), "switch interval 20.0ms") != NULL,
		     "other than the program's:\n%.2000s", live_out(l));
	live_done(l);
}

static void the_interval_is_that_of_the_moment(void **state)
{
	(void)state;
	live_require();
	python();
	compare_retry(measure_interval, NULL);
}

/* More children than there is room for locks, none of which waits for one. */
static const char forks[] =
	"import os, threading, time\n"
	"def work():\n"
	"    end = time.time() + 0.3\n"
	"    while time.time() < end:\n"
	"        sum(range(1000))\n"
	"def both():\n"
	"    threads = [threading.Thread(target=work) for _ in range(2)]\n"
	"    for t in threads:\n"
	"        t.start()\n"
	"    for t in threads:\n"
	"        t.join()\n"
	"both()\n"
	"for i in range(8500):\n"
	"    pid = os.fork()\n"
	"    if not pid:\n"
	"        os._exit(0)\n"
	"    os.waitpid(pid, 0)\n"
	"both()\n";

static void children_take_no_room_for_locks(void **state)
{
	struct live *l;

	(void)state;
	live_require();
	l = watched(forks);
	if (strstr(live_out(l), "lock table full"))
		fail_msg("no room for locks:\n%s", live_out(l));
	assert_non_null(strstr(live_out(l), "GIL"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(the_interval_is_that_of_the_moment),
		LIVE_TEST(children_take_no_room_for_locks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
