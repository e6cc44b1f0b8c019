// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is retired, what never is, and that nothing is lost by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ledger.h"
#include "shots.h"

#define LONG_NS (10 * RETIRE_IDLE_NS)

static int begin(void **state)
{
	(void)state;
	ledger_begin();
	return 0;
}

static int end(void **state)
{
	(void)state;
	ledger_end();
	return 0;
}

static struct gw_lock *rest_lock(uint32_t image)
{
	struct tables *t = ledger_tables();

	for (uint32_t i = 0; i < LEDGER_LOCKS; i++)
		if (t->locks[i].kind == GW_KIND_REST &&
		    t->locks[i].image == image)
			return &t->locks[i];
	return NULL;
}

static void fill_locks(uint32_t n)
{
	ledger_alive(1, "app", 1);
	for (uint32_t i = 0; i < n; i++)
		ledger_lock(1, 0x1000 + 16 * i, i + 1, LONG_NS);
}

/* ---- locks ----------------------------------------------------------------
 */

static void nothing_to_do(void **state)
{
	(void)state;
	fill_locks(LEDGER_LOCKS * 3 / 4 - 1);
	ledger_run(2);
	assert_int_equal(tables_locks_used(ledger_tables()),
			 LEDGER_LOCKS * 3 / 4 - 1);
	assert_null(rest_lock(1));
}

static void least_used_go_first(void **state)
{
	uint64_t before;

	(void)state;
	fill_locks(LEDGER_LOCKS);
	before = ledger_waits();
	ledger_run(2);
	/* Half of them stay, and the sum. */
	assert_int_equal(tables_locks_used(ledger_tables()),
			 LEDGER_LOCKS / 2 + 1);
	assert_int_equal(ledger_waits(), before);
	assert_int_equal(rest_lock(1)->folded, LEDGER_LOCKS / 2);
	assert_int_equal(rest_lock(1)->waits, 8 * 9 / 2);
	assert_int_equal(ledger_word(1, 0x1000), GW_NO_LOCK);
	assert_int_equal(ledger_word(1, 0x1000 + 16 * 15), 15);
}

static void busy_ones_stay(void **state)
{
	struct gw_lock *k;

	(void)state;
	fill_locks(LEDGER_LOCKS);
	k = ledger_tables()->locks;
	k[0].waiting = 1;
	k[1].released.ns = LEDGER_NOW - RETIRE_IDLE_NS / 2;
	k[2].busy_since_ns = LEDGER_NOW - 1;
	k[3].hold_ns = LEDGER_NOW - 1;
	k[4].kind = GW_KIND_GIL;
	ledger_refer(5);
	ledger_run(2);
	for (uint32_t i = 0; i <= 5; i++) {
		assert_int_equal(k[i].id, 0x1000 + 16 * i);
		assert_int_equal(ledger_word(1, 0x1000 + 16 * i), i);
	}
	assert_int_equal(k[5].waits, 6);
}

/* The one that stands for those without an entry: its next one is another. */
static void the_unlisted_go_too(void **state)
{
	uint64_t before;

	(void)state;
	fill_locks(LEDGER_LOCKS - 1);
	ledger_lock(1, GW_WORD_UNLISTED, 0, LONG_NS);
	ledger_tables()->locks[LEDGER_LOCKS - 1].kind = GW_KIND_UNLISTED;
	before = ledger_waits();
	ledger_run(2);
	assert_int_equal(ledger_waits(), before);
	assert_int_equal(ledger_word(1, GW_WORD_UNLISTED), GW_NO_LOCK);
	for (uint32_t i = 0; i < LEDGER_LOCKS; i++)
		assert_int_not_equal(ledger_tables()->locks[i].kind,
				     GW_KIND_UNLISTED);
}

static void counted_late(void)
{
	ledger_tables()->locks[0].waits += 1000;
}

