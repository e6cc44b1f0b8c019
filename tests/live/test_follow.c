// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Processes are followed through fork, exec and exit; a launched command's
 * status is gilwatch's own.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compare.h"
#include "contend.h"
#include "csvtable.h"
#include "live.h"
#include "truth.h"

#define ROUNDS 400

/* ---- programs that the tests start: this one, with an argument ----------- */

static void tell(int stage, const struct contend_side sides[2])
{
	printf("stage %d pid %d tids %d %d waits %u %u\n", stage, getpid(),
	       sides[0].tid, sides[1].tid, sides[0].waits, sides[1].waits);
	fflush(stdout);
}

static void stage(int number)
{
	struct contend c = { contend_page(), ROUNDS };
	struct contend_side sides[2];

	contend_both(&c, sides);
	tell(number, sides);
}

static void *exec_next(void *program)
{
	execl(program, program, "exec-3", (char *)NULL);
	_exit(98);
}

/* Stage 1 execs stage 2, and a second thread of that one execs stage 3. */
static int execs(const char *program, int number)
{
	pthread_t thread;

	stage(number);
	if (number == 1)
		execl(program, program, "exec-2", (char *)NULL);
	if (number == 2 &&
	    !pthread_create(&thread, NULL, exec_next, (void *)program))
		pause();
	return number == 3 ? 0 : 98;
}

/* A child has the same memory at the same address. */
static int forks(void)
{
	struct contend c = { contend_page(), ROUNDS };
	struct contend_side sides[2];
	pid_t pid;

	contend_both(&c, sides);
	tell(1, sides);
	pid = fork();
	if (pid)
		return waitpid(pid, NULL, 0) != pid;
	contend_both(&c, sides);
	tell(2, sides);
	return 0;
}

/* The next process or thread gets this number, if nobody is faster. */
static void next_tid(int tid)
{
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		_exit(97);
	dprintf(fd, "%d", tid - 1);
	close(fd);
}

struct second {
	struct contend *contend;
	int want;
	_Atomic int got;
	unsigned int waits;
};

static void *with_that_tid(void *arg)
{
	struct second *s = arg;
	struct contend_side side;

	atomic_store(&s->got, gettid());
	if (gettid() != s->want)
		return NULL;
	side = contend_turns(s->contend, 1);
	s->waits = side.waits;
	return NULL;
}

/* A thread that has the number of one that has ended. */
static int reuses(void)
{
	struct contend c = { contend_page(), ROUNDS };
	struct second s = { .contend = &c };
	struct contend_side sides[2];
	pthread_t thread;

	contend_both(&c, sides);
	tell(1, sides);
	s.want = sides[1].tid;
	atomic_store(c.word, 0);
	for (int i = 0; i < 1000 && s.got != s.want; i++) {
		atomic_store(&s.got, 0);
		next_tid(s.want);
		pthread_create(&thread, NULL, with_that_tid, &s);
		while (!atomic_load(&s.got))
			usleep(100);
		if (s.got != s.want)
			pthread_join(thread, NULL);
	}
	if (s.got != s.want)
		return 96;
	sides[0] = contend_turns(&c, 0);
	pthread_join(thread, NULL);
	sides[1].waits = s.waits;
	tell(2, sides);
	return 0;
}

static int be(const char *program, const char *what)
{
	if (!strncmp(what, "exec-", 5))
		return execs(program, atoi(what + 5));
	if (!strcmp(what, "fork"))
		return forks();
	if (!strcmp(what, "reuse"))
		return reuses();
	return 95;
}

/* ---- what they told ------------------------------------------------------ */

struct told {
	int pid, tid[2];
	unsigned int waits[2];
};

static void read_told(struct told *told, const char *out, int stage_number)
{
	char begin[32];
	const char *line;

	snprintf(begin, sizeof(begin), "stage %d pid ", stage_number);
	line = strstr(out, begin);
	if (!line || sscanf(line, "stage %*d pid %d tids %d %d waits %u %u",
			    &told->pid, &told->tid[0], &told->tid[1],
			    &told->waits[0], &told->waits[1]) != 5)
		fail_msg("no stage %d in %s", stage_number, out);
}

