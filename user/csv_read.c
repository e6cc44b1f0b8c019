// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "csv_read.h"

/* Where the reader is. Cells are ended, and freed of their quotes, in place:
 * what is written never comes after what is read. */
struct reader {
	char *p, *end; /* *end is a byte 0 of our own */
	size_t line;
	size_t cells, room;
	char *msg;
};

static int wrong(const struct reader *r, const char *what)
{
	snprintf(r->msg, CSV_READ_MSG, "line %zu: %s", r->line, what);
	return -EINVAL;
}

/* Behind the opening quote; up to the character after the closing one. */
static int quoted(struct reader *r, char **end)
{
	char *to = r->p;

	for (; r->p < r->end; r->p++) {
		if (*r->p == '"' && *++r->p != '"') {
			*end = to;
			return 0;
		}
		r->line += *r->p == '\n';
		*to++ = *r->p;
	}
	return wrong(r, "a quote that is not closed");
}

static int bare(struct reader *r, char **end)
{
	r->p += strcspn(r->p, ",\"\r\n");
	if (*r->p == '"')
		return wrong(r, "a quote in a field without quotes");
	*end = r->p;
	return 0;
}

/* What ends a field is a comma, the end of its line, or that of the text. */
static int separator(struct reader *r, bool *more)
{
	*more = *r->p == ',';
	if (*more) {
		r->p++;
		return 0;
	}
	if (*r->p == '\r' && r->p[1] == '\n')
		r->p++;
	if (*r->p == '\n') {
		r->p++;
		return 0;
	}
	return r->p == r->end ? 0 : wrong(r, "no comma after a field");
}

static int field(struct reader *r, struct csv_table *t, bool *more)
{
	int err = array_grow(&t->cell, r->cells, &r->room);
	bool quotes = *r->p == '"';
	char *start, *end = NULL;

	if (err)
		return err;
	r->p += quotes;
	start = r->p;
	err = quotes ? quoted(r, &end) : bare(r, &end);
	if (!err)
		err = separator(r, more);
	if (err)
		return err;
	*end = '\0';
	t->cell[r->cells++] = start;
	return 0;
}

static int row(struct reader *r, struct csv_table *t, size_t *fields)
{
	size_t before = r->cells;
	bool more = true;
	int err;

	r->line++;
	while (more) {
		err = field(r, t, &more);
		if (err)
			return err;
	}
	*fields = r->cells - before;
	return 0;
}

static int rows(struct reader *r, struct csv_table *t)
{
	size_t fields;
	int err;

	if (r->p == r->end)
		return wrong(r, "no header");
	err = row(r, t, &t->columns);
	while (!err && r->p < r->end) {
		err = row(r, t, &fields);
		if (!err && fields != t->columns)
			err = wrong(r, "not as many fields as the header");
		t->rows += !err;
	}
	return err;
}

int csv_parse(struct csv_table *t, const char *text, size_t len,
	      char msg[CSV_READ_MSG])
{
	struct reader r = { .msg = msg };
	int err;

	*t = (struct csv_table){ .text = malloc(len + 1) };
	if (!t->text)
		return -ENOMEM;
	if (len)
		memcpy(t->text, text, len);
	t->text[len] = '\0';
	r.p = t->text;
	r.end = t->text + len;
	if (memchr(t->text, '\0', len))
		err = wrong(&r, "a byte 0 in the file");
	else
		err = rows(&r, t);
	if (err)
		csv_table_free(t);
	return err;
}

void csv_table_free(struct csv_table *t)
{
	free(t->cell);
	free(t->text);
	*t = (struct csv_table){ 0 };
}
