// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Locks, threads and the list of handoffs: tables with a cursor. */
#include <errno.h>
#include <string.h>

#include "tui_spark.h"
#include "tui_table.h"
#include "tui_view.h"

/* One table: its rows and what stands beside the columns. */
struct table_view {
	enum tui_view view;
	const void *rows;
	size_t count, size;
	bool bar, spark;
	const char *bar_title, *spark_title;
	unsigned int spark_value;
	const char *none; /* what to say without rows */
};

static struct history_key key_of(enum tui_view view, const void *row)
{
	const struct model_lock *l = row;
	const struct model_thread *t = row;

	if (view == VIEW_LOCKS)
		return (struct history_key){ l->row.image, l->id };
	return (struct history_key){ HISTORY_THREAD, t->serial };
}

static struct tui_pick pick_of(enum tui_view view, const void *row)
{
	const struct model_lock *l = row;
	const struct model_thread *t = row;
	const struct model_handoff *h = row;

	if (view == VIEW_LOCKS)
		return (struct tui_pick){ OPEN_LOCK, l->row.image, l->id };
	if (view == VIEW_THREADS)
		return (struct tui_pick){ OPEN_THREAD, 0, t->serial };
	return (struct tui_pick){ OPEN_LOCK, h->row.image, h->lock_id };
}

/* ---- one line -------------------------------------------------------------
 */

static enum text_align align_of(const struct column *c)
{
	return c->type == VALUE_NAME || c->type == VALUE_TEXT ||
			       c->type == VALUE_HEX
		       ? TEXT_LEFT
		       : TEXT_RIGHT;
}

/* What the parts are goes over the title where the frame left a line free. */
static void bar_head(struct pane *pane, const struct table_view *t,
		     const struct plan *plan)
{
	struct pane above = *pane;
	int left;

	pane_text(pane, 0, plan->bar_left, plan->bar, TEXT_LEFT, STYLE_HEAD,
		  t->bar_title);
	above.top--;
	if (pane->cells->rows < TUI_ROWS_SPACED)
		return;
	/* Measured outside of the pane. */
	left = pane->cols - view_legend(&above, -1, 0);
	view_legend(&above, 0, left < plan->bar_left ? left : plan->bar_left);
}

static void head_line(struct pane *pane, const struct table_view *t,
		      const struct plan *plan, size_t sort)
{
	const struct plan_column *c;
	char text[48];

	for (size_t i = 0; i < plan->count; i++) {
		c = &plan->column[i];
		pane_text(pane, 0, c->left, c->width, align_of(c->column),
			  STYLE_HEAD, c->title);
		if (c->index == sort)
			pane_text(pane, 0,
				  align_of(c->column) == TEXT_RIGHT
					  ? c->left + c->width -
						    (int)strlen(c->title)
					  : c->left,
				  (int)strlen(c->title), TEXT_LEFT,
				  STYLE_CHOSEN, c->title);
	}
	if (plan->bar)
		bar_head(pane, t, plan);
	if (!plan->spark)
		return;
	snprintf(text, sizeof(text), "%s last %d", t->spark_title, plan->spark);
	if ((int)strlen(text) > plan->spark)
		snprintf(text, sizeof(text), "%s", t->spark_title);
	pane_text(pane, 0, plan->spark_left, plan->spark, TEXT_LEFT, STYLE_HEAD,
		  text);
}

static void spark_line(const struct tui_picture *p, struct pane *pane, int row,
		       const struct table_view *t, const struct plan *plan,
		       const void *r)
{
	float value[HISTORY_LENGTH];

	history_get(p->history, key_of(t->view, r), t->spark_value, value);
	for (int i = 0; i < plan->spark; i++)
		pane_code(
			pane, row, plan->spark_left + i, STYLE_CHART,
			spark_level(
				(double)value[HISTORY_LENGTH - plan->spark + i],
				pane->cells->utf8));
}

