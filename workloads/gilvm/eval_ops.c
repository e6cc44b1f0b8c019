// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Calls of functions, and the larger operations of the evaluation loop. */
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "eval.h"
#include "builtins.h"
#include "values.h"

struct vm vm;

void vm_init_globals(void)
{
	vm.globals = xcalloc((size_t)vm.names.n, sizeof(*vm.globals));
	vm.builtins = xcalloc((size_t)vm.names.n, sizeof(*vm.builtins));
}

void vm_set_global(const char *name, struct obj *v)
{
	int i = strmap_get(&vm.names.index, name);

	if (i >= 0)
		vm.globals[i] = v;
	else
		decref(v);
}

static int enter_call(struct tstate *ts)
{
	if (ts->depth < RECURSION_LIMIT) {
		ts->depth++;
		return 0;
	}
	err_set(&exc_RecursionError, "maximum recursion depth exceeded");
	return -1;
}

static struct obj *run(struct tstate *ts, struct frame *f)
{
	struct codeobj *code = f->code;
	struct obj *r;

	incref(&code->base);
	f->back = ts->frame;
	ts->frame = f;
	r = eval_frame(ts, f);
	ts->frame = f->back;
	for (int i = 0; i < code->n_locals; i++)
		xdecref(f->slots[i]);
	stack_pop(ts, f->slots);
	decref(&code->base);
	ts->depth--;
	return r;
}

struct obj *eval_code(struct codeobj *code, struct attrs *names)
{
	struct tstate *ts = ts_self;
	struct frame f = { .code = code, .names = names };

	if (enter_call(ts))
		return NULL;
	f.slots = stack_push(ts, code->n_locals + code->stack);
	return run(ts, &f);
}

static int find_param(const struct codeobj *code, const struct obj *name)
{
	for (int i = 0; i < code->n_params; i++) {
		if (code->locals[i] == name)
			return i;
	}
	return -1;
}

static int bind_keywords(const struct codeobj *code, const struct args *a,
			 struct obj **slots)
{
	const struct tupleobj *kw = as_tuple(a->kw);

	for (int64_t k = 0; k < kw->size; k++) {
		int i = find_param(code, kw->v[k]);

		if (i >= 0 && !slots[i]) {
			slots[i] = newref(a->v[a->n + k]);
			continue;
		}
		err_set(&exc_TypeError,
			i < 0 ? "%.100s() got an unexpected keyword argument "
				"'%.100s'"
			      : "%.100s() got multiple values for argument "
				"'%.100s'",
			str_data(code->name), str_data(kw->v[k]));
		return -1;
	}
	return 0;
}

static int too_many(const struct codeobj *code, int given)
{
	err_set(&exc_TypeError,
		"%.100s() takes %d positional argument%s but %d %s given",
		str_data(code->name), code->n_params,
		code->n_params == 1 ? "" : "s", given,
		given == 1 ? "was" : "were");
	return -1;
}

static int bind_defaults(const struct funcobj *fn, struct obj **slots)
{
	const struct codeobj *code = fn->code;
	int first = code->n_params - code->n_defaults;

	for (int i = 0; i < code->n_params; i++) {
		if (slots[i])
			continue;
		if (i < first) {
			err_set(&exc_TypeError,
				"%.100s() missing required argument: '%.100s'",
				str_data(code->name),
				str_data(code->locals[i]));
			return -1;
		}
		slots[i] = newref(as_tuple(fn->defaults)->v[i - first]);
	}
	return 0;
}

static int bind_args(const struct funcobj *fn, const struct args *a,
		     struct obj **slots)
{
	const struct codeobj *code = fn->code;

	if (a->n > code->n_params)
		return too_many(code, a->n);
	for (int i = 0; i < a->n; i++)
		slots[i] = newref(a->v[i]);
	if (a->kw && bind_keywords(code, a, slots))
		return -1;
	if (a->n == code->n_params)
		return 0;
	return bind_defaults(fn, slots);
}

