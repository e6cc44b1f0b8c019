/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TUI_DRAW_H
#define GILWATCH_TUI_DRAW_H

#include "tui_cells.h"
#include "tui_history.h"
#include "tui_list.h"
#include "tui_scene.h"
#include "tui_state.h"

/*
 * A frame: what is known and what the user has chosen, as cells. Pure; only
 * rows that are on the screen are formatted.
 */

/* Below this nothing can be read. */
#define TUI_ROWS_MIN 10
#define TUI_COLS_MIN 40

/* From here on there are lines to spare: two at the top, one below the tabs. */
#define TUI_ROWS_SPACED 20

/* All that a frame is made of. */
struct tui_picture {
	struct tui_state *state;   /* its places are kept inside the rows */
	const struct scene *scene; /* NULL: no interval has passed yet */
	const struct history *history;
	const char *target;
	const char *interpreter; /* "" or NULL: not known */
	const char *output;      /* of the command; NULL: not redirected */
	uint64_t run_ns;         /* since the watching began */
	uint64_t lost;           /* since then */
	uint64_t own_ns;         /* CPU time of gilwatch in the last interval */
	uint64_t own_window_ns;  /* of that interval */
	struct list list;        /* memory; to be freed at the end */
};

/*
 * Draw into the cells, which were reset to the size of the screen.
 *
 * seen: gets what the next key refers to
 *
 * Returns 0 or -ENOMEM.
 */
int tui_draw(struct tui_picture *p, struct cells *cells, struct tui_seen *seen);

#endif
