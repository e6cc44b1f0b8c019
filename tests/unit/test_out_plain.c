// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The text report: complete, aligned, within its width, harmless. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "section.h"
#include "table.h"
#include "shots.h"
#include "sink.h"

/* The report of a model, to be freed. */
static char *report(const struct model *m, struct sink_config config,
		    int summary)
{
	char msg[SINK_MSG] = "", *text = NULL;
	size_t size;
	void *out;

	config.out = open_memstream(&text, &size);
	config.target = "everything";
	assert_non_null(config.out);
	assert_int_equal(sink_plain.open(&out, &config, msg), 0);
	assert_int_equal(summary ? sink_plain.summary(out, m, msg)
				 : sink_plain.interval(out, m, msg),
			 0);
	sink_plain.close(out);
	fclose(config.out);
	assert_non_null(text);
	return text;
}

static void fill(struct shot_pair *p)
{
	struct gw_lock *l;
	struct gw_thread *t;

	shot_pair_begin(p);
	memcpy(p->now.threads[0].live.names.comm, "\x1b[2J\xff\n", 6);
	memcpy(p->now.images[0].comm, "\x1b]0;x\x07", 7);
	l = shot_lock_at(&p->now, 0);
	l->wait_ns = 5000000;
	l->waits += 12344;
	shot_samples(&l->hist[GW_WAIT], &l->max[GW_WAIT], 5000000, 1, 2);
	t = shot_thread_at(&p->now, 1);
	shot_samples(&t->wakeup, &t->wakeup_max, 70, 3, 2);
	shot_samples(&t->wakeup, &t->wakeup_max, 5000, 1, 2);
	shot_edge(&p->now, 0, 1, 2, 4);
	shot_migration(&p->now, 1, 1, 0, 1, 7);
	shot_migration(&p->now, 1, 1, 1, 0, 8);
	shot_pair_close(p);
}

#define has(text, part) assert_non_null(strstr(text, part))
#define has_not(text, part) assert_null(strstr(text, part))

static void summary_is_complete(void **state)
{
	struct shot_pair p;
	char *text;

	(void)state;
	fill(&p);
	text = report(&p.m, (struct sink_config){ 0 }, 1);
	has(text, "summary of 1.00s: everything\n");
	has(text, "(pid 1000)");
	has(text, ": 2 threads,");
	has(text, "\nLocks\n");
	has(text, "0x1000");
	has(text, "12.3k");
	has(text, "5.00ms");
	has(text, "\nThreads\n");
	has(text, "\nBusiest handoffs (contended)\n");
	has(text, "\nWakeup latency: from being woken to running\n");
	has(text, "\nMigrations: from CPU (rows) to CPU (columns)\n");
	has(text, "\n     0      .      7\n     1      8      .\n");
	has(text,
	    "\nLost: nothing. gilwatch itself: 0ns of CPU time (0% of one "
	    "core), 0B of maps.\n");
	assert_int_equal(text[strlen(text) - 1], '\n');
	free(text);
	shot_pair_end(&p);
}

/* Nothing from another program moves the cursor. */
static void names_are_harmless(void **state)
{
	struct shot_pair p;
	char *text;

	(void)state;
	fill(&p);
	for (int summary = 0; summary < 2; summary++) {
		text = report(&p.m, (struct sink_config){ 0 }, summary);
		has(text, "\\x1b]0;x\\x07 (pid 1000");
		has(text, "\\x1b[2J\\xff\\x0a");
		for (const char *c = text; *c; c++)
			assert_true(*c == '\n' || (unsigned char)*c >= 0x20);
		has_not(text, "\x7f");
		has_not(text, "\xff");
		free(text);
	}
	shot_pair_end(&p);
}

