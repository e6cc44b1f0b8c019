// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Interpreters in other forms: stripped, idle, several in one process, deleted
 * from the disk; and processes that have none.
 */
#define _GNU_SOURCE
#include "live.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interps.h"

static struct interps list[INTERPS_MAX];
static size_t count;

static bool has_gil_at_once(const struct interps *i)
{
	/* Before 3.7 the lock is made when the first thread starts. */
	return i->kind != INTERPS_PYTHON || (i->major == 3 && i->minor >= 7);
}

static void idle(void **state)
{
	const struct interp *in;
	struct live *l;
	size_t i;

	(void)state;
	for (i = 0; i < count; i++) {
		l = interps_idle(&list[i]);
		in = interps_search(l->pid, NULL, NULL);
		if (in->locks != has_gil_at_once(&list[i]))
			fail_msg("%s:\n%s", list[i].name, interps_explain());
		assert_int_equal(in->later, !has_gil_at_once(&list[i]));
		live_done(l);
	}
}

/* ---- stripped --------------------------------------------------------------
 */

static void copy(const char *from, const char *to, bool strip)
{
	const char *argv[] = { strip ? "strip" : "cp", strip ? "-o" : "--",
			       strip ? to : from, strip ? from : to, NULL };
	struct live *l = live_run(argv, NULL, NULL);

	if (l->status)
		fail_msg("%s", live_err(l));
	live_done(l);
}

struct environment {
	const char *home, *library;
};

static int set_environment(void *ctx)
{
	const struct environment *e = ctx;

	return setenv("PYTHONHOME", e->home, 1) ||
	       (e->library && setenv("LD_LIBRARY_PATH", e->library, 1));
}

/* The program and its library, copied into a folder. */
static bool copy_python(const struct interps *i, const char *folder, bool strip)
{
	char prefix[PATH_MAX], pattern[PATH_MAX + 64];
	glob_t g;
	size_t k;

	interps_prefix(i, prefix);
	copy(i->path, live_path(folder, "python"), strip);
	snprintf(pattern, sizeof(pattern), "%s/lib/libpython%d.%d*.so.1.0",
		 prefix, i->major, i->minor);
	if (glob(pattern, 0, NULL, &g))
		return false;
	for (k = 0; k < g.gl_pathc; k++)
		copy(g.gl_pathv[k],
		     live_path(folder, strrchr(g.gl_pathv[k], '/') + 1), strip);
	globfree(&g);
	return true;
}

static const char threads_python[] = "import sys, threading, time\n"
				     "t = threading.Thread(target=time.sleep,"
				     " args=(100,))\n"
				     "t.daemon = True\n"
				     "t.start()\n"
				     "sys.stdout.write('ready\\n')\n"
				     "sys.stdout.flush()\n"
				     "time.sleep(100)\n";

static struct live *start_copy(const struct interps *i, const char *folder)
{
	char prefix[PATH_MAX];
	struct environment e = { prefix, folder };
	const char *argv[] = { live_path(folder, "python"), "-c",
			       threads_python, NULL };
	struct live *l;

	interps_prefix(i, prefix);
	l = live_start(argv, set_environment, &e);
	live_await_out(l, "ready");
	return l;
}

/* All but 3.6, whose lock has no symbol then; it is told. */
static void stripped(void **state)
{
	const char *folder = live_folder();
	const struct interp *in;
	struct live *l;
	size_t i;

	(void)state;
	for (i = 0; i < count; i++) {
		if (list[i].kind != INTERPS_PYTHON || list[i].root[0])
			continue;
		copy_python(&list[i], folder, true);
		l = start_copy(&list[i], folder);
		in = interps_search(l->pid, NULL, NULL);
		if (list[i].major == 3 && list[i].minor < 7) {
			interps_expect(in, 0, "");
			assert_non_null(strstr(interps_explain(), "stripped"));
		} else {
			interps_expect(in, 1, interps_gil_name(&list[i]));
			assert_int_equal(in->lock[0].certainty, INTERP_SURE);
		}
		if (list[i].major == 2)
			assert_int_equal(in->lock[0].method, INTERP_BY_CODE);
		live_done(l);
	}
}

/* An upgrade while it runs: the files that it has mapped have no name. */
static void deleted(void **state)
{
	const char *folder = live_folder();
	struct live *l;
	size_t i;
	char command[PATH_MAX + 32];

	(void)state;
	for (i = 0; i < count; i++) {
		if (list[i].kind != INTERPS_PYTHON || list[i].root[0])
			continue;
		copy_python(&list[i], folder, false);
		l = start_copy(&list[i], folder);
		snprintf(command, sizeof(command), "rm %s/*", folder);
		assert_int_equal(system(command), 0);
		interps_expect(interps_search(l->pid, NULL, NULL), 1,
			       interps_gil_name(&list[i]));
		live_done(l);
	}
}

/* ---- several in one process ------------------------------------------------
 */

static const char three_python[] = "import sys, time\n"
				   "try:\n"
				   "    import _interpreters as i\n"
				   "except ImportError:\n"
				   "    import _xxsubinterpreters as i\n"
				   "a = i.create()\n"
				   "b = i.create()\n"
				   "sys.stdout.write('ready\\n')\n"
				   "sys.stdout.flush()\n"
				   "time.sleep(100)\n";

/* From 3.12 on each has a GIL of its own; before, all share one. */
static void sub_interpreters(void **state)
{
	const struct interp *in;
	char name[2 * INTERP_NAME];
	struct live *l;
	size_t i, k;
	bool own;

	(void)state;
	for (i = 0; i < count; i++) {
		if (list[i].kind != INTERPS_PYTHON || list[i].major < 3 ||
		    list[i].minor < 8)
			continue;
		own = list[i].minor >= 12;
		l = interps_run(&list[i], three_python);
		in = interps_search(l->pid, NULL, NULL);
		if (in->locks != (own ? 3 : 1))
			fail_msg("%s:\n%s", list[i].name, interps_explain());
		for (k = 0; k < in->locks; k++)
			assert_int_equal(in->lock[k].certainty, INTERP_SURE);
		for (k = 1; own && k < 3; k++) {
			snprintf(name, sizeof(name), "%s of interpreter %zu",
				 interps_gil_name(&list[i]), k);
			assert_true(!strcmp(in->lock[0].name, name) ||
				    !strcmp(in->lock[1].name, name) ||
				    !strcmp(in->lock[2].name, name));
		}
		live_done(l);
	}
}

/* ---- none ------------------------------------------------------------------
 */

static void none(void **state)
{
	const char *argv[] = { "sleep", "100", NULL };
	struct live *l = live_start(argv, NULL, NULL);
	static struct interp in;

	(void)state;
	live_sleep(0.1);
	interps_expect(interps_search(l->pid, NULL, NULL), 0, "");
	assert_false(interps_search(l->pid, NULL, NULL)->later);
	assert_int_equal(interp_find(4194304, NULL, &in, NULL), -ENOENT);
	/* A kernel thread has no memory. */
	assert_true(interp_find(2, NULL, &in, NULL) < 0);
	assert_int_equal(in.locks, 0);
	live_done(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(idle),    LIVE_TEST(stripped),
		LIVE_TEST(deleted), LIVE_TEST(sub_interpreters),
		LIVE_TEST(none),
	};

	count = interps_find(list);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
