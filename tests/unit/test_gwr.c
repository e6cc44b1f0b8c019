// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Records: what is written is read; what is damaged is refused in one line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "file.h"
#include "folder.h"
#include "recording.h"

#define FILE_NAME "r.gwr"
#define EVENTS 300
#define BLOCK 40

/* Places of struct gwr_head in the file. */
#define AT_VERSION 8
#define AT_SIZES 16
#define AT_INFO 72

static char *load(size_t *n)
{
	FILE *f = fopen(FILE_NAME, "r");
	char *bytes = malloc(1 << 20);

	assert_non_null(f);
	assert_non_null(bytes);
	*n = fread(bytes, 1, 1 << 20, f);
	fclose(f);
	return bytes;
}

static void store(const char *bytes, size_t n)
{
	FILE *f = fopen(FILE_NAME, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* One line, which names the file. */
static void check_msg(const char *msg)
{
	assert_null(strchr(msg, '\n'));
	assert_non_null(strstr(msg, FILE_NAME));
}

/* Events that can be read, checked against those that were written; negative
 * when the file is refused. */
static long readable(bool *cut)
{
	struct gw_event want[EVENTS];
	struct recording made = { .bits = 1 };
	char msg[GWR_MSG] = "";
	struct gwr_item item;
	struct gwr *r;
	long n = 0;
	int err = gwr_open(&r, FILE_NAME, msg);

	recording_events(&made, want, EVENTS);
	if (err) {
		check_msg(msg);
		return err;
	}
	*cut = gwr_cut(r);
	while ((err = gwr_next(r, &item, msg)) == 1) {
		if (item.kind != GWR_EVENTS)
			continue;
		assert_true(n + (long)item.count <= EVENTS);
		assert_memory_equal(item.records, want + n,
				    item.count * sizeof(*want));
		n += (long)item.count;
	}
	gwr_close(r);
	if (err)
		check_msg(msg);
	return err ? err : n;
}

static void what_is_written_is_read(void **state)
{
	const struct gwr_info want = recording_info();
	char msg[GWR_MSG];
	struct gwr *r;
	bool cut;

	(void)state;
	recording_write(FILE_NAME, EVENTS, BLOCK);
	assert_int_equal(readable(&cut), EVENTS);
	assert_false(cut);
	assert_int_equal(gwr_open(&r, FILE_NAME, msg), 0);
	assert_memory_equal(gwr_info(r), &want, sizeof(want));
	assert_false(gwr_lacks_start(r));
	gwr_close(r);
	assert_int_equal(folder_count("."), 1);
}

static void cut_off_anywhere(void **state)
{
	size_t n, whole = 0;
	char *bytes;
	long got, last = 0;
	bool cut;

	(void)state;
	recording_write(FILE_NAME, EVENTS, BLOCK);
	bytes = load(&n);
	for (size_t i = 0; i < n; i++) {
		store(bytes, i);
		got = readable(&cut);
		if (got < 0) {
			assert_int_equal(whole, 0);
			continue;
		}
		whole++;
		assert_true(got >= last);
		last = got;
		/* The last block is followed by nothing but its padding. */
		assert_true(cut || n - i < 64);
	}
	assert_int_equal(last, EVENTS);
	free(bytes);
}

/* No bit can be turned without a word about it, but in the padding. */
static void damaged_anywhere(void **state)
{
	size_t n, told = 0;
	char *bytes;
	long got;
	bool cut;

	(void)state;
	recording_write(FILE_NAME, EVENTS, BLOCK);
	bytes = load(&n);
	for (size_t i = 0; i < n; i += 3) {
		bytes[i] ^= (char)(1 << i % 8);
		store(bytes, n);
		got = readable(&cut);
		assert_true(got < 0 || got == EVENTS || cut);
		told += got < 0;
		bytes[i] ^= (char)(1 << i % 8);
	}
	assert_true(told > n / 10);
	free(bytes);
}

static long with_u32(size_t at, uint32_t value)
{
	size_t n;
	char *bytes = load(&n);
	bool cut;

	memcpy(bytes + at, &value, sizeof(value));
	store(bytes, n);
	free(bytes);
	return readable(&cut);
}

static void foreign_and_newer(void **state)
{
	bool cut;

	(void)state;
	recording_write(FILE_NAME, EVENTS, BLOCK);
	assert_int_equal(with_u32(AT_INFO, 7), -EPROTO);
	recording_write(FILE_NAME, EVENTS, BLOCK);
	assert_int_equal(with_u32(AT_SIZES, 7), -ENOTSUP);
	recording_write(FILE_NAME, EVENTS, BLOCK);
	assert_int_equal(with_u32(AT_VERSION, GWR_VERSION + 1), -ENOTSUP);
	assert_int_equal(with_u32(AT_VERSION, 0), -ENOTSUP);
	assert_int_equal(with_u32(0, 0), -EPROTO);
	store("", 0);
	assert_int_equal(readable(&cut), -EPROTO);
	store("#!/bin/sh\n", 10);
	assert_int_equal(readable(&cut), -EPROTO);
	unlink(FILE_NAME);
	assert_int_equal(readable(&cut), -ENOENT);
	assert_int_equal(mkdir(FILE_NAME, 0700), 0);
	assert_true(readable(&cut) < 0);
}

static void a_target_is_fit_to_print(void **state)
{
	const struct gwr_config config = { .path = FILE_NAME,
					   .uid = FILE_KEEP_UID,
					   .gid = FILE_KEEP_GID };
	struct gwr_info info = recording_info();
	struct gwr_moment end = { 0 };
	struct gwr_writer *w;
	char msg[GWR_MSG];
	struct gwr *r;

	(void)state;
	strcpy(info.target, "a\x1b[2Jb\\\\c\n");
	memset(info.release, 'x', sizeof(info.release));
	assert_int_equal(gwr_create(&w, &config, &info, msg), 0);
	assert_int_equal(gwr_put(w, GWR_END, &end, 1, 0, 0), 0);
	assert_int_equal(gwr_publish(w, msg), 0);
	gwr_discard(w);
	assert_int_equal(gwr_open(&r, FILE_NAME, msg), 0);
	assert_string_equal(gwr_info(r)->target, "a\\x1b[2Jb\\\\c\\x0a");
	assert_int_equal(strlen(gwr_info(r)->release),
			 sizeof(info.release) - 1);
	gwr_close(r);
}

static void nothing_half_made(void **state)
{
	const struct gwr_config config = { .path = FILE_NAME,
					   .uid = FILE_KEEP_UID,
					   .gid = FILE_KEEP_GID };
	const struct gwr_info info = recording_info();
	struct gwr_writer *w;
	char msg[GWR_MSG];

	(void)state;
	assert_int_equal(folder_write(FILE_NAME, "old"), 0);
	assert_int_equal(gwr_create(&w, &config, &info, msg), 0);
	recording_names(w);
	assert_true(folder_has(FILE_NAME, "old"));
	assert_int_equal(folder_count("."), 2);
	gwr_discard(w);
	assert_true(folder_has(FILE_NAME, "old"));
	assert_int_equal(folder_count("."), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(what_is_written_is_read),
		FOLDER_TEST(cut_off_anywhere),
		FOLDER_TEST(damaged_anywhere),
		FOLDER_TEST(foreign_and_newer),
		FOLDER_TEST(a_target_is_fit_to_print),
		FOLDER_TEST(nothing_half_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
