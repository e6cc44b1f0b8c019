// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>

#include "pftrace.h"
#include "pftrace.pb-c.h"

/* All packets are of one sequence, whose names are told as they come up. */
#define SEQUENCE 1
#define STATE_CLEARED 1
#define NEEDS_STATE 2

#define FLUSH_AT (1u << 18)

void pftrace_begin(struct pftrace *p, pftrace_write_fn write, void *ctx)
{
	*p = (struct pftrace){ .write = write, .ctx = ctx };
}

static void flush(struct pftrace *p)
{
	if (!p->err)
		p->err = buf_error(&p->out);
	if (!p->err)
		p->err = p->write(p->ctx, p->out.data, p->out.len);
	buf_reset(&p->out);
}

int pftrace_end(struct pftrace *p)
{
	int err;

	flush(p);
	err = p->err;
	strindex_free(&p->events);
	strindex_free(&p->args);
	buf_free(&p->out);
	return err;
}

/* A trace is a message with packets; put behind each other, they are one. */
static void put(struct pftrace *p, Pftrace__TracePacket *packet)
{
	Pftrace__Trace trace = PFTRACE__TRACE__INIT;
	uint8_t small[512], *bytes = small;
	size_t n;

	packet->has_trusted_packet_sequence_id = 1;
	packet->trusted_packet_sequence_id = SEQUENCE;
	packet->has_sequence_flags = 1;
	packet->sequence_flags =
		p->begun ? NEEDS_STATE : STATE_CLEARED | NEEDS_STATE;
	p->begun = true;
	trace.n_packet = 1;
	trace.packet = &packet;
	n = pftrace__trace__get_packed_size(&trace);
	if (n > sizeof(small))
		bytes = malloc(n);
	if (!bytes) {
		p->err = -ENOMEM;
		return;
	}
	pftrace__trace__pack(&trace, bytes);
	buf_add(&p->out, bytes, n);
	if (bytes != small)
		free(bytes);
	if (p->out.len >= FLUSH_AT)
		flush(p);
}

void pftrace_clocks(struct pftrace *p, uint64_t boot, uint64_t monotonic,
		    uint64_t real)
{
	static const uint32_t id[] = { 1, 3, 6 };
	const uint64_t time[] = { real, monotonic, boot };
	Pftrace__TracePacket packet = PFTRACE__TRACE_PACKET__INIT;
	Pftrace__ClockSnapshot snapshot = PFTRACE__CLOCK_SNAPSHOT__INIT;
	Pftrace__ClockSnapshot__Clock clock[3], *clocks[3];

	for (int i = 0; i < 3; i++) {
		pftrace__clock_snapshot__clock__init(&clock[i]);
		clock[i].has_clock_id = 1;
		clock[i].clock_id = id[i];
		clock[i].has_timestamp = 1;
		clock[i].timestamp = time[i];
		clocks[i] = &clock[i];
	}
	snapshot.n_clocks = 3;
	snapshot.clocks = clocks;
	packet.data_case = PFTRACE__TRACE_PACKET__DATA_CLOCK_SNAPSHOT;
	packet.clock_snapshot = &snapshot;
	packet.has_timestamp = 1;
	packet.timestamp = boot;
	put(p, &packet);
}

/* ---- tracks ---------------------------------------------------------------
 */

static void put_track(struct pftrace *p, Pftrace__TrackDescriptor *track,
		      uint64_t uuid, uint64_t parent, const char *name)
{
	Pftrace__TracePacket packet = PFTRACE__TRACE_PACKET__INIT;

	track->has_uuid = 1;
	track->uuid = uuid;
	track->has_parent_uuid = parent != 0;
	track->parent_uuid = parent;
	track->name = (char *)name;
	packet.data_case = PFTRACE__TRACE_PACKET__DATA_TRACK_DESCRIPTOR;
	packet.track_descriptor = track;
	put(p, &packet);
}

void pftrace_process(struct pftrace *p, uint64_t uuid, int32_t pid,
		     const char *name)
{
	Pftrace__TrackDescriptor track = PFTRACE__TRACK_DESCRIPTOR__INIT;
	Pftrace__ProcessDescriptor process = PFTRACE__PROCESS_DESCRIPTOR__INIT;

	process.has_pid = 1;
	process.pid = pid;
	process.process_name = (char *)name;
	track.process = &process;
	put_track(p, &track, uuid, 0, NULL);
}

void pftrace_thread(struct pftrace *p, uint64_t uuid, int32_t pid, int32_t tid,
		    const char *name)
{
	Pftrace__TrackDescriptor track = PFTRACE__TRACK_DESCRIPTOR__INIT;
	Pftrace__ThreadDescriptor thread = PFTRACE__THREAD_DESCRIPTOR__INIT;

	thread.has_pid = 1;
	thread.pid = pid;
	thread.has_tid = 1;
	thread.tid = tid;
	thread.thread_name = (char *)name;
	track.thread = &thread;
	put_track(p, &track, uuid, 0, NULL);
}

void pftrace_track(struct pftrace *p, uint64_t uuid, uint64_t parent,
		   const char *name)
{
	Pftrace__TrackDescriptor track = PFTRACE__TRACK_DESCRIPTOR__INIT;

	put_track(p, &track, uuid, parent, name);
}

void pftrace_counter(struct pftrace *p, uint64_t uuid, uint64_t parent,
		     const char *name)
{
	Pftrace__TrackDescriptor track = PFTRACE__TRACK_DESCRIPTOR__INIT;
	Pftrace__CounterDescriptor counter = PFTRACE__COUNTER_DESCRIPTOR__INIT;

	counter.has_unit = 1;
	counter.unit = PFTRACE__COUNTER_DESCRIPTOR__UNIT__UNIT_COUNT;
	track.counter = &counter;
	put_track(p, &track, uuid, parent, name);
}