/* A program that had found the lock before its word was dropped. */
static void what_is_counted_meanwhile_is_not_lost(void **state)
{
	uint64_t before;

	(void)state;
	fill_locks(LEDGER_LOCKS);
	before = ledger_waits();
	ledger_meanwhile(counted_late);
	ledger_run(2);
	assert_int_equal(ledger_waits(), before + 1000);
	assert_true(rest_lock(1)->waits >= 1000);
}

/* Entries are used again in any order, and the sum grows. */
static void a_thousand_locks(void **state)
{
	uint64_t want = 0;

	(void)state;
	ledger_alive(1, "app", 1);
	for (uint32_t i = 0; i < 1000; i++) {
		if (tables_locks_used(ledger_tables()) == LEDGER_LOCKS)
			ledger_run(2);
		ledger_lock(1, 0x10000 + 16 * i, 1 + i % 7, LONG_NS);
		want += 1 + i % 7;
	}
	assert_int_equal(ledger_waits(), want);
	assert_true(rest_lock(1)->folded > 900);
}

/* ---- handoffs -------------------------------------------------------------
 */

static void pairs_follow_their_locks(void **state)
{
	struct gw_edge *e = ledger_tables()->edges;

	(void)state;
	fill_locks(LEDGER_LOCKS);
	ledger_edge(0, 7, 8, 10);
	ledger_edge(1, 7, 8, 20);
	ledger_edge(1, 8, 7, 5);
	ledger_edge(15, 7, 8, 1);
	ledger_run(2);
	assert_int_equal(ledger_handoffs(), 36);
	assert_int_equal(tables_edges_used(ledger_tables()), 3);
	for (uint32_t i = 0; i < LEDGER_EDGES; i++)
		if (e[i].to == 8 && e[i].lock != 15) {
			assert_int_equal(e[i].handoffs, 30);
			assert_ptr_equal(&ledger_tables()->locks[e[i].lock],
					 rest_lock(1));
		}
}

static void pair_made_late(void)
{
	ledger_edge(1, 9, 8, 1);
}

static void second_period(void)
{
	ledger_meanwhile(pair_made_late);
}

/* By a program that ran when its thread was asked which locks it refers to: as
 * an entry of a lock that is gone it would be in no row. */
static void late_pairs_follow_too(void **state)
{
	const struct gw_edge *e = ledger_tables()->edges;

	(void)state;
	fill_locks(LEDGER_LOCKS);
	ledger_edge(1, 7, 8, 20);
	ledger_meanwhile(second_period);
	ledger_run(2);
	assert_int_equal(ledger_handoffs(), 21);
	for (uint32_t i = 0; i < LEDGER_EDGES; i++)
		if (e[i].to)
			assert_ptr_equal(&ledger_tables()->locks[e[i].lock],
					 rest_lock(1));
}

static void rarest_pairs_become_any(void **state)
{
	const struct gw_edge *e = ledger_tables()->edges, *any = NULL;

	(void)state;
	ledger_lock(1, 0x1000, 1, 0);
	for (uint32_t i = 0; i < LEDGER_EDGES; i++)
		ledger_edge(0, 100 + i, 200 + i, 1 + i);
	ledger_run(2);
	assert_int_equal(ledger_handoffs(), 16 * 17 / 2);
	assert_int_equal(tables_edges_used(ledger_tables()),
			 LEDGER_EDGES / 2 + 1);
	for (uint32_t i = 0; i < LEDGER_EDGES; i++)
		if (e[i].to == GW_THREAD_REST)
			any = &e[i];
	assert_non_null(any);
	assert_int_equal(any->from, GW_THREAD_REST);
	assert_int_equal(any->handoffs, 8 * 9 / 2);
}

/* ---- threads and processes ------------------------------------------------
 */

