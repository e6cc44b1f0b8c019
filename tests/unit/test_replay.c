// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A replay counts what the kernel side counted, from wherever it begins. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "file.h"
#include "folder.h"
#include "random.h"
#include "recording.h"
#include "replay.h"

#define SEQUENCES 300
#define LENGTH 300
#define EVENTS 20000
#define BLOCK 500

/* ---- beside the world of the other tests ----------------------------------
 */

static void must_play(struct replay *r, const struct gw_event *e)
{
	assert_int_equal(replay_event(r, e), 0);
}

static struct replay *beside(const struct world *w)
{
	const struct gwr_info info = { .cpus = 1 };
	struct replay *r = replay_new(&info, NULL);

	assert_non_null(r);
	for (uint32_t i = A; i < EVENTS_THREADS; i++)
		must_play(r, &(struct gw_event){
				     .type = GW_EV_BEGIN,
				     .thread = w->thread[i].serial,
				     .how = GW_RUNNING,
				     .image = 1,
				     .tgid = w->thread[i].tgid,
				     .tid = w->thread[i].tid,
				     .cpu = (uint16_t)i,
			     });
	for (uint32_t i = 0; i < EVENTS_LOCKS; i++) {
		const struct gwr_lock lock = { .index = i,
					       .image = 1,
					       .id = w->lock[i].id,
					       .tgid = w->lock[i].tgid,
					       .kind = w->lock[i].kind };
		const struct gwr_item item = { GWR_LOCKS, &lock, 1 };

		assert_int_equal(replay_item(r, &item), 0);
	}
	return r;
}

static bool releases(const struct gw_thread *by, const struct gw_thread *t)
{
	return by->call == GW_CALL_WAKE && t->call == GW_CALL_WAIT &&
	       by->lock == t->lock && t->role == GW_ROLE_WAIT;
}

static void woken(struct gw_event *to, const struct world *w,
		  const struct event *e)
{
	const struct gw_thread *by = &w->thread[e->by];

	to->type = GW_EV_WAKING;
	if (!e->by)
		return;
	to->cpu = (uint16_t)by->cpu;
	to->other = by->serial;
	if (!releases(by, &w->thread[e->thread]))
		return;
	to->flags = GW_EV_RELEASE;
	to->since_ns = (uint32_t)(e->ns - by->call_ns);
}

/* The event that the kernel side would record in this state of the world;
 * false: none. */
static bool recorded(struct gw_event *to, const struct world *w,
		     const struct event *e)
{
	static const uint8_t types[] = {
		[WAIT] = GW_EV_WAIT,   [WAKE] = GW_EV_WAKE, [RUN] = GW_EV_IN,
		[PREEMPT] = GW_EV_OUT, [SLEEP] = GW_EV_OUT, [STOP] = GW_EV_OUT,
		[FORGET] = GW_EV_EXEC, [END] = GW_EV_END,
	};
	const struct gw_thread *t = &w->thread[e->thread];

	*to = (struct gw_event){ .ns = e->ns,
				 .thread = t->serial,
				 .cpu = (uint16_t)t->cpu,
				 .type = e->op < sizeof(types) ? types[e->op]
							       : 0 };
	switch (e->op) {
	case RESTART:
		to->type = GW_EV_WAIT;
		to->lock = t->lock;
		to->how = t->role;
		to->flags = t->definite ? GW_EV_DEFINITE : 0;
		return t->restart;
	case WAIT:
		if (w->lock[e->lock].kind == GW_KIND_PI)
			to->flags = GW_EV_DEFINITE;
		/* fallthrough */
	case WAKE:
		to->lock = e->lock;
		to->how = (uint8_t)e->role;
		return true;
	case RET:
	case WOKE:
		to->type = t->call == GW_CALL_WAIT ? GW_EV_WAITED : GW_EV_WOKE;
		to->result = e->ret;
		return t->call != GW_CALL_NONE;
	case RUN:
		to->cpu = e->cpu ? (uint16_t)e->cpu : to->cpu;
		return true;
	case PREEMPT:
	case SLEEP:
	case STOP:
		to->how = (uint8_t)(e->op - PREEMPT);
		to->flags = e->later ? GW_EV_LATER : 0;
		return true;
	case WOKEN:
		woken(to, w, e);
		return true;
	case FORGET:
		to->image = 1;
		to->tgid = t->tgid;
		to->tid = t->tid;
		return true;
	default:
		return e->op == END;
	}
}

