/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests of gilvm share: running programs, reading what they say. */
#ifndef TESTS_GILVM_RUN_H
#define TESTS_GILVM_RUN_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* What a program that was run left behind. */
struct result {
	int status; /* exit status, or 128 + signal; 124: time limit */
	char *out;
	char *err;
};

/* Longest command line. */
#define MAX_ARGS 32

/*
 * Run a command, its words separated by single spaces, for at most `seconds`.
 * Fails the test when it cannot be started. Free the result.
 */
void run(struct result *r, int seconds, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void result_free(struct result *r);

/*
 * From now on what is run comes before all other programs of the machine,
 * where the kernel lets it: for what is measured.
 */
void run_first(void);

/* Path of a built program: $BUILD/name, or build/name. Static buffer. */
const char *built(const char *name);

/* Does `python3` run? Its version, or NULL. */
const char *python_version(void);

/* Say why, then skip() this test. */
void skip_because(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Make a file of these bytes. Fails the test when it cannot. */
void write_file(const char *path, const char *data, size_t len);

/* Contents of a file, with a NUL behind; NULL if it cannot be read. */
char *read_file(const char *path);

/* The number behind `"key":` in a JSON text (its first place), or -1. */
double json_number(const char *text, const char *key);
/* The number behind a word and a space in any text, or -1. */
double number_after(const char *text, const char *word);

/* A name for a file of this test in a folder that is removed at the end. */
const char *temp_name(const char *name);

/* Monotonic seconds; number of cores this process may run on. */
double now(void);
int cores(void);

#endif
