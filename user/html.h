/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_HTML_H
#define GILWATCH_HTML_H

#include "column.h"
#include "lanes.h"
#include "model.h"

/*
 * Parts of a page. All add to a buffer, where errors stick. What comes from
 * other programs goes through html_text or html_name only.
 */

/* Rows of a table in a page; more are counted. */
#define HTML_ROWS_MAX 300

/* Threads in a matrix of handoffs; the busiest. */
#define HTML_MATRIX_MAX 16

/* Text as HTML: & < > " ' become references. */
void html_text(struct buf *out, const char *text);

/* A name of n bytes from another program, made harmless, as HTML. "?" when
 * empty. */
void html_name(struct buf *out, const void *bytes, size_t n);

/* A string of JSON with its quotes, which may stand inside <script>. */
void html_json(struct buf *out, const char *text);

/* A table of rows as section_table has it, with the columns that text reports
 * have, or all of them. */
void html_table(struct buf *out, const char *caption,
		const struct column_set *set, const void *rows, size_t count,
		size_t size);

/* The lanes of a run: legend, an overview that needs no script, the data for
 * zooming, and a table with the time of each state. t: NULL for a run without
 * events. */
void html_lanes(struct buf *out, const struct lanes *l,
		const struct timeline *t);

/* Wait, wakeup, hold and response of a process as histograms and tables. */
void html_histograms(struct buf *out, const struct model *m,
		     const struct model_process *p);

/* Who gave locks to whom, as a heat map that is a table. */
void html_handoffs(struct buf *out, const struct model *m,
		   const struct model_process *p);

/* From which CPU to which. */
void html_migrations(struct buf *out, const struct model *m,
		     const struct model_process *p);

/* What the states are called, and the classes of page.css: s0, s1 ... */
extern const char *const html_states[TILE_STATES];

/*
 * The whole page.
 *
 * target: what was watched, in words
 * l, t:   NULL where there are none
 */
void html_page(struct buf *out, const struct model *m, const char *target,
	       const struct lanes *l, const struct timeline *t);

#endif
