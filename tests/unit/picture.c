// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "picture.h"

void picture_begin(struct picture *p)
{
	*p = (struct picture){ 0 };
	shot_pair_begin(&p->pair);
	tui_state_init(&p->state, SHOT_S);
	p->history = history_new();
	assert_non_null(p->history);
	p->tui = (struct tui_picture){
		.state = &p->state,
		.history = p->history,
		.target = "pid 1000",
		.run_ns = 83 * SHOT_S,
	};
}

void picture_ready(struct picture *p)
{
	const struct model *m = &p->pair.m;

	shot_pair_close(&p->pair);
	assert_int_equal(scene_copy(&p->scene, m), 0);
	p->scene.m.cpus = 4;
	p->tui.scene = &p->scene;
	history_tick(p->history);
	for (size_t i = 0; i < m->nlocks; i++)
		history_note(p->history,
			     (struct history_key){ m->locks[i].row.image,
						   m->locks[i].id },
			     (float[]){ 0.5f, 100, 0 });
	for (size_t i = 0; i < m->nthreads; i++)
		history_note(p->history,
			     (struct history_key){ HISTORY_THREAD,
						   m->threads[i].serial },
			     (float[]){ 0.25f, 0, 1 });
}

void picture_busy(struct picture *p)
{
	struct gw_thread *t;
	struct gw_lock *l;

	picture_begin(p);
	l = shot_lock_at(&p->pair.now, 0);
	l->waits = 1001;
	l->acquired = 1000;
	l->handoffs = 900;
	l->failed[GW_STOLEN] = 600;
	l->wait_ns = 700 * 1000000ull;
	shot_samples(&l->hist[GW_WAIT], &l->max[GW_WAIT], 5000000, 990, 2);
	shot_samples(&l->hist[GW_WAIT], &l->max[GW_WAIT], 90000000, 10, 2);
	shot_samples(&l->hist[GW_RESPONSE], &l->max[GW_RESPONSE], 150000000, 5,
		     2);
	l = shot_lock_at(&p->pair.now, 1);
	l->waits = 3;
	l->wait_ns = 1000;
	t = shot_thread_at(&p->pair.now, 0);
	t->time_ns[GW_LOCK_WAIT] += 500000000;
	t->cpu = 1;
	t->migrations = 4;
	shot_edge(&p->pair.now, 0, 1, 2, 500);
	shot_edge(&p->pair.now, 0, 2, 1, 400);
	shot_migration(&p->pair.now, 1, 1, 0, 1, 4);
	picture_ready(p);
}

void picture_draw(struct picture *p, int rows, int cols, bool utf8)
{
	assert_int_equal(cells_reset(&p->cells, rows, cols, utf8), 0);
	assert_int_equal(tui_draw(&p->tui, &p->cells, &p->seen), 0);
}

struct sink_wish picture_key(struct picture *p, uint32_t key)
{
	struct sink_wish wish = { 0 };

	tui_state_key(&p->state, key, &p->seen, &wish);
	picture_draw(p, p->cells.rows, p->cells.cols, p->cells.utf8);
	return wish;
}

const char *picture_row(const struct picture *p, int row)
{
	static struct buf text;

	assert_in_range(row, 0, p->cells.rows - 1);
	buf_reset(&text);
	cells_text(&p->cells, row, &text);
	buf_add(&text, "", 1);
	assert_int_equal(buf_error(&text), 0);
	return text.data;
}

int picture_find(const struct picture *p, const char *text)
{
	for (int row = 0; row < p->cells.rows; row++)
		if (strstr(picture_row(p, row), text))
			return row;
	return -1;
}

uint8_t picture_style(const struct picture *p, const char *text)
{
	int row = picture_find(p, text);
	const char *line, *at;
	int col = 0;

	assert_int_not_equal(row, -1);
	line = picture_row(p, row);
	at = strstr(line, text);
	while (line < at) {
		size_t columns;
		uint32_t code;

		line += text_glyph(line, &code, &columns);
		col += (int)columns;
	}
	return p->cells.cell[row * p->cells.cols + col].style;
}

void picture_end(struct picture *p)
{
	scene_free(&p->scene);
	history_free(p->history);
	list_free(&p->tui.list);
	cells_free(&p->cells);
	shot_pair_end(&p->pair);
}
