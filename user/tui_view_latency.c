// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The four distributions of all locks that pass the filter. */
#include "tui_view.h"

static const char *const titles[GW_METRICS] = {
	[GW_WAIT] = "Wait",
	[GW_WAKEUP] = "Wakeup",
	[GW_HOLD] = "Hold",
	[GW_RESPONSE] = "Response",
};

static void add_lock(struct view_dist *d, const struct model *m,
		     const struct model_lock *l)
{
	uint64_t max;

	for (enum gw_metric i = 0; i < GW_METRICS; i++) {
		model_add(d[i].counts, model_lock_buckets(m, l, i));
		max = l->dist[i].max;
		if (max != MODEL_UNKNOWN && max > d[i].max)
			d[i].max = max;
	}
}

static void draw(struct tui_picture *p, struct pane *pane)
{
	const struct model *m = &p->scene->m;
	const char *filter = p->state->filter;
	struct view_dist d[GW_METRICS] = { 0 };
	char length[TEXT_NUM];
	size_t n = 0;

	for (enum gw_metric i = 0; i < GW_METRICS; i++)
		d[i].title = titles[i];
	for (size_t i = 0; i < m->nlocks; i++) {
		if (*filter &&
		    !list_matches(&column_locks, &m->locks[i], filter))
			continue;
		add_lock(d, m, &m->locks[i]);
		n++;
	}
	pane_printf(pane, 0, 0, STYLE_QUIET, "%zu lock%s in %s%s", n,
		    n == 1 ? "" : "s", text_ns(length, m->window_ns),
		    n > 1 ? "; Enter in Locks shows a single one" : "");
	view_hists(pane, 2, pane->rows - 2, d, GW_METRICS);
}

int view_latency(struct tui_picture *p, struct pane *pane,
		 struct tui_seen *seen)
{
	return view_text(p, pane, seen, draw);
}
