// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CSV files, one a table; rows are added as the intervals pass. */
#include <errno.h>
#include <stdlib.h>

#include "column.h"
#include "csv.h"
#include "file.h"
#include "sink.h"

struct csv_out;

/* One file: its columns and the function that writes a model's rows. */
struct csv_file {
	const struct column_set *set;
	void (*rows)(struct csv *out, const struct column_set *set,
		     const struct model *m);
};

/* ---- rows -----------------------------------------------------------------
 */

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

static const struct csv_file files[] = {
	{ &column_locks, lock_rows },
	{ &column_threads, thread_rows },
	{ &column_handoffs, handoff_rows },
	{ &column_migrations, migration_rows },
	{ &column_histograms, histogram_rows },
};

#define FILES (sizeof(files) / sizeof(*files))

/* ---- files ----------------------------------------------------------------
 */

struct csv_out {
	struct file_dir dir;
	struct file_rows rows[FILES];
};

static void file_name(char name[64], size_t i)
{
	snprintf(name, 64, "%s.csv", files[i].set->name);
}

static int failed(const struct csv_out *o, size_t i, int err,
		  char msg[SINK_MSG])
{
	char name[64];

	file_name(name, i);
	file_explain(msg, o->dir.path, name, err);
	return err;
}

static int open_file(struct csv_out *o, size_t i, char msg[SINK_MSG])
{
	struct csv head = { 0 };
	char name[64];
	int err;

	file_name(name, i);
	column_csv_header(&head, files[i].set);
	err = buf_error(&head.out);
	if (!err)
		err = file_rows_open(&o->rows[i], &o->dir, name, head.out.data,
				     head.out.len);
	buf_free(&head.out);
	return err ? failed(o, i, err, msg) : 0;
}

static void csv_close(void *state)
{
	struct csv_out *o = state;

	if (!o)
		return;
	for (size_t i = 0; i < FILES; i++)
		file_rows_close(&o->rows[i]);
	file_dir_close(&o->dir);
	free(o);
}

static int csv_open(void **state, const struct sink_config *config,
		    char msg[SINK_MSG])
{
	struct csv_out *o = calloc(1, sizeof(*o));
	int err = -ENOMEM;

	if (!o)
		return err;
	o->dir.fd = -1;
	for (size_t i = 0; i < FILES; i++)
		o->rows[i].fd = -1;
	err = file_dir_open(&o->dir, config->csv_dir, config->uid, config->gid);
	if (err)
		file_explain(msg, config->csv_dir, NULL, err);
	for (size_t i = 0; i < FILES && !err; i++)
		err = open_file(o, i, msg);
	if (err)
		csv_close(o);
	else
		*state = o;
	return err;
}

/* Each file gets all of its rows or none; one full disk does not keep the
 * others from theirs. The first error is told. */
static int csv_add(void *state, const struct model *m, char msg[SINK_MSG])
{
	struct csv_out *o = state;
	struct csv rows;
	int err, first = 0;

	for (size_t i = 0; i < FILES; i++) {
		rows = (struct csv){ 0 };
		files[i].rows(&rows, files[i].set, m);
		err = buf_error(&rows.out);
		if (!err && rows.out.len)
			err = file_rows_add(&o->rows[i], rows.out.data,
					    rows.out.len);
		buf_free(&rows.out);
		if (err && !first)
			first = failed(o, i, err, msg);
	}
	return first;
}

const struct sink sink_csv = {
	.name = "csv",
	.open = csv_open,
	.interval = csv_add,
	.summary = csv_add,
	.close = csv_close,
};
