// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What gilwatch sees of gilvm's lock, against what gilvm counted itself.
 * Needs root. The figures are printed, not only judged.
 */
#include "run.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "view.h"

#define RUNS 3

/* Differences of one run, relative to the truth. */
enum { WAITS, HANDOFFS, MATRIX, CALLS, WAIT_TIME, LONG_WAITS, DIFFERENCES };

struct difference {
	double of[DIFFERENCES];
	double few[DIFFERENCES]; /* what three events make of each */
};

static double relative(double seen, double truth)
{
	return truth > 0 ? seen / truth - 1 : 0;
}

/* To the truth a wait ends when the thread has the lock, to gilwatch when the
 * call returns from which it gets it: between them it may have to wait for the
 * mutex around the lock, which gilwatch counts beside. */
static double wait_time(const struct view *seen, const struct view *truth)
{
	if (seen->wait_ns > truth->wait_ns)
		return relative(seen->wait_ns, truth->wait_ns);
	return relative(fmin(seen->wait_ns + seen->inner_ns, truth->wait_ns),
			truth->wait_ns);
}

static void compare_views(const struct view *seen, const struct view *truth,
			  struct difference *d)
{
	double few = 3 / truth->handoffs;

	*d = (struct difference){
		.of = { [WAITS] = relative(seen->contended, truth->contended),
			[HANDOFFS] = relative(seen->handoffs, truth->handoffs),
			[MATRIX] =
				view_misplaced(seen, truth) / truth->handoffs,
			[CALLS] = relative(seen->calls, truth->calls),
			[WAIT_TIME] = wait_time(seen, truth),
			[LONG_WAITS] = relative(seen->longer, truth->longer) },
		.few = { [WAITS] = few,
			 [HANDOFFS] = few,
			 [MATRIX] = few,
			 [CALLS] = few,
			 [LONG_WAITS] = 3 / fmax(truth->longer, 1) },
	};
}

static void show(const char *options, const struct view *seen,
		 const struct view *truth, const struct difference *d)
{
	print_message("%s, truth/seen: waits %.0f/%.0f (%+.2f %%), handoffs "
		      "%.0f/%.0f (%+.2f %%), misplaced %.2f %%\n",
		      options, truth->contended, seen->contended,
		      d->of[WAITS] * 100, truth->handoffs, seen->handoffs,
		      d->of[HANDOFFS] * 100, d->of[MATRIX] * 100);
	print_message("  FUTEX_WAIT calls %.0f/%.0f (%+.2f %%), waited "
		      "%.3f/%.3f s (%+.2f %%, %+.0f ns a call; "
		      "%.3f s for its mutex), waits of %d us and more "
		      "%.0f/%.0f (%+.2f %%)\n",
		      truth->calls, seen->calls, d->of[CALLS] * 100,
		      truth->wait_ns / 1e9, seen->wait_ns / 1e9,
		      relative(seen->wait_ns, truth->wait_ns) * 100,
		      (seen->wait_ns - truth->wait_ns) / truth->calls,
		      seen->inner_ns / 1e9, LONG_WAIT_NS / 1000, truth->longer,
		      seen->longer, d->of[LONG_WAITS] * 100);
}

static void watch_once(const char *options, struct difference *d)
{
	struct view truth = { 0 }, seen = { 0 };
	char folder[256], stats[256];
	struct result r;

	snprintf(folder, sizeof(folder), "%s", temp_name("watched"));
	mkdir(folder, 0777);
	chmod(folder, 0777);
	snprintf(stats, sizeof(stats), "%s", temp_name("watched/truth.json"));
	run(&r, 60,
	    "./gilwatch -q --as-root --csv %s -- %s %s --stats=%s "
	    "workloads/programs/convoy.py 2 1.5 0.001",
	    folder, built("workloads/gilvm"), options, stats);
	if (r.status)
		fail_msg("exit status %d: %s%s", r.status, r.out, r.err);
	result_free(&r);
	view_truth(&truth, stats);
	view_seen(&seen, folder);
	compare_views(&seen, &truth, d);
	show(options, &seen, &truth, d);
	/* One holder at a time, whatever was seen of it. */
	assert_true(seen.hold_ns <= truth.wall_ns * 1.02);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v)
{
	qsort(v, RUNS, sizeof(*v), by_value);
	return v[RUNS / 2];
}

/* The median of three runs, so that one hiccup of the machine decides
 * nothing; the few counts are what an attach in the middle may cost. A margin
 * of 0 is not judged. */
