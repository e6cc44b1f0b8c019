// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Programs that are stuck, and programs that look like it: a deadlock is told
 * with its threads and locks, also one that was there before gilwatch came, and
 * nothing else is ever called one.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "live.h"

/* Longer than what is needed to be called stuck. */
#define WATCHED "3"

/* What a program stays alive for; it is killed before. */
#define ALIVE "50"

/* ---- helpers --------------------------------------------------------------
 */

/* The summary of watching a program that has been as it is for a while. */
static const char *look_at(const struct live *program)
{
	struct live *w = live_watch(
		(const char *[]){ "-p", live_number((uint64_t)program->pid),
				  "-d", WATCHED, "--plain", "-q", NULL });

	assert_int_equal(live_wait(w), 0);
	return live_out(w);
}

/* As if it were in one line: texts are broken at spaces, and indented. */
static const char *in_one_line(const char *text)
{
	static char line[65536];
	size_t n = 0;

	for (; *text && n < sizeof(line) - 1; text++) {
		line[n] = *text == '\n' ? ' ' : *text;
		if (line[n] != ' ' || !n || line[n - 1] != ' ')
			n++;
	}
	line[n] = '\0';
	return line;
}

static void check_has(const char *out, const char *part)
{
	if (!strstr(in_one_line(out), part))
		fail_msg("no \"%s\" in:\n%s", part, out);
}

/* The workload's process is called deadlock, hence the colon. */
static void check_no_deadlock(const char *out)
{
	if (strstr(out, "deadlock:"))
		fail_msg("a deadlock that is none:\n%s", out);
}

/* Threads that are said to wait while nothing runs. */
static unsigned int waiting(const char *out)
{
	const char *at = strstr(in_one_line(out), "no thread runs, and ");
	unsigned int n = 0;

	if (!at || sscanf(at, "no thread runs, and %u wait", &n) != 1)
		fail_msg("nobody waits:\n%s", out);
	return n;
}

/* What the workload says of itself. */
struct ready {
	int tid[2];
	unsigned long long lock[2];
};

static void read_ready(struct ready *r, const char *out)
{
	const char *line = strstr(out, "ready ");

	if (!line || sscanf(line, "ready %d %d %llx %llx", &r->tid[0],
			    &r->tid[1], &r->lock[0], &r->lock[1]) != 4)
		fail_msg("the workload said: %s", out);
}

static struct live *workload(const char *mode, struct ready *r)
{
	struct live *l = live_start((const char *[]){ live_workload("deadlock"),
						      mode, ALIVE, NULL },
				    NULL, NULL);

	live_await_out(l, "\n");
	read_ready(r, live_out(l));
	return l;
}

/* ---- two mutexes ----------------------------------------------------------
 */

/* Either thread can be the one that is told first. */
static void check_told(const char *out, const struct ready *r)
{
	static const char *const name[] = { "a-to-b", "b-to-a" };
	char part[128];

	check_has(out, "deadlock: 2 threads wait for each other");
	for (int i = 0; i < 2; i++) {
		snprintf(part, sizeof(part), "%s (%d)", name[i], r->tid[i]);
		check_has(out, part);
		/* Each waits for the lock that is the other one's. */
		snprintf(part, sizeof(part),
			 "waits for 0x%llx, held by %s (%d)", r->lock[i],
			 name[i], r->tid[i]);
		check_has(out, part);
	}
	if (strstr(out, "waiting: no thread runs"))
		fail_msg("told twice:\n%s", out);
}

static void a_deadlock_that_was_there_before(void **state)
{
	struct live *l;
	struct ready r;

	(void)state;
	live_require();
	l = workload("unsafe", &r);
	live_sleep(1);
	check_told(look_at(l), &r);
}

/* In an interval, while the program is there. */
static void a_deadlock_that_was_watched(void **state)
{
	struct ready r;
	struct live *w;

	(void)state;
	live_require();
	w = live_watch((const char *[]){ "--plain", "-i", "1", "-d", "5", "--",
					 live_workload("deadlock"), "unsafe",
					 ALIVE, NULL });
	assert_int_equal(live_wait(w), 0);
	read_ready(&r, live_out(w));
	check_told(live_out(w), &r);
}

static void a_thread_that_waits_for_itself(void **state)
{
	const char *out;
	struct live *l;
	struct ready r;
	char part[128];

	(void)state;
	live_require();
	l = workload("self", &r);
	out = look_at(l);
	snprintf(part, sizeof(part),
		 "deadlock: thread again (%d) waits for a lock that it has "
		 "itself",
		 r.tid[0]);
	check_has(out, part);
	check_has(out, live_hex(r.lock[0]));
}

