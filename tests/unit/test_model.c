// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From two snapshots to the figures between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "shots.h"

/* ---- differences ----------------------------------------------------------
 */

/* Every counter apart: none is taken for another. */
static void lock_counters(void **state)
{
	const struct model_lock *l;
	struct gw_lock *b, *a;
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	a = shot_lock_at(&p.before, 0);
	b = shot_lock_at(&p.now, 0);
#define GREW(field, by) (a->field = 1000, b->field = 1000 + (by))
	GREW(waits, 1);
	GREW(acquired, 2);
	GREW(handoffs, 3);
	GREW(inferred, 4);
	GREW(cross, 5);
	GREW(failed[GW_STOLEN], 6);
	GREW(failed[GW_TIMEOUT], 7);
	GREW(failed[GW_RACE], 8);
	GREW(failed[GW_SIGNAL], 9);
	GREW(wakes, 10);
	GREW(wakes_empty, 11);
	GREW(wait_ns, 12);
	GREW(blocked_ns, 13);
	GREW(runnable_ns, 14);
	GREW(held_ns, 15);
	GREW(inner_ns, 16);
	GREW(switch_ns, 17);
	GREW(lost, 18);
	b->kind = GW_KIND_SEM;
	b->waiting_max = 19;
	shot_pair_close(&p);
	l = shot_lock_row(&p.m, 0x1000);
	assert_non_null(l);
	assert_int_equal(l->waits, 1);
	assert_int_equal(l->acquired, 2);
	assert_int_equal(l->handoffs, 3);
	assert_int_equal(l->inferred, 4);
	assert_int_equal(l->cross, 5);
	for (unsigned int i = 0; i < GW_RESULTS; i++)
		assert_int_equal(l->failed[i], 6 + i);
	assert_int_equal(l->wakes, 10);
	assert_int_equal(l->wakes_empty, 11);
	assert_int_equal(l->wait_ns, 12);
	assert_int_equal(l->blocked_ns, 13);
	assert_int_equal(l->runnable_ns, 14);
	assert_int_equal(l->hold_ns, 15);
	assert_int_equal(l->inner_ns, 16);
	assert_int_equal(l->switch_ns, 17);
	assert_int_equal(l->lost, 18);
	assert_int_equal(l->waiters_max, 19);
	assert_int_equal(l->kind, GW_KIND_SEM);
	assert_int_equal(l->pid, 1000);
	assert_string_equal(l->comm, "app");
	shot_pair_end(&p);
}

static void thread_counters(void **state)
{
	const struct model_thread *t;
	struct gw_thread *a, *b;
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	a = shot_thread_at(&p.before, 1);
	b = shot_thread_at(&p.now, 1);
	a->since_ns = p.before.now_ns;
	b->since_ns = p.now.now_ns;
	GREW(time_ns[GW_RUNNING], 1);
	GREW(time_ns[GW_RUNNABLE], 2);
	GREW(time_ns[GW_LOCK_WAIT], 3);
	GREW(time_ns[GW_SLEEPING], 4);
	GREW(voluntary, 5);
	GREW(sleeps, 6);
	GREW(preempted, 7);
	GREW(waits, 8);
	GREW(wakeups, 9);
	GREW(migrations, 10);
	GREW(failed[GW_STOLEN], 11);
	shot_pair_close(&p);
	t = shot_thread_row(&p.m, 2);
	assert_non_null(t);
	for (unsigned int i = 0; i < GW_RUN_STATES; i++)
		assert_int_equal(t->time_ns[i], 1 + i);
	assert_int_equal(t->wall_ns, 10);
	assert_int_equal(t->voluntary, 5);
	assert_int_equal(t->sleeps, 6);
	assert_int_equal(t->preempted, 7);
	assert_int_equal(t->waits, 8);
	assert_int_equal(t->wakeups, 9);
	assert_int_equal(t->migrations, 10);
	assert_int_equal(t->failed[GW_STOLEN], 11);
	assert_int_equal(t->tid, 102);
	assert_false(t->ended);
	shot_pair_end(&p);
}

static void total_is_since_the_start(void **state)
{
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	snapshot_close(&p.now);
	assert_int_equal(model_new(&p.m, NULL, &p.now, true), 0);
	assert_true(p.m.total);
	assert_int_equal(p.m.start_unix_ns, SHOT_UNIX_NS);
	assert_int_equal(p.m.end_unix_ns, SHOT_UNIX_NS + 2 * SHOT_S);
	assert_int_equal(p.m.window_ns, 2 * SHOT_S);
	assert_int_equal(shot_lock_row(&p.m, 0x1000)->waits, 11);
	assert_int_equal(shot_thread_row(&p.m, 1)->wall_ns, 2 * SHOT_S);
	shot_pair_end(&p);
}

