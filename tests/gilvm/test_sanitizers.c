// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* gilvm built with AddressSanitizer, UBSan and ThreadSanitizer. */
#include "run.h"

#include <unistd.h>

static void need(const char *program)
{
	if (access(program, X_OK))
		skip_because("%s is not built: the compiler's sanitizer "
			     "runtime is missing (libasan and libtsan come "
			     "with gcc on Debian)",
			     program);
}

/* ThreadSanitizer cannot live with every layout of memory. */
static const char *const tsan_options =
	"TSAN_OPTIONS=exitcode=66:report_signal_unsafe=0";
static const char *const asan_options = "ASAN_OPTIONS=detect_leaks=0";

static void run_sanitized(const char *options, const char *program,
			  const char *gil, const char *command)
{
	struct result r;

	run(&r, 120, "env %s setarch -R %s %s %s", options, program, gil,
	    command);
	if (r.status || strstr(r.err, "Sanitizer") ||
	    strstr(r.err, "runtime error"))
		fail_msg("%s %s: exit status %d\n%s", gil, command, r.status,
			 r.err);
	result_free(&r);
}

static const char *const locks[] = {
	"--gil=interval --interval=0.001",
	"--gil=ticks --lock=sem",
	"--gil=ticks --lock=cond",
	"--gil=fair --interval=0.001",
};

#define N_LOCKS (sizeof(locks) / sizeof(locks[0]))

static const char *const threaded[] = {
	"tests/gilvm/lang/threads.py",
	"tests/gilvm/lang/process.py",
	"workloads/programs/race.py 3000",
	"workloads/programs/lock.py 500",
	"workloads/programs/refcount.py 3000",
	"workloads/programs/deadlock.py safe",
	"workloads/programs/deadlock.py unsafe 0.5",
	"workloads/programs/convoy.py 2 0.5",
	"workloads/programs/longop.py 20 2",
};

static void no_data_race_under_a_lock(void **state)
{
	char program[512];

	(void)state;
	snprintf(program, sizeof(program), "%s", built("workloads/gilvm-tsan"));
	need(program);
	for (size_t i = 0; i < N_LOCKS; i++) {
		for (size_t k = 0; k < sizeof(threaded) / sizeof(threaded[0]);
		     k++)
			run_sanitized(tsan_options, program, locks[i],
				      threaded[k]);
	}
	run_sanitized(tsan_options, program, "--stats=/dev/null",
		      "workloads/programs/convoy.py 2 0.5");
}

/* Without a lock there are races, and this build must be able to see them. */
static void data_races_without_a_lock_are_seen(void **state)
{
	char program[512];
	struct result r;

	(void)state;
	snprintf(program, sizeof(program), "%s", built("workloads/gilvm-tsan"));
	need(program);
	run(&r, 120,
	    "env %s setarch -R %s --gil=none "
	    "workloads/programs/race.py 3000",
	    tsan_options, program);
	assert_int_equal(r.status, 66);
	assert_non_null(strstr(r.err, "WARNING: ThreadSanitizer: data race"));
	result_free(&r);
}

static const char *const all[] = {
	"tests/gilvm/lang/numbers.py",        "tests/gilvm/lang/strings.py",
	"tests/gilvm/lang/lists.py",          "tests/gilvm/lang/control.py",
	"tests/gilvm/lang/functions.py",      "tests/gilvm/lang/errors.py",
	"tests/gilvm/lang/threads.py",        "tests/gilvm/lang/process.py",
	"workloads/programs/convoy.py 2 0.5",
};

static void no_bad_access_and_no_undefined_behaviour(void **state)
{
	char program[512];

	(void)state;
	snprintf(program, sizeof(program), "%s", built("workloads/gilvm-asan"));
	need(program);
	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		run_sanitized(asan_options, program, locks[0], all[k]);
		run_sanitized(asan_options, program, locks[1], all[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_data_race_under_a_lock),
		cmocka_unit_test(data_races_without_a_lock_are_seen),
		cmocka_unit_test(no_bad_access_and_no_undefined_behaviour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
