// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Exceptions and `with` in the evaluation loop; looking up from the work. */
#include "convert.h"
#include "errors.h"
#include "eval.h"
#include "signals.h"
#include "values.h"

int op_match_exc(struct obj *exc, struct obj *type)
{
	const struct tupleobj *t = as_tuple(type);
	int r = 0;

	if (is_exc_type(type))
		return exc_derives(exc->type,
				   (const struct type *)(const void *)type);
	if (type->type != &tuple_type) {
		err_set(&exc_TypeError,
			"catching classes that do not inherit from "
			"BaseException is not allowed");
		return -1;
	}
	for (int64_t i = 0; !r && i < t->size; i++)
		r = t->v[i]->type == &tuple_type ? 0
						 : op_match_exc(exc, t->v[i]);
	return r;
}

void op_raise(struct tstate *ts, struct obj *v)
{
	if (!v && ts->handled) {
		err_raise(newref(ts->handled));
		return;
	}
	if (!v) {
		err_set(&exc_RuntimeError, "No active exception to reraise");
		return;
	}
	if (is_exc(v)) {
		err_raise(newref(v));
		return;
	}
	if (!is_exc_type(v)) {
		err_set(&exc_TypeError,
			"exceptions must derive from BaseException");
		return;
	}
	v = obj_call_n(v, NULL, 0);
	if (v)
		err_raise(v);
}

void op_set_handled(struct tstate *ts, struct obj *v)
{
	struct obj *old = ts->handled;

	if (v == &none_obj) {
		decref(v);
		v = NULL;
	}
	ts->handled = v;
	xdecref(old);
}

static struct obj *call_method(struct obj *o, const char *name, struct obj **v,
			       int n)
{
	struct obj *iname = str_intern(name);
	struct obj *f = obj_getattr(o, iname);
	struct obj *r;

	decref(iname);
	if (!f)
		return NULL;
	r = obj_call_n(f, v, n);
	decref(f);
	return r;
}

struct obj *op_with_enter(struct obj *manager)
{
	struct obj *r = call_method(manager, "__enter__", NULL, 0);

	if (!r && err_is(&exc_AttributeError)) {
		err_clear();
		err_set(&exc_TypeError,
			"'%.100s' object does not support the context manager "
			"protocol",
			manager->type->name);
	}
	return r;
}

int op_with_exit(struct obj *manager, struct obj *exc)
{
	struct obj *v[3] = { &none_obj, &none_obj, &none_obj };
	struct obj *r;
	int truth;

	if (exc) {
		v[0] = (struct obj *)(uintptr_t)&exc->type->base;
		v[1] = exc;
	}
	r = call_method(manager, "__exit__", v, 3);
	if (!r)
		return -1;
	truth = obj_truth(r);
	decref(r);
	return truth;
}

/*
 * CPython 2: at the end of each check interval, and after each single tick
 * as long as a signal waits for the main thread, which must run to handle it.
 */
static int check_ticks(struct tstate *ts)
{
	bool pending = gil_breaker(&gilvm_gil) & GIL_BREAK_SIGNAL;

	if (pending && ts->is_main) {
		tstate_refill(ts, (int64_t)gilvm_gil.check_interval);
		return signals_run();
	}
	gil_drop(&ts->gil);
	gil_take(&ts->gil);
	tstate_refill(ts, pending ? 1 : (int64_t)gilvm_gil.check_interval);
	return 0;
}

int eval_check(struct tstate *ts)
{
	uint32_t why;

	if (gilvm_gil.policy == GIL_TICKS)
		return check_ticks(ts);
	if (ts->left < 1)
		tstate_refill(ts, INT64_MAX / 4);
	why = gil_breaker(&gilvm_gil);
	if (why & GIL_BREAK_DROP) {
		gil_drop(&ts->gil);
		gil_take(&ts->gil);
	}
	if ((why & GIL_BREAK_SIGNAL) && ts->is_main)
		return signals_run();
	return 0;
}
