// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who has a mutex and where a thread is blocked, of this process itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "blocked.h"
#include "owner.h"

/* Far beyond what anything here needs; reached only when it hangs. */
#define PATIENCE_MS 20000

static struct owner owner_of(const pthread_mutex_t *m)
{
	struct mem_buffer b = { (uintptr_t)m, m, sizeof(*m) };
	struct mem mem = mem_of_buffer(&b);

	return owner_read(&mem, b.base);
}

static void make(pthread_mutex_t *m, int type, int protocol, int robust)
{
	pthread_mutexattr_t a;

	assert_int_equal(pthread_mutexattr_init(&a), 0);
	assert_int_equal(pthread_mutexattr_settype(&a, type), 0);
	assert_int_equal(pthread_mutexattr_setprotocol(&a, protocol), 0);
	assert_int_equal(pthread_mutexattr_setrobust(&a, robust), 0);
	assert_int_equal(pthread_mutex_init(m, &a), 0);
	pthread_mutexattr_destroy(&a);
}

static void check_mutex(int type, int protocol, int robust)
{
	pthread_mutex_t m;
	struct owner o;

	make(&m, type, protocol, robust);
	assert_int_equal(owner_of(&m).state, OWNER_FREE);
	assert_int_equal(pthread_mutex_lock(&m), 0);
	o = owner_of(&m);
	assert_int_equal(o.state, OWNER_HELD);
	assert_int_equal(o.tid, gettid());
	assert_int_equal(o.recursive, type == PTHREAD_MUTEX_RECURSIVE);
	assert_int_equal(owner_thread(getpid(), o.tid), gettid());
	assert_int_equal(pthread_mutex_unlock(&m), 0);
	assert_int_equal(owner_of(&m).state, OWNER_FREE);
	pthread_mutex_destroy(&m);
}

static void owners(void **state)
{
	(void)state;
	check_mutex(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE,
		    PTHREAD_MUTEX_STALLED);
	check_mutex(PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE,
		    PTHREAD_MUTEX_STALLED);
	check_mutex(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE,
		    PTHREAD_MUTEX_STALLED);
	check_mutex(PTHREAD_MUTEX_ADAPTIVE_NP, PTHREAD_PRIO_NONE,
		    PTHREAD_MUTEX_STALLED);
	check_mutex(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT,
		    PTHREAD_MUTEX_STALLED);
	check_mutex(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE,
		    PTHREAD_MUTEX_ROBUST);
}

static void not_a_mutex(void **state)
{
	static const uint32_t bytes[][5] = {
		{ 3, 0, 100, 1, 0 },        { 1, 0, 5000000, 1, 0 },
		{ 1, 1, 100, 1, 0 },        { 1, 0, 100, 1, 0x4000 },
		{ 0, 0, 100, 1, 0 },        { 2, 0, 0, 0, 0 },
		{ 7, 0, 100, 1, 0x20 },     { 1, 0, 100, 0xffffffff, 0 },
		{ 1, 0xffffffff, 9, 1, 1 },
	};
	struct mem_buffer b = { 0x1000, bytes, sizeof(bytes) };
	struct mem mem = mem_of_buffer(&b);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
		if (owner_read(&mem, 0x1000 + i * sizeof(bytes[0])).state !=
		    OWNER_UNKNOWN)
			fail_msg("bytes %zu are taken for a mutex", i);
	assert_int_equal(owner_read(&mem, 0x1001).state, OWNER_UNKNOWN);
	assert_int_equal(owner_read(&mem, 0).state, OWNER_UNKNOWN);
	assert_int_equal(owner_read(&mem, UINT64_MAX - 3).state, OWNER_UNKNOWN);
}

static void no_thread(void **state)
{
	(void)state;
	assert_int_equal(owner_thread(getpid(), 0), -ESRCH);
	assert_int_equal(owner_thread(getpid(), 4194304), -ESRCH);
	assert_int_equal(owner_thread(getpid(), UINT32_MAX), -ESRCH);
	assert_int_equal(owner_thread(4194304, 1), -ESRCH);
	/* A thread of another process. */
	assert_int_equal(owner_thread(getpid(), (uint32_t)getppid()), -ESRCH);
}

/* ---- where a thread is blocked ------------------------------------------- */

static struct blocked parse(const char *text)
{
	struct blocked b;

	assert_int_equal(blocked_parse(text, strlen(text), &b), 0);
	return b;
}

static void parsed(void **state)
{
	struct blocked b;

	(void)state;
	assert_int_equal(parse("running\n").in, BLOCKED_RUNNING);
	assert_int_equal(parse("-1 0x7ffc0 0x7f1\n").in, BLOCKED_FAULT);
	assert_int_equal(parse("0 0x3 0x7f 0x400 0x0 0x0 0x0 0x7 0x8").in,
			 BLOCKED_CALL);
	assert_int_equal(blocked_parse("", 0, &b), -EPROTO);
	assert_int_equal(blocked_parse("x", 1, &b), -EPROTO);
	assert_int_equal(blocked_parse("202 0x1 0x2\n", 12, &b), -EPROTO);
}

static struct blocked parse_futex(long call, const char *args)
{
	char text[128];

	snprintf(text, sizeof(text), "%ld %s 0x7ffc0 0x7f00\n", call, args);
	return parse(text);
}

