// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What ties a model's rows together: threads, processes, order, classes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "shots.h"

#define COUNT_OF(a) (sizeof(a) / sizeof(*(a)))

static void make(struct model *m, struct snapshot *before, struct snapshot *now,
		 bool all)
{
	if (before)
		snapshot_close(before);
	snapshot_close(now);
	assert_int_equal(model_new(m, before, now, all), 0);
}

/* ---- threads that come and go ---------------------------------------------
 */

static void come_and_go_within_a_window(void **state)
{
	struct snapshot before, now;
	struct gw_thread *t;
	struct model m;

	(void)state;
	shot_begin(&before, 1);
	shot_begin(&now, 2);
	shot_image(&now, 1, "app");
	/* Ended before, ended now, came and ended, came. */
	shot_thread(&before, 1, 1, 101, "one")->time_ns[GW_RUNNING] = 50;
	before.threads[0].ended = true;
	shot_thread(&before, 2, 1, 102, "two")->since_ns = before.now_ns - 70;
	shot_thread(&now, 1, 1, 101, "one")->time_ns[GW_RUNNING] = 50;
	now.threads[0].ended = true;
	shot_thread(&now, 2, 1, 102, "two")->time_ns[GW_RUNNING] = 170;
	now.threads[1].ended = true;
	shot_thread(&now, 3, 1, 103, "three")->time_ns[GW_RUNNING] = 30;
	now.threads[2].ended = true;
	t = shot_thread(&now, 4, 1, 104, "four");
	t->seen_ns = t->since_ns = now.now_ns - 20;
	make(&m, &before, &now, true);
	assert_int_equal(m.nthreads, 3);
	assert_null(shot_thread_row(&m, 1));
	assert_int_equal(shot_thread_row(&m, 2)->wall_ns, 100);
	assert_true(shot_thread_row(&m, 2)->ended);
	assert_int_equal(shot_thread_row(&m, 3)->wall_ns, 30);
	assert_int_equal(shot_thread_row(&m, 4)->wall_ns, 20);
	model_free(&m);
	snapshot_free(&before);
	snapshot_free(&now);
}

static void handoffs_in_and_out(void **state)
{
	const struct model_handoff *h;
	struct snapshot before, now;
	struct model m;

	(void)state;
	shot_begin(&before, 1);
	shot_begin(&now, 2);
	shot_image(&now, 1, "app");
	shot_thread(&now, 1, 1, 101, "one");
	shot_thread(&now, 2, 1, 102, "two");
	shot_lock(&before, 1, 0x1000)->waits = 1;
	shot_lock(&now, 1, 0x1000)->waits = 100;
	shot_edge(&before, 0, 1, 2, 10)->latency_ns = 1000;
	shot_edge(&before, 0, 2, 1, 5);
	*shot_edge(&now, 0, 1, 2, 30) =
		(struct gw_edge){ .from = 1,
				  .to = 2,
				  .handoffs = 30,
				  .inferred = 4,
				  .cross = 6,
				  .latency_ns = 9000,
				  .latency_max = { 800, 700, 2, 0 } };
	shot_edge(&now, 0, 2, 1, 12);
	/* From a thread that is not watched; of an unknown lock; calm. */
	shot_edge(&now, 0, 999, 1, 3);
	shot_edge(&now, 8, 1, 2, 50);
	shot_edge(&now, 0, 1, 999, 0);
	make(&m, &before, &now, true);
	assert_int_equal(m.nhandoffs, 3);
	h = &m.handoffs[0];
	assert_int_equal(h->from, 101);
	assert_int_equal(h->to, 102);
	assert_string_equal(h->from_comm, "one");
	assert_string_equal(h->to_comm, "two");
	assert_int_equal(h->handoffs, 20);
	assert_int_equal(h->inferred, 4);
	assert_int_equal(h->cross, 6);
	assert_int_equal(h->latency_ns, 8000);
	assert_int_equal(h->latency_max_ns, 700);
	assert_int_equal(h->lock_id, 0x1000);
	assert_int_equal(m.handoffs[1].handoffs, 7);
	assert_int_equal(m.handoffs[2].from, -1);
	assert_null(m.handoffs[2].from_comm);
	assert_int_equal(shot_thread_row(&m, 1)->handoffs_out, 20);
	assert_int_equal(shot_thread_row(&m, 1)->handoffs_in, 7 + 3);
	assert_int_equal(shot_thread_row(&m, 2)->handoffs_out, 7);
	assert_int_equal(shot_thread_row(&m, 2)->handoffs_in, 20);
	model_free(&m);
	snapshot_free(&before);
	snapshot_free(&now);
}

