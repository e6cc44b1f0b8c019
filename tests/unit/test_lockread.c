// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The lock table read again and again while it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fold.h"
#include "lockread.h"
#include "shots.h"

#define LOCKS 40
#define READINGS 200

/* The kernel's table, and what was counted in it since the reading before. */
struct table {
	struct gw_lock lock[LOCKS];
	uint64_t since[LOCKS][GW_METRICS][HIST_BUCKETS];
	struct lockread place[LOCKS];
	struct snapshot shot[2];
	unsigned int turn;
};

static void count(struct table *t, size_t lock, enum gw_metric metric,
		  uint64_t ns)
{
	struct gw_lock *l = &t->lock[lock];

	shot_samples(&l->hist[metric], &l->max[metric], ns, 1, 1);
	t->since[lock][metric][hist_bucket(ns)]++;
	l->waits++;
}

/* A lock comes to a place of the table that had another one. */
static void begin_lock(struct table *t, size_t lock, uint64_t id)
{
	memset(&t->lock[lock], 0, sizeof(t->lock[lock]));
	t->lock[lock].image = 1;
	t->lock[lock].id = id;
}

/* Memory that is read into. */
static void shot_empty(struct snapshot *s)
{
	*s = (struct snapshot){ .nlocks = LOCKS };
	s->locks = calloc(LOCKS, sizeof(*s->locks));
	assert_non_null(s->locks);
	shot_image(s, 1, "app");
}

static struct table *table_new(void)
{
	struct table *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	for (size_t i = 0; i < LOCKS; i++)
		begin_lock(t, i, 0x1000 + 64 * i);
	for (int i = 0; i < 2; i++)
		shot_empty(&t->shot[i]);
	return t;
}

static void table_free(struct table *t)
{
	snapshot_free(&t->shot[0]);
	snapshot_free(&t->shot[1]);
	free(t);
}

/* The next of two snapshots that take turns. */
static struct snapshot *read_all(struct table *t)
{
	struct snapshot *s = &t->shot[++t->turn % 2];

	s->now_ns = s->unix_ns = (t->turn + 1) * SHOT_S;
	s->window = t->turn;
	lockread(s->locks, t->lock, t->place, LOCKS, t->turn);
	return s;
}

static struct snapshot *before(struct table *t)
{
	return t->turn > 1 ? &t->shot[(t->turn - 1) % 2] : NULL;
}

/* What a model says of a lock is what was counted. */
static void check(const struct model *m, uint64_t id,
		  uint64_t expected[GW_METRICS][HIST_BUCKETS])
{
	const struct model_lock *l = shot_lock_row(m, id);
	uint64_t counts[HIST_BUCKETS];

	for (unsigned int i = 0; i < GW_METRICS; i++) {
		memset(counts, 0, sizeof(counts));
		if (l)
			model_add(counts, model_lock_buckets(m, l, i));
		assert_memory_equal(counts, expected[i], sizeof(counts));
	}
}

static void check_all(struct table *t, const struct snapshot *from,
		      const struct snapshot *to)
{
	struct model m;

	assert_int_equal(model_new(&m, from, to, true), 0);
	for (size_t i = 0; i < LOCKS; i++)
		check(&m, t->lock[i].id, t->since[i]);
	model_free(&m);
}

static void count_some(struct table *t)
{
	size_t lock;

	for (int i = 0; i < 60; i++) {
		lock = (size_t)rand() % LOCKS;
		count(t, lock, (enum gw_metric)(rand() % GW_METRICS),
		      1ull << rand() % 40);
	}
}

static void each_interval_has_its_counts(void **state)
{
	struct table *t = table_new();
	struct snapshot *s;

	(void)state;
	srand(1);
	for (int i = 0; i < READINGS; i++) {
		count_some(t);
		s = read_all(t);
		check_all(t, before(t), s);
		memset(t->since, 0, sizeof(t->since));
	}
	table_free(t);
}

