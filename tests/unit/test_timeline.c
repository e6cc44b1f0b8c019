// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A timeline of a replay adds up to the counters of the same replay, and tells
 * who had the lock when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "convoy.h"
#include "timeline_build.h"

#define TURNS 40

struct played {
	struct timeline t;
	struct snapshot s;
	struct convoy_counts counts;
};

static void play(struct played *p, uint64_t from, uint64_t to)
{
	struct timeline_builder *b = timeline_builder_new(from, to);
	const struct gwr_info info = convoy_info();
	const uint64_t end = convoy_end(TURNS);
	struct replay_hooks hooks;
	struct replay *r;

	assert_non_null(b);
	hooks = timeline_builder_hooks(b);
	r = replay_new(&info, &hooks);
	assert_non_null(r);
	p->counts = convoy_play(r, TURNS);
	assert_int_equal(replay_snapshot(r, end, &p->s), 0);
	assert_int_equal(timeline_builder_end(b, r, end, &p->t), 0);
	timeline_builder_free(b);
	replay_free(r);
}

static void done(struct played *p)
{
	timeline_free(&p->t);
	snapshot_free(&p->s);
}

static uint64_t span_end(const struct timeline_thread *t, size_t i)
{
	return i + 1 < t->spans ? t->span[i + 1].start_ns : t->end_ns;
}

static void spans_add_up_to_counters(void **state)
{
	struct played p;
	uint64_t ns[GW_RUN_STATES];
	const struct timeline_thread *t;
	const struct gw_thread *counted;

	(void)state;
	play(&p, 0, UINT64_MAX);
	assert_int_equal(p.s.nthreads, CONVOY_THREADS - 1);
	for (size_t k = 0; k < p.s.nthreads; k++) {
		counted = &p.s.threads[k].live.thread;
		t = &p.t.thread[counted->serial];
		memset(ns, 0, sizeof(ns));
		for (size_t i = 0; i < t->spans; i++)
			ns[t->span[i].run] +=
				span_end(t, i) - t->span[i].start_ns;
		for (int i = 0; i < GW_RUN_STATES; i++)
			assert_int_equal(ns[i], counted->time_ns[i]);
		assert_int_equal(t->tid, counted->tid);
	}
	done(&p);
}

static void waits_and_holds_are_those_of_the_lock(void **state)
{
	struct played p;
	const struct gw_lock *l;
	uint64_t waited = 0, held = 0, acquired = 0, handoffs = 0;

	(void)state;
	play(&p, 0, UINT64_MAX);
	l = &p.s.locks[0].k;
	for (size_t i = 0; i < p.t.threads; i++) {
		for (size_t k = 0; k < p.t.thread[i].waits; k++) {
			const struct timeline_wait *w = &p.t.thread[i].wait[k];

			acquired += w->acquired;
			handoffs += w->from != TIMELINE_NONE;
			waited += w->end_ns - w->start_ns;
		}
		for (size_t k = 0; k < p.t.thread[i].holds; k++)
			held += p.t.thread[i].hold[k].end_ns -
				p.t.thread[i].hold[k].since_ns;
	}
	/* The last one is decided by nothing that follows. */
	assert_int_equal(acquired, l->acquired - 1);
	assert_int_equal(handoffs, l->handoffs - 1);
	assert_int_equal(handoffs, p.counts.handoffs - 1);
	assert_int_equal(waited, l->wait_ns);
	assert_true(held <= l->held_ns && held + CONVOY_TURN > l->held_ns);
	done(&p);
}

/* Every sleep that the timer ended, and every one that another was faster at,
 * names who had the lock. */
static void who_robbed_whom(void **state)
{
	uint64_t stolen = 0, timeouts = 0, acquired = 0;
	const struct timeline_span *s;
	struct played p;

	(void)state;
	play(&p, 0, UINT64_MAX);
	for (size_t i = 0; i < p.t.threads; i++)
		for (size_t k = 0; k < p.t.thread[i].spans; k++) {
			s = &p.t.thread[i].span[k];
			if (s->run != GW_LOCK_WAIT)
				continue;
			stolen += s->result == GW_STOLEN;
			timeouts += s->result == GW_TIMEOUT;
			acquired += s->result == TIMELINE_ACQUIRED;
			if (s->result == GW_STOLEN)
				assert_int_equal(s->other, CONVOY_IO);
			if (s->result == GW_TIMEOUT)
				assert_int_equal(s->other,
						 i == CONVOY_CPU0
							 ? CONVOY_CPU1
							 : CONVOY_CPU0);
		}
	assert_int_equal(stolen, p.counts.stolen);
	assert_int_equal(timeouts, p.counts.timeouts);
	assert_int_equal(acquired, p.counts.handoffs - 1);
	done(&p);
}

/* Tiles cover a thread's time, one after the other, and never do two threads
 * hold the lock at once. */
