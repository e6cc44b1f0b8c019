/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_PICTURE_H
#define GILWATCH_TEST_PICTURE_H

#include "shots.h"
#include "tui_draw.h"

/* A frame of figures made by hand, drawn into cells. */

struct picture {
	struct shot_pair pair;
	struct scene scene;
	struct history *history;
	struct tui_state state;
	struct tui_picture tui;
	struct cells cells;
	struct tui_seen seen;
};

/* Locks 0x1000 and 0x2000 and threads 101 and 102 of one process; snapshots to
 * be completed. */
void picture_begin(struct picture *p);

/* The snapshots are complete: model, scene, one interval of history. */
void picture_ready(struct picture *p);

/* All of it: the threads pass lock 0x1000, 0x2000 had a few waits. */
void picture_busy(struct picture *p);

/* Draw at a size. */
void picture_draw(struct picture *p, int rows, int cols, bool utf8);

/* A key, as the loop would give it. */
struct sink_wish picture_key(struct picture *p, uint32_t key);

/* The text of a row of the last frame, without blanks at its end; overwritten
 * by the next call. */
const char *picture_row(const struct picture *p, int row);

/* The row that has this text, or -1. */
int picture_find(const struct picture *p, const char *text);

/* The style of the cell where the text begins. */
uint8_t picture_style(const struct picture *p, const char *text);

void picture_end(struct picture *p);

#endif
