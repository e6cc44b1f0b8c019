// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Two runs side by side: pairs, sums, percentiles, noise. */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "convoy.h"
#include "diff.h"
#include "file.h"
#include "folder.h"
#include "report.h"
#include "runs.h"

static struct diff open_ab(void)
{
	char msg[DIFF_MSG] = "";
	struct diff d;

	if (diff_open(&d, "a", "b", msg))
		fail_msg("%s", msg);
	return d;
}

static size_t figure(const char *name, enum diff_table table)
{
	const struct diff_figure *f;
	size_t n = diff_figures(&f);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(f[i].name, name) && f[i].table == table)
			return i;
	fail_msg("no figure %s", name);
	return 0;
}

static struct diff_change change(const struct diff *d, size_t pair,
				 const char *name)
{
	const struct diff_pair *p = &d->pair[pair];
	struct diff_change c;

	assert_true(pair < d->pairs);
	assert_int_equal(diff_change(d, p, figure(name, p->a->table), &c), 0);
	return c;
}

static void near(double got, double want)
{
	if (!(fabs(got - want) <= 1e-6 * fabs(want)))
		fail_msg("%g for %g", got, want);
}

static unsigned long steady(unsigned int i)
{
	return 100 + i % 7 * 3;
}

static unsigned long faster(unsigned int i)
{
	return 150 + i % 5 * 4;
}

static unsigned long unsteady(unsigned int i)
{
	return i % 2 ? 20 : 210;
}

/* ---- figures --------------------------------------------------------------
 */

static void every_figure_has_its_name(void **state)
{
	const struct diff_figure *f;
	size_t n = diff_figures(&f);

	(void)state;
	assert_true(n < DIFF_FIGURES_MAX);
	for (size_t i = 0; i < n; i++) {
		assert_true(*f[i].name && *f[i].help);
		for (size_t k = 0; k < i; k++)
			assert_true(f[i].table != f[k].table ||
				    strcmp(f[i].name, f[k].name));
		assert_true(f[i].how != DIFF_SHARE ||
			    f[i].table == DIFF_THREADS);
		if (f[i].how == DIFF_QUANTILE)
			assert_true(f[i].metric < GW_METRICS);
	}
	figure("handoffs_per_s", DIFF_LOCKS);
	figure("waiters_max", DIFF_LOCKS);
	figure("wait_ns_per_s", DIFF_LOCKS);
	figure("wait_ns_p99", DIFF_LOCKS);
	figure("running_share", DIFF_THREADS);
}

static void rates_and_shares(void **state)
{
	struct diff d;

	(void)state;
	runs_simple("a", 10, steady);
	runs_simple("b", 5, faster);
	d = open_ab();
	assert_int_equal(d.pairs, 2);
	near(change(&d, 0, "handoffs_per_s").a, 108.1);
	/* The whole run has 10 s; 5 intervals only tell of the noise. */
	near(change(&d, 0, "handoffs_per_s").b, 79.0);
	near(change(&d, 0, "handoffs_per_s").percent, (79.0 / 108.1 - 1) * 100);
	near(change(&d, 1, "running_share").a, 0.5);
	near(change(&d, 0, "wait_ns_max").b, 1e6);
	diff_close(&d);
}

/* The percentiles of two locks together are those of all their samples. */
static void percentiles_of_a_group(void **state)
{
	uint64_t counts[HIST_BUCKETS] = { 0 };
	struct diff d;

	(void)state;
	for (const char *side = "ab"; *side; side++) {
		runs_begin((char[]){ *side, '\0' });
		runs_lock("py", *side == 'a' ? "0x10" : "0x30", "mutex", "", 5,
			  3000);
		runs_lock("py", *side == 'a' ? "0x20" : "0x40", "mutex", "", 7,
			  90000);
		runs_wait(*side == 'a' ? "0x10" : "0x30", 1000, 60);
		runs_wait(*side == 'a' ? "0x20" : "0x40", 80000, 40);
		runs_end();
	}
	counts[hist_bucket(1000)] = 60;
	counts[hist_bucket(80000)] = 40;
	d = open_ab();
	assert_int_equal(d.pairs, 1);
	assert_int_equal(d.pair[0].a->count, 2);
	near(change(&d, 0, "handoffs_per_s").a, 1.2);
	near(change(&d, 0, "wait_ns_max").a, 90000);
	near(change(&d, 0, "wait_ns_p50").a,
	     (double)model_percentile(counts, 0.5, 90000));
	near(change(&d, 0, "wait_ns_p99").b,
	     (double)model_percentile(counts, 0.99, 90000));
	assert_true(isnan(change(&d, 0, "hold_ns_p50").a));
	diff_close(&d);
}

/* ---- pairs ----------------------------------------------------------------
 */

static void one_lock(const char *folder, const char *comm, const char *lock,
		     const char *kind, const char *name)
{
	runs_begin(folder);
	runs_lock(comm, lock, kind, name, 5, 1000);
	runs_thread(comm, 7, 1000, 1000);
	runs_end();
}

