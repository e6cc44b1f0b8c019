// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Classes of the program, and their instances. */
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "eval.h"
#include "values.h"

static struct obj *name_init, *name_str, *name_repr, *name_len;

void instances_init(void)
{
	name_init = str_intern("__init__");
	name_str = str_intern("__str__");
	name_repr = str_intern("__repr__");
	name_len = str_intern("__len__");
}

static struct instobj *as_inst(struct obj *o)
{
	return (struct instobj *)o;
}

static void inst_dealloc(struct obj *o)
{
	struct obj *t = (struct obj *)(uintptr_t)&o->type->base;

	attrs_clear(&as_inst(o)->attrs);
	obj_free(o);
	decref(t);
}

static struct obj *inst_getattr(struct obj *o, struct obj *name)
{
	struct obj *v = attrs_get(&as_inst(o)->attrs, name);

	return v ? newref(v) : NULL;
}

static int inst_setattr(struct obj *o, struct obj *name, struct obj *v)
{
	return attrs_set(&as_inst(o)->attrs, name, v);
}

static struct obj *special(struct obj *o, struct obj *name)
{
	return attrs_get(o->type->attrs, name);
}

static struct obj *call_text(struct obj *f, struct obj *o)
{
	struct obj *s = obj_call_n(f, &o, 1);

	if (!s || is_str(s))
		return s;
	err_set(&exc_TypeError, "__str__ returned non-string (type %s)",
		s->type->name);
	decref(s);
	return NULL;
}

static struct obj *inst_repr(struct obj *o)
{
	struct obj *f = special(o, name_repr);

	if (f)
		return call_text(f, o);
	return str_format("<__main__.%.200s object at %p>", o->type->name,
			  (void *)o);
}

static struct obj *inst_str(struct obj *o)
{
	struct obj *f = special(o, name_str);

	return f ? call_text(f, o) : obj_repr(o);
}

static int64_t inst_len(struct obj *o)
{
	struct obj *f = special(o, name_len);
	int64_t n = -1;
	struct obj *r;

	if (!f) {
		err_set(&exc_TypeError, "object of type '%.100s' has no len()",
			o->type->name);
		return -1;
	}
	r = obj_call_n(f, &o, 1);
	if (!r)
		return -1;
	if (to_int(r, &n) == 0 && n < 0)
		err_set(&exc_ValueError, "__len__() should return >= 0");
	decref(r);
	return n < 0 ? -1 : n;
}

static int run_init(struct obj *o, struct obj *init, const struct args *a)
{
	struct obj *m = method_new(init, o);
	struct obj *r = obj_call(m, a);

	decref(m);
	if (!r)
		return -1;
	if (r != &none_obj)
		err_set(&exc_TypeError,
			"__init__() should return None, not '%s'",
			r->type->name);
	decref(r);
	return err_pending() ? -1 : 0;
}

static struct obj *inst_make(const struct type *t, const struct args *a)
{
	struct obj *o = obj_alloc(t, sizeof(struct instobj));
	struct obj *init = attrs_get(t->attrs, name_init);

	incref((struct obj *)(uintptr_t)&t->base);
	if (!init && (a->n || a->kw))
		err_set(&exc_TypeError, "%.100s() takes no arguments", t->name);
	if (init ? run_init(o, init, a) : err_pending()) {
		decref(o);
		return NULL;
	}
	return o;
}

struct type *class_new(const char *name, struct attrs *body)
{
	struct type *t = obj_alloc(&type_type, sizeof(*t));

	t->name = strdup(name);
	t->attrs = xcalloc(1, sizeof(*t->attrs));
	*t->attrs = *body;
	memset(body, 0, sizeof(*body));
	t->dealloc = inst_dealloc;
	t->repr = inst_repr;
	t->str = inst_str;
	if (attrs_get(t->attrs, name_len))
		t->len = inst_len;
	t->getattr = inst_getattr;
	t->setattr = inst_setattr;
	t->make = inst_make;
	return t;
}

bool is_class(const struct obj *o)
{
	return o->type == &type_type &&
	       ((const struct type *)(const void *)o)->dealloc == inst_dealloc;
}

bool is_instance(const struct obj *o)
{
	return o->type->dealloc == inst_dealloc;
}

void class_dealloc(struct obj *o)
{
	struct type *t = (struct type *)o;

	if (!is_class(o)) {
		o->refcnt = 1 << 30;
		return;
	}
	attrs_clear(t->attrs);
	free(t->attrs);
	free((char *)(uintptr_t)t->name);
	obj_free(o);
}

struct obj *class_getattr(struct obj *o, struct obj *name)
{
	const struct type *t = (const struct type *)(const void *)o;
	struct obj *v = t->attrs ? attrs_get(t->attrs, name) : NULL;

	if (v)
		return newref(v);
	if (!strcmp(str_data(name), "__name__"))
		return str_from(t->name);
	return NULL;
}

int class_setattr(struct obj *o, struct obj *name, struct obj *v)
{
	struct type *t = (struct type *)o;

	return t->attrs ? attrs_set(t->attrs, name, v) : 1;
}