static void body_line(const struct tui_picture *p, struct pane *pane, int row,
		      const struct table_view *t, const struct plan *plan,
		      const void *r)
{
	const struct column_set *set = tui_view_set(t->view);
	const struct plan_column *c;
	char text[COLUMN_TEXT];

	for (size_t i = 0; i < plan->count; i++) {
		c = &plan->column[i];
		pane_text(pane, row, c->left, c->width, align_of(c->column),
			  view_figure(set, c->column, r),
			  column_text(text, c->column, r));
	}
	if (plan->bar)
		view_stack(pane, row, plan->bar_left, plan->bar, r);
	if (plan->spark)
		spark_line(p, pane, row, t, plan, r);
}

/* ---- the table ------------------------------------------------------------
 */

static void rows(struct tui_picture *p, struct pane *pane,
		 struct tui_seen *seen, const struct table_view *t,
		 const struct plan *plan)
{
	const struct tui_place *place = &p->state->place[t->view];

	for (size_t i = 0; i < seen->page && place->top + i < seen->rows; i++)
		body_line(p, pane, (int)i + 1, t, plan,
			  p->list.item[place->top + i].row);
	if (!seen->rows) {
		view_wrap(pane, 2, 0, pane->cols, STYLE_QUIET,
			  *p->state->filter ? "nothing matches the filter"
					    : t->none);
		return;
	}
	seen->under = pick_of(t->view, p->list.item[place->cursor].row);
	pane_cursor(pane, (int)(place->cursor - place->top) + 1);
}

static int table(struct tui_picture *p, struct pane *pane,
		 struct tui_seen *seen, const struct table_view *t)
{
	struct tui_place *place = &p->state->place[t->view];
	const struct list_order order = { .set = tui_view_set(t->view),
					  .column = place->sort,
					  .ascending = place->ascending,
					  .filter = p->state->filter };
	const struct plan_wish wish = { .set = order.set,
					.width = pane->cols,
					.sort = place->sort,
					.processes = p->scene->m.nprocesses > 1,
					.bar = t->bar,
					.spark = t->spark };
	struct plan plan;

	if (list_take(&p->list, &order, t->rows, t->count, t->size))
		return -ENOMEM;
	seen->rows = p->list.count;
	seen->page = (size_t)(pane->rows > 1 ? pane->rows - 1 : 1);
	seen->list = seen->sorts = true;
	tui_place_fit(place, seen->rows, seen->page, true);
	list_sort(&p->list, &order, place->top, place->top + seen->page);
	plan_make(&plan, &wish);
	head_line(pane, t, &plan, place->sort);
	rows(p, pane, seen, t, &plan);
	return 0;
}

int view_locks(struct tui_picture *p, struct pane *pane, struct tui_seen *seen)
{
	const struct model *m = &p->scene->m;
	const struct table_view t = {
		.view = VIEW_LOCKS,
		.rows = m->locks,
		.count = m->nlocks,
		.size = sizeof(*m->locks),
		.spark = true,
		.spark_title = "BUSY",
		.spark_value = HISTORY_BUSY,
		.none = "no thread waited for a lock",
	};

	return table(p, pane, seen, &t);
}

int view_threads(struct tui_picture *p, struct pane *pane,
		 struct tui_seen *seen)
{
	const struct model *m = &p->scene->m;
	const struct table_view t = {
		.view = VIEW_THREADS,
		.rows = m->threads,
		.count = m->nthreads,
		.size = sizeof(*m->threads),
		.bar = true,
		.bar_title = "TIME",
		.spark = true,
		.spark_title = "LOCK",
		.spark_value = HISTORY_LOCK_WAIT,
		.none = "no thread is watched",
	};

	return table(p, pane, seen, &t);
}

int view_handoff_list(struct tui_picture *p, struct pane *pane,
		      struct tui_seen *seen)
{
	const struct model *m = &p->scene->m;
	const struct table_view t = {
		.view = VIEW_HANDOFFS,
		.rows = m->handoffs,
		.count = m->nhandoffs,
		.size = sizeof(*m->handoffs),
		.none = "no lock was handed from one thread to another",
	};

	return table(p, pane, seen, &t);
}
