// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Choosing and sorting rows; the owned copy of a model; cells and panes. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "shots.h"
#include "tui_cells.h"
#include "tui_list.h"
#include "tui_scene.h"

/* ---- lists ----------------------------------------------------------------
 */

#define ROWS 3000

static struct model_thread rows[ROWS];

static size_t column(const char *id)
{
	size_t i = 0;

	while (!column_threads.columns[i].id ||
	       strcmp(column_threads.columns[i].id, id))
		i++;
	return i;
}

static void make_rows(void)
{
	static const char *const names[] = { "worker", "Main", "io",
					     "0123456789abcdef" };

	srand(7);
	memset(rows, 0, sizeof(rows));
	for (size_t i = 0; i < ROWS; i++) {
		rows[i].tid = (pid_t)i + 1;
		rows[i].pid = 1;
		rows[i].comm = names[i % 4];
		rows[i].wakeups = (uint64_t)(rand() % 100);
		rows[i].wakeup.p50 = i % 10 ? (uint64_t)rand() : MODEL_UNKNOWN;
		rows[i].wall_ns = 1000;
		rows[i].time_ns[GW_RUNNING] = (uint64_t)(rand() % 1000);
		rows[i].gil_wait_ns = MODEL_UNKNOWN;
	}
}

static uint64_t number(const struct list *l, const struct list_order *o,
		       size_t i)
{
	return o->set->columns[o->column].get(l->item[i].row).number;
}

/* The part is the same as that of all rows sorted. */
static void check_part(const struct list_order *o, size_t from, size_t to)
{
	struct list all = { 0 }, part = { 0 };

	assert_int_equal(list_take(&all, o, rows, ROWS, sizeof(*rows)), 0);
	assert_int_equal(list_take(&part, o, rows, ROWS, sizeof(*rows)), 0);
	list_sort(&all, o, 0, ROWS);
	list_sort(&part, o, from, to);
	for (size_t i = from; i < to && i < part.count; i++)
		assert_ptr_equal(part.item[i].row, all.item[i].row);
	list_free(&all);
	list_free(&part);
}

static void parts_are_sorted_as_the_whole(void **state)
{
	static const char *const ids[] = { "wakeups", "wakeup_ns_p50", "comm",
					   "running_ns", "tid" };
	struct list_order o = { .set = &column_threads, .filter = "" };

	(void)state;
	make_rows();
	for (size_t i = 0; i < 5; i++)
		for (int up = 0; up < 2; up++) {
			o.column = column(ids[i]);
			o.ascending = up;
			check_part(&o, 0, 20);
			check_part(&o, 1500, 1550);
			check_part(&o, ROWS - 5, ROWS + 5);
			check_part(&o, 0, ROWS);
		}
	o.column = SIZE_MAX;
	check_part(&o, 100, 150);
}

static void unknown_is_last_both_ways(void **state)
{
	struct list_order o = { .set = &column_threads,
				.column = column("wakeup_ns_p50"),
				.filter = "" };
	struct list l = { 0 };

	(void)state;
	make_rows();
	for (int up = 0; up < 2; up++) {
		o.ascending = up;
		assert_int_equal(list_take(&l, &o, rows, ROWS, sizeof(*rows)),
				 0);
		list_sort(&l, &o, 0, ROWS);
		for (size_t i = 1; i < ROWS; i++) {
			uint64_t a = number(&l, &o, i - 1),
				 b = number(&l, &o, i);

			assert_true(
				b == MODEL_UNKNOWN ||
				(a != MODEL_UNKNOWN && (up ? a <= b : a >= b)));
			/* Equal ones keep their order. */
			if (a == b)
				assert_true(l.item[i - 1].row < l.item[i].row);
		}
	}
	list_free(&l);
}

