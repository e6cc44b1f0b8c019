// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"

#define REPORT_MAX 65536

/*
 * The report always has the same members in the same order, one object a line,
 * so the reader goes from key to key.
 */

/* The text after the first "key": from p on. */
static const char *after(const char *p, const char *key)
{
	char quoted[64];
	const char *found;

	snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
	found = strstr(p, quoted);
	if (!found)
		fail_msg("the workload's report has no %s", quoted);
	return found + strlen(quoted);
}

static uint64_t number(const char *p, const char *key)
{
	p = after(p, key);
	return strncmp(p, "null", 4) ? strtoull(p, NULL, 10) : TRUTH_UNKNOWN;
}

static size_t thread_index(const struct truth *t, int tid)
{
	for (size_t i = 0; i < t->threads; i++)
		if (t->thread[i].tid == tid)
			return i;
	fail_msg("the workload's report has no thread %d", tid);
	return 0;
}

static void read_matrix(const struct truth *t, struct truth_lock *lock,
			const char *p, const char *end)
{
	size_t from, to;

	while ((p = strstr(p, "\"from_tid\": ")) && p < end) {
		from = thread_index(t, (int)number(p, "from_tid"));
		to = thread_index(t, (int)number(p, "to_tid"));
		lock->matrix[from][to] = number(p, "n");
		p++;
	}
}

static void read_locks(struct truth *t, const char *p, const char *end)
{
	struct truth_lock *lock;
	const char *next;

	while ((p = strstr(p, "\"address\": \"")) && p < end) {
		assert_true(t->locks < TRUTH_LOCKS);
		lock = &t->lock[t->locks++];
		next = strstr(p + 1, "\"address\": \"");
		lock->address = strtoull(after(p, "address") + 1, NULL, 16);
		lock->contended = number(p, "contended");
		lock->handoffs = number(p, "handoffs");
		lock->wait_ns = number(p, "wait_ns_total");
		lock->stolen = number(p, "stolen");
		assert_int_equal(number(p, "violations"), 0);
		read_matrix(t, lock, p, next ? next : end);
		p++;
	}
}

static void read_threads(struct truth *t, const char *p)
{
	struct truth_thread *thread;

	while ((p = strstr(p, "{\"tid\": "))) {
		assert_true(t->threads < TRUTH_THREADS);
		thread = &t->thread[t->threads++];
		thread->tid = (int)number(p, "tid");
		thread->lock = (int)number(p, "lock");
		thread->waits = number(p, "waits");
		thread->wait_ns = number(p, "wait_ns");
		thread->wall_ns = number(p, "wall_ns");
		thread->cpu_ns = number(p, "cpu_ns");
		p++;
	}
}

void truth_read(struct truth *t, const char *path)
{
	static char text[REPORT_MAX];
	FILE *f = fopen(path, "r");
	const char *threads;
	size_t n;

	if (!f)
		fail_msg("the workload wrote no report to %s", path);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	memset(t, 0, sizeof(*t));
	t->pid = (int)number(text, "pid");
	threads = after(text, "threads");
	read_threads(t, threads);
	read_locks(t, text, threads);
	assert_true(t->locks > 0 && t->threads > 0);
}
