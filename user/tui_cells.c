// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tui_cells.h"

int cells_reset(struct cells *c, int rows, int cols, bool utf8)
{
	struct cell *bigger;
	size_t n;

	rows = rows < 1 ? 1 : rows;
	cols = cols < 1 ? 1 : cols;
	n = (size_t)rows * (size_t)cols;
	if (n > c->room) {
		bigger = reallocarray(c->cell, n, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		c->cell = bigger;
		c->room = n;
	}
	c->rows = rows;
	c->cols = cols;
	c->utf8 = utf8;
	for (size_t i = 0; i < n; i++)
		c->cell[i] = (struct cell){ .code = { ' ' } };
	return 0;
}

void cells_free(struct cells *c)
{
	free(c->cell);
	*c = (struct cells){ 0 };
}

/* RFC 3629, section 3. */
static void add_utf8(struct buf *out, uint32_t code)
{
	char b[4] = { (char)code };
	size_t n = 1;

	if (code >= 0x80) {
		n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
		for (size_t i = n - 1; i; i--, code >>= 6)
			b[i] = (char)(0x80 | (code & 0x3f));
		b[0] = (char)((0xf00 >> n) | code);
	}
	buf_add(out, b, n);
}

void cells_text(const struct cells *c, int row, struct buf *out)
{
	const struct cell *line = c->cell + (size_t)row * (size_t)c->cols;
	int end = c->cols;

	while (end && line[end - 1].code[0] == ' ')
		end--;
	for (int i = 0; i < end; i++)
		for (int k = 0; k < CELL_CODES && line[i].code[k]; k++)
			add_utf8(out, line[i].code[k]);
}

/* ---- panes ----------------------------------------------------------------
 */

bool pane_shows(const struct pane *p, int row)
{
	return row >= p->scroll && row < p->scroll + p->rows;
}

static struct cell *cell_at(struct pane *p, int row, int col)
{
	int y = p->top + row - p->scroll, x = p->left + col;

	if (row >= p->used)
		p->used = row + 1;
	if (!pane_shows(p, row) || col < 0 || col >= p->cols || y < 0 ||
	    y >= p->cells->rows || x < 0 || x >= p->cells->cols)
		return NULL;
	return p->cells->cell + (size_t)y * (size_t)p->cells->cols + x;
}

static void set(struct pane *p, int row, int col, uint8_t style, uint32_t code)
{
	struct cell *c = cell_at(p, row, col);

	if (c)
		*c = (struct cell){ .code = { code }, .style = style };
}

void pane_code(struct pane *p, int row, int col, uint8_t style, uint32_t code)
{
	set(p, row, col, style, code < 0x80 || p->cells->utf8 ? code : '?');
}

/* A mark joins the character before it. */
static void add_mark(struct pane *p, int row, int col, uint32_t code)
{
	struct cell *c = col > 0 ? cell_at(p, row, col - 1) : NULL;

	if (c && !c->code[0] && col > 1)
		c = cell_at(p, row, col - 2);
	for (int i = 1; c && c->code[0] && i < CELL_CODES; i++) {
		if (c->code[i])
			continue;
		c->code[i] = code;
		return;
	}
}

static void put_glyph(struct pane *p, int row, int col, uint8_t style,
		      uint32_t code, size_t columns)
{
	if (columns == 0 && p->cells->utf8) {
		add_mark(p, row, col, code);
		return;
	}
	pane_code(p, row, col, style, code);
	if (columns == 2)
		set(p, row, col + 1, style, p->cells->utf8 ? 0 : ' ');
}

/* Draws at most `width` columns of s; what is cut ends with a mark. */
static int put_text(struct pane *p, int row, int col, int width, uint8_t style,
		    const char *s)
{
	int room = width, used = 0;
	size_t columns;
	uint32_t code;

	if ((int)text_width(s) > width)
		room = width - 1;
	while (*s) {
		s += text_glyph(s, &code, &columns);
		if (used + (int)columns > room)
			break;
		put_glyph(p, row, col + used, style, code, columns);
		used += (int)columns;
	}
	if (room < width && width > 0)
		pane_code(p, row, col + used++, style,
			  p->cells->utf8 ? 0x2026 : '~');
	return used;
}

int pane_text(struct pane *p, int row, int col, int width,
	      enum text_align align, uint8_t style, const char *s)
{
	int wide = (int)text_width(s), start = 0;

	if (width > p->cols - col)
		width = p->cols - col;
	if (!pane_shows(p, row) || width <= 0) {
		cell_at(p, row, 0);
		return wide < width ? wide : width < 0 ? 0 : width;
	}
	for (int i = 0; i < width; i++)
		set(p, row, col + i, style, ' ');
	if (align == TEXT_RIGHT && wide < width)
		start = width - wide;
	return put_text(p, row, col + start, width - start, style, s);
}

int pane_put(struct pane *p, int row, int col, uint8_t style, const char *s)
{
	int wide = (int)text_width(s);

	return pane_text(p, row, col, wide, TEXT_LEFT, style, s);
}

int pane_printf(struct pane *p, int row, int col, uint8_t style,
		const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return pane_put(p, row, col, style, text);
}

void pane_cursor(struct pane *p, int row)
{
	struct cell *c;

	for (int i = 0; i < p->cols; i++) {
		c = cell_at(p, row, i);
		if (c)
			c->style |= STYLE_CURSOR;
	}
}