/* One of them waits for the other's end. */
static void a_deadlock_through_a_join(void **state)
{
	const char *out;
	struct live *l;
	struct ready r;
	char part[128];

	(void)state;
	live_require();
	l = workload("join", &r);
	live_sleep(1);
	out = look_at(l);
	check_has(out, "deadlock: 2 threads wait for each other");
	snprintf(part, sizeof(part), "of wants (%d)", r.tid[1]);
	check_has(out, "waits for the end (0x");
	check_has(out, part);
	snprintf(part, sizeof(part), "waits for 0x%llx, held by joins (%d)",
		 r.lock[0], r.tid[0]);
	check_has(out, part);
}

static void locks_in_one_order(void **state)
{
	const char *out;
	struct live *l;
	struct ready r;

	(void)state;
	live_require();
	l = workload("safe", &r);
	out = look_at(l);
	check_no_deadlock(out);
	/* They do contend. */
	check_has(out, live_hex(r.lock[0]));
	if (strstr(out, "waiting: no thread runs"))
		fail_msg("stuck while they run:\n%s", out);
}

/* Who waits for long for somebody who will go on. */
static void a_long_hold(void **state)
{
	const char *out;
	struct live *l;

	(void)state;
	live_require();
	l = live_start((const char *[]){ live_workload("handoff"), "--lock",
					 "mutex", "--threads", "3", "--sleep",
					 "--hold-long", "20", NULL },
		       NULL, NULL);
	live_sleep(1);
	out = look_at(l);
	check_no_deadlock(out);
	assert_true(waiting(out) >= 2);
}

/* From when on a wait is long is the user's choice. */
static void stuck_after_a_time_of_choice(void **state)
{
	struct live *l, *w;
	struct ready r;

	(void)state;
	live_require();
	l = workload("idle", &r);
	live_sleep(1);
	w = live_watch((const char *[]){ "-p", live_number((uint64_t)l->pid),
					 "-d", "1.2", "--stuck", "0.5", "-q",
					 NULL });
	assert_int_equal(live_wait(w), 0);
	assert_int_equal(waiting(live_out(w)), 2);
	live_done(w);
	w = live_watch((const char *[]){ "-p", live_number((uint64_t)l->pid),
					 "-d", "1.2", "--stuck", "60", "-q",
					 NULL });
	assert_int_equal(live_wait(w), 0);
	if (strstr(live_out(w), "no thread runs"))
		fail_msg("told too early:\n%s", live_out(w));
}

static void a_pool_without_work(void **state)
{
	const char *out;
	struct live *l;
	struct ready r;

	(void)state;
	live_require();
	l = workload("idle", &r);
	out = look_at(l);
	check_no_deadlock(out);
	assert_int_equal(waiting(out), 2);
}

/* ---- interpreters ---------------------------------------------------------
 */

/* Not the script in front of it that some version managers have. */
static const char *python(void)
{
	static char path[PATH_MAX];
	struct live *l;

	if (*path)
		return path;
	l = live_run((const char *[]){ "python3", "-c",
				       "import sys\n"
				       "print(sys.executable, end='')",
				       NULL },
		     NULL, NULL);
	if (l->status)
		live_skip("no python3: %s", live_err(l));
	snprintf(path, sizeof(path), "%s", live_out(l));
	live_done(l);
	return path;
}

/* Its threads take their second lock a tenth of a second after the first. */
static void stuck_under(const char *interpreter)
{
	const char *out;
	struct live *l;

	l = live_start((const char *[]){ interpreter,
					 "workloads/programs/deadlock.py",
					 "unsafe", ALIVE, NULL },
		       NULL, NULL);
	live_sleep(1);
	assert_false(live_ended(l));
	out = look_at(l);
	/* Who has such a lock, its memory does not tell. */
	if (!strstr(out, "deadlock: 2 threads"))
		assert_true(waiting(out) >= 2);
}

static void stuck_under_python(void **state)
{
	(void)state;
	live_require();
	stuck_under(python());
}

static void stuck_under_gilvm(void **state)
{
	(void)state;
	live_require();
	stuck_under(live_workload("gilvm"));
}

static void a_python_without_work(void **state)
{
	static const char script[] =
		"import queue, threading\n"
		"work = queue.Queue()\n"
		"worker = threading.Thread(target=work.get)\n"
		"worker.start()\n"
		"print('ready', flush=True)\n"
		"worker.join()\n";
	const char *out;
	struct live *l;

	(void)state;
	live_require();
	l = live_start((const char *[]){ python(), "-c", script, NULL }, NULL,
		       NULL);
	live_await_out(l, "ready");
	out = look_at(l);
	check_no_deadlock(out);
	assert_true(waiting(out) >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_deadlock_that_was_there_before),
		LIVE_TEST(a_deadlock_that_was_watched),
		LIVE_TEST(a_thread_that_waits_for_itself),
		LIVE_TEST(a_deadlock_through_a_join),
		LIVE_TEST(locks_in_one_order),
		LIVE_TEST(a_long_hold),
		LIVE_TEST(stuck_after_a_time_of_choice),
		LIVE_TEST(a_pool_without_work),
		LIVE_TEST(stuck_under_python),
		LIVE_TEST(stuck_under_gilvm),
		LIVE_TEST(a_python_without_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
