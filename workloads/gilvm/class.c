// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Attributes: modules, classes, instances, and access in general. */
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "eval.h"
#include "values.h"

struct attr {
	struct obj *name, *value;
};

/* As with lists, the block knows its size; deleted entries keep their name. */
struct attrblock {
	int cap;
	struct attr v[];
};

static struct attr *find(const struct attrs *a, const struct obj *name)
{
	struct attrblock *b = __atomic_load_n(&a->b, __ATOMIC_ACQUIRE);
	int n = __atomic_load_n(&a->n, __ATOMIC_RELAXED);

	for (int i = 0; b && i < n && i < b->cap; i++) {
		if (b->v[i].name == name)
			return &b->v[i];
	}
	return NULL;
}

struct obj *attrs_get(const struct attrs *a, const struct obj *name)
{
	struct attr *e = find(a, name);

	return e ? e->value : NULL;
}

static struct attrblock *grow(struct attrs *a)
{
	struct attrblock *old = a->b;
	int cap = old ? old->cap * 2 : 4;
	struct attrblock *b =
		xcalloc(1, sizeof(*b) + (size_t)cap * sizeof(struct attr));

	if (old)
		memcpy(b->v, old->v, (size_t)old->cap * sizeof(struct attr));
	b->cap = cap;
	__atomic_store_n(&a->b, b, __ATOMIC_RELEASE);
	if (!vm_racy)
		free(old);
	return b;
}

int attrs_set(struct attrs *a, struct obj *name, struct obj *v)
{
	struct attr *e = find(a, name);
	struct attrblock *b = a->b;
	int n = a->n;
	struct obj *old;

	if (!e && !v)
		return 1;
	if (!e) {
		if (!b || n >= b->cap)
			b = grow(a);
		e = &b->v[n < b->cap ? n : b->cap - 1];
		e->name = newref(name);
		e->value = newref(v);
		a->n = n + 1;
		return 0;
	}
	old = e->value;
	__atomic_store_n(&e->value, v ? newref(v) : NULL, __ATOMIC_RELEASE);
	xdecref(old);
	return !v && !old;
}

void attrs_clear(struct attrs *a)
{
	struct attrblock *b = a->b;
	int n = a->n;

	a->b = NULL;
	a->n = 0;
	for (int i = 0; b && i < n && i < b->cap; i++) {
		xdecref(b->v[i].name);
		xdecref(b->v[i].value);
	}
	free(b);
}

struct moduleobj *module_new(const char *name, struct native *table)
{
	struct moduleobj *m = obj_alloc(&module_type, sizeof(*m));

	m->name = name;
	natives_init(table);
	for (; table && table->name; table++)
		attrs_set(&m->attrs, table->iname, table->callable);
	return m;
}

void module_set(struct moduleobj *m, const char *name, struct obj *v)
{
	struct obj *n = str_intern(name);

	attrs_set(&m->attrs, n, v);
	decref(n);
	decref(v);
}

static struct obj *module_getattr(struct obj *o, struct obj *name)
{
	struct obj *v = attrs_get(&((struct moduleobj *)o)->attrs, name);

	if (v)
		return newref(v);
	return err_set(&exc_AttributeError,
		       "module '%s' has no attribute '%.100s'",
		       ((struct moduleobj *)o)->name, str_data(name));
}

static int module_setattr(struct obj *o, struct obj *name, struct obj *v)
{
	return attrs_set(&((struct moduleobj *)o)->attrs, name, v);
}

static struct obj *module_repr(struct obj *o)
{
	return str_format("<module '%s'>", ((struct moduleobj *)o)->name);
}

struct type module_type = {
	TYPE_HEAD("module"),
	.repr = module_repr,
	.getattr = module_getattr,
	.setattr = module_setattr,
};

/* The method of that name in a table of C functions, or NULL. */
static const struct native *native_method(const struct type *t,
					  const struct obj *name)
{
	for (const struct native *m = t->methods; m && m->name; m++) {
		if (m->iname == name)
			return m;
	}
	return NULL;
}

static struct obj *no_attr(struct obj *o, struct obj *name)
{
	if (err_pending())
		return NULL;
	if (o->type == &type_type)
		return err_set(&exc_AttributeError,
			       "type object '%.100s' has no attribute '%.100s'",
			       ((struct type *)o)->name, str_data(name));
	return err_set(&exc_AttributeError,
		       "'%.100s' object has no attribute '%.100s'",
		       o->type->name, str_data(name));
}

static struct obj *class_attr(struct obj *o, struct obj *name)
{
	return o->type->attrs ? attrs_get(o->type->attrs, name) : NULL;
}

struct obj *obj_getattr(struct obj *o, struct obj *name)
{
	const struct native *m;
	struct obj *v;

	if (o->type->getattr) {
		v = o->type->getattr(o, name);
		if (v || err_pending())
			return v;
	}
	v = class_attr(o, name);
	if (v)
		return v->type == &func_type ? method_new(v, o) : newref(v);
	m = native_method(o->type, name);
	if (m)
		return native_new(m, o);
	if (!strcmp(str_data(name), "__class__"))
		return newref((struct obj *)(uintptr_t)&o->type->base);
	return no_attr(o, name);
}

struct obj *obj_getmethod(struct obj *o, struct obj *name, struct obj **self)
{
	const struct native *m;
	struct obj *v;

	*self = NULL;
	if (o->type->getattr) {
		v = o->type->getattr(o, name);
		if (v || err_pending())
			return v;
	}
	v = class_attr(o, name);
	if (v) {
		if (v->type == &func_type)
			*self = newref(o);
		return newref(v);
	}
	m = native_method(o->type, name);
	if (!m)
		return obj_getattr(o, name);
	*self = newref(o);
	return newref(m->callable);
}

int obj_setattr(struct obj *o, struct obj *name, struct obj *v)
{
	int r = 1;

	if (o->type->setattr)
		r = o->type->setattr(o, name, v);
	if (r <= 0)
		return r;
	no_attr(o, name);
	return -1;
}
