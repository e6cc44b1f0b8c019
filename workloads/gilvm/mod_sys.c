// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Module sys, and print(). */
#include <string.h>

#include "builtins.h"
#include "convert.h"
#include "errors.h"
#include "out.h"
#include "thread.h"
#include "values.h"

/* sys.stdout and sys.stderr. */
struct streamobj {
	struct obj base;
	enum out_stream which;
};

static struct obj *the_argv;

static int check_out(int err)
{
	if (err)
		err_errno(-err);
	return err ? -1 : 0;
}

static struct obj *m_stream_write(struct obj *self, struct obj **a)
{
	if (need_str(a[0], "write() argument"))
		return NULL;
	if (check_out(out_write(((struct streamobj *)self)->which,
				str_data(a[0]), (size_t)as_str(a[0])->len)))
		return NULL;
	return int_new(str_chars(a[0]));
}

static struct obj *m_stream_flush(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return check_out(out_flush()) ? NULL : none_ref();
}

static struct native stream_methods[] = {
	NATIVE("write", m_stream_write, 1, 1, ""),
	NATIVE("flush", m_stream_flush, 0, 0, ""),
	NATIVE_END,
};

static struct type stream_type = {
	TYPE_HEAD("TextIOWrapper"),
	.methods = stream_methods,
};

static struct obj *stream_new(enum out_stream which)
{
	struct streamobj *s = obj_alloc(&stream_type, sizeof(*s));

	s->which = which;
	return &s->base;
}

static int add_text(struct textbuf *b, struct obj *o)
{
	struct obj *s = obj_str(o);

	if (!s)
		return -1;
	buf_add(b, str_data(s), (size_t)as_str(s)->len);
	decref(s);
	return 0;
}

static int print_option(struct obj *o, const char *otherwise, const char **out)
{
	*out = otherwise;
	if (!o || o == &none_obj)
		return 0;
	if (need_str(o, "sep and end"))
		return -1;
	*out = str_data(o);
	return 0;
}

static int to_stream(struct obj *o, enum out_stream *out)
{
	*out = OUT_STDOUT;
	if (!o || o == &none_obj)
		return 0;
	if (o->type != &stream_type) {
		err_set(&exc_TypeError,
			"file must be sys.stdout or sys.stderr");
		return -1;
	}
	*out = ((struct streamobj *)o)->which;
	return 0;
}

struct obj *builtin_print(struct obj *self, const struct args *a)
{
	struct args only_kw = { a->v + a->n, 0, a->kw };
	struct textbuf b = { 0 };
	enum out_stream to;
	const char *sep, *end;
	struct obj *kw[4];
	int err = 0;

	(void)self;
	if (args_bind(&only_kw, "print", 0, 4, "sep end file flush", kw) ||
	    print_option(kw[0], " ", &sep) || print_option(kw[1], "\n", &end) ||
	    to_stream(kw[2], &to))
		return NULL;
	for (int i = 0; i < a->n && !err; i++) {
		if (i)
			buf_puts(&b, sep);
		err = add_text(&b, a->v[i]);
	}
	buf_puts(&b, end);
	if (!err)
		err = check_out(out_write(to, b.s, b.len));
	if (!err && kw[3] && obj_truth(kw[3]))
		err = check_out(out_flush());
	buf_free(&b);
	return err ? NULL : none_ref();
}

static struct obj *m_getrefcount(struct obj *self, struct obj **a)
{
	(void)self;
	return int_new(obj_refcount(a[0]));
}

static struct obj *m_setswitchinterval(struct obj *self, struct obj **a)
{
	double s;

	(void)self;
	if (to_double(a[0], &s))
		return NULL;
	if (!(s > 0 && s <= 60))
		return err_set(&exc_ValueError,
			       "switch interval must be strictly positive");
	gil_set_interval(s < 1e-6 ? 1000 : (uint64_t)(s * 1e9));
	return none_ref();
}

static struct obj *m_getswitchinterval(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return float_new((double)gilvm_gil.interval_ns / 1e9);
}

static struct obj *m_setcheckinterval(struct obj *self, struct obj **a)
{
	int64_t n;

	(void)self;
	if (to_int_range(a[0], "check interval", 1, INT32_MAX, &n))
		return NULL;
	gilvm_gil.check_interval = (uint32_t)n;
	return none_ref();
}

static struct obj *m_getcheckinterval(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return int_new(gilvm_gil.check_interval);
}

static struct obj *m_exit(struct obj *self, struct obj **a)
{
	(void)self;
	err_raise(obj_call_n(&exc_SystemExit.base, a, a[0] ? 1 : 0));
	return NULL;
}

static struct native functions[] = {
	NATIVE("getrefcount", m_getrefcount, 1, 1, ""),
	NATIVE("exit", m_exit, 0, 1, ""),
	NATIVE("setswitchinterval", m_setswitchinterval, 1, 1, ""),
	NATIVE("getswitchinterval", m_getswitchinterval, 0, 0, ""),
	NATIVE_END,
};

/* As in CPython 2, where ticks are what counts. */
static struct native tick_functions[] = {
	NATIVE("getrefcount", m_getrefcount, 1, 1, ""),
	NATIVE("exit", m_exit, 0, 1, ""),
	NATIVE("setcheckinterval", m_setcheckinterval, 1, 1, ""),
	NATIVE("getcheckinterval", m_getcheckinterval, 0, 0, ""),
	NATIVE_END,
};

void sys_set_argv(int argc, char **argv)
{
	struct obj *l = list_new(NULL, 0);

	for (int i = 0; i < argc; i++) {
		struct obj *s = str_from(argv[i]);

		list_append(l, s);
		decref(s);
	}
	the_argv = l;
}

struct moduleobj *mod_sys(void)
{
	bool ticks = gilvm_gil.policy == GIL_TICKS;
	struct moduleobj *m =
		module_new("sys", ticks ? tick_functions : functions);

	natives_init(stream_methods);
	obj_register_static(&stream_type.base);
	module_set(m, "argv", the_argv ? newref(the_argv) : list_new(NULL, 0));
	module_set(m, "stdout", stream_new(OUT_STDOUT));
	module_set(m, "stderr", stream_new(OUT_STDERR));
	module_set(m, "maxsize", int_new(INT64_MAX));
	return m;
}
