// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "model.h"
#include "timeline.h"

/* ---- adding ---------------------------------------------------------------
 */

#define ADD(array, n, room)                                                    \
	(array_grow(&(array), (n), &(room))                                    \
		 ? NULL                                                        \
		 : memset(&(array)[(n)++], 0, sizeof(*(array))))

struct timeline_thread *timeline_add_thread(struct timeline *t)
{
	return ADD(t->thread, t->threads, t->threads_room);
}

struct timeline_lock *timeline_add_lock(struct timeline *t)
{
	return ADD(t->lock, t->locks, t->locks_room);
}

struct timeline_span *timeline_add_span(struct timeline_thread *t)
{
	return ADD(t->span, t->spans, t->spans_room);
}

struct timeline_wait *timeline_add_wait(struct timeline_thread *t)
{
	return ADD(t->wait, t->waits, t->waits_room);
}

struct timeline_hold *timeline_add_hold(struct timeline_thread *t)
{
	return ADD(t->hold, t->holds, t->holds_room);
}

/* ---- holds ----------------------------------------------------------------
 */

static bool has_gil(const struct timeline *t, uint32_t image)
{
	for (size_t i = 0; i < t->locks; i++)
		if (t->lock[i].image == image && t->lock[i].kind == GW_KIND_GIL)
			return true;
	return false;
}

/* Condition variables, semaphores and joins are waited for, not held. */
static bool is_shown(const struct timeline *t, const struct timeline_thread *of,
		     uint32_t lock)
{
	enum gw_kind kind = t->lock[lock].kind;

	if (of->has_gil)
		return kind == GW_KIND_GIL;
	return kind == GW_KIND_FUTEX || kind == GW_KIND_MUTEX ||
	       kind == GW_KIND_PI;
}

static int by_since(const void *a, const void *b)
{
	const struct timeline_hold *x = a, *y = b;

	return (x->since_ns > y->since_ns) - (x->since_ns < y->since_ns);
}

/* Of locks that are held inside of one another the inner one is shown, and it
 * ends the outer one. */
static void put_in_order(const struct timeline *t, struct timeline_thread *of)
{
	struct timeline_hold *hold = of->hold;
	size_t n = 0;

	for (size_t i = 0; i < of->holds; i++)
		if (is_shown(t, of, hold[i].lock) &&
		    hold[i].end_ns > hold[i].since_ns)
			hold[n++] = hold[i];
	of->holds = n;
	if (n)
		qsort(hold, n, sizeof(*hold), by_since);
	for (size_t i = 0; i + 1 < n; i++)
		if (hold[i].end_ns > hold[i + 1].since_ns)
			hold[i].end_ns = hold[i + 1].since_ns;
}

void timeline_close(struct timeline *t)
{
	for (size_t i = 0; i < t->threads; i++) {
		t->thread[i].has_gil = has_gil(t, t->thread[i].image);
		put_in_order(t, &t->thread[i]);
	}
}

void timeline_free(struct timeline *t)
{
	for (size_t i = 0; i < t->threads; i++) {
		free(t->thread[i].span);
		free(t->thread[i].wait);
		free(t->thread[i].hold);
	}
	free(t->thread);
	free(t->lock);
	free(t->gap);
	*t = (struct timeline){ 0 };
}

/* ---- tiles ----------------------------------------------------------------
 */

void tiles_begin(struct tiles *w, const struct timeline_thread *t)
{
	*w = (struct tiles){ .thread = t };
	w->now_ns = t->spans ? t->span[0].start_ns : t->end_ns;
}

static uint64_t span_end(const struct timeline_thread *t, size_t i)
{
	return i + 1 < t->spans ? t->span[i + 1].start_ns : t->end_ns;
}

static enum tile_state state_of(const struct timeline_span *s, bool holds)
{
	switch (s->run) {
	case GW_RUNNING:
		return holds ? TILE_HOLDS : TILE_RUNS;
	case GW_RUNNABLE:
		return holds ? TILE_RUNNABLE_HOLDS : TILE_RUNNABLE;
	case GW_LOCK_WAIT:
		return TILE_WAITS;
	default:
		return holds ? TILE_SLEEPS_HOLDS : TILE_SLEEPS;
	}
}

