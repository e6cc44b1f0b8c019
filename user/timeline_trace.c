// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "text.h"
#include "timeline_trace_priv.h"

/* A release or an acquisition, on its thread's track. */
struct mark {
	uint64_t ns, flow;
	const struct timeline_wait *wait;
	uint32_t thread, other;
	bool gets;
};

/* A thread on a CPU. */
struct turn {
	uint64_t start_ns, end_ns;
	uint32_t thread;
	uint16_t cpu;
};

struct trace {
	const struct timeline *t;
	struct pftrace p;
	struct mark *mark;
	struct turn *turn;
	size_t marks, marks_room, turns, turns_room;
};

static uint64_t boot(const struct trace *r, uint64_t ns)
{
	return trace_boot(r->t, ns);
}

static const char *name_of(char buf[TEXT_COMM], const struct trace *r,
			   uint32_t thread)
{
	if (thread >= r->t->threads)
		return "?";
	text_escape(buf, TEXT_COMM, r->t->thread[thread].comm, GW_COMM_LEN);
	return *buf ? buf : "?";
}

static void add_text(struct pftrace_event *e, const char *name,
		     const char *text)
{
	e->arg[e->args++] = (struct pftrace_arg){ name, text, 0 };
}

static void add_number(struct pftrace_event *e, const char *name, uint64_t n)
{
	e->arg[e->args++] = (struct pftrace_arg){ name, NULL, n };
}

/* ---- marks ----------------------------------------------------------------
 */

static int by_thread(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->thread != y->thread)
		return x->thread < y->thread ? -1 : 1;
	if (x->ns != y->ns)
		return x->ns < y->ns ? -1 : 1;
	return (x->flow > y->flow) - (x->flow < y->flow);
}

/* Where no release was seen, the arrow begins when the lock was had; and never
 * before the part of a record that is shown. */
static int add_handoff(struct trace *r, uint32_t thread,
		       const struct timeline_wait *w, uint64_t flow)
{
	uint64_t release = w->release_ns ? w->release_ns : w->end_ns - 1;
	uint64_t first = r->t->start_ns;
	const struct mark mark[2] = {
		{ release > first ? release : first, flow, w, w->from, thread,
		  false },
		{ w->end_ns, flow, w, thread, w->from, true },
	};

	for (int i = 0; i < 2; i++) {
		if (array_grow(&r->mark, r->marks, &r->marks_room))
			return -ENOMEM;
		r->mark[r->marks++] = mark[i];
	}
	return 0;
}

static int find_marks(struct trace *r)
{
	const struct timeline_thread *t;
	uint64_t flow = 0;
	int err = 0;

	for (uint32_t i = 0; !err && i < r->t->threads; i++) {
		t = &r->t->thread[i];
		for (size_t k = 0; !err && k < t->waits; k++)
			if (t->wait[k].acquired &&
			    t->wait[k].from < r->t->threads)
				err = add_handoff(r, i, &t->wait[k], ++flow);
	}
	if (r->marks)
		qsort(r->mark, r->marks, sizeof(*r->mark), by_thread);
	return err;
}

static void put_mark(struct trace *r, const struct mark *m)
{
	char name[TIMELINE_TEXT], lock[TIMELINE_TEXT], comm[TEXT_COMM];
	struct pftrace_event e = { .name = name };

	timeline_lock_text(lock, r->t, m->wait->lock);
	snprintf(name, sizeof(name), "%s %.150s", m->gets ? "gets" : "releases",
		 lock);
	add_text(&e, m->gets ? "from" : "to", name_of(comm, r, m->other));
	add_number(&e, "tid", (uint64_t)r->t->thread[m->other].tid);
	if (m->gets)
		add_number(&e, "waited_ns",
			   m->wait->end_ns - m->wait->start_ns);
	if (m->wait->inferred)
		add_text(&e, "inferred", "who last had it");
	if (m->wait->cross)
		add_text(&e, "cross_core", "yes");
	if (m->gets)
		e.flow_to = m->flow;
	else
		e.flow_from = m->flow;
	pftrace_instant(&r->p, trace_track(TRACK_THREAD, m->thread),
			boot(r, m->ns), &e);
}

