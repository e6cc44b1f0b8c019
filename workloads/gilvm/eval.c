// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The evaluation loop: one function, dispatched by computed jumps, because
 * that is what keeps it within reach of CPython's speed. Operations that do
 * more than a few lines call into eval_ops.c.
 *
 * Ticks are counted down in a register (`left`) and put into the thread state
 * wherever other code may look at them (SAVE).
 */
#include "eval.h"

#include "convert.h"
#include "errors.h"
#include "iter.h"
#include "values.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define PUSH(v) (*sp++ = (v))
#define POP() (*--sp)
#define SAVE() (ts->left = left)
#define LOAD() (left = ts->left)

/* An int's count falls to 0 often; its memory goes to the free list at once. */
static inline __attribute__((always_inline)) void drop(struct tstate *ts,
						       struct obj *o)
{
	if (unlikely(vm_racy)) {
		racy_decref(o);
	} else if (--o->refcnt == 0) {
		if (is_int(o)) {
			struct intobj *i = (struct intobj *)o;

			i->next_free = ts->free_ints;
			ts->free_ints = i;
		} else {
			obj_dealloc(o);
		}
	}
}

static const struct handler *find_handler(const struct codeobj *code,
					  uint32_t at)
{
	for (int i = 0; i < code->n_handlers; i++) {
		const struct handler *h = &code->handlers[i];

		if (at >= h->from && at < h->to)
			return h;
	}
	return NULL;
}

static inline int compare_ints(enum cmpop op, int64_t a, int64_t b)
{
	switch (op) {
	case CMP_LT:
		return a < b;
	case CMP_LE:
		return a <= b;
	case CMP_EQ:
		return a == b;
	case CMP_NE:
		return a != b;
	case CMP_GT:
		return a > b;
	default:
		return a >= b;
	}
}

#define BINARY_FAST(OVERFLOWS, GENERIC)                                        \
	do {                                                                   \
		struct obj *b = sp[-1], *a = sp[-2], *r;                       \
		int64_t v;                                                     \
                                                                               \
		if (likely(is_int(a) && is_int(b)) &&                          \
		    !OVERFLOWS(int_value(a), int_value(b), &v))                \
			r = int_new_fast(ts, v);                               \
		else                                                           \
			r = (GENERIC);                                         \
		if (unlikely(!r))                                              \
			goto error;                                            \
		sp--;                                                          \
		sp[-1] = r;                                                    \
		drop(ts, a);                                                   \
		drop(ts, b);                                                   \
	} while (0)

/* Pop `n` operands below and replace them by r, or fail. */
#define REPLACE(n, expr)                                                       \
	do {                                                                   \
		struct obj *res;                                               \
                                                                               \
		SAVE();                                                        \
		res = (expr);                                                  \
		LOAD();                                                        \
		if (unlikely(!res))                                            \
			goto error;                                            \
		for (int k = 0; k < (int)(n); k++)                             \
			drop(ts, *--sp);                                       \
		PUSH(res);                                                     \
	} while (0)

#define NEXT()                                                                 \
	do {                                                                   \
		if (unlikely(--left < 0))                                      \
			goto tick;                                             \
		word = *ip++;                                                  \
		goto *labels[word & 0xff];                                     \
	} while (0)

#define ARG (word >> 8)
#define JUMP_TO(target) (ip = code->insn + (target))

/* A jump backwards is where CPython 3.10+ looks up from its work. */
#define CHECK_BREAKER()                                                        \
	do {                                                                   \
		if (unlikely(gil_breaker(&gilvm_gil)))                         \
			goto look_up;                                          \
	} while (0)

struct obj *eval_frame(struct tstate *ts, struct frame *f)
{
	static const void *const labels[OP_COUNT] = {
#define OP_LABEL(name, arg, effect) &&do_##name,
		OPCODES(OP_LABEL)
#undef OP_LABEL
	};
	struct codeobj *const code = f->code;
	struct obj **const fast = f->slots;
	struct obj **const bottom = fast + code->n_locals;
	struct obj *const *const consts = code->consts;
	struct obj **sp = bottom;
	const uint32_t *ip = code->insn;
	struct obj *kwnames = NULL;
	const struct handler *handler;
	int64_t left = ts->left;
	struct obj *v;
	uint32_t word;
	int truth;

