// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any text as CSV: what is read, written anew and read again, is the same. */
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "csv_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_all(const struct csv_table *t, struct csv *out)
{
	for (size_t i = 0; i < (t->rows + 1) * t->columns; i++) {
		csv_str(out, t->cell[i]);
		if ((i + 1) % t->columns == 0)
			csv_end_row(out);
	}
}

static void check(const struct csv_table *t)
{
	struct csv again = { 0 };
	char msg[CSV_READ_MSG];
	struct csv_table u;

	write_all(t, &again);
	if (csv_parse(&u, again.out.data, again.out.len, msg))
		abort();
	if (u.columns != t->columns || u.rows != t->rows)
		abort();
	for (size_t i = 0; i < (t->rows + 1) * t->columns; i++)
		if (strcmp(t->cell[i], u.cell[i]))
			abort();
	csv_table_free(&u);
	buf_free(&again.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char msg[CSV_READ_MSG];
	struct csv_table t;

	if (csv_parse(&t, (const char *)data, size, msg)) {
		if (t.cell || t.text || strchr(msg, '\n'))
			abort();
		return 0;
	}
	check(&t);
	csv_table_free(&t);
	return 0;
}
