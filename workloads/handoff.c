// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Threads pass a lock round and count themselves what a tool that watches them
 * ought to find: who had to wait and how long, who handed the lock to whom,
 * who was woken for nothing.
 *
 * A thread counts a wait from before its first sleep on the lock until it has
 * the lock, however often it went back to sleep. It was handed the lock by the
 * thread that released it last. An acquisition that did not have to sleep is
 * no wait and no handoff.
 *
 * Of a condition variable only the return of pthread_cond_wait() can be seen,
 * after it got its mutex again: some 10 us more than to the end of the sleep.
 * With --hold-us 1000 that is below 2 % of a wait.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "handoff/options.h"
#include "handoff/report.h"
#include "handoff/run.h"

static int write_report(const struct run *run, const char *path)
{
	FILE *out = path ? fopen(path, "w") : stdout;
	int failed;

	if (!out)
		goto err;
	report_write(run, out);
	failed = ferror(out);
	if (fclose(out) || failed)
		goto err;
	return 0;
err:
	fprintf(stderr, "handoff: cannot write the report to %s: %s\n",
		path ? path : "stdout", strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	static struct run run;
	struct options options;
	int status = 1;
	int err;

	err = options_parse(&options, argc, argv);
	if (err)
		return err > 0 ? 0 : 2;
	if (run_all(&run, &options) == 0)
		status = write_report(&run, options.json);
	run_free(&run);
	return status;
}
