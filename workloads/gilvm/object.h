/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Objects: every value is one, on the heap, with a reference count that is not
 * atomic. That is right as long as the GIL is held; with --gil=none it races,
 * and that is the point of that mode.
 *
 * Conventions: a function that returns an object returns a new reference or,
 * on error, NULL with an exception pending in the thread state (errors.h); one
 * that returns int returns 0 or -1 in the same way. Arguments are borrowed
 * unless the comment says that a reference is taken over.
 */
#ifndef GILVM_OBJECT_H
#define GILVM_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct type;
struct args;

struct obj {
	union {
		int64_t refcnt;
		/* --gil=none: two counts that only grow, so that what is
		 * missing from either at the end was lost in a race. */
		struct {
			uint32_t inc;
			uint32_t dec;
		} race;
	};
	const struct type *type;
};

/* A function written in C: one row of a table. */
struct native {
	const char *name;
	/* a[0 .. max-1]: the arguments, NULL for those not given. */
	struct obj *(*fn)(struct obj *self, struct obj **a);
	int min, max;
	const char *params; /* names that keywords can use, spaces between */
	/* Instead of fn: gets the arguments as they were passed. */
	struct obj *(*raw)(struct obj *self, const struct args *a);
	/* Made at start: the name as interned string, the callable object. */
	struct obj *iname;
	struct obj *callable;
};

#define NATIVE(name, fn, min, max, params)                                     \
	{                                                                      \
		name, fn, min, max, params, NULL, NULL, NULL                   \
	}
#define NATIVE_RAW(name, raw)                                                  \
	{                                                                      \
		name, NULL, 0, 0, "", raw, NULL, NULL                          \
	}
#define NATIVE_END                                                             \
	{                                                                      \
		NULL, NULL, 0, 0, NULL, NULL, NULL, NULL                       \
	}

/* Arguments of a call: n positional values, then those that kw names. */
struct args {
	struct obj **v;
	int n;
	struct obj *kw; /* tuple of strings, or NULL */
};

/* A type; those in C are static, those of class statements on the heap. */
struct type {
	struct obj base;
	const char *name;
	const struct type *parent; /* exceptions only */
	void (*dealloc)(struct obj *o);
	struct obj *(*repr)(struct obj *o);
	struct obj *(*str)(struct obj *o);
	bool (*truth)(struct obj *o);
	int64_t (*len)(struct obj *o);
	struct obj *(*call)(struct obj *o, const struct args *a);
	struct obj *(*make)(const struct type *t, const struct args *a);
	/* NULL without an exception: this object has no such attribute. */
	struct obj *(*getattr)(struct obj *o, struct obj *name);
	/* v NULL deletes. 1: no such attribute can be set. */
	int (*setattr)(struct obj *o, struct obj *name, struct obj *v);
	struct obj *(*iter)(struct obj *o);
	struct obj *(*next)(struct obj *o); /* NULL without exception: end */
	struct obj *(*getitem)(struct obj *o, struct obj *key);
	int (*setitem)(struct obj *o, struct obj *key, struct obj *v);
	int (*contains)(struct obj *o, struct obj *v); /* 0, 1 or -1 */
	struct native *methods; /* ends with a row without name */
	struct attrs *attrs;    /* classes only */
};

extern struct type type_type;

/* Static initialiser of a type in C. */
#define TYPE_HEAD(n) .base = { { .refcnt = 1 }, &type_type }, .name = (n)

/* --gil=none: nothing is freed, counts race. Set once, before any object. */
extern bool vm_racy;

/* The counting of --gil=none; use incref() and decref(). */
void racy_incref(struct obj *o);
void racy_decref(struct obj *o);

/* The count fell to 0: free o and what it holds. */
void obj_dealloc(struct obj *o);

static inline void incref(struct obj *o)
{
	if (__builtin_expect(vm_racy, 0))
		racy_incref(o);
	else
		o->refcnt++;
}

static inline void decref(struct obj *o)
{
	if (__builtin_expect(vm_racy, 0))
		racy_decref(o);
	else if (--o->refcnt == 0)
		obj_dealloc(o);
}

