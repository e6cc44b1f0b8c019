// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The live screen over interpreters: what a user does, from start to end. */
#include "pane.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Threads that compute, one with a name that would clear a terminal, and one
 * that sleeps in between. */
static const char program[] =
	"import threading, time\n"
	"def work():\n"
	"    while True:\n"
	"        i = 0\n"
	"        while i < 1000: i += 1\n"
	"def rest():\n"
	"    while True: time.sleep(0.01)\n"
	"def begin(target, name):\n"
	"    threading.Thread(target=target, name=name, daemon=True).start()\n"
	"begin(work, 'cpu-0')\n"
	"begin(work, '\\x1b[2Jevil')\n"
	"begin(rest, 'io')\n"
	"time.sleep(100000)\n";

/* What the screen is to say of an interpreter. */
struct interpreter {
	const char *command;
	const char *name;   /* in the top line */
	const char *thread; /* of one that computes */
};

/* gilvm tells the kernel the names of its threads; CPython does from 3.14 on.
 */
static struct interpreter gilvm(void)
{
	return (struct interpreter){ live_workload("gilvm"), "  gilvm  ",
				     "\\x1b[2Jevil" };
}

static struct interpreter python(void)
{
	if (system("command -v python3 >/dev/null"))
		live_skip("python3 is not installed");
	return (struct interpreter){ "python3", "  CPython 3.", "CPU-bound" };
}

static void write_program(const char *folder)
{
	FILE *f = fopen(live_path(folder, "program.py"), "w");

	assert_non_null(f);
	assert_int_equal(fputs(program, f) < 0, 0);
	assert_int_equal(fclose(f), 0);
}

/* The shell is in the folder. Returns the terminal's modes before. */
static char *open_over(const struct interpreter *i)
{
	const char *folder;
	char *modes;

	live_require();
	folder = pane_open(80, 24);
	write_program(folder);
	modes = pane_modes();
	pane_line("%s -i 0.2 -- %s program.py", live_gilwatch(), i->command);
	pane_await(" GIL ");
	pane_await(i->name);
	return modes;
}

static void every_view(const struct interpreter *i)
{
	pane_keys("2", NULL);
	pane_await("TIME");
	pane_await(i->thread);
	pane_keys("3", NULL);
	pane_await("contended handoff");
	pane_await("FROM");
	pane_keys("4", NULL);
	pane_await("Wakeup");
	pane_await("p50");
	pane_keys("5", NULL);
	pane_await("where threads are (*)");
	pane_keys("1", "Enter", NULL);
	pane_await("switch wait total");
	pane_keys("Escape", NULL);
	pane_await("BUSY");
}

static void order_filter_pause(void)
{
	pane_keys("2", "s", "<", "r", NULL);
	pane_await("LOCK");
	pane_keys("1", "/", "G", "I", "Enter", NULL);
	pane_await("/GI");
	pane_await_no("semaphore");
	pane_keys("Escape", NULL);
	pane_await_no("/GI");
	pane_keys("p", NULL);
	pane_await("PAUSED");
	pane_keys("Space", NULL);
	pane_await_no("PAUSED");
	pane_keys("i", NULL);
	pane_await("since start");
	pane_keys("i", NULL);
	pane_await_no("since start");
}

static void size_changes(void)
{
	pane_resize(300, 50);
	pane_await("BUSY last 60");
	pane_resize(40, 10);
	pane_await_no("Enter open");
	pane_await("0x");
	pane_resize(80, 24);
	pane_await("Enter open");
}

static void stops_and_goes_on(const char *modes)
{
	char *stopped;

	pane_keys("C-z", NULL);
	pane_await("Stopped");
	stopped = pane_modes();
	assert_string_equal(modes, stopped);
	free(stopped);
	pane_line("fg");
	pane_await("q quit");
	pane_await(" GIL ");
}

static void is_terminated(const char *modes)
{
	char *after;

	assert_int_equal(kill(pane_child(), SIGTERM), 0);
	pane_await("gilwatch itself");
	pane_await("the command's output is in ");
	after = pane_modes();
	assert_string_equal(modes, after);
	free(after);
}

static void from_start_to_end(struct interpreter i)
{
	char *modes = open_over(&i);

	every_view(&i);
	order_filter_pause();
	size_changes();
	stops_and_goes_on(modes);
	is_terminated(modes);
	free(modes);
}

static void over_gilvm(void **state)
{
	(void)state;
	from_start_to_end(gilvm());
}

static void over_python(void **state)
{
	(void)state;
	from_start_to_end(python());
}

/* TERM=dumb and no terminal at all: a line says why, then plain text. */
static void plain_over(struct interpreter i)
{
	struct live *l;
	const char *folder;

	live_require();
	folder = pane_open(100, 60);
	write_program(folder);
	pane_line("TERM=dumb %s -q -d 2 -- %s program.py && :", live_gilwatch(),
		  i.command);
	pane_await("gilwatch itself");
	pane_line("clear; TERM=dumb %s -d 1 -- %s program.py 2>&1 | head -n 3",
		  live_gilwatch(), i.command);
	pane_await("no live screen: ");
	l = live_run((const char *const[]){ live_gilwatch(), "-d", "2", "--",
					    i.command,
					    live_path(folder, "program.py"),
					    NULL },
		     NULL, NULL);
	assert_non_null(strstr(live_err(l), "no live screen: standard"));
	assert_non_null(strstr(live_out(l), "GIL"));
}

static void plain_over_gilvm(void **state)
{
	(void)state;
	plain_over(gilvm());
}

static void plain_over_python(void **state)
{
	(void)state;
	plain_over(python());
}

#define TEST(f) cmocka_unit_test_teardown(f, pane_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(over_gilvm),
		TEST(over_python),
		TEST(plain_over_gilvm),
		TEST(plain_over_python),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