/* Only the numbers of pairs in the table differ. */
static void check_same(const struct world *w, const struct replay *r)
{
	struct gw_thread a, b;

	for (uint32_t i = 0; i < EVENTS_LOCKS; i++)
		assert_memory_equal(&replay_lock(r, i)->k, &w->lock[i],
				    sizeof(w->lock[i]));
	for (uint32_t i = A; i < EVENTS_THREADS; i++) {
		a = w->thread[i];
		b = replay_thread(r, a.serial)->live.thread;
		a.matched = b.matched = 0;
		memset(a.edge, 0, sizeof(a.edge));
		memset(b.edge, 0, sizeof(b.edge));
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

static void sequence(uint64_t seed,
		     enum event_op (*next)(struct random *s,
					   const struct gw_thread *t))
{
	struct random s = { .bits = seed * 0x9e3779b97f4a7c15u };
	struct gw_event recorded_event;
	struct replay *r;
	struct event e;
	struct world w;

	world_begin(&w);
	w.lock[N].kind = seed % 2 ? GW_KIND_GIL : GW_KIND_PI;
	r = beside(&w);
	for (int i = 0; i < LENGTH; i++) {
		e = random_event_of(&s, &w);
		e.op = next(&s, &w.thread[e.thread]);
		/* What user space looks at is not recorded. */
		if (e.op == SETTLE || !w.thread[e.thread].ready)
			continue;
		if (recorded(&recorded_event, &w, &e))
			must_play(r, &recorded_event);
		world_event(&w, &e);
	}
	check_same(&w, r);
	replay_free(r);
}

static void counts_what_was_counted(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEQUENCES; seed++) {
		sequence(seed, random_plausible);
		sequence(seed, random_implausible);
	}
}

/* ---- what is told on the way ----------------------------------------------
 */

struct sums {
	uint64_t acquired[RECORDING_LOCKS], waits_ns[RECORDING_LOCKS];
	uint64_t handoffs[RECORDING_LOCKS], held_ns[RECORDING_LOCKS];
	uint64_t before, after;
};

static void on_before(void *ctx, const struct replay *r,
		      const struct gw_event *e)
{
	struct sums *s = ctx;

	assert_true(replay_now(r) <= e->ns);
	s->before++;
}

static void on_after(void *ctx, const struct replay *r,
		     const struct gw_event *e)
{
	struct sums *s = ctx;

	assert_true(replay_now(r) == e->ns);
	assert_true(replay_thread(r, e->thread)->begun);
	s->after++;
}

static void on_wait(void *ctx, const struct replay *r,
		    const struct replay_wait *wait)
{
	struct sums *s = ctx;

	(void)r;
	assert_true(wait->end_ns >= wait->start_ns);
	assert_true(wait->release_ns <= wait->end_ns);
	s->acquired[wait->lock] += wait->acquired;
	s->waits_ns[wait->lock] += wait->end_ns - wait->start_ns;
	s->handoffs[wait->lock] += wait->from != 0;
}

static void on_hold(void *ctx, const struct replay *r,
		    const struct replay_hold *hold)
{
	struct sums *s = ctx;

	(void)r;
	assert_true(hold->end_ns > hold->since_ns);
	s->held_ns[hold->lock] += hold->end_ns - hold->since_ns;
}

static void what_is_told_adds_up(void **state)
{
	struct sums s = { 0 };
	const struct replay_hooks hooks = { &s, on_before, on_after, on_wait,
					    on_hold };
	const struct gwr_info info = recording_info();
	struct replay *r = replay_new(&info, &hooks);
	struct recording made = { .bits = 5 };
	struct gw_event e;

	(void)state;
	for (int i = 0; i < EVENTS; i++) {
		recording_events(&made, &e, 1);
		must_play(r, &e);
	}
	for (uint32_t i = 0; i < RECORDING_LOCKS; i++) {
		const struct gw_lock *k = &replay_lock(r, i)->k;

		assert_true(k->handoffs > 100);
		assert_int_equal(s.acquired[i], k->acquired);
		assert_int_equal(s.waits_ns[i], k->wait_ns);
		assert_int_equal(s.handoffs[i], k->handoffs);
		assert_int_equal(s.held_ns[i], k->held_ns);
	}
	assert_int_equal(s.before, EVENTS);
	assert_int_equal(s.after, EVENTS);
	replay_free(r);
}

/* ---- from the middle on ---------------------------------------------------
 */

static void check_snapshots(struct snapshot *a, struct snapshot *b)
{
	assert_int_equal(a->nthreads, b->nthreads);
	assert_int_equal(a->nlocks, b->nlocks);
	assert_int_equal(a->nedges, b->nedges);
	assert_int_equal(a->nmigrations, b->nmigrations);
	assert_int_equal(a->unix_ns, b->unix_ns);
	for (size_t i = 0; i < a->nthreads; i++) {
		memset(a->threads[i].live.thread.edge, 0,
		       sizeof(a->threads[i].live.thread.edge));
		memset(b->threads[i].live.thread.edge, 0,
		       sizeof(b->threads[i].live.thread.edge));
	}
	assert_memory_equal(a->threads, b->threads,
			    a->nthreads * sizeof(*a->threads));
	for (size_t i = 0; i < a->nlocks; i++)
		assert_memory_equal(&a->locks[i].k, &b->locks[i].k,
				    sizeof(a->locks[i].k));
	assert_memory_equal(a->edges, b->edges, a->nedges * sizeof(*a->edges));
	assert_memory_equal(a->migrations, b->migrations,
			    a->nmigrations * sizeof(*a->migrations));
	snapshot_free(a);
	snapshot_free(b);
}

static struct snapshot snapshot_at(struct replay *r, uint64_t ns)
{
	struct snapshot s;

	assert_int_equal(replay_snapshot(r, ns, &s), 0);
	return s;
}

static void check_limited(const struct gwr_config *config)
{
	struct recording made = { .bits = 9 };
	struct replay *part,
		*all = recording_write_part(config, &made, EVENTS, BLOCK);
	struct snapshot a, b;
	char msg[GWR_MSG];
	struct gwr *file;

	assert_int_equal(gwr_open(&file, config->path, msg), 0);
	assert_true(gwr_lacks_start(file));
	part = replay_new(gwr_info(file), NULL);
	assert_int_equal(replay_until(part, file, RECORDING_START_NS, msg), 1);
	assert_true(replay_now(part) > RECORDING_START_NS);
	if (config->keep_ns)
		assert_true(made.now - replay_now(part) >= config->keep_ns &&
			    made.now - replay_now(part) <
				    config->keep_ns / 4 * 5);
	assert_int_equal(replay_until(part, file, UINT64_MAX, msg), 0);
	a = snapshot_at(all, made.now);
	b = snapshot_at(part, made.now);
	check_snapshots(&a, &b);
	gwr_close(file);
	replay_free(part);
	replay_free(all);
}

static void the_last_seconds(void **state)
{
	const struct gwr_config config = { .path = "flight.gwr",
					   .uid = FILE_KEEP_UID,
					   .gid = FILE_KEEP_GID,
					   .keep_ns = 100000000 };

	(void)state;
	check_limited(&config);
}

static void the_last_bytes(void **state)
{
	const struct gwr_config config = { .path = "small.gwr",
					   .uid = FILE_KEEP_UID,
					   .gid = FILE_KEEP_GID,
					   .max_bytes = 100000 };

	(void)state;
	check_limited(&config);
}

/* ---- losses ---------------------------------------------------------------
 */

static void goes_on_after_a_loss(void **state)
{
	const struct gwr_info info = recording_info();
	struct replay *r = replay_new(&info, NULL);
	struct recording made = { .bits = 3 };
	struct snapshot s;
	struct gw_event e;

	(void)state;
	for (int i = 0; i < EVENTS; i++) {
		recording_events(&made, &e, 1);
		if (i % 1000 >= 37)
			must_play(r, &e);
		if (i % 1000 == 36)
			must_play(r, &(struct gw_event){ .type = GW_EV_LOST,
							 .ns = e.ns,
							 .count = 37 });
	}
	s = snapshot_at(r, made.now);
	assert_int_equal(s.lost[GW_LOST_EVENTS], EVENTS / 1000 * 37);
	assert_int_equal(s.nthreads, RECORDING_THREADS);
	/* Nobody waits for ever for a return that is missing. */
	for (size_t i = 0; i < s.nlocks; i++)
		assert_true(s.locks[i].k.waiting <= RECORDING_THREADS);
	snapshot_free(&s);
	replay_free(r);
}

/* A record that is cut off before the names in it are told. */
static void names_that_are_missing(void **state)
{
	struct replay *r;
	struct snapshot s;
	struct world w;

	(void)state;
	world_begin(&w);
	r = beside(&w);
	s = snapshot_at(r, 1000);
	assert_int_equal(s.nthreads, EVENTS_THREADS - A);
	for (size_t i = 0; i < s.nthreads; i++) {
		assert_string_equal(s.threads[i].live.names.comm, "?");
		assert_string_equal(s.threads[i].live.names.process, "?");
	}
	assert_int_equal(s.nimages, 1);
	assert_int_equal(s.images[0].image, 1);
	assert_string_equal(s.images[0].comm, "?");
	snapshot_free(&s);
	replay_free(r);
}

static void what_no_gilwatch_writes(void **state)
{
	static const struct gw_event bad[] = {
		{ .type = 0 },
		{ .type = GW_EV_TYPES },
		{ .type = GW_EV_WAIT, .lock = UINT32_MAX - 1 },
		{ .type = GW_EV_WAKE, .how = 9 },
		{ .type = GW_EV_OUT, .how = 9 },
		{ .type = GW_EV_IN, .thread = UINT32_MAX },
	};
	const struct gwr_info info = recording_info();
	struct replay *r = replay_new(&info, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(replay_event(r, &bad[i]), -EPROTO);
	replay_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_was_counted),
		cmocka_unit_test(what_is_told_adds_up),
		FOLDER_TEST(the_last_seconds),
		FOLDER_TEST(the_last_bytes),
		cmocka_unit_test(goes_on_after_a_loss),
		cmocka_unit_test(names_that_are_missing),
		cmocka_unit_test(what_no_gilwatch_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
