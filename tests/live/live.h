/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_LIVE_H
#define GILWATCH_TEST_LIVE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

/*
 * What the tests on the running kernel share: programs that are started,
 * watched and ended, and folders for what they write. Whatever goes wrong in
 * a function here fails the test; what a test leaves running is killed and its
 * folders are removed when it is over.
 */

/* Longer than anything here takes; a program that is not done by then hangs. */
#define LIVE_LIMIT 60

/*
 * A program that was started; its output goes to two files without names. It
 * is valid until live_done or the end of the test.
 */
struct live {
	bool used;
	pid_t pid; /* 0: it has ended */
	int out, err;
	int status; /* as a shell has it: 128 + signal for a killed one */
	char *text[2];
};

/* What a child does before it becomes the program, not 0 to give up. */
typedef int (*live_setup_fn)(void *ctx);

#define LIVE_TEST(f) cmocka_unit_test_teardown(f, live_teardown)

/* Kills what is still running and removes the folders. Returns 0. */
int live_teardown(void **state);

/*
 * Skips the test, with the reason on stderr, where gilwatch cannot work: not
 * root, or a kernel that refuses BPF.
 */
void live_require(void);

/* Skips the test for a reason of its own. */
void live_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Path of gilwatch (GILWATCH_TEST_PROGRAM: another build of it), or of a workload
 * by its name. */
const char *live_gilwatch(void);
const char *live_workload(const char *name);

/* An empty folder, gone after the test; everybody may look into it. */
const char *live_folder(void);

/* A path in a folder; four are valid at a time. */
const char *live_path(const char *folder, const char *name);

/* A number as text, decimal or as an address 0x...; eight are valid at a time.
 */
const char *live_number(uint64_t value);
const char *live_hex(uint64_t value);

/*
 * Starts a program. argv: NULL-terminated; argv[0] with a slash is a path.
 * setup, ctx: run in the child before the exec; NULL for nothing.
 */
struct live *live_start(const char *const *argv, live_setup_fn setup,
			void *ctx);

/* Starts a child that runs fn(ctx) and ends with what it returns. */
struct live *live_call(int (*fn)(void *ctx), void *ctx);

/* What it has written so far to stdout and stderr; valid until the next call,
 * the next live_start or live_done. */
const char *live_out(struct live *l);
const char *live_err(struct live *l);

/* Waits until text shows up on stderr (or stdout); fails when the program ends
 * or LIVE_LIMIT passes before. */
void live_await_err(struct live *l, const char *text);
void live_await_out(struct live *l, const char *text);

/* Has it ended? Keeps its status. */
bool live_ended(struct live *l);

/* Waits for its end; returns its status. */
int live_wait(struct live *l);

/* Sends a signal. */
void live_signal(struct live *l, int sig);

/* Kills it if it still runs, and gives everything back. */
void live_done(struct live *l);

/* live_start and live_wait. */
struct live *live_run(const char *const *argv, live_setup_fn setup, void *ctx);

/* Starts gilwatch with these arguments (without argv[0]) and waits until it
 * watches. */
struct live *live_watch(const char *const *args);

/* Sleeps for so long. */
void live_sleep(double seconds);

#endif
