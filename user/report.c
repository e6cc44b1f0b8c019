// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "replay.h"
#include "report.h"
#include "timeline_build.h"

#define OUTPUTS 4

struct report {
	const struct options *o;
	struct gwr *file;
	struct replay *replay;
	struct snapshot before, last;
	bool whole; /* from the start of the watching: before is empty */
	struct {
		const struct sink *sink;
		void *state;
	} out[OUTPUTS];
	size_t outs;
	struct timeline_builder *builder; /* NULL: no output needs a timeline */
	struct timeline timeline;
};

/* ---- what is shown --------------------------------------------------------
 */

static bool shown(const struct options *o, uint32_t tgid)
{
	for (size_t i = 0; i < o->pid_count; i++)
		if ((uint32_t)o->pids[i] == tgid)
			return true;
	return !o->pid_count;
}

/* A process without locks and threads is in no model. */
static void drop_others(const struct options *o, struct snapshot *s)
{
	size_t threads = 0, images = 0;

	for (size_t i = 0; i < s->nthreads; i++)
		if (shown(o, s->threads[i].live.thread.tgid))
			s->threads[threads++] = s->threads[i];
	s->nthreads = threads;
	for (size_t i = 0; i < s->nlocks; i++)
		if (!shown(o, s->locks[i].k.tgid))
			s->locks[i].k.image = 0;
	for (size_t i = 0; i < s->nimages; i++)
		if (shown(o, s->images[i].tgid))
			s->images[images++] = s->images[i];
	s->nimages = images;
}

static int snapshot(struct report *r, uint64_t ns, struct snapshot *s)
{
	int err = replay_snapshot(r->replay, ns, s);

	if (err)
		return err;
	s->stuck_ns = r->o->stuck_ns;
	drop_others(r->o, s);
	return 0;
}

/* ---- outputs --------------------------------------------------------------
 */

static int open_output(struct report *r, const struct sink *sink,
		       const struct sink_config *config, char msg[SINK_MSG])
{
	int err = sink->open(&r->out[r->outs].state, config, msg);

	if (!err)
		r->out[r->outs++].sink = sink;
	return err;
}

static int open_outputs(struct report *r, const struct sink_config *config,
			char msg[SINK_MSG])
{
	struct sink_config c = *config;
	int err;

	c.target = gwr_info(r->file)->target;
	c.timeline = r->builder ? &r->timeline : NULL;
	err = open_output(r, &sink_plain, &c, msg);
	if (!err && c.csv_dir)
		err = open_output(r, &sink_csv, &c, msg);
	if (!err && c.html)
		err = open_output(r, &sink_html, &c, msg);
	if (!err && c.trace)
		err = open_output(r, &sink_trace, &c, msg);
	return err;
}

static int show(struct report *r, bool total, const struct snapshot *before,
		const struct snapshot *now, char msg[SINK_MSG])
{
	struct model m;
	int err = model_new(&m, before, now, gwr_info(r->file)->all);

	if (err) {
		snprintf(msg, SINK_MSG, "out of memory");
		return err;
	}
	m.total = total;
	for (size_t i = 0; i < r->outs && !err; i++)
		err = total ? r->out[i].sink->summary(r->out[i].state, &m, msg)
			    : r->out[i].sink->interval(r->out[i].state, &m,
						       msg);
	model_free(&m);
	return err;
}

/* ---- time -----------------------------------------------------------------
 */

/* The last moment that is known by now. */
static uint64_t end_of(const struct report *r)
{
	uint64_t now = replay_now(r->replay);
	uint64_t told = replay_moment(r->replay)->ns;

	return told > now ? told : now;
}

/* Whether the first of what is shown is the first of all. */
static int begin(struct report *r, char msg[SINK_MSG])
{
	const struct gwr_info *info = gwr_info(r->file);
	uint64_t from = info->start_ns + r->o->from_ns;
	int err;

	_Static_assert(SINK_MSG >= GWR_MSG, "room for a record's message");
	r->whole = !r->o->from_ns && !gwr_lacks_start(r->file);
	if (r->whole)
		return 0;
	/* Where older parts were dropped, the first block is a state. */
	err = replay_until(r->replay, r->file, from, msg);
	if (err < 0)
		return err;
	if (!err && from > end_of(r)) {
		snprintf(msg, SINK_MSG,
			 "nothing is after --from: the record ends at %.6f",
			 (double)(end_of(r) - info->start_ns) / 1e9);
		return -EINVAL;
	}
	if (replay_now(r->replay) > from)
		from = replay_now(r->replay);
	err = snapshot(r, from, &r->before);
	if (err)
		snprintf(msg, SINK_MSG, "out of memory");
	return err;
}

static int play_to(struct report *r, uint64_t ns, uint64_t *at,
		   char msg[SINK_MSG])
{
	int more = replay_until(r->replay, r->file, ns, msg);

	*at = more > 0 || end_of(r) > ns ? ns : end_of(r);
	return more < 0 ? more : 0;
}

static void forget_last(struct report *r)
{
	snapshot_free(&r->last);
}

