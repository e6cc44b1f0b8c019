// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tui_list.h"

/* ---- filter ---------------------------------------------------------------
 */

bool list_contains(const char *text, const char *part)
{
	return strcasestr(text, part);
}

static bool is_id(const struct column *c)
{
	return c->type == VALUE_PLAIN;
}

static bool looked_at(const struct column *c, const char *filter)
{
	bool digits = isdigit((unsigned char)*filter);

	switch (c->type) {
	case VALUE_NAME:
	case VALUE_TEXT:
		return true;
	case VALUE_HEX:
		return digits || isxdigit((unsigned char)*filter);
	default:
		return digits && is_id(c);
	}
}

bool list_matches(const struct column_set *set, const void *row,
		  const char *filter)
{
	char text[COLUMN_TEXT];

	for (size_t i = 0; i < set->count; i++)
		if (looked_at(&set->columns[i], filter) &&
		    list_contains(column_text(text, &set->columns[i], row),
				  filter))
			return true;
	return false;
}

/* ---- order ----------------------------------------------------------------
 */

static void set_key(struct list_item *item, const struct list_order *o)
{
	const struct column *c;
	struct value v;

	if (o->column >= o->set->count)
		return;
	c = &o->set->columns[o->column];
	v = c->get(item->row);
	item->number = v.number;
	if (c->type == VALUE_NAME || c->type == VALUE_TEXT)
		item->text = v.text ? v.text : "";
	else if (c->type == VALUE_SHARE && v.number != MODEL_UNKNOWN)
		/* In millionths; 0 for a thread that was not there. */
		item->number = v.whole ? (uint64_t)((double)v.number * 1e6 /
						    (double)v.whole)
				       : 0;
}

/* Negative: a is shown before b. Rows lie in the order of the model. */
static int compare(const struct list_item *a, const struct list_item *b,
		   bool ascending)
{
	int order = 0;

	if (a->text)
		/* Names may fill all of their bytes and have no end. */
		order = strncasecmp(a->text, b->text, GW_COMM_LEN);
	else if (a->number != b->number) {
		if (a->number == MODEL_UNKNOWN)
			return 1;
		if (b->number == MODEL_UNKNOWN)
			return -1;
		order = a->number < b->number ? -1 : 1;
	}
	if (order)
		return ascending ? order : -order;
	return a->row < b->row ? -1 : a->row > b->row;
}

static int compare_items(const void *a, const void *b, void *ascending)
{
	return compare(a, b, *(const bool *)ascending);
}

static void swap(struct list_item *a, struct list_item *b)
{
	struct list_item t = *a;

	*a = *b;
	*b = t;
}

/* Splits at the middle element; returns its place. All are different. */
static size_t split(struct list_item *item, size_t low, size_t high,
		    bool ascending)
{
	size_t last = high - 1, kept = low;

	swap(&item[low + (high - low) / 2], &item[last]);
	for (size_t i = low; i < last; i++)
		if (compare(&item[i], &item[last], ascending) < 0)
			swap(&item[i], &item[kept++]);
	swap(&item[kept], &item[last]);
	return kept;
}

/* Hoare's selection: what comes before `at` in order is moved before it. */
static void select_at(struct list_item *item, size_t count, size_t at,
		      bool ascending)
{
	size_t low = 0, high = count, middle;

	while (high - low > 1) {
		middle = split(item, low, high, ascending);
		if (middle == at)
			return;
		if (middle < at)
			low = middle + 1;
		else
			high = middle;
	}
}

void list_sort(struct list *l, const struct list_order *o, size_t from,
	       size_t to)
{
	bool ascending = o->ascending;

	if (to > l->count)
		to = l->count;
	if (from >= to)
		return;
	/* The model's own order is that of the rows. */
	if (o->column >= o->set->count)
		ascending = true;
	if (from)
		select_at(l->item, l->count, from, ascending);
	if (to < l->count)
		select_at(l->item + from, l->count - from, to - from,
			  ascending);
	qsort_r(l->item + from, to - from, sizeof(*l->item), compare_items,
		&ascending);
}

/* ---- the list -------------------------------------------------------------
 */

int list_take(struct list *l, const struct list_order *o, const void *rows,
	      size_t count, size_t size)
{
	struct list_item *bigger;
	const char *row = rows;

	l->count = 0;
	if (count > l->room) {
		bigger = reallocarray(l->item, count, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		l->item = bigger;
		l->room = count;
	}
	for (size_t i = 0; i < count; i++, row += size) {
		if (*o->filter && !list_matches(o->set, row, o->filter))
			continue;
		l->item[l->count] = (struct list_item){ .row = row };
		set_key(&l->item[l->count++], o);
	}
	return 0;
}

void list_free(struct list *l)
{
	free(l->item);
	*l = (struct list){ 0 };
}
