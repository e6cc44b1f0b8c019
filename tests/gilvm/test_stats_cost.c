// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What gilvm's own account costs: no futex call. A program with one thread, so
 * that the number of its calls is always the same, releases and takes the GIL
 * some thousand times; each of its system calls is counted, with an account and
 * without.
 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Two releases for each of 2,000 rounds: in the write and in the read. */
static const char program[] = "import os\n"
			      "import threading\n"
			      "ends = os.pipe()\n"
			      "lock = threading.Lock()\n"
			      "n = 0\n"
			      "for i in range(2000):\n"
			      "    os.write(ends[1], b'x')\n"
			      "    os.read(ends[0], 1)\n"
			      "    with lock:\n"
			      "        n += 1\n"
			      "print('rounds', n)\n";

struct calls {
	unsigned long all, futex;
	int status;
};

static void start_traced(const char *gil, const char *stats, const char *path)
{
	int fd = open("/dev/null", O_WRONLY);

	dup2(fd, 1);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(126);
	raise(SIGSTOP);
	if (stats)
		execl(built("workloads/gilvm"), "gilvm", gil, stats, path,
		      (char *)NULL);
	else
		execl(built("workloads/gilvm"), "gilvm", gil, path,
		      (char *)NULL);
	_exit(127);
}

static void count_stop(struct calls *c, pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	c->all++;
	c->futex += info.entry.nr == SYS_futex;
}

static struct calls calls_of(const char *gil, const char *stats,
			     const char *path)
{
	struct calls c = { 0 };
	pid_t pid = fork();
	int status;

	if (pid == 0)
		start_traced(gil, stats, path);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL,
				PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL),
			 0);
	for (;;) {
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status) || WIFSIGNALED(status))
			break;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			count_stop(&c, pid);
	}
	c.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
	return c;
}

static void an_account_makes_no_futex_call(void **state)
{
	static const char *const gils[] = { "--gil=ticks", "--gil=interval",
					    "--gil=fair" };
	char path[256], file[256], option[300], *json;
	struct calls with, without;

	(void)state;
	snprintf(path, sizeof(path), "%s", temp_name("rounds.py"));
	snprintf(file, sizeof(file), "%s", temp_name("stats.json"));
	snprintf(option, sizeof(option), "--stats=%s", file);
	write_file(path, program, sizeof(program) - 1);
	for (size_t i = 0; i < sizeof(gils) / sizeof(*gils); i++) {
		without = calls_of(gils[i], NULL, path);
		with = calls_of(gils[i], option, path);
		assert_int_equal(without.status, 0);
		assert_int_equal(with.status, 0);
		json = read_file(file);
		assert_non_null(json);
		print_message("%s: %.0f acquisitions; futex calls %lu with an "
			      "account, %lu without (all calls %lu, %lu)\n",
			      gils[i], json_number(json, "acquired"),
			      with.futex, without.futex, with.all, without.all);
		assert_true(json_number(json, "acquired") > 4000);
		assert_int_equal(with.futex, without.futex);
		/* It was counted at all; and the account is written once. */
		assert_true(without.all > 4000);
		assert_true(with.all - without.all < 100);
		free(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_makes_no_futex_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
