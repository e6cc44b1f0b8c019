// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The search for CPython's locks in memory made by hand: by shape and by the
 * offsets that it publishes, with fields that lie and lists tied in loops.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fake.h"
#include "gil.h"
#include "gilwatch.h"

#define BASE 0x7f0000000000ull
#define PYTHON "/usr/lib/libpython3.11.so.1.0"

/* More reads than this for one library would be a walk without end. */
#define READS_MAX 20000

/* Room for states of interpreters in the fake data. */
#define RUNTIME_SIZE 4096
#define STATES 8192
#define STATE_SIZE 1024

static struct interp found;

static void search(struct fake *f)
{
	assert_int_equal(fake_search(f, NULL, &found, NULL), 0);
	if (f->reads > READS_MAX)
		fail_msg("%ju reads", (uintmax_t)f->reads);
	assert_true(found.locks <= INTERP_LOCKS_MAX);
	assert_true(found.words <= INTERP_WORDS_MAX);
}

/* ---- CPython by shape -----------------------------------------------------
 */

static void by_shape(void **state)
{
	struct buf explain = { 0 };
	struct fake f;
	uint64_t gil;

	(void)state;
	fake_open(&f, BASE, 16384, PYTHON);
	fake_symbol(&f, "other", 8, 8);
	fake_symbol(&f, "_PyRuntime", 64, RUNTIME_SIZE);
	search(&f);
	assert_int_equal(found.locks, 0);
	assert_true(found.later);

	fake_gil(&f, 64 + 352, BASE + 0x100);
	gil = fake_addr(&f, 64 + 352);
	assert_int_equal(fake_search(&f, NULL, &found, &explain), 0);
	assert_int_equal(found.locks, 1);
	assert_false(found.later);
	assert_string_equal(found.lock[0].name, "CPython 3.11 GIL");
	assert_int_equal(found.lock[0].certainty, INTERP_SURE);
	assert_int_equal(found.lock[0].address, gil);
	assert_int_equal(found.lock[0].interval_ns, 5000000);
	assert_int_equal(found.lock[0].at.switch_number, gil + 24);
	assert_int_equal(fake_words(&found, 0, GW_ROLE_WAIT), 4);
	assert_int_equal(fake_words(&found, 0, GW_ROLE_SWITCH), 4);
	assert_true(fake_has_word(&found, gil + 72, GW_ROLE_WAIT));
	assert_true(fake_has_word(&found, gil + 76, GW_ROLE_WAIT));
	assert_true(fake_has_word(&found, gil + 64, GW_ROLE_WAIT));
	assert_true(fake_has_word(&found, gil + GIL_MUTEX, GW_ROLE_INNER));
	assert_true(fake_has_word(&found, gil + GIL_SWITCH_COND + 40,
				  GW_ROLE_SWITCH));
	assert_true(
		fake_has_word(&found, gil + GIL_SWITCH_MUTEX, GW_ROLE_INNER));
	assert_int_equal(explain.data[explain.len - 1], '\n');
	buf_free(&explain);
	fake_close(&f);
}

/* One field at a time takes a value that a GIL never has. */
static void shape_is_checked(void **state)
{
	static const struct {
		size_t at;
		uint64_t value;
	} bad[] = {
		{ GIL_INTERVAL, 0 },
		{ GIL_INTERVAL, GIL_INTERVAL_MAX + 1 },
		{ GIL_HOLDER, 0 },
		{ GIL_HOLDER, 0xffffffffffffffff },
		{ GIL_HOLDER, 0x7f0000000001 },
		{ GIL_LOCKED, 2 },
		{ GIL_LOCKED, 0xffffffff },
		{ GIL_SWITCHES, (1ull << 40) + 1 },
		{ GIL_MUTEX, 3 },
		{ GIL_MUTEX + 8, 0xffffffff },
		{ GIL_SWITCH_MUTEX, 77 },
		{ GIL_COND, 1ull << 40 }, /* wseq: far ahead of the groups */
		{ GIL_COND + 24, 0x7000000070000000 }, /* sizes of groups */
		{ GIL_SWITCH_COND + 16, 0x7000000070000000 },
		{ GIL_SWITCH_COND + 24, 0x7000000000000001 },
	};
	struct fake f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fake_open(&f, BASE, 8192, PYTHON);
		fake_symbol(&f, "_PyRuntime", 0, RUNTIME_SIZE);
		fake_gil(&f, 800, BASE);
		search(&f);
		assert_int_equal(found.locks, 1);
		fake_u64(&f, 800 + bad[i].at, bad[i].value);
		search(&f);
		if (found.locks)
			fail_msg("bad field %zu is believed", i);
		fake_close(&f);
	}
}

