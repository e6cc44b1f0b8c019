// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>

#include "places.h"

static int by_number(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

void places_open(struct places *p, size_t n)
{
	*p = (struct places){ .at = malloc((n + 1) * sizeof(*p->at)) };
}

void places_add(struct places *p, uint32_t number, size_t row)
{
	if (p->at)
		p->at[p->n++] = (struct place){ number, (uint32_t)row };
}

void places_sort(struct places *p)
{
	if (p->n)
		qsort(p->at, p->n, sizeof(*p->at), by_number);
}

uint32_t places_find(const struct places *p, uint32_t number)
{
	const struct place key = { .number = number }, *found;

	if (!p->n)
		return PLACES_NONE;
	found = bsearch(&key, p->at, p->n, sizeof(key), by_number);
	return found ? found->row : PLACES_NONE;
}

void places_close(struct places *p)
{
	free(p->at);
	*p = (struct places){ 0 };
}
