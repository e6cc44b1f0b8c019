// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Memory of objects, their end, and None, True, False. */
#include "object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "racy.h"
#include "thread.h"
#include "values.h"

bool vm_racy;

static void no_memory(void)
{
	fputs("gilvm: out of memory\n", stderr);
	exit(1);
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		no_memory();
	return p;
}

void *xrealloc(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		no_memory();
	p = realloc(p, bytes ? bytes : 1);
	if (!p)
		no_memory();
	return p;
}

void *obj_alloc_big(const struct type *t, size_t size)
{
	struct obj *o;

	if (vm_racy)
		return racy_alloc(t, size);
	o = size < PTRDIFF_MAX ? calloc(1, size) : NULL;
	if (!o)
		return err_set(&exc_MemoryError, "out of memory");
	o->refcnt = 1;
	o->type = t;
	return o;
}

void *obj_alloc(const struct type *t, size_t size)
{
	struct obj *o;

	if (vm_racy)
		return racy_alloc(t, size);
	o = xcalloc(1, size);
	o->refcnt = 1;
	o->type = t;
	return o;
}

void obj_free(struct obj *o)
{
	free(o);
}

int64_t obj_refcount(const struct obj *o)
{
	if (vm_racy)
		return (int32_t)(o->race.inc - o->race.dec);
	return o->refcnt;
}

/*
 * A long chain of objects would end in a recursion as deep as the chain:
 * beyond some depth they wait in a list until the outermost call takes them.
 * The type pointer is still needed, so the count's field links the list.
 */
#define DEALLOC_DEPTH 40

static void dealloc_one(struct obj *o)
{
	if (o->type->dealloc)
		o->type->dealloc(o);
	else
		obj_free(o);
}

void obj_dealloc(struct obj *o)
{
	struct tstate *ts = ts_self;

	if (ts->dealloc_depth >= DEALLOC_DEPTH) {
		o->refcnt = (int64_t)(uintptr_t)ts->dealloc_later;
		ts->dealloc_later = o;
		return;
	}
	ts->dealloc_depth++;
	dealloc_one(o);
	ts->dealloc_depth--;
	while (ts->dealloc_depth == 0 && ts->dealloc_later) {
		o = ts->dealloc_later;
		ts->dealloc_later = (struct obj *)(uintptr_t)o->refcnt;
		ts->dealloc_depth++;
		dealloc_one(o);
		ts->dealloc_depth--;
	}
}

void natives_init(struct native *table)
{
	for (; table && table->name; table++) {
		if (table->callable)
			continue;
		table->iname = str_intern(table->name);
		table->callable = native_new(table, NULL);
	}
}

static struct obj *none_repr(struct obj *o)
{
	(void)o;
	return str_from("None");
}

static bool none_truth(struct obj *o)
{
	(void)o;
	return false;
}

/* These never end; should races or a bug count them to 0, they stay. */
static void never_dealloc(struct obj *o)
{
	o->refcnt = 1 << 30;
}

struct type none_type = {
	TYPE_HEAD("NoneType"),
	.dealloc = never_dealloc,
	.repr = none_repr,
	.truth = none_truth,
};

struct obj none_obj = { { .refcnt = 1 }, &none_type };
