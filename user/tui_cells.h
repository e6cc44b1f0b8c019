/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TUI_CELLS_H
#define GILWATCH_TUI_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/*
 * A screen as cells in memory, and panes: parts of it that clip and scroll.
 * Views draw here; only tui_screen.c knows a terminal.
 */

/* What a cell means; tui_screen.c decides how it looks. */
enum cell_style {
	STYLE_PLAIN,
	STYLE_QUIET,  /* there when looked for */
	STYLE_STRONG, /* what the eye should find first */
	STYLE_HEAD,   /* titles of columns */
	STYLE_CHOSEN, /* the view that is shown, the column that sorts */
	STYLE_WARN,   /* a figure worth a look */
	STYLE_BAD,    /* a figure that hurts */
	STYLE_RUN,    /* the four states of a thread */
	STYLE_QUEUE,
	STYLE_LOCK,
	STYLE_SLEEP,
	STYLE_CHART, /* bars and sparklines */
	STYLES,
};

/* Added to a style: the row under the cursor. */
#define STYLE_CURSOR 0x80

/* A character and the marks on it; code[0] 0: the right half of a wide one. */
#define CELL_CODES 3

struct cell {
	uint32_t code[CELL_CODES];
	uint8_t style;
};

struct cells {
	int rows, cols;
	bool utf8; /* else everything outside ASCII becomes '?' */
	struct cell *cell;
	size_t room;
};

/*
 * Make it rows x cols blanks, at least 1 x 1. Returns 0 or -ENOMEM; then it is
 * as it was.
 */
int cells_reset(struct cells *c, int rows, int cols, bool utf8);

/* Give the memory back. */
void cells_free(struct cells *c);

/* The text of a row as UTF-8, without the blanks at its end. */
void cells_text(const struct cells *c, int row, struct buf *out);

/*
 * A rectangle of the cells in which content is drawn from row 0 on. Of content
 * longer than the pane the rows from `scroll` on are seen. What lies outside is
 * not drawn.
 */
struct pane {
	struct cells *cells;
	int top, left, rows, cols;
	int scroll;
	int used; /* rows of content drawn so far, seen or not */
};

/* A row of content is on the screen; others need not be formatted. */
bool pane_shows(const struct pane *p, int row);

/*
 * Put text at a row and column of the content. What is wider than `width`
 * columns or than the pane is cut and ends with "…" (ASCII: "~"); a style is
 * given to all `width` cells. Returns the columns that the text took.
 */
int pane_text(struct pane *p, int row, int col, int width, enum text_align,
	      uint8_t style, const char *s);

/* The same with what is left of the row and no padding. */
int pane_put(struct pane *p, int row, int col, uint8_t style, const char *s);

/* The same, formatted; text is cut at 511 bytes. */
int pane_printf(struct pane *p, int row, int col, uint8_t style,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* One character. */
void pane_code(struct pane *p, int row, int col, uint8_t style, uint32_t code);

/* Mark a whole row as the one under the cursor. */
void pane_cursor(struct pane *p, int row);

#endif
