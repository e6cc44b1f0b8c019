// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "accuracy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accuracy_run.h"
#include "late.h"

/* What is promised, and what the ends of a short run may cost. */
#define HANDOFFS_MARGIN 0.03
#define WAIT_MARGIN 0.03
#define RESPONSE_MARGIN 0.05
#define WAIT_MIN_NS 100e6 /* less has no percentages to speak of */
#define FEW_HANDOFFS 3
#define FEW_WAIT_NS 3e6
#define FEW_RESPONSE_NS 100e3

/* Fewer answers have no median to speak of. */
#define LATE_MIN 20

static const char *const names[] = {
	[ACCURACY_CPU] = "cpu",     [ACCURACY_SLEEP] = "sleep",
	[ACCURACY_READ] = "read",   [ACCURACY_ECHO] = "echo",
	[ACCURACY_LOCKS] = "locks", [ACCURACY_TWO] = "two",
};

const char *accuracy_name(enum accuracy_workload w)
{
	return names[w];
}

/* ---- what was seen and what is true ----------------------------------------
 */

/* In each process the lock that it has, and no other. */
static bool is_recognised(const struct accuracy_run *r)
{
	const char *pid;

	for (int i = 0; i < r->processes; i++) {
		pid = live_number((uint64_t)r->process[i].pid);
		if (csv_count(&r->locks, "scope", "total", "kind", "GIL", "pid",
			      pid, NULL) != 1 ||
		    csv_count(&r->locks, "scope", "total", "kind", "GIL", "pid",
			      pid, "lock", live_hex(r->process[i].gil),
			      NULL) != 1)
			return false;
	}
	return true;
}

/* What a gilvm says itself. */
static const char *account_of(const struct accuracy_run *r, int number)
{
	static char text[1 << 20];
	char name[16];
	FILE *f;
	size_t n;

	snprintf(name, sizeof(name), "truth%d", number);
	f = fopen(live_path(r->folder, name), "r");
	if (!f)
		fail_msg("gilvm wrote no account");
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	return text;
}

static double number_behind(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	if (!at)
		fail_msg("no %s in gilvm's account", key);
	return strtod(at + strlen(key), NULL);
}

static bool only_computes(const struct accuracy_run *r)
{
	return r->workload == ACCURACY_CPU || r->workload == ACCURACY_TWO;
}

static double count_at(const struct accuracy_process *p, double at_ns)
{
	for (size_t i = 1; i < p->samples; i++)
		if (p->sample[i].at_ns >= at_ns)
			return (double)p->sample[i].count;
	return p->samples ? (double)p->sample[p->samples - 1].count : 0;
}

static double seconds_of(const struct csvtable *t, size_t row, const char *name)
{
	return strtod(csv_cell(t, row, name), NULL);
}

/*
 * While all threads compute: at the beginning and at the end the GIL is also
 * taken when it is free, which counts as a switch but is no contended handoff.
 */
static void add_intervals(struct accuracy_pair *sum,
			  const struct accuracy_run *r,
			  const struct accuracy_process *p)
{
	double from = r->begin_ns + ACCURACY_SETTLE_NS, to, begin, end;
	size_t row = 0;

	to = r->begin_ns + ACCURACY_BEFORE_NS + r->seconds * 1e9;
	while ((row = csv_find(&r->locks, row, "scope", "interval", "kind",
			       "GIL", "pid", live_number((uint64_t)p->pid),
			       NULL)) != CSV_NONE) {
		begin = seconds_of(&r->locks, row, "start_s") * 1e9;
		end = seconds_of(&r->locks, row, "end_s") * 1e9;
		if (begin >= from && end <= to) {
			sum->seen +=
				(double)csv_u64(&r->locks, row, "handoffs");
			sum->truth += count_at(p, end) - count_at(p, begin);
		}
		row++;
	}
}

static struct accuracy_pair handoffs_of(const struct accuracy_run *r)
{
	struct accuracy_pair p = { 0 };

	for (int i = 0; i < r->processes; i++) {
		if (r->i->kind == INTERPS_GILVM)
			p.truth += number_behind(account_of(r, i),
						 "\"handoffs\":");
		else if (only_computes(r) && r->process[i].count_at)
			add_intervals(&p, r, &r->process[i]);
	}
	if (r->i->kind == INTERPS_GILVM)
		p.seen = (double)csv_sum(&r->locks, "handoffs", "scope",
					 "total", "kind", "GIL", NULL);
	else if (p.truth == 0)
		p.truth = ACCURACY_NONE;
	return p;
}

/* How far off relative to what is allowed in any case. */
static double off(const struct accuracy_pair *p)
{
	return fabs(p->seen - p->truth) / p->truth;
}

static void compare_wait(struct accuracy *a, const struct accuracy_run *r,
			 unsigned int tid, double truth, bool whole)
{
	struct accuracy_pair p = { .truth = truth };
	size_t row;

	if (truth < WAIT_MIN_NS)
		return;
	row = csv_one(&r->threads, "scope", "total", "tid", live_number(tid),
		      NULL);
	p.seen = (double)csv_u64(&r->threads, row,
				 whole ? "gil_delay_ns" : "lock_wait_ns");
	a->threads++;
	if (a->threads == 1 || off(&p) > off(&a->wait))
		a->wait = p;
}

