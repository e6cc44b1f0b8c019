// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The last record of a thread: what is packed comes out as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ended_read.h"

static struct gw_thread thread;
static struct gw_ended packed;

static void count(struct hist *hist, struct gw_max *max, uint64_t ns)
{
	uint32_t bucket = hist_bucket(ns);

	hist->count[bucket]++;
	max->groups |= 1u << hist_group(bucket);
}

static void wakes_after(uint64_t ns)
{
	count(&thread.wakeup, &thread.wakeup_max, ns);
}

static void responds_after(uint64_t ns)
{
	uint32_t place = ended_upper(hist_bucket(ns));

	count(&thread.response, &thread.response_max, ns);
	if (place != ENDED_NO_UPPER)
		thread.response_upper.count[place] =
			(uint16_t)(thread.response_upper.count[place] +
				   hist_upper(ns));
}

/* As the kernel side does it; the rest of the buffer is from another thread. */
static size_t pack(void)
{
	memset(&packed, 0xa5, sizeof(packed));
	packed.names = (struct gw_names){ "name", "process" };
	packed.now_ns = 77;
	memcpy(packed.thread, &thread, sizeof(packed.thread));
	return ended_pack(&packed, &thread);
}

static void check(size_t size)
{
	struct gw_live live;

	memset(&live, 0x5a, sizeof(live));
	assert_true(ended_read(&live, &packed, size));
	assert_memory_equal(&live.thread, &thread, sizeof(thread));
	assert_string_equal(live.names.comm, "name");
	assert_string_equal(live.names.process, "process");
	assert_int_equal(live.now_ns, 77);
}

static int begin(void **state)
{
	(void)state;
	memset(&thread, 0, sizeof(thread));
	thread.serial = 5;
	thread.time_ns[GW_RUNNING] = 123456789;
	return 0;
}

static void without_histograms(void **state)
{
	(void)state;
	assert_int_equal(pack(), offsetof(struct gw_ended, part));
	check(offsetof(struct gw_ended, part));
}

static void with_some_groups(void **state)
{
	size_t size;

	(void)state;
	wakes_after(0);
	wakes_after(5000);
	wakes_after(5000);
	wakes_after(70000000000);
	responds_after(5000);
	responds_after(5400000); /* in a lower half, and in an upper one */
	responds_after(5700000);
	responds_after(9000000000);
	size = pack();
	assert_int_equal(size, offsetof(struct gw_ended, part) +
				       6 * sizeof(struct ended_part));
	check(size);
}

/* Every bucket, also those that are in no group of eight of response_upper. */
static void with_all_groups(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < HIST_BUCKETS; i++) {
		uint64_t low = hist_low(i), width = hist_low(i + 1) - low;

		wakes_after(low);
		responds_after(low);
		if (i + 1 < HIST_BUCKETS)
			responds_after(low + width - 1);
	}
	assert_int_equal(pack(),
			 offsetof(struct gw_ended, part[ENDED_PARTS]));
	check(offsetof(struct gw_ended, part[ENDED_PARTS]));
}

static void what_is_no_record(void **state)
{
	struct gw_live live;
	size_t size;

	(void)state;
	wakes_after(5000);
	size = pack();
	assert_false(ended_read(&live, &packed, size - 1));
	assert_false(ended_read(&live, &packed, sizeof(struct gw_message)));
	packed.part[0].group = HIST_GROUPS;
	assert_false(ended_read(&live, &packed, size));
	pack();
	packed.parts = ENDED_PARTS + 1;
	assert_false(ended_read(&live, &packed, sizeof(packed)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_histograms, begin),
		cmocka_unit_test_setup(with_some_groups, begin),
		cmocka_unit_test_setup(with_all_groups, begin),
		cmocka_unit_test_setup(what_is_no_record, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
