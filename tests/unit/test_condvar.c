// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Condition variables told from other futex words by the bytes around them. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "word.h"

#define COUNT_OF(a) (sizeof(a) / sizeof(*(a)))

/* ---- glibc's layouts as byte images ---------------------------------------
 */

/* glibc 2.25 to 2.40, struct __pthread_cond_s. */
struct cond_2_25 {
	uint64_t wseq, g1_start;
	uint32_t g_refs[2], g_size[2], g1_orig_size, wrefs, g_signals[2];
};

/* glibc 2.41 and newer. */
struct cond_2_41 {
	uint64_t wseq, g1_start;
	uint32_t g_size[2], g1_orig_size, wrefs, g_signals[2], unused[2];
};

_Static_assert(offsetof(struct cond_2_25, g_signals) == 40, "layout");
_Static_assert(offsetof(struct cond_2_41, g_signals) == 32, "layout");
_Static_assert(sizeof(struct cond_2_25) == sizeof(pthread_cond_t), "layout");
_Static_assert(sizeof(struct cond_2_41) == sizeof(pthread_cond_t), "layout");

/* With what lies before the variable: anything. */
struct image_2_25 {
	uint64_t before[5];
	struct cond_2_25 c;
};

struct image_2_41 {
	uint64_t before[5];
	struct cond_2_41 c;
};

/* A thread waits in group g2: wseq counts by 2, bit 0 is the group's index;
 * wrefs counts by 8, g_refs by 2. */
static void old_layout(void **state)
{
	static const struct {
		struct cond_2_25 c;
		int half, is;
	} of[] = {
		/* The first waiter ever. */
		{ { .wseq = 2, .g_refs = { 2, 0 }, .wrefs = 8 }, 0, 1 },
		/* Not in the other group. */
		{ { .wseq = 2, .g_refs = { 2, 0 }, .wrefs = 8 }, 1, 0 },
		/* CLOCK_MONOTONIC and a shared variable set bits of wrefs. */
		{ { .wseq = 2, .g_refs = { 2, 0 }, .wrefs = 8 | 3 }, 0, 1 },
		/* Three waiters in group 1 after many signals. */
		{ { .wseq = 1007,
		    .g1_start = 1000,
		    .g_refs = { 0, 6 },
		    .g_size = { 0, 0 },
		    .wrefs = 24 },
		  1,
		  1 },
		/* Both groups have waiters. */
		{ { .wseq = 2009,
		    .g1_start = 2001,
		    .g_refs = { 4, 4 },
		    .g_size = { 1, 0 },
		    .g1_orig_size = 8,
		    .wrefs = 32 },
		  0,
		  1 },
		/* A sequence of more than 32 bits. */
		{ { .wseq = 0x300000005,
		    .g1_start = 0x300000001,
		    .g_refs = { 0, 4 },
		    .wrefs = 16 },
		  1,
		  1 },
		/* A waiter that wakes others (bit 2 of wrefs) is no waiter. */
		{ { .wseq = 2, .g_refs = { 2, 0 }, .wrefs = 4 }, 0, 0 },
		/* Nobody waits. */
		{ { .wseq = 2, .g1_start = 2 }, 0, 0 },
		{ { .wseq = 0 }, 0, 0 },
	};
	struct image_2_25 image;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(of); i++) {
		memset(&image, 0xff, sizeof(image));
		image.c = of[i].c;
		assert_int_equal(is_condvar(&image.c.g_signals[of[i].half]),
				 of[i].is);
	}
}

/* Here g1_start is a position without a group's index in bit 0. */
static void new_layout(void **state)
{
	static const struct {
		struct cond_2_41 c;
		int is;
	} of[] = {
		{ { .wseq = 2, .wrefs = 8 }, 1 },
		{ { .wseq = 3, .wrefs = 8 | 2 }, 1 },
		{ { .wseq = 1007,
		    .g1_start = 500,
		    .wrefs = 24,
		    .g_size = { 0, 2 },
		    .g1_orig_size = 12 },
		  1 },
		/* In use for long. */
		{ { .wseq = 20000002,
		    .g1_start = 9999999,
		    .wrefs = 16,
		    .g1_orig_size = 4 },
		  1 },
		{ { .wseq = 0x300000005, .g1_start = 0x180000001, .wrefs = 16 },
		  1 },
		{ { .wseq = 2, .wrefs = 4 }, 0 },
		{ { .wseq = 1001, .g1_start = 500, .wrefs = 8 }, 0 },
		{ { .wseq = 1001, .g1_start = 502, .wrefs = 8 }, 0 },
		{ { .wseq = 0 }, 0 },
	};
	struct image_2_41 image;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(of); i++)
		for (int half = 0; half < 2; half++) {
			/* 8 bytes of another variable come into view. */
			memset(&image, 0xff, sizeof(image));
			image.c = of[i].c;
			assert_int_equal(is_condvar(&image.c.g_signals[half]),
					 of[i].is);
		}
}

