// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The search for the other interpreters in memory made by hand, memory that is
 * empty, random, cut off or full of pointers to itself, and what was asked for.
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

#define RUNTIME_SIZE 4096

static struct interp found;

static void search(struct fake *f)
{
	assert_int_equal(fake_search(f, NULL, &found, NULL), 0);
	if (f->reads > READS_MAX)
		fail_msg("%ju reads", (uintmax_t)f->reads);
	assert_true(found.locks <= INTERP_LOCKS_MAX);
	assert_true(found.words <= INTERP_WORDS_MAX);
}

/* ---- the others -----------------------------------------------------------
 */

static void python2(void **state)
{
	/* mov distance(%rip), %rdi */
	static const unsigned char code[] = { 0x48, 0x8b, 0x3d, 0xf9,
					      0x0f, 0x00, 0x00, 0xe9 };
	struct fake f;

	(void)state;
	fake_open(&f, BASE, 16384, "/usr/bin/python2.7");
	fake_symbol(&f, "PyEval_ReleaseLock", 0, sizeof(code));
	memcpy(fake_at(&f, 0), code, sizeof(code));
	search(&f);
	assert_int_equal(found.locks, 0);
	fake_symbol(&f, "PyString_FromString", 100, 8);
	search(&f);
	assert_int_equal(found.locks, 0);
	assert_true(found.later);
	/* 7 bytes of instruction and 0xff9 more are 4096. */
	fake_u64(&f, 4096, fake_addr(&f, 8192));
	search(&f);
#ifdef __x86_64__
	assert_int_equal(found.locks, 1);
	assert_string_equal(found.lock[0].name, "CPython 2.7 GIL");
	assert_int_equal(found.lock[0].method, INTERP_BY_CODE);
	assert_int_equal(found.lock[0].at.free, fake_addr(&f, 8192));
	assert_true(fake_has_word(&found, fake_addr(&f, 8192), GW_ROLE_WAIT));
#endif
	fake_u32(&f, 8192, 2);
	search(&f);
	assert_int_equal(found.locks, 0);
	fake_close(&f);
}

static void gilvm(void **state)
{
	struct fake f;
	uint64_t at;

	(void)state;
	fake_open(&f, BASE, 8192, "/opt/gilvm");
	fake_symbol(&f, "gilvm_gil", 256, 512);
	at = fake_addr(&f, 256);
	search(&f);
	assert_true(found.later);
	memcpy(fake_at(&f, 256), "gilvmGIL", 8);
	fake_u32(&f, 256 + 8, 1);
	fake_u32(&f, 256 + 12, 512);
	fake_u32(&f, 256 + 16, 2);
	fake_u64(&f, 256 + 24, 5000000);
	fake_u64(&f, 256 + 48, at + 168);
	/* Words outside the object and askew are not taken. */
	fake_u64(&f, 256 + 56, at + 512);
	fake_u64(&f, 256 + 64, at + 130);
	fake_u64(&f, 256 + 72, at + 256);
	search(&f);
	assert_int_equal(found.locks, 1);
	assert_string_equal(found.lock[0].name, "gilvm GIL (interval)");
	assert_int_equal(found.lock[0].interval_ns, 5000000);
	assert_int_equal(found.words, 2);
	assert_true(fake_has_word(&found, at + 168, GW_ROLE_WAIT));
	assert_true(fake_has_word(&found, at + 256, GW_ROLE_SWITCH));
	fake_u32(&f, 256 + 16, 4);
	search(&f);
	assert_int_equal(found.locks, 0);
	assert_true(found.gil_disabled);
	fake_u32(&f, 256 + 16, 5);
	search(&f);
	assert_int_equal(found.locks, 0);
	fake_close(&f);
}

enum { VM = 64, RACTOR = 4096, THREAD = 8192, MUTEX = RACTOR + 344 };

