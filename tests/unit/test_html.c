// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The page: names stay text, every table is there, and its size has a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "convoy.h"
#include "file.h"
#include "folder.h"
#include "html.h"
#include "options.h"
#include "report.h"
#include "shots.h"
#include "sink.h"

static char *page;

/* The page of a record of so many turns. */
static void make_page(unsigned int turns, const char *trace)
{
	struct sink_config config = { .html = "out.html",
				      .trace = trace,
				      .quiet = true,
				      .uid = FILE_KEEP_UID,
				      .gid = FILE_KEEP_GID };
	struct options o = { .file = "c.gwr",
			     .html = "out.html",
			     .trace = trace,
			     .to_ns = UINT64_MAX };
	char msg[SINK_MSG] = "";
	FILE *f;
	long size;

	convoy_write("c.gwr", turns);
	config.out = fopen("/dev/null", "w");
	if (report(&o, &config, msg))
		fail_msg("%s", msg);
	fclose(config.out);
	f = fopen("out.html", "r");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	free(page);
	page = calloc(1, (size_t)size + 1);
	assert_int_equal(fread(page, 1, (size_t)size, f), size);
	fclose(f);
	assert_int_equal(strlen(page), size);
}

static size_t count(const char *text)
{
	size_t n = 0;

	for (const char *s = page; (s = strstr(s, text)); s += strlen(text))
		n++;
	return n;
}

static void has(const char *text)
{
	if (!count(text))
		fail_msg("no \"%s\" in the page", text);
}

static void everything_is_there(void **state)
{
	(void)state;
	make_page(200, "out.pftrace");
	for (const char *const *part =
		     (const char *const[]){
			     "<!DOCTYPE html>", "<h1>a convoy</h1>",
			     "CPU-bound threads take turns on the CPython 3.11 "
			     "GIL",
			     "convoy: I/O thread io (4003)", "<b>Because</b>",
			     "<b>Try</b>", "Threads over time", "<h3>Wait</h3>",
			     "<h3>Wakeup</h3>", "<h3>Hold</h3>",
			     "<h3>Response</h3>", "Who hands to whom",
			     "id=\"lanes\"", "class=\"overview\"",
			     "Where the time of each thread went", "</html>",
			     NULL };
	     *part; part++)
		has(*part);
	assert_int_equal(count("</html>"), 1);
	/* The record and two outputs; nothing half-made stays. */
	assert_int_equal(folder_count("."), 3);
}

/* No address to fetch from: what is in the page is all there is. */
static void no_network(void **state)
{
	(void)state;
	make_page(20, NULL);
	assert_int_equal(count("http:") + count("https:") + count("src=") +
				 count("href=") + count("url(") +
				 count("@import"),
			 0);
	has("default-src 'none'");
}

static void hostile_names_stay_text(void **state)
{
	const char *const kept[] = { convoy_name[CONVOY_CPU0],
				     convoy_name[CONVOY_CPU1],
				     convoy_name[CONVOY_IO] };

	(void)state;
	convoy_name[CONVOY_CPU0] = "</script><b>x";
	convoy_name[CONVOY_CPU1] = "\"onload='a'&lt";
	convoy_name[CONVOY_IO] = "<!--<script>\x1b";
	make_page(20, NULL);
	convoy_name[CONVOY_CPU0] = kept[0];
	convoy_name[CONVOY_CPU1] = kept[1];
	convoy_name[CONVOY_IO] = kept[2];
	has("&lt;/script&gt;&lt;b&gt;x");
	has("\\u003c/script\\u003e\\u003cb\\u003ex");
	has("&quot;onload=&#39;a&#39;&amp;lt");
	has("\\u0022onload='a'\\u0026lt");
	has("&lt;!--&lt;script&gt;\\x1b");
	assert_int_equal(count("<!--") + count("<b>x"), 0);
	assert_int_equal(count("<script"), 2);
	assert_int_equal(count("</script>"), 2);
}

/* As much as fits a page, however long the run: 40,000 handoffs are more pieces
 * than there is room for. */
static void a_long_run_fits(void **state)
{
	(void)state;
	make_page(20000, NULL);
	assert_true(strlen(page) < 5000000);
	has("is shown as the share of each state");
}

/* A row as wide as can be, of each table, as often as a page has room: with
 * lanes that are full it is below 5 MB. */
static void nothing_is_too_big(void **state)
{
	struct lanes l = { .end_ns = 1000000000, .lanes = 1 };
	struct lane_piece piece = { .end_ns = 1000,
				    .lock = 100000,
				    .other = 100000,
				    .state = TILE_WAITS };
	struct lane lane = { .piece = &piece, .pieces = 1 };
	struct buf out = { 0 };

	(void)state;
	/* A run with a piece every 5 us for its thread. */
	lanes_encode(&l, &lane, &out);
	assert_true(out.len * LANES_PIECES_MAX * 4 / 3 < 3000000);
	buf_free(&out);
}

static void a_run_without_events(void **state)
{
	struct sink_config config = { .html = "out.html",
				      .target = "pid 1 <&>",
				      .uid = FILE_KEEP_UID,
				      .gid = FILE_KEEP_GID };
	char msg[SINK_MSG] = "";
	struct shot_pair p;
	struct model m;
	void *sink;

	(void)state;
	shot_pair_begin(&p);
	shot_edge(&p.now, 0, 1, 2, 4);
	shot_pair_close(&p);
	assert_int_equal(model_new(&m, &p.before, &p.now, true), 0);
	assert_int_equal(sink_html.open(&sink, &config, msg), 0);
	/* Aside until it is whole. */
	assert_null(fopen("out.html", "r"));
	assert_int_equal(sink_html.interval(sink, &m, msg), 0);
	assert_int_equal(sink_html.interval(sink, &m, msg), 0);
	assert_int_equal(sink_html.summary(sink, &m, msg), 0);
	sink_html.close(sink);
	assert_int_equal(folder_count("."), 1);
	model_free(&m);
	shot_pair_end(&p);
}

static void broken_off(void **state)
{
	struct sink_config config = { .html = "out.html",
				      .uid = FILE_KEEP_UID,
				      .gid = FILE_KEEP_GID };
	char msg[SINK_MSG] = "";
	void *sink;

	(void)state;
	assert_int_equal(sink_html.open(&sink, &config, msg), 0);
	sink_html.close(sink);
	assert_int_equal(folder_count("."), 0);
	config.html = "no/such/out.html";
	assert_true(sink_html.open(&sink, &config, msg) < 0);
	assert_non_null(strstr(msg, "no/such"));
}

static int leave(void **state)
{
	free(page);
	page = NULL;
	return folder_leave(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, folder_enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_is_there),
		TEST(no_network),
		TEST(hostile_names_stay_text),
		TEST(a_long_run_fits),
		cmocka_unit_test(nothing_is_too_big),
		TEST(a_run_without_events),
		TEST(broken_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
