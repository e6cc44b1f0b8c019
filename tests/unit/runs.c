// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "column.h"
#include "folder.h"
#include "runs.h"

enum { LOCKS, THREADS, HISTOGRAMS, FILES };

static const struct column_set *const sets[FILES] = { &column_locks,
						      &column_threads,
						      &column_histograms };

static struct csv file[FILES];
static char folder_name[64];
static unsigned int window; /* 0: the whole run */

void runs_begin(const char *folder)
{
	snprintf(folder_name, sizeof(folder_name), "%s", folder);
	for (int i = 0; i < FILES; i++)
		column_csv_header(&file[i], sets[i]);
	window = 0;
}

void runs_window(unsigned int interval)
{
	window = interval;
}

static struct csv *begin_row(int which)
{
	uint64_t start = 100 + (window ? window - 1 : 0);

	csv_str(&file[which], window ? "interval" : "total");
	csv_time(&file[which], start * 1000000000);
	csv_time(&file[which], (window ? start + 1 : 110) * 1000000000);
	return &file[which];
}

/* The columns by their names; what is not named is 0, unknown where it is a
 * percentile. */
static void put(struct csv *to, const struct column *c, const char *const *name,
		const char *const *value)
{
	for (; *name; name++, value++)
		if (!strcmp(*name, c->id)) {
			csv_str(to, *value);
			return;
		}
	if (strstr(c->id, "_p50") || strstr(c->id, "_p99") ||
	    strstr(c->id, "_max") || strstr(c->id, "gil_wait"))
		csv_empty(to);
	else
		csv_u64(to, 0);
}

static void add(int which, const char *const *name, const char *const *value)
{
	struct csv *to = begin_row(which);

	for (size_t i = 0; i < sets[which]->count; i++)
		if (column_csv_id(to, &sets[which]->columns[i]))
			put(to, &sets[which]->columns[i], name, value);
	csv_end_row(to);
}

#define TEXT(buf, value) (snprintf(buf, sizeof(buf), "%lu", value), buf)

void runs_lock(const char *comm, const char *lock, const char *kind,
	       const char *name, unsigned long handoffs, unsigned long wait_ns)
{
	char h[32], w[32];

	add(LOCKS,
	    (const char *const[]){ "pid", "comm", "lock", "kind", "name",
				   "handoffs", "wait_ns_total", "wait_ns_max",
				   NULL },
	    (const char *const[]){ "7", comm, lock, kind, name,
				   TEXT(h, handoffs), TEXT(w, wait_ns), w });
}

void runs_thread(const char *comm, unsigned int tid, unsigned long running_ns,
		 unsigned long sleeping_ns)
{
	char t[32], r[32], s[32];

	add(THREADS,
	    (const char *const[]){ "pid", "tid", "comm", "class", "running_ns",
				   "sleeping_ns", NULL },
	    (const char *const[]){ "7", TEXT(t, (unsigned long)tid), comm,
				   "mixed", TEXT(r, running_ns),
				   TEXT(s, sleeping_ns) });
}

void runs_wait(const char *lock, unsigned long ns, unsigned long count)
{
	char low[32], n[32];

	add(HISTOGRAMS,
	    (const char *const[]){ "pid", "lock", "tid", "metric", "low_ns",
				   "count", NULL },
	    (const char *const[]){
		    "7", lock, "", "wait",
		    TEXT(low, (unsigned long)hist_low(hist_bucket(ns))),
		    TEXT(n, count) });
}

void runs_end(void)
{
	char path[128];

	for (int i = 0; i < FILES; i++) {
		buf_add(&file[i].out, "", 1);
		snprintf(path, sizeof(path), "%s/%s.csv", folder_name,
			 sets[i]->name);
		assert_int_equal(folder_write(path, file[i].out.data), 0);
		buf_free(&file[i].out);
		file[i] = (struct csv){ 0 };
	}
}

void runs_simple(const char *folder, unsigned int n,
		 unsigned long (*rate)(unsigned int i))
{
	unsigned long all = 0;

	runs_begin(folder);
	for (unsigned int i = 1; i <= n; i++) {
		runs_window(i);
		runs_lock("py", "0x10", "GIL", "", rate(i), RUNS_MS);
		runs_thread("t", 7, 500 * RUNS_MS, 500 * RUNS_MS);
		all += rate(i);
	}
	runs_window(0);
	runs_lock("py", "0x10", "GIL", "", all, RUNS_MS);
	runs_thread("t", 7, 5000 * RUNS_MS, 5000 * RUNS_MS);
	runs_end();
}