/* Which of two that fit equally is not known; the better one wins. */
static void two_fit(void **state)
{
	struct fake f;

	(void)state;
	fake_open(&f, BASE, 8192, PYTHON);
	fake_symbol(&f, "_PyRuntime", 0, RUNTIME_SIZE);
	fake_gil(&f, 400, BASE);
	fake_gil(&f, 1200, BASE);
	search(&f);
	assert_int_equal(found.locks, 1);
	assert_int_equal(found.lock[0].certainty, INTERP_PROBABLE);
	fake_u32(&f, 400 + GIL_COND + 36, 0);
	search(&f);
	assert_int_equal(found.lock[0].certainty, INTERP_SURE);
	assert_int_equal(found.lock[0].address, fake_addr(&f, 1200));
	fake_close(&f);
}

/* ---- CPython by published offsets ------------------------------------------
 */

/* Where the offsets of an interpreter's state are, see open_313(). */
enum { S_NEXT = 8, S_ID = 16, S_POINTER = 24, S_GIL = 64 };

/* 3.13 published 14 words before the GIL's, 3.14 one more. */
static void open_313(struct fake *f, size_t extra, uint64_t version,
		     bool free_threaded)
{
	size_t at = 14 + extra, shift = free_threaded ? 8 : 0;

	fake_open(f, BASE, STATES + 100 * STATE_SIZE, "/usr/bin/python3");
	fake_symbol(f, "_PyRuntime", 0, RUNTIME_SIZE);
	memcpy(fake_at(f, 0), "xdebugpy", 8);
	fake_u64(f, 1 * 8, version);
	fake_u64(f, 2 * 8, free_threaded);
	fake_u64(f, 5 * 8, 512);
	fake_u64(f, 6 * 8, STATE_SIZE);
	fake_u64(f, 7 * 8, S_ID);
	fake_u64(f, 8 * 8, S_NEXT);
	fake_u64(f, at * 8, S_POINTER);
	fake_u64(f, (at + 1) * 8, S_GIL);
	fake_u64(f, (at + 3) * 8, S_GIL + GIL_LOCKED + shift);
	fake_u64(f, (at + 4) * 8, S_GIL + GIL_HOLDER + shift);
}

/* The state of interpreter n, with the GIL of interpreter gil; leads to next,
 * -1: nowhere. */
static void put_state(struct fake *f, int n, int gil, int next, size_t shift)
{
	size_t at = STATES + (size_t)n * STATE_SIZE;
	size_t of = STATES + (size_t)gil * STATE_SIZE;

	fake_u64(f, at + S_ID, (uint64_t)n);
	fake_u64(f, at + S_POINTER, fake_addr(f, of + S_GIL));
	fake_u64(f, at + S_NEXT,
		 next < 0 ? 0
			  : fake_addr(f, STATES + (size_t)next * STATE_SIZE));
	fake_gil(f, of + S_GIL + shift, BASE);
}

static void set_head(struct fake *f, int n)
{
	fake_u64(f, 512, fake_addr(f, STATES + (size_t)n * STATE_SIZE));
}

