// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where nobody takes what gilwatch prints. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "csvtable.h"
#include "live.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static size_t lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* gilwatch on this test itself, for a moment. */
static struct live *watch_shortly(const char *csv, live_setup_fn setup)
{
	return live_run((const char *[]){ live_gilwatch(), "-i", "0.2", "-d",
					  "0.5", "--csv", csv, "-p",
					  live_number((uint64_t)getpid()),
					  NULL },
			setup, NULL);
}

static int to_full(void *ctx)
{
	int fd = open("/dev/full", O_WRONLY);

	(void)ctx;
	return fd < 0 || dup2(fd, STDOUT_FILENO) < 0;
}

static int to_nobody(void *ctx)
{
	int ends[2];

	(void)ctx;
	if (pipe(ends) || dup2(ends[1], STDOUT_FILENO) < 0)
		return -1;
	return close(ends[0]) || close(ends[1]);
}

static int to_nowhere(void *ctx)
{
	(void)ctx;
	return close(STDOUT_FILENO);
}

static const live_setup_fn outputs[] = { to_full, to_nobody, to_nowhere };

static void assert_told(struct live *l)
{
	if (l->status != 1 || lines(live_err(l)) > 3 ||
	    !strstr(live_err(l), "standard output"))
		fail_msg("status %d: %s%s", l->status, live_err(l),
			 live_out(l));
	live_done(l);
}

/* Without an output left it ends at once, not with its target. */
static void without_an_output_it_ends(void **state)
{
	(void)state;
	live_require();
	for (size_t i = 0; i < COUNT(outputs); i++)
		assert_told(live_run(
			(const char *[]){ live_gilwatch(), "-i", "0.2", "-p",
					  live_number((uint64_t)getpid()),
					  NULL },
			outputs[i], NULL));
}

/* The tables come also when nobody reads the rest. */
static void tables_do_not_need_an_output(void **state)
{
	struct csvtable t;
	const char *csv;

	(void)state;
	live_require();
	for (size_t i = 0; i < COUNT(outputs); i++) {
		csv = live_path(live_folder(), "csv");
		assert_told(watch_shortly(csv, outputs[i]));
		csv_check_folder(csv);
		csv_read(&t, csv, "threads");
		assert_true(csv_count(&t, "scope", "interval", NULL) >= 2);
		assert_int_equal(csv_count(&t, "scope", "total", NULL), 1);
		csv_done(&t);
	}
}

/* What is said to a descriptor that is closed must not end up in a file that
 * got its number. */
static int all_closed(void *ctx)
{
	(void)ctx;
	return close(0) || close(1) || close(2);
}

static void nothing_goes_into_other_files(void **state)
{
	const char *csv = live_path(live_folder(), "csv");
	struct csvtable t;
	struct live *l;

	(void)state;
	live_require();
	l = watch_shortly(csv, all_closed);
	assert_int_equal(l->status, 1);
	csv_check_folder(csv);
	csv_read(&t, csv, "threads");
	assert_int_equal(csv_count(&t, "scope", "total", NULL), 1);
	csv_done(&t);
}

static void help_needs_an_output(void **state)
{
	struct live *l;

	(void)state;
	for (size_t i = 0; i < COUNT(outputs); i++) {
		l = live_run(
			(const char *[]){ live_gilwatch(), "--help", NULL },
			outputs[i], NULL);
		assert_int_equal(l->status, 1);
		assert_int_equal(lines(live_err(l)), 1);
		live_done(l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(without_an_output_it_ends),
		LIVE_TEST(tables_do_not_need_an_output),
		LIVE_TEST(nothing_goes_into_other_files),
		LIVE_TEST(help_needs_an_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
