/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TUI_VIEW_H
#define GILWATCH_TUI_VIEW_H

#include "tui_draw.h"

/* The parts of a frame, each in a pane of its own. */

/*
 * The views. Each draws its content into the pane, keeps the place that the
 * arrows move in bounds, and fills in `seen`. Returns 0 or -ENOMEM.
 */
int view_locks(struct tui_picture *p, struct pane *pane, struct tui_seen *seen);
int view_threads(struct tui_picture *p, struct pane *pane,
		 struct tui_seen *seen);
int view_handoffs(struct tui_picture *p, struct pane *pane,
		  struct tui_seen *seen);
int view_latency(struct tui_picture *p, struct pane *pane,
		 struct tui_seen *seen);
int view_cpus(struct tui_picture *p, struct pane *pane, struct tui_seen *seen);

#define VIEW_INTERPRETER 64

/* What runs the process that waits most, as far as its locks tell; else buf
 * stays as it is. */
void view_interpreter(char buf[VIEW_INTERPRETER], const struct model *m);

/* One line or two about what is watched; all of the pane for the verdicts. */
void view_top(const struct tui_picture *p, struct pane *pane);
void view_verdicts(const struct tui_picture *p, struct pane *pane);

/* What Enter opened. */
int view_opened(struct tui_picture *p, struct pane *pane,
		struct tui_seen *seen);

/* Keys, and every column of the view. */
int view_help(struct tui_picture *p, struct pane *pane, struct tui_seen *seen);

/*
 * Text that scrolls: draw it, then again when the place had to be moved into
 * bounds, which only the drawing tells.
 */
int view_text(struct tui_picture *p, struct pane *pane, struct tui_seen *seen,
	      void (*draw)(struct tui_picture *p, struct pane *pane));

/* Handoffs as a sorted table, for view_handoffs. */
int view_handoff_list(struct tui_picture *p, struct pane *pane,
		      struct tui_seen *seen);

/* ---- pieces ---- */

/* Text in lines of at most `width` columns, broken at spaces. Returns the row
 * after it. */
int view_wrap(struct pane *pane, int row, int col, int width, uint8_t style,
	      const char *text);

/* The same, but what does not fit before the row `end` is cut. */
int view_wrap_to(struct pane *pane, int row, int end, int col, int width,
		 uint8_t style, const char *text);

/* A distribution, for view_hists. */
struct view_dist {
	const char *title;
	uint64_t counts[HIST_BUCKETS];
	uint64_t max; /* MODEL_UNKNOWN: not known */
};

/*
 * Histograms as bars, with p50 and p99 marked; side by side where the pane is
 * wide enough.
 *
 * rows: bars stand for several powers of two where that makes all of it fit;
 *       0: each for one
 *
 * Returns the row after them.
 */
int view_hists(struct pane *pane, int row, int rows, const struct view_dist *d,
	       size_t n);

/* A stacked bar of a thread's time. */
void view_stack(struct pane *pane, int row, int col, int width,
		const struct model_thread *t);

/* What the parts of the stacked bar are. Returns the columns it takes. */
int view_legend(struct pane *pane, int row, int col);

/* How the figure of a column in a row looks: a warning, quiet, or plain. */
uint8_t view_figure(const struct column_set *set, const struct column *c,
		    const void *row);

/* "wait p50" for wait_ns_p50: a column in words. Returns buf. */
const char *view_label(char buf[32], const struct column *c);

/* The title of a column as it stands alone: "WAIT p99" for "p99". */
const char *view_title(char buf[32], const struct column_set *set,
		       size_t column);

/* A name of GW_COMM_LEN bytes, fit to be shown; "?" where there is none. */
const char *view_name(char buf[TEXT_COMM], const char *comm);

#endif
