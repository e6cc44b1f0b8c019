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
		if (column_csv_id(out, &set->columns[i]))
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

/* One distribution. */
static void bucket_rows(struct csv *out, const struct column_set *set,
			const struct model *m, struct column_bucket b,
			struct model_buckets counts)
{
	for (size_t i = 0; i < counts.n; i++) {
		b.low_ns = hist_low(counts.at[i].bucket);
		b.high_ns = hist_low(counts.at[i].bucket + 1);
		b.count = counts.at[i].count;
		row(out, set, m, &b);
	}
}

static void histogram_rows(struct csv *out, const struct column_set *set,
			   const struct model *m)
{
	static const enum gw_metric of_thread[] = { GW_WAKEUP, GW_RESPONSE };
	struct column_bucket b = { .lock_known = true };

	for (size_t i = 0; i < m->nlocks; i++) {
		b.pid = m->locks[i].pid;
		b.lock = m->locks[i].id;
		for (b.metric = 0; b.metric < GW_METRICS; b.metric++)
			bucket_rows(
				out, set, m, b,
				model_lock_buckets(m, &m->locks[i], b.metric));
	}
	b.lock_known = false;
	for (size_t i = 0; i < m->nthreads; i++) {
		b.pid = m->threads[i].pid;
		b.tid = m->threads[i].tid;
		for (unsigned int j = 0; j < 2; j++) {
			b.metric = of_thread[j];
			bucket_rows(out, set, m, b,
				    model_thread_buckets(m, &m->threads[i],
							 b.metric));
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
