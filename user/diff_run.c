// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Adding up the figures of a run over locks and threads of one name. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "diff_run_priv.h"

/* Longest key of an item or a handle; longer ones are cut and fall together. */
#define KEY_MAX 512

static const enum diff_file file_of[DIFF_TABLES] = {
	[DIFF_LOCKS] = DIFF_LOCKS_CSV,
	[DIFF_THREADS] = DIFF_THREADS_CSV,
};

int diff_number(const struct diff_sum *s, enum diff_file file, size_t row,
		size_t column, double *value)
{
	const struct csv_table *t = &s->run->file[file];
	const char *text = csv_at(t, row, column);
	char what[128];

	*value = NAN;
	if (!*text)
		return 0;
	if (text[strspn(text, "0123456789")] || strlen(text) > 18) {
		snprintf(what, sizeof(what), "row %zu: %s is no whole number",
			 row + 1, t->cell[column]);
		return diff_wrong(s->run, file, s->msg, what);
	}
	*value = strtod(text, NULL);
	return 0;
}

/* ---- which item -----------------------------------------------------------
 */

static void handle_key(char key[KEY_MAX], enum diff_table table,
		       const char *pid, const char *id)
{
	snprintf(key, KEY_MAX, "%d %s %s", (int)table, pid, id);
}

size_t diff_item_of(const struct diff_sum *s, enum diff_table table,
		    const char *pid, const char *id)
{
	char key[KEY_MAX];
	size_t handle;

	handle_key(key, table, pid, id);
	handle = strindex_find(&s->handles, key);
	return handle == STRINDEX_NONE ? handle : s->item_of[handle];
}

/* A lock of the whole run by its address. */
static void address_key(char key[KEY_MAX], const struct csv_table *t,
			size_t row)
{
	snprintf(key, KEY_MAX, "%s\n%s\n%s", csv_at(t, row, LOCK_COMM),
		 csv_at(t, row, LOCK_KIND), csv_at(t, row, LOCK_ID));
}

static int addresses(const struct diff_run *r, struct strindex *known)
{
	const struct csv_table *t = &r->file[DIFF_LOCKS_CSV];
	char key[KEY_MAX];

	for (size_t i = 0; i < t->rows; i++) {
		if (strcmp(csv_at(t, i, CSV_SCOPE), "total"))
			continue;
		address_key(key, t, i);
		if (strindex_add(known, key) == STRINDEX_NONE)
			return -ENOMEM;
	}
	return 0;
}

static struct diff_item describe(const struct csv_table *t, size_t row,
				 enum diff_table table,
				 const struct strindex *shared)
{
	struct diff_item item = { .table = table, .lock = "" };
	char key[KEY_MAX];

	if (table == DIFF_THREADS) {
		item.comm = csv_at(t, row, THREAD_COMM);
		item.kind = "";
		item.name = "";
		return item;
	}
	item.comm = csv_at(t, row, LOCK_COMM);
	item.kind = csv_at(t, row, LOCK_KIND);
	item.name = csv_at(t, row, LOCK_NAME);
	address_key(key, t, row);
	if (strindex_find(shared, key) != STRINDEX_NONE)
		item.lock = csv_at(t, row, LOCK_ID);
	return item;
}

static int make_values(struct diff_sum *s, struct diff_item *item)
{
	size_t n = s->figures * s->run->windows;

	item->value = calloc(n, sizeof(*item->value));
	for (size_t i = 0; item->value && i < n; i++)
		item->value[i] = NAN;
	return item->value ? 0 : -ENOMEM;
}

/* The item of a row of the whole run, made where it is new. */
static int find_item(struct diff_sum *s, struct diff_item item, size_t *at)
{
	struct diff_run *r = s->run;
	char key[KEY_MAX];
	int err;

	snprintf(key, sizeof(key), "%d\n%s\n%s\n%s\n%s", (int)item.table,
		 item.comm, item.kind, item.name, item.lock);
	*at = strindex_add(&s->items, key);
	if (*at == STRINDEX_NONE)
		return -ENOMEM;
	if (*at < r->items)
		return 0;
	err = array_grow(&r->item, r->items, &s->item_room);
	if (!err)
		err = make_values(s, &item);
	if (!err)
		r->item[r->items++] = item;
	return err;
}

static int remember(struct diff_sum *s, const struct csv_table *t, size_t row,
		    enum diff_table table, size_t item)
{
	size_t handle, before = s->handles.n;
	char key[KEY_MAX];
	int err;

	handle_key(key, table, csv_at(t, row, CSV_OWN),
		   csv_at(t, row, table == DIFF_LOCKS ? LOCK_ID : THREAD_TID));
	handle = strindex_add(&s->handles, key);
	if (handle == STRINDEX_NONE)
		return -ENOMEM;
	err = handle < before
		      ? 0
		      : array_grow(&s->item_of, handle, &s->item_of_room);
	if (!err)
		s->item_of[handle] = item;
	return err;
}