/* ---- threads --------------------------------------------------------------
 */

static void begin_tile(struct trace *r, const struct timeline_thread *of,
		       uint64_t uuid, const struct tile *tile)
{
	char name[TIMELINE_TEXT], comm[TEXT_COMM];
	struct pftrace_event e = { .name = name };

	tile_text(name, r->t, of, tile);
	if (tile->state == TILE_WAITS && GW_ROLE_WAITS(tile->role))
		add_text(&e, "result", timeline_result_name(tile->result));
	if (tile->other < r->t->threads) {
		add_text(&e,
			 tile->result == TIMELINE_ACQUIRED ? "from" : "had_by",
			 name_of(comm, r, tile->other));
		add_number(&e, "tid", (uint64_t)r->t->thread[tile->other].tid);
	}
	if (tile->state != TILE_WAITS && tile->state != TILE_SLEEPS)
		add_number(&e, "cpu", tile->cpu);
	pftrace_slice(&r->p, uuid, boot(r, tile->start_ns), &e);
}

static int add_turn(struct trace *r, uint32_t thread, const struct tile *tile)
{
	struct turn *last = r->turns ? &r->turn[r->turns - 1] : NULL;

	if (tile->state != TILE_HOLDS && tile->state != TILE_RUNS)
		return 0;
	if (last && last->thread == thread && last->cpu == tile->cpu &&
	    last->end_ns == tile->start_ns) {
		last->end_ns = tile->end_ns;
		return 0;
	}
	if (array_grow(&r->turn, r->turns, &r->turns_room) || !r->turn)
		return -ENOMEM;
	r->turn[r->turns++] = (struct turn){ tile->start_ns, tile->end_ns,
					     thread, tile->cpu };
	return 0;
}

/* Slices and marks of a thread in the order of time: a mark at the edge of two
 * slices is in the later one. mark: the first of
 * this thread, then of the next. */
static int put_thread(struct trace *r, uint32_t i, size_t *mark)
{
	const struct timeline_thread *t = &r->t->thread[i];
	uint64_t uuid = trace_track(TRACK_THREAD, i);
	struct tiles walk;
	struct tile tile;
	char comm[TEXT_COMM];
	int err = 0;

	pftrace_thread(&r->p, uuid, t->pid, t->tid, name_of(comm, r, i));
	tiles_begin(&walk, t);
	while (!err && tiles_next(&walk, &tile)) {
		begin_tile(r, t, uuid, &tile);
		for (; *mark < r->marks && r->mark[*mark].thread == i &&
		       r->mark[*mark].ns < tile.end_ns;
		     ++*mark)
			put_mark(r, &r->mark[*mark]);
		pftrace_slice_end(&r->p, uuid, boot(r, tile.end_ns));
		err = add_turn(r, i, &tile);
	}
	for (; *mark < r->marks && r->mark[*mark].thread == i; ++*mark)
		put_mark(r, &r->mark[*mark]);
	return err;
}

static const char *process_name(char buf[TEXT_COMM], const struct trace *r,
				pid_t pid, uint32_t any)
{
	for (uint32_t i = 0; i < r->t->threads; i++)
		if (r->t->thread[i].pid == pid && r->t->thread[i].tid == pid)
			return name_of(buf, r, i);
	return name_of(buf, r, any);
}

/* Each process once, before its threads. */
static int put_processes(struct trace *r)
{
	const struct timeline_thread *t = r->t->thread;
	struct strindex seen = { 0 };
	char comm[TEXT_COMM], pid[32];
	size_t before, at = 0;

	for (uint32_t i = 0; i < r->t->threads && at != STRINDEX_NONE; i++) {
		before = seen.n;
		snprintf(pid, sizeof(pid), "%d", (int)t[i].pid);
		if (t[i].spans)
			at = strindex_add(&seen, pid);
		if (seen.n == before)
			continue;
		pftrace_process(&r->p,
				trace_track(TRACK_PROCESS, (uint64_t)t[i].pid),
				t[i].pid, process_name(comm, r, t[i].pid, i));
	}
	strindex_free(&seen);
	return at == STRINDEX_NONE ? -ENOMEM : 0;
}

