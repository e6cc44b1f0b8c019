// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Recognition by behaviour: tables of futex words as they were measured on real
 * interpreters, and those of locks that are busy and no GIL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "behave.h"
#include "gilwatch.h"

#define X 0x7f0000001048ull

static struct behave_lock found[4];

/* Half of a condition on which two threads take turns. */
static struct behave_word timed(uint64_t addr)
{
	return (struct behave_word){ .addr = addr,
				     .bitset = true,
				     .waits = 120,
				     .waits_timed = 120,
				     .wakes = 60,
				     .timeout_ns = 5000000,
				     .timeout_hits = 118,
				     .waiters = 2,
				     .wakers = 2,
				     .waiter = { 11, 12 },
				     .waker = { 12, 11 } };
}

static struct behave_word mutex(uint64_t addr)
{
	return (struct behave_word){ .addr = addr,
				     .val_two = true,
				     .waits = 117,
				     .wakes = 130,
				     .waiters = 2,
				     .wakers = 2,
				     .waiter = { 11, 12 },
				     .waker = { 12, 11 } };
}

static struct behave_word untimed(uint64_t addr, uint64_t waits, uint64_t wakes)
{
	return (struct behave_word){ .addr = addr,
				     .bitset = true,
				     .realtime = true,
				     .waits = waits,
				     .wakes = wakes,
				     .waiters = 2,
				     .wakers = 2,
				     .waiter = { 11, 12 },
				     .waker = { 11, 12 } };
}

static bool has_part(uint64_t addr, enum gw_role role)
{
	size_t i;

	for (i = 0; i < found[0].parts; i++)
		if (found[0].part[i].addr == addr &&
		    found[0].part[i].role == role)
			return true;
	return false;
}

static size_t find(const struct behave_word *seen, size_t count)
{
	memset(found, 0, sizeof(found));
	return behave_find(seen, count, found, 4);
}

/* 3.7 and newer with glibc up to 2.40; a threading.Lock is far busier. */
static void python3(void **state)
{
	const struct behave_word seen[] = {
		untimed(0x5000, 90000, 200000),
		timed(X + 4),
		mutex(X + 8),
		timed(X),
		untimed(X + 88, 12, 12),
	};

	(void)state;
	assert_int_equal(find(seen, 5), 1);
	assert_int_equal(found[0].like, BEHAVE_COND_MUTEX);
	assert_int_equal(found[0].address, X);
	assert_int_equal(found[0].interval_ns, 5000000);
	assert_true(found[0].switching);
	assert_int_equal(found[0].parts, 6);
	assert_true(has_part(X, GW_ROLE_WAIT));
	assert_true(has_part(X + 4, GW_ROLE_WAIT));
	assert_true(has_part(X + 8, GW_ROLE_INNER));
#ifdef __x86_64__
	assert_true(has_part(X + 88, GW_ROLE_SWITCH));
	assert_true(has_part(X + 92, GW_ROLE_SWITCH));
	assert_true(has_part(X + 96, GW_ROLE_INNER));
#endif
}

/* From glibc 2.41 on the pair lies 8 bytes further from its mutex. */
static void new_glibc(void **state)
{
	const struct behave_word seen[] = { timed(X), timed(X + 4),
					    mutex(X + 16) };

	(void)state;
	assert_int_equal(find(seen, 3), 1);
	assert_int_equal(found[0].like, BEHAVE_COND_MUTEX);
	assert_true(has_part(X + 16, GW_ROLE_INNER));
#ifdef __x86_64__
	assert_true(has_part(X + 88, GW_ROLE_SWITCH));
	assert_true(has_part(X + 104, GW_ROLE_INNER));
#endif
}

static void python36(void **state)
{
	struct behave_word seen[] = { timed(X), timed(X + 4), mutex(X - 80) };

	(void)state;
	seen[0].realtime = seen[1].realtime = true;
	assert_int_equal(find(seen, 3), 1);
	assert_int_equal(found[0].like, BEHAVE_COND);
	assert_int_equal(found[0].parts, 2);
	/* A pair with a mutex is likelier: the pair alone is then none. */
	seen[2] = mutex(0x9008);
	assert_int_equal(find(seen, 3), 1);
}