static int table_items(struct diff_sum *s, enum diff_table table,
		       const struct strindex *shared)
{
	const struct csv_table *t = &s->run->file[file_of[table]];
	size_t at;
	int err = 0;

	for (size_t i = 0; !err && i < t->rows; i++) {
		if (strcmp(csv_at(t, i, CSV_SCOPE), "total"))
			continue;
		err = find_item(s, describe(t, i, table, shared), &at);
		if (err)
			break;
		s->run->item[at].count++;
		err = remember(s, t, i, table, at);
	}
	return err;
}

/* ---- figures --------------------------------------------------------------
 */

static void take(double *sum, double value, enum diff_how how)
{
	if (isnan(value))
		return;
	if (isnan(*sum))
		*sum = value;
	else
		*sum = how == DIFF_MAX ? fmax(*sum, value) : *sum + value;
}

static int add_row(struct diff_sum *s, enum diff_table table, size_t row,
		   size_t item, size_t window)
{
	const struct diff_run *r = s->run;
	double value;
	int err;

	for (size_t f = 0; f < s->figures; f++) {
		if (s->figure[f].table != table ||
		    s->figure[f].how == DIFF_QUANTILE)
			continue;
		err = diff_number(s, file_of[table], row,
				  CSV_OWN + s->figure[f].column, &value);
		if (err)
			return err;
		take(&r->item[item].value[f * r->windows + window], value,
		     s->figure[f].how);
	}
	return 0;
}

static int add_table(struct diff_sum *s, enum diff_table table)
{
	const struct csv_table *t = &s->run->file[file_of[table]];
	size_t id = table == DIFF_LOCKS ? LOCK_ID : THREAD_TID;
	size_t item, window;
	int err = 0;

	for (size_t i = 0; !err && i < t->rows; i++) {
		item = diff_item_of(s, table, csv_at(t, i, CSV_OWN),
				    csv_at(t, i, id));
		window = diff_window(s, t, i);
		if (item != STRINDEX_NONE && window != STRINDEX_NONE)
			err = add_row(s, table, i, item, window);
	}
	return err;
}

/* Of the four that add up to all of a thread's time. */
static bool is_whole_part(const struct diff_figure *f)
{
	return f->how == DIFF_SHARE && strcmp(f->name, "gil_wait_share");
}

static double wall_of(const struct diff_sum *s, const struct diff_item *item,
		      size_t window)
{
	double wall = 0, ns;

	for (size_t f = 0; f < s->figures; f++) {
		ns = diff_value(s->run, item, f, window);
		if (is_whole_part(&s->figure[f]) && !isnan(ns))
			wall += ns;
	}
	return wall;
}

/* Sums become rates and shares. A lock that is not among an interval's rows
 * has had no event in it; what its waits would have taken is not known. */
static void finish_window(struct diff_sum *s, struct diff_item *item,
			  size_t window)
{
	const struct diff_run *r = s->run;
	double wall = wall_of(s, item, window), *v;

	for (size_t f = 0; f < s->figures; f++) {
		v = &item->value[f * r->windows + window];
		if (s->figure[f].table != item->table)
			continue;
		if (s->figure[f].how == DIFF_SHARE)
			*v = wall > 0 ? *v / wall : NAN;
		if (s->figure[f].how != DIFF_RATE)
			continue;
		if (isnan(*v) && !isnan(diff_value(r, item, f, 0)))
			*v = 0;
		*v /= r->seconds[window];
	}
}

static int work_out(struct diff_sum *s, const struct strindex *shared)
{
	struct diff_run *r = s->run;
	int err = diff_windows(s);

	for (enum diff_table t = 0; !err && t < DIFF_TABLES; t++)
		err = table_items(s, t, shared);
	for (enum diff_table t = 0; !err && t < DIFF_TABLES; t++)
		err = add_table(s, t);
	if (!err)
		err = diff_quantiles(s);
	for (size_t i = 0; !err && i < r->items; i++)
		for (size_t w = 0; w < r->windows; w++)
			finish_window(s, &r->item[i], w);
	return err;
}

int diff_run_items(struct diff_run *r, const struct diff_run *other,
		   char msg[DIFF_MSG])
{
	struct diff_sum s = { .run = r, .msg = msg };
	struct strindex shared = { 0 };
	int err;

	s.figures = diff_figures(&s.figure);
	err = addresses(other, &shared);
	if (!err)
		err = work_out(&s, &shared);
	if (err == -ENOMEM)
		snprintf(msg, DIFF_MSG, "%s: out of memory", r->path);
	strindex_free(&shared);
	strindex_free(&s.windows);
	strindex_free(&s.items);
	strindex_free(&s.handles);
	free(s.item_of);
	return err;
}

void diff_run_free(struct diff_run *r)
{
	for (size_t i = 0; i < r->items; i++)
		free(r->item[i].value);
	for (enum diff_file f = 0; f < DIFF_FILES; f++)
		csv_table_free(&r->file[f]);
	free(r->item);
	free(r->seconds);
	for (size_t i = 0; i < r->verdicts; i++)
		free(r->verdict[i].comm);
	free(r->verdict);
	*r = (struct diff_run){ 0 };
}