static void totals_have_all(void **state)
{
	struct table *t = table_new();
	struct snapshot *s;

	(void)state;
	srand(2);
	for (int i = 0; i < 20; i++) {
		count_some(t);
		s = read_all(t);
		check_all(t, NULL, s);
	}
	table_free(t);
}

/* Totals that begin anew count from a snapshot that was kept. */
static void totals_since_a_kept_one(void **state)
{
	struct table *t = table_new();
	struct snapshot kept;

	(void)state;
	srand(3);
	count_some(t);
	assert_int_equal(snapshot_copy(&kept, read_all(t)), 0);
	memset(t->since, 0, sizeof(t->since));
	for (int i = 0; i < 20; i++) {
		count_some(t);
		check_all(t, &kept, read_all(t));
	}
	snapshot_free(&kept);
	table_free(t);
}

/* Another lock in its place, and the same one anew, have their own counts. */
static void places_are_used_again(void **state)
{
	struct table *t = table_new();
	const uint64_t ids[] = { 0x9000, 0x9000, 0x1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		for (int k = 0; k < 9; k++)
			count(t, 0, GW_WAIT, 5000);
		check_all(t, before(t), read_all(t));
		memset(t->since, 0, sizeof(t->since));
		check_all(t, before(t), read_all(t));
		begin_lock(t, 0, ids[i]);
		count(t, 0, GW_WAIT, 5000);
		check_all(t, before(t), read_all(t));
		check_all(t, NULL, &t->shot[t->turn % 2]);
		memset(t->since, 0, sizeof(t->since));
	}
	table_free(t);
}

/* User space has added one lock to another, here and in what is compared with:
 * the places are forgotten. */
static void sums_are_made(void **state)
{
	struct table *t = table_new();
	struct snapshot *s;

	(void)state;
	for (int i = 0; i < 9; i++)
		count(t, 0, GW_WAIT, 5000), count(t, 1, GW_WAIT, 7000000);
	read_all(t);
	s = read_all(t);
	fold_lock(&t->lock[1], &t->lock[0]);
	fold_lock(&s->locks[1].k, &s->locks[0].k);
	memset(&t->lock[0], 0, sizeof(t->lock[0]));
	memset(&s->locks[0].k, 0, sizeof(s->locks[0].k));
	memset(t->place, 0, sizeof(t->place));
	begin_lock(t, 0, 0x1000);
	for (int i = 0; i < 3; i++) {
		memset(t->since, 0, sizeof(t->since));
		count(t, 0, GW_WAIT, 9000);
		count(t, 1, GW_WAIT, 9000);
		check_all(t, before(t), read_all(t));
	}
	table_free(t);
}

/* A thread that has returned from its wait for lock 0 and run for long: the
 * kernel has not counted the wait yet, the snapshot does. */
static void returned(struct snapshot *s)
{
	struct gw_thread *t = shot_thread(s, 7, 1, 107, "late");

	t->since_ns = s->now_ns - 1000000;
	t->cpu = 0;
	t->episode[0] = (struct gw_episode){
		.lock = 0,
		.phase = GW_TENTATIVE,
		.start_ns = s->now_ns - 1005000,
		.return_ns = s->now_ns - 1000000,
	};
}

/* It counts once, in the interval in which it ended. */
static void settled_counts_once(void **state)
{
	struct table *t = table_new();
	struct snapshot *s;

	(void)state;
	read_all(t);
	s = read_all(t);
	returned(s);
	snapshot_close(s);
	t->since[0][GW_WAIT][hist_bucket(5000)] = 1;
	check_all(t, before(t), s);
	check_all(t, NULL, s);
	/* Then the kernel counts it too. */
	count(t, 0, GW_WAIT, 5000);
	memset(t->since, 0, sizeof(t->since));
	check_all(t, before(t), read_all(t));
	check_all(t, before(t), read_all(t));
	table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_interval_has_its_counts),
		cmocka_unit_test(totals_have_all),
		cmocka_unit_test(totals_since_a_kept_one),
		cmocka_unit_test(places_are_used_again),
		cmocka_unit_test(sums_are_made),
		cmocka_unit_test(settled_counts_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
