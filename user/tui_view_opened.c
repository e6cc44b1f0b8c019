// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One lock or one thread: all figures, history, partners, histograms. */
#include <errno.h>
#include <string.h>

#include "tui_spark.h"
#include "tui_view.h"

/* A label and a value side by side. */
#define FACT_LABEL 20
#define FACT_VALUE 8
#define FACT_WIDTH (FACT_LABEL + FACT_VALUE + 4)

#define CHART_HEIGHT 4
#define PARTNERS 8
#define BAR_WIDTH 24

/* ---- pieces ---------------------------------------------------------------
 */

/* What is said in the title is no fact of its own. */
static bool is_fact(const struct column *c)
{
	return c->type != VALUE_NAME && c->type != VALUE_TEXT &&
	       c->type != VALUE_HEX && c->type != VALUE_PLAIN;
}

static int facts(struct pane *pane, int row, const struct column_set *set,
		 const void *r)
{
	int columns = pane->cols / FACT_WIDTH > 0 ? pane->cols / FACT_WIDTH : 1;
	size_t n = 0, lines, at = 0;
	char text[COLUMN_TEXT], label[32];

	for (size_t i = 0; i < set->count; i++)
		n += is_fact(&set->columns[i]);
	lines = n ? (n + (size_t)columns - 1) / (size_t)columns : 1;
	for (size_t i = 0; i < set->count; i++) {
		const struct column *c = &set->columns[i];
		int y = row + (int)(at % lines);
		int x = (int)(at / lines) * FACT_WIDTH;

		if (!is_fact(c))
			continue;
		at++;
		pane_text(pane, y, x, FACT_LABEL, TEXT_LEFT, STYLE_QUIET,
			  view_label(label, c));
		pane_text(pane, y, x + FACT_LABEL, FACT_VALUE, TEXT_RIGHT,
			  view_figure(set, c, r), column_text(text, c, r));
	}
	return row + (int)lines;
}

/* The last intervals as columns; full height is `whole`. */
static int chart(struct pane *pane, int row, const float *value, double whole,
		 uint8_t style, const char *title)
{
	int first =
		pane->cols < HISTORY_LENGTH ? HISTORY_LENGTH - pane->cols : 0;

	pane_put(pane, row++, 0, STYLE_STRONG, title);
	for (int y = 0; y < CHART_HEIGHT; y++)
		for (int i = first; i < HISTORY_LENGTH; i++)
			pane_code(pane, row + y, i - first, style,
				  spark_column((double)value[i] / whole,
					       CHART_HEIGHT,
					       CHART_HEIGHT - 1 - y,
					       pane->cells->utf8));
	return row + CHART_HEIGHT;
}

static int share_chart(const struct tui_picture *p, struct pane *pane, int row,
		       struct history_key key, unsigned int which,
		       uint8_t style, const char *title)
{
	float value[HISTORY_LENGTH];
	char text[96];

	history_get(p->history, key, which, value);
	snprintf(text, sizeof(text), "%s, last %d intervals, full height 100%%",
		 title, HISTORY_LENGTH);
	return chart(pane, row, value, 1, style, text) + 1;
}

static int rate_chart(const struct tui_picture *p, struct pane *pane, int row,
		      struct history_key key, unsigned int which,
		      const char *title)
{
	float value[HISTORY_LENGTH], most = 0;
	char text[96], n[TEXT_NUM];

	history_get(p->history, key, which, value);
	for (int i = 0; i < HISTORY_LENGTH; i++)
		most = value[i] > most ? value[i] : most;
	snprintf(text, sizeof(text), "%s a second, full height %s", title,
		 text_count(n, (uint64_t)(most + 0.5f)));
	return chart(pane, row, value, most > 0 ? (double)most : 1, STYLE_CHART,
		     text) +
	       1;
}

/* ---- partners -------------------------------------------------------------
 */

/* Which handoffs: of a lock, to a thread, or from it. */
struct partners {
	const struct model_lock *lock;
	const struct model_thread *to, *from;
};

static bool takes_part(const struct partners *w, const struct model_handoff *h)
{
	if (w->lock)
		return h->row.image == w->lock->row.image &&
		       h->lock_id == w->lock->id;
	if (w->to)
		return h->row.image == w->to->row.image && h->to == w->to->tid;
	return h->row.image == w->from->row.image && h->from == w->from->tid;
}

static void partner_line(struct pane *pane, int row, const struct partners *w,
			 const struct model_handoff *h, uint64_t most)
{
	char from[TEXT_COMM], to[TEXT_COMM], text[COLUMN_TEXT];
	uint32_t bar[BAR_WIDTH];
	int col = 6;

	pane_text(pane, row, 0, 5, TEXT_RIGHT, STYLE_PLAIN,
		  text_count(text, h->handoffs));
	view_name(from, h->from_comm);
	view_name(to, h->to_comm);
	if (w->lock)
		col += pane_printf(pane, row, col, STYLE_PLAIN,
				   "%s %d to %s %d", from, (int)h->from, to,
				   (int)h->to);
	else
		col += pane_printf(pane, row, col, STYLE_PLAIN, "%s %d",
				   w->to ? from : to,
				   (int)(w->to ? h->from : h->to));
	if (!w->lock)
		col += pane_printf(pane, row, col + 2, STYLE_QUIET, "0x%llx",
				   (unsigned long long)h->lock_id) +
		       2;
	col = col < 45 && pane->cols > 45 + BAR_WIDTH ? 45 : col + 2;
	spark_bar(bar, BAR_WIDTH, (double)h->handoffs / (double)most,
		  pane->cells->utf8);
	for (int i = 0; i < BAR_WIDTH; i++)
		pane_code(pane, row, col + i, STYLE_CHART, bar[i]);
}

