// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Built-in functions. Those about numbers and sequences: builtins_math.c. */
#include "builtins.h"

#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "eval.h"
#include "iter.h"
#include "out.h"
#include "values.h"

static struct obj *b_len(struct obj *self, struct obj **a)
{
	int64_t n = obj_len(a[0]);

	(void)self;
	return n < 0 ? NULL : int_new(n);
}

static struct obj *b_repr(struct obj *self, struct obj **a)
{
	(void)self;
	return obj_repr(a[0]);
}

static int is_a(struct obj *o, struct obj *type)
{
	const struct type *t = (const struct type *)(const void *)type;

	if (type->type != &type_type) {
		err_set(&exc_TypeError,
			"isinstance() arg 2 must be a type or a tuple of "
			"types");
		return -1;
	}
	if (t == &int_type)
		return is_intlike(o);
	return t->parent ? exc_derives(o->type, t) : o->type == t;
}

static struct obj *b_isinstance(struct obj *self, struct obj **a)
{
	int r = 0;

	(void)self;
	if (a[1]->type != &tuple_type) {
		r = is_a(a[0], a[1]);
		return r < 0 ? NULL : bool_ref(r);
	}
	for (int64_t i = 0; !r && i < as_tuple(a[1])->size; i++)
		r = is_a(a[0], as_tuple(a[1])->v[i]);
	return r < 0 ? NULL : bool_ref(r);
}

static struct obj *b_type(struct obj *self, struct obj **a)
{
	(void)self;
	return newref((struct obj *)(uintptr_t)&a[0]->type->base);
}

static struct obj *b_id(struct obj *self, struct obj **a)
{
	(void)self;
	return int_new((int64_t)(uintptr_t)a[0]);
}

static struct obj *b_callable(struct obj *self, struct obj **a)
{
	(void)self;
	return bool_ref(a[0]->type->call != NULL);
}

static struct obj *interned(struct obj *name)
{
	if (need_str(name, "attribute name"))
		return NULL;
	return str_intern_n(str_data(name), as_str(name)->len);
}

static struct obj *b_getattr(struct obj *self, struct obj **a)
{
	struct obj *name = interned(a[1]);
	struct obj *v;

	(void)self;
	if (!name)
		return NULL;
	v = obj_getattr(a[0], name);
	decref(name);
	if (v || !a[2] || !err_is(&exc_AttributeError))
		return v;
	err_clear();
	return newref(a[2]);
}

static struct obj *b_hasattr(struct obj *self, struct obj **a)
{
	struct obj *v[3] = { a[0], a[1], NULL };
	struct obj *r = b_getattr(self, v);

	if (!r && !err_is(&exc_AttributeError))
		return NULL;
	if (!r) {
		err_clear();
		return bool_ref(false);
	}
	decref(r);
	return bool_ref(true);
}

static struct obj *b_setattr(struct obj *self, struct obj **a)
{
	struct obj *name = interned(a[1]);
	int err;

	(void)self;
	if (!name)
		return NULL;
	err = obj_setattr(a[0], name, a[2]);
	decref(name);
	return err ? NULL : none_ref();
}

static struct obj *b_enumerate(struct obj *self, struct obj **a)
{
	int64_t start = 0;

	(void)self;
	if (a[1] && to_int(a[1], &start))
		return NULL;
	return iter_enumerate(a[0], start);
}

static struct obj *b_zip(struct obj *self, const struct args *a)
{
	struct obj *t;

	(void)self;
	if (a->kw)
		return err_set(&exc_TypeError,
			       "zip() takes no keyword arguments");
	t = tuple_new(NULL, a->n);
	for (int i = 0; t && i < a->n; i++) {
		struct obj *it = obj_iter(a->v[i]);

		if (!it) {
			decref(t);
			return NULL;
		}
		decref(as_tuple(t)->v[i]);
		as_tuple(t)->v[i] = it;
	}
	return t ? iter_zip(t) : NULL;
}

static struct obj *b_ord(struct obj *self, struct obj **a)
{
	const unsigned char *s = (const unsigned char *)str_data(a[0]);
	int64_t c;

	(void)self;
	if (need_str(a[0], "ord() argument"))
		return NULL;
	if (str_chars(a[0]) != 1)
		return err_set(&exc_TypeError,
			       "ord() expected a character, but string of "
			       "length %d found",
			       (int)str_chars(a[0]));
	if (s[0] < 0x80)
		return int_new(s[0]);
	c = s[0] < 0xe0 ? s[0] & 0x1f : s[0] < 0xf0 ? s[0] & 0x0f : s[0] & 7;
	for (int64_t i = 1; i < as_str(a[0])->len; i++)
		c = c << 6 | (s[i] & 0x3f);
	return int_new(c);
}

