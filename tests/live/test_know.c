// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What gilwatch knows of an interpreter's locks while it watches: the GIL by
 * its behaviour alone, a threading.Lock that is the bottleneck, a queue that is
 * not, an interpreter in a container.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "csvtable.h"
#include "gilwatch.h"
#include "interps.h"

static struct interps list[INTERPS_MAX];
static size_t interpreters;

/* The last CPython 3: the system's own, where it has one. */
static const struct interps *python(void)
{
	const struct interps *found = NULL;

	for (size_t i = 0; i < interpreters; i++)
		if (list[i].kind == INTERPS_PYTHON && list[i].major == 3 &&
		    !list[i].root[0])
			found = &list[i];
	if (!found)
		live_skip("no python3");
	return found;
}

/* ---- by behaviour ---------------------------------------------------------
 */

/* From CPython 3.7 on, and in gilvm's likeness of it, it has to be found. */
static bool must_be_found(const struct interps *i)
{
	return (i->kind == INTERPS_PYTHON && i->major == 3 && i->minor >= 7) ||
	       !strcmp(i->policy, "interval");
}

static void watch_without_symbols(const struct live *l, const char *csv)
{
	struct live *w = live_watch((const char *[]){
		"-q", "-i", "0.5", "-d", "2.5", "--no-symbols", "--csv", csv,
		"-p", live_number((uint64_t)l->pid), NULL });

	assert_int_equal(live_wait(w), 0);
	live_done(w);
}

static void measure_behaviour(struct compare *c, const void *ctx)
{
	const struct interps *i = ctx;
	const char *csv = live_path(live_folder(), "csv");
	struct live *l = interps_busy(i);
	const struct interp *in;
	struct csvtable t;
	size_t row = 0, n = 0;
	uint64_t lock;

	live_sleep(0.2);
	watch_without_symbols(l, csv);
	in = interps_search(l->pid, NULL, NULL);
	csv_read(&t, csv, "locks");
	while ((row = csv_find(&t, row, "scope", "total", "kind", "GIL",
			       NULL)) != CSV_NONE) {
		lock = strtoull(csv_cell(&t, row, "lock"), NULL, 16);
		if (interps_role(in, lock) != GW_ROLE_WAIT)
			fail_msg("the wrong lock, 0x%jx", (uintmax_t)lock);
		compare_true(c, strstr(csv_cell(&t, row, "name"), "probable"),
			     "not called probable: %s",
			     csv_cell(&t, row, "name"));
		row++;
		n++;
	}
	compare_true(c, n <= 1 && (n == 1 || !must_be_found(i)),
		     "%zu GILs found by behaviour", n);
	printf("# %s: %zu by behaviour\n", i->name, n);
	csv_done(&t);
	live_done(l);
}

static void by_behaviour(void **state)
{
	live_require();
	compare_retry(measure_behaviour, *state);
}

/* ---- other locks ----------------------------------------------------------
 */

/* Its threads sleep while they have the lock, and so without the GIL. */
static const char locks[] =
	"import threading, time\n"
	"lock = threading.Lock()\n"
	"end = time.time() + 2\n"
	"def work():\n"
	"    while time.time() < end:\n"
	"        with lock:\n"
	"            time.sleep(0.002)\n"
	"threads = [threading.Thread(target=work) for _ in range(4)]\n"
	"for t in threads: t.start()\n"
	"for t in threads: t.join()\n";

static const char queues[] =
	"import threading, time, queue\n"
	"work = queue.Queue()\n"
	"def get():\n"
	"    while work.get() is not None: pass\n"
	"threads = [threading.Thread(target=get) for _ in range(3)]\n"
	"for t in threads: t.start()\n"
	"end = time.time() + 2\n"
	"while time.time() < end:\n"
	"    work.put(1)\n"
	"    time.sleep(0.001)\n"
	"for t in threads: work.put(None)\n"
	"for t in threads: t.join()\n";

/* A free-threaded CPython of GILWATCH_TEST_FREE_THREADED. */
static const char *free_threaded;

/* The summary in one line. */
static const char *summary_of(const char *path, const char *script)
{
	struct live *l = live_run((const char *[]){ live_gilwatch(), "-q", "--",
						    path, "-c", script, NULL },
				  NULL, NULL);
	static char line[65536];
	const char *text;
	size_t n = 0;

	if (l->status)
		fail_msg("exit status %d: %s", l->status, live_err(l));
	for (text = live_out(l); *text && n < sizeof(line) - 1; text++) {
		line[n] = *text == '\n' ? ' ' : *text;
		if (line[n] != ' ' || !n || line[n - 1] != ' ')
			n++;
	}
	line[n] = '\0';
	live_done(l);
	return line;
}

static void measure_lock(struct compare *c, const void *ctx)
{
	const char *out = summary_of(ctx, locks);

	compare_true(c, strstr(out, "(threading.Lock) is the bottleneck"),
		     "no lock is at fault:\n%s", out);
	compare_true(c, ctx != free_threaded || strstr(out, "GIL disabled"),
		     "not called free-threaded:\n%s", out);
}