static void python2(void **state)
{
	struct behave_word seen[] = { untimed(0x8000, 1600, 15000),
				      untimed(0x9000, 5000, 5100) };

	(void)state;
	assert_int_equal(find(seen, 2), 1);
	assert_int_equal(found[0].like, BEHAVE_SEM);
	assert_int_equal(found[0].address, 0x8000);
	assert_int_equal(found[0].interval_ns, 0);
	/* Too little, and taken by turns without a surplus of wakes. */
	seen[0].waits = 99;
	assert_int_equal(find(seen, 2), 0);
	seen[0] = untimed(0x8000, 1600, 3199);
	assert_int_equal(find(seen, 2), 0);
}

/* Locks of a Python 3 whose GIL was hardly waited for. */
static void no_guess(void **state)
{
	struct behave_word seen[] = { untimed(0x8000, 16000, 150000), timed(X),
				      timed(X + 4) };

	(void)state;
	seen[1].waits = seen[1].waits_timed = 2;
	seen[2].waits = seen[2].waits_timed = 1;
	assert_int_equal(find(seen, 3), 0);
	assert_int_equal(find(seen, 0), 0);
	assert_int_equal(behave_find(seen, 3, found, 0), 0);
}

/* Each thing that is not as with a GIL. */
static void not_a_gil(void **state)
{
	const struct behave_word good[] = { timed(X), timed(X + 4),
					    mutex(X + 8) };
	struct behave_word seen[3];
	int i;

	(void)state;
	for (i = 0; i < 8; i++) {
		memcpy(seen, good, sizeof(seen));
		if (i == 0) /* one word only */
			seen[1].addr += 32;
		else if (i == 1) /* most waits without a timeout */
			seen[0].waits_timed = 60;
		else if (i == 2) /* those who wait never wake: a pool */
			seen[0].waker[0] = seen[1].waker[0] = 13,
			seen[0].waker[1] = seen[1].waker[1] = 14;
		else if (i == 3) /* one thread only */
			seen[0].waiter[1] = seen[1].waiter[1] = 0;
		else if (i == 4) /* between processes */
			seen[0].shared = true;
		else if (i == 5) /* a timeout of an hour */
			seen[0].timeout_ns = seen[1].timeout_ns =
				3600000000000ull;
		else if (i == 6) /* not on a 64-bit boundary */
			seen[0].addr += 4, seen[1].addr += 4;
		else /* a mutex with timeouts */
			seen[0].val_two = seen[1].val_two = true;
		if (find(seen, 3))
			fail_msg("case %d is taken for a GIL", i);
	}
	assert_int_equal(find(good, 3), 1);
}

/* Interpreters with GILs of their own: the busier one first, and no more than
 * there is room for. */
static void several(void **state)
{
	struct behave_word seen[18];
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		seen[i * 3] = timed(X + i * 4096);
		seen[i * 3 + 1] = timed(X + i * 4096 + 4);
		seen[i * 3 + 2] = mutex(X + i * 4096 + 8);
		seen[i * 3].waits += i * 100;
		seen[i * 3].waits_timed += i * 100;
	}
	assert_int_equal(find(seen, 18), 4);
	assert_int_equal(found[0].address, X + 5 * 4096);
	assert_int_equal(found[1].address, X + 4 * 4096);
	assert_int_equal(found[3].address, X + 2 * 4096);
	assert_int_equal(find(seen, 6), 2);
}

/* Addresses at both ends of the address space. */
static void ends(void **state)
{
	const struct behave_word seen[] = { timed(0), timed(4), mutex(8),
					    timed(UINT64_MAX - 7),
					    timed(UINT64_MAX - 3) };

	(void)state;
	assert_int_equal(find(seen, 5), 1);
	assert_int_equal(found[0].address, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(python3),  cmocka_unit_test(new_glibc),
		cmocka_unit_test(python36), cmocka_unit_test(python2),
		cmocka_unit_test(no_guess), cmocka_unit_test(not_a_gil),
		cmocka_unit_test(several),  cmocka_unit_test(ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