static int show_interval(struct report *r, struct snapshot *now,
			 char msg[SINK_MSG])
{
	const struct snapshot *before = r->last.threads ? &r->last : &r->before;
	int err = show(r, false, before->threads ? before : NULL, now, msg);

	forget_last(r);
	r->last = *now;
	return err;
}

/* ---- the timeline ---------------------------------------------------------
 */

static void hide_others(const struct options *o, struct timeline *t)
{
	for (size_t i = 0; i < t->threads; i++)
		if (!shown(o, (uint32_t)t->thread[i].pid))
			t->thread[i].spans = 0;
}

static int begin_timeline(struct report *r, struct replay_hooks *hooks)
{
	const uint64_t start = gwr_info(r->file)->start_ns;
	uint64_t to = r->o->to_ns > UINT64_MAX - start ? UINT64_MAX
						       : start + r->o->to_ns;

	if (!r->o->html && !r->o->trace)
		return 0;
	r->builder = timeline_builder_new(start + r->o->from_ns, to);
	if (!r->builder)
		return -ENOMEM;
	*hooks = timeline_builder_hooks(r->builder);
	return 0;
}

static int end_timeline(struct report *r, uint64_t at)
{
	const struct gwr_info *info = gwr_info(r->file);
	struct timeline *t = &r->timeline;
	int err;

	if (!r->builder)
		return 0;
	err = timeline_builder_end(r->builder, r->replay, at, t);
	if (err)
		return err;
	t->boot_ns = info->boot_ns;
	t->start_unix_ns = info->start_unix_ns + (t->start_ns - info->start_ns);
	hide_others(r->o, t);
	return 0;
}

static int show_totals(struct report *r, uint64_t at, char msg[SINK_MSG])
{
	int err = end_timeline(r, at);

	if (err) {
		snprintf(msg, SINK_MSG, "out of memory");
		return err;
	}
	return show(r, true, r->whole ? NULL : &r->before, &r->last, msg);
}

/* Up to ns, or to the end before it; then *at is when that was. */
static int play_step(struct report *r, uint64_t ns, uint64_t *at,
		     char msg[SINK_MSG])
{
	struct snapshot now;
	int err = play_to(r, ns, at, msg);

	if (err < 0)
		return err;
	err = snapshot(r, *at, &now);
	if (err) {
		snprintf(msg, SINK_MSG, "out of memory");
		return err;
	}
	if (r->o->interval_ns)
		return show_interval(r, &now, msg);
	forget_last(r);
	r->last = now;
	return 0;
}

static int play(struct report *r, char msg[SINK_MSG])
{
	const uint64_t start = gwr_info(r->file)->start_ns;
	uint64_t to = r->o->to_ns > UINT64_MAX - start ? UINT64_MAX
						       : start + r->o->to_ns;
	uint64_t step = r->o->interval_ns, next, at;
	int err;

	at = r->whole ? start : r->before.now_ns;
	do {
		next = step && step < to - at ? at + step : to;
		err = play_step(r, next, &at, msg);
	} while (!err && at == next && at < to);
	if (!err && r->o->pid_count && !r->last.nthreads) {
		snprintf(msg, SINK_MSG,
			 "the record has no process with that number");
		err = -ESRCH;
	}
	return err ? err : show_totals(r, at, msg);
}

/* What is not in the record is told, whatever is asked for. */
static void tell_missing(const struct report *r)
{
	const struct gwr_moment *m = replay_moment(r->replay);

	if (gwr_lacks_start(r->file) && !r->o->from_ns)
		fprintf(stderr,
			"gilwatch: the record keeps only its last part: all "
			"figures are of the last %.1f s\n",
			(double)(r->last.now_ns - r->before.now_ns) / 1e9);
	if (gwr_cut(r->file))
		fprintf(stderr,
			"gilwatch: the record has no end: it was cut off or "
			"is still being written\n");
	if (m->unordered)
		fprintf(stderr,
			"gilwatch: the order of %llu events is a guess\n",
			(unsigned long long)m->unordered);
}

static void close_all(struct report *r)
{
	for (size_t i = 0; i < r->outs; i++)
		r->out[i].sink->close(r->out[i].state);
	forget_last(r);
	snapshot_free(&r->before);
	timeline_free(&r->timeline);
	timeline_builder_free(r->builder);
	replay_free(r->replay);
	gwr_close(r->file);
}

int report(const struct options *o, const struct sink_config *config,
	   char msg[SINK_MSG])
{
	struct report r = { .o = o };
	struct replay_hooks hooks = { 0 };
	int err = gwr_open(&r.file, o->file, msg);

	if (err)
		return err;
	err = begin_timeline(&r, &hooks);
	r.replay = err ? NULL : replay_new(gwr_info(r.file), &hooks);
	snprintf(msg, SINK_MSG, "out of memory");
	err = r.replay ? open_outputs(&r, config, msg) : -ENOMEM;
	if (!err)
		err = begin(&r, msg);
	if (!err)
		err = play(&r, msg);
	if (!err)
		tell_missing(&r);
	close_all(&r);
	return err;
}