/* Lines of tables keep to the width; sentences may be longer. */
static void tables_fit_the_width(void **state)
{
	static const size_t widths[] = { 200, 100, 80, 60, 40 };
	struct buf out = { 0 };
	struct shot_pair p;

	(void)state;
	fill(&p);
	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		section_table(&out, "T", &column_locks, p.m.locks, p.m.nlocks,
			      sizeof(*p.m.locks), 10, widths[i]);
		section_table(&out, "T", &column_threads, p.m.threads,
			      p.m.nthreads, sizeof(*p.m.threads), 10,
			      widths[i]);
		buf_add(&out, "", 1);
		assert_int_equal(buf_error(&out), 0);
		for (char *line = out.data; *line;
		     line = strchr(line, '\n') + 1)
			assert_true(strcspn(line, "\n") <= widths[i]);
		has(out.data, "0x1000");
		has(out.data, "102");
		buf_free(&out);
	}
	shot_pair_end(&p);
}

static void rows_that_are_left_out_are_counted(void **state)
{
	struct shot_pair p;
	char *text;

	(void)state;
	fill(&p);
	text = report(&p.m, (struct sink_config){ .rows = 1 }, 1);
	has(text, "\nand 1 more (-n 2 shows all)\n");
	has(text, "0x1000");
	has_not(text, "0x2000");
	free(text);
	text = report(&p.m, (struct sink_config){ .rows = 2 }, 1);
	has_not(text, "more (-n");
	has(text, "0x2000");
	free(text);
	shot_pair_end(&p);
}

static void lost_counts_are_shown(void **state)
{
	struct shot_pair p;
	char *text;

	(void)state;
	fill(&p);
	text = report(&p.m, (struct sink_config){ 0 }, 0);
	has_not(text, "lost");
	free(text);
	p.m.lost[GW_LOST_LOCKS] = 12;
	p.m.lost[GW_LOST_ENDED] = 3;
	for (int summary = 0; summary < 2; summary++) {
		text = report(&p.m, (struct sink_config){ 0 }, summary);
		has(text, "Figures may be short, lost: 12 (lock table full, "
			  "see --max-locks); "
			  "3 (buffer for ended threads full);");
		free(text);
	}
	shot_pair_end(&p);
}

/* What it took to start is no part of what it took to watch. */
static void own_cost_is_shown(void **state)
{
	struct model m = {
		.total = true,
		.window_ns = SHOT_S,
		.cost = { .cpu_ns = SHOT_S / 50, .before_ns = SHOT_S / 2 },
	};
	char *text;

	(void)state;
	text = report(&m, (struct sink_config){ 0 }, 1);
	has(text, "\nLost: nothing. gilwatch itself: 20.0ms of CPU time (2% of "
		  "one core) after 500ms to start, 0B of maps.\n");
	free(text);
	m.cost.before_ns = 0;
	text = report(&m, (struct sink_config){ 0 }, 1);
	has(text, "(2% of one core), 0B of maps.\n");
	free(text);
}

static void nothing_contended(void **state)
{
	const struct model m = { .window_ns = SHOT_S };
	char *text;

	(void)state;
	text = report(&m, (struct sink_config){ 0 }, 1);
	has(text, "No watched process contended for a lock.\n");
	free(text);
	text = report(&m, (struct sink_config){ 0 }, 0);
	has(text, ": nothing contended for a lock\n");
	free(text);
}

/* Asked for by name, and calm: it is shown. Of several calm ones one is. */
static void calm_processes(void **state)
{
	struct snapshot s;
	struct model m;
	char *text;

	(void)state;
	shot_begin(&s, 1);
	for (uint32_t i = 1; i <= 3; i++) {
		shot_image(&s, i, "calm");
		shot_thread(&s, i, i, 100 * i, "t");
	}
	snapshot_close(&s);
	assert_int_equal(model_new(&m, NULL, &s, true), 0);
	text = report(&m, (struct sink_config){ 0 }, 1);
	has(text, "calm (pid 1000");
	has(text, "No thread waited for a lock.\n");
	has(text, "2 more processes watched, with no wait for a lock\n");
	has_not(text, "(pid 2000");
	free(text);
	model_free(&m);
	snapshot_free(&s);
}

