// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The frame around the views: tabs, bottom line, and where each part is. */
#include <stdio.h>
#include <string.h>

#include "tui_view.h"

/* ---- tabs -----------------------------------------------------------------
 */

/* What is unlike the usual: totals, pause, filter. */
static int flags(const struct tui_picture *p, char *text, size_t size)
{
	const struct tui_state *s = p->state;
	char filter[TUI_FILTER * 4];

	text_escape(filter, sizeof(filter), s->filter, strlen(s->filter));
	/* While it is edited it is in the bottom line. */
	if (s->editing)
		*filter = '\0';
	return snprintf(text, size, "%s%s%s%s%s", s->paused ? "PAUSED" : "",
			s->paused && (s->totals || *filter) ? "  " : "",
			!s->totals                      ? ""
			: p->scene && p->scene->m.total ? "since start"
							: "since cleared",
			s->totals && *filter ? "  /"
			: *filter            ? "/"
					     : "",
			filter);
}

static int tab(struct pane *pane, int at, enum tui_view view, bool chosen,
	       bool named)
{
	char text[32];

	snprintf(text, sizeof(text), named ? " %d %s " : " %d ", view + 1,
		 tui_view_name(view));
	return pane_put(pane, 0, at, chosen ? STYLE_CHOSEN : STYLE_PLAIN, text);
}

static void tabs(const struct tui_picture *p, struct pane *pane)
{
	char right[TUI_FILTER * 4 + 64];
	int wide, at = 0;
	bool named;

	flags(p, right, sizeof(right));
	wide = (int)text_width(right);
	/* All names take 53 columns. */
	named = 53 + wide < pane->cols;
	for (enum tui_view v = 0; v < VIEWS; v++)
		at += tab(pane, at, v, v == p->state->view,
			  named || v == p->state->view);
	if (wide > pane->cols - at - 1)
		wide = pane->cols - at - 1;
	pane_text(pane, 0, pane->cols - wide, wide, TEXT_LEFT, STYLE_WARN,
		  right);
}

/* ---- bottom line ----------------------------------------------------------
 */

static void prompt(const struct tui_picture *p, struct pane *pane)
{
	char text[TUI_FILTER * 4];
	int at;

	text_escape(text, sizeof(text), p->state->filter,
		    strlen(p->state->filter));
	at = pane_put(pane, 0, 0, STYLE_STRONG, "/");
	at += pane_put(pane, 0, at, STYLE_PLAIN, text);
	pane_code(pane, 0, at, STYLE_PLAIN | STYLE_CURSOR, ' ');
	pane_put(pane, 0, at + 3, STYLE_QUIET, "Enter keeps it, Esc does not");
}

static void hints(struct pane *pane, const struct tui_state *s,
		  const struct tui_seen *seen)
{
	const char *text = "Tab view  i totals  p pause  h help  q quit";

	if (pane->cols < 50)
		text = s->help || s->open.what != OPEN_NOTHING
			       ? "Esc back  q quit"
			       : "Tab view  h help  q quit";
	else if (s->help || s->open.what != OPEN_NOTHING)
		text = s->help ? "arrows scroll  h back  q quit"
			       : "arrows scroll  Esc back  h help  q quit";
	else if (pane->cols < 70)
		text = "Tab view  h help  q quit";
	else if (seen->sorts)
		text = "Tab view  Enter open  s sort  r reverse  / filter  "
		       "i totals  h help  q quit";
	else if (seen->list)
		text = "Tab view  Enter open  / filter  i totals  p pause  "
		       "h help  q quit";
	pane_put(pane, 0, 0, STYLE_QUIET, text);
}

static void position(struct pane *pane, const struct tui_state *s,
		     const struct tui_seen *seen)
{
	const struct tui_place *p = &s->place[s->view];
	char text[64];
	int n;

	if (s->help)
		p = &s->help_place;
	else if (s->open.what != OPEN_NOTHING)
		p = &s->open_place;
	if (seen->rows <= seen->page && !seen->list)
		return;
	n = snprintf(text, sizeof(text), " %zu/%zu",
		     seen->rows ? p->cursor + 1 : 0, seen->rows);
	pane_text(pane, 0, pane->cols - n, n, TEXT_RIGHT, STYLE_QUIET, text);
}