struct obj *func_call(struct obj *o, const struct args *a)
{
	struct funcobj *fn = (struct funcobj *)o;
	struct codeobj *code = fn->code;
	struct tstate *ts = ts_self;
	struct frame f = { .code = code };

	if (gil_breaker(&gilvm_gil) && eval_check(ts))
		return NULL;
	if (enter_call(ts))
		return NULL;
	f.slots = stack_push(ts, code->n_locals + code->stack);
	if (!bind_args(fn, a, f.slots))
		return run(ts, &f);
	for (int i = 0; i < code->n_params; i++)
		xdecref(f.slots[i]);
	stack_pop(ts, f.slots);
	ts->depth--;
	return NULL;
}

struct obj *op_load_name(struct frame *f, struct obj *name)
{
	struct obj *v = attrs_get(f->names, name);
	int i;

	if (v)
		return newref(v);
	i = strmap_get(&vm.names.index, str_data(name));
	if (i >= 0 && vm.globals[i])
		return newref(vm.globals[i]);
	v = builtin_find(str_data(name));
	if (v)
		return newref(v);
	op_name_error(name);
	return NULL;
}

int op_store_name(struct frame *f, struct obj *name, struct obj *v)
{
	return attrs_set(f->names, name, v);
}

int op_unpack(struct obj *seq, int n, struct obj **sp)
{
	struct obj *it = obj_iter(seq);
	struct obj *v = NULL;
	int i = 0;

	decref(seq);
	if (!it)
		return -1;
	while (i < n && (v = obj_next(it)))
		sp[n - 1 - i++] = v;
	v = i == n && !err_pending() ? obj_next(it) : NULL;
	decref(it);
	if (i == n && !v && !err_pending())
		return 0;
	if (!err_pending()) {
		if (v)
			err_set(&exc_ValueError,
				"too many values to unpack (expected %d)", n);
		else
			err_set(&exc_ValueError,
				"not enough values to unpack (expected %d, "
				"got %d)",
				n, i);
	}
	xdecref(v);
	while (i > 0)
		decref(sp[n - i--]);
	return -1;
}

struct obj *op_format(struct obj *v, int flags, struct obj *spec)
{
	struct obj *text = NULL;
	struct obj *r;

	if (flags & 1)
		text = obj_repr(v);
	else if (flags & 4)
		text = obj_str(v);
	if ((flags & 5) && !text)
		return NULL;
	r = obj_format(text ? text : v, spec ? str_data(spec) : "",
		       spec ? as_str(spec)->len : 0);
	xdecref(text);
	return r;
}

struct obj *op_build_string(struct obj **v, int n)
{
	struct textbuf b = { 0 };

	for (int i = 0; i < n; i++)
		buf_add(&b, str_data(v[i]), (size_t)as_str(v[i])->len);
	return buf_str(&b);
}

struct obj *op_make_class(struct codeobj *body)
{
	struct attrs names = { 0 };
	struct obj *r = eval_code(body, &names);

	if (!r) {
		attrs_clear(&names);
		return NULL;
	}
	decref(r);
	return &class_new(str_data(body->name), &names)->base;
}

struct obj *op_import_from(struct obj *module, struct obj *name)
{
	struct obj *v = attrs_get(&((struct moduleobj *)module)->attrs, name);

	if (v)
		return newref(v);
	return err_set(&exc_ImportError,
		       "cannot import name '%.100s' from '%s'", str_data(name),
		       ((struct moduleobj *)module)->name);
}

void op_name_error(struct obj *name)
{
	err_set(&exc_NameError, "name '%.200s' is not defined", str_data(name));
}

void op_unbound_error(const struct codeobj *code, uint32_t slot)
{
	err_set(&exc_UnboundLocalError,
		"cannot access local variable '%.200s' where it is not "
		"associated with a value",
		str_data(code->locals[slot]));
}
