// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A trace, taken apart again: tracks, slices, arrows, counters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "convoy.h"
#include "pftrace.pb-c.h"
#include "timeline_build.h"
#include "timeline_trace.h"

#define TURNS 40
#define TRACKS_MAX 64
#define FLOWS_MAX 256

typedef Pftrace__TracePacket packet_t;
typedef Pftrace__TrackEvent event_t;

static struct timeline line;
static struct snapshot last;
static Pftrace__Trace *trace;
static const char *names[256]; /* of events by iid */

static int keep(void *ctx, const void *data, size_t n)
{
	buf_add(ctx, data, n);
	return 0;
}

static int make(void **state)
{
	struct timeline_builder *b = timeline_builder_new(0, UINT64_MAX);
	const struct replay_hooks hooks = timeline_builder_hooks(b);
	const struct gwr_info info = convoy_info();
	struct replay *r = replay_new(&info, &hooks);
	struct buf bytes = { 0 };

	(void)state;
	convoy_play(r, TURNS);
	assert_int_equal(replay_snapshot(r, convoy_end(TURNS), &last), 0);
	assert_int_equal(timeline_builder_end(b, r, convoy_end(TURNS), &line),
			 0);
	line.boot_ns = info.boot_ns;
	line.start_unix_ns = info.start_unix_ns;
	assert_int_equal(timeline_trace(&line, keep, &bytes), 0);
	trace = pftrace__trace__unpack(NULL, bytes.len,
				       (const uint8_t *)bytes.data);
	assert_non_null(trace);
	buf_free(&bytes);
	timeline_builder_free(b);
	replay_free(r);
	return 0;
}

static int done(void **state)
{
	(void)state;
	pftrace__trace__free_unpacked(trace, NULL);
	timeline_free(&line);
	snapshot_free(&last);
	return 0;
}

static const event_t *event_at(size_t i)
{
	return trace->packet[i]->data_case ==
			       PFTRACE__TRACE_PACKET__DATA_TRACK_EVENT
		       ? trace->packet[i]->track_event
		       : NULL;
}

static const Pftrace__TrackDescriptor *track_at(size_t i)
{
	return trace->packet[i]->data_case ==
			       PFTRACE__TRACE_PACKET__DATA_TRACK_DESCRIPTOR
		       ? trace->packet[i]->track_descriptor
		       : NULL;
}

/* Names are told before they are used, and each once. */
static void interning(void **state)
{
	const packet_t *p;

	(void)state;
	assert_true(trace->packet[0]->sequence_flags & 1);
	for (size_t i = 0; i < trace->n_packet; i++) {
		p = trace->packet[i];
		assert_int_equal(p->trusted_packet_sequence_id, 1);
		assert_true(p->sequence_flags & 2);
		for (size_t k = 0;
		     p->interned_data && k < p->interned_data->n_event_names;
		     k++) {
			uint64_t iid = p->interned_data->event_names[k]->iid;

			assert_true(iid > 0 && iid < 256 && !names[iid]);
			names[iid] = p->interned_data->event_names[k]->name;
		}
		if (event_at(i) && event_at(i)->has_name_iid)
			assert_non_null(names[event_at(i)->name_iid]);
	}
}

struct seen {
	uint64_t uuid, last, begun;
	int depth;
};

static struct seen *find(struct seen seen[TRACKS_MAX], uint64_t uuid)
{
	for (int i = 0; i < TRACKS_MAX; i++)
		if (seen[i].uuid == uuid || !seen[i].uuid) {
			seen[i].uuid = uuid;
			return &seen[i];
		}
	fail_msg("too many tracks");
	return NULL;
}

/* On each track events come in the order of time, slices are closed before the
 * next one begins, and tracks are told before their events. */
static void order_and_nesting(void **state)
{
	struct seen seen[TRACKS_MAX] = { 0 }, *s;
	uint64_t told[TRACKS_MAX] = { 0 };
	const event_t *e;
	size_t n = 0, k;

	(void)state;
	for (size_t i = 0; i < trace->n_packet; i++) {
		if (track_at(i) && n < TRACKS_MAX)
			told[n++] = track_at(i)->uuid;
		e = event_at(i);
		if (!e)
			continue;
		for (k = 0; k < n && told[k] != e->track_uuid;)
			k++;
		assert_true(k < n);
		s = find(seen, e->track_uuid);
		assert_true(trace->packet[i]->timestamp >= s->last);
		s->last = trace->packet[i]->timestamp;
		s->depth += e->type == 1;
		s->depth -= e->type == 2;
		assert_in_range(s->depth, 0, 1);
	}
	for (int i = 0; i < TRACKS_MAX; i++)
		assert_int_equal(seen[i].depth, 0);
}

static uint64_t thread_track(int32_t tid)
{
	for (size_t i = 0; i < trace->n_packet; i++)
		if (track_at(i) && track_at(i)->thread &&
		    track_at(i)->thread->tid == tid)
			return track_at(i)->uuid;
	fail_msg("no track of %d", tid);
	return 0;
}

