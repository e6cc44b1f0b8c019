// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The parser's fuzz target for a fixed number of runs, from the committed
 * corpus. GILVM_FUZZ_RUNS in the environment: another number.
 */
#include "run.h"

#include <sys/stat.h>
#include <unistd.h>

static void parser_survives_any_bytes(void **state)
{
	const char *runs = getenv("GILVM_FUZZ_RUNS");
	const char *program = built("tests/gilvm/fuzz_compile");
	char path[512], crash[256], found[256];
	struct result r;

	(void)state;
	snprintf(path, sizeof(path), "%s", program);
	snprintf(crash, sizeof(crash), "%s", temp_name("crash-"));
	snprintf(found, sizeof(found), "%s", temp_name("found"));
	if (access(path, X_OK))
		skip_because("the fuzz target is not built: clang's runtime "
			     "is missing (libclang-rt-14-dev on Debian 12, "
			     "libclang-rt-19-dev on Debian 13)");
	/* A folder of its own comes first: new inputs are put there. */
	assert_int_equal(mkdir(found, 0700), 0);
	run(&r, 600,
	    "%s -runs=%s -seed=1 -max_len=4096 -timeout=20 -rss_limit_mb=0 "
	    "-artifact_prefix=%s %s tests/fuzz/gilvm_corpus",
	    path, runs ? runs : "30000", crash, found);
	if (r.status)
		fail_msg("exit status %d\n%s", r.status, r.err);
	assert_non_null(strstr(r.err, "Done "));
	result_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parser_survives_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