/* From the moment at which a thread asks for the lock until it has it. */
static void compare_account(struct accuracy *a, const struct accuracy_run *r,
			    int number)
{
	const char *at = strstr(account_of(r, number), "\"threads\":");
	unsigned int tid;

	assert_non_null(at);
	for (; (at = strstr(at, "{\"tid\":")); at++)
		if (sscanf(at, "{\"tid\":%u", &tid) == 1)
			compare_wait(a, r, tid,
				     number_behind(at, "\"wait_ns\":"), true);
}

/* By the kernel's account, the part of it in which the thread is asleep. */
static void compare_proc(struct accuracy *a, const struct accuracy_run *r)
{
	unsigned int pid, tid, only_lock;
	long long asleep;
	const char *at;

	for (at = r->out; (at = strstr(at, "thread ")); at++)
		if (sscanf(at, "thread %u %u %lld %u", &pid, &tid, &asleep,
			   &only_lock) == 4 &&
		    only_lock)
			compare_wait(a, r, tid, (double)asleep, false);
}

/*
 * Locks that are released every hundred bytecodes are waited for some
 * microseconds at a time: less than what lies between a wakeup and the moment
 * at which the kernel's account begins, or reading a clock.
 */
static bool waits_are_short(const struct interps *i)
{
	return (i->kind == INTERPS_PYTHON && i->major == 2) ||
	       !strcmp(i->policy, "ticks");
}

static void compare_waits(struct accuracy *a, const struct accuracy_run *r)
{
	a->wait.truth = ACCURACY_NONE;
	if (waits_are_short(r->i))
		return;
	if (r->i->kind != INTERPS_GILVM)
		compare_proc(a, r);
	for (int i = 0; r->i->kind == INTERPS_GILVM && i < r->processes; i++)
		compare_account(a, r, i);
}

/* The thread that is late: the only one that does not only compute. */
static unsigned int late_thread(const struct accuracy_run *r)
{
	unsigned int pid, tid, only_lock;
	long long asleep;
	const char *at;

	for (at = r->out; (at = strstr(at, "thread ")); at++)
		if (sscanf(at, "thread %u %u %lld %u", &pid, &tid, &asleep,
			   &only_lock) == 4 &&
		    !only_lock)
			return tid;
	fail_msg("no thread is late:\n%s", r->out);
	return 0;
}

/*
 * Not Ruby's: its threads sleep in a futex call, and one that comes back from a
 * system call may give its GVL away again before a line of Ruby runs.
 */
static void compare_response(struct accuracy *a, const struct accuracy_run *r)
{
	struct late late;
	uint64_t p50;
	size_t row;

	a->response.truth = ACCURACY_NONE;
	if (r->i->kind == INTERPS_RUBY)
		return;
	late_read(&late, r->out);
	a->late = late.count;
	if (late.count >= LATE_MIN)
		a->response.truth = late_p50(&late, 0, INFINITY, &a->late);
	late_done(&late);
	if (a->response.truth < 0)
		return;
	row = csv_one(&r->threads, "scope", "total", "tid",
		      live_number(late_thread(r)), NULL);
	p50 = csv_u64(&r->threads, row, "response_ns_p50");
	a->response.seen = p50 == CSV_EMPTY ? 0 : (double)p50;
}

void accuracy_measure(struct accuracy *a, const struct accuracy_case *what)
{
	static struct accuracy_run r;
	const char *csv;

	r = (struct accuracy_run){ .i = what->i,
				   .workload = what->workload,
				   .count = what->threads,
				   .seconds = what->seconds,
				   .probes = what->probes,
				   .folder = live_folder() };
	csv = live_path(r.folder, "csv");
	*a = (struct accuracy){ 0 };
	accuracy_run(&r);
	csv_read(&r.locks, csv, "locks");
	csv_read(&r.threads, csv, "threads");
	memcpy(a->name, r.name, sizeof(a->name));
	a->recognised = is_recognised(&r);
	a->handoffs = handoffs_of(&r);
	compare_waits(a, &r);
	compare_response(a, &r);
	csv_done(&r.locks);
	csv_done(&r.threads);
	free(r.out);
}

/* ---- judging ---------------------------------------------------------------
 */

double accuracy_percent(const struct accuracy_pair *p)
{
	return p->truth > 0 ? (p->seen - p->truth) / p->truth * 100 : 0;
}

static void judge(struct compare *c, const struct accuracy_pair *p,
		  double margin, double few, const char *what)
{
	if (p->truth >= 0)
		compare_near(c, p->seen, p->truth, margin, few, "%s", what);
}

void accuracy_judge(struct compare *c, const struct accuracy *a)
{
	compare_true(c, a->recognised, "the GIL was not recognised");
	judge(c, &a->handoffs, HANDOFFS_MARGIN, FEW_HANDOFFS, "handoffs");
	judge(c, &a->wait, WAIT_MARGIN, FEW_WAIT_NS, "a thread's wait time");
	judge(c, &a->response, RESPONSE_MARGIN, FEW_RESPONSE_NS,
	      "response delay p50");
}
