// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs with known output, under every lock, and beside python3. */
#include "run.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const programs[] = {
	"numbers",   "strings", "lists",   "control",
	"functions", "errors",  "threads", "process",
};

#define N_PROGRAMS (sizeof(programs) / sizeof(programs[0]))

static const char *const locks[] = {
	"--gil=interval",          "--gil=ticks --lock=sem",
	"--gil=ticks --lock=cond", "--gil=fair",
	"--gil=ticks --check=1",   "--gil=interval --interval=0.0001",
};

#define N_LOCKS (sizeof(locks) / sizeof(locks[0]))

static char *expected(const char *program)
{
	char path[256];
	char *text;

	snprintf(path, sizeof(path), "tests/gilvm/lang/%s.out", program);
	text = read_file(path);
	assert_non_null(text);
	return text;
}

static void known_output(void **state)
{
	struct result r;

	(void)state;
	for (size_t i = 0; i < N_PROGRAMS; i++) {
		char *want = expected(programs[i]);

		for (size_t k = 0; k < N_LOCKS; k++) {
			run(&r, 60, "%s %s tests/gilvm/lang/%s.py",
			    built("workloads/gilvm"), locks[k], programs[i]);
			if (r.status || strcmp(r.out, want))
				print_error("%s with %s: exit status %d\n%s",
					    programs[i], locks[k], r.status,
					    r.err);
			assert_string_equal(r.out, want);
			assert_int_equal(r.status, 0);
			result_free(&r);
		}
		free(want);
	}
}

/* The expectations themselves are what Python says. */
static void python_says_the_same(void **state)
{
	struct result r;

	(void)state;
	if (!python_version())
		skip_because("python3 does not run here");
	for (size_t i = 0; i < N_PROGRAMS; i++) {
		char *want = expected(programs[i]);

		run(&r, 60, "python3 -W ignore tests/gilvm/lang/%s.py",
		    programs[i]);
		assert_string_equal(r.out, want);
		result_free(&r);
		free(want);
	}
}

/* The programs for the experiments: with small sizes, where the output does
 * not depend on time and luck. */
static const char *const demos[] = {
	"refcount.py",      "refcount.py 1000",       "lock.py 500",
	"deadlock.py safe", "deadlock.py unsafe 0.5",
};

static void demos_print_the_same(void **state)
{
	struct result a, b;

	(void)state;
	if (!python_version())
		skip_because("python3 does not run here");
	for (size_t i = 0; i < sizeof(demos) / sizeof(demos[0]); i++) {
		run(&a, 60, "%s workloads/programs/%s",
		    built("workloads/gilvm"), demos[i]);
		run(&b, 60, "python3 workloads/programs/%s", demos[i]);
		assert_string_equal(a.out, b.out);
		assert_int_equal(a.status, 0);
		assert_int_equal(b.status, 0);
		result_free(&a);
		result_free(&b);
	}
}

/* Those that print times: the lines up to the first time are the same. */
static const struct {
	const char *command;
	const char *first_line;
} timed[] = {
	{ "race.py 1000", "expected 5000\n" },
	{ "cpu.py sequential 1000", "4 tasks, sequential\n" },
	{ "cpu.py threads 1000", "4 tasks, threads\n" },
	{ "cpu.py processes 1000", "4 tasks, processes\n" },
	{ "countdown.py sequential 1000", "countdown twice, sequential\n" },
	{ "countdown.py threads 1000", "countdown twice, threads\n" },
	{ "countdown.py processes 1000", "countdown twice, processes\n" },
	{ "convoy.py 1 0.3",
	  "1 computing threads beside one that answers\nanswers " },
	{ "longop.py 20 2", "2 calls of one bytecode\nlongest_call_ms " },
};

static void timed_demos_run(void **state)
{
	static const char *const under[] = { "gilvm", "python3" };
	struct result r;

	(void)state;
	for (size_t i = 0; i < sizeof(timed) / sizeof(timed[0]); i++) {
		for (int python = 0; python < 2; python++) {
			if (python && !python_version())
				continue;
			run(&r, 60, "%s workloads/programs/%s",
			    python ? under[1] : built("workloads/gilvm"),
			    timed[i].command);
			assert_int_equal(r.status, 0);
			if (strncmp(r.out, timed[i].first_line,
				    strlen(timed[i].first_line)))
				fail_msg("%s under %s: %s%s", timed[i].command,
					 under[python], r.out, r.err);
			result_free(&r);
		}
	}
}