static void filters(void **state)
{
	struct list_order o = { .set = &column_threads, .column = SIZE_MAX };
	struct model_lock lock = { .id = 0x7f00dead,
				   .pid = 4711,
				   .name = "",
				   .comm = "python3\0\0\0\0\0\0\0\0" };
	struct list l = { 0 };

	(void)state;
	make_rows();
	o.filter = "WORK";
	assert_int_equal(list_take(&l, &o, rows, ROWS, sizeof(*rows)), 0);
	assert_int_equal(l.count, ROWS / 4);
	o.filter = "no such";
	assert_int_equal(list_take(&l, &o, rows, ROWS, sizeof(*rows)), 0);
	assert_int_equal(l.count, 0);
	list_sort(&l, &o, 0, 10);
	list_free(&l);
	assert_true(list_matches(&column_locks, &lock, "dead"));
	assert_true(list_matches(&column_locks, &lock, "0x7f"));
	assert_true(list_matches(&column_locks, &lock, "thon"));
	assert_true(list_matches(&column_locks, &lock, "471"));
	assert_true(list_matches(&column_locks, &lock, "futex"));
	assert_false(list_matches(&column_locks, &lock, "beef"));
	/* What is escaped is found as it is seen. */
	lock.comm = "\x1b[2J\0\0\0\0\0\0\0\0\0\0\0";
	assert_true(list_matches(&column_locks, &lock, "\\x1b"));
}

/* ---- scenes ---------------------------------------------------------------
 */

/* The copy says the same when what it was made of is gone and overwritten. */
static void scene_owns_all(void **state)
{
	uint64_t counts[HIST_BUCKETS] = { 0 };
	struct scene s = { 0 };
	struct shot_pair p;
	struct gw_lock *l;

	(void)state;
	shot_pair_begin(&p);
	l = shot_lock_at(&p.now, 0);
	shot_samples(&l->hist[GW_WAIT], &l->max[GW_WAIT], 5000, 10, 2);
	shot_thread_at(&p.now, 1)->cpu = 5;
	shot_samples(&shot_thread_at(&p.now, 1)->response,
		     &shot_thread_at(&p.now, 1)->response_max, 9000, 3, 2);
	shot_edge(&p.now, 0, 1, 2, 5);
	shot_migration(&p.now, 1, 1, 0, 1, 2);
	shot_pair_close(&p);
	assert_int_equal(scene_copy(&s, &p.m), 0);
	memset(p.now.threads, 0xaa, p.now.nthreads * sizeof(*p.now.threads));
	memset(p.now.images, 0xaa, p.now.nimages * sizeof(*p.now.images));
	memset(p.m.locks, 0xaa, p.m.nlocks * sizeof(*p.m.locks));
	memset(p.m.buckets, 0xaa, p.m.nbuckets * sizeof(*p.m.buckets));
	shot_pair_end(&p);

	assert_true(s.filled);
	assert_int_equal(s.m.nthreads, 2);
	assert_int_equal(s.m.handoffs[0].handoffs, 5);
	assert_non_null(s.m.handoffs[0].from_comm);
	assert_true(strlen(s.m.processes[0].comm) < GW_COMM_LEN);
	assert_string_equal(s.m.locks[0].comm, s.m.processes[0].comm);
	for (size_t i = 0; i < s.m.nlocks; i++)
		if (s.m.locks[i].id == 0x1000)
			model_add(counts,
				  model_lock_buckets(&s.m, &s.m.locks[i],
						     GW_WAIT));
	assert_int_equal(counts[hist_bucket(5000)], 10);
	memset(counts, 0, sizeof(counts));
	for (size_t i = 0; i < s.m.nthreads; i++)
		if (s.m.threads[i].tid == 102) {
			model_add(counts,
				  model_thread_buckets(&s.m, &s.m.threads[i],
						       GW_RESPONSE));
			assert_int_equal(s.m.threads[i].cpu, 5);
		}
	assert_int_equal(counts[hist_bucket(9000)], 3);
	assert_ptr_equal(scene_thread(&s, 2), scene_tid(&s, 1, 102));
	assert_null(scene_thread(&s, 99));
	assert_int_equal(scene_lock(&s, 1, 0x1000)->id, 0x1000);
	assert_null(scene_lock(&s, 2, 0x1000));
	scene_free(&s);
	scene_free(&s);
}

