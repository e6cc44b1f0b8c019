// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "lanes.h"

void lanes_free(struct lanes *l)
{
	for (size_t i = 0; i < l->lanes; i++)
		free(l->lane[i].piece);
	free(l->lane);
	*l = (struct lanes){ 0 };
}

static struct lane *add_lane(struct lanes *l)
{
	if (array_grow(&l->lane, l->lanes, &l->lanes_room))
		return NULL;
	l->lane[l->lanes] = (struct lane){ 0 };
	return &l->lane[l->lanes++];
}

static uint64_t active(const struct lane *l)
{
	uint64_t ns = 0;

	for (int i = 0; i < TILE_STATES; i++)
		ns += i == TILE_SLEEPS ? 0 : l->ns[i];
	return ns;
}

static int by_process(const void *a, const void *b)
{
	const struct lane *x = a, *y = b;
	uint64_t v = active(x), w = active(y);

	if (x->has_gil != y->has_gil)
		return x->has_gil ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if (v != w)
		return v < w ? 1 : -1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

static int by_activity(const void *a, const void *b)
{
	uint64_t v = active(a), w = active(b);

	return (v < w) - (v > w);
}

void lanes_sort(struct lanes *l)
{
	if (!l->lanes)
		return;
	qsort(l->lane, l->lanes, sizeof(*l->lane), by_activity);
	for (; l->lanes > LANES_MAX; l->left_out++)
		free(l->lane[--l->lanes].piece);
	qsort(l->lane, l->lanes, sizeof(*l->lane), by_process);
}

/* ---- of a timeline --------------------------------------------------------
 */

static struct lane_piece piece_of(const struct tile *t)
{
	struct lane_piece p = { .start_ns = t->start_ns,
				.end_ns = t->end_ns,
				.lock = t->lock,
				.other = t->other,
				.tiles = 1,
				.state = (uint8_t)t->state,
				.result = t->result };

	p.ns[t->state] = t->end_ns - t->start_ns;
	return p;
}

static void mix(struct lane_piece *into, const struct lane_piece *p)
{
	into->end_ns = p->end_ns;
	into->tiles += p->tiles;
	into->state = LANES_MIX;
	into->lock = TIMELINE_NONE;
	into->other = TIMELINE_NONE;
	for (int i = 0; i < TILE_STATES; i++)
		into->ns[i] += p->ns[i];
}

static uint64_t length(const struct lane_piece *p)
{
	return p->end_ns - p->start_ns;
}

/* A short piece goes into the mix before it, until that is long enough. */
static bool joins(const struct lane_piece *last, const struct lane_piece *p,
		  uint64_t shortest)
{
	return length(p) < shortest && length(last) < shortest;
}

/*
 * The pieces of a thread, of which none but its last is shorter than that
 * beside another short one. into NULL: they are only counted. Returns how many,
 * or a negative errno.
 */
static ssize_t cut(const struct timeline_thread *t, uint64_t shortest,
		   struct lane *into)
{
	struct lane_piece p, last = { 0 };
	struct tiles walk;
	struct tile tile;
	ssize_t n = 0;

	tiles_begin(&walk, t);
	while (tiles_next(&walk, &tile)) {
		p = piece_of(&tile);
		if (n && joins(&last, &p, shortest)) {
			mix(&last, &p);
		} else {
			last = p;
			n++;
			if (into &&
			    array_grow(&into->piece, into->pieces, &into->room))
				return -ENOMEM;
			if (into)
				into->pieces++;
		}
		if (into)
			into->piece[into->pieces - 1] = last;
	}
	return n;
}

static size_t count(const struct timeline *t, uint64_t shortest)
{
	size_t n = 0;

	for (size_t i = 0; i < t->threads; i++)
		n += (size_t)cut(&t->thread[i], shortest, NULL);
	return n;
}

static int make_lane(struct lanes *l, const struct timeline *t, uint32_t thread)
{
	const struct timeline_thread *from = &t->thread[thread];
	struct lane *lane = add_lane(l);

	if (!lane)
		return -ENOMEM;
	lane->pid = from->pid;
	lane->tid = from->tid;
	lane->has_gil = from->has_gil;
	lane->thread = thread;
	memcpy(lane->comm, from->comm, sizeof(lane->comm));
	if (cut(from, l->shortest_ns, lane) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < lane->pieces; i++)
		for (int k = 0; k < TILE_STATES; k++)
			lane->ns[k] += lane->piece[i].ns[k];
	return 0;
}

int lanes_of_timeline(struct lanes *l, const struct timeline *t, size_t room)
{
	int err = 0;

	*l = (struct lanes){ .start_ns = t->start_ns, .end_ns = t->end_ns };
	while (l->shortest_ns <= t->end_ns - t->start_ns &&
	       count(t, l->shortest_ns) > room)
		l->shortest_ns =
			l->shortest_ns ? l->shortest_ns * 2 : LANES_UNIT_NS;
	for (uint32_t i = 0; !err && i < t->threads; i++)
		if (t->thread[i].spans)
			err = make_lane(l, t, i);
	lanes_sort(l);
	if (err)
		lanes_free(l);
	return err;
}

/* ---- of intervals ---------------------------------------------------------
 */

static struct lane *lane_of(struct lanes *l, const struct model_thread *t)
{
	struct lane *lane;

	for (size_t i = 0; i < l->lanes; i++)
		if (l->lane[i].thread == t->serial)
			return &l->lane[i];
	lane = add_lane(l);
	if (!lane)
		return NULL;
	lane->thread = t->serial;
	lane->pid = t->pid;
	lane->tid = t->tid;
	memcpy(lane->comm, t->comm, sizeof(lane->comm));
	return lane;
}

static int add_piece(struct lanes *l, const struct model *m,
		     const struct model_thread *t)
{
	static const enum tile_state state[GW_RUN_STATES] = {
		[GW_RUNNING] = TILE_RUNS,
		[GW_RUNNABLE] = TILE_RUNNABLE,
		[GW_LOCK_WAIT] = TILE_WAITS,
		[GW_SLEEPING] = TILE_SLEEPS,
	};
	struct lane *lane = lane_of(l, t);
	struct lane_piece *p;

	if (!lane || array_grow(&lane->piece, lane->pieces, &lane->room))
		return -ENOMEM;
	p = &lane->piece[lane->pieces++];
	*p = (struct lane_piece){ .start_ns = m->start_unix_ns,
				  .end_ns = m->end_unix_ns,
				  .lock = TIMELINE_NONE,
				  .other = TIMELINE_NONE,
				  .state = LANES_MIX };
	for (int i = 0; i < GW_RUN_STATES; i++) {
		p->ns[state[i]] = t->time_ns[i];
		lane->ns[state[i]] += t->time_ns[i];
	}
	return 0;
}

static void join_by_twos(struct lane *lane)
{
	size_t n = 0;

	for (size_t i = 0; i < lane->pieces; i += 2) {
		lane->piece[n] = lane->piece[i];
		if (i + 1 < lane->pieces)
			mix(&lane->piece[n], &lane->piece[i + 1]);
		n++;
	}
	lane->pieces = n;
}

int lanes_add_interval(struct lanes *l, const struct model *m)
{
	int err = 0;

	if (!l->joined++)
		l->start_ns = m->start_unix_ns;
	l->intervals = true;
	l->end_ns = m->end_unix_ns;
	for (size_t i = 0; !err && i < m->nthreads; i++)
		err = add_piece(l, m, &m->threads[i]);
	for (size_t i = 0; !err && i < l->lanes; i++)
		if (l->lane[i].pieces > LANES_INTERVALS_MAX)
			join_by_twos(&l->lane[i]);
	return err;
}

/* ---- for a page -----------------------------------------------------------
 */

static void number(struct buf *out, uint64_t v)
{
	unsigned char byte;

	do {
		byte = (unsigned char)(v & 0x7f);
		v >>= 7;
		byte |= v ? 0x80 : 0;
		buf_add(out, &byte, 1);
	} while (v);
}

static uint64_t unit(const struct lanes *l, uint64_t ns)
{
	return ns < l->start_ns ? 0 : (ns - l->start_ns) / LANES_UNIT_NS;
}

static void encode_mix(const struct lane_piece *p, struct buf *out)
{
	uint64_t all = length(p);
	unsigned char share;

	number(out, p->tiles);
	for (int i = 0; i < TILE_STATES; i++) {
		share = (unsigned char)(all ? p->ns[i] >= all
							? LANES_WHOLE
							: p->ns[i] *
								  LANES_WHOLE /
								  all
					    : 0);
		buf_add(out, &share, 1);
	}
}

static void encode(const struct lane_piece *p, uint64_t units, struct buf *out)
{
	bool lock = p->lock != TIMELINE_NONE, other = p->other != TIMELINE_NONE;
	bool result = p->state == TILE_WAITS;
	unsigned char head = (unsigned char)(p->state | lock << 3 | other << 4 |
					     result << 5);

	buf_add(out, &head, 1);
	number(out, units);
	if (p->state == LANES_MIX) {
		encode_mix(p, out);
		return;
	}
	if (lock)
		number(out, p->lock);
	if (other)
		number(out, p->other);
	if (result)
		number(out, p->result);
}

/* Time without a piece, before the thread began or between two images, is a
 * mix of nothing. */
void lanes_encode(const struct lanes *l, const struct lane *lane,
		  struct buf *out)
{
	struct lane_piece gap = { .lock = TIMELINE_NONE,
				  .other = TIMELINE_NONE,
				  .state = LANES_MIX };
	uint64_t at = 0, start, end;

	_Static_assert(LANES_MIX == 7, "three bits");
	for (size_t i = 0; i < lane->pieces; i++) {
		start = unit(l, lane->piece[i].start_ns);
		end = unit(l, lane->piece[i].end_ns);
		if (start > at)
			encode(&gap, start - at, out);
		if (start > at)
			at = start;
		if (end > at)
			encode(&lane->piece[i], end - at, out);
		if (end > at)
			at = end;
	}
}

void lanes_shares(const struct lane *lane, uint64_t from_ns, uint64_t to_ns,
		  double ns[TILE_STATES])
{
	size_t low = 0, high = lane->pieces, mid;
	const struct lane_piece *p;
	uint64_t start, end;

	memset(ns, 0, TILE_STATES * sizeof(*ns));
	while (low < high) {
		mid = (low + high) / 2;
		if (lane->piece[mid].end_ns <= from_ns)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < lane->pieces && lane->piece[low].start_ns < to_ns; low++) {
		p = &lane->piece[low];
		start = p->start_ns < from_ns ? from_ns : p->start_ns;
		end = p->end_ns > to_ns ? to_ns : p->end_ns;
		for (int i = 0; i < TILE_STATES && length(p); i++)
			ns[i] += (double)p->ns[i] * (double)(end - start) /
				 (double)length(p);
	}
}
