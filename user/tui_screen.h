/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TUI_SCREEN_H
#define GILWATCH_TUI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "tui_cells.h"

/*
 * The terminal: the only file that includes curses. One screen a process, on
 * standard input and output.
 */

#define SCREEN_MSG 256

/*
 * Can standard input and output carry it: are they a terminal that can place a
 * cursor?
 *
 * why: where they cannot, gets one line that says so
 */
bool screen_usable(char why[SCREEN_MSG]);

/*
 * Take the terminal over: the alternate screen, keys one by one, no echo, no
 * signals from keys. A signal that kills the process (a crash, a second SIGINT)
 * restores it first.
 *
 * Returns 0, -ENOTTY where the terminal cannot do it, or another negative
 * errno; then it is as it was.
 */
int screen_open(void);

/* Restore the terminal; nothing where it is not open. */
void screen_close(void);

/* Rows and columns now; asks the terminal. */
void screen_size(int *rows, int *cols);

/* Show the cells: what differs from what is there, in one write. */
void screen_paint(const struct cells *c);

/* The next frame is written whole: somebody else wrote on the terminal. */
void screen_spoiled(void);

/*
 * The next key: a code point, or a TUI_KEY_* of tui_state.h. Returns 1, 0 when
 * there is none, or -EIO when the terminal is gone.
 */
int screen_key(uint32_t *key);

/* Ctrl-Z, which stops the process and so is no matter of the state. */
#define SCREEN_KEY_SUSPEND ('Z' - '@')

/*
 * Restore the terminal, stop the whole process group as Ctrl-Z does elsewhere,
 * and take the terminal over again when it goes on. SIGTSTP must be blocked.
 */
void screen_suspend(void);

/* Take the terminal over again after somebody else stopped the process. */
void screen_resume(void);

#endif
