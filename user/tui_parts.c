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
	const char *from = column_name(c);
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

int view_wrap_to(struct pane *pane, int row, int end, int col, int width,
		 uint8_t style, const char *text)
{
	char line[512];
	size_t n;

	while (*text) {
		if (row == end - 1) {
			pane_put(pane, row, col, style, text);
			return end;
		}
		n = line_end(text, width < 8 ? 8 : width);
		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		pane_put(pane, row++, col, style, line);
		text += n;
		text += strspn(text, " ");
	}
	return row;
}

int view_wrap(struct pane *pane, int row, int col, int width, uint8_t style,
	      const char *text)
{
	return view_wrap_to(pane, row, 0, col, width, style, text);
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
