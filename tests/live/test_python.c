// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A real interpreter: two threads that compute and one that sleeps pass the
 * GIL round.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "csvtable.h"
#include "late.h"
#include "live.h"

/*
 * Prints the address of the interpreter's state, in which the GIL of 3.7 and
 * newer lies, and the three threads' numbers. Each thread runs until the time
 * is over. At the end it prints when each sleep was over for Python's code, and
 * how late that was. Sleeps differ in length: equal ones that are a multiple of
 * the switch interval end just where the GIL changes hands anyway, and are late
 * by 0.2 ms instead of 5 on a calm machine.
 */
static const char script[] =
	"import sys, threading, time\n"
	"try:\n"
	"    import ctypes\n"
	"    at = ctypes.addressof(ctypes.c_char.in_dll(\n"
	"        ctypes.pythonapi, '_PyRuntime'))\n"
	"except (ImportError, ValueError):\n"
	"    at = 0\n"
	"end = time.monotonic() + float(sys.argv[1])\n"
	"def compute():\n"
	"    while time.monotonic() < end:\n"
	"        sum(range(2000))\n"
	"late = []\n"
	"def sleep():\n"
	"    n = 0\n"
	"    while time.monotonic() < end:\n"
	"        n += 1\n"
	"        ms = 7 + n * 1.3 % 6\n"
	"        begin = time.monotonic()\n"
	"        time.sleep(ms / 1000)\n"
	"        ns = (time.monotonic() - begin - ms / 1000) * 1e9\n"
	"        late.append((time.time() * 1e9, ns))\n"
	"threads = [threading.Thread(target=f) for f in (compute, compute, "
	"sleep)]\n"
	"for t in threads:\n"
	"    t.start()\n"
	"print('ready', at, *[t.native_id for t in threads], flush=True)\n"
	"for t in threads:\n"
	"    t.join()\n"
	"for at, ns in late:\n"
	"    print('late', int(at), int(ns))\n";

enum { COMPUTES, COMPUTES_TOO, SLEEPS, THREADS };

struct run {
	unsigned long long runtime;
	int tid[THREADS];
	struct csvtable locks, threads;
	struct late late; /* what the sleeping thread says itself */
};

/* _PyRuntime is smaller in every version so far. */
#define RUNTIME_MAX (1ull << 20)

/* Not the script in front of it that some version managers have. */
static const char *python(void)
{
	static char path[PATH_MAX];
	struct live *l;

	if (*path)
		return path;
	l = live_run((const char *[]){ "python3", "-c",
				       "import sys, threading\n"
				       "threading.Thread.native_id\n"
				       "print(sys.executable, end='')",
				       NULL },
		     NULL, NULL);
	if (l->status)
		live_skip("no python3 of 3.8 or newer: %s", live_err(l));
	snprintf(path, sizeof(path), "%s", live_out(l));
	live_done(l);
	return path;
}

static void read_ready(struct run *r, const char *out)
{
	const char *line = strstr(out, "ready ");

	if (!line ||
	    sscanf(line, "ready %llu %d %d %d", &r->runtime, &r->tid[COMPUTES],
		   &r->tid[COMPUTES_TOO], &r->tid[SLEEPS]) != 4)
		fail_msg("the script said: %s", out);
}

static void attach(struct run *r, const char *csv)
{
	struct live *w, *l = live_start((const char *[]){ python(), "-c",
							  script, "5", NULL },
					NULL, NULL);

	live_await_out(l, "\n");
	read_ready(r, live_out(l));
	w = live_watch((const char *[]){ "-q", "-d", "3", "--csv", csv, "-p",
					 live_number((uint64_t)l->pid), NULL });
	assert_int_equal(live_wait(w), 0);
	live_done(w);
	assert_int_equal(live_wait(l), 0);
	late_read(&r->late, live_out(l));
	live_done(l);
}

static void launch(struct run *r, const char *csv)
{
	struct live *l = live_run(
		(const char *[]){ live_gilwatch(), "-q", "--csv", csv, "--",
				  python(), "-c", script, "3", NULL },
		NULL, NULL);

	assert_int_equal(l->status, 0);
	read_ready(r, live_out(l));
	late_read(&r->late, live_out(l));
	live_done(l);
}

/* ---- what has to be there ------------------------------------------------ */

