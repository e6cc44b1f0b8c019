/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TUI_LIST_H
#define GILWATCH_TUI_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "column.h"

/*
 * The rows of a table that pass a filter, in the order of a column, as far as
 * they are shown: of 10,000 rows the 20 on the screen are sorted.
 */

struct list_item {
	const char *row;
	uint64_t number;
	const char *text; /* sorts by this where it is not NULL */
};

struct list {
	struct list_item *item;
	size_t count; /* that passed the filter */
	size_t room;
};

/* How to choose and sort. */
struct list_order {
	const struct column_set *set;
	size_t column; /* in the set; beyond it: the order of the model */
	bool ascending;
	const char *filter; /* "": all */
};

/*
 * Take the rows that pass.
 *
 * rows: count rows of `size` bytes each, of the kind that the set is for; they
 *       must outlive the list's use
 *
 * Returns 0 or -ENOMEM; then the list is empty.
 */
int list_take(struct list *l, const struct list_order *o, const void *rows,
	      size_t count, size_t size);

/*
 * Put in place the items from..to - 1 (to is cut at the count) of the sorted
 * order; the others stay in no order. What is not known comes last both ways;
 * equal rows keep the order of the model.
 */
void list_sort(struct list *l, const struct list_order *o, size_t from,
	       size_t to);

/* Give the memory back. */
void list_free(struct list *l);

/*
 * Does a row pass the filter? The letters' case is ignored; looked at is what
 * would be seen of names, kinds and addresses; a number finds ids.
 */
bool list_matches(const struct column_set *set, const void *row,
		  const char *filter);

/* Where the text of the filter is found in `text`, the case ignored. */
bool list_contains(const char *text, const char *part);

#endif
