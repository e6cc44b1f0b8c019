// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <string.h>

#include "csv.h"
#include "text.h"

static void next_field(struct csv *c)
{
	if (c->fields++)
		buf_add(&c->out, ",", 1);
}

void csv_empty(struct csv *c)
{
	next_field(c);
}

void csv_u64(struct csv *c, uint64_t v)
{
	next_field(c);
	if (v != TEXT_UNKNOWN)
		buf_printf(&c->out, "%" PRIu64, v);
}

void csv_hex(struct csv *c, uint64_t v)
{
	next_field(c);
	buf_printf(&c->out, "0x%" PRIx64, v);
}

void csv_time(struct csv *c, uint64_t unix_ns)
{
	next_field(c);
	buf_printf(&c->out, "%" PRIu64 ".%06" PRIu64, unix_ns / 1000000000,
		   unix_ns % 1000000000 / 1000);
}

static void add_quoted(struct buf *out, const char *s)
{
	const char *quote;

	buf_add(out, "\"", 1);
	while ((quote = strchr(s, '"'))) {
		buf_add(out, s, (size_t)(quote - s) + 1);
		buf_add(out, "\"", 1);
		s = quote + 1;
	}
	buf_str(out, s);
	buf_add(out, "\"", 1);
}

void csv_str(struct csv *c, const char *s)
{
	next_field(c);
	if (!s)
		return;
	if (!*s || strpbrk(s, ",\"\r\n"))
		add_quoted(&c->out, s);
	else
		buf_str(&c->out, s);
}

void csv_name(struct csv *c, const void *bytes, size_t n)
{
	char text[CSV_NAME_MAX * 4 + 1];

	if (n > CSV_NAME_MAX)
		n = CSV_NAME_MAX;
	text_escape(text, sizeof(text), bytes, n);
	csv_str(c, text);
}

void csv_end_row(struct csv *c)
{
	buf_add(&c->out, "\n", 1);
	c->fields = 0;
}
