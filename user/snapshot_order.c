// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The order of a snapshot's tables. */
#include <stdlib.h>
#include <string.h>

#include "snapshot.h"

int snapshot_by_serial(const void *a, const void *b)
{
	const struct snapshot_thread *x = a, *y = b;
	uint64_t i = x->live.thread.serial, j = y->live.thread.serial;

	return (i > j) - (i < j);
}

int snapshot_by_edge(const void *a, const void *b)
{
	const struct gw_edge *x = a, *y = b;

	if (x->lock != y->lock)
		return x->lock < y->lock ? -1 : 1;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

int snapshot_by_migration(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct gw_migration_key));
}

int snapshot_by_image(const void *a, const void *b)
{
	const struct snapshot_image *x = a, *y = b;

	return (x->image > y->image) - (x->image < y->image);
}

static void sort(void *base, size_t n, size_t size,
		 int (*order)(const void *, const void *))
{
	if (n > 1)
		qsort(base, n, size, order);
}

/* ---- edges ----------------------------------------------------------------
 */

/* Of a lock, the place of its edges among those of all; behind the last one
 * what belongs to none. */
static size_t heap_of(const struct snapshot *s, const struct gw_edge *edge)
{
	return edge->lock < s->nlocks ? edge->lock : s->nlocks;
}

/* Where the edges of each lock will begin. NULL: no memory. */
static uint32_t *begins(const struct snapshot *s)
{
	uint32_t *begin = calloc(s->nlocks + 2, sizeof(*begin));

	for (size_t i = 0; begin && i < s->nedges; i++)
		begin[heap_of(s, &s->edges[i]) + 1]++;
	for (size_t i = 0; begin && i <= s->nlocks; i++)
		begin[i + 1] += begin[i];
	return begin;
}

/* Each by its lock, and moved twice. False: no memory, nothing has changed. */
static bool deal_edges(struct snapshot *s)
{
	struct gw_edge *dealt = malloc((s->nedges + 1) * sizeof(*dealt));
	uint32_t *at = dealt ? begins(s) : NULL;

	for (size_t i = 0; at && i < s->nedges; i++)
		dealt[at[heap_of(s, &s->edges[i])]++] = s->edges[i];
	if (at && s->nedges)
		memcpy(s->edges, dealt, s->nedges * sizeof(*dealt));
	free(dealt);
	free(at);
	return at != NULL;
}

static void sort_heaps(struct snapshot *s)
{
	struct gw_edge *e = s->edges;
	size_t first, i = 0;

	while (i < s->nedges) {
		for (first = i; i < s->nedges &&
				heap_of(s, &e[i]) == heap_of(s, &e[first]);
		     i++)
			;
		sort(e + first, i - first, sizeof(*e), snapshot_by_edge);
	}
}

/* There are many, and most locks have few: they are dealt out
 * by lock before they are sorted. */
static void sort_edges(struct snapshot *s)
{
	if (deal_edges(s))
		sort_heaps(s);
	else
		sort(s->edges, s->nedges, sizeof(*s->edges), snapshot_by_edge);
}

void snapshot_sort(struct snapshot *s)
{
	sort(s->threads, s->nthreads, sizeof(*s->threads), snapshot_by_serial);
	sort_edges(s);
	sort(s->migrations, s->nmigrations, sizeof(*s->migrations),
	     snapshot_by_migration);
	sort(s->images, s->nimages, sizeof(*s->images), snapshot_by_image);
}
