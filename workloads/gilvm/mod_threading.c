// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Module threading. */
#include <string.h>

#include "builtins.h"
#include "code.h"
#include "convert.h"
#include "errors.h"
#include "threads.h"
#include "values.h"

static int64_t thread_number;

static struct threadobj *as_thread(struct obj *o)
{
	return (struct threadobj *)o;
}

static struct obj *default_name(const struct obj *target)
{
	int64_t n = __atomic_add_fetch(&thread_number, 1, __ATOMIC_RELAXED);

	if (target->type == &func_type)
		return str_format(
			"Thread-%d (%.100s)", (int)n,
			str_data(((const struct funcobj *)(const void *)target)
					 ->code->name));
	return str_format("Thread-%d", (int)n);
}

/* The items of args as a tuple: any sequence will do. */
static struct obj *to_tuple(struct obj *o)
{
	struct args a = { &o, 1, NULL };

	if (!o)
		return tuple_new(NULL, 0);
	return tuple_type.make(&tuple_type, &a);
}

static struct obj *thread_make(const struct type *t, const struct args *a)
{
	struct threadobj *th;
	struct obj *v[6];
	struct obj *args;

	(void)t;
	if (args_bind(a, "Thread", 0, 6, "group target name args kwargs daemon",
		      v))
		return NULL;
	if (v[4] && v[4] != &none_obj)
		return err_set(&exc_TypeError,
			       "Thread() with kwargs is not supported");
	if (v[2] && v[2] != &none_obj && need_str(v[2], "name"))
		return NULL;
	args = to_tuple(v[3]);
	if (!args)
		return NULL;
	th = thread_new(v[1] ? v[1] : &none_obj, args);
	decref(args);
	decref(th->name);
	th->name = v[2] && v[2] != &none_obj ? newref(v[2])
					     : default_name(th->target);
	th->daemon = v[5] && v[5] != &none_obj ? obj_truth(v[5])
					       : ts_self->thread->daemon;
	return &th->base;
}

static void thread_dealloc(struct obj *o)
{
	struct threadobj *t = as_thread(o);

	decref(t->target);
	decref(t->args);
	decref(t->name);
	sem_destroy(&t->running);
	obj_free(o);
}

static struct obj *m_start(struct obj *self, struct obj **a)
{
	(void)a;
	return thread_start(as_thread(self)) ? NULL : none_ref();
}

static struct obj *m_join(struct obj *self, struct obj **a)
{
	struct threadobj *t = as_thread(self);
	int64_t ns;

	if (to_timeout(a[0], &ns))
		return NULL;
	if (!t->started)
		return err_set(&exc_RuntimeError,
			       "cannot join thread before it is started");
	if (t == ts_self->thread)
		return err_set(&exc_RuntimeError, "cannot join current thread");
	return thread_join(t, ns) < 0 ? NULL : none_ref();
}

static struct obj *m_is_alive(struct obj *self, struct obj **a)
{
	(void)a;
	return bool_ref(as_thread(self)->started && !as_thread(self)->done);
}

static struct obj *thread_getattr(struct obj *o, struct obj *name)
{
	struct threadobj *t = as_thread(o);
	const char *n = str_data(name);

	if (!strcmp(n, "name"))
		return newref(t->name);
	if (!strcmp(n, "daemon"))
		return bool_ref(t->daemon);
	if (!strcmp(n, "ident"))
		return t->started ? int_new((int64_t)t->pthread) : none_ref();
	if (!strcmp(n, "native_id"))
		return t->started ? int_new(t->tid) : none_ref();
	return NULL;
}

static int set_name(struct threadobj *t, struct obj *v)
{
	struct obj *old = t->name;

	if (need_str(v, "name"))
		return -1;
	t->name = newref(v);
	decref(old);
	if (t->started && !t->done)
		thread_set_name(t);
	return 0;
}

static int thread_setattr(struct obj *o, struct obj *name, struct obj *v)
{
	struct threadobj *t = as_thread(o);

	if (v && !strcmp(str_data(name), "name"))
		return set_name(t, v);
	if (!v || strcmp(str_data(name), "daemon"))
		return 1;
	if (t->started) {
		err_set(&exc_RuntimeError,
			"cannot set daemon status of active thread");
		return -1;
	}
	t->daemon = obj_truth(v);
	return 0;
}

static struct obj *thread_repr(struct obj *o)
{
	struct threadobj *t = as_thread(o);

	return str_format("<Thread(%.100s, %s)>", str_data(t->name),
			  t->done      ? "stopped"
			  : t->started ? "started"
				       : "initial");
}

static struct native thread_methods[] = {
	NATIVE("start", m_start, 0, 0, ""),
	NATIVE("join", m_join, 0, 1, "timeout"),
	NATIVE("is_alive", m_is_alive, 0, 0, ""),
	NATIVE_END,
};

struct type thread_type = {
	TYPE_HEAD("Thread"),       .dealloc = thread_dealloc,
	.repr = thread_repr,       .make = thread_make,
	.getattr = thread_getattr, .setattr = thread_setattr,
	.methods = thread_methods,
};

static struct obj *m_current(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return newref(&ts_self->thread->base);
}

static struct obj *m_main(struct obj *self, struct obj **a)
{
	struct threadobj *t = threads_first();

	(void)self;
	(void)a;
	while (t->next)
		t = t->next;
	return newref(&t->base);
}

static struct obj *m_active(struct obj *self, struct obj **a)
{
	int64_t n = 0;

	(void)self;
	(void)a;
	for (struct threadobj *t = threads_first(); t; t = t->next)
		n++;
	return int_new(n);
}

static struct obj *m_ident(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return int_new((int64_t)ts_self->thread->pthread);
}

static struct obj *m_native_id(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return int_new(ts_self->gil.tid);
}

static struct native functions[] = {
	NATIVE("current_thread", m_current, 0, 0, ""),
	NATIVE("main_thread", m_main, 0, 0, ""),
	NATIVE("active_count", m_active, 0, 0, ""),
	NATIVE("get_ident", m_ident, 0, 0, ""),
	NATIVE("get_native_id", m_native_id, 0, 0, ""),
	NATIVE_END,
};

struct moduleobj *mod_threading(void)
{
	struct moduleobj *m = module_new("threading", functions);

	sync_types_init();
	obj_register_static(&thread_type.base);
	natives_init(thread_methods);
	module_set(m, "Thread", newref(&thread_type.base));
	module_set(m, "Lock", newref(&lock_type.base));
	module_set(m, "Event", newref(&event_type.base));
	module_set(m, "Barrier", newref(&barrier_type.base));
	module_set(m, "BrokenBarrierError",
		   newref(&exc_BrokenBarrierError.base));
	return m;
}
