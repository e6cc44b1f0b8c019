// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * CPU time of the live screen with 1,000 threads and 10,000 locks, all of them
 * busy: taking an interval's model in, and a frame of each view at 24 x 80 and
 * 50 x 300. Without the terminal's own work.
 *
 *	make bench-tui
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tui_draw.h"

#define LOCKS 10000
#define THREADS 1000
#define EDGES 16384
#define MOVES 4000
#define ROUNDS 21

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

static void samples(struct hist *h, struct gw_max *max, uint64_t scale)
{
	for (int i = 0; i < 40; i++)
		h->count[hist_bucket(scale * (uint64_t)(rand() % 4000 + 1))]++;
	*max = (struct gw_max){ scale * 4000, scale * 4000, 2, 0 };
}

static void fill_locks(struct snapshot *s, uint64_t times)
{
	s->locks = zeroed(s->nlocks = LOCKS, sizeof(*s->locks));
	for (size_t i = 0; i < LOCKS; i++) {
		struct gw_lock *l = &s->locks[i].k;

		l->id = 0x7f0000000000 + 64 * i;
		l->image = 1;
		l->tgid = 1000;
		l->waits = l->acquired = l->handoffs = times * (i % 1000 + 1);
		l->wait_ns = l->waits * 1000;
		for (int k = 0; times > 1 && k < GW_METRICS; k++)
			samples(&l->hist[k], &l->max[k], 1000);
	}
}

static void fill_threads(struct snapshot *s, uint64_t times)
{
	s->threads = zeroed(s->nthreads = THREADS, sizeof(*s->threads));
	for (size_t i = 0; i < THREADS; i++) {
		struct gw_thread *t = &s->threads[i].live.thread;

		t->image = 1;
		t->tgid = 1000;
		t->tid = 1000 + (__u32)i;
		t->serial = i + 1;
		t->cpu = (__u32)i % 8;
		s->threads[i].live.now_ns = s->now_ns;
		t->since_ns = s->now_ns;
		for (int k = 0; k < GW_RUN_STATES; k++)
			t->time_ns[k] = times * (i * 100 + (size_t)k + 1);
		if (times > 1)
			samples(&t->wakeup, &t->wakeup_max, 100);
		snprintf(s->threads[i].live.names.comm, GW_COMM_LEN,
			 "worker-%zu", i);
	}
}

static void fill(struct snapshot *s, uint64_t times)
{
	*s = (struct snapshot){ .now_ns = times * SECOND,
				.unix_ns = times * SECOND,
				.window = (uint32_t)times };
	srand(1);
	fill_locks(s, times);
	fill_threads(s, times);
	s->edges = zeroed(s->nedges = s->edges_room = EDGES, sizeof(*s->edges));
	for (size_t i = 0; i < EDGES; i++)
		s->edges[i] = (struct gw_edge){
			.lock = (__u32)(i % LOCKS),
			.from = 1000 + (__u32)(i % THREADS),
			.to = 1000 + (__u32)((i / 7) % THREADS),
			.handoffs = times * (i + 1),
		};
	s->migrations = zeroed(s->nmigrations = MOVES, sizeof(*s->migrations));
	for (size_t i = 0; i < MOVES; i++) {
		s->migrations[i].key = (struct gw_migration_key){
			1, 1000 + (__u32)(i % THREADS), (__u32)i % 8,
			(__u32)(i + 1 + i / 8) % 8
		};
		s->migrations[i].count = times * 3;
	}
	s->images = zeroed(s->nimages = 1, sizeof(*s->images));
	s->images[0].image = 1;
	s->images[0].tgid = 1000;
	strcpy(s->images[0].comm, "server");
	snapshot_close(s);
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

static void time_frames(struct tui_picture *p, const char *name, int rows,
			int cols)
{
	struct cells cells = { 0 };
	struct tui_seen seen;
	double ms[ROUNDS];
	char what[64];

	for (int i = 0; i < ROUNDS; i++) {
		ms[i] = -cpu_ms();
		if (cells_reset(&cells, rows, cols, true) ||
		    tui_draw(p, &cells, &seen))
			abort();
		ms[i] += cpu_ms();
	}
	snprintf(what, sizeof(what), "%s %dx%d", name, cols, rows);
	report(what, ms);
	cells_free(&cells);
}

static void time_views(struct tui_picture *p, const char *filter)
{
	char name[48];

	snprintf(p->state->filter, TUI_FILTER, "%s", filter);
	for (enum tui_view v = 0; v < VIEWS; v++) {
		p->state->view = v;
		snprintf(name, sizeof(name), "%s%s%s", tui_view_name(v),
			 *filter ? " /" : "", filter);
		time_frames(p, name, 24, 80);
		time_frames(p, name, 50, 300);
	}
}

static void time_copies(struct scene *scene, struct history *h,
			const struct model *m)
{
	const float value[HISTORY_VALUES] = { 0.5f, 1, 0 };
	double ms[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		ms[i] = -cpu_ms();
		if (scene_copy(scene, m))
			abort();
		ms[i] += cpu_ms();
	}
	report("copy of the model", ms);
	for (int i = 0; i < ROUNDS; i++) {
		ms[i] = -cpu_ms();
		history_tick(h);
		for (size_t k = 0; k < m->nlocks; k++)
			history_note(h,
				     (struct history_key){ 1, m->locks[k].id },
				     value);
		ms[i] += cpu_ms();
	}
	report("history", ms);
}

int main(void)
{
	struct snapshot before, now;
	struct tui_state state;
	struct tui_picture p = { .state = &state, .target = "bench" };
	struct history *h = history_new();
	struct scene scene = { 0 };
	struct model m;

	setlocale(LC_ALL, "");
	fill(&before, 1);
	fill(&now, 2);
	if (!h || model_new(&m, &before, &now, true))
		return 1;
	printf("%zu locks, %zu threads, %zu handoffs, %zu moves; CPU ms\n",
	       m.nlocks, m.nthreads, m.nhandoffs, m.nmigrations);
	printf("%-32s %8s %8s %8s\n", "", "min", "median", "max");
	time_copies(&scene, h, &m);
	tui_state_init(&state, SECOND);
	p.scene = &scene;
	p.history = h;
	time_views(&p, "");
	time_views(&p, "w");
	time_views(&p, "0x7f000001");
	model_free(&m);
	scene_free(&scene);
	history_free(h);
	list_free(&p.list);
	snapshot_free(&before);
	snapshot_free(&now);
	return 0;
}