	NEXT();

tick:
	ts->left = 0; /* the tick did not happen */
	if (eval_check(ts)) {
		LOAD();
		goto error;
	}
	LOAD();
	NEXT();
look_up:
	SAVE();
	if (eval_check(ts)) {
		LOAD();
		goto error;
	}
	LOAD();
	NEXT();

do_LOAD_CONST:
	v = consts[ARG];
	incref(v);
	PUSH(v);
	NEXT();
do_LOAD_FAST:
	v = fast[ARG];
	if (unlikely(!v)) {
		op_unbound_error(code, ARG);
		goto error;
	}
	incref(v);
	PUSH(v);
	NEXT();
do_STORE_FAST:
	v = fast[ARG];
	fast[ARG] = POP();
	if (v)
		drop(ts, v);
	NEXT();
do_DELETE_FAST:
	v = fast[ARG];
	if (!v) {
		op_unbound_error(code, ARG);
		goto error;
	}
	fast[ARG] = NULL;
	drop(ts, v);
	NEXT();
do_LOAD_GLOBAL:
	v = __atomic_load_n(&vm.globals[ARG], __ATOMIC_ACQUIRE);
	if (!v)
		v = vm.builtins[ARG];
	if (unlikely(!v)) {
		op_name_error(vm.names.names[ARG]);
		goto error;
	}
	incref(v);
	PUSH(v);
	NEXT();
do_STORE_GLOBAL:
	v = vm.globals[ARG];
	__atomic_store_n(&vm.globals[ARG], POP(), __ATOMIC_RELEASE);
	if (v)
		drop(ts, v);
	NEXT();
do_DELETE_GLOBAL:
	v = vm.globals[ARG];
	if (!v) {
		op_name_error(vm.names.names[ARG]);
		goto error;
	}
	vm.globals[ARG] = NULL;
	drop(ts, v);
	NEXT();
do_LOAD_NAME:
	v = op_load_name(f, code->names[ARG]);
	if (!v)
		goto error;
	PUSH(v);
	NEXT();
do_STORE_NAME:
	op_store_name(f, code->names[ARG], sp[-1]);
	drop(ts, POP());
	NEXT();
do_DELETE_NAME:
	if (op_store_name(f, code->names[ARG], NULL)) {
		op_name_error(code->names[ARG]);
		goto error;
	}
	NEXT();
do_LOAD_ATTR:
	REPLACE(1, obj_getattr(sp[-1], code->names[ARG]));
	NEXT();
do_STORE_ATTR:
	SAVE();
	if (obj_setattr(sp[-1], code->names[ARG], sp[-2]))
		goto error_saved;
	LOAD();
	drop(ts, POP());
	drop(ts, POP());
	NEXT();
do_DELETE_ATTR:
	SAVE();
	if (obj_setattr(sp[-1], code->names[ARG], NULL))
		goto error_saved;
	LOAD();
	drop(ts, POP());
	NEXT();
do_LOAD_METHOD : {
	struct obj *self;

	v = obj_getmethod(sp[-1], code->names[ARG], &self);
	if (unlikely(!v))
		goto error;
	drop(ts, sp[-1]);
	/* [method, self] or [NULL, callable] */
	sp[-1] = self ? v : NULL;
	PUSH(self ? self : v);
	NEXT();
}
do_LOAD_INDEX:
	REPLACE(2, obj_getitem(sp[-2], sp[-1]));
	NEXT();
do_STORE_INDEX:
	if (obj_setitem(sp[-2], sp[-1], sp[-3]))
		goto error;
	drop(ts, POP());
	drop(ts, POP());
	drop(ts, POP());
	NEXT();
do_DELETE_INDEX:
	if (obj_setitem(sp[-2], sp[-1], NULL))
		goto error;
	drop(ts, POP());
	drop(ts, POP());
	NEXT();
do_SLICE:
	REPLACE(4, obj_slice(sp[-4], sp - 3));
	NEXT();
do_BINARY_ADD:
	BINARY_FAST(__builtin_add_overflow, obj_binop(BINOP_ADD, a, b));
	NEXT();
do_BINARY_SUB:
	BINARY_FAST(__builtin_sub_overflow, obj_binop(BINOP_SUB, a, b));
	NEXT();
do_BINARY_MUL:
	BINARY_FAST(__builtin_mul_overflow, obj_binop(BINOP_MUL, a, b));
	NEXT();
do_INPLACE_ADD:
	BINARY_FAST(__builtin_add_overflow, obj_inplace(BINOP_ADD, a, b));
	NEXT();
do_BINARY:
	REPLACE(2, obj_binop((enum binop)ARG, sp[-2], sp[-1]));
	NEXT();
do_NEGATE:
	REPLACE(1, obj_negate(sp[-1]));
	NEXT();
do_PLUS:
	v = obj_negate(sp[-1]);
	if (!v)
		goto error;
	/* +x is x, for a number; negating tells whether it is one. */
	drop(ts, v);
	NEXT();
do_INVERT:
	REPLACE(1, obj_invert(sp[-1]));
	NEXT();
do_NOT:
	SAVE();
	truth = obj_truth(sp[-1]);
	drop(ts, POP());
	PUSH(bool_ref(!truth));
	NEXT();
do_COMPARE : {
	struct obj *b = sp[-1], *a = sp[-2];

	if (likely(is_int(a) && is_int(b))) {
		truth = compare_ints((enum cmpop)ARG, int_value(a),
				     int_value(b));
	} else {
		truth = obj_compare((enum cmpop)ARG, a, b);
		if (truth < 0)
			goto error;
	}
	drop(ts, a);
	drop(ts, b);
	sp--;
	sp[-1] = bool_ref(truth);
	NEXT();
}
do_CONTAINS:
	truth = obj_contains(sp[-1], sp[-2]);
	if (truth < 0)
		goto error;
	drop(ts, POP());
	drop(ts, POP());
	PUSH(bool_ref((uint32_t)truth != ARG));
	NEXT();
do_IS:
	truth = sp[-1] == sp[-2];
	drop(ts, POP());
	drop(ts, POP());
	PUSH(bool_ref((uint32_t)truth != ARG));
	NEXT();
do_JUMP:
	JUMP_TO(ARG);
	NEXT();
do_JUMP_BACK:
	JUMP_TO(ARG);
	CHECK_BREAKER();
	NEXT();
do_POP_JUMP_FALSE:
	v = POP();
	truth = v == Py_true || (v != Py_false && obj_truth(v));
	drop(ts, v);
	if (!truth)
		JUMP_TO(ARG);
	NEXT();
do_POP_JUMP_TRUE:
	v = POP();
	truth = v == Py_true || (v != Py_false && obj_truth(v));
	drop(ts, v);
	if (truth)
		JUMP_TO(ARG);
	NEXT();
do_POP_JUMP_BACK_TRUE:
	v = POP();
	truth = v == Py_true || (v != Py_false && obj_truth(v));
	drop(ts, v);
	if (!truth)
		NEXT();
	JUMP_TO(ARG);
	CHECK_BREAKER();
	NEXT();
do_JUMP_FALSE_OR_POP:
	if (!obj_truth(sp[-1]))
		JUMP_TO(ARG);
	else
		drop(ts, POP());
	NEXT();
do_JUMP_TRUE_OR_POP:
	if (obj_truth(sp[-1]))
		JUMP_TO(ARG);
	else
		drop(ts, POP());
	NEXT();
do_GET_ITER:
	REPLACE(1, obj_iter(sp[-1]));
	NEXT();
do_FOR_ITER : {
	struct iterobj *it = as_iter(sp[-1]);

	if (likely(it->kind == ITER_RANGE && it->left > 0)) {
		v = int_new_fast(ts, it->i);
		it->left--;
		it->i = (int64_t)((uint64_t)it->i + (uint64_t)it->step);
	} else {
		v = obj_next(&it->base);
	}
	if (likely(v)) {
		PUSH(v);
		NEXT();
	}
	if (err_pending())
		goto error;
	drop(ts, POP());
	JUMP_TO(ARG);
	NEXT();
}
do_BUILD_LIST:
	REPLACE(ARG, list_new(sp - ARG, ARG));
	NEXT();
do_BUILD_TUPLE:
	REPLACE(ARG, tuple_new(sp - ARG, ARG));
	NEXT();
do_BUILD_STRING:
	REPLACE(ARG, op_build_string(sp - ARG, (int)ARG));
	NEXT();
do_LIST_APPEND:
	v = POP();
	truth = list_append(sp[-(int)ARG], v);
	drop(ts, v);
	if (truth)
		goto error;
	NEXT();
do_UNPACK:
	v = POP();
	if (op_unpack(v, (int)ARG, sp))
		goto error;
	sp += ARG;
	NEXT();
do_FORMAT:
	if (ARG & 2)
		REPLACE(2, op_format(sp[-2], (int)ARG, sp[-1]));
	else
		REPLACE(1, op_format(sp[-1], (int)ARG, NULL));
	NEXT();
do_POP:
	drop(ts, POP());
	NEXT();
do_DUP:
	v = newref(sp[-1]);
	PUSH(v);
	NEXT();
do_DUP_TWO:
	sp[0] = newref(sp[-2]);
	sp[1] = newref(sp[-1]);
	sp += 2;
	NEXT();
do_ROT_TWO:
	v = sp[-1];
	sp[-1] = sp[-2];
	sp[-2] = v;
	NEXT();
do_ROT_THREE:
	v = sp[-1];
	sp[-1] = sp[-2];
	sp[-2] = sp[-3];
	sp[-3] = v;
	NEXT();
do_KWNAMES:
	kwnames = consts[ARG];
	NEXT();
do_CALL : {
	int n = (int)ARG;
	struct args a = { sp - n, n, kwnames };

	if (kwnames)
		a.n -= (int)as_tuple(kwnames)->size;
	kwnames = NULL;
	REPLACE(n + 1, obj_call(sp[-n - 1], &a));
	NEXT();
}
do_CALL_METHOD : {
	int n = (int)ARG;
	struct obj *method = sp[-n - 2];
	struct args a = { sp - n, n, kwnames };

	if (kwnames)
		a.n -= (int)as_tuple(kwnames)->size;
	kwnames = NULL;
	if (method) {
		a.v--;
		a.n++;
	}
	SAVE();
	if (method && method->type == &native_type) {
		struct args rest = { a.v + 1, a.n - 1, a.kw };

		v = native_call(((struct nativeobj *)method)->def, a.v[0],
				&rest);
	} else {
		v = obj_call(method ? method : sp[-n - 1], &a);
	}
	if (unlikely(!v))
		goto error_saved;
	LOAD();
	for (int k = 0; k < n + 1; k++)
		drop(ts, POP());
	sp--;
	if (method)
		drop(ts, method);
	PUSH(v);
	NEXT();
}
do_RETURN:
	v = POP();
	SAVE();
	return v;
do_MAKE_FUNCTION:
	REPLACE(1, func_new((struct codeobj *)consts[ARG], sp[-1]));
	NEXT();
do_MAKE_CLASS:
	REPLACE(0, op_make_class((struct codeobj *)consts[ARG]));
	NEXT();
do_IMPORT:
	v = module_find(code->names[ARG]);
	if (!v)
		goto error;
	incref(v);
	PUSH(v);
	NEXT();
do_IMPORT_FROM:
	v = op_import_from(sp[-1], code->names[ARG]);
	if (!v)
		goto error;
	PUSH(v);
	NEXT();
do_RAISE:
	SAVE();
	op_raise(ts, ARG ? sp[-1] : NULL);
	goto error_saved;
do_RERAISE:
	err_raise(POP());
	goto handle;
do_PUSH_EXC:
	v = sp[-1];
	sp[-1] = ts->handled ? ts->handled : none_ref();
	ts->handled = newref(v);
	PUSH(v);
	NEXT();
do_POP_EXC:
	op_set_handled(ts, POP());
	NEXT();
do_MATCH_EXC:
	truth = op_match_exc(sp[-2], sp[-1]);
	if (truth < 0)
		goto error;
	drop(ts, POP());
	drop(ts, POP());
	PUSH(bool_ref(truth));
	NEXT();
do_WITH_ENTER:
	SAVE();
	v = op_with_enter(sp[-1]);
	if (!v)
		goto error_saved;
	LOAD();
	PUSH(v);
	NEXT();
do_WITH_EXIT:
	/* Errors in it are those of the code around the block. */
	SAVE();
	truth = op_with_exit(sp[-1], NULL);
	LOAD();
	drop(ts, POP());
	if (truth < 0)
		goto error;
	NEXT();
do_WITH_EXC:
	SAVE();
	truth = op_with_exit(sp[-3], sp[-1]);
	if (truth < 0)
		goto error_saved;
	LOAD();
	PUSH(bool_ref(truth));
	NEXT();

error_saved:
	LOAD();
error:
	err_trace(code, code->line[ip - code->insn - 1]);
handle:
	kwnames = NULL;
	handler = find_handler(code, (uint32_t)(ip - code->insn - 1));
	while (sp > bottom + (handler ? handler->depth : 0)) {
		v = POP();
		if (v)
			drop(ts, v);
	}
	if (!handler) {
		SAVE();
		return NULL;
	}
	PUSH(&err_take()->base);
	JUMP_TO(handler->handler);
	NEXT();
}
