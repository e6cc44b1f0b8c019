// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The largest value of a window when the kernel is in another one already. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "shots.h"

static uint64_t wait_max(struct shot_pair *p)
{
	uint64_t max;

	shot_pair_close(p);
	max = shot_lock_row(&p->m, 0x1000)->dist[GW_WAIT].max;
	shot_pair_end(p);
	return max;
}

/* The next window's first sample came before the record was read. */
static void record_is_of_the_next_window(void **state)
{
	struct gw_lock *a, *b;
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	a = shot_lock_at(&p.before, 0);
	b = shot_lock_at(&p.now, 0);
	a->max[GW_WAIT] = (struct gw_max){ .all = 9000000, .window = 1 };
	shot_samples(&b->hist[GW_WAIT], &b->max[GW_WAIT], 5000000, 10, 2);
	b->max[GW_WAIT].all = 9000000;
	b->max[GW_WAIT].recent = 70;
	b->max[GW_WAIT].window = 3;
	/* To a bucket, an eighth. */
	assert_in_range(wait_max(&p), 5000000, 5000000 * 9 / 8);
}

static void new_record_is_exact(void **state)
{
	struct gw_lock *b;
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	b = shot_lock_at(&p.now, 0);
	shot_samples(&b->hist[GW_WAIT], &b->max[GW_WAIT], 5000000, 10, 2);
	b->max[GW_WAIT].window = 3;
	b->max[GW_WAIT].recent = 70;
	assert_int_equal(wait_max(&p), 5000000);
}

/* Totals that were cleared: from a snapshot some windows back. */
static void several_intervals(void **state)
{
	struct gw_lock *a, *b;
	struct shot_pair p;

	(void)state;
	shot_pair_begin(&p);
	p.now.window = p.before.window + 5;
	a = shot_lock_at(&p.before, 0);
	b = shot_lock_at(&p.now, 0);
	a->max[GW_WAIT] = (struct gw_max){ .all = 9000000, .window = 1 };
	shot_samples(&b->hist[GW_WAIT], &b->max[GW_WAIT], 5000000, 10, 3);
	b->max[GW_WAIT].all = 9000000;
	assert_in_range(wait_max(&p), 5000000, 5000000 * 9 / 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_is_of_the_next_window),
		cmocka_unit_test(new_record_is_exact),
		cmocka_unit_test(several_intervals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
