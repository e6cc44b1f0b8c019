/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_INTERPS_H
#define GILWATCH_TEST_INTERPS_H

#include <limits.h>

#include "interp.h"
#include "live.h"

/*
 * The interpreters of this machine: python3 on PATH and in /usr/bin, those that
 * pyenv holds, ruby, and gilvm in each of its policies. GILWATCH_TEST_ROOTS
 * names folders, separated by colons, with whole other systems; their
 * interpreters are run there by chroot.
 */

#define INTERPS_MAX 48

enum interps_kind { INTERPS_PYTHON, INTERPS_RUBY, INTERPS_GILVM };

struct interps {
	enum interps_kind kind;
	char root[PATH_MAX]; /* "": this system */
	char path[PATH_MAX];
	char policy[16];         /* of gilvm */
	char name[2 * PATH_MAX]; /* for people */
	int major, minor;
};

/* Fill in at most INTERPS_MAX; returns how many there are. */
size_t interps_find(struct interps *list);

/* Two threads that only compute, in Python 3 with a switch interval of 4 ms. */
struct live *interps_busy(const struct interps *i);

/* One thread that sleeps. */
struct live *interps_idle(const struct interps *i);

/* Run a program given as text; waits until it prints "ready". */
struct live *interps_run(const struct interps *i, const char *program);

/*
 * Search a process; what was found is valid until the next call. Fails the test
 * where the process cannot be read. ms may be NULL.
 */
const struct interp *interps_search(pid_t pid, const struct interp_hints *hints,
				    double *ms);

/* What the last search had to say. */
const char *interps_explain(void);

/* The role of an address as -1 (none) or an enum gw_role. */
int interps_role(const struct interp *in, uint64_t addr);

/* Fail unless there are so many locks, and the first has this name. */
void interps_expect(const struct interp *in, size_t locks, const char *name);

/* "CPython 3.11 GIL"; valid until the next call. */
const char *interps_gil_name(const struct interps *i);

/* The folder above bin and lib. */
void interps_prefix(const struct interps *i, char prefix[PATH_MAX]);

#endif