/* Starts this program under gilwatch; its status. */
static int watch_self(const char *what, const char *csv, struct told *told,
		      int stages)
{
	static char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct live *l;
	int status;

	assert_true(n > 0);
	l = live_run((const char *[]){ live_gilwatch(), "-q", "--csv", csv,
				       "--", self, what, NULL },
		     NULL, NULL);
	status = l->status;
	for (int i = 0; i < stages && !status; i++)
		read_told(&told[i], live_out(l), i + 1);
	live_done(l);
	return status;
}

/* Each stage's waits are those of one of the process's locks at the address;
 * which one, the file does not say. */
static void check_stage(struct compare *c, const struct csvtable *locks,
			const struct told *told, int stage_number)
{
	const char *pid = live_number((uint64_t)told->pid);
	const char *lock = live_hex(0x10000000);
	double want = told->waits[0] + told->waits[1];
	double best = INFINITY, waits;
	size_t row = 0;

	while ((row = csv_find(locks, row, "scope", "total", "pid", pid, "lock",
			       lock, NULL)) != CSV_NONE) {
		waits = (double)csv_u64(locks, row++, "waits");
		if (fabs(waits - want) < fabs(best - want))
			best = waits;
	}
	compare_near(c, best, want, 0.01, 1, "waits in stage %d", stage_number);
}

/* Handoffs are between the two threads of a stage only. */
static void check_pairs(struct compare *c, const struct csvtable *t,
			const struct told *told, int stages)
{
	uint64_t all = csv_sum(t, "handoffs", "scope", "total", "lock",
			       live_hex(0x10000000), NULL);
	uint64_t known = 0;

	for (int i = 0; i < stages; i++)
		for (int side = 0; side < 2; side++)
			known += csv_sum(
				t, "handoffs", "scope", "total", "lock",
				live_hex(0x10000000), "from_tid",
				live_number((uint64_t)told[i].tid[side]),
				"to_tid",
				live_number((uint64_t)told[i].tid[!side]),
				NULL);
	compare_near(c, (double)known, (double)all, 0, 0,
		     "handoffs between threads of one image");
}

static void check_program(struct compare *c, const char *what, int stages)
{
	const char *csv = live_path(live_folder(), "csv");
	struct told told[3];
	struct csvtable t;
	int status = watch_self(what, csv, told, stages);

	if (status)
		fail_msg("%s: exit status %d", what, status);
	csv_read(&t, csv, "locks");
	compare_true(c,
		     csv_count(&t, "scope", "total", "lock",
			       live_hex(0x10000000), NULL) == (size_t)stages,
		     "%s: %zu locks, not %d", what,
		     csv_count(&t, "scope", "total", "lock",
			       live_hex(0x10000000), NULL),
		     stages);
	for (int i = 0; i < stages; i++)
		check_stage(c, &t, &told[i], i + 1);
	csv_done(&t);
	csv_read(&t, csv, "handoffs");
	check_pairs(c, &t, told, stages);
	csv_done(&t);
}

static void measure_exec(struct compare *c, const void *ctx)
{
	(void)ctx;
	check_program(c, "exec-1", 3);
}

static void exec_forgets_the_locks(void **state)
{
	(void)state;
	live_require();
	compare_retry(measure_exec, NULL);
}

static void measure_fork(struct compare *c, const void *ctx)
{
	(void)ctx;
	check_program(c, "fork", 2);
}

static void a_forked_child_has_locks_of_its_own(void **state)
{
	(void)state;
	live_require();
	compare_retry(measure_fork, NULL);
}

/* ---- numbers used again -------------------------------------------------- */