/* A group of more waiters than came since its start, unless it is just being
 * switched: then its lock is taken. */
static void size_of_the_group(void **state)
{
	struct image_2_41 image = {
		.c = { .wseq = 1007, .g1_start = 500, .wrefs = 24 }
	};

	(void)state;
	image.c.g1_orig_size = 3 * 4;
	assert_int_equal(is_condvar(&image.c.g_signals[0]), 1);
	image.c.g1_orig_size = 4 * 4;
	assert_int_equal(is_condvar(&image.c.g_signals[0]), 0);
	image.c.g1_orig_size = 4 * 4 | 1;
	assert_int_equal(is_condvar(&image.c.g_signals[0]), 1);
	image.c.g1_orig_size = 4 * 4 | 2;
	assert_int_equal(is_condvar(&image.c.g_signals[0]), 1);
}

/* As many waiters as are believed, and one more. */
static void limits(void **state)
{
	struct image_2_25 image = { .c = { .wseq = CONDVAR_WAITERS_MAX * 2ull,
					   .g_refs = { 2, 2 },
					   .wrefs = 16 } };

	(void)state;
	assert_int_equal(is_condvar(&image.c.g_signals[0]), 1);
	image.c.wseq += 2;
	assert_int_equal(is_condvar(&image.c.g_signals[0]), 0);
	image.c.wseq = 10;
	image.c.wrefs = CONDVAR_WAITERS_MAX * 8u;
	image.c.g_refs[0] = CONDVAR_WAITERS_MAX * 2u;
	assert_int_equal(is_condvar(&image.c.g_signals[0]), 1);
	image.c.g_refs[0] += 2;
	assert_int_equal(is_condvar(&image.c.g_signals[0]), 0);
	image.c.g_refs[0] = 2;
	image.c.wrefs += 8;
	assert_int_equal(is_condvar(&image.c.g_signals[0]), 0);
}

/* ---- a real one -----------------------------------------------------------
 */

struct real {
	pthread_mutex_t mutex;
	uint64_t before[5];
	pthread_cond_t cond;
	int waiting, go;
};

static void *waiter(void *arg)
{
	struct real *r = arg;

	pthread_mutex_lock(&r->mutex);
	r->waiting++;
	while (!r->go)
		pthread_cond_wait(&r->cond, &r->mutex);
	pthread_mutex_unlock(&r->mutex);
	return NULL;
}

static void start_waiters(struct real *r, pthread_t *threads, int n)
{
	for (int i = 0; i < n; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, waiter, r),
				 0);
	/* The mutex is free again only when the last one waits. */
	for (int waiting = 0; waiting < n;) {
		pthread_mutex_lock(&r->mutex);
		waiting = r->waiting;
		pthread_mutex_unlock(&r->mutex);
	}
}

/* The word that new waiters sleep on lies behind wrefs, in either layout; one
 * of its pair is that of the group that they are in. */
static int recognised(const struct real *r)
{
	const uint32_t *words = (const uint32_t *)&r->cond;
	int found = 0;

	for (size_t i = 0; i < sizeof(r->cond) / 4; i++)
		if (is_condvar(&words[i])) {
			assert_true(i * 4 == 40 || i * 4 == 44 || i * 4 == 32 ||
				    i * 4 == 36);
			found++;
		}
	return found;
}

/* The word itself, as this glibc has it: group index is bit 0 of wseq. */
static const void *word_waited_on(const pthread_cond_t *cond)
{
	size_t signals = sizeof(cond->__data.__g_signals);
	const uint64_t *wseq = (const void *)cond;

	assert_int_equal(signals, 8);
	return &cond->__data.__g_signals[*wseq & 1];
}

static void real_condition_variable(int n)
{
	struct real r = { .mutex = PTHREAD_MUTEX_INITIALIZER };
	pthread_t threads[8];

	assert_int_equal(pthread_cond_init(&r.cond, NULL), 0);
	assert_int_equal(recognised(&r), 0);
	start_waiters(&r, threads, n);
	assert_true(recognised(&r) >= 1);
	assert_int_equal(is_condvar(word_waited_on(&r.cond)), 1);
	pthread_mutex_lock(&r.mutex);
	r.go = 1;
	pthread_mutex_unlock(&r.mutex);
	pthread_cond_broadcast(&r.cond);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(recognised(&r), 0);
	pthread_cond_destroy(&r.cond);
}

static void real_condition_variables(void **state)
{
	(void)state;
	real_condition_variable(1);
	real_condition_variable(3);
	real_condition_variable(8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_layout),
		cmocka_unit_test(new_layout),
		cmocka_unit_test(size_of_the_group),
		cmocka_unit_test(limits),
		cmocka_unit_test(real_condition_variables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