static void open_ruby(struct fake *f)
{
	fake_open(f, BASE, 32768, "/usr/lib/libruby-3.1.so.3.1");
	fake_symbol(f, "ruby_vm_at_exit", 0, 8);
	fake_symbol(f, "ruby_current_vm_ptr", 16, 8);
	fake_symbol(f, "ruby_version", 24, 6);
	memcpy(fake_at(f, 24), "3.1.2", 6);
	fake_u64(f, 16, fake_addr(f, VM));
	fake_u64(f, VM + 32, fake_addr(f, RACTOR));
	/* One thread in the list, nobody in the queue, two conditions. */
	fake_u64(f, MUTEX - 40, fake_addr(f, THREAD));
	fake_u64(f, MUTEX - 32, fake_addr(f, THREAD));
	fake_u64(f, THREAD, fake_addr(f, MUTEX - 40));
	fake_u64(f, THREAD + 8, fake_addr(f, MUTEX - 40));
	fake_u32(f, MUTEX - 24, 1);
	fake_u64(f, MUTEX - 8, fake_addr(f, THREAD));
	fake_u64(f, MUTEX + 40, fake_addr(f, MUTEX + 40));
	fake_u64(f, MUTEX + 48, fake_addr(f, MUTEX + 40));
	fake_u32(f, MUTEX + 72 + 36, 2);
	fake_u32(f, MUTEX + 120 + 36, 2);
	fake_u32(f, THREAD + 120 + 36, 2);
}

static void ruby(void **state)
{
	struct fake f;

	(void)state;
	open_ruby(&f);
	search(&f);
	assert_int_equal(found.locks, 1);
	assert_string_equal(found.lock[0].name, "Ruby 3.1 GVL");
	assert_true(found.lock[0].mixed);
	assert_int_equal(found.lock[0].address, fake_addr(&f, MUTEX));
	assert_true(fake_has_word(&found, fake_addr(&f, MUTEX), GW_ROLE_INNER));
	assert_true(fake_has_word(&found, fake_addr(&f, MUTEX + 112),
				  GW_ROLE_SWITCH));
	assert_true(fake_has_word(&found, fake_addr(&f, THREAD + 160),
				  GW_ROLE_WAIT));
	/* The list of threads never comes back to its head. */
	fake_u64(&f, THREAD, fake_addr(&f, THREAD));
	search(&f);
	fake_u64(&f, THREAD, 0x1000);
	search(&f);
	/* The last of the list does not point back: no list, so no lock. */
	fake_u64(&f, MUTEX - 32, fake_addr(&f, 16384));
	search(&f);
	assert_int_equal(found.locks, 0);
	fake_close(&f);
}

/* ---- no sense at all ------------------------------------------------------
 */

static const char *const all_symbols[] = {
	"_PyRuntime",         "Py_Version",          "gilvm_gil",
	"ruby_vm_at_exit",    "ruby_current_vm_ptr", "ruby_version",
	"PyEval_ReleaseLock", "PyString_FromString",
};

static void fill(struct fake *f, int how)
{
	unsigned char *data = fake_at(f, 0);
	size_t i, n = f->size - FAKE_HEAD;
	uint64_t addr;

	memset(data, how == 1 ? 0xff : 0, n);
	for (i = 0; how >= 2 && i + 8 <= n; i += 8) {
		addr = fake_addr(f, (size_t)random() % n & ~7ul);
		if (how == 2)
			addr = (uint64_t)random() << 32 ^ (uint64_t)random();
		memcpy(data + i, &addr, sizeof(addr));
	}
}

static void no_sense(void **state)
{
	const size_t n = sizeof(all_symbols) / sizeof(all_symbols[0]);
	struct fake f;
	size_t i;
	int how, round;

	(void)state;
	srandom(4711);
	/* Zeros, ones, random bytes, and pointers to each other. */
	for (how = 0; how < 4; how++) {
		for (round = 0; round < (how < 2 ? 1 : 100); round++) {
			fake_open(&f, BASE, 32768, PYTHON);
			for (i = 0; i < n; i++)
				fake_symbol(&f, all_symbols[i], i * 512, 16384);
			fill(&f, how);
			search(&f);
			assert_int_equal(found.locks, 0);
			fake_close(&f);
		}
	}
}

