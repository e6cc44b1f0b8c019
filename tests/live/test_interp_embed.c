// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Interpreters in another program, which loads a libpython some time after its
 * start. */
#define _GNU_SOURCE
#include "live.h"

#include <dlfcn.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "interps.h"

static struct interps list[INTERPS_MAX];
static size_t count;

/* Two threads that take turns. */
static const char threads_python[] = "import sys, threading, time\n"
				     "def spin():\n"
				     "    end = time.time() + 100\n"
				     "    while time.time() < end: pass\n"
				     "for i in range(2):\n"
				     "    t = threading.Thread(target=spin)\n"
				     "    t.daemon = True\n"
				     "    t.start()\n"
				     "sys.stdout.write('ready\\n')\n"
				     "sys.stdout.flush()\n"
				     "time.sleep(100)\n";

/* A copy of this process that loads a libpython when told to. */
static int embed(void *ctx)
{
	void (*initialize)(int);
	int (*run)(const char *);
	void *library;
	char c;

	if (read(STDIN_FILENO, &c, 1) != 1)
		return 1;
	library = dlopen(ctx, RTLD_NOW | RTLD_GLOBAL);
	if (!library) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	*(void **)&initialize = dlsym(library, "Py_InitializeEx");
	*(void **)&run = dlsym(library, "PyRun_SimpleString");
	if (!initialize || !run)
		return 1;
	initialize(0);
	return run(threads_python);
}

/* A program with the libpython of this interpreter. */
struct host {
	struct live *l;
	int start; /* a byte written here lets it load the library */
};

/* false: there is no such library. */
static bool begin_host(struct host *h, const struct interps *i)
{
	char prefix[PATH_MAX], pattern[PATH_MAX + 64];
	int before[2], saved = dup(STDIN_FILENO);
	glob_t g;

	interps_prefix(i, prefix);
	snprintf(pattern, sizeof(pattern), "%s/lib/libpython%d.%d*.so.1.0",
		 prefix, i->major, i->minor);
	if (glob(pattern, 0, NULL, &g)) {
		close(saved);
		return false;
	}
	setenv("PYTHONHOME", prefix, 1);
	assert_int_equal(pipe(before), 0);
	dup2(before[0], STDIN_FILENO);
	h->l = live_call(embed, g.gl_pathv[0]);
	h->start = before[1];
	dup2(saved, STDIN_FILENO);
	unsetenv("PYTHONHOME");
	close(before[0]);
	close(saved);
	globfree(&g);
	return true;
}

static void load(const struct host *h)
{
	assert_int_equal(write(h->start, "x", 1), 1);
	close(h->start);
}

static void embedded_one(const struct interps *i)
{
	struct host h;

	if (!begin_host(&h, i))
		return;
	interps_expect(interps_search(h.l->pid, NULL, NULL), 0, "");
	load(&h);
	live_await_out(h.l, "ready");
	interps_expect(interps_search(h.l->pid, NULL, NULL), 1,
		       interps_gil_name(i));
	live_done(h.l);
}

static void embedded(void **state)
{
	size_t i, done = 0;

	(void)state;
	for (i = 0; i < count; i++) {
		if (list[i].kind != INTERPS_PYTHON || list[i].root[0])
			continue;
		embedded_one(&list[i]);
		done++;
	}
	assert_true(done > 0);
}

/* Loaded seconds after gilwatch came: it looks again when there is something
 * new to wait on. */
static void measure_later(struct compare *c, const void *ctx)
{
	const struct interps *i = ctx;
	struct live *w;
	struct host h;

	assert_true(begin_host(&h, i));
	w = live_watch((const char *[]){ "-q", "-i", "0.5", "-d", "6", "-p",
					 live_number((uint64_t)h.l->pid),
					 NULL });
	live_sleep(2.8);
	load(&h);
	assert_int_equal(live_wait(w), 0);
	compare_true(c, strstr(live_out(w), interps_gil_name(i)) != NULL,
		     "not found:\n%s", live_out(w));
	compare_true(c, strstr(live_out(w), "GIL found after") != NULL,
		     "not told that it was found late:\n%s", live_out(w));
	live_done(w);
	live_done(h.l);
}

static void embedded_while_watched(void **state)
{
	const struct interps *some = NULL;
	struct host h;

	(void)state;
	live_require();
	for (size_t i = 0; i < count; i++)
		if (list[i].kind == INTERPS_PYTHON && list[i].major == 3 &&
		    !list[i].root[0] && begin_host(&h, &list[i])) {
			live_done(h.l);
			close(h.start);
			some = &list[i];
		}
	/* Not everywhere is a libpython. */
	if (some)
		compare_retry(measure_later, some);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(embedded),
		LIVE_TEST(embedded_while_watched),
	};

	count = interps_find(list);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