/* One thread id after the other, and in two processes. */
static void thread_id_used_again(void **state)
{
	struct snapshot now;
	struct model m;

	(void)state;
	shot_begin(&now, 1);
	shot_image(&now, 1, "app");
	shot_image(&now, 2, "other");
	shot_thread(&now, 5, 1, 101, "first")->time_ns[GW_RUNNING] = 1;
	now.threads[0].ended = true;
	shot_thread(&now, 7, 1, 102, "peer");
	shot_thread(&now, 9, 1, 101, "second");
	shot_thread(&now, 12, 2, 101, "elsewhere");
	shot_lock(&now, 1, 0x1000)->waits = 9;
	shot_edge(&now, 0, 7, 5, 3);
	shot_edge(&now, 0, 7, 9, 4);
	shot_migration(&now, 1, 9, 0, 1, 6);
	shot_migration(&now, 1, 777, 1, 0, 2);
	make(&m, NULL, &now, true);
	assert_int_equal(m.nthreads, 4);
	assert_int_equal(shot_thread_row(&m, 9)->handoffs_in, 4);
	assert_int_equal(shot_thread_row(&m, 5)->handoffs_in, 3);
	assert_int_equal(shot_thread_row(&m, 7)->handoffs_out, 7);
	assert_int_equal(shot_thread_row(&m, 12)->handoffs_in, 0);
	assert_string_equal(m.handoffs[0].to_comm, "second");
	assert_int_equal(m.nmigrations, 2);
	assert_string_equal(m.migrations[0].comm, "second");
	assert_int_equal(m.migrations[0].pid, 1000);
	assert_null(m.migrations[1].comm);
	model_free(&m);
	snapshot_free(&now);
}

static void migrations_between(void **state)
{
	struct snapshot before, now;
	struct model m;

	(void)state;
	shot_begin(&before, 1);
	shot_begin(&now, 2);
	shot_image(&now, 1, "app");
	shot_thread(&now, 1, 1, 101, "one");
	shot_migration(&before, 1, 101, 0, 1, 5);
	shot_migration(&before, 1, 101, 1, 0, 5);
	shot_migration(&now, 1, 101, 1, 0, 5);
	shot_migration(&now, 1, 101, 0, 1, 8);
	shot_migration(&now, 1, 101, 300, 2, 9);
	make(&m, &before, &now, true);
	assert_int_equal(m.nmigrations, 2);
	assert_int_equal(m.migrations[0].from, 300);
	assert_int_equal(m.migrations[0].migrations, 9);
	assert_int_equal(m.migrations[1].from, 0);
	assert_int_equal(m.migrations[1].to, 1);
	assert_int_equal(m.migrations[1].migrations, 3);
	model_free(&m);
	snapshot_free(&before);
	snapshot_free(&now);
}

/* ---- processes ------------------------------------------------------------
 */

/* Image 1 waited 10, image 2 waited 500, image 3 not at all but runs. */
static void three_processes(struct snapshot *s)
{
	static const char *const names[] = { "low", "high", "calm" };

	shot_begin(s, 1);
	for (uint32_t i = 1; i <= 3; i++) {
		shot_image(s, i, names[i - 1]);
		shot_thread(s, 10 + i, i, 100 * i, "main");
		shot_thread(s, 20 + i, i, 100 * i + 1, "more");
		shot_migration(s, i, 100 * i, 0, 1, i);
	}
	shot_lock(s, 1, 0x1000)->wait_ns = 10;
	shot_lock(s, 2, 0x2000)->wait_ns = 100;
	shot_lock(s, 2, 0x3000)->wait_ns = 400;
	shot_lock(s, 3, 0x4000)->wakes = 5;
	for (size_t i = 0; i < 3; i++)
		s->locks[i].k.waits = 1;
	shot_edge(s, 0, 100, 101, 1);
	shot_edge(s, 1, 201, 200, 3);
	shot_edge(s, 2, 200, 201, 4);
}

static void check_parts(const struct model *m)
{
	size_t locks = 0, threads = 0, handoffs = 0, migrations = 0;

	for (size_t i = 0; i < m->nprocesses; i++) {
		const struct model_process *p = &m->processes[i];

		for (size_t j = 0; j < p->locks; j++)
			assert_int_equal(m->locks[p->lock + j].row.process, i);
		for (size_t j = 0; j < p->threads; j++)
			assert_int_equal(m->threads[p->thread + j].row.image,
					 p->image);
		for (size_t j = 0; j < p->handoffs; j++)
			assert_int_equal(m->handoffs[p->handoff + j].pid,
					 p->pid);
		for (size_t j = 0; j < p->migrations; j++)
			assert_int_equal(m->migrations[p->migration + j].pid,
					 p->pid);
		locks += p->locks;
		threads += p->threads;
		handoffs += p->handoffs;
		migrations += p->migrations;
	}
	assert_int_equal(locks, m->nlocks);
	assert_int_equal(threads, m->nthreads);
	assert_int_equal(handoffs, m->nhandoffs);
	assert_int_equal(migrations, m->nmigrations);
}

static void processes_in_order(void **state)
{
	struct snapshot s;
	struct model m;

	(void)state;
	three_processes(&s);
	make(&m, NULL, &s, true);
	assert_int_equal(m.nprocesses, 3);
	assert_string_equal(m.processes[0].comm, "high");
	assert_int_equal(m.processes[0].wait_ns, 500);
	assert_string_equal(m.processes[1].comm, "low");
	assert_string_equal(m.processes[2].comm, "calm");
	assert_int_equal(m.processes[2].running_ns, 2 * SHOT_S);
	assert_int_equal(m.locks[0].id, 0x3000);
	assert_int_equal(m.locks[1].id, 0x2000);
	assert_int_equal(m.locks[2].id, 0x1000);
	assert_int_equal(m.handoffs[0].handoffs, 4);
	check_parts(&m);
	model_free(&m);
	snapshot_free(&s);
}