static void measure_queue(struct compare *c, const void *ctx)
{
	const char *out = summary_of(python()->path, queues);

	(void)ctx;
	compare_true(c, !strstr(out, "is the bottleneck"),
		     "waiting for work is called a bottleneck:\n%s", out);
	/* The threads do wait. */
	compare_true(c, strstr(out, "semaphore") != NULL,
		     "no wait for work:\n%s", out);
}

static void a_lock_of_python_that_is_the_bottleneck(void **state)
{
	(void)state;
	live_require();
	compare_retry(measure_lock, python()->path);
}

/* Where there is none, as on most machines, there is no such test. */
static void without_a_gil(void **state)
{
	(void)state;
	live_require();
	compare_retry(measure_lock, free_threaded);
}

static void a_queue_that_waits_for_work(void **state)
{
	(void)state;
	live_require();
	compare_retry(measure_queue, NULL);
}

/* ---- what is told of the search ---------------------------------------------
 */

static void each_step_is_explained(void **state)
{
	static const char *const parts[] = { "futex calls watched for 1.00s",
					     "_PyRuntime at 0x",
					     "behaviour: ", "found: CPython ",
					     "the search took " };
	struct live *l = interps_busy(python()), *w;

	(void)state;
	live_require();
	w = live_run((const char *[]){ live_gilwatch(), "--explain", "-p",
				       live_number((uint64_t)l->pid), NULL },
		     NULL, NULL);
	assert_int_equal(w->status, 0);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!strstr(live_out(w), parts[i]))
			fail_msg("no \"%s\" in:\n%s", parts[i], live_out(w));
}

/* The word of a mutex, in a program without an interpreter. */
static void the_user_says_which_lock_it_is(void **state)
{
	struct live *l = live_start((const char *[]){ live_workload("deadlock"),
						      "safe", "50", NULL },
				    NULL, NULL);
	unsigned long long lock;
	struct live *w;
	char line[64];

	(void)state;
	live_require();
	live_await_out(l, "\n");
	if (sscanf(live_out(l), "ready %*d %*d %llx", &lock) != 1)
		fail_msg("the workload said: %s", live_out(l));
	w = live_watch((const char *[]){ "-q", "-d", "1", "--lock",
					 live_hex(lock), "-p",
					 live_number((uint64_t)l->pid), NULL });
	assert_int_equal(live_wait(w), 0);
	snprintf(line, sizeof(line), "\n%s  GIL ", live_hex(lock));
	if (!strstr(live_out(w), line))
		fail_msg("no \"%s\" in:\n%s", line, live_out(w));
}

/* ---- a container ----------------------------------------------------------
 */

static void in_a_pid_namespace(void **state)
{
	struct live *l;

	(void)state;
	live_require();
	l = live_run((const char *[]){ live_gilwatch(), "-q", "--", "unshare",
				       "--pid", "--fork", "--mount-proc",
				       python()->path, "-c", locks, NULL },
		     NULL, NULL);
	if (l->status)
		fail_msg("exit status %d: %s", l->status, live_err(l));
	if (!strstr(live_out(l), ", 1 in its container"))
		fail_msg("its number is not told:\n%s", live_out(l));
	if (!strstr(live_out(l), " GIL "))
		fail_msg("its GIL is not found:\n%s", live_out(l));
}

/* Numbers are those of the namespace in which gilwatch is. */
static void gilwatch_in_a_pid_namespace(void **state)
{
	struct live *l;

	(void)state;
	live_require();
	l = live_run((const char *[]){ "unshare", "--pid", "--fork",
				       "--mount-proc", live_gilwatch(), "-q",
				       "--", python()->path, "-c", locks,
				       NULL },
		     NULL, NULL);
	if (l->status)
		fail_msg("exit status %d: %s", l->status, live_err(l));
	if (!strstr(live_out(l), "(pid 2"))
		fail_msg("its number is another one:\n%s", live_out(l));
	if (!strstr(live_out(l), " GIL "))
		fail_msg("its GIL is not found:\n%s", live_out(l));
}

int main(void)
{
	static const struct CMUnitTest without = LIVE_TEST(without_a_gil);
	static struct CMUnitTest tests[INTERPS_MAX + 7] = {
		LIVE_TEST(a_lock_of_python_that_is_the_bottleneck),
		LIVE_TEST(a_queue_that_waits_for_work),
		LIVE_TEST(each_step_is_explained),
		LIVE_TEST(the_user_says_which_lock_it_is),
		LIVE_TEST(in_a_pid_namespace),
		LIVE_TEST(gilwatch_in_a_pid_namespace),
	};
	size_t n = 6;

	free_threaded = getenv("GILWATCH_TEST_FREE_THREADED");
	if (free_threaded)
		tests[n++] = without;
	interpreters = interps_find(list);
	for (size_t i = 0; i < interpreters; i++)
		if (!list[i].root[0])
			tests[n++] =
				(struct CMUnitTest){ list[i].name, by_behaviour,
						     NULL, live_teardown,
						     &list[i] };
	return _cmocka_run_group_tests("know", tests, n, NULL, NULL);
}
