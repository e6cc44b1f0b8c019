// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "array.h"
#include "timeline_trace_priv.h"

/* A waiter comes (1) or goes (-1). */
struct step {
	uint64_t ns;
	int by;
};

struct steps {
	struct step *at;
	size_t n, room;
};

static int add_step(struct steps *s, uint64_t ns, int by)
{
	if (array_grow(&s->at, s->n, &s->room))
		return -ENOMEM;
	s->at[s->n++] = (struct step){ ns, by };
	return 0;
}

/* A wait can have begun before a part of a record, and end behind it. */
static int add_wait(const struct timeline *t, const struct timeline_wait *w,
		    struct steps *s)
{
	uint64_t start = w->start_ns > t->start_ns ? w->start_ns : t->start_ns;
	int err = add_step(s, start, 1);

	if (!err && w->end_ns <= t->end_ns)
		err = add_step(s, w->end_ns, -1);
	return err;
}

static int by_time(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	return (x->ns > y->ns) - (x->ns < y->ns);
}

/* Steps of one lock, in order: both ends of its waits, or each handoff once. */
static int find_steps(const struct timeline *t, uint32_t lock, bool handoffs,
		      struct steps *s)
{
	const struct timeline_thread *of = t->thread;
	const struct timeline_wait *w;
	int err = 0;

	*s = (struct steps){ 0 };
	for (size_t i = 0; i < t->threads; i++)
		for (size_t k = 0; k < of[i].waits && !err; k++) {
			w = &of[i].wait[k];
			if (w->lock != lock)
				continue;
			if (!handoffs)
				err = add_wait(t, w, s);
			else if (w->from != TIMELINE_NONE)
				err = add_step(s, w->end_ns, 1);
		}
	if (s->n)
		qsort(s->at, s->n, sizeof(*s->at), by_time);
	return err;
}

static void counter_name(const struct timeline *t, uint32_t lock,
			 const char *what, char name[TIMELINE_TEXT])
{
	char text[TIMELINE_TEXT];

	timeline_lock_text(text, t, lock);
	snprintf(name, TIMELINE_TEXT, "%.120s: %s", text, what);
}

static int put_waiters(const struct timeline *t, struct pftrace *p,
		       uint32_t lock)
{
	uint64_t uuid = trace_track(TRACK_WAITERS, lock);
	char name[TIMELINE_TEXT];
	struct steps s;
	int err = find_steps(t, lock, false, &s), waiters = 0;

	counter_name(t, lock, "waiters", name);
	pftrace_counter(p, uuid,
			trace_track(TRACK_PROCESS, (uint64_t)t->lock[lock].pid),
			name);
	for (size_t i = 0; !err && i < s.n; i++) {
		waiters += s.at[i].by;
		if (i + 1 == s.n || s.at[i + 1].ns != s.at[i].ns)
			pftrace_value(p, uuid, trace_boot(t, s.at[i].ns),
				      waiters);
	}
	free(s.at);
	return err;
}

/* A value for each TRACE_RATE_NS, at its beginning. */
static int put_rate(const struct timeline *t, struct pftrace *p, uint32_t lock)
{
	uint64_t uuid = trace_track(TRACK_RATE, lock), from = t->start_ns, in;
	char name[TIMELINE_TEXT];
	struct steps s;
	size_t i = 0;
	int err = find_steps(t, lock, true, &s);

	counter_name(t, lock, "handoffs/s", name);
	pftrace_counter(p, uuid,
			trace_track(TRACK_PROCESS, (uint64_t)t->lock[lock].pid),
			name);
	for (; !err && from < t->end_ns; from += TRACE_RATE_NS) {
		for (in = 0; i < s.n && s.at[i].ns < from + TRACE_RATE_NS; i++)
			in++;
		pftrace_value(p, uuid, trace_boot(t, from),
			      (double)in * 1e9 / (double)TRACE_RATE_NS);
	}
	free(s.at);
	return err;
}

struct busy {
	uint32_t lock;
	size_t waits;
	bool gil;
};

static int by_waits(const void *a, const void *b)
{
	const struct busy *x = a, *y = b;

	if (x->gil != y->gil)
		return x->gil ? -1 : 1;
	if (x->waits != y->waits)
		return x->waits < y->waits ? 1 : -1;
	return (x->lock > y->lock) - (x->lock < y->lock);
}

int trace_counters(const struct timeline *t, struct pftrace *p)
{
	struct busy *busy = calloc(t->locks + 1, sizeof(*busy));
	const struct timeline_thread *of = t->thread;
	int err = busy ? 0 : -ENOMEM;

	if (err)
		return err;
	for (uint32_t i = 0; i < t->locks; i++) {
		busy[i].lock = i;
		busy[i].gil = t->lock[i].kind == GW_KIND_GIL;
	}
	for (size_t i = 0; i < t->threads; i++)
		for (size_t k = 0; k < of[i].waits; k++)
			busy[of[i].wait[k].lock].waits++;
	qsort(busy, t->locks, sizeof(*busy), by_waits);
	for (size_t i = 0; !err && i < t->locks && i < TRACE_LOCKS_MAX; i++) {
		if (!busy[i].waits)
			continue;
		err = put_waiters(t, p, busy[i].lock);
		if (!err)
			err = put_rate(t, p, busy[i].lock);
	}
	free(busy);
	return err;
}
