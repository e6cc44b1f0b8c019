// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is in the CSV tables of a model. */
#include "csv_model.h"

static void row(struct csv *out, const struct column_set *set,
		const struct model *m, const void *r)
{
	csv_str(out, m->total ? "total" : "interval");
	csv_time(out, m->start_unix_ns);
	csv_time(out, m->end_unix_ns);
	for (size_t i = 0; i < set->count; i++)
		if (set->columns[i].id)
			column_csv(out, &set->columns[i], r);
	csv_end_row(out);
}

static void lock_rows(struct csv *out, const struct column_set *set,
		      const struct model *m)
{
	for (size_t i = 0; i < m->nlocks; i++)
		row(out, set, m, &m->locks[i]);
}

static void thread_rows(struct csv *out, const struct column_set *set,
			const struct model *m)
{
	for (size_t i = 0; i < m->nthreads; i++)
		row(out, set, m, &m->threads[i]);
}

static void handoff_rows(struct csv *out, const struct column_set *set,
			 const struct model *m)
{
	for (size_t i = 0; i < m->nhandoffs; i++)
		row(out, set, m, &m->handoffs[i]);
}

static void migration_rows(struct csv *out, const struct column_set *set,
			   const struct model *m)
{
	for (size_t i = 0; i < m->nmigrations; i++)
		row(out, set, m, &m->migrations[i]);
}

/* The buckets of one distribution that have samples. */
static void bucket_rows(struct csv *out, const struct column_set *set,
			const struct model *m, struct column_bucket b,
			const uint64_t *counts)
{
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		if (!counts[i])
			continue;
		b.low_ns = hist_low(i);
		b.high_ns = hist_low(i + 1);
		b.count = counts[i];
		row(out, set, m, &b);
	}
}

static void histogram_rows(struct csv *out, const struct column_set *set,
			   const struct model *m)
{
	static const enum gw_metric of_thread[] = { GW_WAKEUP, GW_RESPONSE };
	uint64_t counts[HIST_BUCKETS];
	struct column_bucket b = { .lock_known = true };

	for (size_t i = 0; i < m->nlocks; i++) {
		b.pid = m->locks[i].pid;
		b.lock = m->locks[i].id;
		for (b.metric = 0; b.metric < GW_METRICS; b.metric++) {
			model_lock_hist(&m->locks[i], b.metric, counts);
			bucket_rows(out, set, m, b, counts);
		}
	}
	b.lock_known = false;
	for (size_t i = 0; i < m->nthreads; i++) {
		b.pid = m->threads[i].pid;
		b.tid = m->threads[i].tid;
		for (unsigned int j = 0; j < 2; j++) {
			b.metric = of_thread[j];
			model_thread_hist(&m->threads[i], b.metric, counts);
			bucket_rows(out, set, m, b, counts);
		}
	}
}

const struct csv_table_rows csv_model_tables[CSV_MODEL_TABLES] = {
	{ &column_locks, lock_rows },
	{ &column_threads, thread_rows },
	{ &column_handoffs, handoff_rows },
	{ &column_migrations, migration_rows },
	{ &column_histograms, histogram_rows },
};

void csv_model_rows(struct csv *out, const struct column_set *set,
		    const struct model *m)
{
	for (int i = 0; i < CSV_MODEL_TABLES; i++)
		if (csv_model_tables[i].set == set)
			csv_model_tables[i].add(out, set, m);
}
