// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include "interps.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char busy_python[] =
	"import sys, threading, time\n"
	"if sys.version_info[0] > 2: sys.setswitchinterval(0.004)\n"
	"def spin():\n"
	"    while True: pass\n"
	"for i in range(2):\n"
	"    t = threading.Thread(target=spin)\n"
	"    t.daemon = True\n"
	"    t.start()\n"
	"sys.stdout.write('ready\\n')\n"
	"sys.stdout.flush()\n"
	"time.sleep(100)\n";

static const char idle_python[] = "import sys, time\n"
				  "sys.stdout.write('ready\\n')\n"
				  "sys.stdout.flush()\n"
				  "time.sleep(100)\n";

static const char busy_ruby[] = "2.times { Thread.new { loop {} } }\n"
				"STDOUT.write(\"ready\\n\")\n"
				"STDOUT.flush\n"
				"sleep 100\n";

static const char idle_ruby[] = "STDOUT.write(\"ready\\n\")\n"
				"STDOUT.flush\n"
				"sleep 100\n";

static const char busy_gilvm[] = "import threading, time\n"
				 "def spin():\n"
				 "    while True: pass\n"
				 "for i in range(2):\n"
				 "    t = threading.Thread(target=spin)\n"
				 "    t.start()\n"
				 "print('ready', flush=True)\n"
				 "time.sleep(100)\n";

static const char idle_gilvm[] = "import time\n"
				 "print('ready', flush=True)\n"
				 "time.sleep(100)\n";

static struct interp found;
static struct buf explanation;

/* ---- which there are ------------------------------------------------------
 */

static bool is_listed(const struct interps *list, size_t n, const char *path)
{
	char one[PATH_MAX], other[PATH_MAX];
	size_t i;

	if (!realpath(path, one))
		return true;
	for (i = 0; i < n; i++)
		if (!list[i].root[0] && realpath(list[i].path, other) &&
		    !strcmp(one, other))
			return true;
	return false;
}

static struct interps *add(struct interps *list, size_t *n,
			   enum interps_kind kind, const char *root,
			   const char *path)
{
	char whole[2 * PATH_MAX];
	struct interps *i = &list[*n];

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	if (*n == INTERPS_MAX || access(whole, X_OK) ||
	    (!root[0] && kind != INTERPS_GILVM && is_listed(list, *n, whole)))
		return NULL;
	memset(i, 0, sizeof(*i));
	i->kind = kind;
	snprintf(i->root, sizeof(i->root), "%s", root);
	snprintf(i->path, sizeof(i->path), "%s", path);
	snprintf(i->name, sizeof(i->name), "%s", whole);
	(*n)++;
	return i;
}

static void add_glob(struct interps *list, size_t *n, const char *pattern)
{
	glob_t g;
	size_t i;

	if (glob(pattern, 0, NULL, &g))
		return;
	for (i = 0; i < g.gl_pathc; i++)
		add(list, n, INTERPS_PYTHON, "", g.gl_pathv[i]);
	globfree(&g);
}

/* The python3 on PATH may be a script of pyenv's: ask it what it runs. */
static void add_on_path(struct interps *list, size_t *n)
{
	const char *argv[] = { "python3", "-c",
			       "import sys; sys.stdout.write(sys.executable)",
			       NULL };
	struct live *l = live_run(argv, NULL, NULL);

	if (!l->status)
		add(list, n, INTERPS_PYTHON, "", live_out(l));
	live_done(l);
}

static void add_root(struct interps *list, size_t *n, const char *root)
{
	char pattern[PATH_MAX];
	glob_t g;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/usr/bin/python3.*[0-9]", root);
	if (!glob(pattern, 0, NULL, &g)) {
		for (i = 0; i < g.gl_pathc; i++)
			add(list, n, INTERPS_PYTHON, root,
			    g.gl_pathv[i] + strlen(root));
		globfree(&g);
	}
	add(list, n, INTERPS_RUBY, root, "/usr/bin/ruby");
}

static void add_gilvm(struct interps *list, size_t *n)
{
	static const char *const policy[] = { "interval", "ticks", "fair" };
	struct interps *i;
	size_t p;

	for (p = 0; p < sizeof(policy) / sizeof(policy[0]); p++) {
		i = add(list, n, INTERPS_GILVM, "", live_workload("gilvm"));
		if (!i)
			continue;
		snprintf(i->policy, sizeof(i->policy), "%s", policy[p]);
		snprintf(i->name, sizeof(i->name), "gilvm --gil=%s", policy[p]);
	}
}

