// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Names of threads, processes and commands are other people's bytes: none of
 * them reaches the terminal or a table as it is.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csvtable.h"
#include "live.h"

struct name {
	const char *bytes; /* 15 at most */
	const char *csv;   /* what the table has */
};

static const struct name names[] = {
	{ "\033[2J\033[31mred", "\\x1b[2J\\x1b[31mred" },
	{ "two\nlines\r", "two\\x0alines\\x0d" },
	{ "tab\tbell\a", "tab\\x09bell\\x07" },
	{ "\xff\xfe\x80 bad", "\\xff\\xfe\\x80 bad" },
	{ "a,b\"c\"", "a,b\"c\"" },
	/* One byte too few; too long a form of '/'; a surrogate. */
	{ "\xe2\x82", "\\xe2\\x82" },
	{ "\xc0\xaf", "\\xc0\\xaf" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	/* CSI as one byte, and as a character of UTF-8. */
	{ "\x9b[31m", "\\x9b[31m" },
	{ "\xc2\x9b[31m", "\\xc2\\x9b[31m" },
	{ "del\x7f", "del\\x7f" },
	{ "gr\xc3\xbc\xc3\x9f dich", "gr\xc3\xbc\xc3\x9f dich" },
	/* The kernel cuts after 15 bytes, also within a character. */
	{ "cut 15 bytes \xe2\x82\xac", "cut 15 bytes \\xe2\\x82" },
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static _Atomic bool *stop;

/* All pass a mutex round, so that their names are in every table. */
static void *contender(void *arg)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

	prctl(PR_SET_NAME, arg);
	while (!atomic_load(stop)) {
		pthread_mutex_lock(&mutex);
		live_sleep(0.002);
		pthread_mutex_unlock(&mutex);
		live_sleep(0.0001);
	}
	return NULL;
}

static int named_so(void *ctx)
{
	pthread_t threads[COUNT(names)];

	(void)ctx;
	prctl(PR_SET_NAME, "\033]0;title\a\n");
	for (size_t i = 0; i < COUNT(names); i++)
		pthread_create(&threads[i], NULL, contender,
			       (void *)(uintptr_t)names[i].bytes);
	for (size_t i = 0; i < COUNT(names); i++)
		pthread_join(threads[i], NULL);
	return 0;
}

/* The bytes of the character at p, as RFC 3629 has it; 0 for none. */
static size_t character(const unsigned char *p)
{
	size_t n = *p < 0x80   ? 1
		   : *p < 0xc2 ? 0
		   : *p < 0xe0 ? 2
		   : *p < 0xf0 ? 3
		   : *p < 0xf5 ? 4
			       : 0;

	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
	    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

static void assert_harmless(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n;

	for (; *p; p += n) {
		n = character(p);
		if (!n || (*p < 0x20 && *p != '\n') || *p == 0x7f ||
		    (*p == 0xc2 && p[1] < 0xa0))
			fail_msg("byte 0x%02x after \"%.60s\"", *p,
				 (const char *)p > text + 60
					 ? (const char *)p - 60
					 : text);
	}
}

static void check_tables(const char *csv, pid_t pid)
{
	struct csvtable threads, handoffs, locks;

	csv_check_folder(csv);
	csv_read(&threads, csv, "threads");
	csv_read(&handoffs, csv, "handoffs");
	csv_read(&locks, csv, "locks");
	for (size_t i = 0; i < COUNT(names); i++) {
		csv_one(&threads, "scope", "total", "comm", names[i].csv, NULL);
		if (csv_find(&handoffs, 0, "from_comm", names[i].csv, NULL) ==
			    CSV_NONE ||
		    csv_find(&handoffs, 0, "to_comm", names[i].csv, NULL) ==
			    CSV_NONE)
			fail_msg("no handoff of %s", names[i].csv);
	}
	csv_one(&threads, "scope", "total", "tid", live_number((uint64_t)pid),
		"comm", "\\x1b]0;title\\x07\\x0a", NULL);
	csv_one(&locks, "scope", "total", "comm", "\\x1b]0;title\\x07\\x0a",
		"kind", "mutex", NULL);
	csv_done(&threads);
	csv_done(&handoffs);
	csv_done(&locks);
}

static void names_are_harmless_everywhere(void **state)
{
	const char *csv = live_path(live_folder(), "csv");
	struct live *l, *w;
	pid_t pid;

	(void)state;
	live_require();
	stop = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(stop != MAP_FAILED);
	l = live_call(named_so, NULL);
	pid = l->pid;
	live_sleep(0.2);
	w = live_watch((const char *[]){ "-i", "0.3", "-n", "100", "-p",
					 live_number((uint64_t)pid), "--csv",
					 csv, NULL });
	live_sleep(1);
	atomic_store(stop, true);
	live_wait(l);
	assert_int_equal(live_wait(w), 0);
	assert_harmless(live_out(w));
	assert_harmless(live_err(w));
	assert_non_null(strstr(live_out(w), "\\x1b[2J\\x1b[31mred"));
	assert_non_null(strstr(live_out(w), "gr\xc3\xbc\xc3\x9f dich"));
	check_tables(csv, pid);
	munmap((void *)stop, 4096);
}

/* ---- names on the command line ------------------------------------------- */

static void a_commands_name_is_harmless(void **state)
{
	const char *path = live_path(live_folder(), "\033[2J\nx\xff");
	struct live *l;

	(void)state;
	live_require();
	assert_int_equal(symlink("/bin/true", path), 0);
	l = live_run(
		(const char *[]){ live_gilwatch(), "-q", "--", path, NULL },
		NULL, NULL);
	assert_int_equal(l->status, 0);
	assert_harmless(live_out(l));
	assert_harmless(live_err(l));
	assert_non_null(strstr(live_out(l), "\\x1b[2J\\x0ax\\xff"));
	live_done(l);
	assert_int_equal(unlink(path), 0);
	l = live_run(
		(const char *[]){ live_gilwatch(), "-q", "--", path, NULL },
		NULL, NULL);
	assert_int_equal(l->status, 127);
	assert_harmless(live_err(l));
}

static void a_name_to_look_for_is_harmless(void **state)
{
	struct live *l;

	(void)state;
	live_require();
	l = live_run((const char *[]){ live_gilwatch(), "-q", "-d", "0.2", "-c",
				       "\033[2J\nx\xff", NULL },
		     NULL, NULL);
	assert_harmless(live_out(l));
	assert_harmless(live_err(l));
}

static void a_folders_name_is_harmless(void **state)
{
	const char *path = live_path(live_folder(), "\033[2J\nx\xff/y/z");
	struct live *l;

	(void)state;
	live_require();
	l = live_run((const char *[]){ live_gilwatch(), "-q", "-d", "0.2",
				       "--csv", path, "-p",
				       live_number((uint64_t)getpid()), NULL },
		     NULL, NULL);
	assert_int_equal(l->status, 1);
	assert_harmless(live_out(l));
	assert_harmless(live_err(l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(names_are_harmless_everywhere),
		LIVE_TEST(a_commands_name_is_harmless),
		LIVE_TEST(a_name_to_look_for_is_harmless),
		LIVE_TEST(a_folders_name_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