static void bottom_line(const struct tui_picture *p, struct pane *pane,
			const struct tui_seen *seen)
{
	char text[SINK_MSG];

	if (p->state->editing) {
		prompt(p, pane);
		return;
	}
	text_escape(text, sizeof(text), p->state->message,
		    strlen(p->state->message));
	if (*text) {
		pane_text(pane, 0, 0, pane->cols, TEXT_LEFT, STYLE_STRONG,
			  text);
		return;
	}
	hints(pane, p->state, seen);
	position(pane, p->state, seen);
}

/* ---- the frame ------------------------------------------------------------
 */

static int waiting(struct tui_picture *p, struct pane *pane,
		   struct tui_seen *seen)
{
	char text[TEXT_NUM];

	(void)seen;
	pane_printf(pane, 1, 0, STYLE_QUIET, "the first figures come after %s",
		    text_ns(text, p->state->interval_ns));
	return 0;
}

static int body(struct tui_picture *p, struct pane *pane, struct tui_seen *seen)
{
	static int (*const views[VIEWS])(struct tui_picture *, struct pane *,
					 struct tui_seen *) = {
		[VIEW_LOCKS] = view_locks,       [VIEW_THREADS] = view_threads,
		[VIEW_HANDOFFS] = view_handoffs, [VIEW_LATENCY] = view_latency,
		[VIEW_CPUS] = view_cpus,
	};

	if (p->state->help)
		return view_help(p, pane, seen);
	if (!p->scene)
		return waiting(p, pane, seen);
	if (p->state->open.what != OPEN_NOTHING)
		return view_opened(p, pane, seen);
	return views[p->state->view](p, pane, seen);
}

static struct pane part(struct cells *c, int *top, int rows)
{
	struct pane p = {
		.cells = c, .top = *top, .rows = rows, .cols = c->cols
	};

	*top += rows;
	return p;
}

static int too_small(struct cells *c)
{
	int top = 0;
	struct pane all = part(c, &top, c->rows);

	pane_printf(&all, 0, 0, STYLE_PLAIN, "needs %dx%d, is %dx%d",
		    TUI_COLS_MIN, TUI_ROWS_MIN, c->cols, c->rows);
	return 0;
}

static int verdict_rows(int rows)
{
	return rows >= 45                ? 5
	       : rows >= 30              ? 3
	       : rows >= TUI_ROWS_SPACED ? 2
					 : 1;
}

int tui_draw(struct tui_picture *p, struct cells *c, struct tui_seen *seen)
{
	struct pane pane;
	int top = 0, err;

	*seen = (struct tui_seen){ 0 };
	if (c->rows < TUI_ROWS_MIN || c->cols < TUI_COLS_MIN)
		return too_small(c);
	pane = part(c, &top, c->rows >= TUI_ROWS_SPACED ? 2 : 1);
	view_top(p, &pane);
	/* One line where one is enough. */
	if (pane.rows > 1 && pane.used < 2)
		top = 1;
	pane = part(c, &top, verdict_rows(c->rows));
	view_verdicts(p, &pane);
	pane = part(c, &top, 1);
	tabs(p, &pane);
	top += c->rows >= TUI_ROWS_SPACED;
	pane = part(c, &top, c->rows - top - 1);
	err = body(p, &pane, seen);
	pane = part(c, &top, 1);
	bottom_line(p, &pane, seen);
	return err;
}

/* ---- text that scrolls ----------------------------------------------------
 */

static void blank(struct pane *pane)
{
	for (int row = 0; row < pane->rows; row++)
		pane_text(pane, pane->scroll + row, 0, pane->cols, TEXT_LEFT,
			  STYLE_PLAIN, "");
	pane->used = 0;
}

int view_text(struct tui_picture *p, struct pane *pane, struct tui_seen *seen,
	      void (*draw)(struct tui_picture *p, struct pane *pane))
{
	struct tui_place *place = tui_state_place(p->state);

	pane->scroll = (int)place->cursor;
	draw(p, pane);
	seen->rows = (size_t)pane->used;
	seen->page = (size_t)pane->rows;
	tui_place_fit(place, seen->rows, seen->page, false);
	if ((int)place->cursor == pane->scroll)
		return 0;
	blank(pane);
	pane->scroll = (int)place->cursor;
	draw(p, pane);
	return 0;
}
