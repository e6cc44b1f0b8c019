// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The CSV files as a whole: what is in them after which call. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "file.h"
#include "folder.h"
#include "shots.h"
#include "sink.h"

#define COUNT_OF(a) (sizeof(a) / sizeof(*(a)))

static const char *const files[] = { "locks.csv", "threads.csv", "handoffs.csv",
				     "migrations.csv", "histograms.csv" };

static const struct sink_config config = { .csv_dir = "out",
					   .uid = FILE_KEEP_UID,
					   .gid = FILE_KEEP_GID };

/* One process with something in every table, and names that need care. */
static void fill(struct shot_pair *p)
{
	struct gw_lock *l;

	shot_pair_begin(p);
	memcpy(p->now.images[0].comm, "a,\"b\"\n\x1b[2J\xff", 12);
	memcpy(p->now.threads[0].live.names.comm, "sixteen,bytes\"\n!", 16);
	l = shot_lock_at(&p->now, 0);
	l->wait_ns = 5000;
	shot_samples(&l->hist[GW_WAIT], &l->max[GW_WAIT], 5000, 1, 2);
	shot_samples(&l->hist[GW_HOLD], &l->max[GW_HOLD], 200000000000, 2, 2);
	shot_samples(&shot_thread_at(&p->now, 1)->wakeup,
		     &shot_thread_at(&p->now, 1)->wakeup_max, 70, 3, 2);
	shot_edge(&p->now, 0, 1, 2, 4)->inferred = 4;
	shot_migration(&p->now, 1, 1, 0, 1, 7);
	shot_pair_close(p);
}

static char *content(const char *name)
{
	static char text[65536];
	char path[64];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "out/%s", name);
	f = fopen(path, "r");
	if (!f)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

/* RFC 4180: the fields of the record at *text, which goes to the next one. */
static size_t fields(const char **text)
{
	size_t n = 1;
	int quoted = 0;

	for (; **text && (quoted || **text != '\n'); (*text)++) {
		if (**text == '"')
			quoted = !quoted;
		else if (**text == ',' && !quoted)
			n++;
	}
	assert_int_equal(**text, '\n');
	assert_false(quoted);
	(*text)++;
	return n;
}

static size_t rows_of(const char *name, const char *scope)
{
	const char *text = content(name);
	size_t n = 0, width;

	assert_non_null(text);
	width = fields(&text);
	while (*text) {
		n += !strncmp(text, scope, strlen(scope));
		assert_int_equal(fields(&text), width);
	}
	return n;
}

static void open_sink(void **state)
{
	char msg[SINK_MSG] = "";

	assert_int_equal(sink_csv.open(state, &config, msg), 0);
	assert_string_equal(msg, "");
}

static void headers_at_once(void **state)
{
	void *out;

	(void)state;
	open_sink(&out);
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		const char *text = content(files[i]);

		assert_non_null(text);
		assert_int_equal(strncmp(text, "scope,start_s,end_s,pid,", 24),
				 0);
		assert_ptr_equal(strchr(text, '\n') + 1, text + strlen(text));
		assert_int_equal(rows_of(files[i], ""), 0);
	}
	assert_int_equal(folder_count("out"), COUNT_OF(files));
	sink_csv.close(out);
	sink_csv.close(NULL);
}

static void intervals_then_the_total(void **state)
{
	static const size_t rows[] = { 2, 2, 1, 1, 3 };
	char msg[SINK_MSG] = "", *before;
	struct model total;
	struct shot_pair p;
	void *out;

	(void)state;
	fill(&p);
	assert_int_equal(model_new(&total, NULL, &p.now, true), 0);
	open_sink(&out);
	for (size_t n = 1; n <= 3; n++) {
		assert_int_equal(sink_csv.interval(out, &p.m, msg), 0);
		for (size_t i = 0; i < COUNT_OF(files); i++)
			assert_int_equal(rows_of(files[i], "interval,"),
					 n * rows[i]);
	}
	before = strdup(content("locks.csv"));
	assert_int_equal(sink_csv.summary(out, &total, msg), 0);
	for (size_t i = 0; i < COUNT_OF(files); i++)
		assert_int_equal(rows_of(files[i], "total,"), rows[i]);
	/* The total comes last, and what was there has stayed. */
	assert_int_equal(strncmp(content("locks.csv"), before, strlen(before)),
			 0);
	assert_int_equal(strncmp(content("locks.csv") + strlen(before),
				 "total,1700000000.000000,1700000002.000000,",
				 42),
			 0);
	free(before);
	sink_csv.close(out);
	model_free(&total);
	shot_pair_end(&p);
}

