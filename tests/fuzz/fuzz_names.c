// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* libFuzzer: names and command lines of other programs, as they are printed:
 * nothing of them reaches a terminal or a CSV file but printable text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "text.h"

/* Lengths that real buffers have, and small ones. */
static const size_t sizes[] = { 0, 1, 2, 5, TEXT_COMM, 256 };

static void check_printable(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			abort();
}

static void escape(const uint8_t *data, size_t size, size_t room)
{
	char *text = malloc(room + 1);
	size_t needed;

	if (!text)
		return;
	needed = text_escape(text, room, data, size);
	if (room) {
		if (strlen(text) >= room || strlen(text) > needed)
			abort();
		check_printable(text);
		text_width(text);
	}
	free(text);
}

static void glyphs(const uint8_t *data, size_t size)
{
	char *text = malloc(4 * size + 1), *s = text;
	size_t n, columns;
	uint32_t code;

	if (!text)
		return;
	text_escape(text, 4 * size + 1, data, size);
	while (*s) {
		n = text_glyph(s, &code, &columns);
		if (!n || n > strlen(s))
			abort();
		s += n;
	}
	free(text);
}

/* A quoted or a plain cell, without a line end of its own. */
static void cell(const uint8_t *data, size_t size)
{
	struct csv out = { 0 };
	size_t quotes = 0;

	csv_name(&out, data, size);
	csv_end_row(&out);
	if (!buf_error(&out.out)) {
		for (size_t i = 0; i + 1 < out.out.len; i++) {
			quotes += out.out.data[i] == '"';
			if ((unsigned char)out.out.data[i] < 0x20)
				abort();
		}
		if (quotes % 2 || out.out.data[out.out.len - 1] != '\n')
			abort();
	}
	buf_free(&out.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		escape(data, size, sizes[i]);
	glyphs(data, size);
	cell(data, size);
	return 0;
}