/* The GIL: the lock with the most waits that timed out. */
static size_t gil_row(const struct csvtable *t)
{
	size_t row = 0, gil = CSV_NONE;

	while ((row = csv_find(t, row, "scope", "total", NULL)) != CSV_NONE) {
		if (gil == CSV_NONE ||
		    csv_u64(t, row, "timeouts") > csv_u64(t, gil, "timeouts"))
			gil = row;
		row++;
	}
	if (gil == CSV_NONE)
		fail_msg("no lock at all");
	return gil;
}

static void check_gil(struct compare *c, const struct run *r)
{
	const struct csvtable *t = &r->locks;
	size_t row = gil_row(t);
	uint64_t lock = strtoull(csv_cell(t, row, "lock"), NULL, 16);
	const char *kind = csv_cell(t, row, "kind");

	compare_true(c, !strcmp(kind, "condvar") || !strcmp(kind, "GIL"),
		     "kind is %s", kind);
	compare_true(c, csv_u64(t, row, "timeouts") > 20, "timeouts: %s",
		     csv_cell(t, row, "timeouts"));
	compare_true(c, csv_u64(t, row, "waits") > 100, "waits: %s",
		     csv_cell(t, row, "waits"));
	compare_true(c, csv_u64(t, row, "handoffs") > 50, "handoffs: %s",
		     csv_cell(t, row, "handoffs"));
	compare_true(c, csv_u64(t, row, "waiters_max") >= 2,
		     "never two at once");
	compare_true(c,
		     csv_u64(t, row, "wait_ns_total") > 1000000000 &&
			     csv_u64(t, row, "wait_ns_p50") < 100000000,
		     "waited %s ns, half of them up to %s ns",
		     csv_cell(t, row, "wait_ns_total"),
		     csv_cell(t, row, "wait_ns_p50"));
	compare_true(c, !csv_count(t, "lock", live_hex(lock + 4), NULL),
		     "its second word is a lock of its own");
	if (r->runtime)
		compare_true(c, lock - r->runtime < RUNTIME_MAX,
			     "%s is not in the interpreter's state at 0x%llx",
			     csv_cell(t, row, "lock"), r->runtime);
}

static void check_class(struct compare *c, const struct run *r, int thread,
			const char *class)
{
	const struct csvtable *t = &r->threads;
	size_t row = csv_one(t, "scope", "total", "tid",
			     live_number((uint64_t)r->tid[thread]), NULL);

	compare_true(c, !strcmp(csv_cell(t, row, "class"), class),
		     "thread %d is %s, not %s", thread,
		     csv_cell(t, row, "class"), class);
}

static void check_threads(struct compare *c, const struct run *r)
{
	const struct csvtable *t = &r->threads;
	size_t row = csv_one(t, "scope", "total", "tid",
			     live_number((uint64_t)r->tid[SLEEPS]), NULL);

	check_class(c, r, COMPUTES, "CPU-bound");
	check_class(c, r, COMPUTES_TOO, "CPU-bound");
	check_class(c, r, SLEEPS, "I/O-bound");
	/* It is woken from its sleep and has to wait for the GIL. */
	late_compare(c, &r->late, t, row);
	/* Who never sleeps elsewhere has none. */
	for (int i = COMPUTES; i <= COMPUTES_TOO; i++) {
		row = csv_one(t, "scope", "total", "tid",
			      live_number((uint64_t)r->tid[i]), NULL);
		compare_true(c, csv_u64(t, row, "handoffs_in") > 20,
			     "few handoffs to thread %d", i);
	}
}

static void measure(struct compare *c,
		    void (*how)(struct run *r, const char *csv))
{
	const char *csv = live_path(live_folder(), "csv");
	struct run r;

	how(&r, csv);
	csv_read(&r.locks, csv, "locks");
	csv_read(&r.threads, csv, "threads");
	check_gil(c, &r);
	check_threads(c, &r);
	csv_done(&r.locks);
	csv_done(&r.threads);
	late_done(&r.late);
}

static void measure_attached(struct compare *c, const void *ctx)
{
	(void)ctx;
	measure(c, attach);
}

static void measure_launched(struct compare *c, const void *ctx)
{
	(void)ctx;
	measure(c, launch);
}

static void the_gil_of_a_running_python(void **state)
{
	(void)state;
	live_require();
	python();
	compare_retry(measure_attached, NULL);
}

static void the_gil_of_a_launched_python(void **state)
{
	(void)state;
	live_require();
	python();
	compare_retry(measure_launched, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(the_gil_of_a_running_python),
		LIVE_TEST(the_gil_of_a_launched_python),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
