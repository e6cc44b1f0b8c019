// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The live screen in a real terminal, over real programs. */
#include "pane.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *open_screen(int cols, int rows, const char *before)
{
	const char *folder;

	live_require();
	folder = pane_open(cols, rows);
	pane_line("%s %s -i 0.2 -p %d", before, live_gilwatch(),
		  (int)pane_handoffs()->pid);
	pane_await("condvar");
	return folder;
}

/* ---- views and keys -------------------------------------------------------
 */

static void every_view(void **state)
{
	(void)state;
	open_screen(80, 24, "");
	pane_await("BUSY last");
	pane_keys("2", NULL);
	pane_await("pass-3");
	pane_await("▒ lock");
	pane_keys("Tab", NULL);
	pane_await("contended handoffs");
	pane_keys("4", NULL);
	pane_await("Wakeup");
	pane_await("p50");
	pane_keys("5", NULL);
	pane_await("where threads are (*)");
	pane_keys("1", "Enter", NULL);
	pane_await("handoffs cross core");
	pane_keys("End", NULL);
	pane_await("Response");
	pane_keys("Escape", NULL);
	pane_await("BUSY last");
	pane_keys("?", NULL);
	pane_await("next view, or the view with this number");
	pane_keys("q", NULL);
	pane_await("gilwatch itself");
	assert_int_equal(atoi(pane_value("#{alternate_on}")), 0);
}

static void sort_and_filter(void **state)
{
	(void)state;
	open_screen(80, 24, "");
	pane_keys("2", NULL);
	pane_await("pass-0");
	pane_keys("/", "P", "a", "s", "s", "-", "1", NULL);
	pane_await_no("pass-2");
	pane_await("/Pass-1");
	pane_keys("Enter", NULL);
	pane_await("pass-1 ");
	pane_keys("Escape", NULL);
	pane_await("pass-2");
	/* By the column after the share of lock waits, that of the GIL. */
	pane_keys("s", NULL);
	pane_await(" GIL ");
	pane_keys("<", "<", "r", NULL);
	pane_await("RUNNABLE");
	pane_keys("q", NULL);
	pane_await("gilwatch itself");
}

/* What is below the top lines, which show the time. */
static char *picture(void)
{
	const char *text = strstr(pane_text(false), " 1 Locks");

	assert_non_null(text);
	return strdup(text);
}

static void pause_totals_and_clear(void **state)
{
	char *before, *after;

	(void)state;
	open_screen(80, 24, "");
	pane_keys("p", NULL);
	pane_await("PAUSED");
	before = picture();
	live_sleep(1);
	after = picture();
	assert_string_equal(before, after);
	free(before);
	free(after);
	pane_keys("Space", NULL);
	pane_await_no("PAUSED");
	pane_keys("i", NULL);
	pane_await("since start");
	pane_keys("c", NULL);
	pane_await("since cleared");
	pane_keys("i", "+", NULL);
	pane_await("every 500ms");
	pane_await_no("since");
	pane_keys("C-c", NULL);
	pane_await("gilwatch itself");
}

static int csv_files(const char *folder)
{
	char path[512], file[1024];
	DIR *dir = opendir(folder);
	struct dirent *e;
	int n = 0;

	assert_non_null(dir);
	while ((e = readdir(dir))) {
		if (strncmp(e->d_name, "gilwatch-2", 10))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		snprintf(file, sizeof(file), "%s/locks.csv", path);
		n += !access(file, R_OK);
		snprintf(file, sizeof(file), "%s/histograms.csv", path);
		n += !access(file, R_OK);
	}
	closedir(dir);
	return n;
}

static void csv_is_written_now(void **state)
{
	const char *folder;

	(void)state;
	folder = open_screen(80, 24, "");
	pane_keys("w", NULL);
	pane_await("CSV tables written to gilwatch-2");
	assert_int_equal(csv_files(folder), 2);
	pane_keys("q", NULL);
	pane_await("gilwatch itself");
}

static void size_changes_while_running(void **state)
{
	(void)state;
	open_screen(80, 24, "");
	pane_resize(40, 10);
	pane_await("Tab view  h help  q quit");
	pane_await("0x");
	pane_resize(30, 8);
	pane_await("needs 40x10, is 30x8");
	pane_resize(300, 50);
	pane_await("BUSY last 60");
	pane_keys("q", NULL);
	pane_await("gilwatch itself");
}

/* ---- looks ----------------------------------------------------------------
 */

/* Blue is the colour of a sleeping thread only. */
static void colour_is_a_choice(void **state)
{
	(void)state;
	open_screen(80, 24, "");
	pane_keys("2", NULL);
	pane_await("pass-3");
	assert_non_null(strstr(pane_text(true), "\033[34m"));
	pane_keys("q", NULL);
	pane_await("gilwatch itself");
	pane_teardown(NULL);
	open_screen(80, 24, "NO_COLOR=1");
	pane_keys("2", NULL);
	pane_await("pass-3");
	for (int colour = 1; colour < 8; colour++) {
		char code[8];

		snprintf(code, sizeof(code), "\033[3%dm", colour);
		assert_null(strstr(pane_text(true), code));
	}
	pane_keys("q", NULL);
	pane_await("gilwatch itself");
}

static void ascii_without_utf8(void **state)
{
	(void)state;
	open_screen(80, 24, "LC_ALL=C");
	pane_keys("2", NULL);
	pane_await("# run  + runnable  x lock  . sleep");
	for (const char *c = pane_text(false); *c; c++)
		assert_true((unsigned char)*c < 0x80);
	pane_keys("q", NULL);
	pane_await("gilwatch itself");
}

static void *contender(void *name)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

	prctl(PR_SET_NAME, name);
	for (;;) {
		pthread_mutex_lock(&mutex);
		live_sleep(0.002);
		pthread_mutex_unlock(&mutex);
		live_sleep(0.0001);
	}
	return NULL;
}

static int hostile_names(void *ctx)
{
	static char names[][16] = { "\033[2J\033[5;5Hx", "a\nb\rc\td",
				    "\xff\xfe\x80",
				    "\x9b"
				    "2J",
				    "\xe2\x80\xaename" };
	pthread_t thread;

	(void)ctx;
	prctl(PR_SET_NAME, "\033]0;title\a\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		pthread_create(&thread, NULL, contender, names[i]);
	pthread_join(thread, NULL);
	return 0;
}

static void hostile_names_stay_in_their_cells(void **state)
{
	const struct live *names;

	(void)state;
	live_require();
	pane_open(80, 24);
	names = live_call(hostile_names, NULL);
	pane_line("%s -i 0.2 -p %d", live_gilwatch(), (int)names->pid);
	pane_keys("2", NULL);
	pane_await("\\x1b[2J");
	pane_await("a\\x0ab\\x0d");
	pane_await("\\x9b2J");
	live_sleep(0.5);
	assert_non_null(strstr(pane_text(false), "gilwatch  pid"));
	assert_non_null(strstr(pane_text(false), "h help  q quit"));
	pane_keys("q", NULL);
	pane_await("gilwatch itself");
}

#define TEST(f) cmocka_unit_test_teardown(f, pane_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_view),
		TEST(sort_and_filter),
		TEST(pause_totals_and_clear),
		TEST(csv_is_written_now),
		TEST(size_changes_while_running),
		TEST(colour_is_a_choice),
		TEST(ascii_without_utf8),
		TEST(hostile_names_stay_in_their_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
