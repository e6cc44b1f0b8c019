/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_PANE_H
#define GILWATCH_TEST_PANE_H

#include "live.h"

/*
 * A shell in a terminal of its own: tmux with a socket in the test's folder.
 * What goes wrong fails the test.
 */

/* Skips where there is no tmux. The shell runs in a folder of the test, whose
 * path is returned. */
const char *pane_open(int cols, int rows);

/* Ends the terminal and all in it. */
void pane_close(void);

/* pane_close and live_teardown. Returns what that returns. */
int pane_teardown(void **state);

/* Starts four threads that pass a lock round. */
struct live *pane_handoffs(void);

/* Keys by their tmux names: "2", "Enter", "C-z"; NULL at the end. */
void pane_keys(const char *key, ...) __attribute__((sentinel));

/* Types a line for the shell. */
void pane_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What is on the screen; valid until the next call of anything here. With
 * `escapes` also its colours. */
const char *pane_text(bool escapes);

/* Waits until the text is on the screen, or is not. */
void pane_await(const char *text);
void pane_await_no(const char *text);

void pane_resize(int cols, int rows);

/* A value of tmux: "#{alternate_on}". */
const char *pane_value(const char *format);

/* The process that the shell runs in the foreground. */
pid_t pane_child(void);

/* Modes of the terminal as the shell sees them, cursor and screen included;
 * to be freed. */
char *pane_modes(void);

#endif
