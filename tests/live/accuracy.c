// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "accuracy.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "accuracy_peer.h"
#include "csvtable.h"
#include "late.h"

#define WORK "tests/live/accuracy/work"
#define PROCESSES_MAX 2
#define FILE_SIZE 1000000

/* What is promised, and what the ends of a short run may cost. */
#define HANDOFFS_MARGIN 0.03
#define WAIT_MARGIN 0.03
#define RESPONSE_MARGIN 0.05
#define WAIT_MIN_NS 100e6 /* less has no percentages to speak of */
#define FEW_HANDOFFS 3
#define FEW_WAIT_NS 3e6
#define FEW_RESPONSE_NS 100e3

/* A program waits BEFORE_NS until it begins; SETTLE_NS after its start all of
 * its threads compute. */
#define INTERVAL 0.25
#define BEFORE_NS 300e6
#define SETTLE_NS 500e6

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

/* Of the lock's own count of switches, at a moment. */
struct sample {
	double at_ns; /* Unix time */
	uint64_t count;
};

#define SAMPLES_MAX 8192

struct process {
	pid_t pid;
	uint64_t gil;
	uint64_t count_at; /* where that count is; 0: it has none */
	struct mem_process memory;
	struct sample sample[SAMPLES_MAX];
	size_t samples;
};

/* One measurement. */
struct run {
	const struct interps *i;
	enum accuracy_workload workload;
	unsigned int count; /* of threads that compute */
	double seconds;
	const char *folder;
	struct live *live;
	char name[INTERP_NAME]; /* of the lock */
	double begin_ns;        /* when the workload began, Unix time */
	char *out;              /* what it said */
	struct csvtable locks, threads;
	int processes;
	struct process process[PROCESSES_MAX];
};

/* ---- the workload ---------------------------------------------------------
 */

#define WORDS_MAX 24

struct command {
	char text[WORDS_MAX][PATH_MAX];
	const char *argv[WORDS_MAX];
	size_t n;
};

