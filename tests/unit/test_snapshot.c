// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What lasts at the moment of a snapshot, counted up to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "shots.h"

#define US 1000ull
#define MS 1000000ull

/* A thread that waits for lock 0 since `since`, asleep all the while. */
static struct gw_thread *waiter(struct snapshot *s, uint32_t serial,
				uint64_t since)
{
	struct gw_thread *t =
		shot_thread(s, serial, 1, 100 + serial, "waiter");

	t->run = GW_LOCK_WAIT;
	t->since_ns = since;
	t->call = GW_CALL_WAIT;
	t->lock = 0;
	t->call_ns = since;
	t->episode[0] =
		(struct gw_episode){ .phase = GW_WAITING, .start_ns = since };
	return t;
}

/* A thread that came back from a wait for lock 0 and runs since then. */
static struct gw_thread *returned(struct snapshot *s, uint64_t start,
				  uint64_t back, enum gw_result result)
{
	struct gw_thread *t = shot_thread(s, 7, 1, 107, "returned");

	t->since_ns = back;
	t->episode[0] = (struct gw_episode){ .phase = GW_TENTATIVE,
					     .result = (uint8_t)result,
					     .start_ns = start,
					     .return_ns = back };
	return t;
}

static const struct gw_thread *thread(const struct snapshot *s, size_t i)
{
	return &s->threads[i].live.thread;
}

static void open_waits_count_up_to_now(void **state)
{
	struct snapshot s;
	struct gw_lock *l;

	(void)state;
	shot_begin(&s, 10);
	l = shot_lock(&s, 1, 0x1000);
	l->waiting = 2;
	l->busy_ns = 5 * MS;
	l->busy_since_ns = s.now_ns - 3000 * MS;
	waiter(&s, 1, s.now_ns - 3000 * MS);
	waiter(&s, 2, s.now_ns - 500 * MS);
	snapshot_close(&s);
	assert_int_equal(s.locks[0].open_waits, 2);
	assert_int_equal(s.locks[0].open_wait_ns, 3000 * MS);
	assert_int_equal(s.locks[0].k.wait_ns, 3500 * MS);
	assert_int_equal(s.locks[0].k.busy_ns, 3005 * MS);
	assert_int_equal(s.locks[0].k.blocked_ns, 3500 * MS);
	assert_int_equal(s.locks[0].k.max[GW_WAIT].recent, 3000 * MS);
	assert_int_equal(s.locks[0].k.max[GW_WAIT].window, 10);
	assert_int_equal(s.locks[0].k.acquired, 0);
	assert_int_equal(thread(&s, 0)->time_ns[GW_LOCK_WAIT], 3000 * MS);
	snapshot_free(&s);
}

/* Failed wakeups before: the episode is older than the call. */
static void open_wait_after_failed_wakeups(void **state)
{
	struct snapshot s;
	struct gw_thread *t;

	(void)state;
	shot_begin(&s, 10);
	shot_lock(&s, 1, 0x1000);
	t = waiter(&s, 1, s.now_ns - 5 * MS);
	t->episode[0].start_ns = s.now_ns - 500 * MS;
	t->time_ns[GW_LOCK_WAIT] = 400 * MS;
	t->call_wait_ns = 400 * MS;
	snapshot_close(&s);
	assert_int_equal(s.locks[0].open_wait_ns, 500 * MS);
	assert_int_equal(s.locks[0].k.wait_ns, 500 * MS);
	assert_int_equal(s.locks[0].k.blocked_ns, 5 * MS);
	snapshot_free(&s);
}

