// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How the live screen ends, what it does with a command, and where it is not.
 */
#include "pane.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* ---- every end ------------------------------------------------------------
 */

static void stopped_and_resumed(void **state)
{
	char *before, *stopped, *after;

	(void)state;
	live_require();
	pane_open(80, 24);
	before = pane_modes();
	pane_line("%s -i 0.2 -p %d", live_gilwatch(),
		  (int)pane_handoffs()->pid);
	pane_await("condvar");
	pane_keys("C-z", NULL);
	pane_await("Stopped");
	stopped = pane_modes();
	assert_string_equal(before, stopped);
	pane_line("fg");
	pane_await("condvar");
	pane_keys("2", NULL);
	pane_await("pass-3");
	pane_keys("q", NULL);
	pane_await("gilwatch itself");
	after = pane_modes();
	assert_string_equal(before, after);
	free(before);
	free(stopped);
	free(after);
}

static void ended_by(int sig, const char *said)
{
	char *before, *after;

	live_require();
	pane_open(80, 24);
	before = pane_modes();
	pane_line("%s -i 0.2 -p %d", live_gilwatch(),
		  (int)pane_handoffs()->pid);
	pane_await("condvar");
	assert_int_equal(kill(pane_child(), sig), 0);
	pane_await(said);
	after = pane_modes();
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void terminated(void **state)
{
	(void)state;
	ended_by(SIGTERM, "gilwatch itself");
}

static void crashed(void **state)
{
	(void)state;
	ended_by(SIGSEGV, "Segmentation fault");
}

/* ---- commands, python, no screen ------------------------------------------
 */

static void command_does_not_tear_the_screen(void **state)
{
	(void)state;
	live_require();
	pane_open(80, 24);
	pane_line("%s -i 0.2 -- sh -c 'echo torn; sleep 2; exit 7' && :; "
		  "echo status $?; cat gilwatch-*.log",
		  live_gilwatch());
	pane_await("output in ");
	pane_await("q quit");
	assert_null(strstr(pane_text(false), "torn"));
	pane_await("the command's output is in ");
	pane_await("status 7\ntorn");
}

static void python_threads(void **state)
{
	static const char program[] =
		"import threading, time\n"
		"def work():\n"
		"    while True: pass\n"
		"for _ in range(2): threading.Thread(target=work, "
		"daemon=True).start()\n"
		"time.sleep(60)\n";
	const struct live *python;

	(void)state;
	live_require();
	if (system("command -v python3 >/dev/null"))
		live_skip("python3 is not installed");
	pane_open(80, 24);
	python = live_start(
		(const char *const[]){ "python3", "-c", program, NULL }, NULL,
		NULL);
	live_sleep(0.5);
	pane_line("%s -i 0.2 -p %d", live_gilwatch(), (int)python->pid);
	pane_await("HANDOFFS");
	pane_await("0x");
	pane_keys("2", NULL);
	pane_await("CPU-bound");
	pane_keys("Enter", NULL);
	pane_await("Lock wait, last 60 intervals");
	pane_keys("q", NULL);
	pane_await("gilwatch itself");
}

static void no_screen_where_none_can_be(void **state)
{
	struct live *l;

	(void)state;
	live_require();
	pane_open(120, 40);
	pane_line("TERM=dumb %s -d 0.3", live_gilwatch());
	pane_await("no live screen: TERM=dumb cannot place a cursor");
	pane_await("gilwatch itself");
	pane_line("clear");
	pane_await_no("gilwatch itself");
	pane_line("TERM=nonsense %s -d 0.3", live_gilwatch());
	pane_await("nothing is known about TERM=nonsense");
	pane_await("gilwatch itself");
	pane_line("clear");
	pane_await_no("gilwatch itself");
	pane_line("%s -d 0.3 --plain", live_gilwatch());
	pane_await("gilwatch itself");
	assert_null(strstr(pane_text(false), "no live screen"));
	l = live_run(
		(const char *const[]){ live_gilwatch(), "-d", "0.3", NULL },
		NULL, NULL);
	assert_non_null(strstr(live_err(l), "no live screen: standard"));
	assert_non_null(strstr(live_out(l), "gilwatch summary"));
}

#define TEST(f) cmocka_unit_test_teardown(f, pane_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stopped_and_resumed),
		TEST(terminated),
		TEST(crashed),
		TEST(command_does_not_tear_the_screen),
		TEST(python_threads),
		TEST(no_screen_where_none_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
