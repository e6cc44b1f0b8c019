// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Histograms of a process, a bar a power of two. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"

/* A bar a power of two. */
#define BARS (HIST_MAX_BITS - HIST_MIN_BITS + 2)

/* Bars that are shown at least. */
#define BARS_LEAST 8

#define WIDE 320
#define HIGH 120
#define FOOT 18

struct bars {
	uint64_t count[BARS], most, all;
	int first, last; /* that are not empty */
};

/* Room on both sides, so that a narrow distribution looks narrow. */
static void widen(struct bars *b)
{
	while (b->last >= 0 && b->last - b->first + 1 < BARS_LEAST) {
		if (b->first > 0)
			b->first--;
		if (b->last + 1 < BARS)
			b->last++;
	}
}

static struct bars make_bars(const uint64_t *counts)
{
	struct bars b = { .first = BARS, .last = -1 };
	unsigned int bar;

	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		bar = i ? (i - 1) / HIST_SUB + 1 : 0;
		if (!counts[i])
			continue;
		b.count[bar] += counts[i];
		b.all += counts[i];
		if (b.count[bar] > b.most)
			b.most = b.count[bar];
		if ((int)bar < b.first)
			b.first = (int)bar;
		b.last = (int)bar;
	}
	widen(&b);
	return b;
}

static uint64_t low_of(int bar)
{
	return bar ? hist_low((unsigned int)(bar - 1) * HIST_SUB + 1) : 0;
}

/* Where a duration is among the bars, on their scale of powers of two. */
static double place(const struct bars *b, uint64_t ns)
{
	double bar = ns < 64 ? 0 : log2((double)ns) - HIST_MIN_BITS + 1;

	return (bar - b->first) / (b->last - b->first + 1) * WIDE;
}

static void marks(struct buf *out, const struct bars *b,
		  const struct model_dist *d)
{
	const uint64_t value[] = { d->p50, d->p99 };
	static const char *const name[] = { "p50", "p99" };
	double x;
	bool right;

	for (int i = 0; i < 2; i++) {
		if (value[i] == MODEL_UNKNOWN)
			continue;
		x = place(b, value[i]);
		right = i ? x < WIDE - 24 : x < 24;
		buf_printf(out,
			   "<path class=\"mark\" d=\"M%.1f 10V%d\"/><text "
			   "x=\"%.1f\" y=\"9\" text-anchor=\"%s\">%s</text>\n",
			   x, HIGH, x + (right ? 2 : -2),
			   right ? "start" : "end", name[i]);
	}
}

static void bars(struct buf *out, const struct bars *b)
{
	int n = b->last - b->first + 1, every = (n + 4) / 5;
	double wide = (double)WIDE / n, high;
	char text[TEXT_NUM];

	for (int i = 0; i < n; i++) {
		high = (double)b->count[b->first + i] / (double)b->most *
		       (HIGH - 16);
		if (b->count[b->first + i])
			buf_printf(out,
				   "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" "
				   "width=\"%.1f\" height=\"%.1f\"/>\n",
				   i * wide + 0.5, HIGH - fmax(high, 1.5),
				   wide - 1, fmax(high, 1.5));
		if (i % every == 0)
			buf_printf(out, "<text x=\"%.1f\" y=\"%d\">%s</text>\n",
				   i * wide, HIGH + 14,
				   text_ns(text, low_of(b->first + i)));
	}
	buf_printf(out, "<path class=\"axis\" d=\"M0 %d.5H%d\"/>\n", HIGH,
		   WIDE);
}

static void bar_table(struct buf *out, const struct bars *b, const char *title)
{
	char low[TEXT_NUM], high[TEXT_NUM];

	buf_str(out, "<details><summary>as a table</summary><table><caption>");
	html_text(out, title);
	buf_str(out, "</caption><thead><tr><th>from</th><th>below</th>"
		     "<th>count</th></tr></thead><tbody>\n");
	for (int i = b->first; i <= b->last; i++)
		buf_printf(out,
			   "<tr><td>%s</td><td>%s</td><td>%llu</td></tr>\n",
			   text_ns(low, low_of(i)),
			   i + 1 < BARS ? text_ns(high, low_of(i + 1)) : "",
			   (unsigned long long)b->count[i]);
	buf_str(out, "</tbody></table></details>\n");
}

static void histogram(struct buf *out, const char *title, const char *note,
		      const uint64_t *counts, const struct model_dist *d)
{
	struct bars b = make_bars(counts);
	char n[TEXT_NUM], p50[TEXT_NUM], p99[TEXT_NUM], max[TEXT_NUM];

	if (!b.all)
		return;
	buf_printf(out, "<div class=\"card\"><h3>%s</h3>\n<p class=\"note\">",
		   title);
	html_text(out, note);
	buf_printf(
		out,
		"<br>%s times: p50 %s, p99 %s, max %s</p>\n<svg class=\"plot\" "
		"viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s, by "
		"powers of two\">\n",
		text_count(n, b.all), text_ns(p50, d->p50),
		text_ns(p99, d->p99), text_ns(max, d->max), WIDE, HIGH + FOOT,
		title);
	bars(out, &b);
	marks(out, &b, d);
	buf_str(out, "</svg>\n");
	bar_table(out, &b, title);
	buf_str(out, "</div>\n");
}

/* The lock that the histograms are of: a GIL, else the one waited for most. */
static const struct model_lock *main_lock(const struct model *m,
					  const struct model_process *p)
{
	const struct model_lock *l = m->locks + p->lock;

	for (size_t i = 0; i < p->locks; i++)
		if (l[i].kind == GW_KIND_GIL)
			return &l[i];
	for (size_t i = 0; i < p->locks; i++)
		if (l[i].kind != GW_KIND_COND && l[i].kind != GW_KIND_SEM &&
		    l[i].kind != GW_KIND_JOIN)
			return &l[i];
	return p->locks ? l : NULL;
}

void html_histograms(struct buf *out, const struct model *m,
		     const struct model_process *p)
{
	static const struct {
		const char *title, *note;
	} text[GW_METRICS] = {
		[GW_WAIT] = { "Wait", "until a thread had it" },
		[GW_WAKEUP] = { "Wakeup", "from the release to running" },
		[GW_HOLD] = { "Hold", "from having it to the release" },
		[GW_RESPONSE] = { "Response",
				  "from the end of a sleep to having it" },
	};
	const struct model_lock *l = main_lock(m, p);
	uint64_t counts[HIST_BUCKETS];

	if (!l)
		return;
	buf_str(out, "<h2>How long it takes <small>");
	html_text(out, *l->name ? l->name : model_kind_name(l->kind));
	buf_printf(out, " 0x%llx</small></h2>\n<div class=\"grid\">\n",
		   (unsigned long long)l->id);
	for (enum gw_metric i = 0; i < GW_METRICS; i++) {
		memset(counts, 0, sizeof(counts));
		model_add(counts, model_lock_buckets(m, l, i));
		histogram(out, text[i].title, text[i].note, counts,
			  &l->dist[i]);
	}
	buf_str(out, "</div>\n");
}
