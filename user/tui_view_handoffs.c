// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who hands to whom: a matrix, or a list where threads are too many. */
#include <stdlib.h>

#include "tui_spark.h"
#include "tui_view.h"

/* More threads than this are never a matrix. */
#define MATRIX_MAX 64

/* "12 python3-worker 4194304": number, name, tid. */
#define NUMBER_WIDTH 2
#define NAME_WIDTH 15
#define NAME_NARROW 8
#define TID_WIDTH 7
#define CELL_WIDE 9 /* a shade and the count */
#define CELL_NARROW 3

struct matrix_thread {
	uint32_t image;
	pid_t tid;
	const char *comm;
	uint64_t handoffs; /* from and to it */
};

struct matrix {
	struct matrix_thread thread[MATRIX_MAX];
	size_t n;
	uint64_t count[MATRIX_MAX][MATRIX_MAX];
	uint64_t most, total;
};

/* The place of a thread, made when missing; MATRIX_MAX when there are too many.
 */
static size_t thread_place(struct matrix *x, uint32_t image, pid_t tid,
			   const char *comm)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->thread[i].image == image && x->thread[i].tid == tid)
			return i;
	if (x->n == MATRIX_MAX)
		return MATRIX_MAX;
	x->thread[x->n] = (struct matrix_thread){ image, tid, comm, 0 };
	return x->n++;
}

