// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "table.h"

#include "run.h"

/* RFC 4180: quotes around a field, doubled inside of it. */
static const char *read_field(const char *p, char *out)
{
	bool quoted = *p == '"';
	size_t n = 0;

	p += quoted;
	while (*p && (quoted || (*p != ',' && *p != '\n'))) {
		if (quoted && *p == '"' && p[1] != '"')
			break;
		if (quoted && *p == '"')
			p++;
		if (n < TABLE_FIELD - 1)
			out[n++] = *p;
		p++;
	}
	out[n] = '\0';
	return p + (quoted && *p == '"');
}

static int read_row(struct table *t, char (*out)[TABLE_FIELD])
{
	int n = 0;

	if (!*t->at)
		return 0;
	for (;;) {
		assert_true(n < TABLE_COLUMNS);
		t->at = read_field(t->at, out[n++]);
		if (*t->at != ',')
			break;
		t->at++;
	}
	if (*t->at == '\n')
		t->at++;
	return n;
}

void table_open(struct table *t, const char *path)
{
	t->text = read_file(path);
	if (!t->text)
		fail_msg("there is no %s", path);
	t->at = t->text;
	t->columns = read_row(t, t->name);
	assert_true(t->columns > 0);
}

int table_next(struct table *t)
{
	int n = read_row(t, t->field);

	assert_true(n == 0 || n == t->columns);
	return n;
}

const char *table_text(const struct table *t, const char *column)
{
	for (int i = 0; i < t->columns; i++) {
		if (!strcmp(t->name[i], column))
			return t->field[i];
	}
	fail_msg("no column %s", column);
	return "";
}

double table_number(const struct table *t, const char *column)
{
	const char *s = table_text(t, column);

	if (!strncmp(s, "0x", 2))
		return (double)strtoull(s, NULL, 16);
	return strtod(s, NULL);
}

void table_close(struct table *t)
{
	free(t->text);
}
