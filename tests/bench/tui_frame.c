// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * CPU time of the live screen with 1,000 threads and 10,000 locks, each of
 *which is waited for in each interval: from the kernel's tables to the frame,
 *and a frame of each view at 24 x 80 and 50 x 300. Without the system calls,
 *and without the terminal's own work.
 *
 *	make bench-tui
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lockread.h"
#include "tui_draw.h"

#define LOCKS 10000
#define THREADS 1000
#define EDGES 16384
#define MOVES 4000
#define ROUNDS 21
#define SETTLED 5 /* intervals before the timed ones */

#define SECOND 1000000000ull

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void *zeroed(size_t n, size_t size)
{
	void *data = calloc(n, size);

	if (!data)
		abort();
	return data;
}

/* What the kernel has counted. */
struct kernel {
	uint32_t window;
	struct gw_lock *locks;
	struct snapshot_thread *threads;
	struct gw_edge *edges;
	struct snapshot_migration *moves;
};

/* n durations up to some ms. */
static void samples(struct hist *h, struct gw_max *max, size_t n,
		    uint32_t window)
{
	uint32_t bucket;
	uint64_t ns = 0;

	while (n--) {
		ns = 1000 * (uint64_t)(rand() % 4000 + 1);
		bucket = hist_bucket(ns);
		h->count[bucket]++;
		max->groups |= 1u << hist_group(bucket);
	}
	max->all = max->recent = ns;
	max->window = window;
}

static void locks_work(struct kernel *k)
{
	struct gw_lock *l = k->locks;

	for (size_t i = 0; i < LOCKS; i++, l++) {
		l->id = 0x7f0000000000 + 64 * i;
		l->image = 1;
		l->tgid = 1000;
		l->waits += i % 3 + 1;
		l->acquired = l->handoffs = l->waits;
		l->wait_ns += 1000 * (i % 1000 + 1);
		for (unsigned int m = 0; m <= GW_HOLD; m++)
			samples(&l->hist[m], &l->max[m], i % 3 + 1, k->window);
	}
}

static void threads_work(struct kernel *k)
{
	for (size_t i = 0; i < THREADS; i++) {
		struct snapshot_thread *s = &k->threads[i];
		struct gw_thread *t = &s->live.thread;

		s->live.now_ns = t->since_ns = k->window * SECOND;
		t->image = 1;
		t->tgid = 1000;
		t->tid = 1000 + (__u32)i;
		t->serial = i + 1;
		t->cpu = (__u32)i % 8;
		for (int state = 0; state < GW_RUN_STATES; state++)
			t->time_ns[state] += i * 100 + (size_t)state + 1;
		samples(&t->wakeup, &t->wakeup_max, 20, k->window);
		snprintf(s->live.names.comm, GW_COMM_LEN, "worker-%zu", i);
	}
}

static void pairs_work(struct kernel *k)
{
	for (size_t i = 0; i < EDGES; i++) {
		k->edges[i].lock = (__u32)(i % LOCKS);
		k->edges[i].from = 1 + (__u32)(i % THREADS);
		k->edges[i].to = 1 + (__u32)((i / 7) % THREADS);
		k->edges[i].handoffs += i % 100 + 1;
	}
	for (size_t i = 0; i < MOVES; i++) {
		k->moves[i].key =
			(struct gw_migration_key){ 1, 1 + (__u32)(i % THREADS),
						   (__u32)i % 8,
						   (__u32)(i + 1 + i / 8) % 8 };
		k->moves[i].count += 3;
	}
}

static void kernel_works(struct kernel *k)
{
	k->window++;
	locks_work(k);
	threads_work(k);
	pairs_work(k);
}

static void kernel_new(struct kernel *k)
{
	k->locks = zeroed(LOCKS, sizeof(*k->locks));
	k->threads = zeroed(THREADS, sizeof(*k->threads));
	k->edges = zeroed(EDGES, sizeof(*k->edges));
	k->moves = zeroed(MOVES, sizeof(*k->moves));
}

static void kernel_free(struct kernel *k)
{
	free(k->locks);
	free(k->threads);
	free(k->edges);
	free(k->moves);
}

/* ---- what is timed --------------------------------------------------------
 */

/* The steps of an interval. */
enum { READ, MODEL, COPY, FRAME, STEPS };

struct bench {
	struct kernel kernel;
	struct lockread read[LOCKS];
	struct snapshot shot[2]; /* take turns */
	struct model m;
	struct scene scene;
	struct history *history;
	struct tui_state state;
	struct tui_picture picture;
	struct cells cells;
	double ms[STEPS + 1][ROUNDS]; /* and all of them */
};

static void shot_new(struct snapshot *s)
{
	s->locks = zeroed(s->nlocks = LOCKS, sizeof(*s->locks));
	s->threads = zeroed(s->nthreads = THREADS, sizeof(*s->threads));
	s->edges = zeroed(s->nedges = s->edges_room = EDGES, sizeof(*s->edges));
	s->migrations = zeroed(s->nmigrations = MOVES, sizeof(*s->migrations));
	s->images = zeroed(s->nimages = 1, sizeof(*s->images));
	s->images[0].image = 1;
	s->images[0].tgid = 1000;
	strcpy(s->images[0].comm, "server");
}