/* Answers whoever connects, until it is killed. Returns its process. */
static pid_t start_server(int *port)
{
	static const char answer[] = "HTTP/1.0 200 OK\r\n\r\nhello\n";
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char request[256];
	pid_t pid;

	assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	*port = ntohs(at.sin_port);
	pid = fork();
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (pid == 0) {
		int s = accept(fd, NULL, NULL);

		if (read(s, request, sizeof(request)) > 0 &&
		    write(s, answer, sizeof(answer) - 1) < 0)
			_exit(1);
		close(s);
	}
	close(fd);
	return pid;
}

/* Those that need somebody else: a server, or a Ctrl-C. */
static void demos_with_others_print_the_same(void **state)
{
	static const char *const how[] = { "sequential", "threads" };
	int port;
	pid_t server = start_server(&port);
	struct result r;

	(void)state;
	for (int i = 0; i < 4; i++) {
		const char *vm = i < 2 ? built("workloads/gilvm") : "python3";

		if (i >= 2 && !python_version())
			break;
		run(&r, 60, "%s workloads/programs/requests_io.py %d %s", vm,
		    port, how[i % 2]);
		assert_int_equal(r.status, 0);
		assert_int_equal(strncmp(r.out, "answers 4\nseconds ", 18), 0);
		result_free(&r);
		run(&r, 60,
		    "timeout --foreground --preserve-status -s INT 1.5 %s "
		    "workloads/programs/signal_join.py %d",
		    vm, 1 + i % 2);
		assert_string_equal(r.out, "waiting\ninterrupted\n");
		assert_int_equal(r.status, 0);
		result_free(&r);
	}
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}

/* Under --gil=none nothing crashes, whatever races. */
static void nothing_crashes_without_a_lock(void **state)
{
	static const char *const commands[] = {
		"workloads/programs/refcount.py 50000",
		"workloads/programs/race.py 50000",
		"workloads/programs/lock.py 20000",
		"workloads/programs/cpu.py threads 50000",
		"workloads/programs/countdown.py threads 100000",
		"workloads/programs/deadlock.py safe",
		"workloads/programs/convoy.py 2 0.3",
		"tests/gilvm/lang/threads.py",
		"tests/gilvm/none_lists.py",
	};
	struct result r;

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		run(&r, 60, "%s --gil=none %s", built("workloads/gilvm"),
		    commands[i]);
		if (r.status)
			print_error("%s: %s%s", commands[i], r.out, r.err);
		assert_int_equal(r.status, 0);
		assert_non_null(strstr(r.err, "gilvm: no GIL: lost "));
		result_free(&r);
	}
}

static void count_updates_get_lost_without_a_lock(void **state)
{
	struct result r;
	double lost = -1;

	(void)state;
	if (cores() < 2)
		skip_because("one core: nothing runs at the same time");
	/* On a busy machine the threads may run one after the other. */
	for (int i = 0; i < 10 && lost <= 0; i++) {
		run(&r, 60,
		    "%s --gil=none workloads/programs/refcount.py 1000000",
		    built("workloads/gilvm"));
		print_message("%s", r.err);
		lost = number_after(r.err, "lost");
		if (lost > 0)
			assert_true(number_after(r.out, "before:") !=
				    number_after(r.out, "after:"));
		result_free(&r);
	}
	assert_true(lost > 0);
	/* A single thread loses nothing. */
	run(&r, 60, "%s --gil=none workloads/programs/cpu.py sequential 20000",
	    built("workloads/gilvm"));
	assert_int_equal((int)number_after(r.err, "lost"), 0);
	result_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_output),
		cmocka_unit_test(python_says_the_same),
		cmocka_unit_test(demos_print_the_same),
		cmocka_unit_test(timed_demos_run),
		cmocka_unit_test(demos_with_others_print_the_same),
		cmocka_unit_test(nothing_crashes_without_a_lock),
		cmocka_unit_test(count_updates_get_lost_without_a_lock),
	};

	/* For races: only threads that run at the same time lose anything. */
	run_first();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
