// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A record as a run to compare: it is played and written as the tables that
 * --csv makes, in memory, so that records and folders go one way from there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "csv_model.h"
#include "diff_run_priv.h"
#include "replay.h"
#include "verdict.h"

/* Intervals are a second, of a short record a tenth of it. */
#define INTERVAL_NS 1000000000ull
#define INTERVALS_MIN 10

struct play {
	struct diff_run *run;
	struct gwr *file;
	struct replay *replay;
	struct snapshot first, last; /* first: empty for a whole record */
	struct csv csv[DIFF_FILES];
	size_t verdicts_room;
	char *msg;
};

static int no_memory(const struct play *p)
{
	snprintf(p->msg, DIFF_MSG, "%s: out of memory", p->run->path);
	return -ENOMEM;
}

/* ---- models ---------------------------------------------------------------
 */

static int add_verdict(struct play *p, const struct model_process *of,
		       enum verdict_kind kind)
{
	struct diff_run *r = p->run;
	char name[TEXT_COMM];
	struct diff_verdict *v;

	if (array_grow(&r->verdict, r->verdicts, &p->verdicts_room))
		return -ENOMEM;
	text_escape(name, sizeof(name), of->comm, GW_COMM_LEN);
	v = &r->verdict[r->verdicts];
	v->name = verdict_name(kind);
	v->comm = strdup(name);
	r->verdicts += v->comm != NULL;
	return v->comm ? 0 : -ENOMEM;
}

static int judge(struct play *p, const struct model *m)
{
	struct verdict v[VERDICTS_MAX];
	size_t n;
	int err = 0;

	for (size_t i = 0; i < m->nprocesses; i++) {
		n = verdict_find(m, &m->processes[i], v);
		for (size_t k = 0; k < n && !err; k++)
			if (v[k].kind != VERDICT_FINE)
				err = add_verdict(p, &m->processes[i],
						  v[k].kind);
	}
	p->run->judged = true;
	return err;
}

static int take(struct play *p, const struct snapshot *before,
		const struct snapshot *now, bool total)
{
	struct model m;
	int err = model_new(&m, before->now_ns ? before : NULL, now,
			    gwr_info(p->file)->all);

	if (err)
		return err;
	m.total = total;
	for (enum diff_file f = 0; f < DIFF_FILES; f++)
		csv_model_rows(&p->csv[f], diff_file_set(f), &m);
	if (total)
		err = judge(p, &m);
	model_free(&m);
	return err;
}

/* ---- time -----------------------------------------------------------------
 */

/* The end of the record; the reader is where it was then. */
static int find_end(struct play *p, uint64_t *end)
{
	struct replay *r = replay_new(gwr_info(p->file), NULL);
	int more;

	if (!r)
		return no_memory(p);
	more = replay_until(r, p->file, UINT64_MAX, p->msg);
	*end = replay_now(r);
	if (replay_moment(r)->ns > *end)
		*end = replay_moment(r)->ns;
	replay_free(r);
	gwr_rewind(p->file);
	return more < 0 ? more : 0;
}

/* Where older parts are not in the file, it begins with a state. */
static int begin(struct play *p, uint64_t *start)
{
	int more;

	*start = gwr_info(p->file)->start_ns;
	if (!gwr_lacks_start(p->file))
		return 0;
	more = replay_until(p->replay, p->file, *start, p->msg);
	if (more < 0)
		return more;
	*start = replay_now(p->replay);
	return replay_snapshot(p->replay, *start, &p->first) ? no_memory(p) : 0;
}

static int interval(struct play *p, uint64_t to)
{
	struct snapshot now;
	int err;

	if (replay_until(p->replay, p->file, to, p->msg) < 0)
		return -EPROTO;
	if (replay_snapshot(p->replay, to, &now))
		return no_memory(p);
	err = take(p, p->last.now_ns ? &p->last : &p->first, &now, false);
	snapshot_free(&p->last);
	p->last = now;
	return err ? no_memory(p) : 0;
}

static int play(struct play *p)
{
	uint64_t at, end, step;
	int err = find_end(p, &end);

	p->replay = replay_new(gwr_info(p->file), NULL);
	if (!p->replay)
		return err ? err : no_memory(p);
	if (!err)
		err = begin(p, &at);
	if (err)
		return err;
	step = (end - at) / INTERVALS_MIN;
	step = step > INTERVAL_NS ? INTERVAL_NS : step ? step : 1;
	/* What is left over at the end is no interval of its own. */
	for (; !err && end - at >= 2 * step; at += step)
		err = interval(p, at + step);
	if (!err)
		err = interval(p, end);
	if (!err && take(p, &p->first, &p->last, true))
		err = no_memory(p);
	return err;
}

/* ---- the whole ------------------------------------------------------------
 */

static int parse(struct play *p)
{
	char what[CSV_READ_MSG];
	int err = 0;

	for (enum diff_file f = 0; f < DIFF_FILES && !err; f++) {
		err = buf_error(&p->csv[f].out);
		if (!err)
			err = csv_parse(&p->run->file[f], p->csv[f].out.data,
					p->csv[f].out.len, what);
	}
	return err ? no_memory(p) : 0;
}

int diff_run_record(struct diff_run *r, const char *path, char msg[DIFF_MSG])
{
	struct play p = { .run = r, .msg = msg };
	int err;

	_Static_assert(DIFF_MSG >= GWR_MSG, "room for a record's message");
	err = gwr_open(&p.file, path, msg);
	if (err)
		return err;
	for (enum diff_file f = 0; f < DIFF_FILES; f++)
		column_csv_header(&p.csv[f], diff_file_set(f));
	err = play(&p);
	if (!err)
		err = parse(&p);
	for (enum diff_file f = 0; f < DIFF_FILES; f++)
		buf_free(&p.csv[f].out);
	snapshot_free(&p.first);
	snapshot_free(&p.last);
	replay_free(p.replay);
	gwr_close(p.file);
	return err;
}