/* Memory that ends in the middle of what the symbol promises. */
static void cut_off(void **state)
{
	struct fake f;
	size_t size;

	(void)state;
	fake_open(&f, BASE, 8192, PYTHON);
	fake_symbol(&f, "_PyRuntime", 0, 1u << 30);
	fake_gil(&f, 800, BASE);
	for (size = f.size; size > 0; size -= size > 5500 ? 16 : 1) {
		f.buffer.size = size;
		search(&f);
		assert_int_equal(found.locks,
				 size >= FAKE_HEAD + 800 + GIL_SIZE);
	}
	fake_close(&f);
}

static void asked_for(void **state)
{
	struct interp_hints hints = { .no_symbols = true };
	struct fake f;

	(void)state;
	fake_open(&f, BASE, 8192, PYTHON);
	fake_symbol(&f, "_PyRuntime", 0, RUNTIME_SIZE);
	fake_gil(&f, 800, BASE);
	assert_int_equal(fake_search(&f, &hints, &found, NULL), 0);
	assert_int_equal(found.locks, 0);
	/* The first word of the GIL, as futex tools show it. */
	hints.lock = fake_addr(&f, 800 + 72);
	assert_int_equal(fake_search(&f, &hints, &found, NULL), 0);
	assert_int_equal(found.locks, 1);
	assert_int_equal(found.lock[0].address, fake_addr(&f, 800));
	hints.lock = fake_addr(&f, 4000);
	assert_int_equal(fake_search(&f, &hints, &found, NULL), 0);
	assert_int_equal(found.locks, 1);
	assert_int_equal(found.words, 1);
	assert_true(fake_has_word(&found, fake_addr(&f, 4000), GW_ROLE_WAIT));
	/* The user's word overrides what symbols say. */
	hints.no_symbols = false;
	assert_int_equal(fake_search(&f, &hints, &found, NULL), 0);
	assert_int_equal(found.locks, 1);
	assert_int_equal(found.lock[0].address, fake_addr(&f, 4000));
	hints.lock = 0;
	assert_int_equal(fake_search(&f, &hints, &found, NULL), 0);
	assert_int_equal(found.locks, 1);
	assert_int_equal(found.lock[0].address, fake_addr(&f, 800));
	fake_close(&f);
}

/* Behaviour and symbols name two locks: both stay, both are marked. */
static void disputed(void **state)
{
	struct behave_word seen[3];
	struct interp_hints hints = { .seen = seen, .seen_count = 3 };
	struct fake f;
	int i;

	(void)state;
	memset(seen, 0, sizeof(seen));
	for (i = 0; i < 3; i++) {
		seen[i] = (struct behave_word){
			.addr = BASE + 0x2000 + (uint64_t)i * 4,
			.bitset = i < 2,
			.val_two = i == 2,
			.waits = 100,
			.waits_timed = i < 2 ? 100 : 0,
			.wakes = 100,
			.waiters = 2,
			.wakers = 2,
			.waiter = { 7, 8 },
			.waker = { 8, 7 },
		};
	}
	fake_open(&f, BASE, 8192, PYTHON);
	fake_symbol(&f, "_PyRuntime", 0, RUNTIME_SIZE);
	fake_gil(&f, 800, BASE);
	assert_int_equal(fake_search(&f, &hints, &found, NULL), 0);
	assert_int_equal(found.locks, 2);
	assert_true(found.lock[0].disputed && found.lock[1].disputed);
	assert_int_equal(found.lock[1].certainty, INTERP_PROBABLE);
	/* The same words as the symbol's: agreed. */
	for (i = 0; i < 3; i++)
		seen[i].addr = fake_addr(&f, 800 + 72 + (size_t)i * 4);
	assert_int_equal(fake_search(&f, &hints, &found, NULL), 0);
	assert_int_equal(found.locks, 1);
	assert_false(found.lock[0].disputed);
	fake_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(python2),  cmocka_unit_test(gilvm),
		cmocka_unit_test(ruby),     cmocka_unit_test(no_sense),
		cmocka_unit_test(cut_off),  cmocka_unit_test(asked_for),
		cmocka_unit_test(disputed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
