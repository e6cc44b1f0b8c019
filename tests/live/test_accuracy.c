// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * How accurate gilwatch is with real interpreters (accuracy.h). As a test: the
 * python3 on PATH with all workloads, each other interpreter with one of them.
 * With arguments, for `make accuracy`, the table that stands in the README:
 *
 *	test_accuracy --table [NAME [PROBES]]
 *
 * of all, or of those with NAME in their path, with --probes=PROBES.
 *
 * Each cell has the errors in per cent of handoffs / wait time / response
 * delay, the larger one of the runs with two and with four threads; "-" where
 * there is nothing to compare with.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "accuracy.h"

#define SECONDS 2.0
#define SECONDS_ECHO 4.0 /* an answer has to be waited for */

#define RESPONSE_MIN_NS 1e6

/* A run that misses its margins is repeated: the machine has other work too. */
#define RUNS_TABLE COMPARE_TRIES

static struct interps list[INTERPS_MAX];
static size_t interpreters;

static double seconds(enum accuracy_workload w)
{
	return w == ACCURACY_ECHO ? SECONDS_ECHO : SECONDS;
}

static void tell(const struct accuracy_case *t, const struct accuracy *a)
{
	printf("# %s, %s, %u threads, %s: handoffs %.0f of %.0f, wait %.1f of "
	       "%.1f "
	       "ms (%zu threads), response %.2f of %.2f ms (%zu)\n",
	       t->i->name, accuracy_name(t->workload), t->threads, t->probes,
	       a->handoffs.seen, a->handoffs.truth, a->wait.seen / 1e6,
	       a->wait.truth / 1e6, a->threads, a->response.seen / 1e6,
	       a->response.truth / 1e6, a->late);
	fflush(stdout);
}

static void measure(struct compare *c, const void *ctx)
{
	const struct accuracy_case *t = ctx;
	struct accuracy a;

	accuracy_measure(&a, t);
	tell(t, &a);
	accuracy_judge(c, &a);
}

static void agrees(void **state)
{
	live_require();
	compare_retry(measure, *state);
}

static void there_are_some(void **state)
{
	(void)state;
	assert_true(interpreters > 0);
}

/* ---- the table ------------------------------------------------------------
 */

/* The largest error of a cell, and whether there is one. */
struct cell {
	double percent[3];
	bool known[3];
	bool missed;
	char name[INTERP_NAME];
};

static void take(struct cell *cell, int what, const struct accuracy_pair *p)
{
	double percent = accuracy_percent(p);

	/* Of some microseconds the reading of the clocks is a large part. */
	if (p->truth < (what == 2 ? RESPONSE_MIN_NS : 0))
		return;
	if (!cell->known[what] || fabs(percent) > fabs(cell->percent[what]))
		cell->percent[what] = percent;
	cell->known[what] = true;
}

static void fill(struct cell *cell, const struct accuracy_case *t)
{
	struct compare c;
	struct accuracy a;
	int run = 0;

	do {
		c = (struct compare){ .len = 0 };
		accuracy_measure(&a, t);
		accuracy_judge(&c, &a);
		fprintf(stderr, "%s %s %u: %s", t->i->name,
			accuracy_name(t->workload), t->threads,
			c.misses ? c.text : "within its margins\n");
		live_teardown(NULL);
	} while (c.misses && ++run < RUNS_TABLE);
	memcpy(cell->name, a.name, sizeof(cell->name));
	take(cell, 0, &a.handoffs);
	take(cell, 1, &a.wait);
	take(cell, 2, &a.response);
	cell->missed = cell->missed || c.misses;
}

static void print_cell(const struct cell *cell)
{
	printf(" |");
	for (int i = 0; i < 3; i++) {
		if (cell->known[i])
			printf("%s%.1f", i ? " / " : " ",
			       fabs(cell->percent[i]));
		else
			printf("%s-", i ? " / " : " ");
	}
	if (cell->missed)
		printf(" (!)");
}