/* Time of the slices of a thread whose names begin so. */
static uint64_t time_of(uint64_t uuid, const char *name)
{
	uint64_t sum = 0, begun = 0;
	const event_t *e;
	bool counts = false;

	for (size_t i = 0; i < trace->n_packet; i++) {
		e = event_at(i);
		if (!e || e->track_uuid != uuid)
			continue;
		if (e->type == 1) {
			begun = trace->packet[i]->timestamp;
			counts = !strncmp(names[e->name_iid], name,
					  strlen(name));
		} else if (e->type == 2 && counts) {
			sum += trace->packet[i]->timestamp - begun;
		}
	}
	return sum;
}

static void slices_add_up_to_counters(void **state)
{
	const struct gw_thread *t;
	uint64_t uuid;

	(void)state;
	for (size_t i = 0; i < last.nthreads; i++) {
		t = &last.threads[i].live.thread;
		uuid = thread_track((int32_t)t->tid);
		assert_int_equal(time_of(uuid, "holds GIL") +
					 time_of(uuid, "runs"),
				 t->time_ns[GW_RUNNING]);
		assert_int_equal(time_of(uuid, "runnable"),
				 t->time_ns[GW_RUNNABLE]);
		assert_int_equal(time_of(uuid, "waits for GIL"),
				 t->time_ns[GW_LOCK_WAIT]);
		assert_int_equal(time_of(uuid, "sleeps"),
				 t->time_ns[GW_SLEEPING]);
	}
}

static void cpus_are_the_threads_on_them(void **state)
{
	uint64_t on_cpu = 0, running = 0;

	(void)state;
	for (size_t i = 0; i < trace->n_packet; i++)
		if (track_at(i) && track_at(i)->name &&
		    !strncmp(track_at(i)->name, "CPU ", 4))
			on_cpu += time_of(track_at(i)->uuid, "");
	for (size_t i = 0; i < last.nthreads; i++)
		running += last.threads[i].live.thread.time_ns[GW_RUNNING];
	/* Two threads of the made-up run share CPU 1 at its beginning. */
	assert_true(on_cpu <= running && on_cpu + 10000 > running);
}

/* Each arrow begins once and ends once, not before it began. */
static void arrows(void **state)
{
	uint64_t from[FLOWS_MAX] = { 0 }, to[FLOWS_MAX] = { 0 };
	const event_t *e;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < trace->n_packet; i++) {
		e = event_at(i);
		if (e && e->n_flow_ids) {
			assert_true(e->flow_ids[0] < FLOWS_MAX);
			assert_int_equal(from[e->flow_ids[0]], 0);
			from[e->flow_ids[0]] = trace->packet[i]->timestamp;
		}
		if (e && e->n_terminating_flow_ids)
			to[e->terminating_flow_ids[0]] =
				trace->packet[i]->timestamp;
	}
	for (size_t i = 0; i < FLOWS_MAX; i++) {
		assert_int_equal(!from[i], !to[i]);
		assert_true(from[i] <= to[i]);
		n += from[i] != 0;
	}
	/* The last handoff is decided by nothing that follows. */
	assert_int_equal(n, last.locks[0].k.handoffs - 1);
}

static void counters(void **state)
{
	double waiters = 0, handoffs = 0, value;
	uint64_t uuid[2] = { 0 };

	(void)state;
	for (size_t i = 0; i < trace->n_packet; i++) {
		if (track_at(i) && track_at(i)->counter)
			uuid[strstr(track_at(i)->name, "waiters") == NULL] =
				track_at(i)->uuid;
		if (!event_at(i) || event_at(i)->type != 4)
			continue;
		value = event_at(i)->double_counter_value;
		assert_true(value >= 0);
		if (event_at(i)->track_uuid == uuid[0] && value > waiters)
			waiters = value;
		if (event_at(i)->track_uuid == uuid[1])
			handoffs += value * (double)TRACE_RATE_NS / 1e9;
	}
	assert_true(uuid[0] && uuid[1]);
	assert_true(waiters == 3);
	assert_int_equal((uint64_t)(handoffs + 0.5),
			 last.locks[0].k.handoffs - 1);
}

static void clocks(void **state)
{
	const Pftrace__ClockSnapshot *c = trace->packet[0]->clock_snapshot;

	(void)state;
	assert_int_equal(trace->packet[0]->data_case,
			 PFTRACE__TRACE_PACKET__DATA_CLOCK_SNAPSHOT);
	assert_int_equal(c->n_clocks, 3);
	assert_int_equal(c->clocks[2]->timestamp - c->clocks[1]->timestamp,
			 line.boot_ns);
	assert_int_equal(c->clocks[0]->clock_id, 1);
	assert_int_equal(c->clocks[0]->timestamp, line.start_unix_ns);
}

static int refuse(void *ctx, const void *data, size_t n)
{
	(void)ctx;
	(void)data;
	(void)n;
	return -28;
}

static void a_full_disk_is_told(void **state)
{
	(void)state;
	assert_int_equal(timeline_trace(&line, refuse, NULL), -28);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interning),
		cmocka_unit_test(order_and_nesting),
		cmocka_unit_test(slices_add_up_to_counters),
		cmocka_unit_test(cpus_are_the_threads_on_them),
		cmocka_unit_test(arrows),
		cmocka_unit_test(counters),
		cmocka_unit_test(clocks),
		cmocka_unit_test(a_full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, make, done);
}
