// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Text in HTML and JSON, and tables. */
#include <stdio.h>
#include <string.h>

#include "html.h"

static void put_char(struct buf *out, char c)
{
	switch (c) {
	case '&':
		buf_str(out, "&amp;");
		break;
	case '<':
		buf_str(out, "&lt;");
		break;
	case '>':
		buf_str(out, "&gt;");
		break;
	case '"':
		buf_str(out, "&quot;");
		break;
	case '\'':
		buf_str(out, "&#39;");
		break;
	default:
		buf_add(out, &c, 1);
	}
}

void html_text(struct buf *out, const char *text)
{
	for (; *text; text++)
		put_char(out, *text);
}

void html_name(struct buf *out, const void *bytes, size_t n)
{
	char text[4 * CSV_NAME_MAX + 1];

	text_escape(text, sizeof(text), bytes,
		    n < CSV_NAME_MAX ? n : CSV_NAME_MAX);
	html_text(out, *text ? text : "?");
}

/* "</script" and "<!--" cannot come up where no < does. */
void html_json(struct buf *out, const char *text)
{
	buf_str(out, "\"");
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || strchr("\"\\<>&", *text))
			buf_printf(out, "\\u%04x", (unsigned char)*text);
		else
			buf_add(out, text, 1);
	}
	buf_str(out, "\"");
}

/* ---- tables ---------------------------------------------------------------
 */

/* Columns that would go later than this on a terminal are on paper. */
#define PAPER_PRIORITY 3

static bool is_text(const struct column *c)
{
	return c->type == VALUE_NAME || c->type == VALUE_TEXT ||
	       c->type == VALUE_HEX;
}

/* For page.css: l is text; x is left out on paper, where width is short. */
static const char *class_of(const struct column *c)
{
	bool rare = !c->title || c->priority > PAPER_PRIORITY;

	if (is_text(c))
		return rare ? "l x" : "l";
	return rare ? "x" : "n";
}

static const char *title_of(const struct column *c)
{
	return c->title ? c->title : column_name(c);
}

static void header(struct buf *out, const struct column_set *set)
{
	const struct column *c;

	buf_str(out, "<thead><tr>");
	for (size_t i = 0; i < set->count; i++) {
		c = &set->columns[i];
		buf_printf(out, "<th scope=\"col\" class=\"%s\" title=\"",
			   class_of(c));
		html_text(out, c->help);
		buf_str(out, "\">");
		html_text(out, title_of(c));
		buf_str(out, "</th>");
	}
	buf_str(out, "</tr></thead>\n<tbody>\n");
}

static void body_row(struct buf *out, const struct column_set *set,
		     const void *row)
{
	char text[COLUMN_TEXT];

	buf_str(out, "<tr>");
	for (size_t i = 0; i < set->count; i++) {
		buf_printf(out, "<td class=\"%s\">",
			   class_of(&set->columns[i]));
		html_text(out, column_text(text, &set->columns[i], row));
		buf_str(out, "</td>");
	}
	buf_str(out, "</tr>\n");
}

void html_table(struct buf *out, const char *caption,
		const struct column_set *set, const void *rows, size_t count,
		size_t size)
{
	size_t shown = count < HTML_ROWS_MAX ? count : HTML_ROWS_MAX;

	buf_str(out, "<div class=\"scroll\"><table><caption>");
	html_text(out, caption);
	if (shown < count)
		buf_printf(out, "; the first %zu of %zu", shown, count);
	buf_str(out, "</caption>\n");
	header(out, set);
	for (size_t i = 0; i < shown; i++)
		body_row(out, set, (const char *)rows + i * size);
	buf_str(out, "</tbody></table></div>\n");
}
