// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The page in a browser: nothing goes wrong, what zooms zooms, what is under
 * the pointer is told, the lanes show what happened, and names stay text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/convoy.h"
#include "live.h"

#define TURNS 500 /* 3 s */

/* ---- files ----------------------------------------------------------------
 */

static char *read_all(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text;
	long size;

	if (!f)
		fail_msg("no %s", path);
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	text = calloc(1, (size_t)size + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)size, f), size);
	fclose(f);
	return text;
}

/* A copy of the page with the two scripts of the folder page/. */
static const char *with_probe(const char *folder, const char *page)
{
	const char *copy = live_path(folder, "probed.html");
	char *text = read_all(page), *head = strstr(text, "<head>\n");
	char *errors = read_all("tests/live/page/errors.js");
	char *probe = read_all("tests/live/page/probe.js");
	char *end = strstr(text, "</body>");
	FILE *f = fopen(copy, "w");

	assert_true(f && head && end);
	head += strlen("<head>\n");
	fprintf(f, "%.*s<script>%s</script>%.*s<script>%s</script>%s",
		(int)(head - text), text, errors, (int)(end - head), head,
		probe, end);
	assert_int_equal(fclose(f), 0);
	free(text);
	free(errors);
	free(probe);
	return copy;
}

/* ---- the browser ----------------------------------------------------------
 */

static const char *browser(void)
{
	return system("command -v chromium >/dev/null") ? "chromium-browser"
							: "chromium";
}

/* A page in a window of this width, as it is once it is loaded. */
static struct live *load(const char *page, const char *width)
{
	const char *folder = live_folder();
	char url[4200], home[4200], size[32];

	snprintf(url, sizeof(url), "file://%s", page);
	snprintf(home, sizeof(home), "--user-data-dir=%s",
		 live_path(folder, "home"));
	snprintf(size, sizeof(size), "--window-size=%s,900", width);
	return live_run((const char *[]){ browser(), "--headless",
					  "--no-sandbox", "--disable-gpu",
					  "--disable-background-networking",
					  home, size, "--dump-dom", url, NULL },
			NULL, NULL);
}

/* What the probe says of it. */
static struct live *browse(const char *page, const char *width)
{
	struct live *l = load(with_probe(live_folder(), page), width);

	if (!strstr(live_out(l), "<pre id=\"probe\">"))
		fail_msg("the browser shows nothing: %s", live_err(l));
	return l;
}

/* The value of a line of the probe, up to its end. */
static const char *said(struct live *l, const char *name)
{
	static char value[65536];
	const char *probe = strstr(live_out(l), "<pre id=\"probe\">");
	char start[128];
	const char *line;

	snprintf(start, sizeof(start), "\n%s: ", name);
	line = strstr(probe, start);
	if (!line)
		fail_msg("no \"%s\" in:\n%s", name, probe);
	line += strlen(start);
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(line, "\n"), line);
	return value;
}

static void check(struct live *l, const char *name, const char *want)
{
	if (strcmp(said(l, name), want))
		fail_msg("%s: \"%s\", not \"%s\"\n%s", name, said(l, name),
			 want, strstr(live_out(l), "<pre id=\"probe\">"));
}

static void has(struct live *l, const char *name, const char *part)
{
	if (!strstr(said(l, name), part))
		fail_msg("%s: no \"%s\" in \"%s\"", name, part, said(l, name));
}

/* What holds for each page. */
static void check_usual(struct live *l)
{
	static const char *const holds[] = {
		"button zooms in",
		"button zooms out",
		"wheel zooms about the pointer",
		"a plain wheel scrolls the page",
		"dragging pans",
		"keys pan",
		"keys zoom",
		"a key shows all",
		"in the middle",
		"the tip goes",
	};

	check(l, "wrong", "");
	check(l, "strangers", "0");
	check(l, "wider than the window", "false");
	for (size_t i = 0; i < sizeof(holds) / sizeof(*holds); i++)
		check(l, holds[i], "true");
}

/* ---- pages ----------------------------------------------------------------
 */

static const char *page_of_convoy(void)
{
	const char *folder = live_folder();
	const char *record = live_path(folder, "c.gwr");
	const char *page = live_path(folder, "c.html");
	struct live *l;

	convoy_write(record, TURNS);
	l = live_run((const char *[]){ live_gilwatch(), "report", "--html",
				       page, record, NULL },
		     NULL, NULL);
	if (l->status)
		fail_msg("%s", live_err(l));
	live_done(l);
	return page;
}

/* The computing threads hold the lock in turns; in between the one that
 * answers has it, after it has waited. */
