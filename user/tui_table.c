// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <ctype.h>
#include <string.h>

#include "tui_history.h"
#include "tui_table.h"
#include "tui_view.h"

/* Below this many columns names and pictures are made small. */
#define NARROW 60

/* Below this many a process is told by its name alone, and in a table of
 * threads by the threads. */
#define ROOMY 100

#define NAME_WIDTH 15
#define NAME_NARROW 8
#define LOCK_NAME_WIDTH 20
#define LOCK_NAME_PRIORITY 3
#define BAR_MIN 16
#define BAR_NARROW 10
#define BAR_MAX 48
#define SPARK_MIN 18
#define SPARK_NARROW 8

/* Shares come later where a bar shows them. */
#define BAR_PRIORITY 2

static bool is(const struct column *c, const char *id)
{
	return c->id && !strcmp(c->id, id);
}

/* What tells one row from another. Two names and two numbers are too much for
 * a narrow screen. */
static bool identifies(const struct column *c, bool narrow)
{
	if (!c->title)
		return false;
	if (is(c, "from_tid") || is(c, "to_tid"))
		return !narrow;
	return (is(c, "lock") && !c->priority) || is(c, "tid") ||
	       is(c, "comm") || is(c, "from_comm") || is(c, "to_comm");
}

/* Columns that have no title because a report says it once for all rows. */
static bool names_process(const struct column *c, int width)
{
	return !c->title && (is(c, "comm") || (is(c, "pid") && width >= ROOMY));
}

/* What recognising a lock has found. */
static bool names_lock(const struct column *c)
{
	return is(c, "name");
}

static int width_of(const struct column *c, bool narrow)
{
	switch (c->type) {
	case VALUE_COUNT:
		return 5;
	case VALUE_PLAIN:
		return 7;
	case VALUE_NS:
		return 6;
	case VALUE_SHARE:
		return 4;
	case VALUE_HEX:
		return 14;
	case VALUE_NAME:
		return narrow ? NAME_NARROW : NAME_WIDTH;
	case VALUE_TEXT:
		break;
	}
	return names_lock(c) && !narrow ? LOCK_NAME_WIDTH : 9;
}

const char *view_title(char buf[32], const struct column_set *set,
		       size_t column)
{
	const char *title = set->columns[column].title, *head;

	/* "p99" belongs to the "WAIT p50" before it. */
	if (islower((unsigned char)*title)) {
		for (size_t i = column; i-- > 0;) {
			head = set->columns[i].title;
			if (!head || !strchr(head, ' '))
				continue;
			snprintf(buf, 32, "%.*s %s", (int)strcspn(head, " "),
				 head, title);
			return buf;
		}
	}
	snprintf(buf, 32, "%s", title);
	return buf;
}

/* ---- choosing -------------------------------------------------------------
 */

/* Lower comes first; negative always. */
static int rank(const struct plan_wish *w, size_t i)
{
	const struct column *c = &w->set->columns[i];

	if (identifies(c, w->width < NARROW))
		return -3;
	if (i == w->sort)
		return -2;
	if (w->processes && names_process(c, w->width))
		return -1;
	if (names_lock(c))
		return LOCK_NAME_PRIORITY;
	if (!c->title)
		return -4;
	if (w->bar && c->type == VALUE_SHARE)
		return c->priority + BAR_PRIORITY;
	return c->priority;
}

static bool chosen_before(const bool *chosen, const struct plan_wish *w,
			  size_t i)
{
	while (i-- > 0)
		if (w->set->columns[i].title)
			return chosen[i];
	return false;
}

static void title_of(char title[PLAN_TITLE], const bool *chosen,
		     const struct plan_wish *w, size_t i)
{
	const struct column *c = &w->set->columns[i];

	if (!c->title)
		snprintf(title, PLAN_TITLE, "%s",
			 is(c, "pid")    ? "PID"
			 : names_lock(c) ? "NAME"
					 : "PROCESS");
	else if (chosen_before(chosen, w, i))
		snprintf(title, PLAN_TITLE, "%s", c->title);
	else
		view_title(title, w->set, i);
}

static int room_for(const bool *chosen, const struct plan_wish *w, size_t i)
{
	int width = width_of(&w->set->columns[i], w->width < NARROW);
	char title[PLAN_TITLE];

	title_of(title, chosen, w, i);
	return ((int)strlen(title) > width ? (int)strlen(title) : width) +
	       PLAN_GAP;
}

/* Takes columns of one rank, left to right, as long as they fit. */
static void choose_rank(bool *chosen, const struct plan_wish *w, int which,
			int *left)
{
	int need;

	for (size_t i = 0; i < w->set->count && i < PLAN_COLUMNS; i++) {
		if (chosen[i] || rank(w, i) != which)
			continue;
		need = room_for(chosen, w, i);
		if (need > *left)
			continue;
		chosen[i] = true;
		*left -= need;
	}
}

/* ---- placing --------------------------------------------------------------
 */

static void grow(int *width, int to, int *left)
{
	int more = to - *width;

	if (!*width || more <= 0)
		return;
	more = more < *left ? more : *left;
	*width += more;
	*left -= more;
}

/* A short title may have become a long one: what was before it is not there. */
static void place(struct plan *p, const bool *chosen, const struct plan_wish *w)
{
	struct plan_column *c;
	int at = 0;

	for (size_t i = 0; i < w->set->count && i < PLAN_COLUMNS; i++) {
		if (!chosen[i])
			continue;
		c = &p->column[p->count++];
		c->column = &w->set->columns[i];
		c->index = i;
		title_of(c->title, chosen, w, i);
		c->left = at;
		c->width = room_for(chosen, w, i) - PLAN_GAP;
		at += c->width + PLAN_GAP;
	}
	p->bar_left = at;
	if (p->bar)
		at += p->bar + PLAN_GAP;
	p->spark_left = at;
}

void plan_make(struct plan *p, const struct plan_wish *w)
{
	bool narrow = w->width < NARROW, chosen[PLAN_COLUMNS] = { false };
	/* The last one needs no gap. */
	int left = w->width + PLAN_GAP;

	*p = (struct plan){ 0 };
	if (w->bar)
		p->bar = narrow ? BAR_NARROW : BAR_MIN;
	if (w->spark)
		p->spark = narrow || (w->processes && w->width < ROOMY)
				   ? SPARK_NARROW
				   : SPARK_MIN;
	left -= p->bar ? p->bar + PLAN_GAP : 0;
	left -= p->spark ? p->spark + PLAN_GAP : 0;
	for (int which = -3; which < 16; which++)
		choose_rank(chosen, w, which, &left);
	grow(&p->spark, HISTORY_LENGTH / 2, &left);
	grow(&p->bar, BAR_MAX / 2, &left);
	grow(&p->spark, HISTORY_LENGTH, &left);
	grow(&p->bar, BAR_MAX, &left);
	place(p, chosen, w);
}
