// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From snapshots to the outputs, and what the user asked of them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "deliver.h"
#include "stuck.h"

/* ---- outputs --------------------------------------------------------------
 */

int watch_open(struct watch *w, const struct sink *sink,
	       const struct sink_config *config, char msg[SINK_MSG])
{
	int err = sink->open(&w->sinks[w->nsinks].state, config, msg);

	w->config = *config;
	if (!err)
		w->sinks[w->nsinks++].sink = sink;
	return err;
}

/* The output that the user sits at, or NULL. */
const struct sink *deliver_screen(const struct watch *w, void **state)
{
	for (size_t i = 0; i < w->nsinks; i++) {
		*state = w->sinks[i].state;
		if (w->sinks[i].sink->fd)
			return w->sinks[i].sink;
	}
	return NULL;
}

/* A line for the user must not tear a screen. */
void deliver_tell(const struct watch *w, const char *line)
{
	void *state;
	const struct sink *sink = deliver_screen(w, &state);

	if (sink)
		sink->say(state, line);
	else
		fprintf(stderr, "gilwatch: %s\n", line);
}

enum what { INTERVAL, TOTAL, SUMMARY };

static int deliver_to(const struct sink *sink, void *state, enum what what,
		      const struct model *m, char msg[SINK_MSG])
{
	if (what == INTERVAL)
		return sink->interval(state, m, msg);
	if (what == SUMMARY)
		return sink->summary(state, m, msg);
	return sink->total ? sink->total(state, m, msg) : 0;
}

/* Counting goes on when an output fails; it is told once. */
static void deliver(struct watch *w, enum what what, const struct model *m)
{
	char msg[SINK_MSG];

	for (size_t i = 0; i < w->nsinks; i++) {
		if (!deliver_to(w->sinks[i].sink, w->sinks[i].state, what, m,
				msg))
			continue;
		w->trouble = true;
		if (!w->sinks[i].failed)
			deliver_tell(w, msg);
		w->sinks[i].failed = true;
	}
}

bool deliver_all_failed(const struct watch *w)
{
	for (size_t i = 0; i < w->nsinks; i++)
		if (!w->sinks[i].failed)
			return false;
	return true;
}

static int make_model(const struct watch *w, struct model *m,
		      const struct snapshot *before, const struct snapshot *now)
{
	return model_new(m, before, now, options_named(w->options));
}

static int show(struct watch *w, enum what what, const struct snapshot *before,
		const struct snapshot *now)
{
	struct model m;
	int err = make_model(w, &m, before, now);

	if (!err)
		deliver(w, what, &m);
	model_free(&m);
	return err;
}

int deliver_totals(struct watch *w)
{
	if (!w->totals)
		return 0;
	return show(w, TOTAL, w->cleared ? &w->base : NULL, &w->last);
}

static void forget_base(struct watch *w)
{
	collect_give_back(w->collect, &w->base);
	w->cleared = false;
}

/* Processes that contend are worth a search for an interpreter. */
static void recognise_contended(struct watch *w, const struct snapshot *s)
{
	for (size_t i = 0; i < s->nlocks; i++)
		if (s->locks[i].k.image && s->locks[i].k.waits)
			recognise_image(w->recognise, s->locks[i].k.image,
					(pid_t)s->locks[i].k.tgid);
	recognise_run(w->recognise, s);
}

/* What the record needs to know of a snapshot. */
static void record(struct watch *w, const struct snapshot *s)
{
	char msg[GWR_MSG];

	if (!w->recorder || !recorder_tell(w->recorder, s, msg))
		return;
	w->trouble = true;
	deliver_tell(w, msg);
}

/* One interval: its model, and the snapshot becomes the last one. */
int deliver_interval(struct watch *w)
{
	struct snapshot now;
	int err = collect_snapshot(w->collect, &now);

	if (err)
		return err;
	recognise_label(w->recognise, &now);
	now.stuck_ns = w->options->stuck_ns;
	stuck_owners(&now);
	record(w, &now);
	recognise_contended(w, &now);
	err = show(w, INTERVAL, &w->last, &now);
	collect_give_back(w->collect, &w->last);
	w->last = now;
	return err ? err : deliver_totals(w);
}

int deliver_summary(struct watch *w)
{
	return show(w, SUMMARY, NULL, &w->last);
}

void deliver_forget(struct watch *w)
{
	forget_base(w);
	snapshot_free(&w->last);
}

/* What is told from here on belongs on the normal screen. */
void deliver_leave_screen(struct watch *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->nsinks; i++) {
		if (w->sinks[i].sink->fd)
			w->sinks[i].sink->close(w->sinks[i].state);
		else
			w->sinks[kept++] = w->sinks[i];
	}
	w->nsinks = kept;
	w->totals = false;
}

/* ---- wishes ---------------------------------------------------------------
 */

/* Totals since the start, in a folder of their own. */
static int write_csv(struct watch *w, const char *dir, char msg[SINK_MSG])
{
	struct sink_config config = w->config;
	struct model m;
	void *state;
	int err;

	config.csv_dir = dir;
	err = sink_csv.open(&state, &config, msg);
	if (err)
		return err;
	snprintf(msg, SINK_MSG, "out of memory");
	err = make_model(w, &m, NULL, &w->last);
	if (!err)
		err = sink_csv.summary(state, &m, msg);
	model_free(&m);
	sink_csv.close(state);
	return err;
}

void deliver_csv(struct watch *w)
{
	char dir[64], msg[SINK_MSG];
	time_t now = time(NULL);
	struct tm tm;

	if (w->options->csv_dir) {
		snprintf(msg, sizeof(msg),
			 "CSV tables are in %.400s, written at each interval",
			 w->options->csv_dir);
		deliver_tell(w, msg);
		return;
	}
	strftime(dir, sizeof(dir), "gilwatch-%Y%m%d-%H%M%S",
		 localtime_r(&now, &tm));
	if (!write_csv(w, dir, msg))
		snprintf(msg, sizeof(msg), "CSV tables written to %s", dir);
	deliver_tell(w, msg);
}

void deliver_clear(struct watch *w)
{
	forget_base(w);
	if (snapshot_copy(&w->base, &w->last))
		deliver_tell(w, "out of memory: totals go on as they were");
	else
		w->cleared = true;
}
