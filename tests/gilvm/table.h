/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading CSV tables in tests. */
#ifndef TESTS_GILVM_TABLE_H
#define TESTS_GILVM_TABLE_H

/* Columns of a table at most, and bytes of a field. */
#define TABLE_COLUMNS 64
#define TABLE_FIELD 256

struct table {
	char *text;
	const char *at; /* the next row */
	int columns;
	char name[TABLE_COLUMNS][TABLE_FIELD];
	char field[TABLE_COLUMNS][TABLE_FIELD];
};

/* Open a file, read its header. Fails the test if there is none. */
void table_open(struct table *t, const char *path);

/* Read the next row; 0 at the end. */
int table_next(struct table *t);

/* Field of this row by the name of its column. Fails the test: no column. */
const char *table_text(const struct table *t, const char *column);

/* The same as a number (0x is understood); an empty field is 0. */
double table_number(const struct table *t, const char *column);

void table_close(struct table *t);

#endif
