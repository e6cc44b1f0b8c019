// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Text on standard output: a block an interval, and the summary. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "section.h"
#include "sink.h"

/* Rows of a table when -n does not say. */
#define INTERVAL_ROWS 5
#define INTERVAL_PROCESSES 10
#define SUMMARY_ROWS 20
#define HANDOFF_ROWS 10

struct plain {
	struct sink_config config;
};

static int plain_open(void **state, const struct sink_config *config,
		      char msg[SINK_MSG])
{
	struct plain *p = calloc(1, sizeof(*p));

	if (!p) {
		snprintf(msg, SINK_MSG, "out of memory");
		return -ENOMEM;
	}
	p->config = *config;
	*state = p;
	return 0;
}

static size_t rows(const struct plain *p, size_t usual)
{
	return p->config.rows ? p->config.rows : usual;
}

/* ---- one process ----------------------------------------------------------
 */

static void process_line(struct buf *out, const struct model *m,
			 const struct model_process *p, size_t width)
{
	char name[TEXT_COMM], waited[TEXT_NUM], line[256];
	char who[64];
	double cores = (double)p->running_ns / (double)(m->window_ns + 1);

	text_escape(name, sizeof(name), p->comm, GW_COMM_LEN);
	snprintf(who, sizeof(who), "pid %d", (int)p->pid);
	if (!p->pid)
		snprintf(who, sizeof(who), "%u processes that have ended",
			 p->folded);
	snprintf(line, sizeof(line),
		 "%s (%s%s%s): %zu thread%s, %.2f of %u cores used, "
		 "waited %s for locks",
		 *name ? name : "?", who, p->note ? ", " : "",
		 p->note ? p->note : "", p->threads, p->threads == 1 ? "" : "s",
		 cores, m->cpus, text_ns(waited, p->wait_ns));
	section_text(out, "", line, width);
}

static void lock_table(struct buf *out, const struct plain *s,
		       const struct model *m, const struct model_process *p,
		       size_t limit)
{
	if (p->locks)
		section_table(out, "Locks", &column_locks, m->locks + p->lock,
			      p->locks, sizeof(*m->locks), limit,
			      s->config.width);
	else
		buf_str(out, "No thread waited for a lock.\n");
}

static void thread_table(struct buf *out, const struct plain *s,
			 const struct model *m, const struct model_process *p,
			 size_t limit)
{
	section_table(out, "Threads", &column_threads, m->threads + p->thread,
		      p->threads, sizeof(*m->threads), limit, s->config.width);
}

static void handoff_table(struct buf *out, const struct plain *s,
			  const struct model *m, const struct model_process *p)
{
	if (p->handoffs)
		section_table(out, "Busiest handoffs (contended)",
			      &column_handoffs, m->handoffs + p->handoff,
			      p->handoffs, sizeof(*m->handoffs), HANDOFF_ROWS,
			      s->config.width);
}

/* Processes that waited come first, those that did so most before the others;
 * of those that did not one is shown when there is nothing else. */
struct shown {
	size_t n;    /* of the processes, from the first */
	size_t more; /* that waited too */
	size_t calm; /* that did not: a shell script starts hundreds */
};

static struct shown processes_shown(const struct plain *s,
				    const struct model *m, size_t usual)
{
	size_t waited = 0, limit = rows(s, usual);
	struct shown shown;

	while (waited < m->nprocesses && m->processes[waited].locks)
		waited++;
	shown.n = waited < limit ? waited : limit;
	shown.more = waited - shown.n;
	if (!waited && m->nprocesses)
		shown.n = 1;
	shown.calm = m->nprocesses - shown.n - shown.more;
	return shown;
}

static void others_lines(struct buf *out, const struct shown *shown)
{
	size_t calm = shown->calm;

	if (shown->more)
		section_more(out,
			     shown->more == 1
				     ? " process that waited for locks"
				     : " processes that waited for locks",
			     shown->n, shown->n + shown->more);
	if (calm)
		buf_printf(out,
			   "%zu more process%s watched, with no wait for a "
			   "lock\n",
			   calm, calm == 1 ? "" : "es");
}

/* ---- the whole ------------------------------------------------------------
 */

static int put(const struct plain *s, struct buf *out, char msg[SINK_MSG])
{
	int err = buf_write(out, s->config.out);

	if (err)
		snprintf(msg, SINK_MSG, "cannot write to standard output: %s",
			 strerror(-err));
	buf_free(out);
	return err;
}

static void time_of_day(char text[32], uint64_t unix_ns)
{
	time_t second = (time_t)(unix_ns / 1000000000u);
	struct tm tm;

	localtime_r(&second, &tm);
	strftime(text, 32, "%H:%M:%S", &tm);
}

static int plain_interval(void *state, const struct model *m,
			  char msg[SINK_MSG])
{
	struct plain *s = state;
	struct shown shown = processes_shown(s, m, INTERVAL_PROCESSES);
	struct buf out = { 0 };
	char when[32], length[TEXT_NUM];

	if (s->config.quiet)
		return 0;
	time_of_day(when, m->end_unix_ns);
	buf_printf(&out, "--- %s, the last %s%s\n", when,
		   text_ns(length, m->window_ns),
		   m->nprocesses ? "" : ": nothing contended for a lock");
	for (size_t i = 0; i < shown.n; i++) {
		const struct model_process *p = &m->processes[i];

		process_line(&out, m, p, s->config.width);
		section_verdicts(&out, m, p, true, s->config.width);
		section_known(&out, m, p, s->config.width);
		lock_table(&out, s, m, p, rows(s, INTERVAL_ROWS));
		thread_table(&out, s, m, p, rows(s, INTERVAL_ROWS));
	}
	others_lines(&out, &shown);
	if (model_lossy(m))
		section_last_line(&out, m, s->config.width);
	return put(s, &out, msg);
}

static void process_summary(struct buf *out, const struct plain *s,
			    const struct model *m,
			    const struct model_process *p)
{
	size_t width = s->config.width;

	buf_str(out, "\n");
	process_line(out, m, p, width);
	section_verdicts(out, m, p, false, width);
	section_known(out, m, p, width);
	buf_str(out, "\n");
	lock_table(out, s, m, p, rows(s, SUMMARY_ROWS));
	buf_str(out, "\n");
	thread_table(out, s, m, p, rows(s, SUMMARY_ROWS));
	if (p->handoffs)
		buf_str(out, "\n");
	handoff_table(out, s, m, p);
	buf_str(out, "\n");
	section_wakeups(out, m, p, width);
	if (p->migrations)
		buf_str(out, "\n");
	section_migrations(out, m, p, width);
}

static int plain_summary(void *state, const struct model *m, char msg[SINK_MSG])
{
	struct plain *s = state;
	struct shown shown = processes_shown(s, m, SUMMARY_ROWS);
	struct buf out = { 0 };
	char length[TEXT_NUM], head[64];

	snprintf(head, sizeof(head),
		 "=== gilwatch summary of %s: ", text_ns(length, m->window_ns));
	section_text(&out, head, s->config.target, s->config.width);
	if (!m->nprocesses)
		buf_str(&out, "\nNo watched process contended for a lock.\n");
	for (size_t i = 0; i < shown.n; i++)
		process_summary(&out, s, m, &m->processes[i]);
	buf_str(&out, "\n");
	others_lines(&out, &shown);
	section_last_line(&out, m, s->config.width);
	return put(s, &out, msg);
}

const struct sink sink_plain = {
	.name = "plain",
	.open = plain_open,
	.interval = plain_interval,
	.summary = plain_summary,
	.close = free,
};
