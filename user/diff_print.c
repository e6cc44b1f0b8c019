// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Two runs side by side as text. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "diff.h"
#include "section.h"
#include "table.h"

static const struct table_column columns[] = {
	{ .title = "FIGURE", .align = TEXT_LEFT },
	{ .title = "A", .align = TEXT_RIGHT },
	{ .title = "B", .align = TEXT_RIGHT },
	{ .title = "CHANGE", .align = TEXT_RIGHT },
	{ .title = "BEYOND NOISE", .align = TEXT_LEFT, .priority = 1 },
	{ .title = "p", .align = TEXT_RIGHT, .priority = 2 },
	{ .title = "n", .align = TEXT_RIGHT, .priority = 3 },
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

/* ---- values ---------------------------------------------------------------
 */

/* Rates are small or large: given in millionths to text_rate. */
#define MILLION 1e6

static uint64_t whole(double v)
{
	return v >= 1.8e19 ? UINT64_MAX - 1 : (uint64_t)llround(v);
}

static const char *value_text(char buf[32], const struct diff_figure *f,
			      double v)
{
	char text[TEXT_NUM];

	if (isnan(v))
		return "-";
	if (f->how == DIFF_SHARE)
		snprintf(buf, 32, "%.1f%%", v * 100);
	else if (f->how == DIFF_RATE && !f->ns)
		snprintf(buf, 32, "%s",
			 text_rate(text, whole(v * MILLION),
				   (uint64_t)(MILLION * 1e9)));
	else
		snprintf(buf, 32, "%s%s",
			 f->ns ? text_ns(text, whole(v))
			       : text_count(text, whole(v)),
			 f->how == DIFF_RATE ? "/s" : "");
	return buf;
}

static const char *percent_text(char buf[32], double percent)
{
	if (isnan(percent))
		return "-";
	if (isinf(percent))
		return "from 0";
	if (fabs(percent) < 0.05)
		return "0.0%";
	snprintf(buf, 32, fabs(percent) < 10 ? "%+.1f%%" : "%+.0f%%", percent);
	return buf;
}

static const char *noise_text(const struct diff_change *c)
{
	if (!c->testable)
		return "-";
	return c->p < DIFF_NOISE_P ? "yes" : "no";
}

static const char *p_text(char buf[32], const struct diff_change *c)
{
	if (!c->testable)
		return "-";
	if (c->p < 0.001)
		return "<0.001";
	snprintf(buf, 32, "%.3f", c->p);
	return buf;
}

/* ---- one pair -------------------------------------------------------------
 */

/* Nothing in either run: no line. */
static bool is_empty(const struct diff_change *c)
{
	return !(c->a > 0) && !(c->b > 0);
}

static void row(struct table *t, const struct diff_figure *f,
		const struct diff_change *c)
{
	char buf[32];

	table_add(t, f->name);
	table_add(t, value_text(buf, f, c->a));
	table_add(t, value_text(buf, f, c->b));
	table_add(t, percent_text(buf, c->percent));
	table_add(t, noise_text(c));
	table_add(t, p_text(buf, c));
	snprintf(buf, sizeof(buf), "%zu/%zu", c->na, c->nb);
	table_add(t, c->na && c->nb ? buf : NULL);
}

static int figures(const struct diff *d, const struct diff_pair *p,
		   struct table *t)
{
	const struct diff_figure *f;
	size_t n = diff_figures(&f);
	struct diff_change c;
	int err = 0;

	for (size_t i = 0; !err && i < n; i++) {
		if (f[i].table != p->a->table)
			continue;
		err = diff_change(d, p, i, &c);
		if (!err && !is_empty(&c))
			row(t, &f[i], &c);
	}
	return err;
}

static void heading(const struct diff_pair *p, struct buf *out)
{
	char a[DIFF_LABEL], b[DIFF_LABEL];
	const char *what = p->a->table == DIFF_LOCKS ? "locks" : "threads";

	diff_label(a, p->a);
	diff_label(b, p->b);
	buf_printf(out, "\n%s", a);
	if (strcmp(a, b))
		buf_printf(out, " / %s", b);
	if (p->a->count > 1 || p->b->count > 1)
		buf_printf(out, " (%zu / %zu %s)", p->a->count, p->b->count,
			   what);
	buf_str(out, "\n");
}

static int print_pair(const struct diff *d, const struct diff_pair *p,
		      size_t width, struct buf *out)
{
	struct table t;
	int err;

	heading(p, out);
	table_init(&t, columns, COLUMNS);
	err = figures(d, p, &t);
	if (!err)
		err = table_render(&t, width, out);
	table_free(&t);
	return err;
}

/* ---- the whole ------------------------------------------------------------
 */

static void print_run(const char *letter, const struct diff_run *r,
		      size_t width, struct buf *out)
{
	char length[TEXT_NUM], path[512], line[600];

	text_escape(path, sizeof(path), r->path, strlen(r->path));
	snprintf(line, sizeof(line), "%s, %s in %zu interval%s", path,
		 text_ns(length, (uint64_t)(r->seconds[0] * 1e9)),
		 r->windows - 1, r->windows == 2 ? "" : "s");
	section_text(out, letter, line, width);
}

static void print_single(const struct diff *d, bool in_a, size_t width,
			 struct buf *out)
{
	char label[DIFF_LABEL];
	const struct diff_item *i, *other;
	struct buf line = { 0 };
	size_t n = 0;

	for (size_t k = 0; k < d->pairs; k++) {
		i = in_a ? d->pair[k].a : d->pair[k].b;
		other = in_a ? d->pair[k].b : d->pair[k].a;
		if (!i || other)
			continue;
		buf_printf(&line, "%s%s", n++ ? ", " : "",
			   diff_label(label, i));
	}
	buf_add(&line, "", 1);
	if (n && !buf_error(&line)) {
		buf_str(out, "\n");
		section_text(out,
			     in_a ? "Only in A: " : "Only in B: ", line.data,
			     width);
	}
	buf_free(&line);
}

static bool has_verdict(const struct diff_run *r, const struct diff_verdict *v)
{
	for (size_t i = 0; i < r->verdicts; i++)
		if (!strcmp(r->verdict[i].name, v->name) &&
		    !strcmp(r->verdict[i].comm, v->comm))
			return true;
	return false;
}

static size_t print_gone(const struct diff_run *from, const struct diff_run *to,
			 const char *what, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < from->verdicts; i++)
		if (!has_verdict(to, &from->verdict[i])) {
			buf_printf(out, "%s %s (%s)\n", what,
				   from->verdict[i].name,
				   from->verdict[i].comm);
			n++;
		}
	return n;
}

static void print_verdicts(const struct diff *d, struct buf *out)
{
	if (!d->a.judged || !d->b.judged)
		buf_str(out, "Verdicts are compared between records only: "
			     "tables do not have all that they rest on.\n");
	else if (!(print_gone(&d->a, &d->b, "- gone:", out) +
		   print_gone(&d->b, &d->a, "+ new:", out)))
		buf_str(out, "Verdicts: the same in both.\n");
}

int diff_print(const struct diff *d, size_t limit, size_t width,
	       struct buf *out)
{
	size_t shown = 0, both = 0;
	int err = 0;

	buf_str(out, "=== gilwatch diff\n");
	print_run("A: ", &d->a, width, out);
	print_run("B: ", &d->b, width, out);
	print_verdicts(d, out);
	for (size_t i = 0; !err && i < d->pairs; i++) {
		if (!d->pair[i].a || !d->pair[i].b)
			continue;
		if (both++ < limit) {
			err = print_pair(d, &d->pair[i], width, out);
			shown++;
		}
	}
	if (both > shown) {
		buf_str(out, "\n");
		section_more(out, "", shown, both);
	}
	print_single(d, true, width, out);
	print_single(d, false, width, out);
	return err ? err : buf_error(out);
}