static void parsed_futex(void **state)
{
	struct blocked b;

	(void)state;
	/* WAIT_BITSET | PRIVATE | CLOCK_REALTIME, without a timeout. */
	b = parse_futex(SYS_futex, "0x7f00ab 0x189 0x0 0x0 0x0 0xffffffff");
	assert_int_equal(b.in, BLOCKED_CALL); /* not aligned: no such wait */
	b = parse_futex(SYS_futex, "0x7f00a8 0x189 0x0 0x0 0x0 0xffffffff");
	assert_int_equal(b.in, BLOCKED_FUTEX);
	assert_int_equal(b.word, 0x7f00a8);
	assert_false(b.timed || b.shared || b.owned || b.restarted);
	/* WAIT, shared, value 2, with a timeout. */
	b = parse_futex(SYS_futex, "0x7f00a8 0x0 0x2 0x7ffd0 0x0 0x0");
	assert_true(b.timed && b.shared);
	assert_int_equal(b.val, 2);
	b = parse_futex(SYS_futex, "0x7f00a8 0x86 0x0 0x0 0x0 0x0");
	assert_true(b.owned);
	/* WAKE does not wait. */
	b = parse_futex(SYS_futex, "0x7f00a8 0x81 0x1 0x0 0x0 0x0");
	assert_int_equal(b.in, BLOCKED_CALL);
	b = parse_futex(SYS_restart_syscall,
			"0x7f00a8 0x189 0x0 0x7ffd0 0x0 0xffffffff");
	assert_int_equal(b.in, BLOCKED_FUTEX);
	assert_true(b.restarted);
	/* nanosleep that goes on: its arguments are no futex call. */
	b = parse_futex(SYS_restart_syscall,
			"0x7ffe30 0x7ffe40 0x0 0x0 0x0 0x0");
	assert_int_equal(b.in, BLOCKED_CALL);
	b = parse_futex(455, "0x7f00a8 0x5 0xffffffff 0x82 0x0 0x1");
	assert_int_equal(b.in, BLOCKED_FUTEX);
	assert_int_equal(b.val, 5);
	assert_false(b.shared || b.timed);
}

/* A thread that waits for a mutex that the first thread has. */
struct waiter {
	pthread_mutex_t mutex;
	_Atomic pid_t tid;
};

static void *wait_for_mutex(void *arg)
{
	struct waiter *w = arg;

	w->tid = gettid();
	pthread_mutex_lock(&w->mutex);
	pthread_mutex_unlock(&w->mutex);
	return NULL;
}

static bool waits_on(pid_t tid, const void *word)
{
	struct blocked b;

	return tid && !blocked_read(getpid(), tid, &b) &&
	       b.in == BLOCKED_FUTEX && b.word == (uintptr_t)word;
}

static void a_real_wait(void **state)
{
	struct waiter w = { .mutex = PTHREAD_MUTEX_INITIALIZER };
	struct blocked *list;
	pthread_t thread;
	size_t count, i;
	int ms, found = 0;

	(void)state;
	pthread_mutex_lock(&w.mutex);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_mutex, &w), 0);
	for (ms = 0; ms < PATIENCE_MS && !waits_on(w.tid, &w.mutex); ms++)
		usleep(1000);
	assert_true(waits_on(w.tid, &w.mutex));
	assert_int_equal(blocked_all(getpid(), &list, &count), 0);
	assert_int_equal(count, 2);
	for (i = 0; i < count; i++) {
		if (list[i].tid == w.tid) {
			found++;
			assert_int_equal(list[i].in, BLOCKED_FUTEX);
			assert_int_equal(list[i].val, 2);
		} else {
			assert_int_equal(list[i].tid, getpid());
			assert_int_not_equal(list[i].in, BLOCKED_FUTEX);
		}
	}
	assert_int_equal(found, 1);
	assert_int_equal(owner_of(&w.mutex).tid, gettid());
	free(list);
	pthread_mutex_unlock(&w.mutex);
	pthread_join(thread, NULL);
	assert_int_equal(blocked_all(4194304, &list, &count), -ESRCH);
}

/* Of several at once, the ones behind a word that cannot be read, too. */
static void many_owners(void **state)
{
	pthread_mutex_t held, free_one;
	const uint64_t word[] = {
		(uintptr_t)&held, (uintptr_t)&free_one, 16,
		(uintptr_t)&held, UINT64_MAX - 3,       (uintptr_t)&held + 1,
		(uintptr_t)&held
	};
	struct owner o[sizeof(word) / sizeof(*word)];
	struct mem_process process;

	(void)state;
	make(&held, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE,
	     PTHREAD_MUTEX_STALLED);
	make(&free_one, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE,
	     PTHREAD_MUTEX_STALLED);
	assert_int_equal(pthread_mutex_lock(&held), 0);
	mem_process_open(&process, getpid());
	owner_read_many(&process, word, o, sizeof(o) / sizeof(*o));
	mem_process_close(&process);
	assert_int_equal(pthread_mutex_unlock(&held), 0);
	for (size_t i = 0; i < sizeof(o) / sizeof(*o); i++) {
		assert_int_equal(o[i].state, word[i] == (uintptr_t)&held
						     ? OWNER_HELD
					     : word[i] == (uintptr_t)&free_one
						     ? OWNER_FREE
						     : OWNER_UNKNOWN);
		assert_int_equal(o[i].tid, o[i].state == OWNER_HELD
						   ? (uint32_t)gettid()
						   : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners),      cmocka_unit_test(not_a_mutex),
		cmocka_unit_test(many_owners), cmocka_unit_test(no_thread),
		cmocka_unit_test(parsed),      cmocka_unit_test(parsed_futex),
		cmocka_unit_test(a_real_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
