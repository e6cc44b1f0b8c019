// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Above the views: what is watched and at what cost, and the verdicts. */
#include <stdio.h>
#include <string.h>

#include "tui_view.h"

/* ---- top line -------------------------------------------------------------
 */

#define ITEM_TEXT 160
#define ITEMS 9 /* that make_items adds at most */
#define ITEM_GAP 2

/* A part of the top line; the highest number goes first when it is too long. */
struct item {
	char text[ITEM_TEXT];
	int width; /* columns */
	uint8_t style;
	int priority;
};

struct items {
	struct item item[ITEMS];
	int n;
};

static struct item *add(struct items *s, uint8_t style, int priority)
{
	struct item *i = &s->item[s->n++];

	i->style = style;
	i->priority = priority;
	return i;
}

static double cores(const struct model *m)
{
	uint64_t running = 0;

	for (size_t i = 0; i < m->nprocesses; i++)
		running += m->processes[i].running_ns;
	return (double)running / (double)(m->window_ns + 1);
}

/* "CPython 3.11" of "CPython 3.11 GIL"; NULL: the name is none of an
 * interpreter, but "probable GIL (...)" or an address. */
static const char *end_of_interpreter(const char *gil)
{
	if (!gil || !strncmp(gil, "probable G", 10))
		return NULL;
	return strstr(gil, " G");
}

void view_interpreter(char buf[VIEW_INTERPRETER], const struct model *m)
{
	const char *end;

	for (size_t i = 0; i < m->nprocesses; i++) {
		end = end_of_interpreter(m->processes[i].gil);
		if (!end)
			continue;
		snprintf(buf, VIEW_INTERPRETER, "%.*s",
			 (int)(end - m->processes[i].gil), m->processes[i].gil);
		return;
	}
	for (size_t i = 0; i < m->nprocesses; i++)
		/* Other notes are on the search, and too long for here. */
		if (m->processes[i].note &&
		    !strncmp(m->processes[i].note, "GIL", 3)) {
			snprintf(buf, VIEW_INTERPRETER, "%s",
				 m->processes[i].note);
			return;
		}
}

static void add_figures(struct items *s, const struct tui_picture *p)
{
	char text[TEXT_NUM];

	if (p->scene)
		snprintf(add(s, STYLE_PLAIN, 1)->text, ITEM_TEXT,
			 "%.2f of %u cores", cores(&p->scene->m),
			 p->scene->m.cpus);
	snprintf(add(s, p->lost ? STYLE_BAD : STYLE_PLAIN, p->lost ? 0 : 3)
			 ->text,
		 ITEM_TEXT, "lost %s", text_count(text, p->lost));
	if (p->own_window_ns)
		snprintf(add(s, STYLE_PLAIN, 4)->text, ITEM_TEXT, "own CPU %s",
			 text_percent(text, p->own_ns, p->own_window_ns));
}

static void make_items(struct items *s, const struct tui_picture *p)
{
	char text[TEXT_NUM];

	s->n = 0;
	snprintf(add(s, STYLE_STRONG, 7)->text, ITEM_TEXT, "gilwatch");
	text_escape(add(s, STYLE_STRONG, 0)->text, ITEM_TEXT, p->target,
		    strlen(p->target));
	if (p->interpreter && *p->interpreter)
		text_escape(add(s, STYLE_PLAIN, 5)->text, ITEM_TEXT,
			    p->interpreter, strlen(p->interpreter));
	snprintf(add(s, STYLE_PLAIN, 2)->text, ITEM_TEXT, "%s",
		 text_ns(text, p->run_ns / 1000000000u * 1000000000u));
	snprintf(add(s, STYLE_PLAIN, 6)->text, ITEM_TEXT, "every %s",
		 text_ns(text, p->state->interval_ns));
	add_figures(s, p);
	if (p->output)
		snprintf(add(s, STYLE_QUIET, 5)->text, ITEM_TEXT,
			 "output in %s", p->output);
	for (int i = 0; i < s->n; i++)
		s->item[i].width = (int)text_width(s->item[i].text);
}

/* Lines of `width` columns that the items take; an item is not broken. */
static int lines_of(const struct items *s, int width)
{
	int lines = 1, at = 0, need;

	for (int i = 0; i < s->n; i++) {
		need = s->item[i].width;
		if (at && at + need > width) {
			lines++;
			at = 0;
		}
		at += need + ITEM_GAP;
	}
	return lines;
}

static void drop_one(struct items *s)
{
	int worst = 0;

	for (int i = 1; i < s->n; i++)
		if (s->item[i].priority >= s->item[worst].priority)
			worst = i;
	memmove(&s->item[worst], &s->item[worst + 1],
		(size_t)(s->n - worst - 1) * sizeof(s->item[0]));
	s->n--;
}

/* The target is what may be shortened. */
static void shorten(struct items *s, int width)
{
	int left = width;
	const char *tail;

	for (int i = 0; i < s->n; i++)
		if (i || s->item[i].priority)
			left -= s->item[i].width + ITEM_GAP;
	if (left < 8 || s->item[0].width <= left)
		return;
	/* Of a command's path the end tells most. */
	tail = strrchr(s->item[0].text, '/');
	if (tail && tail[1])
		memmove(s->item[0].text, tail + 1, strlen(tail));
	s->item[0].width = (int)text_width(s->item[0].text);
	if (s->item[0].width > left)
		s->item[0].width = left;
}

static bool only_must(const struct items *s)
{
	for (int i = 0; i < s->n; i++)
		if (s->item[i].priority > 2)
			return false;
	return true;
}

void view_top(const struct tui_picture *p, struct pane *pane)
{
	int row = 0, at = 0, need;
	struct items s;

	make_items(&s, p);
	while (s.n > 1 && lines_of(&s, pane->cols) > pane->rows &&
	       !only_must(&s))
		drop_one(&s);
	if (lines_of(&s, pane->cols) > pane->rows)
		shorten(&s, pane->cols);
	while (s.n > 1 && lines_of(&s, pane->cols) > pane->rows)
		drop_one(&s);
	for (int i = 0; i < s.n; i++) {
		need = s.item[i].width;
		if (at && at + need > pane->cols) {
			row++;
			at = 0;
		}
		pane_text(pane, row, at, need, TEXT_LEFT, s.item[i].style,
			  s.item[i].text);
		at += need + ITEM_GAP;
	}
}

/* ---- verdicts -------------------------------------------------------------
 */

void view_verdicts(const struct tui_picture *p, struct pane *pane)
{
	const struct scene_verdict *v;
	char text[2 * VERDICT_TEXT + 64], name[TEXT_COMM] = "";
	int row = 0;

	for (size_t i = 0;
	     p->scene && i < p->scene->nverdicts && row < pane->rows; i++) {
		v = &p->scene->verdicts[i];
		if (p->scene->m.nprocesses > 1)
			view_name(name, p->scene->m.processes[v->process].comm);
		snprintf(text, sizeof(text), "%s%s%s", name, *name ? ": " : "",
			 v->verdict.what);
		row = view_wrap_to(pane, row, pane->rows, 0, pane->cols,
				   v->verdict.kind == VERDICT_FINE ? STYLE_QUIET
								   : STYLE_WARN,
				   text);
		if (*v->verdict.remedy && row < pane->rows && !i) {
			snprintf(text, sizeof(text), "try: %s",
				 v->verdict.remedy);
			row = view_wrap_to(pane, row, pane->rows, 2,
					   pane->cols - 2, STYLE_PLAIN, text);
		}
	}
}