/* ---- events ---------------------------------------------------------------
 */

/* The number of a name, from 1, and whether the trace has yet to be told. */
static uint64_t number_of(struct pftrace *p, struct strindex *names,
			  const char *name, bool *is_new)
{
	size_t before = names->n, i = strindex_add(names, name);

	if (i == STRINDEX_NONE)
		p->err = -ENOMEM;
	*is_new = names->n > before;
	return i + 1;
}

struct event_parts {
	Pftrace__InternedData data;
	Pftrace__EventName event, *events;
	Pftrace__DebugAnnotationName name[PFTRACE_ARGS_MAX];
	Pftrace__DebugAnnotationName *names[PFTRACE_ARGS_MAX];
	Pftrace__DebugAnnotation arg[PFTRACE_ARGS_MAX];
	Pftrace__DebugAnnotation *args[PFTRACE_ARGS_MAX];
};

static void add_name(struct pftrace *p, struct event_parts *x,
		     Pftrace__TrackEvent *event, const char *name)
{
	bool is_new;

	event->has_name_iid = 1;
	event->name_iid = number_of(p, &p->events, name, &is_new);
	if (!is_new)
		return;
	pftrace__event_name__init(&x->event);
	x->event.has_iid = 1;
	x->event.iid = event->name_iid;
	x->event.name = (char *)name;
	x->events = &x->event;
	x->data.n_event_names = 1;
	x->data.event_names = &x->events;
}

static void add_arg(struct pftrace *p, struct event_parts *x, size_t i,
		    const struct pftrace_arg *from)
{
	Pftrace__DebugAnnotation *to = &x->arg[i];
	size_t n = x->data.n_debug_annotation_names;
	bool is_new;

	pftrace__debug_annotation__init(to);
	x->args[i] = to;
	to->has_name_iid = 1;
	to->name_iid = number_of(p, &p->args, from->name, &is_new);
	to->string_value = (char *)from->text;
	to->has_uint_value = !from->text;
	to->uint_value = from->number;
	if (!is_new)
		return;
	pftrace__debug_annotation_name__init(&x->name[n]);
	x->name[n].has_iid = 1;
	x->name[n].iid = to->name_iid;
	x->name[n].name = (char *)from->name;
	x->names[n] = &x->name[n];
	x->data.n_debug_annotation_names = n + 1;
	x->data.debug_annotation_names = x->names;
}

static void put_event(struct pftrace *p, Pftrace__TrackEvent *event,
		      Pftrace__TrackEvent__Type type, uint64_t uuid,
		      uint64_t ns, Pftrace__InternedData *data)
{
	Pftrace__TracePacket packet = PFTRACE__TRACE_PACKET__INIT;

	event->has_type = 1;
	event->type = type;
	event->has_track_uuid = 1;
	event->track_uuid = uuid;
	packet.has_timestamp = 1;
	packet.timestamp = ns;
	packet.interned_data = data;
	packet.data_case = PFTRACE__TRACE_PACKET__DATA_TRACK_EVENT;
	packet.track_event = event;
	put(p, &packet);
}

static void named_event(struct pftrace *p, Pftrace__TrackEvent__Type type,
			uint64_t uuid, uint64_t ns,
			const struct pftrace_event *e)
{
	Pftrace__TrackEvent event = PFTRACE__TRACK_EVENT__INIT;
	uint64_t from = e->flow_from, to = e->flow_to;
	struct event_parts x;

	pftrace__interned_data__init(&x.data);
	add_name(p, &x, &event, e->name);
	for (size_t i = 0; i < e->args; i++)
		add_arg(p, &x, i, &e->arg[i]);
	event.n_debug_annotations = e->args;
	event.debug_annotations = x.args;
	event.n_flow_ids = from != 0;
	event.flow_ids = &from;
	event.n_terminating_flow_ids = to != 0;
	event.terminating_flow_ids = &to;
	put_event(p, &event, type, uuid, ns,
		  x.data.n_event_names || x.data.n_debug_annotation_names
			  ? &x.data
			  : NULL);
}

void pftrace_slice(struct pftrace *p, uint64_t uuid, uint64_t ns,
		   const struct pftrace_event *e)
{
	named_event(p, PFTRACE__TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN, uuid, ns,
		    e);
}

void pftrace_slice_end(struct pftrace *p, uint64_t uuid, uint64_t ns)
{
	Pftrace__TrackEvent event = PFTRACE__TRACK_EVENT__INIT;

	put_event(p, &event, PFTRACE__TRACK_EVENT__TYPE__TYPE_SLICE_END, uuid,
		  ns, NULL);
}

void pftrace_instant(struct pftrace *p, uint64_t uuid, uint64_t ns,
		     const struct pftrace_event *e)
{
	named_event(p, PFTRACE__TRACK_EVENT__TYPE__TYPE_INSTANT, uuid, ns, e);
}

void pftrace_value(struct pftrace *p, uint64_t uuid, uint64_t ns, double value)
{
	Pftrace__TrackEvent event = PFTRACE__TRACK_EVENT__INIT;

	event.has_double_counter_value = 1;
	event.double_counter_value = value;
	put_event(p, &event, PFTRACE__TRACK_EVENT__TYPE__TYPE_COUNTER, uuid, ns,
		  NULL);
}
