// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "view.h"

#include <math.h>

#include "gil.h"
#include "run.h"
#include "table.h"

static void add_edge(struct view *v, double from, double to, double handoffs)
{
	for (int i = 0; i < v->n_edges; i++) {
		if (v->edges[i].from == from && v->edges[i].to == to) {
			v->edges[i].handoffs += handoffs;
			return;
		}
	}
	assert_true(v->n_edges < MAX_EDGES);
	v->edges[v->n_edges++] = (struct edge){ from, to, handoffs };
}

static double edge_of(const struct view *v, const struct edge *e)
{
	for (int i = 0; i < v->n_edges; i++) {
		if (v->edges[i].from == e->from && v->edges[i].to == e->to)
			return v->edges[i].handoffs;
	}
	return 0;
}

/* Sum of the counts of [[low,high,count],...] from a lower edge on. */
static double longer_waits(const char *text)
{
	const char *p = strstr(text, "\"wait_hist\":[");
	double low, high, count, sum = 0;

	assert_non_null(p);
	p = strchr(p, '[') + 1;
	while (sscanf(p, "[%lf,%lf,%lf]", &low, &high, &count) == 3) {
		sum += low >= LONG_WAIT_NS ? count : 0;
		p = strchr(p, ']') + 1;
		p += *p == ',';
	}
	return sum;
}

void view_truth(struct view *v, const char *path)
{
	char *t = read_file(path);
	const char *p;

	assert_non_null(t);
	v->contended = json_number(t, "contended");
	v->handoffs = json_number(t, "handoffs");
	v->wait_ns = json_number(t, "wait_ns");
	v->hold_ns = json_number(t, "hold_ns");
	v->calls = json_number(t, "waits");
	v->longer = longer_waits(t);
	v->wall_ns = json_number(t, "end_ns") - json_number(t, "start_ns");
	p = strstr(t, "\"matrix\":");
	assert_non_null(p);
	while ((p = strstr(p, "{\"from\":"))) {
		add_edge(v, json_number(p, "from"), json_number(p, "to"),
			 json_number(p, "handoffs"));
		p++;
	}
	free(t);
}

/*
 * Before gilwatch has recognised the lock, its futex words have rows of their
 * own: those that wait for the lock belong to it, the others (mutexes around
 * it, insides of the condition variable) do not.
 */
static bool is_wait_word(double lock, double gil)
{
	static const size_t words[] = {
		0,
		offsetof(struct gilvm_gil, u), /* sem, fair, ticks with cond */
		offsetof(struct gilvm_gil, u) +
			offsetof(pthread_cond_t, __data.__g_signals),
		offsetof(struct gilvm_gil, u) +
			offsetof(pthread_cond_t, __data.__g_signals) + 4,
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (lock == gil + (double)words[i])
			return true;
	}
	return false;
}

static const char *in_folder(const char *folder, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static double find_gil(const char *folder)
{
	struct table t;
	double gil = 0;

	table_open(&t, in_folder(folder, "locks.csv"));
	while (table_next(&t)) {
		if (!strcmp(table_text(&t, "scope"), "total") &&
		    !strcmp(table_text(&t, "kind"), "GIL"))
			gil = table_number(&t, "lock");
	}
	table_close(&t);
	if (gil == 0)
		fail_msg("gilwatch saw no GIL");
	return gil;
}

static void add_lock(struct view *v, const struct table *t)
{
	static const char *const ends[] = { "waits", "stolen", "timeouts",
					    "races", "signals" };

	v->contended += table_number(t, "acquired");
	v->handoffs += table_number(t, "handoffs");
	v->wait_ns += table_number(t, "wait_ns_total");
	v->inner_ns += table_number(t, "inner_wait_ns_total");
	/* Rows from before end when they end: nothing shows when a hold does.
	 */
	if (!strcmp(table_text(t, "kind"), "GIL"))
		v->hold_ns += table_number(t, "hold_ns_total");
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		v->calls += table_number(t, ends[i]);
}

static void add_pair(struct view *v, const struct table *t)
{
	add_edge(v, table_number(t, "from_tid"), table_number(t, "to_tid"),
		 table_number(t, "handoffs"));
}

static void add_bucket(struct view *v, const struct table *t)
{
	if (!strcmp(table_text(t, "metric"), "wait") &&
	    table_number(t, "low_ns") >= LONG_WAIT_NS)
		v->longer += table_number(t, "count");
}

void view_seen(struct view *v, const char *folder)
{
	static const struct {
		const char *name;
		void (*add)(struct view *v, const struct table *t);
	} files[] = { { "locks.csv", add_lock },
		      { "handoffs.csv", add_pair },
		      { "histograms.csv", add_bucket } };
	double gil = find_gil(folder);
	struct table t;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		table_open(&t, in_folder(folder, files[i].name));
		while (table_next(&t)) {
			if (!strcmp(table_text(&t, "scope"), "total") &&
			    is_wait_word(table_number(&t, "lock"), gil))
				files[i].add(v, &t);
		}
		table_close(&t);
	}
}

double view_misplaced(const struct view *a, const struct view *b)
{
	double sum = 0;

	for (int i = 0; i < a->n_edges; i++)
		sum += fabs(a->edges[i].handoffs - edge_of(b, &a->edges[i]));
	for (int i = 0; i < b->n_edges; i++) {
		if (edge_of(a, &b->edges[i]) == 0)
			sum += b->edges[i].handoffs;
	}
	return sum / 2;
}
