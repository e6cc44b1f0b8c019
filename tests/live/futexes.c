// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include "futexes.h"

#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "live.h"

/* More calls than this are not looked at: some programs make 300,000/s. */
#define CALLS_MAX 100000

/*
 * One line of perf script: "TID EVENT: NR 202 (addr, op, val, timeout, ...". It
 * is copied first: sscanf measures the whole string, here megabytes.
 */
static bool parse_line(const char *text, struct futexes_call *c)
{
	unsigned long addr, op, val, timeout;
	char line[256];
	const char *args;

	snprintf(line, sizeof(line), "%.*s",
		 (int)(strchrnul(text, '\n') - text), text);
	args = strstr(line, "NR ");

	if (!args || sscanf(line, " %u", &c->tid) != 1 ||
	    sscanf(args, "NR %*d (%lx, %lx, %lx, %lx", &addr, &op, &val,
		   &timeout) != 4)
		return false;
	c->addr = addr;
	c->op = (uint32_t)op;
	c->val = (uint32_t)val;
	c->timed = timeout != 0;
	return true;
}

static struct futexes parse(const char *text)
{
	struct futexes f = { 0 };
	const char *line;
	size_t lines = 1;

	for (line = text; (line = strchr(line, '\n')) && lines < CALLS_MAX;
	     line++)
		lines++;
	f.call = calloc(lines, sizeof(*f.call));
	assert_non_null(f.call);
	for (line = text; line && *line && f.count < lines;
	     line = strchr(line, '\n')) {
		line += *line == '\n';
		f.count += parse_line(line, &f.call[f.count]);
	}
	return f;
}

struct futexes futexes_record(pid_t pid, double seconds)
{
	const char *file = live_path(live_folder(), "perf.data");
	char length[32], filter[32];
	const char *record[] = { "perf",
				 "record",
				 "-q",
				 "-e",
				 "raw_syscalls:sys_enter",
				 "--filter",
				 filter,
				 "-o",
				 file,
				 "-p",
				 live_number((uint64_t)pid),
				 "--",
				 "sleep",
				 length,
				 NULL };
	const char *script[] = { "perf", "script",          "-i", file,
				 "-F",   "tid,event,trace", NULL };
	struct futexes f;
	struct live *l;

	snprintf(filter, sizeof(filter), "id == %d", SYS_futex);
	snprintf(length, sizeof(length), "%.2f", seconds);
	l = live_run(record, NULL, NULL);
	if (l->status)
		fail_msg("perf record: %s", live_err(l));
	live_done(l);
	l = live_run(script, NULL, NULL);
	if (l->status)
		fail_msg("perf script: %s", live_err(l));
	f = parse(live_out(l));
	live_done(l);
	return f;
}

void futexes_free(struct futexes *f)
{
	free(f->call);
	f->call = NULL;
}

static uint32_t command(const struct futexes_call *c)
{
	return c->op & (uint32_t)FUTEX_CMD_MASK;
}

bool futexes_is_wait(const struct futexes_call *c)
{
	return command(c) == FUTEX_WAIT || command(c) == FUTEX_WAIT_BITSET;
}

bool futexes_is_wake(const struct futexes_call *c)
{
	return command(c) == FUTEX_WAKE || command(c) == FUTEX_WAKE_BITSET;
}

static void note_tid(uint32_t *tid, uint32_t *count, uint32_t who)
{
	uint32_t i;

	for (i = 0; i < *count && i < BEHAVE_TIDS; i++)
		if (tid[i] == who)
			return;
	if (*count < BEHAVE_TIDS)
		tid[(*count)++] = who;
}

static void note_call(struct behave_word *w, const struct futexes_call *c)
{
	if (!(c->op & FUTEX_PRIVATE_FLAG))
		w->shared = true;
	if (futexes_is_wake(c)) {
		w->wakes++;
		note_tid(w->waker, &w->wakers, c->tid);
	}
	if (!futexes_is_wait(c))
		return;
	w->val_two = (!w->waits || w->val_two) && c->val == 2;
	w->waits++;
	w->waits_timed += c->timed;
	w->bitset |= command(c) == FUTEX_WAIT_BITSET;
	w->realtime |= c->timed && c->op & FUTEX_CLOCK_REALTIME;
	note_tid(w->waiter, &w->waiters, c->tid);
}

size_t futexes_words(const struct futexes *f, struct behave_word **words)
{
	struct behave_word *w = calloc(f->count + 1, sizeof(*w));
	size_t i, j, n = 0;

	assert_non_null(w);
	for (i = 0; i < f->count; i++) {
		for (j = 0; j < n && w[j].addr != f->call[i].addr; j++)
			;
		if (j == n)
			w[n++].addr = f->call[i].addr;
		note_call(&w[j], &f->call[i]);
	}
	*words = w;
	return n;
}