static void compare(const char *options, const double margin[DIFFERENCES])
{
	static const char *const name[] = { "waits",     "handoffs",
					    "matrix",    "FUTEX_WAIT calls",
					    "wait time", "long waits" };
	struct difference d[RUNS];
	double over[RUNS];

	for (int i = 0; i < RUNS; i++)
		watch_once(options, &d[i]);
	for (int k = 0; k < DIFFERENCES; k++) {
		for (int i = 0; i < RUNS; i++)
			over[i] = fabs(d[i].of[k]) - d[i].few[k];
		if (margin[k] > 0 && median(over) > margin[k])
			fail_msg("%s of %s: more than %.0f %% off", name[k],
				 options, margin[k] * 100);
	}
}

static void need_gilwatch(void)
{
	if (geteuid())
		skip_because("gilwatch needs root");
	if (access("gilwatch", X_OK))
		skip_because("gilwatch is not built");
}

/* glibc's condition variable may call FUTEX_WAIT more than once, or not at
 * all, for one wait, and does not tell: its calls are printed, not judged. */
static void interval_agrees(void **state)
{
	static const double margin[DIFFERENCES] = { [WAITS] = 0.01,
						    [HANDOFFS] = 0.01,
						    [MATRIX] = 0.01,
						    [WAIT_TIME] = 0.01,
						    [LONG_WAITS] = 0.01 };

	(void)state;
	need_gilwatch();
	compare("--gil=interval", margin);
}

/* Five times as many handoffs, of which more begin with a timeout: who handed
 * over is inferred then. */
static void a_short_interval_agrees(void **state)
{
	static const double margin[DIFFERENCES] = { [WAITS] = 0.01,
						    [HANDOFFS] = 0.01,
						    [MATRIX] = 0.02,
						    [WAIT_TIME] = 0.02,
						    [LONG_WAITS] = 0.01 };

	(void)state;
	need_gilwatch();
	compare("--gil=interval --interval=0.001", margin);
}

static void fair_agrees(void **state)
{
	static const double margin[DIFFERENCES] = {
		[WAITS] = 0.01, [HANDOFFS] = 0.01,  [MATRIX] = 0.01,
		[CALLS] = 0.01, [WAIT_TIME] = 0.01, [LONG_WAITS] = 0.01
	};

	(void)state;
	need_gilwatch();
	compare("--gil=fair", margin);
}

/*
 * Up to hundreds of thousands a second, of which most end before they began
 * (EAGAIN): two acquisitions of one thread within 50 us, with no release that
 * makes a futex call between them, look like one. The truth reads its clock
 * before the call and when it has the lock, gilwatch at the kernel's two
 * doors: half a microsecond less for each call, which is a third of all the
 * time when waits take 1.5 us. So that sum is printed, and the long waits are
 * judged, of which some are long only because the thread lost its CPU on the
 * way out, with nobody there to take the lock meanwhile: that is no wait to
 * gilwatch. What is missed of the waits grows with the share of short holds:
 * 0.5 to 1.7 % were seen with a semaphore, 1.5 to 5 % with a condition
 * variable, in both with every call counted.
 */
static void compare_ticks(const char *options, double margin)
{
	const double margins[DIFFERENCES] = {
		[WAITS] = margin, [HANDOFFS] = margin, [MATRIX] = margin,
		[CALLS] = 0.001,  [LONG_WAITS] = 0.3,
	};

	need_gilwatch();
	compare(options, margins);
}

static void ticks_agree(void **state)
{
	(void)state;
	compare_ticks("--gil=ticks", 0.03);
}

static void ticks_with_a_condition_variable_agree(void **state)
{
	(void)state;
	compare_ticks("--gil=ticks --lock=cond", 0.06);
}

/* With holds ten times as long, which is tens of thousands of acquisitions a
 * second, nearly all of them are told apart. */
static void ticks_by_the_thousand_agree(void **state)
{
	(void)state;
	compare_ticks("--gil=ticks --check=1000", 0.03);
	compare_ticks("--gil=ticks --lock=cond --check=1000", 0.03);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interval_agrees),
		cmocka_unit_test(a_short_interval_agrees),
		cmocka_unit_test(fair_agrees),
		cmocka_unit_test(ticks_agree),
		cmocka_unit_test(ticks_with_a_condition_variable_agree),
		cmocka_unit_test(ticks_by_the_thousand_agree),
	};

	/* Other programs take CPUs away from threads that wait or hold, which
	 * is no part of the comparison. */
	run_first();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
