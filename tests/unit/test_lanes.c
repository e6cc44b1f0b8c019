// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lanes: what is mixed keeps its sums, what is encoded can be read. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lanes.h"

#define STEPS 10000

/* A thread that computes and waits in turns; now and then it sleeps long. */
static void make(struct timeline *t, unsigned int threads)
{
	static const uint8_t run[] = { GW_RUNNING, GW_LOCK_WAIT, GW_RUNNABLE };
	struct timeline_thread *of;
	struct timeline_span *s;
	uint64_t at;

	*t = (struct timeline){ .start_ns = 1000000, .end_ns = 0 };
	for (unsigned int i = 0; i < threads; i++) {
		of = timeline_add_thread(t);
		assert_non_null(of);
		of->pid = 10;
		of->tid = 10 + (pid_t)i;
		at = t->start_ns + i * 500;
		for (unsigned int k = 0; k < STEPS; k++) {
			s = timeline_add_span(of);
			assert_non_null(s);
			s->start_ns = at;
			s->run = k % 100 == 99 ? GW_SLEEPING : run[k % 3];
			s->lock = TIMELINE_NONE;
			s->other = TIMELINE_NONE;
			s->result = TIMELINE_ACQUIRED;
			at += k % 100 == 99 ? 5000000 : 3000 + k * 37 % 9000;
		}
		of->end_ns = at;
		t->end_ns = at > t->end_ns ? at : t->end_ns;
	}
	timeline_close(t);
}

static void sums(const struct timeline_thread *t, uint64_t ns[TILE_STATES])
{
	struct tiles w;
	struct tile tile;

	memset(ns, 0, TILE_STATES * sizeof(*ns));
	tiles_begin(&w, t);
	while (tiles_next(&w, &tile))
		ns[tile.state] += tile.end_ns - tile.start_ns;
}

static size_t pieces(const struct lanes *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->lanes; i++)
		n += l->lane[i].pieces;
	return n;
}

static void mixes_keep_the_sums(void **state)
{
	static const size_t rooms[] = { 100000, 2000, 500, 10 };
	uint64_t ns[TILE_STATES];
	struct timeline t;
	struct lanes l;

	(void)state;
	make(&t, 3);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(lanes_of_timeline(&l, &t, rooms[i]), 0);
		assert_true(pieces(&l) <= rooms[i]);
		assert_int_equal(l.lanes, 3);
		assert_int_equal(l.shortest_ns == 0, rooms[i] == 100000);
		for (size_t k = 0; k < l.lanes; k++) {
			sums(&t.thread[l.lane[k].thread], ns);
			assert_memory_equal(l.lane[k].ns, ns, sizeof(ns));
		}
		lanes_free(&l);
	}
	timeline_free(&t);
}

/* What is long enough to be seen stays as it is. */
static void long_tiles_stay(void **state)
{
	struct timeline t;
	struct lanes l;
	size_t sleeps = 0;

	(void)state;
	make(&t, 1);
	assert_int_equal(lanes_of_timeline(&l, &t, 1000), 0);
	assert_true(l.shortest_ns > 10000 && l.shortest_ns < 5000000);
	for (size_t i = 0; i < l.lane[0].pieces; i++)
		sleeps += l.lane[0].piece[i].state == TILE_SLEEPS &&
			  l.lane[0].piece[i].end_ns -
					  l.lane[0].piece[i].start_ns ==
				  5000000;
	assert_int_equal(sleeps, STEPS / 100);
	lanes_free(&l);
	timeline_free(&t);
}

static uint64_t number(const unsigned char **p)
{
	uint64_t v = 0;
	int shift = 0;

	for (;; shift += 7) {
		v |= (uint64_t)(**p & 0x7f) << shift;
		if (!(*(*p)++ & 0x80))
			return v;
	}
}

/* Reads pieces as the page does; returns the units that they last. */
static uint64_t decode(const struct buf *b, double ns[TILE_STATES])
{
	const unsigned char *p = (const unsigned char *)b->data;
	const unsigned char *end = p + b->len;
	uint64_t units, all = 0;
	unsigned int head;

	while (p < end) {
		head = *p++;
		all += units = number(&p);
		if ((head & 7) == LANES_MIX) {
			number(&p);
			for (int i = 0; i < TILE_STATES; i++)
				ns[i] += (double)units * LANES_UNIT_NS * *p++ /
					 LANES_WHOLE;
			continue;
		}
		ns[head & 7] += (double)units * LANES_UNIT_NS;
		for (unsigned int bit = 8; bit <= 32; bit <<= 1)
			if (head & bit)
				number(&p);
	}
	assert_ptr_equal(p, end);
	return all;
}

