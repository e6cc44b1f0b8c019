// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* gilwatch diff on real runs: a lock that is held for longer changes hands less
 * often, and a run differs from itself in nothing. */
#include <stdio.h>
#include <string.h>

#include "live.h"

/* Watches threads that hold a mutex for so long each time. */
static const char *run_with(const char *hold_us)
{
	const char *folder = live_folder();
	struct live *l;

	l = live_run((const char *[]){ live_gilwatch(), "-q", "-i", "0.1",
				       "--csv", live_path(folder, "csv"), "--",
				       live_workload("handoff"), "--lock",
				       "mutex", "--threads", "4", "--hold-us",
				       hold_us, "--duration", "1.5", NULL },
		     NULL, NULL);
	assert_int_equal(l->status, 0);
	live_done(l);
	return folder;
}

static int diff(const char *a, const char *b, const char *condition,
		const char *part)
{
	struct live *l;
	int status;

	l = live_run((const char *[]){ live_gilwatch(), "diff", "--fail-if",
				       condition, live_path(a, "csv"),
				       live_path(b, "csv"), NULL },
		     NULL, NULL);
	status = l->status;
	if (!strstr(live_out(l), "\nmutex") || !strstr(live_err(l), part))
		fail_msg("no \"%s\" in:\n%s%s", part, live_out(l), live_err(l));
	live_done(l);
	return status;
}

static void longer_holds_are_fewer_handoffs(void **state)
{
	const char *quick, *slow;

	(void)state;
	live_require();
	quick = run_with("1000");
	slow = run_with("8000");
	assert_int_equal(diff(quick, slow, "mutex*:handoffs_per_s<-50%",
			      "beyond the noise"),
			 1);
	assert_int_equal(diff(slow, quick, "mutex*:handoffs_per_s<-50%", ""),
			 0);
	assert_int_equal(diff(quick, slow, "mutex*:hold_ns_p50>+200%",
			      "hold_ns_p50 of mutex"),
			 1);
	assert_int_equal(diff(slow, slow, "handoffs_per_s>+0%", ""), 0);
	assert_int_equal(diff(slow, slow, "wait_ns_p99<-0%", ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(longer_holds_are_fewer_handoffs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
