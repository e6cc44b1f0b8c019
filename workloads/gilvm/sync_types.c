// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* threading.Event and threading.Barrier. */
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "sync.h"
#include "values.h"

struct eventobj {
	struct obj base;
	struct waitq q;
	bool set;
};

static struct eventobj *as_event(struct obj *o)
{
	return (struct eventobj *)o;
}

static struct obj *event_make(const struct type *t, const struct args *a)
{
	struct eventobj *e;

	if (args_bind(a, "Event", 0, 0, "", NULL))
		return NULL;
	e = obj_alloc(t, sizeof(*e));
	waitq_init(&e->q);
	return &e->base;
}

static void put_event(struct eventobj *e, bool set)
{
	waitq_lock(&e->q);
	e->set = set;
	if (set)
		waitq_wake_all(&e->q);
	waitq_unlock(&e->q);
}

static struct obj *m_set(struct obj *self, struct obj **a)
{
	(void)a;
	put_event(as_event(self), true);
	return none_ref();
}

static struct obj *m_clear(struct obj *self, struct obj **a)
{
	(void)a;
	put_event(as_event(self), false);
	return none_ref();
}

static struct obj *m_is_set(struct obj *self, struct obj **a)
{
	bool set;

	(void)a;
	waitq_lock(&as_event(self)->q);
	set = as_event(self)->set;
	waitq_unlock(&as_event(self)->q);
	return bool_ref(set);
}

static struct obj *m_event_wait(struct obj *self, struct obj **a)
{
	struct eventobj *e = as_event(self);
	int64_t ns;
	int r = 1;

	if (to_timeout(a[0], &ns))
		return NULL;
	waitq_lock(&e->q);
	if (e->set)
		waitq_unlock(&e->q);
	else
		r = waitq_wait(&e->q, ns);
	return r < 0 ? NULL : bool_ref(r);
}

static struct native event_methods[] = {
	NATIVE("set", m_set, 0, 0, ""),
	NATIVE("clear", m_clear, 0, 0, ""),
	NATIVE("is_set", m_is_set, 0, 0, ""),
	NATIVE("wait", m_event_wait, 0, 1, "timeout"),
	NATIVE_END,
};

struct type event_type = {
	TYPE_HEAD("Event"),
	.make = event_make,
	.methods = event_methods,
};

struct barrierobj {
	struct obj base;
	struct waitq q;
	int64_t parties, waiting;
	int64_t timeout_ns;
	bool broken;
};

static struct barrierobj *as_barrier(struct obj *o)
{
	return (struct barrierobj *)o;
}

static struct obj *barrier_make(const struct type *t, const struct args *a)
{
	struct barrierobj *b;
	int64_t parties, ns;
	struct obj *v[3];

	if (args_bind(a, "Barrier", 1, 3, "parties action timeout", v) ||
	    to_int_range(v[0], "parties", 1, INT32_MAX, &parties) ||
	    to_timeout(v[2], &ns))
		return NULL;
	if (v[1] && v[1] != &none_obj)
		return err_set(&exc_TypeError,
			       "Barrier() with an action is not supported");
	b = obj_alloc(t, sizeof(*b));
	waitq_init(&b->q);
	b->parties = parties;
	b->timeout_ns = ns;
	return &b->base;
}

static void break_barrier(struct barrierobj *b)
{
	waitq_lock(&b->q);
	b->broken = true;
	b->waiting = 0;
	waitq_wake_all(&b->q);
	waitq_unlock(&b->q);
}

static struct obj *broken(void)
{
	return err_set(&exc_BrokenBarrierError, "%s", "");
}

static struct obj *wait_for_others(struct barrierobj *b, int64_t index,
				   int64_t ns)
{
	int r = waitq_wait(&b->q, ns);

	if (r <= 0)
		break_barrier(b);
	if (r < 0)
		return NULL;
	return r == 0 || b->broken ? broken() : int_new(index);
}

static struct obj *m_barrier_wait(struct obj *self, struct obj **a)
{
	struct barrierobj *b = as_barrier(self);
	int64_t index, ns;

	if (to_timeout(a[0], &ns))
		return NULL;
	if (!a[0])
		ns = b->timeout_ns;
	waitq_lock(&b->q);
	if (b->broken) {
		waitq_unlock(&b->q);
		return broken();
	}
	index = b->waiting++;
	if (b->waiting < b->parties)
		return wait_for_others(b, index, ns);
	b->waiting = 0;
	waitq_wake_all(&b->q);
	waitq_unlock(&b->q);
	return int_new(index);
}

static struct obj *m_abort(struct obj *self, struct obj **a)
{
	(void)a;
	break_barrier(as_barrier(self));
	return none_ref();
}

static struct obj *barrier_getattr(struct obj *o, struct obj *name)
{
	const char *n = str_data(name);

	if (!strcmp(n, "parties"))
		return int_new(as_barrier(o)->parties);
	if (!strcmp(n, "n_waiting"))
		return int_new(as_barrier(o)->waiting);
	if (!strcmp(n, "broken"))
		return bool_ref(as_barrier(o)->broken);
	return NULL;
}

static struct native barrier_methods[] = {
	NATIVE("wait", m_barrier_wait, 0, 1, "timeout"),
	NATIVE("abort", m_abort, 0, 0, ""),
	NATIVE_END,
};

struct type barrier_type = {
	TYPE_HEAD("Barrier"),
	.make = barrier_make,
	.getattr = barrier_getattr,
	.methods = barrier_methods,
};

void sync_types_init(void)
{
	struct type *const types[] = { &lock_type, &event_type, &barrier_type };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		obj_register_static(&types[i]->base);
		natives_init(types[i]->methods);
	}
}
