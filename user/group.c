// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The order of a model's rows: by process, then by what matters most. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

static int number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int process_order(const void *a, const void *b)
{
	const struct model_process *x = a, *y = b;

	if (x->wait_ns != y->wait_ns)
		return number(y->wait_ns, x->wait_ns);
	if (x->running_ns != y->running_ns)
		return number(y->running_ns, x->running_ns);
	return number(x->image, y->image);
}

static int lock_order(const void *a, const void *b)
{
	const struct model_lock *x = a, *y = b;

	if (x->row.process != y->row.process)
		return number(x->row.process, y->row.process);
	if (x->wait_ns != y->wait_ns)
		return number(y->wait_ns, x->wait_ns);
	return number(x->index, y->index);
}

static int thread_order(const void *a, const void *b)
{
	const struct model_thread *x = a, *y = b;

	if (x->row.process != y->row.process)
		return number(x->row.process, y->row.process);
	if (x->time_ns[GW_LOCK_WAIT] != y->time_ns[GW_LOCK_WAIT])
		return number(y->time_ns[GW_LOCK_WAIT],
			      x->time_ns[GW_LOCK_WAIT]);
	return number(x->serial, y->serial);
}

static int handoff_order(const void *a, const void *b)
{
	const struct model_handoff *x = a, *y = b;

	if (x->row.process != y->row.process)
		return number(x->row.process, y->row.process);
	if (x->handoffs != y->handoffs)
		return number(y->handoffs, x->handoffs);
	if (x->from != y->from)
		return number((uint64_t)x->from, (uint64_t)y->from);
	return number((uint64_t)x->to, (uint64_t)y->to);
}

static int migration_order(const void *a, const void *b)
{
	const struct model_migration *x = a, *y = b;

	if (x->row.process != y->row.process)
		return number(x->row.process, y->row.process);
	if (x->migrations != y->migrations)
		return number(y->migrations, x->migrations);
	if (x->tid != y->tid)
		return number((uint64_t)x->tid, (uint64_t)y->tid);
	return number(x->from * 65536ull + x->to, y->from * 65536ull + y->to);
}

/* One table of a model, whatever its rows are. */
struct table_of_rows {
	char *rows;
	size_t *count;
	size_t size; /* of a row */
	int (*order)(const void *a, const void *b);
	size_t first_at; /* where a process keeps its part of the table */
	size_t count_at;
};

#define TABLE(m, name, order)                                                  \
	{                                                                      \
		(char *)(m)->name##s, &(m)->n##name##s, sizeof(*(m)->name##s), \
			order, offsetof(struct model_process, name),           \
			offsetof(struct model_process, name##s)                \
	}

static struct model_row *row_at(const struct table_of_rows *t, size_t i)
{
	return (struct model_row *)(t->rows + i * t->size);
}

/* Numbers each row with its process; rows of processes left out go. */
static void number_rows(const struct model *m, const struct table_of_rows *t,
			const uint32_t *rank)
{
	const struct model_process *p;
	size_t kept = 0;

	for (size_t i = 0; i < *t->count; i++) {
		p = rows_process(m, row_at(t, i)->image);
		if (!p)
			continue;
		row_at(t, i)->process = rank[p - m->processes];
		memmove(row_at(t, kept++), row_at(t, i), t->size);
	}
	*t->count = kept;
}

static size_t *part(struct model *m, uint32_t process, size_t at)
{
	return (size_t *)((char *)&m->processes[process] + at);
}

/* Sorts a table and notes where each process's rows are. */
static void sort_rows(struct model *m, const struct table_of_rows *t)
{
	uint32_t process;

	if (*t->count)
		qsort(t->rows, *t->count, t->size, t->order);
	for (size_t i = 0; i < m->nprocesses; i++)
		*part(m, (uint32_t)i, t->count_at) = 0;
	for (size_t i = 0; i < *t->count; i++) {
		process = row_at(t, i)->process;
		if (!(*part(m, process, t->count_at))++)
			*part(m, process, t->first_at) = i;
	}
}

/* The place that each process, now in order of image, has in the new order. */
static uint32_t *ranks(const struct model *m)
{
	struct model_process *sorted;
	uint32_t *rank = calloc(m->nprocesses + 1, sizeof(*rank));

	sorted = calloc(m->nprocesses + 1, sizeof(*sorted));
	if (!rank || !sorted) {
		free(sorted);
		free(rank);
		return NULL;
	}
	memcpy(sorted, m->processes, m->nprocesses * sizeof(*sorted));
	qsort(sorted, m->nprocesses, sizeof(*sorted), process_order);
	for (size_t i = 0; i < m->nprocesses; i++)
		rank[rows_process(m, sorted[i].image) - m->processes] =
			(uint32_t)i;
	free(sorted);
	return rank;
}

int rows_group(struct model *m)
{
	const struct table_of_rows tables[] = {
		TABLE(m, lock, lock_order),
		TABLE(m, thread, thread_order),
		TABLE(m, handoff, handoff_order),
		TABLE(m, migration, migration_order),
	};
	uint32_t *rank = ranks(m);

	if (!rank)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		number_rows(m, &tables[i], rank);
	free(rank);
	qsort(m->processes, m->nprocesses, sizeof(*m->processes),
	      process_order);
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		sort_rows(m, &tables[i]);
	return 0;
}