static inline struct obj *newref(struct obj *o)
{
	incref(o);
	return o;
}

/* decref() that allows NULL. */
static inline void xdecref(struct obj *o)
{
	if (o)
		decref(o);
}

/* Number of references to o, as the count (or both counts) have it. */
int64_t obj_refcount(const struct obj *o);

/*
 * Memory for an object of `size` bytes with one reference, zeroed behind its
 * head. Never NULL: ends the program with a message when memory is short.
 */
void *obj_alloc(const struct type *t, size_t size);

/* As obj_alloc(), but NULL with MemoryError: for sizes that a program picks. */
void *obj_alloc_big(const struct type *t, size_t size);

/* Give back the memory of an object that has no references left. */
void obj_free(struct obj *o);

/* calloc() and realloc() that end the program when memory is short. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);

/* Count a static object too when lost count updates are added up. */
void obj_register_static(struct obj *o);

/* Fill the runtime parts of a table of native functions. */
void natives_init(struct native *table);

/*
 * --gil=none: print to stderr how many count updates all threads made and how
 * many of them were lost.
 */
void racy_report(void);

/* Add the calling thread's private counts to the total; at its end. */
void racy_thread_done(void);

/* None, True, False. */
extern struct obj none_obj;
extern struct obj *const Py_true, *const Py_false;
#define none_ref() newref(&none_obj)

static inline struct obj *bool_ref(bool v)
{
	return newref(v ? Py_true : Py_false);
}

extern struct type none_type, bool_type, int_type, float_type, str_type,
	bytes_type, list_type, tuple_type, range_type, native_type, func_type,
	method_type, module_type, iter_type, code_type;

/* Immutable types with a value. */
struct intobj {
	struct obj base;
	union {
		int64_t v;
		struct intobj *next_free;
	};
};

struct floatobj {
	struct obj base;
	double v;
};

/* str (UTF-8) and bytes share the layout; there is always a final NUL. */
struct strobj {
	struct obj base;
	int64_t len; /* bytes */
	bool interned;
	bool ascii;
	char data[];
};

struct tupleobj {
	struct obj base;
	int64_t size;
	struct obj *v[];
};

/* The array of a list knows its own size, so that even without a GIL nobody
 * writes behind it. */
struct listblock {
	int64_t cap;
	struct obj *v[];
};

struct listobj {
	struct obj base;
	int64_t size;
	struct listblock *b;
};

struct rangeobj {
	struct obj base;
	int64_t start, stop, step, len;
};

struct nativeobj {
	struct obj base;
	const struct native *def;
	struct obj *self; /* bound to, or NULL */
};

/* A user's bound method. */
struct methodobj {
	struct obj base;
	struct obj *func, *self;
};

struct funcobj {
	struct obj base;
	struct codeobj *code;
	struct obj *defaults; /* tuple, for the last parameters */
};

static inline bool is_int(const struct obj *o)
{
	return o->type == &int_type;
}

/* int or bool: where Python takes a bool as 0 or 1. */
static inline bool is_intlike(const struct obj *o)
{
	return o->type == &int_type || o->type == &bool_type;
}

static inline int64_t int_value(const struct obj *o)
{
	return ((const struct intobj *)(const void *)o)->v;
}

static inline bool is_float(const struct obj *o)
{
	return o->type == &float_type;
}

static inline double float_value(const struct obj *o)
{
	return ((const struct floatobj *)(const void *)o)->v;
}

static inline bool is_str(const struct obj *o)
{
	return o->type == &str_type;
}

static inline struct strobj *as_str(const struct obj *o)
{
	return (struct strobj *)(uintptr_t)o;
}

static inline const char *str_data(const struct obj *o)
{
	return as_str(o)->data;
}

static inline struct tupleobj *as_tuple(const struct obj *o)
{
	return (struct tupleobj *)(uintptr_t)o;
}

static inline struct listobj *as_list(const struct obj *o)
{
	return (struct listobj *)(uintptr_t)o;
}

#endif