static void ended_threads_become_sums(void **state)
{
	const struct past *p = ledger_past();
	uint64_t before;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++)
		ledger_ended(1, i % 2 ? "odd" : "even", i, 1);
	before = ledger_running();
	ledger_run(1);
	assert_int_equal(p->nended, RETIRE_THREADS_KEPT);
	assert_int_equal(p->nrests, 2);
	assert_int_equal(ledger_running(), before);
	assert_int_equal(p->rests[0].live.thread.folded +
				 p->rests[1].live.thread.folded,
			 5000 - RETIRE_THREADS_KEPT);
	/* The busiest stay. */
	for (size_t i = 0; i < p->nended; i++)
		assert_true(p->ended[i].live.thread.time_ns[GW_RUNNING] >=
			    5000 - RETIRE_THREADS_KEPT);
}

static void their_pairs_follow(void **state)
{
	uint32_t first, serial;

	(void)state;
	ledger_lock(1, 0x1000, 1, 0);
	first = ledger_ended(1, "worker", 0, 1);
	ledger_edge(0, first, 9999, 3);
	for (uint32_t i = 0; i < 3000; i++)
		serial = ledger_ended(1, "worker", 10, 1);
	ledger_edge(0, 9999, serial, 4);
	ledger_run(1);
	assert_int_equal(ledger_handoffs(), 7);
	assert_int_equal(ledger_tables()->edges[0].from,
			 ledger_past()->rests[0].live.thread.serial);
}

static void many_names_are_one_sum(void **state)
{
	const struct past *p = ledger_past();
	char name[GW_COMM_LEN];

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "t%u", i);
		ledger_ended(1, name, 1, 1);
	}
	ledger_run(1);
	assert_int_equal(p->nrests, PAST_THREAD_NAMES + 1);
	assert_int_equal(ledger_running(), 5000);
}

static uint32_t gone;

static void on_gone(void *ctx, uint32_t image)
{
	(void)ctx;
	assert_true(image);
	gone++;
}

static void ended_processes_become_sums(void **state)
{
	const struct past *p = ledger_past();
	const uint32_t n = 3 * RETIRE_IMAGES_KEPT;
	uint32_t sum = 0;

	(void)state;
	gone = 0;
	ledger_retire()->gone = on_gone;
	for (uint32_t i = 1; i <= n; i++)
		ledger_ended(i, "child", 100, 1);
	ledger_alive(n + 1, "app", 3);
	ledger_lock(1, 0x1000, 5, 0);
	ledger_lock(2, 0x1000, 6, 0);
	ledger_lock(3, 0x2000, 0, 0);
	ledger_run(3);
	assert_int_equal(gone, n - RETIRE_IMAGES_KEPT);
	/* Those kept, the living one, the sum. */
	assert_int_equal(p->nimages, RETIRE_IMAGES_KEPT + 2);
	for (size_t i = 0; i < p->nimages; i++)
		if (p->images[i].folded)
			sum = (uint32_t)i;
	assert_int_equal(p->images[sum].folded, n - RETIRE_IMAGES_KEPT);
	assert_int_equal(p->images[sum].tgid, 0);
	/* The two that waited are still told apart. */
	assert_int_equal(ledger_tables()->locks[0].image, 1);
	assert_int_equal(ledger_tables()->locks[1].image, 2);
	assert_int_equal(rest_lock(p->images[sum].image)->folded, 1);
	assert_int_equal(ledger_running(), 100 * n);
}

static void a_living_process_stays(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 3 * RETIRE_IMAGES_KEPT; i++) {
		ledger_ended(i, "child", 100, 1);
		ledger_alive(i, "child", 3);
	}
	ledger_run(3);
	assert_int_equal(ledger_past()->nimages, 3 * RETIRE_IMAGES_KEPT);
}