static void ask_version(struct interps *i)
{
	struct live *l = interps_run(
		i, "import sys\n"
		   "sys.stdout.write('%d.%d ready' % sys.version_info[:2])\n"
		   "sys.stdout.flush()\n");

	if (sscanf(live_out(l), "%d.%d", &i->major, &i->minor) != 2)
		i->major = i->minor = -1;
	live_done(l);
}

size_t interps_find(struct interps *list)
{
	char pyenv[PATH_MAX];
	char *roots = getenv("GILWATCH_TEST_ROOTS"), *root, *rest;
	size_t n = 0, i;

	snprintf(pyenv, sizeof(pyenv), "%s/.pyenv/versions/*/bin/python",
		 getenv("HOME") ? getenv("HOME") : "");
	add_glob(list, &n, pyenv);
	add_glob(list, &n, "/home/*/.pyenv/versions/*/bin/python");
	add_on_path(list, &n);
	add(list, &n, INTERPS_PYTHON, "", "/usr/bin/python3");
	add(list, &n, INTERPS_RUBY, "", "/usr/bin/ruby");
	add_gilvm(list, &n);
	roots = strdup(roots ? roots : "");
	for (root = strtok_r(roots, ":", &rest); root;
	     root = strtok_r(NULL, ":", &rest))
		add_root(list, &n, root);
	free(roots);
	for (i = 0; i < n; i++)
		if (list[i].kind == INTERPS_PYTHON)
			ask_version(&list[i]);
	return n;
}

/* ---- running them ----------------------------------------------------------
 */

static int enter_root(void *ctx)
{
	const struct interps *i = ctx;

	return i->root[0] && (chroot(i->root) || chdir("/"));
}

struct live *interps_run(const struct interps *i, const char *program)
{
	const char *path = live_path(live_folder(), "program");
	char option[32];
	const char *argv[] = { i->path, "-c", program, NULL, NULL };
	struct live *l;
	FILE *f;

	if (i->kind == INTERPS_RUBY)
		argv[1] = "-e";
	if (i->kind == INTERPS_GILVM) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(program, f);
		fclose(f);
		snprintf(option, sizeof(option), "--gil=%s", i->policy);
		argv[1] = option;
		argv[2] = path;
	}
	l = live_start(argv, enter_root, (void *)i);
	live_await_out(l, "ready");
	return l;
}

struct live *interps_busy(const struct interps *i)
{
	return interps_run(i, i->kind == INTERPS_PYTHON ? busy_python
			      : i->kind == INTERPS_RUBY ? busy_ruby
							: busy_gilvm);
}

struct live *interps_idle(const struct interps *i)
{
	return interps_run(i, i->kind == INTERPS_PYTHON ? idle_python
			      : i->kind == INTERPS_RUBY ? idle_ruby
							: idle_gilvm);
}

/* ---- searching them ---------------------------------------------------------
 */

const struct interp *interps_search(pid_t pid, const struct interp_hints *hints,
				    double *ms)
{
	struct timespec a, b;
	int err;

	buf_reset(&explanation);
	clock_gettime(CLOCK_MONOTONIC, &a);
	err = interp_find(pid, hints, &found, &explanation);
	clock_gettime(CLOCK_MONOTONIC, &b);
	if (err)
		fail_msg("process %d: %s", (int)pid, strerror(-err));
	if (ms)
		*ms = (double)(b.tv_sec - a.tv_sec) * 1e3 +
		      (double)(b.tv_nsec - a.tv_nsec) / 1e6;
	buf_add(&explanation, "", 1);
	return &found;
}

const char *interps_explain(void)
{
	return explanation.data ? explanation.data : "";
}

int interps_role(const struct interp *in, uint64_t addr)
{
	size_t i;

	for (i = 0; i < in->words; i++)
		if (in->word[i].addr == addr)
			return in->word[i].role;
	return -1;
}

void interps_expect(const struct interp *in, size_t locks, const char *name)
{
	if (in->locks != locks || (locks && strcmp(in->lock[0].name, name)))
		fail_msg("not %zu times %s:\n%s", locks, name,
			 interps_explain());
}

/* ---- what they are called --------------------------------------------------
 */

const char *interps_gil_name(const struct interps *i)
{
	static char name[INTERP_NAME];

	snprintf(name, sizeof(name), "CPython %d.%d GIL", i->major, i->minor);
	return name;
}

void interps_prefix(const struct interps *i, char prefix[PATH_MAX])
{
	char *bin;

	snprintf(prefix, PATH_MAX, "%s", i->path);
	bin = strstr(prefix, "/bin/");
	assert_non_null(bin);
	*bin = '\0';
}