static void tiles_cover_the_time(void **state)
{
	uint64_t ns[CONVOY_THREADS][TILE_STATES] = { 0 }, at;
	char text[TIMELINE_TEXT];
	struct played p;
	struct tiles w;
	struct tile tile;

	(void)state;
	play(&p, 0, UINT64_MAX);
	for (size_t i = 1; i < CONVOY_THREADS; i++) {
		at = p.t.thread[i].span[0].start_ns;
		tiles_begin(&w, &p.t.thread[i]);
		while (tiles_next(&w, &tile)) {
			assert_int_equal(tile.start_ns, at);
			assert_true(tile.end_ns > at);
			at = tile.end_ns;
			ns[i][tile.state] += tile.end_ns - tile.start_ns;
			tile_text(text, &p.t, &p.t.thread[i], &tile);
			if (tile.state == TILE_HOLDS)
				assert_string_equal(text, "holds GIL");
			if (tile.state == TILE_RUNS)
				assert_string_equal(text, "runs without GIL");
			if (tile.state == TILE_WAITS)
				assert_string_equal(text, "waits for GIL");
		}
		assert_int_equal(at, convoy_end(TURNS));
	}
	assert_true(ns[CONVOY_CPU0][TILE_HOLDS] + ns[CONVOY_CPU1][TILE_HOLDS] +
			    ns[CONVOY_IO][TILE_HOLDS] <=
		    convoy_end(TURNS) - CONVOY_START);
	assert_true(ns[CONVOY_CPU0][TILE_HOLDS] >
		    (convoy_end(TURNS) - CONVOY_START) / 3);
	assert_int_equal(ns[CONVOY_MAIN][TILE_SLEEPS],
			 convoy_end(TURNS) - p.t.thread[1].span[0].start_ns);
	done(&p);
}

static void a_piece_of_it(void **state)
{
	const uint64_t from = CONVOY_START + 5 * CONVOY_TURN / 2;
	const uint64_t to = from + 3 * CONVOY_TURN;
	struct played p;
	struct tiles w;
	struct tile tile;

	(void)state;
	play(&p, from, to);
	assert_int_equal(p.t.start_ns, from);
	assert_int_equal(p.t.end_ns, to);
	for (size_t i = 1; i < CONVOY_THREADS; i++) {
		assert_int_equal(p.t.thread[i].span[0].start_ns, from);
		tile.end_ns = 0;
		tiles_begin(&w, &p.t.thread[i]);
		while (tiles_next(&w, &tile))
			assert_true(tile.start_ns >= from && tile.end_ns <= to);
		assert_int_equal(tile.end_ns, to);
	}
	done(&p);
}

/* ---- by hand --------------------------------------------------------------
 */

static void two_interpreters(void **state)
{
	struct timeline t = { 0 };
	struct timeline_lock *l;
	char text[TIMELINE_TEXT];

	(void)state;
	for (int i = 0; i < 3; i++) {
		l = timeline_add_lock(&t);
		assert_non_null(l);
		l->image = 1;
		l->id = 0x1000;
		l->kind = i < 2 ? GW_KIND_GIL : GW_KIND_MUTEX;
	}
	strcpy(t.lock[0].name, "CPython 3.12 GIL");
	strcpy(t.lock[1].name, "CPython 3.12 GIL 1");
	assert_string_equal(timeline_lock_text(text, &t, 1),
			    "CPython 3.12 GIL 1");
	assert_string_equal(timeline_lock_text(text, &t, 2), "mutex 0x1000");
	assert_string_equal(timeline_lock_text(text, &t, 3), "a lock");
	t.lock[1].image = 2;
	assert_string_equal(timeline_lock_text(text, &t, 0), "GIL");
	timeline_free(&t);
}

static void hold(struct timeline_thread *t, uint64_t since, uint64_t end,
		 uint32_t lock)
{
	struct timeline_hold *h = timeline_add_hold(t);

	assert_non_null(h);
	*h = (struct timeline_hold){ since, end, lock, false };
}

/* Of locks inside of one another the inner one is shown; condition variables
 * are not held. */
static void holds_inside_holds(void **state)
{
	static const enum gw_kind kind[] = { GW_KIND_MUTEX, GW_KIND_FUTEX,
					     GW_KIND_COND };
	struct timeline t = { 0 };
	struct timeline_thread *of = timeline_add_thread(&t);

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct timeline_lock *l = timeline_add_lock(&t);

		assert_non_null(l);
		l->kind = kind[i];
	}
	hold(of, 20, 30, 1);
	hold(of, 10, 50, 0);
	hold(of, 60, 60, 0);
	hold(of, 70, 80, 2);
	timeline_close(&t);
	assert_int_equal(of->holds, 2);
	assert_int_equal(of->hold[0].since_ns, 10);
	assert_int_equal(of->hold[0].end_ns, 20);
	assert_int_equal(of->hold[1].end_ns, 30);
	timeline_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_add_up_to_counters),
		cmocka_unit_test(waits_and_holds_are_those_of_the_lock),
		cmocka_unit_test(who_robbed_whom),
		cmocka_unit_test(tiles_cover_the_time),
		cmocka_unit_test(a_piece_of_it),
		cmocka_unit_test(two_interpreters),
		cmocka_unit_test(holds_inside_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
