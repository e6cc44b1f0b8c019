// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Exception types and objects, and raising from C. Printing: traceback.c. */
#include "errors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "values.h"

static struct obj *exc_make(const struct type *t, const struct args *a);
static struct obj *exc_repr(struct obj *o);
static struct obj *exc_str(struct obj *o);
static struct obj *exc_getattr(struct obj *o, struct obj *name);
static void exc_dealloc(struct obj *o);

#define DEFINE_EXC(n, p)                                                       \
	struct type exc_##n = {                                                \
		TYPE_HEAD(#n),    .parent = &exc_##p, .dealloc = exc_dealloc,  \
		.repr = exc_repr, .str = exc_str,     .getattr = exc_getattr,  \
		.make = exc_make,                                              \
	};
EXCEPTIONS(DEFINE_EXC)
#undef DEFINE_EXC

static struct type *const all_types[] = {
#define EXC_ROW(n, p) &exc_##n,
	EXCEPTIONS(EXC_ROW)
#undef EXC_ROW
};

#define N_TYPES (sizeof(all_types) / sizeof(all_types[0]))

void errors_init(void)
{
	for (size_t i = 0; i < N_TYPES; i++)
		obj_register_static(&all_types[i]->base);
}

struct type *exc_by_name(const char *name)
{
	for (size_t i = 0; i < N_TYPES; i++) {
		if (!strcmp(all_types[i]->name, name))
			return all_types[i];
	}
	/* Two old names of the same thing. */
	if (!strcmp(name, "IOError") || !strcmp(name, "EnvironmentError"))
		return &exc_OSError;
	return NULL;
}

static struct excobj *as_exc(struct obj *o)
{
	return (struct excobj *)o;
}

static struct obj *exc_new(const struct type *t, struct obj *args)
{
	struct excobj *e = obj_alloc(t, sizeof(*e));

	e->args = args;
	return &e->base;
}

static struct obj *exc_make(const struct type *t, const struct args *a)
{
	struct obj *args;

	if (a->kw)
		return err_set(&exc_TypeError,
			       "%s() takes no keyword arguments", t->name);
	args = tuple_new(a->v, a->n);
	return args ? exc_new(t, args) : NULL;
}

static void exc_dealloc(struct obj *o)
{
	xdecref(as_exc(o)->args);
	free(as_exc(o)->tb);
	obj_free(o);
}

static struct obj *exc_repr(struct obj *o)
{
	struct tupleobj *args = as_tuple(as_exc(o)->args);
	struct textbuf b = { 0 };
	struct obj *s = obj_repr(args->size == 1 ? args->v[0] : &args->base);

	if (!s)
		return NULL;
	buf_puts(&b, o->type->name);
	if (args->size == 1)
		buf_puts(&b, "(");
	buf_puts(&b, str_data(s));
	if (args->size == 1)
		buf_puts(&b, ")");
	decref(s);
	return buf_str(&b);
}

static struct obj *exc_str(struct obj *o)
{
	const struct tupleobj *args = as_tuple(as_exc(o)->args);

	if (!args->size)
		return str_new("", 0);
	/* A missing key is shown as it was written. */
	if (args->size == 1 && exc_derives(o->type, &exc_KeyError))
		return obj_repr(args->v[0]);
	return obj_str(args->size == 1 ? args->v[0] : as_exc(o)->args);
}

static struct obj *exc_getattr(struct obj *o, struct obj *name)
{
	const char *n = str_data(name);

	if (!strcmp(n, "args"))
		return newref(as_exc(o)->args);
	if (!strcmp(n, "errno") && exc_derives(o->type, &exc_OSError))
		return as_exc(o)->err ? int_new(as_exc(o)->err) : none_ref();
	if (!strcmp(n, "code") && o->type == &exc_SystemExit) {
		const struct tupleobj *args = as_tuple(as_exc(o)->args);

		return newref(args->size ? args->v[0] : &none_obj);
	}
	return NULL;
}

bool exc_derives(const struct type *t, const struct type *base)
{
	for (; t != base; t = t->parent) {
		if (!t->parent || t == t->parent)
			return false;
	}
	return true;
}

bool is_exc(const struct obj *o)
{
	return o->type->parent != NULL;
}

bool is_exc_type(const struct obj *o)
{
	return o->type == &type_type &&
	       ((const struct type *)(const void *)o)->parent != NULL;
}

void *err_raise(struct obj *exc)
{
	err_clear();
	ts_self->exc = as_exc(exc);
	return NULL;
}

void *err_set(const struct type *t, const char *fmt, ...)
{
	char buf[1024];
	struct obj *msg, *args;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	msg = str_from(buf);
	args = tuple_new(&msg, 1);
	decref(msg);
	return err_raise(exc_new(t, args));
}

static const struct type *type_of_errno(int err)
{
	switch (err) {
	case EAGAIN:
		return &exc_BlockingIOError;
	case ECHILD:
		return &exc_ChildProcessError;
	case EPIPE:
		return &exc_BrokenPipeError;
	case ECONNREFUSED:
		return &exc_ConnectionRefusedError;
	case ECONNRESET:
		return &exc_ConnectionResetError;
	case ENOENT:
		return &exc_FileNotFoundError;
	case EINTR:
		return &exc_InterruptedError;
	case EACCES:
	case EPERM:
		return &exc_PermissionError;
	case ESRCH:
		return &exc_ProcessLookupError;
	case ETIMEDOUT:
		return &exc_TimeoutError;
	default:
		return &exc_OSError;
	}
}

void *err_errno(int err)
{
	err_set(type_of_errno(err), "[Errno %d] %s", err, strerror(err));
	ts_self->exc->err = err;
	return NULL;
}

struct excobj *err_take(void)
{
	struct excobj *e = ts_self->exc;

	ts_self->exc = NULL;
	return e;
}

void err_clear(void)
{
	struct excobj *e = err_take();

	if (e)
		decref(&e->base);
}

bool err_is(const struct type *t)
{
	return ts_self->exc && exc_derives(ts_self->exc->base.type, t);
}
