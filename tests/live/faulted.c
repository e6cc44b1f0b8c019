// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include "faulted.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "csvtable.h"
#include "figure.h"

static _Alignas(64) uint32_t word = 1;

/* A wait whose word has changed returns at once; the wake after it shows that
 * the thread has the lock. */
static void contend(void)
{
	for (unsigned int i = 0; i < STEP; i++) {
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
}

static void *thread(void *ctx)
{
	contend();
	return ctx;
}

/* Forks twice and goes on as a process of nobody. */
static int daemonise(void)
{
	pid_t pid = fork();

	if (pid)
		_exit(pid < 0);
	setsid();
	pid = fork();
	if (pid)
		_exit(pid < 0);
	return chdir("/");
}

static int step(char order)
{
	pthread_t t;

	switch (order) {
	case 'u':
		if (setgid(65534) || setuid(65534))
			return 1;
		break;
	case 'd':
		if (daemonise())
			return 1;
		break;
	case 't':
		if (pthread_create(&t, NULL, thread, NULL))
			return 1;
		return pthread_join(t, NULL);
	default:
		break;
	}
	contend();
	return 0;
}

static int target(void *ctx)
{
	const struct target *t = ctx;
	char order;
	int err = 0;

	close(t->order[1]);
	close(t->answer[0]);
	prctl(PR_SET_NAME, NAME);
	err = write(t->answer[1], "", 1) != 1;
	while (!err && read(t->order[0], &order, 1) == 1) {
		err = step(order);
		if (!err && write(t->answer[1], &order, 1) != 1)
			err = 1;
	}
	return err == 1;
}

void target_order(struct target *t, char what)
{
	assert_int_equal(write(t->order[1], &what, 1), 1);
}

void target_await(struct target *t)
{
	char what;

	assert_int_equal(read(t->answer[0], &what, 1), 1);
	t->waits += STEP;
}

void target_begin_watched(struct target *t, const char *option)
{
	const char *who = NAME;

	*t = (struct target){ .csv = live_path(live_folder(), "out") };
	assert_int_equal(pipe2(t->order, O_CLOEXEC), 0);
	assert_int_equal(pipe2(t->answer, O_CLOEXEC), 0);
	t->live = live_call(target, t);
	close(t->order[0]);
	close(t->answer[1]);
	target_await(t);
	if (!strcmp(option, "-p"))
		who = live_number((uint64_t)t->live->pid);
	t->watch = live_watch((const char *[]){ "-q", "-i", "0.2", "--csv",
						t->csv, option, who, NULL });
	t->waits = 0;
}

void target_begin(struct target *t)
{
	target_begin_watched(t, "-p");
}

void target_step(struct target *t, char what)
{
	target_order(t, what);
	target_await(t);
}

void target_check(struct target *t, const char *what)
{
	struct csvtable locks;
	uint64_t waits;

	csv_read(&locks, t->csv, "locks");
	waits = csv_sum(&locks, "waits", "scope", "total", NULL) -
		csv_sum(&locks, "waits", "scope", "total", "kind", "join",
			NULL);
	csv_done(&locks);
	figure("%s: %llu of %llu waits counted", what,
	       (unsigned long long)waits, (unsigned long long)t->waits);
	assert_int_equal(waits, t->waits);
}

void target_end(struct target *t, const char *what)
{
	close(t->order[1]);
	close(t->answer[0]);
	assert_int_equal(live_wait(t->live), 0);
	if (live_wait(t->watch))
		fail_msg("%s: status %d: %s", what, t->watch->status,
			 live_err(t->watch));
	target_check(t, what);
	live_done(t->watch);
	live_done(t->live);
}
