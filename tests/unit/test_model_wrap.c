// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counters that pass their largest value in the window, as after a day or a
 * century: the window's figures are as anywhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ledger.h"
#include "shots.h"

/* How far before the end the counters are, and how far they go. */
#define BEFORE 5u
#define STEPS 12u

static void lock_at(struct gw_lock *l, uint64_t n)
{
	l->waits = l->acquired = l->handoffs = l->inferred = l->cross = n;
	for (unsigned int i = 0; i < GW_RESULTS; i++)
		l->failed[i] = n;
	l->wakes = l->wakes_empty = l->lost = n;
	l->wait_ns = l->blocked_ns = l->runnable_ns = l->busy_ns = n;
	l->held_ns = l->inner_ns = l->switch_ns = n;
	for (unsigned int i = 0; i < GW_METRICS; i++) {
		for (unsigned int b = 0; b < HIST_BUCKETS; b++)
			l->hist[i].count[b] = (uint32_t)n;
		l->max[i].groups = UINT32_MAX;
	}
}

static void thread_at(struct gw_thread *t, uint64_t n)
{
	for (unsigned int i = 0; i < GW_RUN_STATES; i++)
		t->time_ns[i] = n;
	for (unsigned int i = 0; i < GW_RESULTS; i++)
		t->failed[i] = n;
	t->gil_wait_ns = t->voluntary = t->sleeps = t->waits = n;
	t->preempted = t->wakeups = t->migrations = n;
	for (unsigned int b = 0; b < HIST_BUCKETS; b++)
		t->wakeup.count[b] = t->response.count[b] = (uint32_t)n;
	t->wakeup_max.groups = t->response_max.groups = UINT32_MAX;
}

static void check_lock(const struct model *m, const struct model_lock *l)
{
	uint64_t counts[HIST_BUCKETS];

	assert_int_equal(l->waits, STEPS);
	assert_int_equal(l->acquired, STEPS);
	assert_int_equal(l->handoffs, STEPS);
	assert_int_equal(l->failed[GW_STOLEN], STEPS);
	assert_int_equal(l->wakes, STEPS);
	assert_int_equal(l->wait_ns, STEPS);
	assert_int_equal(l->busy_ns, STEPS);
	assert_int_equal(l->hold_ns, STEPS);
	for (enum gw_metric i = 0; i < GW_METRICS; i++) {
		memset(counts, 0, sizeof(counts));
		model_add(counts, model_lock_buckets(m, l, i));
		for (unsigned int b = 0; b < HIST_BUCKETS; b++)
			assert_int_equal(counts[b], STEPS);
	}
}

static void counters_wrap(void **state)
{
	const struct model_thread *t;
	struct shot_pair p;
	struct gw_edge *e;

	(void)state;
	shot_pair_begin(&p);
	lock_at(shot_lock_at(&p.before, 0), 0 - (uint64_t)BEFORE);
	lock_at(shot_lock_at(&p.now, 0), STEPS - BEFORE);
	thread_at(shot_thread_at(&p.before, 0), 0 - (uint64_t)BEFORE);
	thread_at(shot_thread_at(&p.now, 0), STEPS - BEFORE);
	/* What runs is counted up to the snapshot's moment: not here. */
	for (size_t i = 0; i < 2; i++) {
		p.before.threads[i].ended = true;
		p.now.threads[i].ended = true;
	}
	shot_edge(&p.before, 0, 1, 2, 0 - (uint64_t)BEFORE);
	e = shot_edge(&p.now, 0, 1, 2, STEPS - BEFORE);
	e->timed = STEPS;
	shot_migration(&p.before, 1, 1, 0, 1, 0 - (uint64_t)BEFORE);
	shot_migration(&p.now, 1, 1, 0, 1, STEPS - BEFORE);
	shot_pair_close(&p);
	check_lock(&p.m, shot_lock_row(&p.m, 0x1000));
	t = shot_thread_row(&p.m, 1);
	assert_int_equal(t->time_ns[GW_RUNNING], STEPS);
	assert_int_equal(t->wall_ns, STEPS * GW_RUN_STATES);
	assert_int_equal(t->voluntary, STEPS);
	assert_int_equal(t->wakeup.count, STEPS * HIST_BUCKETS);
	assert_int_equal(p.m.handoffs[0].handoffs, STEPS);
	assert_int_equal(p.m.migrations[0].migrations, STEPS);
	shot_pair_end(&p);
}

/* Tickets begin anew after 2^32: two days of 25,000 new locks a second. */
static void tickets_wrap(void **state)
{
	struct tables *t;
	uint64_t want = 0;

	(void)state;
	ledger_begin();
	t = ledger_tables();
	t->locks_end = LEDGER_LOCKS;
	t->state->locks.taken = 0 - 3 * LEDGER_LOCKS;
	t->state->locks.given = 0 - 2 * LEDGER_LOCKS;
	for (uint32_t i = 0; i < 20 * LEDGER_LOCKS; i++) {
		if (tables_locks_used(t) == LEDGER_LOCKS)
			ledger_run(2);
		ledger_lock(1, 0x10000 + 16 * i, 1, 10 * RETIRE_IDLE_NS);
		want++;
	}
	assert_true(t->state->locks.taken < 20 * LEDGER_LOCKS);
	assert_int_equal(ledger_waits(), want);
	ledger_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_wrap),
		cmocka_unit_test(tickets_wrap),
	};

	return cmocka_run_group_tests_name("wrap", tests, NULL, NULL);
}