/* The two threads of a number, in either order. */
static void check_same_tid(struct compare *c, const struct csvtable *t,
			   const char *tid, const struct told told[2])
{
	size_t row[2];
	int swap;

	row[0] = csv_find(t, 0, "scope", "total", "tid", tid, NULL);
	row[1] = csv_find(t, row[0] + 1, "scope", "total", "tid", tid, NULL);
	swap = fabs((double)csv_u64(t, row[0], "handoffs_in") -
		    told[0].waits[1]) > told[0].waits[1] * 0.01 + 1;
	for (int i = 0; i < 2; i++)
		compare_near(c,
			     (double)csv_u64(t, row[i ^ swap], "handoffs_in"),
			     told[i].waits[1], 0.01, 1,
			     "handoffs to thread %s of stage %d", tid, i + 1);
}

static void measure_reuse(struct compare *c, const void *ctx)
{
	const char *csv = live_path(live_folder(), "csv"), *tid;
	struct told told[2];
	struct csvtable t;
	int status = watch_self("reuse", csv, told, 2);

	(void)ctx;
	if (status)
		fail_msg("exit status %d", status);
	assert_int_equal(told[0].tid[1], told[1].tid[1]);
	tid = live_number((uint64_t)told[0].tid[1]);
	csv_read(&t, csv, "threads");
	if (csv_count(&t, "scope", "total", "tid", tid, NULL) == 2)
		check_same_tid(c, &t, tid, told);
	else
		compare_true(c, false, "not two threads %s", tid);
	csv_done(&t);
}

static void a_tid_used_again_is_a_new_thread(void **state)
{
	(void)state;
	live_require();
	if (access("/proc/sys/kernel/ns_last_pid", W_OK))
		live_skip("this kernel does not let a process number be "
			  "chosen (CONFIG_CHECKPOINT_RESTORE)");
	compare_retry(measure_reuse, NULL);
}

/* ---- children of a command ----------------------------------------------- */

static void check_child(struct compare *c, const struct csvtable *t,
			const char *json)
{
	struct truth truth;
	size_t row;

	truth_read(&truth, json);
	row = csv_one(t, "scope", "total", "pid",
		      live_number((uint64_t)truth.pid), "lock",
		      live_hex(truth.lock[0].address), NULL);
	compare_near(c, (double)csv_u64(t, row, "waits"),
		     (double)truth.lock[0].contended, 0.01, 0, "waits of %s",
		     json);
	compare_true(c, !strcmp(csv_cell(t, row, "comm"), "handoff"),
		     "its name is %s", csv_cell(t, row, "comm"));
}

static void measure_children(struct compare *c, const void *ctx)
{
	const char *folder = live_folder();
	char csv[128], one[128], two[128], script[4096];
	struct csvtable t;
	struct live *l;

	(void)ctx;
	snprintf(csv, sizeof(csv), "%s/csv", folder);
	snprintf(one, sizeof(one), "%s/one", folder);
	snprintf(two, sizeof(two), "%s/two", folder);
	snprintf(script, sizeof(script),
		 "%s --count 600 --hold-us 300 --json %s & "
		 "(%s --count 600 --hold-us 300 --json %s); wait",
		 live_workload("handoff"), one, live_workload("handoff"), two);
	l = live_run((const char *[]){ live_gilwatch(), "-q", "--csv", csv,
				       "--", "sh", "-c", script, NULL },
		     NULL, NULL);
	assert_int_equal(l->status, 0);
	csv_read(&t, csv, "locks");
	check_child(c, &t, one);
	check_child(c, &t, two);
	csv_done(&t);
}

static void children_of_a_command_are_watched(void **state)
{
	(void)state;
	live_require();
	compare_retry(measure_children, NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(children_of_a_command_are_watched),
		LIVE_TEST(exec_forgets_the_locks),
		LIVE_TEST(a_forked_child_has_locks_of_its_own),
		LIVE_TEST(a_tid_used_again_is_a_new_thread),
	};

	if (argc > 1)
		return be(argv[0], argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