static int put_threads(struct trace *r)
{
	size_t mark = 0;
	int err = put_processes(r);

	for (uint32_t i = 0; !err && i < r->t->threads; i++) {
		for (; mark < r->marks && r->mark[mark].thread < i;)
			mark++;
		if (r->t->thread[i].spans)
			err = put_thread(r, i, &mark);
	}
	return err;
}

/* ---- CPUs -----------------------------------------------------------------
 */

static int by_cpu(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;

	if (x->cpu != y->cpu)
		return (int)x->cpu - (int)y->cpu;
	return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

static void put_turn(struct trace *r, const struct turn *turn,
		     const struct turn *next)
{
	const struct timeline_thread *t = &r->t->thread[turn->thread];
	uint64_t uuid = trace_track(TRACK_CPU, turn->cpu), end = turn->end_ns;
	char name[TEXT_COMM + 16], comm[TEXT_COMM];
	struct pftrace_event e = { .name = name };

	/* Only lost events make two threads run on one CPU. */
	if (next && next->cpu == turn->cpu && next->start_ns < end)
		end = next->start_ns;
	snprintf(name, sizeof(name), "%s %d", name_of(comm, r, turn->thread),
		 (int)t->tid);
	add_number(&e, "pid", (uint64_t)t->pid);
	pftrace_slice(&r->p, uuid, boot(r, turn->start_ns), &e);
	pftrace_slice_end(&r->p, uuid, boot(r, end));
}

static void put_cpus(struct trace *r)
{
	char name[32];

	if (!r->turns)
		return;
	qsort(r->turn, r->turns, sizeof(*r->turn), by_cpu);
	pftrace_track(&r->p, trace_track(TRACK_CPUS, 0), 0,
		      "CPUs, watched threads");
	for (size_t i = 0; i < r->turns; i++) {
		if (!i || r->turn[i].cpu != r->turn[i - 1].cpu) {
			snprintf(name, sizeof(name), "CPU %u", r->turn[i].cpu);
			pftrace_track(&r->p,
				      trace_track(TRACK_CPU, r->turn[i].cpu),
				      trace_track(TRACK_CPUS, 0), name);
		}
		put_turn(r, &r->turn[i],
			 i + 1 < r->turns ? &r->turn[i + 1] : NULL);
	}
}

/* ---- the whole ------------------------------------------------------------
 */

static void put_gaps(struct trace *r)
{
	struct pftrace_event e = { .name = "events lost" };

	if (!r->t->gaps)
		return;
	pftrace_track(&r->p, trace_track(TRACK_LOST, 0), 0, "lost");
	for (size_t i = 0; i < r->t->gaps; i++) {
		e.args = 0;
		add_number(&e, "events", r->t->gap[i].count);
		pftrace_instant(&r->p, trace_track(TRACK_LOST, 0),
				boot(r, r->t->gap[i].ns), &e);
	}
}

int timeline_trace(const struct timeline *t, pftrace_write_fn write, void *ctx)
{
	struct trace r = { .t = t };
	int err, written;

	pftrace_begin(&r.p, write, ctx);
	pftrace_clocks(&r.p, boot(&r, t->start_ns), t->start_ns,
		       t->start_unix_ns);
	err = find_marks(&r);
	if (!err)
		err = put_threads(&r);
	if (!err)
		put_cpus(&r);
	if (!err)
		err = trace_counters(t, &r.p);
	put_gaps(&r);
	written = pftrace_end(&r.p);
	free(r.mark);
	free(r.turn);
	return err ? err : written;
}
