// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"

/* The overview: columns of a lane, and the sizes of its picture. */
#define COLUMNS 500
#define WIDE 1000
#define LANE_HIGH 20
#define LANE_GAP 4

/* A lane and its gap as the script draws them: LANE + GAP there. */
#define LANE_LARGER 30

/* Threads whose names the script is told. */
#define NAMES_MAX 5000

const char *const html_states[TILE_STATES] = {
	[TILE_HOLDS] = "runs and holds the lock",
	[TILE_RUNS] = "runs",
	[TILE_WAITS] = "waits for a lock",
	[TILE_RUNNABLE] = "waits for a CPU",
	[TILE_RUNNABLE_HOLDS] = "waits for a CPU and holds the lock",
	[TILE_SLEEPS] = "sleeps",
	[TILE_SLEEPS_HOLDS] = "sleeps and holds the lock",
};

/* The same where the lock is known; % is its name. */
static const char *const with_lock[TILE_STATES] = {
	[TILE_HOLDS] = "runs and holds %",
	[TILE_RUNS] = "runs",
	[TILE_WAITS] = "waits for %",
	[TILE_RUNNABLE] = "waits for a CPU",
	[TILE_RUNNABLE_HOLDS] = "waits for a CPU and holds %",
	[TILE_SLEEPS] = "sleeps",
	[TILE_SLEEPS_HOLDS] = "sleeps and holds %",
};

/* From below in a stack of shares. */
static const enum tile_state stack[TILE_STATES] = {
	TILE_HOLDS,    TILE_RUNS,  TILE_RUNNABLE_HOLDS, TILE_SLEEPS_HOLDS,
	TILE_RUNNABLE, TILE_WAITS, TILE_SLEEPS
};

static bool is_used(const struct lanes *l, enum tile_state state)
{
	for (size_t i = 0; i < l->lanes; i++)
		if (l->lane[i].ns[state])
			return true;
	return false;
}

static void legend(struct buf *out, const struct lanes *l)
{
	/* As high as the script draws them. */
	static const int high[TILE_STATES] = { 12, 10, 5, 7, 7, 2, 6 };

	buf_str(out, "<ul class=\"legend\">\n");
	for (enum tile_state s = 0; s < TILE_STATES; s++) {
		if (!is_used(l, s))
			continue;
		buf_printf(out,
			   "<li><svg width=\"14\" height=\"12\" "
			   "aria-hidden=\"true\"><rect class=\"s%d\" y=\"%d\" "
			   "width=\"14\" height=\"%d\"/></svg>%s</li>\n",
			   (int)s, 12 - high[s], high[s], html_states[s]);
	}
	buf_str(out, "</ul>\n");
}

/* ---- overview -------------------------------------------------------------
 */

static void names(struct buf *out, const struct lanes *l, int high)
{
	buf_str(out, "<ul class=\"names\">\n");
	for (size_t i = 0; i < l->lanes; i++) {
		buf_printf(out, "<li style=\"height:%dpx\">", high);
		html_name(out, l->lane[i].comm, GW_COMM_LEN);
		buf_printf(out, "<span>%d</span></li>\n", (int)l->lane[i].tid);
	}
	buf_str(out, "</ul>\n");
}

/* The shares of each column of a lane, and where each state begins in it. */
struct column_shares {
	double ns[TILE_STATES], low[TILE_STATES], whole;
};

static void share_columns(const struct lanes *l, const struct lane *lane,
			  struct column_shares *to)
{
	double step = (double)(l->end_ns - l->start_ns) / COLUMNS, at;

	for (int i = 0; i < COLUMNS; i++) {
		lanes_shares(lane, l->start_ns + (uint64_t)(i * step),
			     l->start_ns + (uint64_t)((i + 1) * step),
			     to[i].ns);
		to[i].whole = step > 0 ? step : 1;
		at = 0;
		for (int k = 0; k < TILE_STATES; k++) {
			to[i].low[stack[k]] = at;
			at += to[i].ns[stack[k]];
		}
	}
}

/* A state's pieces of all columns as one path; heights in tenths. */
static void path(struct buf *out, const struct column_shares *c,
		 enum tile_state s, int top)
{
	int scale = LANE_HIGH * 10, y, high;
	bool begun = false;

	for (int i = 0; i < COLUMNS; i++) {
		high = (int)lround(c[i].ns[s] / c[i].whole * scale);
		y = scale - (int)lround(c[i].low[s] / c[i].whole * scale);
		if (high <= 0)
			continue;
		buf_printf(out, begun ? "" : "<path class=\"s%d\" d=\"",
			   (int)s);
		begun = true;
		buf_printf(out, "M%d %dv-%dh%dv%dz", i * (WIDE / COLUMNS),
			   top * 10 + y, high, WIDE / COLUMNS, high);
	}
	if (begun)
		buf_str(out, "\"/>\n");
}