static const char *wanted = "", *probes = "futex";

static void table_row(const struct interps *i)
{
	static const unsigned int threads[] = { 2, 4 };
	struct accuracy_case t = { .i = i, .probes = probes };
	struct cell cell[ACCURACY_WORKLOADS] = { 0 };

	for (t.workload = 0; t.workload < ACCURACY_WORKLOADS; t.workload++) {
		for (size_t k = 0; k < 2; k++) {
			t.threads = threads[k];
			t.seconds = seconds(t.workload);
			fill(&cell[t.workload], &t);
		}
	}
	printf("| %s%s", cell[0].name,
	       i->root[0] || strncmp(i->path, "/usr/", 5) ? ""
							  : " of this system");
	for (size_t k = 0; k < ACCURACY_WORKLOADS; k++)
		print_cell(&cell[k]);
	printf(" |\n");
	fflush(stdout);
}

static void the_table(void **state)
{
	(void)state;
	live_require();
	printf("| interpreter | cpu | sleep | read | echo | locks | two |\n"
	       "| --- | --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < interpreters; i++)
		if (strstr(list[i].name, wanted))
			table_row(&list[i]);
}

static int table(void)
{
	const struct CMUnitTest tests[] = { LIVE_TEST(the_table) };

	return _cmocka_run_group_tests("table", tests, 1, NULL, NULL);
}

/* ---- the test -------------------------------------------------------------
 */

/* The last CPython 3: the system's own, where it has one. */
static size_t main_one(void)
{
	size_t found = 0;

	for (size_t i = 0; i < interpreters; i++)
		if (list[i].kind == INTERPS_PYTHON && list[i].major == 3 &&
		    !list[i].root[0])
			found = i;
	return found;
}

static struct accuracy_case one(const struct interps *i,
				enum accuracy_workload w, unsigned int threads,
				const char *how)
{
	return (struct accuracy_case){ i, w, threads, seconds(w), how };
}

/* All workloads under one, one workload under each other; by the scheduler
 * alone what can be seen so (not holds of some microseconds). */
static size_t choose(struct accuracy_case *cases)
{
	size_t n = 0, first = main_one();
	bool gilvm;

	for (enum accuracy_workload w = 0; w < ACCURACY_WORKLOADS; w++)
		cases[n++] = one(&list[first], w, 2, "futex");
	for (size_t i = 0; i < interpreters; i++) {
		gilvm = list[i].kind == INTERPS_GILVM;
		if (i != first && !list[i].root[0])
			cases[n++] = one(&list[i],
					 gilvm ? ACCURACY_SLEEP : ACCURACY_CPU,
					 4, "futex");
		if (i == first || (gilvm && strcmp(list[i].policy, "ticks")))
			cases[n++] = one(&list[i],
					 gilvm ? ACCURACY_SLEEP : ACCURACY_CPU,
					 2, "sched");
	}
	return n;
}

#define CASES (2 * INTERPS_MAX + ACCURACY_WORKLOADS)

int main(int argc, char **argv)
{
	static struct accuracy_case cases[CASES];
	static struct CMUnitTest tests[CASES + 1] = {
		{ "there_are_some", there_are_some, NULL, NULL, NULL },
	};
	static char name[CASES][PATH_MAX];
	size_t n;

	interpreters = interps_find(list);
	if (argc > 1) {
		wanted = argc > 2 ? argv[2] : "";
		probes = argc > 3 ? argv[3] : "futex";
		return table();
	}
	n = choose(cases);
	for (size_t i = 0; i < n; i++) {
		snprintf(name[i], sizeof(name[i]), "%.3900s_%s_%s",
			 cases[i].i->name, accuracy_name(cases[i].workload),
			 cases[i].probes);
		tests[i + 1] = (struct CMUnitTest){ name[i], agrees, NULL,
						    live_teardown, &cases[i] };
	}
	return _cmocka_run_group_tests("accuracy", tests, n + 1, NULL, NULL);
}