/* In a process the handoffs lie most first, so the first ones are the ones. */
static int partners(struct tui_picture *p, struct pane *pane, int row,
		    const struct partners *w, const char *title)
{
	const struct model_handoff *h = p->scene->m.handoffs;
	size_t found = 0;
	uint64_t most = 1;

	pane_put(pane, row++, 0, STYLE_STRONG, title);
	for (size_t i = 0; i < p->scene->m.nhandoffs; i++, h++) {
		if (!takes_part(w, h))
			continue;
		most = found ? most : h->handoffs;
		if (found++ < PARTNERS)
			partner_line(pane, row++, w, h, most);
	}
	if (!found)
		pane_put(pane, row++, 0, STYLE_QUIET, "none");
	if (found > PARTNERS)
		pane_printf(pane, row++, 0, STYLE_QUIET, "and %zu more pairs",
			    found - PARTNERS);
	return row + 1;
}

/* ---- a lock ---------------------------------------------------------------
 */

static int lock_title(struct pane *pane, const struct model_lock *l)
{
	char name[TEXT_COMM], what[96];

	text_escape(what, sizeof(what), l->name, strlen(l->name));
	pane_printf(pane, 0, 0, STYLE_STRONG, "%s 0x%llx%s%s of %s (%d)",
		    model_lock_kind(l), (unsigned long long)l->id,
		    *what ? " " : "", what, view_name(name, l->comm),
		    (int)l->pid);
	return 2;
}

static void lock_hists(struct tui_picture *p, struct pane *pane, int row,
		       const struct model_lock *l)
{
	static const char *const titles[] = { "Wait", "Wakeup", "Hold",
					      "Response" };
	struct view_dist d[GW_METRICS] = { 0 };

	_Static_assert(sizeof(titles) / sizeof(*titles) == GW_METRICS,
		       "all named");
	for (enum gw_metric i = 0; i < GW_METRICS; i++) {
		d[i].title = titles[i];
		d[i].max = l->dist[i].max;
		model_add(d[i].counts, model_lock_buckets(&p->scene->m, l, i));
	}
	view_hists(pane, row, 0, d, GW_METRICS);
}

static void draw_lock(struct tui_picture *p, struct pane *pane)
{
	const struct tui_pick *pick = &p->state->open;
	const struct history_key key = { pick->image, pick->id };
	const struct model_lock *l =
		scene_lock(p->scene, pick->image, pick->id);
	int row = 2;

	if (l) {
		row = lock_title(pane, l);
		row = facts(pane, row, &column_locks, l) + 1;
	} else {
		pane_printf(pane, 0, 0, STYLE_STRONG, "0x%llx",
			    (unsigned long long)pick->id);
		pane_put(pane, 1, 0, STYLE_QUIET, "nothing happened at it");
		row = 3;
	}
	row = share_chart(p, pane, row, key, HISTORY_BUSY, STYLE_LOCK,
			  "Busy (somebody waits)");
	row = rate_chart(p, pane, row, key, HISTORY_HANDOFFS, "Handoffs");
	row = share_chart(p, pane, row, key, HISTORY_STOLEN, STYLE_LOCK,
			  "Wakeups stolen");
	if (!l)
		return;
	row = partners(p, pane, row, &(struct partners){ .lock = l },
		       "Handoffs");
	lock_hists(p, pane, row, l);
}

/* ---- a thread -------------------------------------------------------------
 */

static int thread_title(struct pane *pane, const struct model_thread *t)
{
	char name[TEXT_COMM];

	pane_printf(pane, 0, 0, STYLE_STRONG, "%s %d of process %d: %s%s",
		    view_name(name, t->comm), (int)t->tid, (int)t->pid,
		    model_class_name(t->class), t->ended ? ", ended" : "");
	view_stack(pane, 2, 0, pane->cols < 80 ? pane->cols : 80, t);
	view_legend(pane, 3, 0);
	return 5;
}

static void thread_hists(struct tui_picture *p, struct pane *pane, int row,
			 const struct model_thread *t)
{
	const struct model *m = &p->scene->m;
	struct view_dist d[] = {
		{ .title = "Wakeup", .max = t->wakeup.max },
		{ .title = "Response", .max = t->response.max },
	};

	model_add(d[0].counts, model_thread_buckets(m, t, GW_WAKEUP));
	model_add(d[1].counts, model_thread_buckets(m, t, GW_RESPONSE));
	view_hists(pane, row, 0, d, 2);
}

static void draw_thread(struct tui_picture *p, struct pane *pane)
{
	const struct history_key key = { HISTORY_THREAD, p->state->open.id };
	const struct model_thread *t = scene_thread(p->scene, key.id);
	int row = 2;

	if (t) {
		row = thread_title(pane, t);
		row = facts(pane, row, &column_threads, t) + 1;
	} else {
		pane_put(pane, 0, 0, STYLE_STRONG, "this thread has ended");
	}
	row = share_chart(p, pane, row, key, HISTORY_LOCK_WAIT, STYLE_LOCK,
			  "Lock wait");
	row = share_chart(p, pane, row, key, HISTORY_RUNNABLE, STYLE_QUEUE,
			  "Runnable");
	row = share_chart(p, pane, row, key, HISTORY_RUNNING, STYLE_RUN,
			  "Running");
	if (!t)
		return;
	row = partners(p, pane, row, &(struct partners){ .to = t },
		       "Gets locks from");
	row = partners(p, pane, row, &(struct partners){ .from = t },
		       "Hands locks to");
	thread_hists(p, pane, row, t);
}

int view_opened(struct tui_picture *p, struct pane *pane, struct tui_seen *seen)
{
	return view_text(p, pane, seen,
			 p->state->open.what == OPEN_LOCK ? draw_lock
							  : draw_thread);
}