static size_t locks_paired(void)
{
	struct diff d = open_ab();
	size_t n = 0;

	for (size_t i = 0; i < d.pairs; i++)
		n += d.pair[i].a && d.pair[i].b &&
		     d.pair[i].a->table == DIFF_LOCKS;
	diff_close(&d);
	return n;
}

static void pairs_by_name_then_kind(void **state)
{
	(void)state;
	one_lock("a", "py", "0x10", "GIL", "CPython 3.11 GIL");
	one_lock("b", "py", "0x20", "GIL", "CPython 3.11 GIL");
	assert_int_equal(locks_paired(), 1);
	one_lock("b", "py", "0x20", "GIL", "CPython 3.12 GIL");
	assert_int_equal(locks_paired(), 1);
	one_lock("b", "python3", "0x20", "GIL", "CPython 3.12 GIL");
	assert_int_equal(locks_paired(), 1);
	one_lock("b", "py", "0x20", "mutex", "");
	assert_int_equal(locks_paired(), 0);
}

/* Two of a kind, of which neither has the other's name, are no pair. */
static void no_guess_between_two(void **state)
{
	(void)state;
	one_lock("a", "py", "0x10", "GIL", "one");
	runs_begin("b");
	runs_lock("py", "0x20", "GIL", "two", 5, 1000);
	runs_lock("py", "0x30", "GIL", "three", 5, 1000);
	runs_thread("py", 7, 1000, 1000);
	runs_end();
	assert_int_equal(locks_paired(), 0);
}

/* Locks without a name are told apart where both runs have the address. */
static void equal_addresses(void **state)
{
	struct diff d;

	(void)state;
	for (const char *side = "ab"; *side; side++) {
		runs_begin((char[]){ *side, '\0' });
		runs_lock("py", "0x10", "mutex", "", 5, 3000);
		runs_lock("py", "0x20", "mutex", "", 7, 2000);
		runs_lock("py", *side == 'a' ? "0x30" : "0x40", "mutex", "", 7,
			  1000);
		runs_end();
	}
	d = open_ab();
	assert_int_equal(d.pairs, 3);
	assert_string_equal(d.pair[0].a->lock, "0x10");
	assert_string_equal(d.pair[0].b->lock, "0x10");
	assert_string_equal(d.pair[1].a->lock, "0x20");
	assert_string_equal(d.pair[2].a->lock, "");
	diff_close(&d);
}

/* ---- noise ----------------------------------------------------------------
 */

static struct diff_change handoffs(unsigned int na,
				   unsigned long (*a)(unsigned int),
				   unsigned int nb,
				   unsigned long (*b)(unsigned int))
{
	struct diff_change c;
	struct diff d;

	runs_simple("a", na, a);
	runs_simple("b", nb, b);
	d = open_ab();
	c = change(&d, 0, "handoffs_per_s");
	diff_close(&d);
	return c;
}

static void beyond_the_noise(void **state)
{
	struct diff_change c;

	(void)state;
	c = handoffs(10, steady, 10, faster);
	assert_true(c.testable && c.p < 0.001 && diff_is_change(&c));
	assert_int_equal(c.na, 10);
	assert_int_equal(c.nb, 10);
	c = handoffs(10, steady, 10, unsteady);
	assert_true(c.testable && c.p > 0.05 && !diff_is_change(&c));
	c = handoffs(10, steady, 10, steady);
	assert_true(c.testable && c.p == 1 && !diff_is_change(&c));
	assert_true(c.percent == 0);
}

/* With 4 and 5 intervals p is 2/126 at least: nothing can be told. With 5 and 5
 * it is 2/252. */
static void enough_intervals(void **state)
{
	struct diff_change c;

	(void)state;
	c = handoffs(4, steady, 5, faster);
	assert_true(!c.testable && diff_is_change(&c));
	c = handoffs(5, steady, 5, faster);
	assert_true(c.testable && c.p < DIFF_NOISE_P);
	c = handoffs(0, steady, 5, faster);
	assert_true(!c.testable && c.na == 0);
}

/* A lock that an interval has no row of had no handoff in it, and no p50. */
static void silent_intervals(void **state)
{
	struct diff_change c;
	struct diff d;

	(void)state;
	runs_simple("a", 8, steady);
	runs_begin("b");
	for (unsigned int i = 1; i <= 8; i++) {
		runs_window(i);
		if (i > 6)
			runs_lock("py", "0x10", "GIL", "", 400, RUNS_MS);
		runs_thread("t", 7, 1000, 1000);
	}
	runs_window(0);
	runs_lock("py", "0x10", "GIL", "", 800, RUNS_MS);
	runs_thread("t", 7, 1000, 1000);
	runs_end();
	d = open_ab();
	c = change(&d, 0, "handoffs_per_s");
	assert_int_equal(c.nb, 8);
	c = change(&d, 0, "wait_ns_max");
	assert_int_equal(c.nb, 2);
	diff_close(&d);
}

