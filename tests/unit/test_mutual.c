// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Semaphores that are locks, and those that hand on work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "mutual.h"
#include "shots.h"

/* The model of one semaphore; the edges are added by the test. */
struct scene {
	struct snapshot s;
	struct model m;
};

static void begin(struct scene *x, enum gw_kind kind)
{
	struct gw_lock *k;

	shot_begin(&x->s, 1);
	shot_image(&x->s, 1, "app");
	k = shot_lock(&x->s, 1, 0x1000);
	k->kind = kind;
	k->waits = 1;
	for (uint32_t i = 1; i <= 4; i++)
		shot_thread(&x->s, i, 1, 100 + i, "t");
}

static bool is_lock(struct scene *x)
{
	bool mutual;

	snapshot_close(&x->s);
	assert_int_equal(model_new(&x->m, NULL, &x->s, true), 0);
	mutual = shot_lock_row(&x->m, 0x1000)->mutual;
	model_free(&x->m);
	snapshot_free(&x->s);
	return mutual;
}

static void threads_that_take_turns(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, GW_KIND_SEM);
	shot_edge(&x.s, 0, 1, 2, 50);
	shot_edge(&x.s, 0, 2, 1, 50);
	assert_true(is_lock(&x));
	/* Nobody gives it back to whom it has it from. */
	begin(&x, GW_KIND_SEM);
	shot_edge(&x.s, 0, 1, 2, 50);
	shot_edge(&x.s, 0, 2, 3, 50);
	shot_edge(&x.s, 0, 3, 1, 50);
	assert_true(is_lock(&x));
}

static void work_goes_one_way(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, GW_KIND_SEM);
	shot_edge(&x.s, 0, 1, 2, 5000);
	shot_edge(&x.s, 0, 1, 3, 5000);
	shot_edge(&x.s, 0, 4, 2, 5000);
	assert_false(is_lock(&x));
	/* From stage to stage of a pipeline. */
	begin(&x, GW_KIND_SEM);
	shot_edge(&x.s, 0, 1, 2, 5000);
	shot_edge(&x.s, 0, 2, 3, 5000);
	assert_false(is_lock(&x));
}

/* From a share of what goes both ways on. */
static void from_a_share(void **state)
{
	uint64_t both = MUTUAL_PERCENT / 2, rest = 100 - MUTUAL_PERCENT;
	struct scene x;

	(void)state;
	begin(&x, GW_KIND_SEM);
	shot_edge(&x.s, 0, 1, 2, both);
	shot_edge(&x.s, 0, 2, 1, both);
	shot_edge(&x.s, 0, 3, 4, rest);
	assert_true(is_lock(&x));
	begin(&x, GW_KIND_SEM);
	shot_edge(&x.s, 0, 1, 2, both);
	shot_edge(&x.s, 0, 2, 1, both);
	shot_edge(&x.s, 0, 3, 4, rest + 1);
	assert_false(is_lock(&x));
}

static void from_a_number(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, GW_KIND_SEM);
	shot_edge(&x.s, 0, 1, 2, MUTUAL_MIN / 2);
	shot_edge(&x.s, 0, 2, 1, MUTUAL_MIN - MUTUAL_MIN / 2);
	assert_true(is_lock(&x));
	begin(&x, GW_KIND_SEM);
	shot_edge(&x.s, 0, 1, 2, MUTUAL_MIN / 2);
	shot_edge(&x.s, 0, 2, 1, MUTUAL_MIN - MUTUAL_MIN / 2 - 1);
	assert_false(is_lock(&x));
}

/* Of others the futex calls tell. */
static void of_semaphores_only(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, GW_KIND_COND);
	shot_edge(&x.s, 0, 1, 2, 50);
	shot_edge(&x.s, 0, 2, 1, 50);
	assert_false(is_lock(&x));
}

/* Each semaphore by its own handoffs. */
static void of_each_by_itself(void **state)
{
	struct gw_lock *k;
	struct scene x;

	(void)state;
	begin(&x, GW_KIND_SEM);
	k = shot_lock(&x.s, 1, 0x2000);
	k->kind = GW_KIND_SEM;
	k->waits = 1;
	/* Two that take turns by two semaphores, one for each way. */
	shot_edge(&x.s, 0, 1, 2, 50);
	shot_edge(&x.s, 1, 2, 1, 50);
	assert_false(is_lock(&x));
}

/* ---- names ----------------------------------------------------------------
 */

/* waits: for the GIL; with none it has no row. */
static void check_name(const char *gil, uint64_t waits, bool mutual,
		       const char *kind, const char *name)
{
	const struct model_lock *l;
	struct scene x;

	begin(&x, GW_KIND_SEM);
	shot_lock(&x.s, 1, 0x3000)->kind = GW_KIND_GIL;
	x.s.locks[1].k.waits = waits;
	x.s.locks[1].name = gil;
	shot_edge(&x.s, 0, 1, 2, 50);
	if (mutual)
		shot_edge(&x.s, 0, 2, 1, 50);
	snapshot_close(&x.s);
	assert_int_equal(model_new(&x.m, NULL, &x.s, true), 0);
	l = shot_lock_row(&x.m, 0x1000);
	assert_string_equal(model_lock_kind(l), kind);
	assert_string_equal(l->name, name);
	assert_int_equal(x.m.nlocks, waits ? 2 : 1);
	assert_string_equal(x.m.processes[0].gil, gil);
	model_free(&x.m);
	snapshot_free(&x.s);
}

static void names_in_a_python(void **state)
{
	(void)state;
	check_name("CPython 3.11 GIL", 1, true, "lock", "threading.Lock");
	check_name("CPython 3.11 GIL", 1, false, "semaphore", "Python lock");
	check_name("CPython 3.11 GIL", 0, true, "lock", "threading.Lock");
	check_name("Ruby 3.1 GVL", 1, true, "lock", "");
	check_name("Ruby 3.1 GVL", 1, false, "semaphore", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_that_take_turns),
		cmocka_unit_test(work_goes_one_way),
		cmocka_unit_test(from_a_share),
		cmocka_unit_test(from_a_number),
		cmocka_unit_test(of_semaphores_only),
		cmocka_unit_test(of_each_by_itself),
		cmocka_unit_test(names_in_a_python),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