static void read_tables(struct bench *b, struct snapshot *s)
{
	struct kernel *k = &b->kernel;

	s->window = k->window;
	s->now_ns = s->unix_ns = k->window * SECOND;
	s->nedges = EDGES;
	lockread(s->locks, k->locks, b->read, LOCKS, k->window);
	memcpy(s->threads, k->threads, THREADS * sizeof(*s->threads));
	memcpy(s->edges, k->edges, EDGES * sizeof(*s->edges));
	memcpy(s->migrations, k->moves, MOVES * sizeof(*s->migrations));
	snapshot_close(s);
}

static void keep(struct bench *b)
{
	const float value[HISTORY_VALUES] = { 0.5f, 1, 0 };
	const struct model *m = &b->m;

	if (scene_copy(&b->scene, m))
		abort();
	history_tick(b->history);
	for (size_t i = 0; i < m->nlocks; i++)
		history_note(b->history,
			     (struct history_key){ 1, m->locks[i].id }, value);
	for (size_t i = 0; i < m->nthreads; i++)
		history_note(b->history,
			     (struct history_key){ HISTORY_THREAD,
						   m->threads[i].serial },
			     value);
}

static void draw(struct bench *b, int rows, int cols)
{
	struct tui_seen seen;

	if (cells_reset(&b->cells, rows, cols, true) ||
	    tui_draw(&b->picture, &b->cells, &seen))
		abort();
}

static void step(struct bench *b, int step, struct snapshot *before,
		 struct snapshot *now)
{
	switch (step) {
	case READ:
		read_tables(b, now);
		return;
	case MODEL:
		if (model_new(&b->m, before, now, true))
			abort();
		return;
	case COPY:
		keep(b);
		model_free(&b->m);
		return;
	default:
		draw(b, 24, 80);
	}
}

static void interval(struct bench *b, int round)
{
	struct snapshot *now = &b->shot[b->kernel.window % 2];
	struct snapshot *before = &b->shot[!(b->kernel.window % 2)];
	double ms[STEPS + 1] = { 0 };

	kernel_works(&b->kernel);
	for (int i = 0; i < STEPS; i++) {
		ms[i] = -cpu_ms();
		step(b, i, before, now);
		ms[i] += cpu_ms();
		ms[STEPS] += ms[i];
	}
	for (int i = 0; i <= STEPS && round >= 0; i++)
		b->ms[i][round] = ms[i];
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(const char *what, double *ms)
{
	qsort(ms, ROUNDS, sizeof(*ms), by_value);
	printf("%-32s %8.2f %8.2f %8.2f\n", what, ms[0], ms[ROUNDS / 2],
	       ms[ROUNDS - 1]);
}

static void time_intervals(struct bench *b)
{
	static const char *const names[] = { "reading the tables", "model",
					     "copies for the screen", "frame",
					     "an interval in all" };

	for (int i = -SETTLED; i < ROUNDS; i++)
		interval(b, i);
	for (int i = 0; i <= STEPS; i++)
		report(names[i], b->ms[i]);
}

static void time_frames(struct bench *b, const char *name, int rows, int cols)
{
	double ms[ROUNDS];
	char what[64];

	for (int i = 0; i < ROUNDS; i++) {
		ms[i] = -cpu_ms();
		draw(b, rows, cols);
		ms[i] += cpu_ms();
	}
	snprintf(what, sizeof(what), "%s %dx%d", name, cols, rows);
	report(what, ms);
}

static void time_views(struct bench *b, const char *filter)
{
	char name[48];

	snprintf(b->state.filter, TUI_FILTER, "%s", filter);
	for (enum tui_view v = 0; v < VIEWS; v++) {
		b->state.view = v;
		snprintf(name, sizeof(name), "%s%s%s", tui_view_name(v),
			 *filter ? " /" : "", filter);
		time_frames(b, name, 24, 80);
		time_frames(b, name, 50, 300);
	}
}

static void bench_new(struct bench *b)
{
	kernel_new(&b->kernel);
	shot_new(&b->shot[0]);
	shot_new(&b->shot[1]);
	b->history = history_new();
	if (!b->history)
		abort();
	tui_state_init(&b->state, SECOND);
	b->picture = (struct tui_picture){ .state = &b->state,
					   .scene = &b->scene,
					   .history = b->history,
					   .target = "bench" };
}

static void bench_free(struct bench *b)
{
	kernel_free(&b->kernel);
	snapshot_free(&b->shot[0]);
	snapshot_free(&b->shot[1]);
	scene_free(&b->scene);
	history_free(b->history);
	list_free(&b->picture.list);
	cells_free(&b->cells);
}

int main(void)
{
	static struct bench b;

	setlocale(LC_ALL, "");
	srand(1);
	bench_new(&b);
	printf("%d locks, %d threads, %d handoffs, %d moves; CPU ms\n", LOCKS,
	       THREADS, EDGES, MOVES);
	printf("%-32s %8s %8s %8s\n", "", "min", "median", "max");
	time_intervals(&b);
	time_views(&b, "");
	time_views(&b, "w");
	time_views(&b, "0x7f000001");
	bench_free(&b);
	return 0;
}