/* ---- what is no run -------------------------------------------------------
 */

static void refused(const char *part)
{
	char msg[DIFF_MSG] = "";
	struct diff d;

	assert_true(diff_open(&d, "a", "b", msg) < 0);
	diff_close(&d);
	if (!strstr(msg, part) || strchr(msg, '\n'))
		fail_msg("\"%s\" has no \"%s\"", msg, part);
}

static void bad_folders(void **state)
{
	(void)state;
	runs_simple("a", 2, steady);
	refused("b/locks.csv: No such file");
	runs_simple("b", 2, steady);
	assert_int_equal(folder_write("b/threads.csv", ""), 0);
	refused("b/threads.csv: line 0: no header");
	assert_int_equal(folder_write("b/threads.csv", "scope,start_s\n"), 0);
	refused("b/threads.csv: column 3 is not end_s: written by another "
		"version");
	runs_begin("b");
	runs_end();
	refused("b/threads.csv: no row of the whole run");
	runs_begin("b");
	runs_lock("py", "0x10", "GIL", "evil\x1b[2J", 1, 1);
	runs_end();
	refused("b/locks.csv: control characters");
	runs_begin("b");
	runs_lock("py", "0x10", "GIL", "", 1, 1);
	runs_wait("0x10", 1000, 1234567890123456789);
	runs_end();
	refused("b/histograms.csv: row 1: count is no whole number");
}

/* ---- records --------------------------------------------------------------
 */

static void tables_of(const char *record, const char *folder)
{
	struct sink_config config = { .quiet = true,
				      .csv_dir = folder,
				      .uid = FILE_KEEP_UID,
				      .gid = FILE_KEEP_GID };
	struct options o = { .file = record,
			     .csv_dir = folder,
			     .to_ns = UINT64_MAX };
	char msg[SINK_MSG] = "";

	config.out = fopen("/dev/null", "w");
	if (report(&o, &config, msg))
		fail_msg("%s", msg);
	fclose(config.out);
}

/* A record has the figures of its tables, all of them. */
static void a_record_is_its_tables(void **state)
{
	const struct diff_figure *f;
	size_t n = diff_figures(&f), known = 0;
	struct diff_change c;
	struct diff d;

	(void)state;
	convoy_write("a", 300);
	tables_of("a", "b");
	d = open_ab();
	assert_int_equal(d.pairs, 1 + 4);
	assert_int_equal(d.a.windows, 11);
	assert_int_equal(d.b.windows, 1);
	assert_true(d.a.judged && !d.b.judged);
	for (size_t i = 0; i < d.pairs; i++)
		for (size_t k = 0; k < n; k++) {
			assert_non_null(d.pair[i].a);
			assert_non_null(d.pair[i].b);
			if (f[k].table != d.pair[i].a->table)
				continue;
			assert_int_equal(diff_change(&d, &d.pair[i], k, &c), 0);
			assert_true((isnan(c.a) && isnan(c.b)) || c.a == c.b);
			known += !isnan(c.a);
		}
	assert_true(known > 40);
	diff_close(&d);
}

static void verdicts_come_and_go(void **state)
{
	struct buf out = { 0 };
	struct diff d;

	(void)state;
	/* Of 8 turns too little is known to say anything of the convoy. */
	convoy_write("a", 8);
	convoy_write("b", 300);
	d = open_ab();
	assert_int_equal(diff_print(&d, 1, 100, &out), 0);
	buf_add(&out, "", 1);
	assert_non_null(strstr(out.data, "\n+ new: convoy (convoy)\n"));
	assert_null(strstr(out.data, "- gone"));
	diff_close(&d);
	buf_free(&out);
	convoy_write("a", 280);
	d = open_ab();
	assert_int_equal(diff_print(&d, 1, 100, &out), 0);
	buf_add(&out, "", 1);
	assert_non_null(strstr(out.data, "\nVerdicts: the same in both.\n"));
	diff_close(&d);
	buf_free(&out);
}

static void no_record(void **state)
{
	(void)state;
	convoy_write("a", 8);
	assert_int_equal(folder_write("b", "pid,tid\n"), 0);
	refused("b: not a record of gilwatch");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_figure_has_its_name),
		FOLDER_TEST(rates_and_shares),
		FOLDER_TEST(percentiles_of_a_group),
		FOLDER_TEST(pairs_by_name_then_kind),
		FOLDER_TEST(no_guess_between_two),
		FOLDER_TEST(equal_addresses),
		FOLDER_TEST(beyond_the_noise),
		FOLDER_TEST(enough_intervals),
		FOLDER_TEST(silent_intervals),
		FOLDER_TEST(bad_folders),
		FOLDER_TEST(a_record_is_its_tables),
		FOLDER_TEST(verdicts_come_and_go),
		FOLDER_TEST(no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