static void encoded_and_decoded(void **state)
{
	static const size_t rooms[] = { 100000, 2000 };
	struct timeline t;
	struct lanes l;
	struct buf bytes = { 0 };

	(void)state;
	make(&t, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(lanes_of_timeline(&l, &t, rooms[i]), 0);
		for (size_t k = 0; k < l.lanes; k++) {
			double ns[TILE_STATES] = { 0 };
			uint64_t units;

			lanes_encode(&l, &l.lane[k], &bytes);
			units = decode(&bytes, ns);
			assert_int_equal(units,
					 (t.thread[l.lane[k].thread].end_ns -
					  l.start_ns) /
						 LANES_UNIT_NS);
			for (int s = 0; s < TILE_STATES; s++)
				assert_true(
					fabs(ns[s] - (double)l.lane[k].ns[s]) <=
					0.02 * (double)l.end_ns);
			buf_reset(&bytes);
		}
		lanes_free(&l);
	}
	buf_free(&bytes);
	timeline_free(&t);
}

static void shares_of_a_column(void **state)
{
	struct timeline t;
	struct lanes l;
	double ns[TILE_STATES], all = 0;
	uint64_t step;

	(void)state;
	make(&t, 1);
	assert_int_equal(lanes_of_timeline(&l, &t, 100000), 0);
	step = (t.end_ns - t.start_ns) / 100;
	for (uint64_t i = 0; i < 100; i++) {
		lanes_shares(&l.lane[0], t.start_ns + i * step,
			     t.start_ns + (i + 1) * step, ns);
		for (int k = 0; k < TILE_STATES; k++)
			all += ns[k];
	}
	assert_true(fabs(all - (double)(step * 100)) < 1000);
	lanes_shares(&l.lane[0], t.end_ns, t.end_ns + step, ns);
	assert_true(ns[TILE_RUNS] == 0);
	lanes_free(&l);
	timeline_free(&t);
}

static void busiest_threads(void **state)
{
	struct timeline t = { .start_ns = 0, .end_ns = 1000000 };
	struct timeline_thread *of;
	struct timeline_span *s;
	struct lanes l;

	(void)state;
	for (unsigned int i = 0; i < LANES_MAX + 5; i++) {
		of = timeline_add_thread(&t);
		of->tid = (pid_t)i + 1;
		of->end_ns = 1000000;
		for (int k = 0; k < 2; k++) {
			s = timeline_add_span(of);
			s->start_ns = k ? 1000 + i : 0;
			s->run = k ? GW_SLEEPING : GW_RUNNING;
			s->lock = s->other = TIMELINE_NONE;
		}
	}
	assert_int_equal(lanes_of_timeline(&l, &t, 100000), 0);
	assert_int_equal(l.lanes, LANES_MAX);
	assert_int_equal(l.left_out, 5);
	/* Of one process: the busiest first; the laziest is left out. */
	assert_int_equal(l.lane[0].tid, LANES_MAX + 5);
	assert_int_equal(l.lane[LANES_MAX - 1].tid, 6);
	lanes_free(&l);
	timeline_free(&t);
}

/* ---- intervals ------------------------------------------------------------
 */

static void intervals_are_joined(void **state)
{
	const unsigned int n = 3 * LANES_INTERVALS_MAX;
	struct model_thread thread = { .serial = 7, .tid = 70, .comm = "x\0" };
	struct model m = { .threads = &thread, .nthreads = 1 };
	struct lanes l = { 0 };
	char comm[GW_COMM_LEN] = "worker";

	(void)state;
	thread.comm = comm;
	thread.time_ns[GW_RUNNING] = 400;
	thread.time_ns[GW_SLEEPING] = 600;
	for (unsigned int i = 0; i < n; i++) {
		m.start_unix_ns = 1000 + i * 1000ull;
		m.end_unix_ns = 2000 + i * 1000ull;
		assert_int_equal(lanes_add_interval(&l, &m), 0);
	}
	assert_int_equal(l.lanes, 1);
	assert_true(l.intervals);
	assert_true(l.lane[0].pieces <= LANES_INTERVALS_MAX);
	assert_true(l.lane[0].pieces > LANES_INTERVALS_MAX / 4);
	assert_int_equal(l.lane[0].ns[TILE_RUNS], 400ull * n);
	assert_int_equal(l.start_ns, 1000);
	assert_int_equal(l.lane[0].piece[l.lane[0].pieces - 1].end_ns,
			 1000 + n * 1000ull);
	lanes_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mixes_keep_the_sums),
		cmocka_unit_test(long_tiles_stay),
		cmocka_unit_test(encoded_and_decoded),
		cmocka_unit_test(shares_of_a_column),
		cmocka_unit_test(busiest_threads),
		cmocka_unit_test(intervals_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
