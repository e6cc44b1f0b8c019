// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What can be called: C functions, functions, bound methods, types. */
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "convert.h"
#include "errors.h"
#include "eval.h"
#include "values.h"

/* The longest list of parameters of a function in C. */
#define MAX_NATIVE 10

struct obj *native_new(const struct native *def, struct obj *self)
{
	struct nativeobj *n = obj_alloc(&native_type, sizeof(*n));

	n->def = def;
	n->self = self ? newref(self) : NULL;
	return &n->base;
}

struct obj *native_call(const struct native *def, struct obj *self,
			const struct args *a)
{
	struct obj *v[MAX_NATIVE];

	if (def->raw)
		return def->raw(self, a);
	if (args_bind(a, def->name, def->min, def->max, def->params, v))
		return NULL;
	return def->fn(self, v);
}

static struct obj *native_obj_call(struct obj *o, const struct args *a)
{
	struct nativeobj *n = (struct nativeobj *)o;

	return native_call(n->def, n->self, a);
}

static struct obj *native_repr(struct obj *o)
{
	return str_format("<built-in function %s>",
			  ((struct nativeobj *)o)->def->name);
}

static void native_dealloc(struct obj *o)
{
	xdecref(((struct nativeobj *)o)->self);
	obj_free(o);
}

static struct obj *native_getattr(struct obj *o, struct obj *name)
{
	if (!strcmp(str_data(name), "__name__"))
		return str_from(((struct nativeobj *)o)->def->name);
	return NULL;
}

struct obj *func_new(struct codeobj *code, struct obj *defaults)
{
	struct funcobj *f = obj_alloc(&func_type, sizeof(*f));

	f->code = (struct codeobj *)newref(&code->base);
	f->defaults = newref(defaults);
	return &f->base;
}

static struct obj *func_repr(struct obj *o)
{
	return str_format("<function %.200s at %p>",
			  str_data(((struct funcobj *)o)->code->name),
			  (void *)o);
}

static void func_dealloc(struct obj *o)
{
	struct funcobj *f = (struct funcobj *)o;

	decref(&f->code->base);
	decref(f->defaults);
	obj_free(o);
}

static struct obj *func_getattr(struct obj *o, struct obj *name)
{
	struct codeobj *code = ((struct funcobj *)o)->code;

	if (!strcmp(str_data(name), "__name__"))
		return newref(code->name);
	if (!strcmp(str_data(name), "__doc__"))
		return newref(code->doc ? code->doc : &none_obj);
	return NULL;
}

struct obj *method_new(struct obj *func, struct obj *self)
{
	struct methodobj *m = obj_alloc(&method_type, sizeof(*m));

	m->func = newref(func);
	m->self = newref(self);
	return &m->base;
}

static struct obj *method_call(struct obj *o, const struct args *a)
{
	struct methodobj *m = (struct methodobj *)o;
	int total = a->n + (a->kw ? (int)as_tuple(a->kw)->size : 0);
	struct args with = { .n = a->n + 1, .kw = a->kw };
	struct obj *r;

	with.v = xcalloc((size_t)total + 1, sizeof(*with.v));
	with.v[0] = m->self;
	for (int i = 0; i < total; i++)
		with.v[i + 1] = a->v[i];
	r = obj_call(m->func, &with);
	free(with.v);
	return r;
}

static struct obj *method_repr(struct obj *o)
{
	struct methodobj *m = (struct methodobj *)o;

	return str_format("<bound method %.100s.%.100s>", m->self->type->name,
			  str_data(((struct funcobj *)m->func)->code->name));
}

static void method_dealloc(struct obj *o)
{
	struct methodobj *m = (struct methodobj *)o;

	decref(m->func);
	decref(m->self);
	obj_free(o);
}

static struct obj *type_call(struct obj *o, const struct args *a)
{
	const struct type *t = (const struct type *)(const void *)o;

	if (t->make)
		return t->make(t, a);
	return err_set(&exc_TypeError, "cannot create '%s' instances", t->name);
}

struct obj *obj_call(struct obj *f, const struct args *a)
{
	if (f->type->call)
		return f->type->call(f, a);
	return err_set(&exc_TypeError, "'%s' object is not callable",
		       f->type->name);
}

struct obj *obj_call_n(struct obj *f, struct obj **v, int n)
{
	struct args a = { v, n, NULL };

	return obj_call(f, &a);
}

struct type native_type = {
	TYPE_HEAD("builtin_function_or_method"),
	.dealloc = native_dealloc,
	.repr = native_repr,
	.call = native_obj_call,
	.getattr = native_getattr,
};

struct type func_type = {
	TYPE_HEAD("function"), .dealloc = func_dealloc, .repr = func_repr,
	.call = func_call,     .getattr = func_getattr,
};

struct type method_type = {
	TYPE_HEAD("method"),
	.dealloc = method_dealloc,
	.repr = method_repr,
	.call = method_call,
};

static struct obj *type_repr(struct obj *o)
{
	const struct type *t = (const struct type *)(const void *)o;

	if (is_class(o))
		return str_format("<class '__main__.%.200s'>", t->name);
	return str_format("<class '%.200s'>", t->name);
}

struct type type_type = {
	TYPE_HEAD("type"), .dealloc = class_dealloc, .repr = type_repr,
	.call = type_call, .getattr = class_getattr, .setattr = class_setattr,
};
