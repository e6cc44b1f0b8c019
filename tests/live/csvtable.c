// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "csvtable.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

#define PAIRS_MAX 6

/* ---- reading ------------------------------------------------------------- */

/* Where the reader is in the file's text. */
struct reader {
	const char *p;
	char *path;
	size_t line;
};

static void malformed(const struct reader *r, const char *what)
{
	fail_msg("%s, line %zu: %s", r->path, r->line, what);
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

static char *quoted(struct reader *r)
{
	char *cell = calloc(1, strlen(r->p) + 1);
	size_t n = 0;

	assert_non_null(cell);
	for (r->p++;; r->p++) {
		if (is_control(*r->p))
			malformed(r, "a control byte or no closing quote");
		if (*r->p == '"' && *++r->p != '"')
			break;
		cell[n++] = *r->p;
	}
	return cell;
}

static char *bare(struct reader *r)
{
	size_t n = strcspn(r->p, ",\n");
	char *cell = strndup(r->p, n);

	assert_non_null(cell);
	for (size_t i = 0; i < n; i++)
		if (is_control(cell[i]) || cell[i] == '"')
			malformed(r, "a quote or a control byte in a field "
				     "without quotes");
	r->p += n;
	return cell;
}

/* One line's cells at the end of the table; returns how many. */
static size_t read_line(struct reader *r, struct csvtable *t, size_t at)
{
	size_t n = 0;

	r->line++;
	for (;;) {
		t->cell = realloc(t->cell, (at + n + 1) * sizeof(*t->cell));
		assert_non_null(t->cell);
		t->cell[at + n++] = *r->p == '"' ? quoted(r) : bare(r);
		if (*r->p != ',')
			break;
		r->p++;
	}
	if (*r->p != '\n')
		malformed(r, "no end of line where one must be");
	r->p++;
	return n;
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text;
	long size;

	if (!f)
		fail_msg("no %s", path);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size = ftell(f);
	rewind(f);
	text = calloc(1, (size_t)size + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)size, f), size);
	fclose(f);
	if (strlen(text) != (size_t)size)
		fail_msg("%s: a byte 0 in it", path);
	return text;
}

void csv_read(struct csvtable *t, const char *folder, const char *name)
{
	char path[4096];
	struct reader r = { .path = path };
	char *text;

	snprintf(path, sizeof(path), "%s/%s.csv", folder, name);
	*t = (struct csvtable){ .path = strdup(path) };
	text = read_file(path);
	r.p = text;
	t->columns = read_line(&r, t, 0);
	while (*r.p) {
		if (read_line(&r, t, (t->rows + 1) * t->columns) != t->columns)
			malformed(&r, "not as many fields as the header");
		t->rows++;
	}
	free(text);
}

void csv_done(struct csvtable *t)
{
	for (size_t i = 0; i < (t->rows + 1) * t->columns; i++)
		free(t->cell[i]);
	free(t->cell);
	free(t->path);
	*t = (struct csvtable){ 0 };
}

void csv_check_folder(const char *folder)
{
	static const char *const tables[] = { "locks", "threads", "handoffs",
					      "migrations", "histograms" };
	const size_t count = sizeof(tables) / sizeof(*tables);
	DIR *dir = opendir(folder);
	struct csvtable t;
	size_t names = 0;

	assert_non_null(dir);
	while (readdir(dir))
		names++;
	closedir(dir);
	/* . and .. */
	assert_int_equal(names, count + 2);
	for (size_t i = 0; i < count; i++) {
		csv_read(&t, folder, tables[i]);
		csv_done(&t);
	}
}

/* ---- cells --------------------------------------------------------------- */

const char *csv_cell(const struct csvtable *t, size_t row, const char *column)
{
	assert_true(row < t->rows);
	for (size_t i = 0; i < t->columns; i++)
		if (!strcmp(t->cell[i], column))
			return t->cell[(row + 1) * t->columns + i];
	fail_msg("%s: no column %s", t->path, column);
	return NULL;
}

uint64_t csv_u64(const struct csvtable *t, size_t row, const char *column)
{
	const char *text = csv_cell(t, row, column);
	char *end;
	uint64_t value;

	if (!*text)
		return CSV_EMPTY;
	value = strtoull(text, &end, 10);
	if (*end || text[0] < '0' || text[0] > '9')
		fail_msg("%s: %s is \"%s\", no plain number", t->path, column,
			 text);
	return value;
}

double csv_window_ns(const struct csvtable *t, size_t row)
{
	return (strtod(csv_cell(t, row, "end_s"), NULL) -
		strtod(csv_cell(t, row, "start_s"), NULL)) *
	       1e9;
}

/* ---- rows ---------------------------------------------------------------- */

/* Column and value, up to PAIRS_MAX of them. */
struct filter {
	const char *column[PAIRS_MAX], *value[PAIRS_MAX];
	size_t n;
};

static struct filter make_filter(va_list args)
{
	struct filter f = { .n = 0 };
	const char *column;

	while ((column = va_arg(args, const char *))) {
		assert_true(f.n < PAIRS_MAX);
		f.column[f.n] = column;
		f.value[f.n++] = va_arg(args, const char *);
	}
	return f;
}

static size_t next(const struct csvtable *t, size_t from,
		   const struct filter *f)
{
	size_t i;

	for (size_t row = from; row < t->rows; row++) {
		for (i = 0; i < f->n; i++)
			if (strcmp(csv_cell(t, row, f->column[i]), f->value[i]))
				break;
		if (i == f->n)
			return row;
	}
	return CSV_NONE;
}

size_t csv_find(const struct csvtable *t, size_t from, ...)
{
	struct filter f;
	va_list args;

	va_start(args, from);
	f = make_filter(args);
	va_end(args);
	return next(t, from, &f);
}

static size_t count(const struct csvtable *t, const struct filter *f)
{
	size_t n = 0;

	for (size_t row = next(t, 0, f); row != CSV_NONE;
	     row = next(t, row + 1, f))
		n++;
	return n;
}

size_t csv_count(const struct csvtable *t, ...)
{
	struct filter f;
	va_list args;

	va_start(args, t);
	f = make_filter(args);
	va_end(args);
	return count(t, &f);
}

size_t csv_one(const struct csvtable *t, ...)
{
	struct filter f;
	va_list args;

	va_start(args, t);
	f = make_filter(args);
	va_end(args);
	if (count(t, &f) != 1)
		fail_msg("%s: %zu rows with %s %s", t->path, count(t, &f),
			 f.column[f.n - 1], f.value[f.n - 1]);
	return next(t, 0, &f);
}

uint64_t csv_sum(const struct csvtable *t, const char *column, ...)
{
	struct filter f;
	uint64_t value, sum = 0;
	va_list args;

	va_start(args, column);
	f = make_filter(args);
	va_end(args);
	for (size_t row = next(t, 0, &f); row != CSV_NONE;
	     row = next(t, row + 1, &f)) {
		value = csv_u64(t, row, column);
		sum += value == CSV_EMPTY ? 0 : value;
	}
	return sum;
}
