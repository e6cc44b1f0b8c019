// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Between which CPUs threads were moved, and where each was. */
#include <stdlib.h>
#include <string.h>

#include "tui_spark.h"
#include "tui_view.h"

#define CPUS_MAX 256

/* The migration matrix: a shade and the count. */
#define CELL 9
#define CELL_NARROW 3
#define HEAD 6

/* The grid of threads. */
#define TID_WIDTH 7
#define NAME_WIDTH 15
#define NAME_NARROW 8
#define COUNT_WIDTH 5
#define GRID 3

struct cpus {
	uint32_t cpu[CPUS_MAX]; /* in ascending order */
	size_t n;
	bool more; /* than are kept */
};

static void add_cpu(struct cpus *c, uint32_t cpu)
{
	size_t at = 0;

	while (at < c->n && c->cpu[at] < cpu)
		at++;
	if (at < c->n && c->cpu[at] == cpu)
		return;
	if (c->n == CPUS_MAX) {
		c->more = true;
		return;
	}
	memmove(c->cpu + at + 1, c->cpu + at, (c->n - at) * sizeof(*c->cpu));
	c->cpu[at] = cpu;
	c->n++;
}

static size_t cpu_place(const struct cpus *c, uint32_t cpu)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->cpu[mid] < cpu)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->n && c->cpu[low] == cpu ? low : c->n;
}

static bool passes(const struct tui_picture *p, const struct column_set *set,
		   const void *row)
{
	return !*p->state->filter || list_matches(set, row, p->state->filter);
}

static void find_cpus(struct cpus *c, const struct scene *s)
{
	for (size_t i = 0; i < s->m.nmigrations; i++) {
		add_cpu(c, s->m.migrations[i].from);
		add_cpu(c, s->m.migrations[i].to);
	}
	for (size_t i = 0; i < s->m.nthreads; i++)
		add_cpu(c, s->m.threads[i].cpu);
}

/* ---- from CPU to CPU ------------------------------------------------------
 */

struct moves {
	uint64_t *count; /* n x n */
	uint64_t most, total;
};

static int count_moves(struct moves *v, const struct tui_picture *p,
		       const struct cpus *c)
{
	const struct model_migration *r = p->scene->m.migrations;
	uint64_t *one;

	v->count = calloc(c->n * c->n + 1, sizeof(*v->count));
	v->most = 1;
	v->total = 0;
	if (!v->count)
		return -1;
	for (size_t i = 0; i < p->scene->m.nmigrations; i++, r++) {
		size_t from = cpu_place(c, r->from), to = cpu_place(c, r->to);

		if (from == c->n || to == c->n ||
		    !passes(p, &column_migrations, r))
			continue;
		one = &v->count[from * c->n + to];
		*one += r->migrations;
		v->total += r->migrations;
		v->most = *one > v->most ? *one : v->most;
	}
	return 0;
}

static void move_cell(struct pane *pane, int row, int col, int width,
		      uint64_t count, uint64_t most)
{
	uint32_t shade =
		spark_shade((double)count / (double)most, pane->cells->utf8);
	char n[TEXT_NUM];

	if (!count) {
		pane_code(pane, row, col + width - 2, STYLE_QUIET, '.');
		return;
	}
	if (width == CELL_NARROW)
		pane_code(pane, row, col, STYLE_CHART, shade);
	pane_code(pane, row, col + 1, STYLE_CHART, shade);
	if (width == CELL)
		pane_text(pane, row, col + 2, width - 3, TEXT_RIGHT,
			  STYLE_PLAIN, text_count(n, count));
}

static void cpu_heads(struct pane *pane, int row, int left, int width,
		      const struct cpus *c)
{
	char n[TEXT_NUM];

	for (size_t i = 0; i < c->n; i++) {
		snprintf(n, sizeof(n), "%u", c->cpu[i]);
		pane_text(pane, row, left + (int)i * width, width - 1,
			  TEXT_RIGHT, STYLE_HEAD, n);
	}
}

static int draw_moves(struct pane *pane, int row, const struct cpus *c,
		      const struct moves *v)
{
	int width = HEAD + (int)c->n * CELL <= pane->cols ? CELL : CELL_NARROW;
	char n[TEXT_NUM];

	pane_text(pane, row, 0, HEAD - 1, TEXT_LEFT, STYLE_HEAD, "FROM");
	cpu_heads(pane, row++, HEAD, width, c);
	for (size_t i = 0; i < c->n; i++, row++) {
		snprintf(n, sizeof(n), "%u", c->cpu[i]);
		pane_text(pane, row, 0, HEAD - 2, TEXT_RIGHT, STYLE_HEAD, n);
		for (size_t k = 0; pane_shows(pane, row) && k < c->n; k++)
			move_cell(pane, row, HEAD + (int)k * width, width,
				  v->count[i * c->n + k], v->most);
	}
	return row;
}

/* Pairs shown where CPUs are too many for a matrix. */
#define PAIRS 8

static int draw_pairs(struct pane *pane, int row, const struct cpus *c,
		      struct moves *v)
{
	char n[TEXT_NUM];

