// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The end of a timeline: what is open then, and who is who. */
#include <errno.h>
#include <string.h>

#include "timeline_build_priv.h"

/* Waits that last, or whose end no later event has decided: these are short of
 * what a snapshot makes of them, one a thread at most. */
static void add_open_wait(struct timeline_builder *b, uint32_t serial,
			  const struct gw_episode *e, uint64_t end)
{
	uint64_t ended = e->phase == GW_WAITING ? end : e->return_ns;
	struct timeline_wait *w;

	if (e->phase == GW_IDLE || !builder_lock(b, e->lock) ||
	    ended < b->from_ns || e->start_ns > b->to_ns)
		return;
	w = timeline_add_wait(&b->t.thread[serial]);
	if (!w) {
		b->err = -ENOMEM;
		return;
	}
	w->start_ns = e->start_ns;
	w->end_ns = ended;
	w->lock = e->lock;
	w->from = TIMELINE_NONE;
}

static void describe_thread(struct timeline_builder *b, const struct replay *r,
			    uint32_t serial, uint64_t end)
{
	const struct replay_thread *from = replay_thread(r, serial);
	struct timeline_thread *of = builder_thread(b, serial);
	const struct gw_thread *t;

	if (!from || !of || !from->known)
		return;
	t = &from->live.thread;
	of->image = t->image;
	of->pid = (pid_t)t->tgid;
	of->tid = (pid_t)t->tid;
	memcpy(of->comm, from->live.names.comm, sizeof(of->comm));
	if (!from->begun || from->ended)
		return;
	builder_span(b, serial, t, t->run, t->since_ns, end);
	for (int i = 0; i < GW_EPISODES; i++)
		add_open_wait(b, serial, &t->episode[i], end);
}

/* Who has it now has it until the end, as far as is known. */
static void describe_lock(struct timeline_builder *b, const struct replay *r,
			  uint32_t index, uint64_t end)
{
	const struct replay_lock *from = replay_lock(r, index);
	struct timeline_lock *to;

	if (!from || !builder_lock(b, index))
		return;
	to = &b->t.lock[index];
	to->image = from->info.image;
	to->pid = (pid_t)from->info.tgid;
	to->id = from->info.id;
	to->kind = (enum gw_kind)from->info.kind;
	memcpy(to->name, from->info.name, sizeof(to->name));
	to->name[sizeof(to->name) - 1] = '\0';
	if (from->k.hold_ns && from->k.holder)
		builder_hold(b, from->k.holder, index, from->k.hold_ns, end,
			     true);
}

int timeline_builder_end(struct timeline_builder *b, const struct replay *r,
			 uint64_t end_ns, struct timeline *out)
{
	uint64_t end = builder_within(b, end_ns);

	for (uint32_t i = 0; i < replay_locks(r); i++)
		describe_lock(b, r, i, end);
	for (uint32_t i = 0; i < replay_threads(r); i++)
		describe_thread(b, r, i, end);
	if (b->err)
		return b->err;
	timeline_close(&b->t);
	b->t.end_ns = end;
	b->t.start_ns = end;
	for (size_t i = 0; i < b->t.threads; i++)
		if (b->t.thread[i].spans &&
		    b->t.thread[i].span[0].start_ns < b->t.start_ns)
			b->t.start_ns = b->t.thread[i].span[0].start_ns;
	*out = b->t;
	b->t = (struct timeline){ 0 };
	return 0;
}
