/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_CSV_MODEL_H
#define GILWATCH_CSV_MODEL_H

#include "column.h"
#include "csv.h"

/* A model's rows of one CSV table. */
struct csv_table_rows {
	const struct column_set *set;
	void (*add)(struct csv *out, const struct column_set *set,
		    const struct model *m);
};

#define CSV_MODEL_TABLES 5

/* All tables: locks, threads, handoffs, migrations, histograms. */
extern const struct csv_table_rows csv_model_tables[CSV_MODEL_TABLES];

/* The rows of one of these tables, without its header. */
void csv_model_rows(struct csv *out, const struct column_set *set,
		    const struct model *m);

#endif
