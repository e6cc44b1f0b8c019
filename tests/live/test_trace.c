// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A trace, decoded by protoc with the schema: slices nest and are in order, and
 * add up to the figures of the CSV tables of the same record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/convoy.h"
#include "csvtable.h"
#include "live.h"

#define TURNS 500 /* 3 s */
#define TRACKS_MAX 256
#define NAMES_MAX 256

struct track {
	uint64_t uuid, last, begun;
	int tid, depth;
	const char *name; /* of the slice that is open */
	uint64_t holds, runs, runnable, waits, sleeps;
};

/* What is known of the packet that is being read. */
struct packet {
	uint64_t ns, uuid, iid, of_event;
	char type[32];
	int tid;
	bool of_args; /* names that follow are of annotations */
};

struct decoded {
	struct track track[TRACKS_MAX];
	size_t tracks;
	char name[NAMES_MAX][128];
	uint64_t from, to, slices; /* ends of arrows */
	uint64_t first_ns, last_ns;
};

/* ---- reading --------------------------------------------------------------
 */

static struct track *track_of(struct decoded *d, uint64_t uuid)
{
	for (size_t i = 0; i < d->tracks; i++)
		if (d->track[i].uuid == uuid)
			return &d->track[i];
	assert_true(d->tracks < TRACKS_MAX);
	d->track[d->tracks].uuid = uuid;
	return &d->track[d->tracks++];
}

static uint64_t *sum_of(struct track *t)
{
	static const char *const begin[] = { "holds ", "runs", "runnable",
					     "waits for ", "sleeps" };
	uint64_t *const sum[] = { &t->holds, &t->runs, &t->runnable, &t->waits,
				  &t->sleeps };

	for (size_t i = 0; i < sizeof(begin) / sizeof(*begin); i++)
		if (!strncmp(t->name, begin[i], strlen(begin[i])))
			return sum[i];
	fail_msg("a slice \"%s\"", t->name);
	return NULL;
}

static void take_event(struct decoded *d, const struct packet *p)
{
	struct track *t = track_of(d, p->uuid);

	if (p->ns < t->last)
		fail_msg("%s goes back in time on track %llu", p->type,
			 (unsigned long long)p->uuid);
	t->last = p->ns;
	d->first_ns = d->first_ns && d->first_ns < p->ns ? d->first_ns : p->ns;
	d->last_ns = d->last_ns > p->ns ? d->last_ns : p->ns;
	if (!strcmp(p->type, "TYPE_SLICE_BEGIN")) {
		assert_true(p->of_event && p->of_event < NAMES_MAX);
		assert_int_equal(t->depth++, 0);
		t->begun = p->ns;
		t->name = d->name[p->of_event];
		d->slices++;
	} else if (!strcmp(p->type, "TYPE_SLICE_END")) {
		assert_int_equal(--t->depth, 0);
		if (t->tid)
			*sum_of(t) += p->ns - t->begun;
	}
}

/* Depth is told by the indent: names of events are deeper than those of
 * tracks, and annotations deeper than their event. */
static void take_line(struct decoded *d, struct packet *p, const char *line)
{
	char text[128];
	uint64_t n;

	if (!strcmp(line, "packet {"))
		*p = (struct packet){ 0 };
	else if (sscanf(line, "  timestamp: %lu", &n) == 1)
		p->ns = n;
	else if (!strncmp(line, "    track_uuid: ", 16))
		p->uuid = strtoull(line + 16, NULL, 10);
	else if (!strncmp(line, "    uuid: ", 10))
		p->uuid = strtoull(line + 10, NULL, 10);
	else if (!strncmp(line, "      tid: ", 11))
		track_of(d, p->uuid)->tid = atoi(line + 11);
	else if (!strncmp(line, "    type: ", 10))
		snprintf(p->type, sizeof(p->type), "%s", line + 10);
	else if (!strncmp(line, "    name_iid: ", 14))
		p->of_event = strtoull(line + 14, NULL, 10);
	else if (!strcmp(line, "    debug_annotation_names {") ||
		 !strcmp(line, "    event_names {"))
		p->of_args = line[4] == 'd';
	else if (!strncmp(line, "      iid: ", 11))
		p->iid = strtoull(line + 11, NULL, 10);
	else if (sscanf(line, "      name: \"%127[^\"]\"", text) == 1 &&
		 !p->of_args && p->iid < NAMES_MAX && p->iid == p->of_event)
		strcpy(d->name[p->iid], text);
	else if (!strncmp(line, "    flow_ids: ", 14))
		d->from++;
	else if (!strncmp(line, "    terminating_flow_ids: ", 26))
		d->to++;
	else if (!strcmp(line, "}") && *p->type)
		take_event(d, p);
	if (strstr(line, "counter_value: -"))
		fail_msg("fewer than none: %s", line);
	/* A field that the schema has not is shown by its number. */
	n = strspn(line, " ");
	if (line[n] >= '0' && line[n] <= '9')
		fail_msg("not in the schema: %s", line);
}