static void rows_byte_by_byte(void **state)
{
	char msg[SINK_MSG] = "";
	struct shot_pair p;
	const char *text;
	void *out;

	(void)state;
	fill(&p);
	open_sink(&out);
	assert_int_equal(sink_csv.interval(out, &p.m, msg), 0);
	sink_csv.close(out);
#define AT "interval,1700000001.000000,1700000002.000000,1000,"
	text = content("locks.csv");
	assert_non_null(strstr(
		text, "\n" AT "\"a,\"\"b\"\"\\x0a\\x1b[2J\\xff\",0x1000,futex,,"
		      "1,0,0,0,0,0,0,0,0,0,0,0,5000,"));
	text = content("threads.csv");
	assert_non_null(strstr(text, "\n" AT "102,thread,CPU-bound,1000000000,"
				     "0,0,,0,0,0,0,"));
	assert_non_null(strstr(
		text, "\n" AT "101,\"sixteen,bytes\"\"\\x0a!\",CPU-bound,"));
	text = content("handoffs.csv");
	assert_non_null(strstr(text, "\n" AT "0x1000,101,\"sixteen,bytes\"\""
				     "\\x0a!\",102,thread,4,4,0,,\n"));
	text = content("migrations.csv");
	assert_non_null(strstr(text, "\n" AT "101,\"sixteen,bytes\"\"\\x0a!\","
				     "0,1,7\n"));
	text = content("histograms.csv");
	assert_non_null(strstr(text, "\n" AT "0x1000,,wait,4608,5120,1\n"));
	/* The last bucket has no end. */
	assert_non_null(strstr(text, "\n" AT "0x1000,,hold,68719476736,,2\n"));
	assert_non_null(strstr(text, "\n" AT ",102,wakeup,64,72,3\n"));
	shot_pair_end(&p);
}

static void nothing_to_add(void **state)
{
	struct model m = { .total = true };
	char msg[SINK_MSG] = "";
	void *out;

	(void)state;
	open_sink(&out);
	assert_int_equal(sink_csv.interval(out, &m, msg), 0);
	assert_int_equal(rows_of("locks.csv", ""), 0);
	sink_csv.close(out);
}

/* ---- errors ---------------------------------------------------------------
 */

static void check_refused(int err, const char *part)
{
	char msg[SINK_MSG] = "";
	void *out = NULL;

	assert_int_equal(sink_csv.open(&out, &config, msg), err);
	assert_null(out);
	assert_non_null(strstr(msg, part));
	assert_null(strchr(msg, '\n'));
}

static void folder_that_is_a_file(void **state)
{
	(void)state;
	assert_int_equal(folder_write("out", "mine"), 0);
	check_refused(-ENOTDIR, "out");
	assert_true(folder_has("out", "mine"));
}

/* One of the files cannot be made: its name is told. */
static void file_that_is_a_folder(void **state)
{
	(void)state;
	assert_int_equal(mkdir("out", 0755), 0);
	assert_int_equal(mkdir("out/handoffs.csv", 0755), 0);
	check_refused(-EISDIR, "out/handoffs.csv");
}

/* A file system of a few pages in a mount namespace of its own. */
static const char *mount_small(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return "no mount namespace";
	if (mkdir("out", 0755) ||
	    mount("tmpfs", "out", "tmpfs", 0, "size=64k,mode=755"))
		return "no tmpfs";
	return NULL;
}

/* Adds intervals until the disk is full. Then every file has whole rows, the
 * name of one is told, and an interval in which nothing happened is no error.
 * Returns 0, or what does not hold. */
static int fill_up(void)
{
	const struct model calm = { 0 };
	char msg[SINK_MSG] = "";
	struct shot_pair p;
	int err = 0, n = 0;
	void *out;

	fill(&p);
	if (sink_csv.open(&out, &config, msg))
		return 1;
	while (!err && n++ < 10000)
		err = sink_csv.interval(out, &p.m, msg);
	if (err != -ENOSPC || n < 4)
		return 2;
	if (strncmp(msg, "cannot write out/", 17) ||
	    !strstr(msg, ".csv: No space left on device") || strchr(msg, '\n'))
		return 3;
	if (sink_csv.interval(out, &calm, msg))
		return 4;
	sink_csv.close(out);
	for (size_t i = 0; i < COUNT_OF(files); i++)
		if (rows_of(files[i], "interval,") < (size_t)n - 1)
			return 5;
	return folder_count("out") == COUNT_OF(files) ? 0 : 6;
}

static void full_disk(void **state)
{
	const char *why;
	int status;
	pid_t pid;

	(void)state;
	if (geteuid()) {
		fprintf(stderr, "SKIP-REASON: not root: a full disk\n");
		skip();
	}
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		why = mount_small();
		if (why)
			fprintf(stderr, "SKIP-REASON: %s: a full disk\n", why);
		_exit(why ? 77 : fill_up());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(headers_at_once),
		FOLDER_TEST(intervals_then_the_total),
		FOLDER_TEST(rows_byte_by_byte),
		FOLDER_TEST(nothing_to_add),
		FOLDER_TEST(folder_that_is_a_file),
		FOLDER_TEST(file_that_is_a_folder),
		FOLDER_TEST(full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
