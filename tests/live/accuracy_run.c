// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "accuracy_run.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "accuracy_peer.h"

#define PROGRAMS "tests/live/accuracy"
#define FILE_SIZE 1000000
#define INTERVAL 0.25

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

static void make_file(const struct accuracy_run *r)
{
	int fd = open(live_path(r->folder, "file"),
		      O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0 && !ftruncate(fd, FILE_SIZE));
	close(fd);
}

/* The programs and the run's folder, as the interpreter sees them. */
static const char *programs(const struct accuracy_run *r)
{
	return r->i->root[0] ? "/media" : PROGRAMS;
}

static const char *folder(const struct accuracy_run *r)
{
	return r->i->root[0] ? "/mnt" : r->folder;
}

/* The number tells the accounts of two gilvms apart. */
static void add_work(struct command *c, const struct accuracy_run *r,
		     int number)
{
	bool echo = r->workload == ACCURACY_ECHO;

	if (r->i->root[0]) {
		add(c, PROGRAMS "/in_root.sh");
		add(c, "%s", r->i->root);
		add(c, "%s", r->folder);
	}
	add(c, "%s", r->i->path);
	if (r->i->kind == INTERPS_GILVM) {
		add(c, "--gil=%s", r->i->policy);
		add(c, "--stats=%s/truth%d", r->folder, number);
	}
	add(c, "%s/work.%s", programs(r),
	    r->i->kind == INTERPS_RUBY ? "rb" : "py");
	add(c, "%s", language(r->i));
	add(c, "%s",
	    accuracy_name(r->workload == ACCURACY_TWO ? ACCURACY_CPU
						      : r->workload));
	add(c, "%u", r->count);
	add(c, "%g", r->seconds);
	add(c, "%s/flag", folder(r));
	add(c, "%u", echo ? accuracy_peer() : 0);
	add(c, "%s/file", folder(r));
}

/* No argument has anything in it that is special to a shell. */
static void add_both(struct command *c, const struct accuracy_run *r)
{
	struct command one;
	char line[PATH_MAX] = "";
	size_t n = 0;

	for (int k = 0; k < ACCURACY_PROCESSES; k++) {
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

static struct live *start(const struct accuracy_run *r)
{
	static struct command c;

	make_file(r);
	c.n = 0;
	add(&c, "%s", live_gilwatch());
	add(&c, "-q");
	add(&c, "--probes=%s", r->probes);
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

static void look_at(struct accuracy_run *r, pid_t pid)
{
	const struct interp *in = interps_search(pid, NULL, NULL);
	struct accuracy_process *p = &r->process[r->processes++];

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

static void take_sample(struct accuracy_process *p)
{
	struct mem m = mem_of_process(&p->memory);
	struct accuracy_sample *s = &p->sample[p->samples];
	double before = unix_ns();

	if (!p->count_at || p->samples == ACCURACY_SAMPLES ||
	    mem_u64(&m, p->count_at, &s->count))
		return;
	s->at_ns = (before + unix_ns()) / 2;
	p->samples++;
}

/* How many lines begin so; the numbers behind are given to fn. */
static int lines(struct accuracy_run *r, const char *word,
		 void (*fn)(struct accuracy_run *r, pid_t pid))
{
	const char *at = live_out(r->live);
	size_t length = strlen(word);
	int n = 0, pid;
	char end;

	for (; (at = strstr(at, word)); at += length)
		if (sscanf(at + length, "%d%c", &pid, &end) == 2) {
			if (fn && n < ACCURACY_PROCESSES)
				fn(r, pid);
			n++;
		}
	return n;
}

/* Looks at all processes until they have done their work; lets them end. */
static void finish(struct accuracy_run *r)
{
	int wanted = r->workload == ACCURACY_TWO ? ACCURACY_PROCESSES : 1;
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

void accuracy_run(struct accuracy_run *r)
{
	r->live = start(r);
	finish(r);
}
