// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Signals, and module signal. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "builtins.h"
#include "convert.h"
#include "errors.h"
#include "signals.h"
#include "thread.h"
#include "values.h"

#define MAX_SIGNAL 32

static volatile sig_atomic_t waiting[MAX_SIGNAL];
static struct obj *handlers[MAX_SIGNAL]; /* callable, or int SIG_DFL/SIG_IGN */

static void note_signal(int sig)
{
	waiting[sig] = 1;
	gil_break(&gilvm_gil, GIL_BREAK_SIGNAL);
}

/* No SA_RESTART: a blocking call has to come back. */
static int set_action(int sig, void (*fn)(int))
{
	struct sigaction sa = { .sa_handler = fn };

	sigemptyset(&sa.sa_mask);
	return sigaction(sig, &sa, NULL) ? -errno : 0;
}

void signals_init(void)
{
	set_action(SIGPIPE, SIG_IGN);
	/* A program started with SIGINT ignored keeps it so. */
	if (signal(SIGINT, SIG_DFL) == SIG_IGN)
		set_action(SIGINT, SIG_IGN);
	else
		set_action(SIGINT, note_signal);
}

static int run_handler(int sig)
{
	struct obj *v[2];
	struct obj *r;

	if (!handlers[sig]) {
		err_raise(obj_call_n(&exc_KeyboardInterrupt.base, NULL, 0));
		return -1;
	}
	v[0] = int_new(sig);
	v[1] = &none_obj;
	r = obj_call_n(handlers[sig], v, 2);
	decref(v[0]);
	xdecref(r);
	return r ? 0 : -1;
}

int signals_run(void)
{
	gil_unbreak(&gilvm_gil, GIL_BREAK_SIGNAL);
	for (int sig = 1; sig < MAX_SIGNAL; sig++) {
		if (!waiting[sig])
			continue;
		waiting[sig] = 0;
		if (run_handler(sig)) {
			/* Others that wait get their turn later. */
			for (int i = sig; i < MAX_SIGNAL; i++) {
				if (waiting[i])
					gil_break(&gilvm_gil, GIL_BREAK_SIGNAL);
			}
			return -1;
		}
	}
	return 0;
}

int signals_after_eintr(void)
{
	if (!ts_self->is_main || !(gil_breaker(&gilvm_gil) & GIL_BREAK_SIGNAL))
		return 0;
	return signals_run();
}

static struct obj *m_default_int(struct obj *self, const struct args *a)
{
	(void)self;
	(void)a;
	err_raise(obj_call_n(&exc_KeyboardInterrupt.base, NULL, 0));
	return NULL;
}

static struct native default_int =
	NATIVE_RAW("default_int_handler", m_default_int);

static int install(int sig, struct obj *handler)
{
	if (is_intlike(handler) && int_value(handler) == 0)
		return set_action(sig, SIG_DFL);
	if (is_intlike(handler) && int_value(handler) == 1)
		return set_action(sig, SIG_IGN);
	if (!handler->type->call) {
		err_set(&exc_TypeError,
			"signal handler must be signal.SIG_IGN, "
			"signal.SIG_DFL, or a callable object");
		return -1;
	}
	return set_action(sig, note_signal);
}

static struct obj *m_signal(struct obj *self, struct obj **a)
{
	struct obj *old;
	int64_t sig;
	int err;

	(void)self;
	if (to_int_range(a[0], "signal number", 1, MAX_SIGNAL - 1, &sig))
		return NULL;
	if (!ts_self->is_main)
		return err_set(&exc_ValueError,
			       "signal only works in main thread of the main "
			       "interpreter");
	err = install((int)sig, a[1]);
	if (err_pending())
		return NULL;
	if (err)
		return err_errno(-err);
	old = handlers[sig];
	handlers[sig] = newref(a[1]);
	if (old)
		return old;
	return sig == SIGINT ? newref(default_int.callable) : int_new(0);
}

static struct obj *m_raise_signal(struct obj *self, struct obj **a)
{
	int64_t sig;

	(void)self;
	if (to_int_range(a[0], "signal number", 1, MAX_SIGNAL - 1, &sig))
		return NULL;
	raise((int)sig);
	return signals_after_eintr() ? NULL : none_ref();
}

static struct obj *m_alarm(struct obj *self, struct obj **a)
{
	int64_t s;

	(void)self;
	if (to_int_range(a[0], "seconds", 0, 1000000, &s))
		return NULL;
	return int_new(alarm((unsigned int)s));
}

static struct native functions[] = {
	NATIVE("signal", m_signal, 2, 2, ""),
	NATIVE("raise_signal", m_raise_signal, 1, 1, ""),
	NATIVE("alarm", m_alarm, 1, 1, ""),
	NATIVE_END,
};

struct moduleobj *mod_signal(void)
{
	static const struct {
		const char *name;
		int v;
	} consts[] = {
		{ "SIG_DFL", 0 },       { "SIG_IGN", 1 },
		{ "SIGINT", SIGINT },   { "SIGTERM", SIGTERM },
		{ "SIGALRM", SIGALRM }, { "SIGUSR1", SIGUSR1 },
		{ "SIGKILL", SIGKILL }, { "SIGHUP", SIGHUP },
	};
	struct moduleobj *m = module_new("signal", functions);

	for (size_t i = 0; i < sizeof(consts) / sizeof(consts[0]); i++)
		module_set(m, consts[i].name, int_new(consts[i].v));
	default_int.iname = str_intern(default_int.name);
	default_int.callable = native_new(&default_int, NULL);
	attrs_set(&m->attrs, default_int.iname, default_int.callable);
	return m;
}
