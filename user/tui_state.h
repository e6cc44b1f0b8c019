/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TUI_STATE_H
#define GILWATCH_TUI_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "column.h"
#include "sink.h"

/*
 * What the user has chosen: view, cursor, order, filter, pause. A key is a
 * transition of this state and may be a wish. Pure: no terminal, no figures.
 */

enum tui_view {
	VIEW_LOCKS,
	VIEW_THREADS,
	VIEW_HANDOFFS,
	VIEW_LATENCY,
	VIEW_CPUS,
	VIEWS,
};

/* Keys that are no characters; characters are their code points. */
enum tui_key {
	TUI_KEY_UP = 0x110000,
	TUI_KEY_DOWN,
	TUI_KEY_LEFT,
	TUI_KEY_RIGHT,
	TUI_KEY_PAGE_UP,
	TUI_KEY_PAGE_DOWN,
	TUI_KEY_HOME,
	TUI_KEY_END,
	TUI_KEY_ENTER,
	TUI_KEY_ESCAPE,
	TUI_KEY_TAB,
	TUI_KEY_BACK_TAB,
	TUI_KEY_BACKSPACE,
	TUI_KEY_INTERRUPT, /* Ctrl-C */
	TUI_KEY_OTHER,     /* known to the terminal, not to us */
};

/* What Enter opens: the lock or the thread under the cursor. */
enum tui_what { OPEN_NOTHING, OPEN_LOCK, OPEN_THREAD };

struct tui_pick {
	enum tui_what what;
	uint32_t image; /* of a lock */
	uint64_t id;    /* of a lock, or the serial of a thread */
};

/* What the last frame showed; the drawing fills it in. */
struct tui_seen {
	size_t rows;           /* under the cursor's control, or of text */
	size_t page;           /* of these on the screen at once */
	bool list;             /* has a cursor; else text that scrolls */
	bool sorts;            /* has an order that can be chosen */
	struct tui_pick under; /* the cursor */
};

/* A list's place and order. */
struct tui_place {
	size_t cursor; /* row; in text that scrolls the first one shown */
	size_t top;    /* first row shown */
	size_t sort;   /* column in the view's set */
	bool ascending;
};

#define TUI_FILTER 64

struct tui_state {
	enum tui_view view;
	struct tui_place place[VIEWS];
	bool help; /* over all */
	struct tui_place help_place;
	struct tui_pick open; /* over the view */
	struct tui_place open_place;
	bool editing; /* the filter */
	char filter[TUI_FILTER];
	char filter_before[TUI_FILTER]; /* what Esc brings back */
	bool paused;
	bool totals; /* since the start, not the interval */
	uint64_t interval_ns;
	char message[SINK_MSG]; /* until the next key */
};

/* The columns that a view sorts by; NULL: it has none. */
const struct column_set *tui_view_set(enum tui_view view);

/* "Locks", "Threads", ... */
const char *tui_view_name(enum tui_view view);

/* At the start: locks by time waited. interval_ns as the loop has it. */
void tui_state_init(struct tui_state *s, uint64_t interval_ns);

/* The place that the arrows move: of the help, what is open, or the view. */
struct tui_place *tui_state_place(struct tui_state *s);

/*
 * Keep the cursor inside `rows` rows and the top so that the cursor is among
 * the `page` rows shown; of text (list false) no more than its end.
 */
void tui_place_fit(struct tui_place *p, size_t rows, size_t page, bool list);

/*
 * A key was pressed.
 *
 * seen: what was on the screen then
 * wish: gets what it asks for; `totals` is always set as it is now
 */
void tui_state_key(struct tui_state *s, uint32_t key,
		   const struct tui_seen *seen, struct sink_wish *wish);

/* One key and what it does, for the help. */
struct tui_key_help {
	const char *keys, *does;
};

extern const struct tui_key_help tui_keys[]; /* ends with NULLs */

#endif