static struct obj *b_chr(struct obj *self, struct obj **a)
{
	unsigned int c;
	char s[4];
	int64_t v;

	(void)self;
	if (to_int_range(a[0], "chr() argument", 0, 0x10ffff, &v))
		return NULL;
	c = (unsigned int)v;
	if (c < 0x80) {
		s[0] = (char)c;
		return str_new(s, 1);
	}
	if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 0x3f));
		return str_new(s, 2);
	}
	if (c < 0x10000) {
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 0x3f));
		s[2] = (char)(0x80 | (c & 0x3f));
		return str_new(s, 3);
	}
	s[0] = (char)(0xf0 | c >> 18);
	s[1] = (char)(0x80 | (c >> 12 & 0x3f));
	s[2] = (char)(0x80 | (c >> 6 & 0x3f));
	s[3] = (char)(0x80 | (c & 0x3f));
	return str_new(s, 4);
}

static struct native functions[] = {
	NATIVE_RAW("print", builtin_print),
	NATIVE("len", b_len, 1, 1, ""),
	NATIVE("repr", b_repr, 1, 1, ""),
	NATIVE("isinstance", b_isinstance, 2, 2, ""),
	NATIVE("type", b_type, 1, 1, ""),
	NATIVE("id", b_id, 1, 1, ""),
	NATIVE("callable", b_callable, 1, 1, ""),
	NATIVE("getattr", b_getattr, 2, 3, ""),
	NATIVE("hasattr", b_hasattr, 2, 2, ""),
	NATIVE("setattr", b_setattr, 3, 3, ""),
	NATIVE("enumerate", b_enumerate, 1, 2, "iterable start"),
	NATIVE_RAW("zip", b_zip),
	NATIVE("ord", b_ord, 1, 1, ""),
	NATIVE("chr", b_chr, 1, 1, ""),
	NATIVE_END,
};

static struct type *const types[] = {
	&int_type,   &float_type, &bool_type,  &str_type,
	&bytes_type, &list_type,  &tuple_type, &range_type,
};

#define N_TYPES (sizeof(types) / sizeof(types[0]))

static struct type *const hidden_types[] = {
	&none_type,   &native_type, &func_type, &method_type,
	&module_type, &iter_type,   &code_type, &type_type,
};

#define N_HIDDEN (sizeof(hidden_types) / sizeof(hidden_types[0]))

static struct moduleobj *builtins;

static struct {
	const char *name;
	struct moduleobj *(*make)(void);
	struct moduleobj *module;
} modules[] = {
	{ "threading", mod_threading, NULL },
	{ "time", mod_time, NULL },
	{ "os", mod_os, NULL },
	{ "sys", mod_sys, NULL },
	{ "socket", mod_socket, NULL },
	{ "signal", mod_signal, NULL },
	{ "multiprocessing", mod_multiprocessing, NULL },
};

#define N_MODULES (sizeof(modules) / sizeof(modules[0]))

static void add_functions(struct native *table)
{
	natives_init(table);
	for (; table->name; table++)
		attrs_set(&builtins->attrs, table->iname, table->callable);
}

void builtins_init(void)
{
	for (size_t i = 0; i < N_HIDDEN; i++)
		obj_register_static(&hidden_types[i]->base);
	for (size_t i = 0; i < N_TYPES; i++)
		obj_register_static(&types[i]->base);
	obj_register_static(&none_obj);
	errors_init();
	ints_init();
	builtins = module_new("builtins", functions);
	add_functions(math_functions);
	for (size_t i = 0; i < N_TYPES; i++) {
		natives_init(types[i]->methods);
		module_set(builtins, types[i]->name, newref(&types[i]->base));
	}
	instances_init();
	for (size_t i = 0; i < N_MODULES; i++)
		modules[i].module = modules[i].make();
}

struct obj *builtin_find(const char *name)
{
	struct obj *iname = str_intern(name);
	struct obj *v = attrs_get(&builtins->attrs, iname);

	decref(iname);
	if (!v) {
		struct type *t = exc_by_name(name);

		v = t ? &t->base : NULL;
	}
	return v;
}

void builtins_resolve(void)
{
	for (int i = 0; i < vm.names.n; i++)
		vm.builtins[i] = builtin_find(str_data(vm.names.names[i]));
}

struct obj *module_find(struct obj *name)
{
	for (size_t i = 0; i < N_MODULES; i++) {
		if (!strcmp(str_data(name), modules[i].name))
			return &modules[i].module->base;
	}
	return err_set(&exc_ModuleNotFoundError, "No module named '%.100s'",
		       str_data(name));
}