/* Nobody asked for it and it did not contend: nothing of it is left. */
static void left_out_processes(void **state)
{
	struct snapshot s;
	struct model m;

	(void)state;
	three_processes(&s);
	make(&m, NULL, &s, false);
	assert_int_equal(m.nprocesses, 2);
	assert_int_equal(m.nlocks, 3);
	assert_int_equal(m.nthreads, 4);
	assert_int_equal(m.nmigrations, 2);
	assert_null(shot_lock_row(&m, 0x4000));
	assert_null(shot_thread_row(&m, 13));
	check_parts(&m);
	model_free(&m);
	snapshot_free(&s);
}

/* Rows of an image that has no name yet. */
static void image_not_known(void **state)
{
	struct snapshot s;
	struct model m;

	(void)state;
	shot_begin(&s, 1);
	shot_lock(&s, 4, 0x1000)->waits = 3;
	shot_thread(&s, 1, 4, 101, "one");
	make(&m, NULL, &s, true);
	assert_int_equal(m.nprocesses, 0);
	assert_int_equal(m.nlocks, 0);
	assert_int_equal(m.nthreads, 0);
	model_free(&m);
	snapshot_free(&s);
}

static void threads_by_waiting(void **state)
{
	struct snapshot s;
	struct model m;

	(void)state;
	shot_begin(&s, 1);
	shot_image(&s, 1, "app");
	for (uint64_t i = 1; i <= 3; i++)
		shot_thread(&s, i, 1, 100 + (uint32_t)i, "t");
	s.threads[1].live.thread.time_ns[GW_LOCK_WAIT] = 30;
	s.threads[2].live.thread.time_ns[GW_LOCK_WAIT] = 70;
	make(&m, NULL, &s, true);
	assert_int_equal(m.threads[0].serial, 3);
	assert_int_equal(m.threads[1].serial, 2);
	assert_int_equal(m.threads[2].serial, 1);
	model_free(&m);
	snapshot_free(&s);
}

/* ---- locks that are told by threads ---------------------------------------
 */

/* pthread_join waits for a word that holds a thread's id. */
static void join_only_with_a_thread(void **state)
{
	struct snapshot s;
	struct gw_lock *l;
	struct model m;

	(void)state;
	shot_begin(&s, 1);
	shot_image(&s, 1, "app");
	shot_image(&s, 2, "other");
	shot_thread(&s, 1, 1, 101, "joined");
	shot_thread(&s, 2, 2, 202, "elsewhere");
	for (uint32_t tid = 101; tid <= 303; tid += 101) {
		l = shot_lock(&s, 1, tid);
		l->waits = 1;
		l->kind = GW_KIND_JOIN;
		l->first_val = tid;
	}
	make(&m, NULL, &s, true);
	assert_int_equal(shot_lock_row(&m, 101)->kind, GW_KIND_JOIN);
	assert_int_equal(shot_lock_row(&m, 202)->kind, GW_KIND_FUTEX);
	assert_int_equal(shot_lock_row(&m, 303)->kind, GW_KIND_FUTEX);
	model_free(&m);
	snapshot_free(&s);
}

/* Without a known GIL, waiting for it is unknown, in that process only. */
static void gil_share_by_process(void **state)
{
	struct snapshot s;
	struct model m;

	(void)state;
	shot_begin(&s, 1);
	for (uint32_t i = 1; i <= 2; i++) {
		shot_image(&s, i, "app");
		shot_thread(&s, i, i, 100 * i, "t")->gil_wait_ns = 5;
		shot_lock(&s, i, 0x1000 * i)->waits = 1;
	}
	s.locks[1].k.kind = GW_KIND_GIL;
	make(&m, NULL, &s, true);
	assert_true(shot_thread_row(&m, 1)->gil_wait_ns == MODEL_UNKNOWN);
	assert_int_equal(shot_thread_row(&m, 2)->gil_wait_ns, 5);
	assert_true(shot_thread_row(&m, 1)->gil_delay_ns == MODEL_UNKNOWN);
	assert_int_equal(shot_thread_row(&m, 2)->gil_delay_ns, 0);
	model_free(&m);
	snapshot_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(come_and_go_within_a_window),
		cmocka_unit_test(handoffs_in_and_out),
		cmocka_unit_test(thread_id_used_again),
		cmocka_unit_test(migrations_between),
		cmocka_unit_test(processes_in_order),
		cmocka_unit_test(left_out_processes),
		cmocka_unit_test(image_not_known),
		cmocka_unit_test(threads_by_waiting),
		cmocka_unit_test(join_only_with_a_thread),
		cmocka_unit_test(gil_share_by_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
