// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The page as a whole. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "html.h"
#include "options.h"
#include "section.h"
#include "verdict.h"

/* Processes of which all is shown; those that waited most. */
#define PROCESSES_MAX 8

/* Made of user/page.css and user/page.js at build time. */
extern const char page_css[], page_js[];

/* ---- head -----------------------------------------------------------------
 */

static void head(struct buf *out, const char *target)
{
	buf_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		     "<meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width, "
		     "initial-scale=1\">\n"
		     "<meta name=\"color-scheme\" content=\"light dark\">\n"
		     "<meta http-equiv=\"Content-Security-Policy\" "
		     "content=\"default-src 'none'; style-src 'unsafe-inline'; "
		     "script-src 'unsafe-inline'\">\n<title>gilwatch: ");
	html_text(out, target);
	buf_str(out, "</title>\n<style>\n");
	buf_str(out, page_css);
	buf_str(out, "</style>\n</head>\n<body>\n");
}

static void title(struct buf *out, const struct model *m, const char *target)
{
	time_t second = (time_t)(m->start_unix_ns / 1000000000u);
	char length[TEXT_NUM], when[64];
	struct tm tm;

	localtime_r(&second, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	buf_str(out, "<header>\n<div class=\"brand\">gilwatch</div>\n<h1>");
	html_text(out, target);
	buf_printf(out, "</h1>\n<p>%s from %s on %u CPU%s, %zu process%s</p>\n",
		   text_ns(length, m->window_ns), when, m->cpus,
		   m->cpus == 1 ? "" : "s", m->nprocesses,
		   m->nprocesses == 1 ? "" : "es");
	buf_str(out, "</header>\n");
}

static void lost(struct buf *out, const struct model *m)
{
	if (!model_lossy(m))
		return;
	buf_str(out, "<p class=\"lossy\"><strong>Figures may be short.</strong>"
		     " Lost:");
	for (int i = 0; i < GW_LOST_CAUSES; i++)
		if (m->lost[i]) {
			buf_printf(out, " %llu (",
				   (unsigned long long)m->lost[i]);
			html_text(out, model_lost_name((enum gw_lost)i));
			buf_str(out, ")");
		}
	buf_str(out, "</p>\n");
}

/* ---- one process ----------------------------------------------------------
 */

static void verdicts(struct buf *out, const struct model *m,
		     const struct model_process *p)
{
	struct verdict v[VERDICTS_MAX];
	size_t n = verdict_find(m, p, v);

	buf_str(out, "<ul class=\"verdicts\">\n");
	for (size_t i = 0; i < n; i++) {
		buf_str(out, v[i].kind == VERDICT_FINE ? "<li class=\"fine\">"
						       : "<li>");
		buf_str(out, "<strong>");
		html_text(out, v[i].what);
		buf_str(out, "</strong>\n<p><b>Because</b> ");
		html_text(out, v[i].evidence);
		if (*v[i].remedy) {
			buf_str(out, "</p>\n<p><b>Try</b> ");
			html_text(out, v[i].remedy);
		}
		buf_str(out, "</p></li>\n");
	}
	buf_str(out, "</ul>\n");
}

static void fact(struct buf *out, const char *name, const char *value)
{
	buf_str(out, "<div><dt>");
	html_text(out, name);
	buf_str(out, "</dt><dd>");
	html_text(out, value);
	buf_str(out, "</dd></div>\n");
}

/* Of the lock that is waited for most, the GIL where there is one. */
static void facts(struct buf *out, const struct model *m,
		  const struct model_process *p)
{
	const struct model_lock *l = m->locks + p->lock;
	char text[TEXT_NUM], cores[32];

	for (size_t i = 0; i < p->locks; i++)
		if (m->locks[p->lock + i].kind == GW_KIND_GIL) {
			l = &m->locks[p->lock + i];
			break;
		}
	snprintf(cores, sizeof(cores), "%.2f",
		 (double)p->running_ns / (double)(m->window_ns + 1));
	buf_str(out, "<dl class=\"facts\">\n");
	fact(out, "cores used", cores);
	if (p->locks) {
		fact(out, "handoffs a second",
		     text_rate(text, l->handoffs, m->window_ns));
		fact(out, "somebody waits",
		     text_percent(text, l->busy_ns, m->window_ns));
		fact(out, "wait, half of them", text_ns(text, l->dist[0].p50));
		fact(out, "wait, 99 %", text_ns(text, l->dist[0].p99));
		fact(out, "wakeups stolen",
		     text_percent(text, l->failed[GW_STOLEN],
				  l->failed[GW_STOLEN] + l->acquired));
	}
	buf_str(out, "</dl>\n");
}

static void process_head(struct buf *out, const struct model *m,
			 const struct model_process *p)
{
	char waited[TEXT_NUM];

	buf_str(out, "<h2>");
	html_name(out, p->comm, GW_COMM_LEN);
	buf_printf(out, " <small>pid %d", (int)p->pid);
	if (p->note) {
		buf_str(out, ", ");
		html_text(out, p->note);
	}
	buf_printf(out, ", %zu thread%s, waited %s for locks</small></h2>\n",
		   p->threads, p->threads == 1 ? "" : "s",
		   text_ns(waited, p->wait_ns));
	verdicts(out, m, p);
	facts(out, m, p);
}

static void tables(struct buf *out, const struct model *m,
		   const struct model_process *p)
{
	buf_str(out, "<h2>Figures</h2>\n<details open><summary>Threads"
		     "</summary>\n");
	html_table(out, "Threads", &column_threads, m->threads + p->thread,
		   p->threads, sizeof(*m->threads));
	buf_str(out, "</details>\n");
	if (p->locks) {
		buf_str(out, "<details open><summary>Locks</summary>\n");
		html_table(out, "Locks", &column_locks, m->locks + p->lock,
			   p->locks, sizeof(*m->locks));
		buf_str(out, "</details>\n");
	}
	if (p->handoffs) {
		buf_str(out, "<details><summary>Handoffs</summary>\n");
		html_table(out, "Handoffs", &column_handoffs,
			   m->handoffs + p->handoff, p->handoffs,
			   sizeof(*m->handoffs));
		buf_str(out, "</details>\n");
	}
	if (p->migrations) {
		buf_str(out, "<details><summary>Migrations by thread"
			     "</summary>\n");
		html_table(out, "Migrations", &column_migrations,
			   m->migrations + p->migration, p->migrations,
			   sizeof(*m->migrations));
		buf_str(out, "</details>\n");
	}
}

/* Processes that waited come first; one is shown when none did. */
static size_t shown(const struct model *m)
{
	size_t n = 0;

	while (n < m->nprocesses && n < PROCESSES_MAX && m->processes[n].locks)
		n++;
	return n || !m->nprocesses ? n : 1;
}

/* ---- the whole ------------------------------------------------------------
 */

static void foot(struct buf *out, const struct model *m, size_t n)
{
	struct buf line = { 0 };

	buf_str(out, "<footer>\n");
	if (n < m->nprocesses)
		buf_printf(out,
			   "<p>%zu more process%s watched; only in the lanes "
			   "and the tables of --csv.</p>\n",
			   m->nprocesses - n,
			   m->nprocesses - n == 1 ? "" : "es");
	section_last_line(&line, m, 0);
	buf_add(&line, "", 1);
	if (!buf_error(&line)) {
		buf_str(out, "<p>");
		html_text(out, line.data);
		buf_str(out, "</p>\n");
	}
	buf_free(&line);
	buf_str(out, "<p>gilwatch " OPTIONS_VERSION
		     ". What a figure means: rest the pointer on its title, or "
		     "gilwatch --columns. Handoffs are contended ones; an "
		     "acquisition of a free lock makes no system call and is "
		     "not seen, so a thread may hold a lock where it is shown "
		     "as running only.</p>\n</footer>\n");
}

void html_page(struct buf *out, const struct model *m, const char *target,
	       const struct lanes *l, const struct timeline *t)
{
	size_t n = shown(m);

	head(out, target);
	title(out, m, target);
	lost(out, m);
	if (!n)
		buf_str(out, "<p>No watched process contended for a lock.</p>"
			     "\n");
	for (size_t i = 0; i < n; i++) {
		process_head(out, m, &m->processes[i]);
		if (!i && l)
			html_lanes(out, l, t);
		html_histograms(out, m, &m->processes[i]);
		html_handoffs(out, m, &m->processes[i]);
		html_migrations(out, m, &m->processes[i]);
		tables(out, m, &m->processes[i]);
	}
	foot(out, m, n);
	buf_str(out, "<script>\n");
	buf_str(out, page_js);
	buf_str(out, "</script>\n</body>\n</html>\n");
}