static void open_wait_that_is_runnable(void **state)
{
	struct snapshot s;
	struct gw_thread *t;

	(void)state;
	shot_begin(&s, 10);
	shot_lock(&s, 1, 0x1000)->kind = GW_KIND_GIL;
	t = waiter(&s, 1, s.now_ns - 5 * MS);
	t->run = GW_RUNNABLE;
	t->since_ns = s.now_ns - 1 * MS;
	t->time_ns[GW_LOCK_WAIT] = 4 * MS;
	snapshot_close(&s);
	assert_int_equal(s.locks[0].k.blocked_ns, 4 * MS);
	assert_int_equal(s.locks[0].k.runnable_ns, 1 * MS);
	assert_int_equal(thread(&s, 0)->gil_wait_ns, 4 * MS);
	assert_int_equal(thread(&s, 0)->gil_delay_ns, 5 * MS);
	assert_int_equal(thread(&s, 0)->time_ns[GW_RUNNABLE], 1 * MS);
	snapshot_free(&s);
}

static void open_inner_and_switch_waits(void **state)
{
	struct snapshot s;

	(void)state;
	shot_begin(&s, 10);
	shot_lock(&s, 1, 0x1000);
	waiter(&s, 1, s.now_ns - 3 * MS)->role = GW_ROLE_INNER;
	waiter(&s, 2, s.now_ns - 5 * MS)->role = GW_ROLE_SWITCH;
	for (size_t i = 0; i < s.nthreads; i++)
		s.threads[i].live.thread.episode[0].phase = GW_IDLE;
	snapshot_close(&s);
	assert_int_equal(s.locks[0].k.inner_ns, 3 * MS);
	assert_int_equal(s.locks[0].k.switch_ns, 5 * MS);
	assert_int_equal(s.locks[0].k.wait_ns, 0);
	assert_int_equal(s.locks[0].k.blocked_ns, 0);
	assert_int_equal(s.locks[0].open_waits, 0);
	snapshot_free(&s);
}

static void running_threads(void **state)
{
	struct snapshot s;

	(void)state;
	shot_begin(&s, 10);
	shot_thread(&s, 1, 1, 101, "runs");
	shot_thread(&s, 2, 1, 102, "sleeps")->run = GW_SLEEPING;
	shot_thread(&s, 3, 1, 103, "ended")->time_ns[GW_RUNNING] = 7;
	s.threads[2].ended = true;
	snapshot_close(&s);
	assert_int_equal(thread(&s, 0)->time_ns[GW_RUNNING], 10 * SHOT_S);
	assert_int_equal(thread(&s, 1)->time_ns[GW_SLEEPING], 10 * SHOT_S);
	assert_int_equal(thread(&s, 2)->time_ns[GW_RUNNING], 7);
	snapshot_free(&s);
}

static void open_holds(void **state)
{
	struct snapshot s;
	struct gw_lock *l;

	(void)state;
	shot_begin(&s, 10);
	l = shot_lock(&s, 1, 0x1000);
	l->hold_ns = s.now_ns - 900 * MS;
	l->held_ns = 100 * MS;
	l->waiting = 1;
	/* Begun after the moment; not in use; nobody waits, so that a release
	 * would not be seen. */
	l = shot_lock(&s, 1, 0x2000);
	l->hold_ns = s.now_ns + 5;
	l->waiting = 1;
	l = shot_lock(&s, 0, 0);
	l->hold_ns = 1;
	l->waiting = 1;
	shot_lock(&s, 1, 0x3000)->hold_ns = s.now_ns - 900 * MS;
	snapshot_close(&s);
	assert_int_equal(s.locks[0].k.held_ns, 1000 * MS);
	assert_int_equal(s.locks[0].k.max[GW_HOLD].recent, 900 * MS);
	assert_int_equal(s.locks[1].k.held_ns, 0);
	assert_int_equal(s.locks[2].k.held_ns, 0);
	assert_int_equal(s.locks[3].k.held_ns, 0);
	snapshot_free(&s);
}

/* Long on a CPU since its return: it has the lock, though nothing has told the
 * kernel side so yet. */
