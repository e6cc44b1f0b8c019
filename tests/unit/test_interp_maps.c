// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* /proc/PID/maps: as the kernel writes it, cut anywhere, and as nonsense. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "maps.h"

static const char sample[] =
	"00400000-0041f000 r--p 00000000 fe:00 1049 /usr/bin/python3.11\n"
	"0041f000-006c5000 r-xp 0001f000 fe:00 1049 /usr/bin/python3.11\n"
	"00a5b000-00bda000 rw-p 0065a000 fe:00 1049 /usr/bin/python3.11\n"
	"00bda000-00c16000 rw-p 00000000 00:00 0 \n"
	"01e35000-01f0c000 rw-p 00000000 00:00 0                  [heap]\n"
	"7f1000000000-7f1000021000 rw-p 00000000 00:00 0\n"
	"7f1000100000-7f1000101000 r--s 00000000 00:2b 77   /tmp/a b  c (x)\n"
	"7f1000200000-7f1000201000 ---p 00000000 fe:00 78   /lib/x.so "
	"(deleted)\n"
	"7f1000300000-7f1000301000 r-xp 00000000 fe:00 79   /new\\012line\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n";

static void as_written(void **state)
{
	struct maps m;

	(void)state;
	assert_int_equal(maps_parse(&m, sample, strlen(sample)), 0);
	assert_int_equal(m.count, 10);
	assert_false(m.cut);
	assert_int_equal(m.range[1].start, 0x41f000);
	assert_int_equal(m.range[1].end, 0x6c5000);
	assert_int_equal(m.range[1].offset, 0x1f000);
	assert_int_equal(m.range[1].access, MAPS_READ | MAPS_EXEC);
	assert_int_equal(m.range[1].major, 0xfe);
	assert_int_equal(m.range[1].inode, 1049);
	assert_string_equal(m.range[1].path, "/usr/bin/python3.11");
	assert_string_equal(m.range[3].path, "");
	assert_string_equal(m.range[4].path, "[heap]");
	assert_string_equal(m.range[5].path, "");
	assert_string_equal(m.range[6].path, "/tmp/a b  c (x)");
	assert_false(m.range[6].deleted);
	assert_int_equal(m.range[7].access, 0);
	assert_string_equal(m.range[7].path, "/lib/x.so");
	assert_true(m.range[7].deleted);
	assert_string_equal(m.range[8].path, "/new\\012line");
	assert_int_equal(m.range[9].end, 0xffffffffff601000);
	maps_free(&m);
}

static void by_address(void **state)
{
	struct maps m;

	(void)state;
	assert_int_equal(maps_parse(&m, sample, strlen(sample)), 0);
	assert_null(maps_at(&m, 0));
	assert_null(maps_at(&m, 0x3fffff));
	assert_ptr_equal(maps_at(&m, 0x400000), &m.range[0]);
	assert_ptr_equal(maps_at(&m, 0x41efff), &m.range[0]);
	assert_ptr_equal(maps_at(&m, 0x41f000), &m.range[1]);
	assert_null(maps_at(&m, 0x6c5000));
	assert_null(maps_at(&m, UINT64_MAX));
	assert_true(maps_same_file(&m.range[0], &m.range[2]));
	assert_false(maps_same_file(&m.range[0], &m.range[7]));
	assert_false(maps_same_file(&m.range[3], &m.range[4]));
	maps_free(&m);
}

static void in_order(const struct maps *m)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		assert_true(m->range[i].start < m->range[i].end);
		assert_non_null(m->range[i].path);
		if (i)
			assert_true(m->range[i].start >= m->range[i - 1].end);
	}
}

/* Cut after each byte: what is whole stays, and nothing else appears. */
static void cut_anywhere(void **state)
{
	struct maps m;
	size_t n;
	char *copy;

	(void)state;
	for (n = 0; n <= strlen(sample); n++) {
		copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy, sample, n);
		assert_int_equal(maps_parse(&m, copy, n), 0);
		assert_true(m.count <= 10);
		in_order(&m);
		maps_free(&m);
		free(copy);
	}
}

static void refused(const char *text)
{
	struct maps m;

	assert_int_equal(maps_parse(&m, text, strlen(text)), 0);
	if (m.count)
		fail_msg("taken for a mapping: %s", text);
	maps_free(&m);
}

static void nonsense(void **state)
{
	(void)state;
	refused("");
	refused("\n\n\n");
	refused("1000-1000 r--p 0 0:0 0\n");
	refused("2000-1000 r--p 0 0:0 0\n");
	refused("1000-2000 r--p 0 0:0\n");
	refused("1000-2000 r--p\n");
	refused("1000 2000 r--p 0 0:0 0\n");
	refused("-2000 r--p 0 0:0 0\n");
	refused("10000000000000000-20000000000000000 r--p 0 0:0 0\n");
	refused("1000-2000 r--p 0 0:0 99999999999999999999999\n");
	refused("1000-2000 r--p 0 0:0 1x\n");
	refused("+1000-2000 r--p 0 0:0 0\n");
}

static void overlapping(void **state)
{
	static const char text[] = "1000-3000 r--p 0 0:0 0\n"
				   "2000-4000 r--p 0 0:0 0\n"
				   "500-600 r--p 0 0:0 0\n"
				   "3000-4000 r--p 0 0:0 0\n";
	struct maps m;

	(void)state;
	assert_int_equal(maps_parse(&m, text, strlen(text)), 0);
	assert_int_equal(m.count, 2);
	assert_int_equal(m.range[1].start, 0x3000);
	maps_free(&m);
}

static void too_many(void **state)
{
	const size_t lines = MAPS_RANGES_MAX + 10, width = 48;
	char *text = malloc(lines * width);
	size_t i, n = 0;
	struct maps m;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < lines; i++)
		n += (size_t)snprintf(text + n, width, "%zx-%zx r--p 0 0:0 0\n",
				      i * 4096, i * 4096 + 4096);
	assert_int_equal(maps_parse(&m, text, n), 0);
	assert_int_equal(m.count, MAPS_RANGES_MAX);
	assert_true(m.cut);
	maps_free(&m);
	free(text);
}

static void of_this_process(void **state)
{
	const struct maps_range *r;
	struct maps m;
	int local = 0;

	(void)state;
	assert_int_equal(maps_read(&m, getpid()), 0);
	assert_false(m.cut);
	in_order(&m);
	r = maps_at(&m, (uintptr_t)&local);
	assert_non_null(r);
	assert_string_equal(r->path, "[stack]");
	r = maps_at(&m, (uintptr_t)of_this_process);
	assert_non_null(r);
	assert_true(r->access & MAPS_EXEC);
	assert_non_null(strstr(r->path, "test_interp_maps"));
	maps_free(&m);
	assert_true(maps_read(&m, 4194304) < 0);
	assert_int_equal(m.count, 0);
	maps_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_written),      cmocka_unit_test(by_address),
		cmocka_unit_test(cut_anywhere),    cmocka_unit_test(nonsense),
		cmocka_unit_test(overlapping),     cmocka_unit_test(too_many),
		cmocka_unit_test(of_this_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