/* Sums of a process that goes go into those of its name. */
static void sums_of_sums(void **state)
{
	const struct past *p = ledger_past();
	const uint32_t n = 3 * RETIRE_IMAGES_KEPT;

	(void)state;
	for (uint32_t i = 0; i < 4000; i++)
		ledger_ended(1, "worker", 1, 1);
	ledger_run(1);
	assert_int_equal(p->nrests, 1);
	for (uint32_t i = 2; i <= n; i++)
		ledger_ended(i, "worker", 1, 1);
	ledger_run(5);
	assert_int_equal(p->nrests, 1);
	assert_int_equal(p->rests[0].live.thread.tgid, 0);
	assert_int_equal(ledger_running(), 4000 + n - 1);
	assert_int_equal(p->rests[0].live.thread.folded + p->nended,
			 4000 + n - 1);
}

/* ---- what is compared with ------------------------------------------------
 */

/* A window's figures are those of the window, whatever is folded at its end. */
static void a_window_sees_only_its_own(void **state)
{
	struct snapshot before, now;
	struct model m;
	uint64_t waits = 0;
	struct gw_lock *k = ledger_tables()->locks;

	(void)state;
	fill_locks(LEDGER_LOCKS);
	shot_begin(&before, 1);
	shot_image(&before, 1, "app");
	for (uint32_t i = 0; i < LEDGER_LOCKS; i++)
		*shot_lock(&before, 1, k[i].id) = k[i];
	k[0].waits += 3;
	k[15].waits += 4;
	ledger_retire()->kept[ledger_retire()->nkept++] = &before;
	ledger_run(2);
	shot_begin(&now, 2);
	shot_image(&now, 1, "app");
	for (uint32_t i = 0; i < LEDGER_LOCKS; i++)
		*shot_lock(&now, k[i].image, k[i].id) = k[i];
	assert_int_equal(model_new(&m, &before, &now, true), 0);
	for (size_t i = 0; i < m.nlocks; i++)
		waits += m.locks[i].waits;
	assert_int_equal(waits, 7);
	assert_int_equal(m.nlocks, 2);
	model_free(&m);
	snapshot_free(&before);
	snapshot_free(&now);
}

/* Its threads' records are lost: its lock's waits are not. */
static void process_known_by_its_lock_alone(void **state)
{
	struct past *past = ledger_past();
	const struct snapshot_image *i;

	(void)state;
	assert_int_equal(past_nameless(past, 7, 7000, 3), 0);
	i = past_image(past, 7);
	assert_non_null(i);
	assert_int_equal(i->tgid, 7000);
	assert_string_equal(i->comm, "?");
	assert_false(past_is_over(i, 3));
	assert_true(past_is_over(i, 4));
	/* Once; and it gets its name where it was only too early to know. */
	assert_int_equal(past_nameless(past, 7, 7000, 4), 0);
	assert_int_equal(past->nimages, 1);
	ledger_alive(7, "main", 5);
	assert_string_equal(past_image(past, 7)->comm, "app");
	assert_int_equal(past->nimages, 1);
}

int main(void)
{
#define RETIRE_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		RETIRE_TEST(nothing_to_do),
		RETIRE_TEST(least_used_go_first),
		RETIRE_TEST(busy_ones_stay),
		RETIRE_TEST(the_unlisted_go_too),
		RETIRE_TEST(what_is_counted_meanwhile_is_not_lost),
		RETIRE_TEST(a_thousand_locks),
		RETIRE_TEST(pairs_follow_their_locks),
		RETIRE_TEST(late_pairs_follow_too),
		RETIRE_TEST(rarest_pairs_become_any),
		RETIRE_TEST(ended_threads_become_sums),
		RETIRE_TEST(their_pairs_follow),
		RETIRE_TEST(many_names_are_one_sum),
		RETIRE_TEST(ended_processes_become_sums),
		RETIRE_TEST(a_living_process_stays),
		RETIRE_TEST(process_known_by_its_lock_alone),
		RETIRE_TEST(sums_of_sums),
		RETIRE_TEST(a_window_sees_only_its_own),
	};

	return cmocka_run_group_tests_name("retire", tests, NULL, NULL);
}