static int busiest_first(const void *a, const void *b)
{
	const struct matrix_thread *x = a, *y = b;

	if (x->handoffs != y->handoffs)
		return x->handoffs < y->handoffs ? 1 : -1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

/* Returns false when there are more threads than `limit`. */
static bool find_threads(struct matrix *x, const struct tui_picture *p,
			 size_t limit)
{
	const struct model_handoff *h = p->scene->m.handoffs;
	const char *filter = p->state->filter;
	size_t from, to;

	x->n = 0;
	for (size_t i = 0; i < p->scene->m.nhandoffs; i++, h++) {
		if (*filter && !list_matches(&column_handoffs, h, filter))
			continue;
		from = thread_place(x, h->row.image, h->from, h->from_comm);
		to = thread_place(x, h->row.image, h->to, h->to_comm);
		if (x->n > limit || from == MATRIX_MAX || to == MATRIX_MAX)
			return false;
		x->thread[from].handoffs += h->handoffs;
		x->thread[to].handoffs += h->handoffs;
	}
	qsort(x->thread, x->n, sizeof(*x->thread), busiest_first);
	return true;
}

static void add_counts(struct matrix *x, const struct tui_picture *p)
{
	const struct model_handoff *h = p->scene->m.handoffs;
	const char *filter = p->state->filter;
	size_t from, to;

	for (size_t i = 0; i < x->n; i++)
		for (size_t k = 0; k < x->n; k++)
			x->count[i][k] = 0;
	x->most = 1;
	x->total = 0;
	for (size_t i = 0; i < p->scene->m.nhandoffs; i++, h++) {
		if (*filter && !list_matches(&column_handoffs, h, filter))
			continue;
		from = thread_place(x, h->row.image, h->from, NULL);
		to = thread_place(x, h->row.image, h->to, NULL);
		x->count[from][to] += h->handoffs;
		x->total += h->handoffs;
		if (x->count[from][to] > x->most)
			x->most = x->count[from][to];
	}
}

/* ---- drawing --------------------------------------------------------------
 */

struct shape {
	int name, tid, head, cell;
};

static struct shape shape_of(int cols, size_t threads)
{
	struct shape s = { .name = cols < 60 ? NAME_NARROW : NAME_WIDTH,
			   .tid = cols < 60 ? 0 : TID_WIDTH + 1 };

	s.head = NUMBER_WIDTH + 1 + s.name + s.tid + 1;
	s.cell = s.head + (int)threads * CELL_WIDE <= cols ? CELL_WIDE
							   : CELL_NARROW;
	return s;
}

static void head_rows(struct pane *pane, const struct matrix *x,
		      const struct shape *s, const struct model *m)
{
	char n[TEXT_NUM + 8], length[TEXT_NUM];

	pane_printf(pane, 0, 0, STYLE_QUIET, "%s contended handoff%s in %s",
		    text_count(n, x->total), x->total == 1 ? "" : "s",
		    text_ns(length, m->window_ns));
	pane_text(pane, 1, 0, s->head - 1, TEXT_LEFT, STYLE_HEAD,
		  s->tid ? "FROM (to the right: TO)" : "FROM");
	for (size_t i = 0; i < x->n; i++) {
		snprintf(n, sizeof(n), "%zu", i + 1);
		pane_text(pane, 1, s->head + (int)i * s->cell, s->cell - 1,
			  TEXT_RIGHT, STYLE_HEAD, n);
	}
}

static void cell(struct pane *pane, int row, int col, const struct shape *s,
		 uint64_t count, uint64_t most)
{
	uint32_t shade =
		spark_shade((double)count / (double)most, pane->cells->utf8);
	char n[TEXT_NUM];

	if (!count) {
		pane_code(pane, row, col + s->cell - 2, STYLE_QUIET, '.');
		return;
	}
	if (s->cell == CELL_NARROW)
		pane_code(pane, row, col, STYLE_CHART, shade);
	pane_code(pane, row, col + 1, STYLE_CHART, shade);
	if (s->cell == CELL_WIDE)
		pane_text(pane, row, col + 2, s->cell - 3, TEXT_RIGHT,
			  STYLE_PLAIN, text_count(n, count));
}

static void body_row(struct pane *pane, int row, const struct matrix *x,
		     const struct shape *s, size_t from)
{
	const struct matrix_thread *t = &x->thread[from];
	char name[TEXT_COMM], text[TEXT_NUM + 8];

	snprintf(text, sizeof(text), "%zu", from + 1);
	pane_text(pane, row, 0, NUMBER_WIDTH, TEXT_RIGHT, STYLE_HEAD, text);
	pane_text(pane, row, NUMBER_WIDTH + 1, s->name, TEXT_LEFT, STYLE_PLAIN,
		  view_name(name, t->comm));
	snprintf(text, sizeof(text), "%d", (int)t->tid);
	if (s->tid)
		pane_text(pane, row, NUMBER_WIDTH + 2 + s->name, TID_WIDTH,
			  TEXT_RIGHT, STYLE_QUIET, text);
	for (size_t to = 0; to < x->n; to++)
		cell(pane, row, s->head + (int)to * s->cell, s,
		     x->count[from][to], x->most);
}

static void draw(struct tui_picture *p, struct pane *pane,
		 struct tui_seen *seen, const struct matrix *x)
{
	struct tui_place *place = &p->state->place[VIEW_HANDOFFS];
	const struct shape s = shape_of(pane->cols, x->n);
	const struct matrix_thread *t;
	const struct model_thread *row;

	seen->rows = x->n;
	seen->page = (size_t)(pane->rows > 2 ? pane->rows - 2 : 1);
	seen->list = true;
	tui_place_fit(place, seen->rows, seen->page, true);
	head_rows(pane, x, &s, &p->scene->m);
	for (size_t i = 0; i < seen->page && place->top + i < x->n; i++)
		body_row(pane, (int)i + 2, x, &s, place->top + i);
	pane_cursor(pane, (int)(place->cursor - place->top) + 2);
	t = &x->thread[place->cursor];
	row = scene_tid(p->scene, t->image, t->tid);
	if (row)
		seen->under = (struct tui_pick){ OPEN_THREAD, 0, row->serial };
}

int view_handoffs(struct tui_picture *p, struct pane *pane,
		  struct tui_seen *seen)
{
	struct shape s = shape_of(pane->cols, MATRIX_MAX);
	int fits = (pane->cols - s.head) / CELL_NARROW;
	struct matrix *x = malloc(sizeof(*x));
	int err = 0;

	/* Without memory for the matrix the list may still do. */
	if (!x || !find_threads(x, p, fits > 0 ? (size_t)fits : 0) || !x->n) {
		err = view_handoff_list(p, pane, seen);
	} else {
		add_counts(x, p);
		draw(p, pane, seen, x);
	}
	free(x);
	return err;
}
