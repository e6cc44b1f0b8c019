// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The help: keys, then every column of the view from the column table. */
#include <string.h>

#include "tui_view.h"

#define KEY_WIDTH 11
#define TITLE_WIDTH 19
/* From this width on keys stand in two columns. */
#define TWO_COLUMNS 110

/* What a view shows besides columns. */
static const char *const about[VIEWS] = {
	[VIEW_LOCKS] =
		"Locks that threads waited for. BUSY is the share of each of "
		"the last intervals in which at least one thread waited; full "
		"height is 100 %. Enter opens a lock.",
	[VIEW_THREADS] =
		"Where the time of each thread went: TIME as one bar; LOCK is "
		"the share of each of the last intervals that it waited for a "
		"lock, full height 100 %. Enter opens a thread.",
	[VIEW_HANDOFFS] =
		"Who handed a lock (row) to whom (column, by the row's "
		"number), the darker the more often. More threads than fit "
		"are a sorted list with these columns:",
	[VIEW_LATENCY] =
		"Durations in powers of two, with the bars in which p50 and "
		"p99 lie. Wait: from the first sleep on the lock to having "
		"it. Wakeup: from being woken by the release to running. "
		"Hold: from having it to the next release that the kernel "
		"sees. Response: from the wakeup out of a sleep elsewhere "
		"(I/O, a timer) to having the lock. A filter chooses locks.",
	[VIEW_CPUS] =
		"How often watched threads were moved from one CPU (row) to "
		"another (column), the darker the more often; then for each "
		"thread the CPU that it is on (*), how often it was moved, "
		"and to which CPUs.",
};

static int key_lines(struct pane *pane, int row)
{
	int columns = pane->cols >= TWO_COLUMNS ? 2 : 1;
	int n = 0, lines, end = row, at = row;
	int width = pane->cols / columns;

	while (tui_keys[n].keys)
		n++;
	lines = (n + columns - 1) / columns;
	for (int i = 0; i < n; i++) {
		int left = i / lines * width;

		if (i % lines == 0)
			at = row;
		pane_put(pane, at, left, STYLE_STRONG, tui_keys[i].keys);
		at = view_wrap(pane, at, left + KEY_WIDTH,
			       width - KEY_WIDTH - 2, STYLE_PLAIN,
			       tui_keys[i].does);
		end = at > end ? at : end;
	}
	return end + 1;
}

static int column_line(struct pane *pane, int row, const char *title,
		       const struct column *c)
{
	int width = TITLE_WIDTH;
	char text[512];

	if (pane->cols < 60)
		width = 12;
	snprintf(text, sizeof(text), "%s%s%s%s", c->help, *c->unit ? " (" : "",
		 c->unit, *c->unit ? ")" : "");
	pane_text(pane, row, 0, width - 1, TEXT_LEFT, STYLE_STRONG, title);
	return view_wrap(pane, row, width, pane->cols - width, STYLE_PLAIN,
			 text);
}

static int column_lines(struct pane *pane, int row,
			const struct column_set *set)
{
	char title[32];

	for (size_t i = 0; i < set->count; i++)
		if (set->columns[i].title)
			row = column_line(pane, row, view_title(title, set, i),
					  &set->columns[i]);
	pane_put(pane, row + 1, 0, STYLE_QUIET,
		 "In the CSV files, and in part where Enter leads:");
	row += 2;
	for (size_t i = 0; i < set->count; i++)
		if (!set->columns[i].title)
			row = column_line(pane, row,
					  view_label(title, &set->columns[i]),
					  &set->columns[i]);
	return row + 1;
}

static int colour_lines(struct pane *pane, int row)
{
	pane_put(pane, row++, 0, STYLE_STRONG, "Looks");
	view_legend(pane, row++, 0);
	pane_put(pane, row++, 0, STYLE_WARN,
		 "5 % of wakeups stolen, response delay of 10 ms");
	pane_put(pane, row++, 0, STYLE_BAD,
		 "20 % stolen, response delay of 100 ms, anything lost");
	return row;
}

static void draw(struct tui_picture *p, struct pane *pane)
{
	enum tui_view view = p->state->view;
	const struct column_set *set = tui_view_set(view);
	int row;

	pane_put(pane, 0, 0, STYLE_STRONG, "Keys");
	row = key_lines(pane, 1);
	pane_put(pane, row++, 0, STYLE_STRONG, tui_view_name(view));
	row = view_wrap(pane, row, 0, pane->cols, STYLE_PLAIN, about[view]) + 1;
	if (set)
		row = column_lines(pane, row, set);
	colour_lines(pane, row);
}

int view_help(struct tui_picture *p, struct pane *pane, struct tui_seen *seen)
{
	return view_text(p, pane, seen, draw);
}