	for (int k = 0; k < PAIRS; k++) {
		size_t best = 0;

		for (size_t i = 1; i < c->n * c->n; i++)
			if (v->count[i] > v->count[best])
				best = i;
		if (!v->count[best])
			break;
		pane_printf(pane, row++, 0, STYLE_PLAIN, "%5s  CPU %u to %u",
			    text_count(n, v->count[best]), c->cpu[best / c->n],
			    c->cpu[best % c->n]);
		v->count[best] = 0;
	}
	return row;
}

/* ---- which thread was where -----------------------------------------------
 */

static void grid_row(struct tui_picture *p, struct pane *pane, int row,
		     int left, const struct cpus *c, size_t thread)
{
	const struct model_thread *t = &p->scene->m.threads[thread];
	const struct model_migration *r = p->scene->m.migrations;
	uint64_t count[CPUS_MAX] = { 0 }, most = 1;
	size_t now = cpu_place(c, p->scene->m.threads[thread].cpu), to;
	uint32_t shade;

	for (size_t i = 0; i < p->scene->m.nmigrations; i++, r++) {
		to = cpu_place(c, r->to);
		if (r->tid != t->tid || r->row.image != t->row.image ||
		    to == c->n)
			continue;
		count[to] += r->migrations;
		most = count[to] > most ? count[to] : most;
	}
	for (size_t i = 0; i < c->n; i++) {
		shade = spark_shade((double)count[i] / (double)most,
				    pane->cells->utf8);
		pane_code(pane, row, left + (int)i * GRID + 1,
			  count[i] ? STYLE_CHART : STYLE_QUIET,
			  count[i] ? shade : '.');
		if (i == now)
			pane_code(pane, row, left + (int)i * GRID, STYLE_STRONG,
				  '*');
	}
}

static void thread_row(struct tui_picture *p, struct pane *pane, int row,
		       int name_width, const struct cpus *c, bool grid,
		       size_t thread)
{
	const struct model_thread *t = &p->scene->m.threads[thread];
	char text[TEXT_NUM], name[TEXT_COMM];
	int col = TID_WIDTH + 1;

	snprintf(text, sizeof(text), "%d", (int)t->tid);
	pane_text(pane, row, 0, TID_WIDTH, TEXT_RIGHT, STYLE_PLAIN, text);
	pane_text(pane, row, col, name_width, TEXT_LEFT, STYLE_PLAIN,
		  view_name(name, t->comm));
	col += name_width + 1;
	snprintf(text, sizeof(text), "%u", p->scene->m.threads[thread].cpu);
	pane_text(pane, row, col, 3, TEXT_RIGHT, STYLE_PLAIN, text);
	pane_text(pane, row, col + 4, COUNT_WIDTH, TEXT_RIGHT,
		  t->migrations ? STYLE_PLAIN : STYLE_QUIET,
		  text_count(text, t->migrations));
	if (grid)
		grid_row(p, pane, row, col + 4 + COUNT_WIDTH + 1, c, thread);
}

static void draw_threads(struct tui_picture *p, struct pane *pane, int row,
			 const struct cpus *c)
{
	int name = pane->cols < 60 ? NAME_NARROW : NAME_WIDTH;
	int left = TID_WIDTH + name + 2 + 4 + COUNT_WIDTH + 1;
	bool grid = left + (int)c->n * GRID <= pane->cols;

	pane_text(pane, row, 0, TID_WIDTH, TEXT_RIGHT, STYLE_HEAD, "TID");
	pane_text(pane, row, TID_WIDTH + 1, name, TEXT_LEFT, STYLE_HEAD,
		  "THREAD");
	pane_text(pane, row, TID_WIDTH + name + 2, 3, TEXT_RIGHT, STYLE_HEAD,
		  "CPU");
	pane_text(pane, row, TID_WIDTH + name + 6, COUNT_WIDTH, TEXT_RIGHT,
		  STYLE_HEAD, "MOVED");
	if (grid)
		cpu_heads(pane, row, left, GRID, c);
	row++;
	for (size_t i = 0; i < p->scene->m.nthreads; i++) {
		if (!passes(p, &column_threads, &p->scene->m.threads[i]))
			continue;
		if (pane_shows(pane, row))
			thread_row(p, pane, row, name, c, grid, i);
		else
			pane_put(pane, row, 0, STYLE_PLAIN, "");
		row++;
	}
}

/* ---- the whole ------------------------------------------------------------
 */

static void draw(struct tui_picture *p, struct pane *pane)
{
	char n[TEXT_NUM], length[TEXT_NUM];
	struct cpus c = { .n = 0 };
	struct moves v;
	int row = 1;

	find_cpus(&c, p->scene);
	if (count_moves(&v, p, &c))
		return;
	pane_printf(pane, 0, 0, STYLE_QUIET, "%s move%s in %s%s",
		    text_count(n, v.total), v.total == 1 ? "" : "s",
		    text_ns(length, p->scene->m.window_ns),
		    v.total ? ", from row to column" : "");
	if (c.more || HEAD + (int)c.n * CELL_NARROW > pane->cols)
		row = draw_pairs(pane, row, &c, &v);
	else if (v.total)
		row = draw_moves(pane, row, &c, &v);
	free(v.count);
	pane_put(pane, row + 1, 0, STYLE_QUIET,
		 "where threads are (*) and were moved to");
	draw_threads(p, pane, row + 2, &c);
}

int view_cpus(struct tui_picture *p, struct pane *pane, struct tui_seen *seen)
{
	return view_text(p, pane, seen, draw);
}
