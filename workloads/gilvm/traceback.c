// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where an exception came through, and how it is told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "convert.h"
#include "errors.h"
#include "out.h"
#include "source.h"
#include "values.h"

/*
 * The innermost entries matter most, and the outermost tell how one got
 * there; a deep recursion repeats itself in between.
 */
void err_trace(const struct codeobj *code, int line)
{
	struct excobj *e = ts_self->exc;

	if (!e)
		return;
	if (!e->tb)
		e->tb = xcalloc(TB_MAX, sizeof(*e->tb));
	if (e->n_tb == TB_MAX) {
		memmove(&e->tb[TB_MAX / 2], &e->tb[TB_MAX / 2 + 1],
			(TB_MAX - TB_MAX / 2 - 1) * sizeof(*e->tb));
		e->n_tb--;
		e->tb_dropped++;
	}
	e->tb[e->n_tb++] = (struct tb_entry){ code, line };
}

static void add_entry(struct textbuf *b, const struct tb_entry *e)
{
	char buf[512];
	int len;
	const char *text;

	snprintf(buf, sizeof(buf), "  File \"%.300s\", line %d, in %.100s\n",
		 e->code->source->name, e->line, str_data(e->code->name));
	buf_puts(b, buf);
	text = source_line(e->code->source, e->line, &len);
	if (!len)
		return;
	buf_puts(b, "    ");
	buf_add(b, text, (size_t)len);
	buf_puts(b, "\n");
}

static void add_traceback(struct textbuf *b, const struct excobj *e)
{
	char buf[64];

	if (!e->n_tb)
		return;
	buf_puts(b, "Traceback (most recent call last):\n");
	for (int i = e->n_tb - 1; i >= 0; i--) {
		add_entry(b, &e->tb[i]);
		if (!e->tb_dropped || i != TB_MAX / 2)
			continue;
		snprintf(buf, sizeof(buf), "  [%d more calls]\n",
			 e->tb_dropped);
		buf_puts(b, buf);
	}
}

static void add_message(struct textbuf *b, struct excobj *e)
{
	struct obj *s = obj_str(&e->base);

	buf_puts(b, e->base.type->name);
	if (!s) {
		err_clear();
		buf_puts(b, ": <exception str() failed>");
	} else if (as_str(s)->len) {
		buf_puts(b, ": ");
		buf_add(b, str_data(s), (size_t)as_str(s)->len);
	}
	xdecref(s);
	buf_puts(b, "\n");
}

void err_print(struct excobj *e)
{
	struct textbuf b = { 0 };

	add_traceback(&b, e);
	add_message(&b, e);
	out_write(OUT_STDERR, b.s, b.len);
	buf_free(&b);
}

void err_print_thread(const char *thread_name)
{
	struct excobj *e = err_take();
	struct textbuf b = { 0 };

	if (e->base.type != &exc_SystemExit) {
		buf_puts(&b, "Exception in thread ");
		buf_puts(&b, thread_name);
		buf_puts(&b, ":\n");
		out_write(OUT_STDERR, b.s, b.len);
		err_print(e);
	}
	buf_free(&b);
	decref(&e->base);
}

static int system_exit(struct excobj *e)
{
	const struct tupleobj *args = as_tuple(e->args);
	struct obj *code = args->size ? args->v[0] : &none_obj;
	struct obj *s;

	if (code == &none_obj)
		return 0;
	if (is_intlike(code))
		return (int)(int_value(code) & 0xff);
	s = obj_str(code);
	if (s) {
		out_write(OUT_STDERR, str_data(s), (size_t)as_str(s)->len);
		out_write(OUT_STDERR, "\n", 1);
		decref(s);
	}
	return 1;
}

int err_exit_status(bool *interrupted)
{
	struct excobj *e = err_take();
	int status = 1;

	*interrupted = e->base.type == &exc_KeyboardInterrupt;
	if (e->base.type == &exc_SystemExit)
		status = system_exit(e);
	else
		err_print(e);
	decref(&e->base);
	return status;
}
