// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A column's value in a row, for people and for CSV. */
#include <stdio.h>
#include <string.h>

#include "column.h"

static void copy(char buf[COLUMN_TEXT], const char *text)
{
	snprintf(buf, COLUMN_TEXT, "%s", text && *text ? text : "-");
}

const char *column_text(char buf[COLUMN_TEXT], const struct column *c,
			const void *row)
{
	struct value v = c->get(row);

	switch (c->type) {
	case VALUE_COUNT:
		return text_count(buf, v.number);
	case VALUE_NS:
		return text_ns(buf, v.number);
	case VALUE_SHARE:
		return text_percent(buf, v.number, v.whole);
	case VALUE_PLAIN:
		if (v.number == MODEL_UNKNOWN)
			break;
		snprintf(buf, COLUMN_TEXT, "%llu",
			 (unsigned long long)v.number);
		return buf;
	case VALUE_HEX:
		snprintf(buf, COLUMN_TEXT, "0x%llx",
			 (unsigned long long)v.number);
		return buf;
	case VALUE_NAME:
		if (!v.text || !*v.text)
			return copy(buf, NULL), buf;
		text_escape(buf, COLUMN_TEXT, v.text, GW_COMM_LEN);
		return buf;
	case VALUE_TEXT:
		break;
	}
	copy(buf, v.text);
	return buf;
}

void column_csv(struct csv *out, const struct column *c, const void *row)
{
	struct value v = c->get(row);

	switch (c->type) {
	case VALUE_NAME:
		if (v.text)
			csv_name(out, v.text, strnlen(v.text, GW_COMM_LEN));
		else
			csv_empty(out);
		break;
	case VALUE_TEXT:
		csv_str(out, v.text && *v.text ? v.text : NULL);
		break;
	case VALUE_HEX:
		if (v.number == MODEL_UNKNOWN)
			csv_empty(out);
		else
			csv_hex(out, v.number);
		break;
	default:
		csv_u64(out, v.number);
	}
}

const char *column_name(const struct column *c)
{
	if (!c->id)
		return c->title;
	return *c->id == '+' ? c->id + 1 : c->id;
}

const char *column_csv_id(const struct csv *out, const struct column *c)
{
	if (!c->id || *c->id != '+')
		return c->id;
	return out->all ? column_name(c) : NULL;
}

void column_csv_header(struct csv *out, const struct column_set *set)
{
	csv_str(out, "scope");
	csv_str(out, "start_s");
	csv_str(out, "end_s");
	for (size_t i = 0; i < set->count; i++)
		if (column_csv_id(out, &set->columns[i]))
			csv_str(out, column_csv_id(out, &set->columns[i]));
	csv_end_row(out);
}
