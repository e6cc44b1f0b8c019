// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Futex words that are no half of a condition variable. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "word.h"

#define COUNT_OF(a) (sizeof(a) / sizeof(*(a)))

static void check_none(const char *name, const void *bytes, size_t size)
{
	const char *p = bytes;

	for (size_t i = CONDVAR_BEFORE; i + 8 <= size; i += 4)
		if (is_condvar(p + i)) {
			print_error("%s: taken for one at %zu\n", name, i);
			fail();
		}
}

static void neighbouring_mutexes(void **state)
{
	uint64_t seed = 88172645463325252u;
	uint32_t words[64] __attribute__((aligned(8)));

	(void)state;
	/* Every mix of free, locked and contended. */
	for (int round = 0; round < 1000; round++) {
		for (size_t i = 0; i < COUNT_OF(words); i++) {
			seed = seed * 6364136223846793005u + 1;
			words[i] = (uint32_t)(seed >> 60) % 3;
		}
		check_none("mutexes", words, sizeof(words));
	}
	/* Counters that waiters wait for the change of. */
	for (size_t i = 0; i < COUNT_OF(words); i++)
		words[i] = (uint32_t)i;
	check_none("small counters", words, 4 * 16);
}

static void semaphores_and_mutexes(void **state)
{
	pthread_mutex_t mutexes[8];
	sem_t sems[8];
	uint64_t waiters = 1ull << 32; /* glibc: value low, waiters high */

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sems); i++) {
		sem_init(&sems[i], 0, (unsigned int)i);
		if (i % 2)
			memcpy(&sems[i], &waiters, sizeof(waiters));
		pthread_mutex_init(&mutexes[i], NULL);
		pthread_mutex_lock(&mutexes[i]);
	}
	check_none("semaphores", sems, sizeof(sems));
	check_none("mutexes", mutexes, sizeof(mutexes));
	for (size_t i = 0; i < COUNT_OF(sems); i++)
		pthread_mutex_unlock(&mutexes[i]);
}

/* Rust's std since 1.62: Mutex is a futex word and a poison byte before the
 * data, Condvar one counter. */
static void rust_mutex_and_condvar(void **state)
{
	struct {
		uint64_t strong, weak;
		uint32_t mutex;
		uint8_t poison;
		uint64_t capacity, pointer, head, length;
		uint32_t condvar, other;
		uint64_t tail[2];
	} arc = { 3, 1, 2, 0, 16, 0x7f0012345678, 3, 5, 12345, 0, { 0 } };
	static const uint64_t boxes[] = { 3,
					  1,
					  2,
					  0x55d0c0de4010,
					  1,
					  0,
					  0x55d0c0de8040,
					  0x55d0c0de4010,
					  0x55d0c0de4040,
					  0x55d0c0de4070,
					  2 };

	(void)state;
	check_none("Arc of a queue", &arc, sizeof(arc));
	arc.mutex = 1;
	arc.condvar = UINT32_MAX;
	check_none("Arc of a queue", &arc, sizeof(arc));
	/* Pointers into one heap right before the futex word. */
	check_none("Arc of boxes", boxes, sizeof(boxes));
}

static void all_the_same(void **state)
{
	unsigned char bytes[128] __attribute__((aligned(8)));

	(void)state;
	for (unsigned int v = 0; v < 256; v++) {
		memset(bytes, (int)v, sizeof(bytes));
		check_none("equal bytes", bytes, sizeof(bytes));
	}
}

/* Uniformly random words: once in 2^50 or so, so that one in 20 million would
 * be far too many. */
static void random_bytes(void **state)
{
	uint64_t bits = 0x2545f4914f6cdd1du, taken = 0;
	struct condvar_view v;

	(void)state;
	for (int i = 0; i < 20000000; i++) {
		for (size_t w = 0; w < sizeof(v) / 8; w++) {
			bits ^= bits << 13;
			bits ^= bits >> 7;
			bits ^= bits << 17;
			memcpy((char *)&v + w * 8, &bits, 8);
		}
		taken += (uint64_t)condvar_is(&v, (uint32_t)(i & 1));
	}
	assert_int_equal(taken, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbouring_mutexes),
		cmocka_unit_test(semaphores_and_mutexes),
		cmocka_unit_test(rust_mutex_and_condvar),
		cmocka_unit_test(all_the_same),
		cmocka_unit_test(random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
