// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CSV files, one a table; rows are added as the intervals pass. */
#include <errno.h>
#include <stdlib.h>

#include "csv_model.h"
#include "file.h"
#include "sink.h"

#define FILES CSV_MODEL_TABLES

struct csv_out {
	bool all; /* columns */
	struct file_dir dir;
	struct file_rows rows[FILES];
	/* It could not be written: later rows would leave a gap. */
	bool ended[FILES];
};

static void file_name(char name[64], size_t i)
{
	snprintf(name, 64, "%s.csv", csv_model_tables[i].set->name);
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
	struct csv head = { .all = o->all };
	char name[64];
	int err;

	file_name(name, i);
	column_csv_header(&head, csv_model_tables[i].set);
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
	o->all = config->csv_all;
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
		if (o->ended[i])
			continue;
		rows = (struct csv){ .all = o->all };
		csv_model_tables[i].add(&rows, csv_model_tables[i].set, m);
		err = buf_error(&rows.out);
		if (!err && rows.out.len)
			err = file_rows_add(&o->rows[i], rows.out.data,
					    rows.out.len);
		buf_free(&rows.out);
		o->ended[i] = err != 0;
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