/* As many as a reader takes in; those that waited most. */
static void many_processes(void **state)
{
	struct snapshot s;
	struct model m;
	char *text;

	(void)state;
	shot_begin(&s, 1);
	for (uint32_t i = 1; i <= 25; i++) {
		shot_image(&s, i, "busy");
		shot_lock(&s, i, 0x1000)->wait_ns = i * SHOT_S;
	}
	snapshot_close(&s);
	assert_int_equal(model_new(&m, NULL, &s, true), 0);
	text = report(&m, (struct sink_config){ 0 }, 0);
	has(text, "busy (pid 25000");
	has(text, "busy (pid 16000");
	has_not(text, "busy (pid 15000");
	has(text, "and 15 more processes that waited for locks (-n 25 shows "
		  "all)\n");
	free(text);
	text = report(&m, (struct sink_config){ 0 }, 1);
	has(text, "busy (pid 6000");
	has(text, "and 5 more processes that waited");
	free(text);
	text = report(&m, (struct sink_config){ .rows = 24 }, 0);
	has(text, "and 1 more process that waited for locks (-n 25");
	free(text);
	text = report(&m, (struct sink_config){ .rows = 25 }, 0);
	has(text, "busy (pid 1000");
	has_not(text, "more process");
	free(text);
	model_free(&m);
	snapshot_free(&s);
}

/* No more rows can be asked for than -n takes. */
static void more_than_can_be_shown(void **state)
{
	struct buf out = { 0 };

	(void)state;
	section_more(&out, "", 20, TABLE_ROWS_MAX);
	section_more(&out, "", 20, TABLE_ROWS_MAX + 1);
	buf_add(&out, "", 1);
	assert_string_equal(out.data, "and 980 more (-n 1000 shows all)\n"
				      "and 981 more (-n 1000 shows 1000)\n");
	buf_free(&out);
}

static void quiet_is_silent_until_the_end(void **state)
{
	struct shot_pair p;
	char *text;

	(void)state;
	fill(&p);
	text = report(&p.m, (struct sink_config){ .quiet = true }, 0);
	assert_string_equal(text, "");
	free(text);
	text = report(&p.m, (struct sink_config){ .quiet = true }, 1);
	has(text, "summary");
	free(text);
	shot_pair_end(&p);
}

static void full_output_is_told(void **state)
{
	struct sink_config config = { .target = "everything" };
	char msg[SINK_MSG] = "";
	struct shot_pair p;
	void *out;

	(void)state;
	fill(&p);
	config.out = fopen("/dev/full", "w");
	assert_non_null(config.out);
	assert_int_equal(sink_plain.open(&out, &config, msg), 0);
	assert_int_equal(sink_plain.summary(out, &p.m, msg), -ENOSPC);
	assert_string_equal(msg, "cannot write to standard output: No space "
				 "left on device");
	sink_plain.close(out);
	fclose(config.out);
	shot_pair_end(&p);
}

/* A bar a power of two, as long as its share; none is lost. */
static void bars(void **state)
{
	struct buf out = { 0 };
	struct shot_pair p;

	(void)state;
	fill(&p);
	section_wakeups(&out, &p.m, &p.m.processes[0], 80);
	buf_add(&out, "", 1);
	has(out.data, "    64ns - 128ns          3  ##################");
	has(out.data, "  4.10us - 8.19us         1  #################\n");
	has(out.data, "   128ns - 256ns          0  \n");
	buf_free(&out);
	shot_pair_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(summary_is_complete),
		cmocka_unit_test(names_are_harmless),
		cmocka_unit_test(tables_fit_the_width),
		cmocka_unit_test(rows_that_are_left_out_are_counted),
		cmocka_unit_test(lost_counts_are_shown),
		cmocka_unit_test(own_cost_is_shown),
		cmocka_unit_test(nothing_contended),
		cmocka_unit_test(calm_processes),
		cmocka_unit_test(many_processes),
		cmocka_unit_test(more_than_can_be_shown),
		cmocka_unit_test(quiet_is_silent_until_the_end),
		cmocka_unit_test(full_output_is_told),
		cmocka_unit_test(bars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