static void interval_is_between(void **state)
{
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	p.before.cost.cpu_ns = 5;
	p.now.cost = (struct snapshot_cost){ .cpu_ns = 12, .map_bytes = 4096 };
	shot_pair_close(&p);
	assert_false(p.m.total);
	assert_int_equal(p.m.start_unix_ns, SHOT_UNIX_NS + SHOT_S);
	assert_int_equal(p.m.end_unix_ns, SHOT_UNIX_NS + 2 * SHOT_S);
	assert_int_equal(p.m.window_ns, SHOT_S);
	assert_int_equal(p.m.cost.cpu_ns, 7);
	assert_int_equal(p.m.cost.map_bytes, 4096);
	assert_int_equal(shot_thread_row(&p.m, 1)->wall_ns, SHOT_S);
	shot_pair_end(&p);
}

/* An open part can end earlier than it was counted to. */
static void counter_that_went_back(void **state)
{
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	shot_lock_at(&p.before, 0)->held_ns = 500;
	shot_lock_at(&p.now, 0)->held_ns = 400;
	shot_thread_at(&p.before, 0)->gil_wait_ns = 9;
	shot_lock_at(&p.now, 0)->kind = GW_KIND_GIL;
	shot_pair_close(&p);
	assert_int_equal(shot_lock_row(&p.m, 0x1000)->hold_ns, 0);
	assert_int_equal(shot_thread_row(&p.m, 1)->gil_wait_ns, 0);
	shot_pair_end(&p);
}

/* Another lock in the same place of the table: nothing is taken off. */
static void lock_of_another_image_or_address(void **state)
{
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	shot_lock_at(&p.before, 0)->image = 7;
	shot_lock_at(&p.before, 1)->id = 0x3000;
	shot_pair_close(&p);
	assert_int_equal(shot_lock_row(&p.m, 0x1000)->waits, 11);
	assert_int_equal(shot_lock_row(&p.m, 0x2000)->waits, 11);
	shot_pair_end(&p);
}

static void counters_near_their_end(void **state)
{
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	shot_lock_at(&p.before, 0)->wait_ns = UINT64_MAX - 10;
	shot_lock_at(&p.now, 0)->wait_ns = UINT64_MAX - 3;
	shot_pair_close(&p);
	assert_int_equal(shot_lock_row(&p.m, 0x1000)->wait_ns, 7);
	shot_pair_end(&p);
}

/* ---- windows in which nothing happens -------------------------------------
 */

static void calm_locks_have_no_row(void **state)
{
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	shot_lock_at(&p.now, 0)->waits = shot_lock_at(&p.before, 0)->waits;
	/* Somebody waits still: not calm. */
	shot_lock_at(&p.now, 1)->waits = shot_lock_at(&p.before, 1)->waits;
	p.now.locks[1].open_waits = 1;
	shot_pair_close(&p);
	assert_int_equal(p.m.nlocks, 1);
	assert_null(shot_lock_row(&p.m, 0x1000));
	assert_non_null(shot_lock_row(&p.m, 0x2000));
	shot_pair_end(&p);
}

static void nothing_at_all(void **state)
{
	struct shot_pair p = { 0 };

	(void)state;
	shot_begin(&p.before, 1);
	shot_begin(&p.now, 1);
	shot_pair_close(&p);
	assert_int_equal(p.m.nprocesses, 0);
	assert_int_equal(p.m.nlocks, 0);
	assert_int_equal(p.m.nthreads, 0);
	assert_int_equal(p.m.nhandoffs, 0);
	assert_int_equal(p.m.nmigrations, 0);
	assert_int_equal(p.m.window_ns, 0);
	assert_false(model_lossy(&p.m));
	shot_pair_end(&p);
}

static void lost_by_cause(void **state)
{
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	for (unsigned int i = 0; i < GW_LOST_CAUSES; i++) {
		p.before.lost[i] = 10;
		p.now.lost[i] = 10;
	}
	shot_pair_close(&p);
	assert_false(model_lossy(&p.m));
	model_free(&p.m);
	for (unsigned int i = 0; i < GW_LOST_CAUSES; i++) {
		p.now.lost[i] = 10 + i + 1;
		assert_int_equal(model_new(&p.m, &p.before, &p.now, true), 0);
		assert_int_equal(p.m.lost[i], i + 1);
		assert_true(model_lossy(&p.m));
		model_free(&p.m);
		p.now.lost[i] = 10;
	}
	shot_pair_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lock_counters),
		cmocka_unit_test(thread_counters),
		cmocka_unit_test(total_is_since_the_start),
		cmocka_unit_test(interval_is_between),
		cmocka_unit_test(counter_that_went_back),
		cmocka_unit_test(lock_of_another_image_or_address),
		cmocka_unit_test(counters_near_their_end),
		cmocka_unit_test(calm_locks_have_no_row),
		cmocka_unit_test(nothing_at_all),
		cmocka_unit_test(lost_by_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
