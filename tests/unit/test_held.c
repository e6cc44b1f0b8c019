// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Output that is held back and written at once: each write is a packet. */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "held.h"

static struct {
	int packets[2];
	struct held *held;
	int fd;
} t;

static int open_held(void **state)
{
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, t.packets), 0);
	assert_int_equal(held_new(&t.held, t.packets[0]), 0);
	t.fd = fileno(held_file(t.held));
	return 0;
}

static int close_held(void **state)
{
	(void)state;
	held_free(t.held);
	close(t.packets[0]);
	close(t.packets[1]);
	return 0;
}

static void put(const char *text)
{
	assert_int_equal(write(t.fd, text, strlen(text)), strlen(text));
}

/* The next write is this one; NULL: there is none. */
static void expect(const char *text)
{
	char got[256] = { 0 };
	ssize_t n = recv(t.packets[1], got, sizeof(got) - 1, MSG_DONTWAIT);

	if (!text) {
		assert_int_equal(n, -1);
		return;
	}
	assert_int_equal(n, strlen(text));
	assert_string_equal(got, text);
}

static void what_is_not_held_is_written_as_it_comes(void **state)
{
	(void)state;
	put("one");
	put("two");
	expect("one");
	expect("two");
	assert_int_equal(held_release(t.held), 0);
	expect(NULL);
}

static void what_is_held_is_one_write(void **state)
{
	(void)state;
	assert_int_equal(held_start(t.held), 0);
	put("a");
	put("b");
	put("c");
	expect(NULL);
	assert_int_equal(held_release(t.held), 0);
	expect("abc");
	expect(NULL);
	put("now");
	expect("now");
}

static void nothing_of_the_last_one_is_left(void **state)
{
	(void)state;
	assert_int_equal(held_start(t.held), 0);
	put("a long frame, the first");
	assert_int_equal(held_release(t.held), 0);
	assert_int_equal(held_start(t.held), 0);
	put("short");
	assert_int_equal(held_release(t.held), 0);
	assert_int_equal(held_start(t.held), 0);
	assert_int_equal(held_release(t.held), 0);
	expect("a long frame, the first");
	expect("short");
	expect(NULL);
}

/* More than the socket holds: the reader has to make room meanwhile. */
static void a_reader_that_is_slow(void **state)
{
	enum { SIZE = 8 << 20 };
	char *text = malloc(SIZE), *got = malloc(SIZE);
	struct held *held;
	int pipes[2], status;
	size_t n = 0;
	pid_t child;
	ssize_t part;

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		text[i] = (char)('a' + i % 23);
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (!child) {
		if (held_new(&held, pipes[1]) || held_start(held) ||
		    write(fileno(held_file(held)), text, SIZE) != SIZE)
			_exit(1);
		_exit(held_release(held) ? 2 : 0);
	}
	close(pipes[1]);
	while ((part = read(pipes[0], got + n, SIZE - n)) > 0)
		n += (size_t)part;
	assert_int_equal(n, SIZE);
	assert_memory_equal(got, text, SIZE);
	close(pipes[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	free(text);
	free(got);
}

static void a_reader_that_is_gone(void **state)
{
	(void)state;
	assert_int_equal(held_start(t.held), 0);
	put("into nothing");
	shutdown(t.packets[0], SHUT_WR);
	close(t.packets[1]);
	t.packets[1] = dup(t.packets[0]);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(held_release(t.held), -EPIPE);
}

static void nowhere_to_write(void **state)
{
	struct held *held;

	(void)state;
	assert_int_equal(held_new(&held, -1), -EBADF);
	held_free(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_held, close_held)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_not_held_is_written_as_it_comes),
		TEST(what_is_held_is_one_write),
		TEST(nothing_of_the_last_one_is_left),
		TEST(a_reader_that_is_slow),
		TEST(a_reader_that_is_gone),
		cmocka_unit_test(nowhere_to_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
