// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define GAP "  "
#define GAP_WIDTH (sizeof(GAP) - 1)

/* How one column is shown this time. */
struct layout {
	size_t width;
	bool shown;
};

void table_init(struct table *t, const struct table_column *column,
		size_t columns)
{
	*t = (struct table){ .column = column, .columns = columns };
}

static bool table_reserve(struct table *t)
{
	char **cell;
	size_t cap;

	if (t->cells < t->cap)
		return true;
	cap = t->cap ? t->cap * 2 : 64;
	cell = reallocarray(t->cell, cap, sizeof(*cell));
	if (!cell)
		return false;
	t->cell = cell;
	t->cap = cap;
	return true;
}

void table_add(struct table *t, const char *text)
{
	char *copy;

	if (t->err)
		return;
	copy = table_reserve(t) ? strdup(text ? text : "-") : NULL;
	if (!copy) {
		t->err = -ENOMEM;
		return;
	}
	t->cell[t->cells++] = copy;
}

static void measure(const struct table *t, struct layout *l)
{
	size_t i, c, width;

	for (c = 0; c < t->columns; c++) {
		l[c].shown = true;
		l[c].width = text_width(t->column[c].title);
	}
	for (i = 0; i < t->cells; i++) {
		c = i % t->columns;
		width = text_width(t->cell[i]);
		if (t->column[c].max && width > t->column[c].max)
			width = t->column[c].max;
		if (width > l[c].width)
			l[c].width = width;
	}
}

static size_t total_width(const struct table *t, const struct layout *l)
{
	size_t c, total = 0;

	for (c = 0; c < t->columns; c++)
		if (l[c].shown)
			total += l[c].width + (total ? GAP_WIDTH : 0);
	return total;
}

/* Hide the least important column; false where all that is left must stay. */
static bool drop_one(const struct table *t, struct layout *l)
{
	size_t c, worst = t->columns;
	int priority = 1;

	for (c = 0; c < t->columns; c++)
		if (l[c].shown && t->column[c].priority >= priority) {
			priority = t->column[c].priority;
			worst = c;
		}
	if (worst == t->columns)
		return false;
	l[worst].shown = false;
	return true;
}

static void shorten(const struct table *t, struct layout *l, size_t excess)
{
	size_t c, spare;

	for (c = 0; c < t->columns; c++) {
		if (!l[c].shown || !t->column[c].flex)
			continue;
		if (l[c].width <= TABLE_FLEX_MIN)
			continue;
		spare = l[c].width - TABLE_FLEX_MIN;
		l[c].width -= excess < spare ? excess : spare;
		return;
	}
}

static void fit_columns(const struct table *t, struct layout *l, size_t width)
{
	size_t total;

	measure(t, l);
	if (!width)
		return;
	while ((total = total_width(t, l)) > width)
		if (!drop_one(t, l))
			break;
	if (total > width)
		shorten(t, l, total - width);
}

static void add_line(const struct table *t, const struct layout *l,
		     char *const *cell, struct buf *line)
{
	bool first = true;
	size_t c;

	buf_reset(line);
	for (c = 0; c < t->columns; c++) {
		if (!l[c].shown)
			continue;
		if (!first)
			buf_str(line, GAP);
		first = false;
		text_fit(line, cell ? cell[c] : t->column[c].title, l[c].width,
			 t->column[c].align);
	}
	buf_add(line, "", 1);
}

static void trim(struct buf *out, size_t start)
{
	while (out->len > start && out->data[out->len - 1] == ' ')
		out->len--;
}

/* The line into out, cut where it is still too wide. */
static int put_line(struct buf *out, const struct buf *line, size_t width)
{
	size_t start = out->len;

	if (line->err)
		return line->err;
	if (width && text_width(line->data) > width)
		text_fit(out, line->data, width, TEXT_LEFT);
	else
		buf_str(out, line->data);
	trim(out, start);
	buf_add(out, "\n", 1);
	return buf_error(out);
}

int table_render(const struct table *t, size_t width, struct buf *out)
{
	size_t row, start = out->len;
	struct buf line = { 0 };
	struct layout *l;
	int err;

	if (t->err || out->err)
		return t->err ? t->err : out->err;
	if (t->cells % t->columns)
		return -EINVAL;
	l = calloc(t->columns, sizeof(*l));
	if (!l)
		return -ENOMEM;
	fit_columns(t, l, width);
	add_line(t, l, NULL, &line);
	err = put_line(out, &line, width);
	for (row = 0; !err && row < t->cells; row += t->columns) {
		add_line(t, l, t->cell + row, &line);
		err = put_line(out, &line, width);
	}
	if (err) {
		out->len = start;
		out->err = 0;
	}
	buf_free(&line);
	free(l);
	return err;
}

void table_free(struct table *t)
{
	while (t->cells)
		free(t->cell[--t->cells]);
	free(t->cell);
	table_init(t, t->column, t->columns);
}