static void published(void **state)
{
	struct fake f;

	(void)state;
	open_313(&f, 0, 0x030d00f0, false);
	put_state(&f, 0, 0, -1, 0);
	set_head(&f, 0);
	search(&f);
	assert_int_equal(found.locks, 1);
	assert_int_equal(found.lock[0].method, INTERP_BY_OFFSETS);
	assert_string_equal(found.lock[0].name, "CPython 3.13 GIL");
	assert_int_equal(found.lock[0].address, fake_addr(&f, STATES + S_GIL));
	fake_close(&f);
	open_313(&f, 1, 0x030e01f0, false);
	put_state(&f, 0, 0, -1, 0);
	set_head(&f, 0);
	search(&f);
	assert_string_equal(found.lock[0].name, "CPython 3.14 GIL");
	fake_close(&f);
}

/* Interpreter 2 has a GIL of its own, interpreter 1 that of the main one. */
static void sub_interpreters(void **state)
{
	struct fake f;

	(void)state;
	open_313(&f, 0, 0x030d00f0, false);
	put_state(&f, 2, 2, 1, 0);
	put_state(&f, 1, 0, 0, 0);
	put_state(&f, 0, 0, -1, 0);
	set_head(&f, 2);
	search(&f);
	assert_int_equal(found.locks, 2);
	assert_string_equal(found.lock[0].name,
			    "CPython 3.13 GIL of interpreter 2");
	assert_string_equal(found.lock[1].name, "CPython 3.13 GIL");
	assert_int_equal(fake_words(&found, 0, GW_ROLE_WAIT), 4);
	assert_int_equal(fake_words(&found, 1, GW_ROLE_WAIT), 4);
	fake_close(&f);
}

static void free_threaded(void **state)
{
	struct fake f;

	(void)state;
	open_313(&f, 1, 0x030e00f0, true);
	put_state(&f, 0, 0, -1, 8);
	set_head(&f, 0);
	search(&f);
	assert_int_equal(found.locks, 0);
	assert_true(found.gil_disabled);
	/* Told to run with its GIL. */
	fake_u32(&f, STATES + S_GIL, 1);
	search(&f);
	assert_int_equal(found.locks, 1);
	assert_false(found.gil_disabled);
	assert_int_equal(found.lock[0].address,
			 fake_addr(&f, STATES + S_GIL + 8));
	fake_close(&f);
}

static void loops(void **state)
{
	struct fake f;
	int i;

	(void)state;
	open_313(&f, 0, 0x030d00f0, false);
	put_state(&f, 0, 0, 1, 0);
	put_state(&f, 1, 1, 0, 0);
	set_head(&f, 0);
	search(&f);
	assert_int_equal(found.locks, 2);
	assert_true(found.full);
	/* More than fit, in a row. */
	for (i = 0; i < 99; i++)
		put_state(&f, i, i, i + 1, 0);
	put_state(&f, 99, 99, -1, 0);
	search(&f);
	assert_int_equal(found.locks, INTERP_LOCKS_MAX);
	assert_true(found.full);
	fake_close(&f);
}

/* Offsets and pointers that lead out of the process. */
static void offsets_are_checked(void **state)
{
	static const uint64_t value[] = { 0,          1,          4095,
					  1ull << 23, 1ull << 47, 1ull << 63,
					  UINT64_MAX };
	struct fake f;
	size_t i, word;

	(void)state;
	for (word = 1; word < 20; word++) {
		for (i = 0; i < sizeof(value) / sizeof(value[0]); i++) {
			open_313(&f, 0, 0x030d00f0, false);
			put_state(&f, 0, 0, -1, 0);
			set_head(&f, 0);
			fake_u64(&f, word * 8, value[i]);
			search(&f);
			fake_u64(&f, 512, value[i]);
			search(&f);
			fake_u64(&f, 512, BASE);
			search(&f);
			fake_close(&f);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_shape),
		cmocka_unit_test(shape_is_checked),
		cmocka_unit_test(two_fit),
		cmocka_unit_test(published),
		cmocka_unit_test(sub_interpreters),
		cmocka_unit_test(free_threaded),
		cmocka_unit_test(loops),
		cmocka_unit_test(offsets_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
