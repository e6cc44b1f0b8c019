// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What others can see of a gilvm: its lock in memory, its probes, its speed. */
#include "run.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gil.h"

/* Value of a symbol in .dynsym of an ELF file, or 0. */
static uint64_t dynamic_symbol(const char *path, const char *name)
{
	char *file = read_file(path);
	const Elf64_Ehdr *eh = (const void *)file;
	const Elf64_Shdr *sh = (const void *)(file + eh->e_shoff);
	uint64_t value = 0;

	for (int i = 0; i < eh->e_shnum; i++) {
		const Elf64_Sym *sym = (const void *)(file + sh[i].sh_offset);
		const char *names;

		if (sh[i].sh_type != SHT_DYNSYM)
			continue;
		names = file + sh[sh[i].sh_link].sh_offset;
		for (uint64_t k = 0; k < sh[i].sh_size / sizeof(*sym); k++) {
			if (!strcmp(names + sym[k].st_name, name))
				value = sym[k].st_value;
		}
	}
	free(file);
	return value;
}

static uint64_t load_base(pid_t pid)
{
	char path[64];
	unsigned long base = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%lx", &base) != 1)
		base = 0;
	if (f)
		fclose(f);
	return base;
}

static void read_lock(pid_t pid, uint64_t at, struct gilvm_gil *g)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, g, sizeof(*g), (off_t)at), sizeof(*g));
	close(fd);
}

static pid_t start_gilvm(const char *gil)
{
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open("/dev/null", O_WRONLY);

		dup2(fd, 1);
		execl(built("workloads/gilvm"), "gilvm", gil,
		      "workloads/programs/countdown.py", "threads",
		      "1000000000", (char *)NULL);
		_exit(127);
	}
	usleep(400000);
	return pid;
}

/* What another program sees in the memory of a running gilvm. */
static void lock_can_be_read_from_outside(void **state)
{
	static const char *const gils[] = { "--gil=ticks", "--gil=interval",
					    "--gil=fair" };
	uint64_t symbol = dynamic_symbol(built("workloads/gilvm"), "gilvm_gil");

	(void)state;
	assert_true(symbol != 0);
	for (uint32_t i = 0; i < 3; i++) {
		pid_t pid = start_gilvm(gils[i]);
		uint64_t at = load_base(pid) + symbol;
		struct gilvm_gil a, b;

		read_lock(pid, at, &a);
		usleep(300000);
		read_lock(pid, at, &b);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		assert_memory_equal(a.magic, "gilvmGIL", 8);
		assert_int_equal(a.version, GILVM_GIL_VERSION);
		assert_int_equal(a.size, sizeof(a));
		assert_int_equal(a.policy, i + 1);
		assert_true(b.switch_number > a.switch_number);
		assert_true(a.wait_word[0] > at &&
			    a.wait_word[0] < at + a.size);
	}
}

/* As any tracer finds them. */
static void probes_are_there(void **state)
{
	static const char *const probes[] = { "gil_wait",    "gil_acquire",
					      "gil_release", "thread_start",
					      "io_begin",    "io_end" };
	struct result r;
	char want[128];

	(void)state;
	run(&r, 20, "readelf -n %s", built("workloads/gilvm"));
	assert_int_equal(r.status, 0);
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		const char *at;

		snprintf(want, sizeof(want), "Provider: gilvm\n    Name: %s\n",
			 probes[i]);
		at = strstr(r.out, want);
		if (!at)
			fail_msg("readelf shows no probe %s:\n%s", probes[i],
				 r.out);
		/* Thread id, then time: two arguments, and a semaphore. */
		at = strstr(at, "Semaphore: 0x");
		assert_non_null(at);
		assert_true(strtoull(at + strlen("Semaphore: "), NULL, 16) > 0);
		at = strstr(at, "Arguments: ");
		assert_non_null(at);
		assert_int_equal(at[strlen("Arguments: ")], '4');
		assert_non_null(strstr(at, " 8@"));
	}
	result_free(&r);
}

#define SPEED_ROUNDS 5

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Both twice 10^7, one after the other, so that noise meets both. */
static void fast_enough_beside_python(void **state)
{
	double ratio[SPEED_ROUNDS];
	struct result a, b;

	(void)state;
	if (!python_version())
		skip_because("python3 does not run here");
	run_first();
	for (int i = 0; i < SPEED_ROUNDS; i++) {
		run(&a, 60, "%s workloads/programs/countdown.py sequential",
		    built("workloads/gilvm"));
		run(&b, 60,
		    "python3 workloads/programs/countdown.py "
		    "sequential");
		ratio[i] = number_after(a.out, "seconds") /
			   number_after(b.out, "seconds");
		result_free(&a);
		result_free(&b);
	}
	qsort(ratio, SPEED_ROUNDS, sizeof(ratio[0]), by_value);
	print_message("gilvm takes %.2f times as long as %s (%.2f to %.2f)\n",
		      ratio[SPEED_ROUNDS / 2], python_version(), ratio[0],
		      ratio[SPEED_ROUNDS - 1]);
	assert_true(ratio[SPEED_ROUNDS / 2] > 0);
	assert_true(ratio[SPEED_ROUNDS / 2] <= 1.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lock_can_be_read_from_outside),
		cmocka_unit_test(probes_are_there),
		cmocka_unit_test(fast_enough_beside_python),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
