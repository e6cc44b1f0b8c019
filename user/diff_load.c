// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading the tables of a run, and its windows. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "array.h"
#include "diff_run.h"
#include "diff_run_priv.h"

static const struct column_set *const sets[DIFF_FILES] = {
	[DIFF_LOCKS_CSV] = &column_locks,
	[DIFF_THREADS_CSV] = &column_threads,
	[DIFF_HIST_CSV] = &column_histograms,
};

const struct column_set *diff_file_set(enum diff_file file)
{
	return sets[file];
}

int diff_wrong(const struct diff_run *r, enum diff_file file, char *msg,
	       const char *what)
{
	snprintf(msg, DIFF_MSG, "%s/%s.csv: %s", r->path, sets[file]->name,
		 what);
	return -EINVAL;
}

static int read_all(FILE *f, struct buf *out)
{
	char piece[65536];
	size_t n;

	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	return ferror(f) ? -errno : buf_error(out);
}

/* A file that is missing says what the folder is not. */
static int cannot_read(const struct diff_run *r, enum diff_file file, int err,
		       char *msg)
{
	char what[128];

	snprintf(what, sizeof(what), "%s%s", strerror(-err),
		 err == -ENOENT ? ": give a folder that gilwatch --csv made"
				: "");
	diff_wrong(r, file, msg, what);
	return err;
}

static int load_file(struct diff_run *r, enum diff_file file, char *msg)
{
	char path[4096], what[CSV_READ_MSG];
	struct buf text = { 0 };
	FILE *f;
	int err;

	snprintf(path, sizeof(path), "%s/%s.csv", r->path, sets[file]->name);
	f = fopen(path, "re");
	if (!f)
		return cannot_read(r, file, -errno, msg);
	err = read_all(f, &text);
	fclose(f);
	if (err) {
		buf_free(&text);
		return cannot_read(r, file, err, msg);
	}
	err = csv_parse(&r->file[file], text.data, text.len, what);
	buf_free(&text);
	return err ? diff_wrong(r, file, msg,
				err == -ENOMEM ? "out of memory" : what)
		   : 0;
}

/* The header of a table as this version writes it, cell by cell. */
static int check_header(const struct diff_run *r, enum diff_file file,
			char *msg)
{
	const struct csv_table *t = &r->file[file];
	struct csv head = { 0 };
	struct csv_table want;
	char what[160];
	int err;

	column_csv_header(&head, sets[file]);
	err = buf_error(&head.out);
	if (!err)
		err = csv_parse(&want, head.out.data, head.out.len, what);
	buf_free(&head.out);
	if (err)
		return diff_wrong(r, file, msg, "out of memory");
	for (size_t i = 0; !err && (i < want.columns || i < t->columns); i++) {
		if (i < want.columns && i < t->columns &&
		    !strcmp(want.cell[i], t->cell[i]))
			continue;
		snprintf(what, sizeof(what),
			 "column %zu is not %.40s: written by another version "
			 "of gilwatch, or with --csv-all",
			 i + 1, i < want.columns ? want.cell[i] : "the end");
		err = diff_wrong(r, file, msg, what);
	}
	csv_table_free(&want);
	return err;
}

/* Text as our writer leaves it: nothing but backslashes would be escaped. */
static bool is_harmless(const char *cell)
{
	size_t n = strlen(cell), slashes = 0;
	char none;

	for (const char *s = cell; (s = strchr(s, '\\')); s++)
		slashes++;
	return text_escape(&none, 1, cell, n) == n + slashes;
}

/* What ends on a terminal. */
static int check_cells(const struct diff_run *r, enum diff_file file, char *msg)
{
	const struct csv_table *t = &r->file[file];

	for (size_t i = 0; i < (t->rows + 1) * t->columns; i++)
		if (!is_harmless(t->cell[i]))
			return diff_wrong(r, file, msg,
					  "control characters or no UTF-8: not "
					  "written by gilwatch");
	return 0;
}

static int load_folder(struct diff_run *r, char *msg)
{
	int err = 0;

	for (enum diff_file f = 0; !err && f < DIFF_FILES; f++) {
		err = load_file(r, f, msg);
		if (!err)
			err = check_header(r, f, msg);
		if (!err)
			err = check_cells(r, f, msg);
	}
	return err;
}

/* A folder has tables; a file is a record, or says that it is none. */
int diff_run_load(struct diff_run *r, const char *path, char msg[DIFF_MSG])
{
	struct stat st;
	int err;

	*r = (struct diff_run){ .path = path };
	if (!stat(path, &st) && !S_ISDIR(st.st_mode))
		err = diff_run_record(r, path, msg);
	else
		err = load_folder(r, msg);
	if (err)
		diff_run_free(r);
	return err;
}

/* ---- windows --------------------------------------------------------------
 */

static double length_of(const struct csv_table *t, size_t row)
{
	char *end_a, *end_b;
	double a = strtod(csv_at(t, row, CSV_START), &end_a);
	double b = strtod(csv_at(t, row, CSV_END), &end_b);

	return *end_a || *end_b || !(b - a > 0 && b - a < 1e9) ? 0 : b - a;
}

static bool is_total(const struct csv_table *t, size_t row)
{
	return !strcmp(csv_at(t, row, CSV_SCOPE), "total");
}

static void window_key(char key[128], const struct csv_table *t, size_t row)
{
	snprintf(key, 128, "%.60s %.60s", csv_at(t, row, CSV_START),
		 csv_at(t, row, CSV_END));
}

size_t diff_window(const struct diff_sum *s, const struct csv_table *t,
		   size_t row)
{
	char key[128];
	size_t at;

	if (is_total(t, row))
		return 0;
	window_key(key, t, row);
	at = strindex_find(&s->windows, key);
	return at == STRINDEX_NONE ? at : at + 1;
}

static int add_window(struct diff_sum *s, enum diff_file file, size_t row,
		      size_t *room)
{
	struct diff_run *r = s->run;
	const struct csv_table *t = &r->file[file];
	double length = length_of(t, row);
	char key[128];
	size_t at = 0;

	if (!length)
		return diff_wrong(r, file, s->msg,
				  "start_s and end_s are no window of time");
	if (!is_total(t, row)) {
		window_key(key, t, row);
		at = strindex_add(&s->windows, key);
		if (at == STRINDEX_NONE)
			return -ENOMEM;
		at++;
	}
	if (at == r->windows) {
		if (array_grow(&r->seconds, r->windows, room))
			return -ENOMEM;
		r->windows++;
	}
	r->seconds[at] = length;
	return 0;
}

int diff_windows(struct diff_sum *s)
{
	struct diff_run *r = s->run;
	size_t room = 0;
	int err = array_grow(&r->seconds, 0, &room);

	if (err)
		return err;
	r->seconds[0] = 0;
	r->windows = 1;
	for (enum diff_file f = 0; f <= DIFF_THREADS_CSV; f++)
		for (size_t i = 0; !err && i < r->file[f].rows; i++)
			err = add_window(s, f, i, &room);
	if (!err && !r->seconds[0])
		err = diff_wrong(r, DIFF_THREADS_CSV, s->msg,
				 "no row of the whole run (scope total): "
				 "nothing was watched, or gilwatch was killed");
	return err;
}