static void overview(struct buf *out, const struct lanes *l)
{
	static struct column_shares c[COLUMNS];
	int high = (int)l->lanes * (LANE_HIGH + LANE_GAP);

	buf_printf(out,
		   "<svg viewBox=\"0 0 %d %d\" height=\"%d\" "
		   "preserveAspectRatio=\"none\" role=\"img\" aria-label=\""
		   "What each thread did over time; the table below has the "
		   "sums\">\n",
		   WIDE, high * 10, high);
	for (size_t i = 0; i < l->lanes; i++) {
		share_columns(l, &l->lane[i], c);
		for (int k = 0; k < TILE_STATES; k++)
			path(out, c, stack[k],
			     (int)i * (LANE_HIGH + LANE_GAP) + LANE_GAP / 2);
	}
	buf_printf(out,
		   "<rect class=\"brush\" y=\"0\" width=\"0\" height=\"%d\"/>"
		   "\n</svg>\n",
		   high * 10);
}

/* ---- data -----------------------------------------------------------------
 */

static void base64(struct buf *out, const struct buf *in)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *b = (const unsigned char *)in->data;
	uint32_t v;
	char four[4];

	for (size_t i = 0; i < in->len; i += 3) {
		v = (uint32_t)b[i] << 16;
		v |= i + 1 < in->len ? (uint32_t)b[i + 1] << 8 : 0;
		v |= i + 2 < in->len ? b[i + 2] : 0;
		four[0] = digit[v >> 18];
		four[1] = digit[v >> 12 & 63];
		four[2] = i + 1 < in->len ? digit[v >> 6 & 63] : '=';
		four[3] = i + 2 < in->len ? digit[v & 63] : '=';
		buf_add(out, four, 4);
	}
}

static void thread_name(struct buf *out, const char *comm, pid_t tid)
{
	char name[TEXT_COMM], text[TEXT_COMM + 16];

	text_escape(name, sizeof(name), comm, GW_COMM_LEN);
	snprintf(text, sizeof(text), "%s %d", *name ? name : "?", (int)tid);
	html_json(out, text);
}

static void lane_data(struct buf *out, const struct lanes *l,
		      const struct lane *lane)
{
	struct buf bytes = { 0 };

	lanes_encode(l, lane, &bytes);
	buf_printf(out, "{\"thread\":%u,\"name\":", lane->thread);
	thread_name(out, lane->comm, lane->tid);
	buf_str(out, ",\"pieces\":\"");
	if (buf_error(&bytes))
		out->err = buf_error(&bytes);
	else
		base64(out, &bytes);
	buf_str(out, "\"}");
	buf_free(&bytes);
}

static void strings(struct buf *out, const char *name,
		    const char *const *string, size_t n)
{
	buf_printf(out, "\"%s\":[", name);
	for (size_t i = 0; i < n; i++) {
		buf_str(out, i ? "," : "");
		html_json(out, string[i]);
	}
	buf_str(out, "],\n");
}

static void result_names(struct buf *out)
{
	const char *name[TIMELINE_OPEN + 1];

	for (unsigned int i = 0; i <= TIMELINE_OPEN; i++)
		name[i] = timeline_result_name(i);
	strings(out, "results", name, TIMELINE_OPEN + 1);
}

/* Only what pieces speak of. */
static void lock_names(struct buf *out, const struct lanes *l,
		       const struct timeline *t)
{
	char text[TIMELINE_TEXT], *used = calloc(t ? t->locks + 1 : 1, 1);
	bool first = true;

	buf_str(out, "\"locks\":{");
	for (size_t i = 0; used && t && i < l->lanes; i++)
		for (size_t k = 0; k < l->lane[i].pieces; k++)
			if (l->lane[i].piece[k].lock < t->locks)
				used[l->lane[i].piece[k].lock] = 1;
	for (uint32_t i = 0; used && t && i < t->locks; i++) {
		if (!used[i])
			continue;
		buf_printf(out, "%s\"%u\":", first ? "" : ",", i);
		html_json(out, timeline_lock_text(text, t, i));
		first = false;
	}
	buf_str(out, "},\n");
	free(used);
}

static void thread_names(struct buf *out, const struct timeline *t)
{
	size_t n = 0;

	buf_str(out, "\"threads\":{");
	for (uint32_t i = 0; t && i < t->threads && n < NAMES_MAX; i++) {
		if (!t->thread[i].spans)
			continue;
		buf_printf(out, "%s\"%u\":", n++ ? "," : "", i);
		thread_name(out, t->thread[i].comm, t->thread[i].tid);
	}
	buf_str(out, "},\n");
}

