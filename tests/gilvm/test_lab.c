// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The experiments: what each of them claims, holds. Needs root. The margins
 * stand in the claims themselves (workloads/lablib), which are printed.
 * GILVM_LAB_SCALE in the environment: size of the experiments (0.4; `make lab`
 * runs them at 1).
 */
#include "run.h"

#include <unistd.h>

#include "table.h"

/* A busy machine can hide an effect, but not make one up. */
#define ATTEMPTS 3

struct claims {
	int hold, fail, busy;
};

static void read_claims(const char *path, struct claims *c)
{
	struct table t;

	memset(c, 0, sizeof(*c));
	table_open(&t, path);
	while (table_next(&t)) {
		const char *result = table_text(&t, "source");

		if (strcmp(table_text(&t, "figure"), "claim"))
			continue;
		print_message("%s: %s: %s\n", result,
			      table_text(&t, "experiment"),
			      table_text(&t, "value"));
		c->hold += !strcmp(result, "holds");
		c->fail += !strcmp(result, "fails");
		c->busy += !strcmp(result, "busy");
	}
	table_close(&t);
}

static void experiment(const char *name)
{
	const char *scale = getenv("GILVM_LAB_SCALE");
	struct claims c = { 0 };
	char path[256];
	struct result r;

	if (geteuid())
		skip_because("gilwatch needs root");
	if (access("gilwatch", X_OK))
		skip_because("gilwatch is not built");
	snprintf(path, sizeof(path), "%s", temp_name("lab.csv"));
	for (int i = 0; i < ATTEMPTS; i++) {
		run(&r, 300, "workloads/lab --scale %s --csv %s %s",
		    scale ? scale : "0.4", path, name);
		if (r.status > 1 || !strstr(r.out, "claims hold"))
			fail_msg("%s: exit status %d\n%s%s", name, r.status,
				 r.out, r.err);
		read_claims(path, &c);
		assert_int_equal(r.status, c.fail ? 1 : 0);
		if (c.fail || c.busy)
			print_message("%s", r.out);
		result_free(&r);
		if (!c.fail && !c.busy)
			break;
	}
	assert_int_equal(c.fail, 0);
	if (c.busy)
		skip_because("%s: other programs keep the machine busy", name);
	assert_true(c.hold > 0);
}

#define EXPERIMENT(name)                                                       \
	static void name##_shows(void **state)                                 \
	{                                                                      \
		(void)state;                                                   \
		experiment(#name);                                             \
	}

EXPERIMENT(refcount)
EXPERIMENT(race)
EXPERIMENT(lock)
EXPERIMENT(deadlock)
EXPERIMENT(cpu)
EXPERIMENT(io)
EXPERIMENT(countdown)
EXPERIMENT(checkinterval)
EXPERIMENT(convoy)
EXPERIMENT(longop)
EXPERIMENT(signal)

static void unknown_names_are_refused(void **state)
{
	struct result r;

	(void)state;
	run(&r, 20, "workloads/lab nonsense");
	assert_int_equal(r.status, 2);
	assert_non_null(strstr(r.err, "no experiment nonsense"));
	result_free(&r);
	run(&r, 20, "workloads/lab --scale 99 io");
	assert_int_equal(r.status, 2);
	result_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refcount_shows),
		cmocka_unit_test(race_shows),
		cmocka_unit_test(lock_shows),
		cmocka_unit_test(deadlock_shows),
		cmocka_unit_test(cpu_shows),
		cmocka_unit_test(io_shows),
		cmocka_unit_test(countdown_shows),
		cmocka_unit_test(checkinterval_shows),
		cmocka_unit_test(convoy_shows),
		cmocka_unit_test(longop_shows),
		cmocka_unit_test(signal_shows),
		cmocka_unit_test(unknown_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
