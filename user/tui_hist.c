// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Histograms as bars. */
#include <string.h>

#include "tui_spark.h"
#include "tui_view.h"

/* ---- histogram ------------------------------------------------------------
 */

/* Buckets of the same power of two make one bar. */
#define BARS (HIST_MAX_BITS - HIST_MIN_BITS + 2)

/* Columns of a line before and after the bar. */
#define LOW_WIDTH 6
#define MARK_WIDTH 7
#define COUNT_WIDTH 5
#define BAR_ROOM_MAX 80

/* From this width on two histograms stand side by side. */
#define SIDE_BY_SIDE 76

/* Powers of two that one bar may stand for. */
#define STEP_MAX 4

static unsigned int bar_of(unsigned int bucket)
{
	return bucket ? 1 + (bucket - 1) / HIST_SUB : 0;
}

static uint64_t bar_low(unsigned int bar)
{
	return bar ? hist_low(1 + (bar - 1) * HIST_SUB) : 0;
}

/* The bar in which a value lies; BARS for one that is not known. */
static unsigned int bar_at(uint64_t ns)
{
	return ns == MODEL_UNKNOWN ? BARS : bar_of(hist_bucket(ns));
}

struct bars {
	uint64_t count[BARS];
	uint64_t total, most;
	unsigned int first, last; /* that are not empty */
	unsigned int step;        /* powers of two a bar */
	uint64_t p50, p99;
};

static void fill_bars(struct bars *b, const struct view_dist *d,
		      unsigned int step)
{
	*b = (struct bars){ .first = BARS, .step = step };
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		b->count[bar_of(i) / step] += d->counts[i];
		b->total += d->counts[i];
	}
	for (unsigned int i = 0; i < BARS; i++) {
		if (!b->count[i])
			continue;
		b->first = i < b->first ? i : b->first;
		b->last = i;
		if (b->count[i] > b->most)
			b->most = b->count[i];
	}
	b->p50 = model_percentile(d->counts, 0.50, d->max);
	b->p99 = model_percentile(d->counts, 0.99, d->max);
}

static void bar_line(struct pane *pane, int row, int col, int width,
		     const struct bars *b, unsigned int bar)
{
	int room = width - LOW_WIDTH - MARK_WIDTH - COUNT_WIDTH - 3;
	int left = col + LOW_WIDTH + 1;
	bool p50 = bar_at(b->p50) / b->step == bar;
	bool p99 = bar_at(b->p99) / b->step == bar;
	uint32_t cells[BAR_ROOM_MAX];
	char text[TEXT_NUM];

	room = room > BAR_ROOM_MAX ? BAR_ROOM_MAX : room < 1 ? 1 : room;
	pane_text(pane, row, col, LOW_WIDTH, TEXT_RIGHT, STYLE_PLAIN,
		  text_ns(text, bar_low(bar * b->step)));
	pane_text(pane, row, left, MARK_WIDTH, TEXT_RIGHT, STYLE_STRONG,
		  p50 && p99 ? "p50 p99"
		  : p50      ? "p50"
		  : p99      ? "p99"
			     : "");
	left += MARK_WIDTH + 1;
	spark_bar(cells, room, (double)b->count[bar] / (double)b->most,
		  pane->cells->utf8);
	for (int i = 0; i < room; i++)
		pane_code(pane, row, left + i, STYLE_CHART, cells[i]);
	pane_text(pane, row, left + room + 1, COUNT_WIDTH, TEXT_RIGHT,
		  b->count[bar] ? STYLE_PLAIN : STYLE_QUIET,
		  text_count(text, b->count[bar]));
}

static void hist_title(struct pane *pane, int row, int col, int width,
		       const struct view_dist *d, const struct bars *b)
{
	char n[TEXT_NUM], p50[TEXT_NUM], p99[TEXT_NUM], max[TEXT_NUM];
	char text[128];
	int used;

	used = pane_put(pane, row, col, STYLE_STRONG, d->title);
	if (b->total)
		snprintf(text, sizeof(text), "%s  p50 %s  p99 %s  max %s",
			 text_count(n, b->total), text_ns(p50, b->p50),
			 text_ns(p99, b->p99), text_ns(max, d->max));
	else
		snprintf(text, sizeof(text), "none");
	/* The longest value is what can be missed. */
	if ((int)strlen(text) > width - used - 2 && b->total)
		*strstr(text, "  max") = '\0';
	pane_text(pane, row, col + used + 2, width - used - 2, TEXT_LEFT,
		  b->total ? STYLE_PLAIN : STYLE_QUIET, text);
}

static int draw_hist(struct pane *pane, int row, int col, int width,
		     const struct view_dist *d, unsigned int step)
{
	struct bars b;

	fill_bars(&b, d, step);
	hist_title(pane, row++, col, width, d, &b);
	for (unsigned int i = b.first; i <= b.last && b.total; i++)
		bar_line(pane, row++, col, width, &b, i);
	return row;
}

static int hist_rows(const struct view_dist *d, unsigned int step)
{
	struct bars b;

	fill_bars(&b, d, step);
	return 1 + (b.total ? (int)(b.last - b.first) + 1 : 0);
}

/* Rows of all of them, with a blank one between. */
static int all_rows(const struct view_dist *d, size_t n, size_t columns,
		    unsigned int step)
{
	int rows = -1, highest, one;

	for (size_t i = 0; i < n; i += columns) {
		highest = 0;
		for (size_t k = i; k < i + columns && k < n; k++) {
			one = hist_rows(&d[k], step);
			highest = one > highest ? one : highest;
		}
		rows += highest + 1;
	}
	return rows;
}

static unsigned int step_that_fits(const struct view_dist *d, size_t n,
				   size_t columns, int rows)
{
	for (unsigned int step = 1; rows && step <= STEP_MAX; step++)
		if (all_rows(d, n, columns, step) <= rows)
			return step;
	return 1;
}

int view_hists(struct pane *pane, int row, int rows, const struct view_dist *d,
	       size_t n)
{
	size_t columns = pane->cols >= SIDE_BY_SIDE * 2 && n > 2 ? n
			 : pane->cols >= SIDE_BY_SIDE            ? 2
								 : 1;
	int width = (pane->cols + 2) / (int)columns - 2, end = row, bottom;
	unsigned int step = step_that_fits(d, n, columns, rows);

	for (size_t i = 0; i < n; i++) {
		if (i && i % columns == 0)
			row = end + 1;
		bottom = draw_hist(pane, row, (int)(i % columns) * (width + 2),
				   width, &d[i], step);
		end = bottom > end ? bottom : end;
	}
	return end;
}
