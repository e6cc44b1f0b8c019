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

/* ---- keys -----------------------------------------------------------------
 */

/*
 * What a row is ordered by: process, then the most of something, then what
 * makes the order the same every time. Rows are large and many; sorting these
 * touches little memory, and each row is moved once.
 */
struct sort_key {
	uint32_t process;
	uint32_t at; /* the row's place before */
	uint64_t most;
	uint64_t tie;
};

static int key_order(const void *a, const void *b)
{
	const struct sort_key *x = a, *y = b;

	if (x->process != y->process)
		return number(x->process, y->process);
	if (x->most != y->most)
		return number(y->most, x->most);
	return number(x->tie, y->tie);
}

static uint64_t pair_of(uint64_t high, uint64_t low)
{
	return high << 32 | (uint32_t)low;
}

static void lock_key(struct sort_key *k, const void *row)
{
	const struct model_lock *l = row;

	k->most = l->wait_ns;
	k->tie = l->index;
}

static void thread_key(struct sort_key *k, const void *row)
{
	const struct model_thread *t = row;

	k->most = t->time_ns[GW_LOCK_WAIT];
	k->tie = t->serial;
}

static void handoff_key(struct sort_key *k, const void *row)
{
	const struct model_handoff *h = row;

	k->most = h->handoffs;
	k->tie = pair_of((uint64_t)h->from, (uint64_t)h->to);
}

static void migration_key(struct sort_key *k, const void *row)
{
	const struct model_migration *r = row;

	k->most = r->migrations;
	k->tie = pair_of((uint64_t)r->tid, r->from << 16 | r->to);
}

/* One table of a model, whatever its rows are. */
struct table_of_rows {
	char *rows;
	void *pointer; /* where the model keeps `rows` */
	size_t *count;
	size_t size; /* of a row */
	void (*key)(struct sort_key *k, const void *row);
	size_t first_at; /* where a process keeps its part of the table */
	size_t count_at;
};

#define TABLE(m, name)                                                         \
	{                                                                      \
		(char *)(m)->name##s, &(m)->name##s, &(m)->n##name##s,         \
			sizeof(*(m)->name##s), name##_key,                     \
			offsetof(struct model_process, name),                  \
			offsetof(struct model_process, name##s)                \
	}

static struct model_row *row_at(const struct table_of_rows *t, size_t i)
{
	return (struct model_row *)(t->rows + i * t->size);
}

/* Numbers each row with its process, and makes its key; rows of processes left
 * out have none. Returns the keys' number. */
static size_t make_keys(const struct model *m, const struct table_of_rows *t,
			const uint32_t *rank, struct sort_key *keys)
{
	const struct model_process *p;
	struct sort_key *k = keys;
	struct model_row *row;

	for (size_t i = 0; i < *t->count; i++) {
		row = row_at(t, i);
		p = rows_process(m, row->image);
		if (!p)
			continue;
		row->process = rank[p - m->processes];
		*k = (struct sort_key){ .process = row->process,
					.at = (uint32_t)i };
		t->key(k++, row);
	}
	return (size_t)(k - keys);
}

static int sort_rows(const struct model *m, struct table_of_rows *t,
		     const uint32_t *rank)
{
	struct sort_key *keys = malloc((*t->count + 1) * sizeof(*keys));
	char *sorted = malloc((*t->count + 1) * t->size);
	size_t n;

	if (!keys || !sorted) {
		free(keys);
		free(sorted);
		return -ENOMEM;
	}
	n = make_keys(m, t, rank, keys);
	qsort(keys, n, sizeof(*keys), key_order);
	for (size_t i = 0; i < n; i++)
		memcpy(sorted + i * t->size, row_at(t, keys[i].at), t->size);
	free(keys);
	free(t->rows);
	t->rows = sorted;
	/* A pointer of another type: not to be assigned through. */
	memcpy(t->pointer, &sorted, sizeof(sorted));
	*t->count = n;
	return 0;
}

static size_t *part(struct model *m, uint32_t process, size_t at)
{
	return (size_t *)((char *)&m->processes[process] + at);
}

/* Notes where each process's rows are. */
static void find_parts(struct model *m, const struct table_of_rows *t)
{
	uint32_t process;

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
	struct table_of_rows tables[] = {
		TABLE(m, lock),
		TABLE(m, thread),
		TABLE(m, handoff),
		TABLE(m, migration),
	};
	const size_t count = sizeof(tables) / sizeof(*tables);
	uint32_t *rank = ranks(m);
	int err = rank ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && !err; i++)
		err = sort_rows(m, &tables[i], rank);
	free(rank);
	if (err)
		return err;
	qsort(m->processes, m->nprocesses, sizeof(*m->processes),
	      process_order);
	for (size_t i = 0; i < count; i++)
		find_parts(m, &tables[i]);
	return 0;
}
