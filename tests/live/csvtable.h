/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_CSVTABLE_H
#define GILWATCH_TEST_CSVTABLE_H

#include <stddef.h>
#include <stdint.h>

/* A CSV file as RFC 4180 has it, with "\n" line ends and a header. */
struct csvtable {
	size_t columns, rows; /* without the header */
	char **cell;          /* header first, row by row */
	char *path;
};

/* No such row; and the value of an empty cell. */
#define CSV_NONE ((size_t)-1)
#define CSV_EMPTY UINT64_MAX

/*
 * Reads FOLDER/NAME.csv. Fails the test on anything that is not well-formed: a
 * quote out of place, control bytes, a row that is longer or shorter than the
 * header, a last line without its end.
 */
void csv_read(struct csvtable *t, const char *folder, const char *name);

/* Gives it back. */
void csv_done(struct csvtable *t);

/* Fails the test unless the folder has the five well-formed tables, and nothing
 * else. */
void csv_check_folder(const char *folder);

/* A cell; fails the test where there is no such column. */
const char *csv_cell(const struct csvtable *t, size_t row, const char *column);

/* A cell that is a plain whole number, or empty: CSV_EMPTY. */
uint64_t csv_u64(const struct csvtable *t, size_t row, const char *column);

/* end_s - start_s of a row, in ns. */
double csv_window_ns(const struct csvtable *t, size_t row);

/*
 * The first row at or after `from` whose columns have these values: pairs of
 * column and value, then NULL. CSV_NONE where there is none.
 */
size_t csv_find(const struct csvtable *t, size_t from, ...)
	__attribute__((sentinel));

/* Like csv_find from the first row; fails the test unless it is the only one.
 */
size_t csv_one(const struct csvtable *t, ...) __attribute__((sentinel));

/* How many rows match. */
size_t csv_count(const struct csvtable *t, ...) __attribute__((sentinel));

/* The sum of a column over the rows that match; empty cells count as 0. */
uint64_t csv_sum(const struct csvtable *t, const char *column, ...)
	__attribute__((sentinel));

#endif