static void add(struct command *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void add(struct command *c, const char *fmt, ...)
{
	va_list args;

	assert_true(c->n + 1 < WORDS_MAX);
	va_start(args, fmt);
	vsnprintf(c->text[c->n], PATH_MAX, fmt, args);
	va_end(args);
	c->argv[c->n] = c->text[c->n];
	c->n++;
}

static const char *language(const struct interps *i)
{
	if (i->kind == INTERPS_PYTHON)
		return i->major == 2 ? "python2" : "python3";
	return i->kind == INTERPS_RUBY ? "ruby" : "gilvm";
}

static const char *some_file(const struct run *r)
{
	static char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/file", r->folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0 && !ftruncate(fd, FILE_SIZE));
	close(fd);
	return path;
}

/* The number tells the accounts of two gilvms apart. */
static void add_work(struct command *c, const struct run *r, int number)
{
	bool echo = r->workload == ACCURACY_ECHO;

	add(c, "%s", r->i->path);
	if (r->i->kind == INTERPS_GILVM) {
		add(c, "--gil=%s", r->i->policy);
		add(c, "--stats=%s/truth%d", r->folder, number);
	}
	add(c, WORK "%s", r->i->kind == INTERPS_RUBY ? ".rb" : ".py");
	add(c, "%s", language(r->i));
	add(c, "%s",
	    names[r->workload == ACCURACY_TWO ? ACCURACY_CPU : r->workload]);
	add(c, "%u", r->count);
	add(c, "%g", r->seconds);
	add(c, "%s/flag", r->folder);
	add(c, "%u", echo ? accuracy_peer() : 0);
	add(c, "%s", some_file(r));
}

/* No argument has anything in it that is special to a shell. */
static void add_both(struct command *c, const struct run *r)
{
	struct command one;
	char line[PATH_MAX] = "";
	size_t n = 0;

	for (int k = 0; k < PROCESSES_MAX; k++) {
		one.n = 0;
		add_work(&one, r, k);
		for (size_t i = 0; i < one.n && n < sizeof(line); i++)
			n += (size_t)snprintf(line + n, sizeof(line) - n, "%s ",
					      one.text[i]);
		if (n < sizeof(line))
			n += (size_t)snprintf(line + n, sizeof(line) - n, "& ");
	}
	assert_true(n < sizeof(line));
	add(c, "sh");
	add(c, "-c");
	add(c, "%.4000s wait", line);
}

static struct live *start(const struct run *r)
{
	static struct command c;

	c.n = 0;
	add(&c, "%s", live_gilwatch());
	add(&c, "-q");
	add(&c, "-i");
	add(&c, "%g", INTERVAL);
	add(&c, "--csv-all");
	add(&c, "--csv");
	add(&c, "%s/csv", r->folder);
	add(&c, "--");
	if (r->workload == ACCURACY_TWO)
		add_both(&c, r);
	else
		add_work(&c, r, 0);
	c.argv[c.n] = NULL;
	return live_start(c.argv, NULL, NULL);
}

/* ---- its processes, while they are there -----------------------------------
 */

static double unix_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void look_at(struct run *r, pid_t pid)
{
	const struct interp *in = interps_search(pid, NULL, NULL);
	struct process *p = &r->process[r->processes++];

	if (in->locks != 1)
		fail_msg("%zu locks in %s:\n%s", in->locks, r->i->name,
			 interps_explain());
	snprintf(r->name, sizeof(r->name), "%s", in->lock[0].name);
	p->pid = pid;
	p->gil = in->lock[0].address;
	p->count_at = in->lock[0].at.switch_number;
	if (p->count_at)
		mem_process_open(&p->memory, pid);
	r->begin_ns = unix_ns();
}

static void take_sample(struct process *p)
{
	struct mem m = mem_of_process(&p->memory);
	struct sample *s = &p->sample[p->samples];
	double before = unix_ns();

	if (!p->count_at || p->samples == SAMPLES_MAX ||
	    mem_u64(&m, p->count_at, &s->count))
		return;
	s->at_ns = (before + unix_ns()) / 2;
	p->samples++;
}

/* How many lines begin so; the numbers behind are given to fn. */
static int lines(struct run *r, const char *word,
		 void (*fn)(struct run *r, pid_t pid))
{
	const char *at = live_out(r->live);
	size_t length = strlen(word);
	int n = 0, pid;
	char end;

	for (; (at = strstr(at, word)); at += length)
		if (sscanf(at + length, "%d%c", &pid, &end) == 2) {
			if (fn && n < PROCESSES_MAX)
				fn(r, pid);
			n++;
		}
	return n;
}

/* Looks at all processes until they have done their work; lets them end. */
static void finish(struct run *r)
{
	int wanted = r->workload == ACCURACY_TWO ? PROCESSES_MAX : 1;
	int fd, slept = 0;

	while (lines(r, "begin ", NULL) < wanted && !live_ended(r->live)) {
		live_sleep(0.01);
		if (++slept > LIVE_LIMIT * 100)
			fail_msg("only this began: %s", live_out(r->live));
	}
	lines(r, "begin ", look_at);
	while (lines(r, "done ", NULL) < wanted && !live_ended(r->live)) {
		for (int i = 0; i < r->processes; i++)
			take_sample(&r->process[i]);
		live_sleep(0.002);
		if (++slept > LIVE_LIMIT * 500)
			fail_msg("only this is done: %s", live_out(r->live));
	}
	r->out = strdup(live_out(r->live));
	assert_non_null(r->out);
	fd = open(live_path(r->folder, "flag"), O_WRONLY | O_CREAT | O_CLOEXEC,
		  0644);
	assert_true(fd >= 0);
	close(fd);
	if (live_wait(r->live) || r->processes != wanted)
		fail_msg("ended with %d:\n%s", r->live->status,
			 live_err(r->live));
	for (int i = 0; i < r->processes; i++)
		if (r->process[i].count_at)
			mem_process_close(&r->process[i].memory);
}

/* ---- what was seen and what is true ----------------------------------------
 */

/* In each process the lock that it has, and no other. */
static bool is_recognised(const struct run *r)
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
static const char *account_of(const struct run *r, int number)
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

static bool only_computes(const struct run *r)
{
	return r->workload == ACCURACY_CPU || r->workload == ACCURACY_TWO;
}

static double count_at(const struct process *p, double at_ns)
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
static void add_intervals(struct accuracy_pair *sum, const struct run *r,
			  const struct process *p)
{
	double from = r->begin_ns + SETTLE_NS, to, begin, end;
	size_t row = 0;

	to = r->begin_ns + BEFORE_NS + r->seconds * 1e9;
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

static struct accuracy_pair handoffs_of(const struct run *r)
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

static void compare_wait(struct accuracy *a, const struct run *r,
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
static void compare_account(struct accuracy *a, const struct run *r, int number)
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
static void compare_proc(struct accuracy *a, const struct run *r)
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

static void compare_waits(struct accuracy *a, const struct run *r)
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
static unsigned int late_thread(const struct run *r)
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

static void compare_response(struct accuracy *a, const struct run *r)
{
	struct late late;
	uint64_t p50;
	size_t row;

	a->response.truth = ACCURACY_NONE;
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

void accuracy_measure(struct accuracy *a, const struct interps *i,
		      enum accuracy_workload w, unsigned int threads,
		      double seconds)
{
	static struct run r;
	const char *csv;

	r = (struct run){ .i = i,
			  .workload = w,
			  .count = threads,
			  .seconds = seconds,
			  .folder = live_folder() };
	csv = live_path(r.folder, "csv");
	*a = (struct accuracy){ 0 };
	r.live = start(&r);
	finish(&r);
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