/* Used again for a smaller model and for one without any rows. */
static void scene_is_used_again(void **state)
{
	struct scene s = { 0 };
	struct model empty = { .window_ns = 1 };
	struct shot_pair p;

	(void)state;
	for (int i = 0; i < 3; i++) {
		shot_pair_begin(&p);
		shot_pair_close(&p);
		assert_int_equal(scene_copy(&s, &p.m), 0);
		shot_pair_end(&p);
		assert_int_equal(s.m.nlocks, 2);
		assert_int_equal(scene_copy(&s, &empty), 0);
		assert_int_equal(s.m.nlocks, 0);
		assert_int_equal(s.nverdicts, 0);
	}
	scene_free(&s);
}

/* ---- cells ----------------------------------------------------------------
 */

static const char *row_text(const struct cells *c, int row)
{
	static struct buf text;

	buf_reset(&text);
	cells_text(c, row, &text);
	buf_add(&text, "", 1);
	return text.data;
}

static struct pane pane_of(struct cells *c, bool utf8)
{
	assert_int_equal(cells_reset(c, 3, 10, utf8), 0);
	return (struct pane){ .cells = c, .rows = 3, .cols = 10 };
}

static void text_is_cut_and_aligned(void **state)
{
	struct cells c = { 0 };
	struct pane p = pane_of(&c, true);

	(void)state;
	assert_int_equal(pane_text(&p, 0, 0, 5, TEXT_RIGHT, 0, "abc"), 3);
	assert_int_equal(pane_text(&p, 0, 6, 4, TEXT_LEFT, 0, "abcdef"), 4);
	assert_string_equal(row_text(&c, 0), "  abc abc…");
	/* Nothing leaves the pane. */
	pane_put(&p, 1, 8, 0, "abcdef");
	pane_put(&p, 1, 12, 0, "abcdef");
	pane_put(&p, 9, 0, 0, "below");
	pane_text(&p, 2, 0, 0, TEXT_LEFT, 0, "x");
	pane_text(&p, 2, 0, -4, TEXT_LEFT, 0, "x");
	assert_string_equal(row_text(&c, 1), "        a…");
	assert_string_equal(row_text(&c, 2), "");
	assert_int_equal(p.used, 10);
	cells_free(&c);
}

static void wide_characters_and_marks(void **state)
{
	struct cells c = { 0 };
	struct pane p = pane_of(&c, true);

	(void)state;
	assert_int_equal(pane_put(&p, 0, 0, 0, "中e\xcc\x81x"), 4);
	assert_int_equal(c.cell[0].code[0], 0x4e2d);
	assert_int_equal(c.cell[1].code[0], 0);
	assert_int_equal(c.cell[2].code[1], 0x301);
	assert_string_equal(row_text(&c, 0), "中e\xcc\x81x");
	/* Never halved. */
	assert_int_equal(pane_text(&p, 1, 0, 4, TEXT_LEFT, 0, "中中中"), 3);
	assert_string_equal(row_text(&c, 1), "中…");
	/* More marks than a cell holds. */
	pane_put(&p, 2, 0, 0, "e\xcc\x81\xcc\x82\xcc\x83\xcc\x84y");
	assert_int_equal(c.cell[2 * 10 + 1].code[0], 'y');
	p = pane_of(&c, false);
	pane_put(&p, 0, 0, 0, "é中x");
	assert_string_equal(row_text(&c, 0), "?? x");
	cells_free(&c);
}

static void panes_scroll(void **state)
{
	struct cells c = { 0 };
	struct pane p = pane_of(&c, true);

	(void)state;
	p.rows = 2;
	p.scroll = 5;
	for (int i = 0; i < 20; i++)
		pane_printf(&p, i, 0, 0, "row %d", i);
	assert_string_equal(row_text(&c, 0), "row 5");
	assert_string_equal(row_text(&c, 1), "row 6");
	assert_string_equal(row_text(&c, 2), "");
	assert_int_equal(p.used, 20);
	cells_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_sorted_as_the_whole),
		cmocka_unit_test(unknown_is_last_both_ways),
		cmocka_unit_test(filters),
		cmocka_unit_test(scene_owns_all),
		cmocka_unit_test(scene_is_used_again),
		cmocka_unit_test(text_is_cut_and_aligned),
		cmocka_unit_test(wide_characters_and_marks),
		cmocka_unit_test(panes_scroll),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