static void settled_by_time(void **state)
{
	struct snapshot s;
	struct gw_thread *t;

	(void)state;
	shot_begin(&s, 10);
	shot_lock(&s, 1, 0x1000)->waiting = 1;
	t = returned(&s, s.now_ns - 3 * MS, s.now_ns - 1 * MS, GW_STOLEN);
	t->episode[0].from =
		(struct gw_release){ .ns = s.now_ns - 2 * MS, .thread = 200 };
	snapshot_close(&s);
	assert_int_equal(s.locks[0].k.acquired, 1);
	assert_int_equal(s.locks[0].k.handoffs, 1);
	assert_int_equal(s.locks[0].k.wait_ns, 2 * MS);
	assert_int_equal(s.locks[0].k.held_ns, 1 * MS);
	assert_int_equal(s.nedges, 1);
	assert_int_equal(s.edges[0].from, 200);
	assert_int_equal(s.edges[0].to, 7);
	assert_int_equal(s.edges[0].handoffs, 1);
	snapshot_free(&s);
}

/* Open still: its waiting so far counts, nothing as acquired. */
static void still_tentative(void **state)
{
	struct snapshot s;

	(void)state;
	shot_begin(&s, 10);
	shot_lock(&s, 1, 0x1000);
	returned(&s, s.now_ns - 3 * MS, s.now_ns - 5 * US, GW_STOLEN);
	snapshot_close(&s);
	assert_int_equal(s.locks[0].k.acquired, 0);
	assert_int_equal(s.locks[0].k.wait_ns, 3 * MS - 5 * US);
	assert_int_equal(s.locks[0].open_waits, 0);
	snapshot_free(&s);
}

static void settled_into_a_known_pair(void **state)
{
	struct snapshot s;
	struct gw_thread *t;

	(void)state;
	shot_begin(&s, 10);
	shot_lock(&s, 1, 0x1000);
	shot_edge(&s, 0, 200, 7, 41);
	shot_edge(&s, 0, 7, 200, 8);
	t = returned(&s, s.now_ns - 3 * MS, s.now_ns - 1 * MS, GW_STOLEN);
	t->episode[0].from =
		(struct gw_release){ .ns = s.now_ns - 2 * MS, .thread = 200 };
	snapshot_close(&s);
	assert_int_equal(s.nedges, 2);
	assert_int_equal(s.edges[0].from, 7);
	assert_int_equal(s.edges[0].handoffs, 8);
	assert_int_equal(s.edges[1].handoffs, 42);
	snapshot_free(&s);
}

/* The record of a thread that runs on another CPU can be newer than the
 * moment at which it is said to have been read. */
static void record_newer_than_the_moment(void **state)
{
	struct snapshot s;
	struct gw_thread *t;

	(void)state;
	shot_begin(&s, 10);
	shot_lock(&s, 1, 0x1000);
	waiter(&s, 1, s.now_ns + 5 * US);
	t = waiter(&s, 2, s.now_ns + 5 * US);
	t->role = GW_ROLE_INNER;
	t->episode[0].phase = GW_IDLE;
	t = waiter(&s, 3, s.now_ns + 5 * US);
	t->role = GW_ROLE_SWITCH;
	t->episode[0].phase = GW_IDLE;
	t = returned(&s, s.now_ns - 3 * MS, s.now_ns + 5 * US, GW_STOLEN);
	t->since_ns = s.now_ns - 1 * MS;
	t->episode[0].cpu_ns = 1 * MS + 5 * US;
	snapshot_close(&s);
	assert_true(s.locks[0].k.wait_ns <= 3 * MS + 10 * US);
	assert_true(s.locks[0].k.inner_ns <= 10 * US);
	assert_true(s.locks[0].k.switch_ns <= 10 * US);
	/* 5 us on a CPU at most. */
	assert_int_equal(s.locks[0].k.acquired, 0);
	snapshot_free(&s);
}

/* A wait and a hold of 3 s over windows of 1 s: each has its part, and the
 * parts add up. */