static void data(struct buf *out, const struct lanes *l,
		 const struct timeline *t)
{
	buf_printf(out,
		   "<script type=\"application/json\" id=\"lanes\">\n"
		   "{\"unit\":%u,\"units\":%" PRIu64 ",\n",
		   LANES_UNIT_NS,
		   (l->end_ns - l->start_ns) / LANES_UNIT_NS + 1);
	strings(out, "states", html_states, TILE_STATES);
	strings(out, "with", with_lock, TILE_STATES);
	result_names(out);
	lock_names(out, l, t);
	thread_names(out, t);
	buf_str(out, "\"lanes\":[");
	for (size_t i = 0; i < l->lanes; i++) {
		buf_str(out, i ? ",\n" : "\n");
		lane_data(out, l, &l->lane[i]);
	}
	buf_str(out, "\n]}\n</script>\n");
}

/* ---- the whole ------------------------------------------------------------
 */

static void tools(struct buf *out, const struct lanes *l)
{
	buf_str(out,
		"<div id=\"detail\">\n<div class=\"tools\">\n"
		"<button value=\"left\" aria-label=\"earlier\">\342\206\220"
		"</button>\n"
		"<button value=\"right\" aria-label=\"later\">\342\206\222"
		"</button>\n"
		"<button value=\"in\" aria-label=\"zoom in\">+</button>\n"
		"<button value=\"out\" aria-label=\"zoom out\">\342\210\222"
		"</button>\n"
		"<button value=\"all\">all</button>\n"
		"<output aria-live=\"polite\"></output>\n</div>\n"
		"<div class=\"larger\">\n");
	names(out, l, LANE_LARGER);
	buf_str(out,
		"<canvas tabindex=\"0\" role=\"img\" aria-label=\"The marked "
		"piece of time, larger. Arrows move, plus and minus zoom.\">"
		"</canvas>\n</div>\n"
		"<p class=\"note\">Drag to move; ctrl and wheel, two fingers, "
		"a double click or + and \342\210\222 zoom; drag over the "
		"overview to choose. An arrow is a handoff.</p>\n</div>\n");
}

static void share_cell(struct buf *out, uint64_t part, uint64_t whole)
{
	char text[TEXT_NUM];

	buf_str(out, "<td>");
	html_text(out, text_percent(text, part, whole));
	buf_str(out, "</td>");
}

static void sums(struct buf *out, const struct lanes *l)
{
	uint64_t whole;

	buf_str(out, "<details><summary>the same as a table</summary>\n"
		     "<div class=\"scroll\"><table><caption>Where the time of "
		     "each thread went</caption>\n<thead><tr><th class=\"l\" "
		     "scope=\"col\">thread</th>");
	for (enum tile_state s = 0; s < TILE_STATES; s++)
		if (is_used(l, s))
			buf_printf(out, "<th scope=\"col\">%s</th>",
				   html_states[s]);
	buf_str(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < l->lanes; i++) {
		whole = 0;
		for (int k = 0; k < TILE_STATES; k++)
			whole += l->lane[i].ns[k];
		buf_str(out, "<tr><th scope=\"row\">");
		html_name(out, l->lane[i].comm, GW_COMM_LEN);
		buf_printf(out, " %d</th>", (int)l->lane[i].tid);
		for (enum tile_state s = 0; s < TILE_STATES; s++)
			if (is_used(l, s))
				share_cell(out, l->lane[i].ns[s], whole);
		buf_str(out, "</tr>\n");
	}
	buf_str(out, "</tbody></table></div></details>\n");
}

static void notes(struct buf *out, const struct lanes *l,
		  const struct timeline *t)
{
	char text[TEXT_NUM];

	buf_str(out, "<p class=\"note\">One lane a thread");
	if (l->intervals)
		buf_str(out, ", by the interval: gilwatch record makes a page "
			     "with every wait");
	else if (l->shortest_ns)
		buf_printf(out,
			   "; what is shorter than %s is shown as the "
			   "share of each state",
			   text_ns(text, l->shortest_ns));
	if (l->left_out)
		buf_printf(out, "; %zu less busy threads are left out",
			   l->left_out);
	buf_str(out, ".");
	if (t && t->gaps)
		buf_printf(out,
			   " <strong>Events were lost at %zu place%s: the "
			   "picture is not all there.</strong>",
			   t->gaps, t->gaps == 1 ? "" : "s");
	buf_str(out, "</p>\n");
}

void html_lanes(struct buf *out, const struct lanes *l,
		const struct timeline *t)
{
	if (!l->lanes)
		return;
	buf_str(out, "<h2>Threads over time</h2>\n");
	notes(out, l, t);
	buf_str(out, "<div class=\"card\" id=\"timeline\">\n");
	legend(out, l);
	buf_str(out, "<div class=\"overview\">\n");
	names(out, l, LANE_HIGH + LANE_GAP);
	overview(out, l);
	buf_str(out, "</div>\n");
	tools(out, l);
	sums(out, l);
	buf_str(out, "</div>\n<div id=\"tip\" hidden></div>\n");
	data(out, l, t);
}