static void fill(struct tile *out, const struct timeline_span *s,
		 const struct timeline_hold *h)
{
	out->state = state_of(s, h != NULL);
	out->lock = out->state == TILE_WAITS ? s->lock
		    : h                      ? h->lock
					     : TIMELINE_NONE;
	out->other = out->state == TILE_WAITS ? s->other : TIMELINE_NONE;
	out->cpu = s->cpu;
	out->result = s->result;
	out->role = s->role;
}

bool tiles_next(struct tiles *w, struct tile *out)
{
	const struct timeline_thread *t = w->thread;
	const struct timeline_hold *h;

	while (w->span < t->spans && span_end(t, w->span) <= w->now_ns)
		w->span++;
	while (w->hold < t->holds && t->hold[w->hold].end_ns <= w->now_ns)
		w->hold++;
	if (w->span == t->spans)
		return false;
	h = w->hold < t->holds ? &t->hold[w->hold] : NULL;
	out->start_ns = w->now_ns;
	out->end_ns = span_end(t, w->span);
	if (h && h->since_ns > w->now_ns) {
		if (h->since_ns < out->end_ns)
			out->end_ns = h->since_ns;
		h = NULL;
	} else if (h && h->end_ns < out->end_ns) {
		out->end_ns = h->end_ns;
	}
	fill(out, &t->span[w->span], h);
	w->now_ns = out->end_ns;
	return true;
}

/* ---- words ----------------------------------------------------------------
 */

static size_t gils_of(const struct timeline *t, uint32_t image)
{
	size_t n = 0;

	for (size_t i = 0; i < t->locks; i++)
		n += t->lock[i].image == image &&
		     t->lock[i].kind == GW_KIND_GIL;
	return n;
}

const char *timeline_lock_text(char buf[TIMELINE_TEXT],
			       const struct timeline *t, uint32_t lock)
{
	const struct timeline_lock *l;

	if (lock >= t->locks) {
		snprintf(buf, TIMELINE_TEXT, "a lock");
		return buf;
	}
	l = &t->lock[lock];
	if (l->kind == GW_KIND_GIL && (gils_of(t, l->image) < 2 || !*l->name))
		snprintf(buf, TIMELINE_TEXT, "GIL");
	else if (*l->name)
		snprintf(buf, TIMELINE_TEXT, "%s", l->name);
	else
		snprintf(buf, TIMELINE_TEXT, "%s 0x%" PRIx64,
			 model_kind_name(l->kind), l->id);
	return buf;
}

const char *tile_text(char buf[TIMELINE_TEXT], const struct timeline *t,
		      const struct timeline_thread *of, const struct tile *tile)
{
	static const char *const begin[TILE_STATES] = {
		[TILE_HOLDS] = "holds ",
		[TILE_RUNS] = "runs",
		[TILE_WAITS] = "waits for ",
		[TILE_RUNNABLE] = "runnable",
		[TILE_RUNNABLE_HOLDS] = "runnable, holds ",
		[TILE_SLEEPS] = "sleeps",
		[TILE_SLEEPS_HOLDS] = "sleeps, holds ",
	};
	static const char *const of_role[] = {
		[GW_ROLE_WAIT] = "",
		[GW_ROLE_INNER] = " (its inner mutex)",
		[GW_ROLE_SWITCH] = " (to be taken by another)",
		[GW_ROLE_UNLISTED] = "",
	};
	_Static_assert(sizeof(of_role) / sizeof(*of_role) == GW_ROLES,
		       "all named");
	size_t n =
		(size_t)snprintf(buf, TIMELINE_TEXT, "%s", begin[tile->state]);
	char lock[TIMELINE_TEXT];

	if (tile->lock != TIMELINE_NONE || tile->state == TILE_WAITS)
		snprintf(buf + n, TIMELINE_TEXT - n, "%.100s%s",
			 timeline_lock_text(lock, t, tile->lock),
			 tile->state == TILE_WAITS ? of_role[tile->role] : "");
	else if (tile->state == TILE_RUNS && of->has_gil)
		snprintf(buf + n, TIMELINE_TEXT - n, " without GIL");
	return buf;
}

const char *timeline_result_name(unsigned int result)
{
	static const char *const names[] = {
		[GW_STOLEN] = "stolen",
		[GW_TIMEOUT] = "timeout",
		[GW_RACE] = "race",
		[GW_SIGNAL] = "signal",
		[TIMELINE_ACQUIRED] = "acquired",
		[TIMELINE_GIVEN_UP] = "given up",
		[TIMELINE_OPEN] = "open",
	};

	return names[result];
}