static void parts_of_windows_add_up(void **state)
{
	uint64_t wait = 0, held = 0, running = 0;
	struct gw_lock *l;
	struct snapshot s;

	(void)state;
	for (uint64_t second = 1; second <= 4; second++) {
		shot_begin(&s, second);
		l = shot_lock(&s, 1, 0x1000);
		l->hold_ns = SHOT_START_NS;
		l->waiting = 1;
		waiter(&s, 1, SHOT_START_NS + 500 * MS);
		shot_thread(&s, 2, 1, 102, "runs");
		snapshot_close(&s);
		wait += second == 1 ? 500 * MS : SHOT_S;
		held += SHOT_S;
		running += SHOT_S;
		assert_int_equal(s.locks[0].k.wait_ns, wait);
		assert_int_equal(s.locks[0].k.held_ns, held);
		assert_int_equal(thread(&s, 1)->time_ns[GW_RUNNING], running);
		snapshot_free(&s);
	}
}

/* Closing a later copy of the same records only adds. */
static void twice_in_a_row(void **state)
{
	struct snapshot raw, first, second;
	struct gw_thread *t;
	struct gw_lock *l;

	(void)state;
	shot_begin(&raw, 10);
	l = shot_lock(&raw, 1, 0x1000);
	l->hold_ns = raw.now_ns - 9 * MS;
	l->waiting = 1;
	waiter(&raw, 1, raw.now_ns - 4 * MS);
	t = returned(&raw, raw.now_ns - 8 * MS, raw.now_ns - 10 * US,
		     GW_TIMEOUT);
	t->episode[0].from =
		(struct gw_release){ .ns = raw.now_ns - 20 * US, .thread = 200 };
	shot_copy(&first, &raw);
	shot_copy(&second, &raw);
	second.now_ns += MS;
	for (size_t i = 0; i < second.nthreads; i++)
		second.threads[i].live.now_ns += MS;
	snapshot_close(&first);
	snapshot_close(&second);
	assert_int_equal(first.locks[0].k.acquired, 0);
	assert_int_equal(second.locks[0].k.acquired, 1);
	assert_true(second.locks[0].k.wait_ns == first.locks[0].k.wait_ns + MS);
	assert_true(second.locks[0].k.blocked_ns > first.locks[0].k.blocked_ns);
	assert_true(second.locks[0].k.held_ns >= first.locks[0].k.held_ns);
	assert_int_equal(first.locks[0].k.wait_ns, 4 * MS + 8 * MS - 10 * US);
	snapshot_free(&raw);
	snapshot_free(&first);
	snapshot_free(&second);
}

static void tables_are_sorted(void **state)
{
	struct snapshot s;

	(void)state;
	shot_begin(&s, 1);
	shot_thread(&s, 9, 1, 1, "a");
	shot_thread(&s, 3, 1, 2, "b");
	shot_image(&s, 5, "five");
	shot_image(&s, 2, "two");
	shot_lock(&s, 1, 1);
	shot_lock(&s, 1, 2);
	shot_edge(&s, 1, 1, 2, 1);
	shot_edge(&s, 0, 2, 1, 1);
	shot_edge(&s, 0, 1, 9, 1);
	shot_edge(&s, 0, 1, 3, 1);
	snapshot_close(&s);
	assert_int_equal(thread(&s, 0)->serial, 3);
	assert_int_equal(s.edges[0].to, 3);
	assert_int_equal(s.edges[1].to, 9);
	assert_int_equal(s.edges[2].from, 2);
	assert_int_equal(s.edges[3].lock, 1);
	assert_string_equal(snapshot_image(&s, 2)->comm, "two");
	assert_string_equal(snapshot_image(&s, 5)->comm, "five");
	assert_null(snapshot_image(&s, 3));
	snapshot_free(&s);
	assert_null(snapshot_image(&s, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_waits_count_up_to_now),
		cmocka_unit_test(open_wait_after_failed_wakeups),
		cmocka_unit_test(open_wait_that_is_runnable),
		cmocka_unit_test(open_inner_and_switch_waits),
		cmocka_unit_test(running_threads),
		cmocka_unit_test(open_holds),
		cmocka_unit_test(settled_by_time),
		cmocka_unit_test(still_tentative),
		cmocka_unit_test(settled_into_a_known_pair),
		cmocka_unit_test(record_newer_than_the_moment),
		cmocka_unit_test(parts_of_windows_add_up),
		cmocka_unit_test(twice_in_a_row),
		cmocka_unit_test(tables_are_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
