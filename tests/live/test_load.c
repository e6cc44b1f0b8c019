// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loads: what is counted and what is lost are together the truth, hot locks
 * keep their counts, and memory does not grow.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csvtable.h"
#include "figure.h"
#include "live.h"
#include "loads.h"

/* Where far more end at once than the buffer takes. */
#define ENDED "buffer for ended threads full"

static uint64_t total(const struct loads *l, const char *table,
		      const char *column)
{
	struct csvtable t;
	uint64_t sum;

	csv_read(&t, l->csv, table);
	sum = csv_sum(&t, column, "scope", "total", NULL);
	csv_done(&t);
	return sum;
}

/* Sums over the intervals are those since the start. */
static void check_intervals(const struct loads *l, const char *table,
			    const char *column)
{
	struct csvtable t;

	csv_read(&t, l->csv, table);
	assert_int_equal(csv_sum(&t, column, "scope", "interval", NULL),
			 csv_sum(&t, column, "scope", "total", NULL));
	csv_done(&t);
}

/* ---- the loads -----------------------------------------------------------
 */

static void a_million_futex_calls_a_second(void **state)
{
	struct loads l;

	(void)state;
	live_require();
	loads_run(&l, "calls", 1000000, figure_seconds(5, 60));
	figure("futex calls a second reached: %llu",
	       (unsigned long long)loads_truth(&l, "rate"));
	loads_check(&l, "waits of futex calls", loads_waits(&l),
		    loads_truth(&l, "waits"), "lock table full");
	loads_check(&l, "wakes of futex calls", total(&l, "locks", "wakes"),
		    loads_truth(&l, "wakes"), "");
}

static void check_locks(const struct loads *l, const char *what)
{
	uint64_t hot = loads_truth(l, "hot_waits");

	assert_int_equal(loads_waits_of(l, loads_truth(l, "hot")), hot);
	figure("%s: the hot lock between them: %llu of %llu counted", what,
	       (unsigned long long)hot, (unsigned long long)hot);
	loads_check_locks(l, what);
	check_intervals(l, "locks", "waits");
	check_intervals(l, "handoffs", "handoffs");
}

static void locks_used_once(void **state)
{
	struct loads l;

	(void)state;
	live_require();
	loads_run(&l, "locks", 100000, 25000);
	check_locks(&l, "100,000 locks used once");
}

static uint64_t waits_of_kind(const struct loads *l, const char *kind)
{
	struct csvtable t;
	uint64_t sum;

	csv_read(&t, l->csv, "locks");
	sum = csv_sum(&t, "waits", "scope", "interval", "kind", kind, NULL);
	csv_done(&t);
	return sum;
}

static uint64_t at_full_speed(const char *option, const char *what)
{
	struct loads l;

	live_require();
	loads_run_with(&l, option, "locks", 100000, 10000000);
	check_locks(&l, what);
	assert_int_equal(loads_lost(&l, "lock table full"), 0);
	assert_int_equal(loads_lost(&l, "handoff table full"), 0);
	return waits_of_kind(&l, "unlisted");
}

static void locks_faster_than_they_can_go(void **state)
{
	uint64_t unlisted;

	(void)state;
	unlisted =
		at_full_speed("-q", "100,000 locks used once, at full speed");
	figure("of them without an entry: %llu", (unsigned long long)unlisted);
}

static void room_for_few_locks(void **state)
{
	(void)state;
	assert_in_range(at_full_speed("--max-locks=1024", "room for few"),
			10000, 110000);
}

static void room_for_all_locks(void **state)
{
	(void)state;
	assert_int_equal(at_full_speed("--max-locks=131072", "room for all"),
			 0);
}

/* Each thread is handed the word by another one: a pair for each, and room for
 * a tenth of a second of them. */
static void more_pairs_than_there_is_room_for(void **state)
{
	struct loads l;

	(void)state;
	live_require();
	loads_run_with(&l, "--max-locks=1024", "threads", 20000, 3);
	assert_int_equal(loads_lost(&l, "lock table full"), 0);
	loads_check(&l, "handoffs in pairs", total(&l, "handoffs", "handoffs"),
		    total(&l, "locks", "handoffs"), "handoff table full");
	check_intervals(&l, "handoffs", "handoffs");
}

/* Rows of one thread each, and those that are in sums. */
static uint64_t threads(const struct loads *l)
{
	struct csvtable t;
	uint64_t n;

	csv_read(&t, l->csv, "threads");
	n = csv_count(&t, "scope", "total", "folded", "0", NULL) +
	    csv_sum(&t, "folded", "scope", "total", NULL);
	csv_done(&t);
	return n;
}

static void threads_that_come_and_go(void **state)
{
	struct loads l;

	(void)state;
	live_require();
	loads_run(&l, "threads", 5000, figure_seconds(8, 120));
	figure("threads a second reached: %llu",
	       (unsigned long long)loads_truth(&l, "rate"));
	loads_check(&l, "threads that began and ended", threads(&l),
		    loads_truth(&l, "threads") + 1, ENDED);
	loads_check(&l, "their waits",
		    loads_waits_of(&l, loads_truth(&l, "word")),
		    loads_truth(&l, "waits"), "lock table full");
	check_intervals(&l, "threads", "voluntary");
	loads_check_memory(&l, "threads that began and ended");
}

static uint64_t most_in_an_interval(const struct loads *l)
{
	uint64_t most = 0, n = 0;
	const char *end = "";
	struct csvtable t;

	csv_read(&t, l->csv, "threads");
	for (size_t row = 0; row < t.rows; row++) {
		if (strcmp(csv_cell(&t, row, "scope"), "interval"))
			continue;
		if (strcmp(csv_cell(&t, row, "end_s"), end))
			n = 0;
		end = csv_cell(&t, row, "end_s");
		n += !csv_u64(&t, row, "folded");
		most = n > most ? n : most;
	}
	csv_done(&t);
	return most;
}

static void ten_thousand_threads(void **state)
{
	struct loads l;

	(void)state;
	live_require();
	loads_run(&l, "alive", 10000, figure_seconds(3, 60));
	loads_check(&l, "threads alive at once", most_in_an_interval(&l), 10001,
		    "");
	loads_check(&l, "and in all", threads(&l), 10001, "");
	loads_check(&l, "their waits",
		    loads_waits_of(&l, loads_truth(&l, "word")),
		    loads_truth(&l, "threads"), "");
}

static void processes_that_come_and_go(void **state)
{
	struct loads l;

	(void)state;
	live_require();
	loads_run(&l, "processes", 200, figure_seconds(36, 600));
	figure("processes a second reached: %llu",
	       (unsigned long long)loads_truth(&l, "rate"));
	loads_check(&l, "waits of processes that exec and exit",
		    loads_waits(&l), loads_truth(&l, "waits"),
		    "lock table full");
	loads_check(&l, "their threads", threads(&l),
		    loads_truth(&l, "processes") + 1, ENDED);
	check_intervals(&l, "threads", "migrations");
	assert_int_equal(total(&l, "threads", "migrations"),
			 total(&l, "migrations", "migrations"));
	loads_check_memory(&l, "processes that exec and exit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_million_futex_calls_a_second),
		LIVE_TEST(locks_used_once),
		LIVE_TEST(locks_faster_than_they_can_go),
		LIVE_TEST(room_for_few_locks),
		LIVE_TEST(room_for_all_locks),
		LIVE_TEST(more_pairs_than_there_is_room_for),
		LIVE_TEST(threads_that_come_and_go),
		LIVE_TEST(ten_thousand_threads),
		LIVE_TEST(processes_that_come_and_go),
	};

	return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
