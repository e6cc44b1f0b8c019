// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What several views are made of. */
#include <ctype.h>
#include <string.h>

#include "tui_spark.h"
#include "tui_view.h"

/* When a figure is coloured. A battle is told from this share of wakeups on;
 * a delay is felt from 100 ms on (Nielsen, Response Times, 1993). */
#define STOLEN_WARN 5 /* per cent */
#define STOLEN_BAD VERDICT_STOLEN_MIN
#define RESPONSE_WARN_NS 10000000ull
#define RESPONSE_BAD_NS 100000000ull

/* ---- words ----------------------------------------------------------------
 */

const char *view_name(char buf[TEXT_COMM], const char *comm)
{
	if (!comm || !*comm)
		return strcpy(buf, "?");
	text_escape(buf, TEXT_COMM, comm, GW_COMM_LEN);
	return buf;
}

const char *view_label(char buf[32], const struct column *c)
{
	const char *from = c->id ? c->id : c->title;
	size_t n = 0;

	while (*from && n < 31) {
		if (!strncmp(from, "_ns", 3) && (!from[3] || from[3] == '_'))
			from += 3;
		else
			buf[n++] = *from == '_' ? ' ' : (char)tolower(*from),
			from++;
	}
	buf[n] = '\0';
	return buf;
}

/* Bytes of text that fit into `width` columns, up to a space where there is
 * one. */
static size_t line_end(const char *text, int width)
{
	size_t n = 0, space = 0, columns;
	uint32_t code;

	while (text[n]) {
		size_t len = text_glyph(text + n, &code, &columns);

		if (code == ' ')
			space = n;
		width -= (int)columns;
		if (width < 0)
			return space ? space : n ? n : len;
		n += len;
	}
	return n;
}

int view_wrap(struct pane *pane, int row, int col, int width, uint8_t style,
	      const char *text)
{
	char line[512];
	size_t n;

	while (*text) {
		n = line_end(text, width < 8 ? 8 : width);
		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		pane_put(pane, row++, col, style, line);
		text += n;
		text += strspn(text, " ");
	}
	return row;
}

/* ---- figures --------------------------------------------------------------
 */

static uint8_t stolen_style(const struct column_set *set, const void *row)
{
	const struct model_lock *l = row;
	const struct model_thread *t = row;
	bool lock = set == &column_locks;
	uint64_t stolen = lock ? l->failed[GW_STOLEN] : t->failed[GW_STOLEN];
	uint64_t got = lock ? l->acquired : t->waits;

	if (stolen * 100 >= (stolen + got) * STOLEN_BAD)
		return STYLE_BAD;
	return stolen * 100 >= (stolen + got) * STOLEN_WARN ? STYLE_WARN
							    : STYLE_PLAIN;
}

uint8_t view_figure(const struct column_set *set, const struct column *c,
		    const void *row)
{
	uint64_t n = c->get(row).number;

	if (c->type == VALUE_NAME || c->type == VALUE_TEXT ||
	    c->type == VALUE_HEX || c->type == VALUE_PLAIN)
		return STYLE_PLAIN;
	if (!n || n == MODEL_UNKNOWN)
		return STYLE_QUIET;
	if (!c->id)
		return STYLE_PLAIN;
	if (!strcmp(c->id, "lost"))
		return STYLE_BAD;
	if (!strcmp(c->id, "stolen"))
		return stolen_style(set, row);
	if (strncmp(c->id, "response_", 9) || n < RESPONSE_WARN_NS)
		return STYLE_PLAIN;
	return n >= RESPONSE_BAD_NS ? STYLE_BAD : STYLE_WARN;
}

/* ---- stacked bar ----------------------------------------------------------
 */

/* In the order of the bar: what hurts is in the middle. */
static const struct {
	enum gw_run state;
	uint8_t style;
	const char *name;
} parts[SPARK_PARTS] = {
	{ GW_RUNNING, STYLE_RUN, "run" },
	{ GW_RUNNABLE, STYLE_QUEUE, "runnable" },
	{ GW_LOCK_WAIT, STYLE_LOCK, "lock" },
	{ GW_SLEEPING, STYLE_SLEEP, "sleep" },
};

void view_stack(struct pane *pane, int row, int col, int width,
		const struct model_thread *t)
{
	uint64_t part[SPARK_PARTS];
	uint8_t cells[256];

	width = width < (int)sizeof(cells) ? width : (int)sizeof(cells);
	for (int i = 0; i < SPARK_PARTS; i++)
		part[i] = t->time_ns[parts[i].state];
	spark_stack(cells, width, part);
	for (int i = 0; i < width; i++)
		if (cells[i] != SPARK_NONE)
			pane_code(pane, row, col + i, parts[cells[i]].style,
				  spark_part(cells[i], pane->cells->utf8));
}

int view_legend(struct pane *pane, int row, int col)
{
	int at = col;

	for (unsigned int i = 0; i < SPARK_PARTS; i++) {
		pane_code(pane, row, at, parts[i].style,
			  spark_part(i, pane->cells->utf8));
		at += 2 +
		      pane_put(pane, row, at + 2, STYLE_QUIET, parts[i].name) +
		      2;
	}
	return at - col - 2;
}

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
	uint64_t p50, p99;
};

static void fill_bars(struct bars *b, const struct view_dist *d)
{
	*b = (struct bars){ .first = BARS };
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		b->count[bar_of(i)] += d->counts[i];
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
	bool p50 = bar_at(b->p50) == bar, p99 = bar_at(b->p99) == bar;
	uint32_t cells[BAR_ROOM_MAX];
	char text[TEXT_NUM];

	room = room > BAR_ROOM_MAX ? BAR_ROOM_MAX : room < 1 ? 1 : room;
	pane_text(pane, row, col, LOW_WIDTH, TEXT_RIGHT, STYLE_PLAIN,
		  text_ns(text, bar_low(bar)));
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

int view_hist(struct pane *pane, int row, int col, int width,
	      const struct view_dist *d)
{
	struct bars b;

	fill_bars(&b, d);
	hist_title(pane, row++, col, width, d, &b);
	for (unsigned int i = b.first; i <= b.last && b.total; i++)
		bar_line(pane, row++, col, width, &b, i);
	return row;
}

int view_hists(struct pane *pane, int row, const struct view_dist *d, size_t n)
{
	int columns = pane->cols >= SIDE_BY_SIDE * 2 && n > 2 ? (int)n
		      : pane->cols >= SIDE_BY_SIDE            ? 2
							      : 1;
	int width = (pane->cols + 2) / columns - 2;
	int end = row, bottom;

	for (size_t i = 0; i < n; i++) {
		if (i && i % (size_t)columns == 0)
			row = end + 1;
		bottom = view_hist(pane, row,
				   (int)(i % (size_t)columns) * (width + 2),
				   width, &d[i]);
		end = bottom > end ? bottom : end;
	}
	return end;
}
