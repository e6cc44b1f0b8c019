/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_SECTION_H
#define GILWATCH_SECTION_H

#include "buf.h"
#include "column.h"
#include "model.h"

/* Parts of a text report. All add to a buffer, where errors stick. */

/*
 * Text over as many lines as it needs, broken at spaces.
 *
 * first: before the first line; the others are indented as far
 * width: of the lines; 0: no limit
 */
void section_text(struct buf *out, const char *first, const char *text,
		  size_t width);

/*
 * A table of rows, its first `limit` of them; a line says how many are left
 * out.
 *
 * title: a line before it
 * rows:  count rows of `size` bytes each, of the kind that the set is for
 * width: of the lines; 0: no limit
 */
void section_table(struct buf *out, const char *title,
		   const struct column_set *set, const void *rows, size_t count,
		   size_t size, size_t limit, size_t width);

/* A line that says how many of all were not shown; what: of what, or "". */
void section_more(struct buf *out, const char *what, size_t shown, size_t all);

/*
 * What the figures of a process mean: each verdict with its evidence and what
 * to try; or, brief, the worst one in a line.
 */
void section_verdicts(struct buf *out, const struct model *m,
		      const struct model_process *p, bool brief, size_t width);

/*
 * What is known of single locks: of each GIL its switch interval, how busy it
 * is, its waiters, and what its waits are made of; of mutexes that somebody
 * waits for, who has them.
 */
void section_known(struct buf *out, const struct model *m,
		   const struct model_process *p, size_t width);

/* The wakeup latencies of all threads of a process, a bar a power of two. */
void section_wakeups(struct buf *out, const struct model *m,
		     const struct model_process *p, size_t width);

/* From which CPU to which the threads of a process were moved. */
void section_migrations(struct buf *out, const struct model *m,
			const struct model_process *p, size_t width);

/* What was lost and what gilwatch itself cost: one line, two when lossy. */
void section_last_line(struct buf *out, const struct model *m, size_t width);

/* Every column of every table: terminal title, CSV name, what it means. */
void section_columns(struct buf *out);

#endif
