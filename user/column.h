/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_COLUMN_H
#define GILWATCH_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "csv.h"
#include "model.h"
#include "text.h"

/*
 * One table of columns for each kind of row. It feeds the CSV files, the
 * terminal and the explanations in the README: a new metric is one row here.
 */

enum value_type {
	VALUE_COUNT, /* number; MODEL_UNKNOWN is not known */
	VALUE_PLAIN, /* number shown in full: an id, a CPU */
	VALUE_NS,
	VALUE_SHARE, /* ns, on the terminal as a part of `whole` */
	VALUE_HEX,
	VALUE_NAME, /* bytes from another program; NULL is not known */
	VALUE_TEXT, /* our own words; "" in CSV where empty */
};

struct value {
	uint64_t number;
	uint64_t whole;
	const char *text;
};

struct column {
	/* In CSV, "+id" only where all columns are asked for; NULL: terminal.
	 */
	const char *id;
	const char *title; /* on the terminal; NULL: CSV only */
	enum value_type type;
	/* Terminal: 0 stays; the highest goes first when width is short. */
	int priority;
	const char *unit; /* "", "ns", "% of time" */
	const char *help; /* one line */
	struct value (*get)(const void *row);
};

/* A kind of row: its file, its columns and how to come by the rows. */
struct column_set {
	const char *name; /* "locks"; the CSV file is NAME.csv */
	const struct column *columns;
	size_t count;
};

extern const struct column_set column_locks;      /* struct model_lock */
extern const struct column_set column_threads;    /* struct model_thread */
extern const struct column_set column_handoffs;   /* struct model_handoff */
extern const struct column_set column_migrations; /* struct model_migration */
extern const struct column_set column_histograms; /* struct column_bucket */

/* One row of histograms.csv. */
struct column_bucket {
	pid_t pid, tid; /* tid 0: of a lock, or of a sum of threads */
	uint64_t lock;  /* lock_known false: of a thread */
	bool lock_known;
	enum gw_metric metric;
	uint64_t low_ns, high_ns, count; /* high_ns is outside the bucket */
};

/* Room for a value on the terminal. */
#define COLUMN_TEXT 96

/* The value of a column in a row as people read it; "-" when not known. */
const char *column_text(char buf[COLUMN_TEXT], const struct column *c,
			const void *row);

/* The value of a column in a row as a CSV field; empty when not known. */
void column_csv(struct csv *out, const struct column *c, const void *row);

/* Its id without a mark, or its title where it has none. */
const char *column_name(const struct column *c);

/* The name of a column in this CSV table; NULL: it has none there. */
const char *column_csv_id(const struct csv *out, const struct column *c);

/* The CSV header of a set, after scope,start_s,end_s. */
void column_csv_header(struct csv *out, const struct column_set *set);

#endif
