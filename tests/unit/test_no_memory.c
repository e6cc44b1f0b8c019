// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Memory runs out at each place in turn: the n-th allocation fails, for every n
 * up to the number that are made. Whatever comes of it is an error or a
 * result, and nothing stays allocated. The linker puts the functions below in
 * place of malloc and its kin (see the Makefile).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fake.h"
#include "file.h"
#include "folder.h"
#include "ledger.h"
#include "options.h"
#include "shots.h"
#include "sink.h"
#include "tui_scene.h"

/* ---- allocations that are counted and fail --------------------------------
 */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t n, size_t size);
void __real_free(void *p);
char *__real_strdup(const char *text);

#define HELD_MAX 20000

static struct {
	bool on;
	size_t made, fail_at;
	void *held[HELD_MAX]; /* what is allocated */
	size_t nheld;
} heap;

static bool fails(void)
{
	if (!heap.on || ++heap.made != heap.fail_at)
		return false;
	errno = ENOMEM;
	return true;
}

static void *hold(void *p)
{
	if (heap.on && p && heap.nheld < HELD_MAX)
		heap.held[heap.nheld++] = p;
	return p;
}

static void let_go(const void *p)
{
	for (size_t i = heap.nheld; p && i-- > 0;)
		if (heap.held[i] == p) {
			heap.held[i] = heap.held[--heap.nheld];
			return;
		}
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : hold(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : hold(__real_calloc(n, size));
}

void *__wrap_realloc(void *old, size_t size)
{
	void *new;

	if (fails())
		return NULL;
	let_go(old);
	new = __real_realloc(old, size);
	return hold(new);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
	void *new;

	if (fails())
		return NULL;
	let_go(old);
	new = __real_reallocarray(old, n, size);
	return hold(new);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : hold(__real_strdup(text));
}

void __wrap_free(void *p)
{
	let_go(p);
	__real_free(p);
}

/* ---- every place in turn --------------------------------------------------
 */

/* Result 0 or a negative errno; it gives back what it took. */
typedef int (*case_fn)(void *ctx);

static size_t every_place(const char *what, case_fn fn, void *ctx)
{
	size_t n = 1, failed = 0;
	int result;

	for (;; n++) {
		heap.made = heap.nheld = 0;
		heap.fail_at = n;
		heap.on = true;
		result = fn(ctx);
		heap.on = false;
		if (heap.nheld)
			fail_msg("%s: %zu left when allocation %zu fails", what,
				 heap.nheld, n);
		if (heap.made < n)
			break;
		failed += result != 0;
	}
	assert_int_equal(result, 0);
	fprintf(stderr,
		"FIGURE: allocations that fail, %s: %zu places, %zu told\n",
		what, n - 1, failed);
	return n - 1;
}

/* ---- snapshots and models -------------------------------------------------
 */

static struct shot_pair *a_pair(void)
{
	static struct shot_pair p;
	struct gw_lock *l;

	shot_pair_begin(&p);
	l = shot_lock_at(&p.now, 0);
	l->wait_ns = 5000000;
	l->waits += 12344;
	shot_samples(&l->hist[GW_WAIT], &l->max[GW_WAIT], 5000000, 1, 2);
	shot_edge(&p.now, 0, 1, 2, 4);
	shot_migration(&p.now, 1, 1, 0, 1, 7);
	snapshot_close(&p.before);
	snapshot_close(&p.now);
	return &p;
}

static int model(void *ctx)
{
	const struct shot_pair *p = ctx;
	struct model m;
	int err = model_new(&m, &p->before, &p->now, true);

	assert_true(!err || err == -ENOMEM);
	model_free(&m);
	return err;
}

static int copy(void *ctx)
{
	const struct shot_pair *p = ctx;
	struct snapshot s;
	int err = snapshot_copy(&s, &p->now);

	assert_true(!err || err == -ENOMEM);
	snapshot_free(&s);
	return err;
}

static void snapshots_and_models(void **state)
{
	struct shot_pair *p = a_pair();

	(void)state;
	assert_true(every_place("model", model, p) >= 5);
	assert_true(every_place("copy of a snapshot", copy, p) >= 4);
	snapshot_free(&p->before);
	snapshot_free(&p->now);
}

/* ---- outputs --------------------------------------------------------------
 */

static int output(const struct sink *sink, const struct sink_config *config,
		  const struct model *m)
{
	char msg[SINK_MSG] = "";
	void *out = NULL;
	int err = sink->open(&out, config, msg), then;

	if (err)
		return err;
	err = sink->interval(out, m, msg);
	then = sink->summary(out, m, msg);
	sink->close(out);
	return err ? err : then;
}

static int to_csv(void *ctx)
{
	const struct sink_config config = { .csv_dir = "out",
					    .uid = FILE_KEEP_UID,
					    .gid = FILE_KEEP_GID };

	return output(&sink_csv, &config, ctx);
}

static FILE *nowhere;

/* Text that memory is missing for is left out, and says so. */
static int to_text(void *ctx)
{
	const struct sink_config config = { .out = nowhere,
					    .target = "all",
					    .width = 100 };

	return output(&sink_plain, &config, ctx);
}

static int to_scene(void *ctx)
{
	static struct scene s;
	int err = scene_copy(&s, ctx);

	scene_free(&s);
	memset(&s, 0, sizeof(s));
	return err;
}

static void outputs(void **state)
{
	struct shot_pair *p = a_pair();

	(void)state;
	assert_int_equal(model_new(&p->m, &p->before, &p->now, true), 0);
	nowhere = fopen("/dev/null", "w");
	assert_non_null(nowhere);
	assert_true(every_place("CSV", to_csv, &p->m) >= 5);
	assert_true(every_place("text", to_text, &p->m) >= 5);
	every_place("screen", to_scene, &p->m);
	fclose(nowhere);
	shot_pair_end(p);
}

/* ---- the command line -----------------------------------------------------
 */

static int command_line(void *ctx)
{
	char *argv[] = { "gilwatch", "-p", "1,2,3", "-p", "4", "-c",
			 "a*",       "-c", "b",     "-d", "3", "--csv",
			 "out",      "-i", "0.5",   NULL };
	struct options o;
	int err = options_parse(&o, 15, argv, nowhere, nowhere);

	(void)ctx;
	options_free(&o);
	return err;
}

static void options(void **state)
{
	(void)state;
	nowhere = fopen("/dev/null", "w");
	assert_non_null(nowhere);
	every_place("options", command_line, NULL);
	fclose(nowhere);
}

/* ---- retiring -------------------------------------------------------------
 */

/* What fails leaves counts where they were, or already in their sum. */
static int retiring(void *ctx)
{
	int err = 0;

	(void)ctx;
	ledger_begin();
	for (uint32_t i = 0; i < LEDGER_LOCKS; i++)
		ledger_lock(1, 0x1000 + 16 * i, i + 1, 10 * RETIRE_IDLE_NS);
	ledger_edge(0, 1, 2, 10);
	err = retire_run(ledger_retire(), 2, LEDGER_NOW);
	assert_true(!err || err == -ENOMEM);
	ledger_end();
	return err;
}

static void retirement(void **state)
{
	(void)state;
	assert_true(every_place("retiring", retiring, NULL) >= 5);
}

/* ---- the search for an interpreter ----------------------------------------
 */

static int searching(void *ctx)
{
	static struct interp found;
	struct buf explain = { 0 };
	int err = fake_search(ctx, NULL, &found, &explain);

	/* What cannot be explained is found all the same. */
	buf_free(&explain);
	return err;
}

static void search(void **state)
{
	struct fake f;

	(void)state;
	fake_open(&f, 0x7f0000000000ull, 16384,
		  "/usr/lib/libpython3.11.so.1.0");
	fake_symbol(&f, "_PyRuntime", 0, 4096);
	fake_gil(&f, 512, 0);
	assert_true(every_place("search for an interpreter", searching, &f));
	fake_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(snapshots_and_models),
		FOLDER_TEST(outputs),
		cmocka_unit_test(options),
		cmocka_unit_test(retirement),
		cmocka_unit_test(search),
	};

	return cmocka_run_group_tests_name("no memory", tests, NULL, NULL);
}