static void decode(struct decoded *d, const char *trace)
{
	struct packet p = { 0 };
	char *text, *line, *rest;
	struct live *l;

	l = live_run((const char *[]){ "sh", "-c",
				       "exec protoc --decode=pftrace.Trace "
				       "-Iuser user/pftrace.proto <\"$0\"",
				       trace, NULL },
		     NULL, NULL);
	if (l->status)
		fail_msg("protoc: %s", live_err(l));
	text = strdup(live_out(l));
	for (rest = text; (line = strsep(&rest, "\n"));)
		take_line(d, &p, line);
	free(text);
	live_done(l);
	assert_true(d->slices > 0);
	for (size_t i = 0; i < d->tracks; i++)
		assert_int_equal(d->track[i].depth, 0);
}

/* ---- against the tables ---------------------------------------------------
 */

static void report(const char *record, const char *trace, const char *csv)
{
	struct live *l =
		live_run((const char *[]){ live_gilwatch(), "report", "--trace",
					   trace, "--csv", csv, record, NULL },
			 NULL, NULL);

	if (l->status)
		fail_msg("%s", live_err(l));
	live_done(l);
}

static void check_threads(const struct decoded *d, const char *csv)
{
	struct csvtable t;
	const struct track *track;
	size_t row, found = 0;

	csv_read(&t, csv, "threads");
	for (size_t i = 0; i < d->tracks; i++) {
		track = &d->track[i];
		if (!track->tid)
			continue;
		row = csv_one(&t, "scope", "total", "tid",
			      live_number((uint64_t)track->tid), NULL);
		assert_int_equal(track->holds + track->runs,
				 csv_u64(&t, row, "running_ns"));
		assert_int_equal(track->runnable,
				 csv_u64(&t, row, "runnable_ns"));
		assert_int_equal(track->waits,
				 csv_u64(&t, row, "lock_wait_ns"));
		assert_int_equal(track->sleeps,
				 csv_u64(&t, row, "sleeping_ns"));
		found++;
	}
	assert_int_equal(found, csv_count(&t, "scope", "total", NULL));
	csv_done(&t);
}

/* Of each thread the last wait may not have been decided by the end. */
static void check_arrows(const struct decoded *d, const char *csv)
{
	struct csvtable t;
	uint64_t handoffs, threads;

	csv_read(&t, csv, "threads");
	threads = csv_count(&t, "scope", "total", NULL);
	csv_done(&t);
	csv_read(&t, csv, "locks");
	handoffs = csv_sum(&t, "handoffs", "scope", "total", NULL);
	csv_done(&t);
	assert_int_equal(d->from, d->to);
	assert_in_range(d->from, handoffs < threads ? 0 : handoffs - threads,
			handoffs);
}

/* Of a part nothing lies outside, or the picture is of more: waits that had
 * begun before, or ended, are none of it. */
static void check_part(const char *record)
{
	static struct decoded d;
	const char *trace = live_path(live_folder(), "part.pftrace");
	struct live *l =
		live_run((const char *[]){ live_gilwatch(), "report", "--from",
					   "1", "--to", "1.1", "--trace", trace,
					   record, NULL },
			 NULL, NULL);

	if (l->status)
		fail_msg("%s", live_err(l));
	live_done(l);
	memset(&d, 0, sizeof(d));
	decode(&d, trace);
	assert_true(d.slices > 0);
	assert_in_range(d.last_ns - d.first_ns, 90000000, 101000000);
	assert_int_equal(d.from, d.to);
}

static void a_convoy(void **state)
{
	static struct decoded d;
	const char *folder = live_folder();
	const char *record = live_path(folder, "c.gwr");
	const char *trace = live_path(folder, "c.pftrace");
	const char *csv = live_path(folder, "csv");
	uint64_t holds = 0;

	(void)state;
	convoy_write(record, TURNS);
	report(record, trace, csv);
	decode(&d, trace);
	check_threads(&d, csv);
	check_arrows(&d, csv);
	for (size_t i = 0; i < d.tracks; i++)
		holds += d.track[i].holds;
	assert_true(holds > TURNS * CONVOY_TURN * 3 / 4);
	check_part(record);
}

/* The same of a real run. Whatever the machine does meanwhile, the slices are
 * the counters. */
static void a_real_run(void **state)
{
	static struct decoded d;
	const char *folder = live_folder();
	const char *record = live_path(folder, "real.gwr");
	const char *trace = live_path(folder, "real.pftrace");
	const char *csv = live_path(folder, "csv");
	uint64_t holds = 0, waits = 0;
	struct live *l;

	(void)state;
	live_require();
	l = live_run((const char *[]){ live_gilwatch(), "record", "-q", "-o",
				       record, "--", live_workload("gilvm"),
				       "workloads/programs/convoy.py", "2", "2",
				       NULL },
		     NULL, NULL);
	if (l->status)
		fail_msg("%s", live_err(l));
	live_done(l);
	report(record, trace, csv);
	memset(&d, 0, sizeof(d));
	decode(&d, trace);
	check_threads(&d, csv);
	check_arrows(&d, csv);
	for (size_t i = 0; i < d.tracks; i++) {
		holds += d.track[i].holds;
		waits += d.track[i].waits;
	}
	assert_true(holds > 0 && waits > 0);
	check_part(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_convoy),
		LIVE_TEST(a_real_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
