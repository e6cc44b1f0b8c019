// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who has a mutex, in a snapshot: by the account of a mutex of this process. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "shots.h"
#include "stuck.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* Somebody has waited for the mutex for so long. */
static struct gw_lock *waited_for(struct snapshot *s, uint64_t ns)
{
	struct gw_lock *k;

	shot_begin(s, 10);
	k = shot_lock(s, 1, (uint64_t)(uintptr_t)&mutex);
	k->tgid = (uint32_t)getpid();
	k->kind = GW_KIND_MUTEX;
	s->locks[0].open_waits = 1;
	s->locks[0].open_wait_ns = ns;
	return k;
}

static uint32_t owner(struct snapshot *s)
{
	stuck_owners(s);
	return s->locks[0].owner;
}

static void of_a_mutex_that_is_held(void **state)
{
	struct snapshot s;

	(void)state;
	waited_for(&s, STUCK_NS);
	assert_int_equal(owner(&s), 0);
	pthread_mutex_lock(&mutex);
	assert_int_equal(owner(&s), gettid());
	pthread_mutex_unlock(&mutex);
	snapshot_free(&s);
}

/* Others are not read. */
static void of_mutexes_waited_for_long(void **state)
{
	struct snapshot s;

	(void)state;
	pthread_mutex_lock(&mutex);
	waited_for(&s, STUCK_NS)->kind = GW_KIND_FUTEX;
	assert_int_equal(owner(&s), 0);
	snapshot_free(&s);
	waited_for(&s, STUCK_OWNER_NS - 1);
	assert_int_equal(owner(&s), 0);
	snapshot_free(&s);
	waited_for(&s, STUCK_OWNER_NS);
	assert_int_equal(owner(&s), gettid());
	snapshot_free(&s);
	waited_for(&s, STUCK_NS)->image = 0;
	assert_int_equal(owner(&s), 0);
	pthread_mutex_unlock(&mutex);
	snapshot_free(&s);
}

/* This thread waited for it when the threads were read, and has it now. */
static void not_who_has_got_it_meanwhile(void **state)
{
	struct gw_thread *t;
	struct snapshot s;

	(void)state;
	pthread_mutex_lock(&mutex);
	waited_for(&s, STUCK_NS);
	t = shot_thread(&s, 1, 1, (uint32_t)gettid(), "t");
	t->tgid = (uint32_t)getpid();
	t->lock = 0;
	t->call = GW_CALL_WAIT;
	assert_int_equal(owner(&s), 0);
	t->call = GW_CALL_NONE;
	assert_int_equal(owner(&s), gettid());
	pthread_mutex_unlock(&mutex);
	snapshot_free(&s);
}

/* A join's word had the number of the thread whose end is waited for. */
static void of_a_join(void **state)
{
	struct snapshot s;
	struct gw_lock *k;

	(void)state;
	k = waited_for(&s, STUCK_NS);
	k->kind = GW_KIND_JOIN;
	k->first_val = (uint64_t)gettid();
	assert_int_equal(owner(&s), gettid());
	k->first_val = 4194304 + 1; /* no thread can have this number */
	s.locks[0].owner = 0;
	assert_int_equal(owner(&s), 0);
	k->first_val = 1ull << 32 | (uint64_t)gettid();
	assert_int_equal(owner(&s), 0);
	snapshot_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_mutex_that_is_held),
		cmocka_unit_test(of_mutexes_waited_for_long),
		cmocka_unit_test(of_a_join),
		cmocka_unit_test(not_who_has_got_it_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