static void a_convoy(void **state)
{
	struct live *l = browse(page_of_convoy(), "1200");

	(void)state;
	check_usual(l);
	check(l, "colours", "true");
	check(l, "overview", "true");
	check(l, "lanes", "cpu-04001,cpu-14002,io4003,main4000");
	has(l, "states cpu-14002",
	    "waits for GIL,runs and holds GIL,waits for GIL,runs and holds "
	    "GIL,waits for GIL,runs and holds GIL,waits for GIL");
	has(l, "states io4003", "sleeps,waits for a CPU,waits for GIL,runs");
	check(l, "states main4000", "sleeps");
	has(l, "tips cpu-04001",
	    "waits for GIL for T|in vain: stolen, io 4003 had it|at T");
	has(l, "tips cpu-04001",
	    "waits for GIL for T|in vain: timeout, cpu-1 4002 had it|at T");
	has(l, "tips cpu-14002",
	    "waits for GIL for T|then has it, from io 4003|at T");
	has(l, "tips io4003", "io 4003|runs and holds GIL for T|at T");
	live_done(l);
}

/* A browser that runs no script: what is drawn is in the file. */
static void without_scripts(void **state)
{
	static const char policy[] =
		"<head>\n<meta http-equiv=\"Content-Security-Policy\" "
		"content=\"script-src 'none'\">\n";
	const char *folder = live_folder();
	const char *copy = live_path(folder, "plain.html");
	char *text = read_all(page_of_convoy()), *head, *at;
	FILE *f = fopen(copy, "w");
	struct live *l;
	size_t paths = 0;

	(void)state;
	head = strstr(text, "<head>\n");
	assert_true(f && head);
	fprintf(f, "%.*s%s%s", (int)(head - text), text, policy,
		head + strlen("<head>\n"));
	assert_int_equal(fclose(f), 0);
	free(text);
	l = load(copy, "1200");
	at = strstr(live_out(l), "<div class=\"overview\">");
	assert_non_null(at);
	while ((at = strstr(at + 1, "<path ")))
		paths++;
	assert_true(paths > 3);
	assert_non_null(strstr(live_out(l), "<table"));
	/* What scripts add to a page is not there. */
	assert_null(strstr(live_out(l), " script\""));
	live_done(l);
}

static void hostile_names_on_a_phone(void **state)
{
	const char *const kept = convoy_name[CONVOY_CPU0];
	struct live *l;

	(void)state;
	convoy_name[CONVOY_CPU0] = "<b class=x>&";
	convoy_name[CONVOY_MAIN] = "</script>";
	l = browse(page_of_convoy(), "500");
	convoy_name[CONVOY_CPU0] = kept;
	convoy_name[CONVOY_MAIN] = "main";
	check_usual(l);
	/* As the page has it, written as HTML by the browser. */
	check(l, "lanes",
	      "&lt;b "
	      "class=x&gt;&amp;4001,cpu-14002,io4003,&lt;/script&gt;4000");
	has(l, "tips &lt;b class=x&gt;&amp;4001",
	    "&lt;b class=x&gt;&amp; 4001|runs and holds GIL");
	live_done(l);
}

/* What the demo is about: both computing threads hold the GIL and wait for it;
 * the one that answers waits, and has it too briefly for the probe's samples.
 */
static void a_real_run(void **state)
{
	const char *folder = live_folder();
	const char *record = live_path(folder, "real.gwr");
	const char *page = live_path(folder, "real.html");
	char name[64], *lanes, *at;
	struct live *l;

	(void)state;
	live_require();
	l = live_run((const char *[]){ live_gilwatch(), "record", "-q", "-o",
				       record, "--", live_workload("gilvm"),
				       "workloads/programs/convoy.py", "2", "3",
				       NULL },
		     NULL, NULL);
	if (l->status)
		fail_msg("%s", live_err(l));
	live_done(l);
	l = live_run((const char *[]){ live_gilwatch(), "report", "--html",
				       page, record, NULL },
		     NULL, NULL);
	assert_int_equal(l->status, 0);
	live_done(l);
	l = browse(page, "1200");
	check_usual(l);
	lanes = strdup(said(l, "lanes"));
	for (const char *const *who =
		     (const char *const[]){ "cpu-0", "cpu-1", "io", NULL };
	     *who; who++) {
		at = strstr(lanes, *who);
		assert_non_null(at);
		snprintf(name, sizeof(name), "all of %.*s",
			 (int)strcspn(at, ","), at);
		has(l, name, "waits for GIL");
		if (strcmp(*who, "io"))
			has(l, name, "runs and holds GIL");
	}
	free(lanes);
	live_done(l);
}

/* Without events: a piece of each lane is an interval. */
static void a_live_run(void **state)
{
	const char *page = live_path(live_folder(), "live.html");
	struct live *l;

	(void)state;
	live_require();
	l = live_run((const char *[]){ live_gilwatch(), "-q", "-i", "0.2",
				       "--html", page, "--",
				       live_workload("gilvm"),
				       "workloads/programs/convoy.py", "2", "3",
				       NULL },
		     NULL, NULL);
	assert_int_equal(l->status, 0);
	live_done(l);
	l = browse(page, "1200");
	check_usual(l);
	has(l, "lanes", "cpu-1");
	live_done(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_convoy),
		LIVE_TEST(without_scripts),
		LIVE_TEST(hostile_names_on_a_phone),
		LIVE_TEST(a_real_run),
		LIVE_TEST(a_live_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
