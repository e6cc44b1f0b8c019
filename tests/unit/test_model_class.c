// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The class of a thread, at both sides of each threshold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model.h"

#define COUNT_OF(a) (sizeof(a) / sizeof(*(a)))

/* Shares of a wall time of 10000; what is left is sleep. */
struct thread_case {
	const char *name;
	uint64_t running, runnable, lock_wait, gil_wait;
	uint64_t sleeps, preempted, waits;
	enum model_class class;
};

#define NO_GIL MODEL_UNKNOWN

/* The thresholds, of a wall time of 10000 and of 100 turns. */
#define IDLE (MODEL_IDLE_PERCENT * 100)
#define STARVED (MODEL_STARVED_PERCENT * 100)
#define HELD_UP (MODEL_CPU_PERCENT * 100)
#define OFTEN MODEL_IO_PERCENT

static const struct thread_case cases[] = {
	{ "nothing", 0, 0, 0, NO_GIL, 0, 0, 0, MODEL_IDLE },
	{ "hardly active", IDLE - 40, 39, 0, NO_GIL, 100, 0, 0, MODEL_IDLE },
	{ "active, sleeps often", IDLE - 40, 40, 0, NO_GIL, 100, 0, 0,
	  MODEL_IO_BOUND },
	{ "active, never sleeps elsewhere", IDLE - 40, 40, 0, NO_GIL, 0, 0, 0,
	  MODEL_MIXED },
	{ "all the time on a lock that is no known GIL", IDLE - 1, 0, 9900,
	  NO_GIL, 0, 0, 9, MODEL_IDLE },
	{ "hardly starved", IDLE - 1, 0, STARVED - 1, STARVED - 1, 100, 0, 0,
	  MODEL_IDLE },
	{ "starved", IDLE - 1, 0, STARVED, STARVED, 100, 0, 0, MODEL_IO_BOUND },
	{ "nearly always held up", HELD_UP - 4000, 1999, 2000, NO_GIL, 0, 9, 9,
	  MODEL_MIXED },
	{ "always held up", HELD_UP - 4000, 2000, 2000, NO_GIL, 0, 9, 9,
	  MODEL_CPU_BOUND },
	{ "always held up by the GIL", HELD_UP - 4000, 0, 4000, 4000, 0, 0, 9,
	  MODEL_CPU_BOUND },
	{ "of the lock waits only the GIL's count", HELD_UP - 4000, 0, 4500,
	  3999, 0, 0, 9, MODEL_MIXED },
	{ "runs all the time", 10000, 0, 0, NO_GIL, 0, 50, 0, MODEL_CPU_BOUND },
	{ "sleeps too rarely", 9500, 0, 0, NO_GIL, OFTEN - 1, 40, 60,
	  MODEL_CPU_BOUND },
	{ "sleeps often enough", 9500, 0, 0, NO_GIL, OFTEN, 40, 60,
	  MODEL_IO_BOUND },
	{ "sleeps too rarely, but long", 5000, 0, 0, NO_GIL, OFTEN - 1, 40, 60,
	  MODEL_MIXED },
	{ "starved by the GIL after each sleep", 50, 50, 9500, 9500, 100, 0,
	  100, MODEL_IO_BOUND },
};

static enum model_class class_of(const struct thread_case *c)
{
	struct model_thread t = {
		.wall_ns = 10000,
		.time_ns = { c->running, c->runnable, c->lock_wait },
		.gil_wait_ns = c->gil_wait,
		.sleeps = c->sleeps,
		.preempted = c->preempted,
		.waits = c->waits,
	};

	t.time_ns[GW_SLEEPING] =
		10000 - c->running - c->runnable - c->lock_wait;
	return model_classify(&t);
}

static void thresholds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (class_of(&cases[i]) != cases[i].class)
			print_error("%s: %s\n", cases[i].name,
				    model_class_name(class_of(&cases[i])));
		assert_int_equal(class_of(&cases[i]), cases[i].class);
	}
}

/* The shares are what counts, in windows of years too. */
static void long_windows(void **state)
{
	const uint64_t year = 365ull * 86400 * 1000000000;
	struct model_thread t = { .wall_ns = year,
				  .gil_wait_ns = MODEL_UNKNOWN };

	(void)state;
	t.time_ns[GW_RUNNING] = year;
	assert_int_equal(model_classify(&t), MODEL_CPU_BOUND);
	t.time_ns[GW_RUNNING] = year / 1000;
	assert_int_equal(model_classify(&t), MODEL_IDLE);
}

/* A thread that was not there for any time did nothing. */
static void no_time_at_all(void **state)
{
	struct model_thread t = { .gil_wait_ns = MODEL_UNKNOWN };

	(void)state;
	assert_int_equal(model_classify(&t), MODEL_IDLE);
	t.gil_wait_ns = 0;
	assert_int_equal(model_classify(&t), MODEL_IDLE);
}

static void check_names(const char *(*name)(unsigned int i), unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		assert_non_null(name(i));
		assert_true(*name(i));
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(name(i), name(j));
	}
}

static const char *kind(unsigned int i)
{
	return model_kind_name((enum gw_kind)i);
}

static const char *class(unsigned int i)
{
	return model_class_name((enum model_class)i);
}

static const char *lost(unsigned int i)
{
	return model_lost_name((enum gw_lost)i);
}

static const char *metric(unsigned int i)
{
	return model_metric_name((enum gw_metric)i);
}

static void all_have_names(void **state)
{
	(void)state;
	check_names(kind, GW_KINDS);
	check_names(class, MODEL_MIXED + 1);
	check_names(lost, GW_LOST_CAUSES);
	check_names(metric, GW_METRICS);
	/* From a newer kernel side. */
	assert_string_equal(kind(GW_KINDS), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thresholds),
		cmocka_unit_test(long_windows),
		cmocka_unit_test(no_time_at_all),
		cmocka_unit_test(all_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
