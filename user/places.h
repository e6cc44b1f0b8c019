/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_PLACES_H
#define GILWATCH_PLACES_H

#include <stddef.h>
#include <stdint.h>

/*
 * Rows of a table by a number that others know them by: to look at each in turn
 * takes long where many look for many. Open, add, sort, find, close.
 */
struct place {
	uint32_t number;
	uint32_t row;
};

struct places {
	struct place *at; /* by number, once sorted; NULL: no memory */
	size_t n;
};

/* No row. */
#define PLACES_NONE UINT32_MAX

/* Room for n rows. Without memory nothing is found: the next interval asks
 * again. */
void places_open(struct places *p, size_t n);
void places_add(struct places *p, uint32_t number, size_t row);
void places_sort(struct places *p);

/* A row with this number, or PLACES_NONE. */
uint32_t places_find(const struct places *p, uint32_t number);

/* Give the memory back. */
void places_close(struct places *p);

#endif
