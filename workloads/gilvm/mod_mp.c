// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Module multiprocessing: Process, by fork. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "builtins.h"
#include "convert.h"
#include "errors.h"
#include "out.h"
#include "process.h"
#include "signals.h"
#include "sync.h"
#include "threads.h"
#include "values.h"

#define POLL_NS 1000000

struct procobj {
	struct obj base;
	struct obj *target, *args, *name;
	bool daemon;
	pid_t pid; /* 0: not started */
	bool done;
	int status;           /* exit code, or minus the signal */
	struct procobj *next; /* those that were started and not waited for */
};

static struct type process_type;
static struct procobj *children;
static int64_t process_number;

static struct procobj *as_proc(struct obj *o)
{
	return (struct procobj *)o;
}

static struct obj *process_make(const struct type *t, const struct args *a)
{
	struct args rest = { NULL, 1, NULL };
	struct procobj *p;
	struct obj *v[6];
	struct obj *args;

	if (args_bind(a, "Process", 0, 6,
		      "group target name args kwargs daemon", v))
		return NULL;
	if (v[4] && v[4] != &none_obj)
		return err_set(&exc_TypeError,
			       "Process() with kwargs is not supported");
	rest.v = &v[3];
	args = v[3] ? tuple_type.make(&tuple_type, &rest) : tuple_new(NULL, 0);
	if (!args)
		return NULL;
	p = obj_alloc(t, sizeof(*p));
	p->target = newref(v[1] ? v[1] : &none_obj);
	p->args = args;
	p->name = v[2] && is_str(v[2])
			  ? newref(v[2])
			  : str_format("Process-%d", (int)++process_number);
	p->daemon = v[5] && v[5] != &none_obj && obj_truth(v[5]);
	return &p->base;
}

static void process_dealloc(struct obj *o)
{
	decref(as_proc(o)->target);
	decref(as_proc(o)->args);
	decref(as_proc(o)->name);
	obj_free(o);
}

static int child_status(struct procobj *p)
{
	const struct tupleobj *args = as_tuple(p->args);
	bool interrupted = false;
	struct obj *r;

	if (p->target == &none_obj)
		return 0;
	r = obj_call_n(p->target, (struct obj **)args->v, (int)args->size);
	if (r) {
		decref(r);
		return 0;
	}
	if (!err_is(&exc_SystemExit))
		out_write(OUT_STDERR, "Process failed:\n", 16);
	return err_exit_status(&interrupted);
}

static void run_child(struct procobj *p)
{
	children = NULL;
	process_after_fork();
	process_end(child_status(p));
}

static struct obj *m_start(struct obj *self, struct obj **a)
{
	struct procobj *p = as_proc(self);
	pid_t pid;

	(void)a;
	if (p->pid)
		return err_set(&exc_AssertionError,
			       "cannot start a process twice");
	/* What is buffered must not be written by both. */
	out_flush();
	pid = fork();
	if (pid < 0)
		return err_errno(errno);
	if (pid == 0)
		run_child(p);
	p->pid = pid;
	p->next = children;
	children = (struct procobj *)newref(self);
	return none_ref();
}

static void forget(struct procobj *p)
{
	struct procobj **q = &children;

	while (*q && *q != p)
		q = &(*q)->next;
	if (!*q)
		return;
	*q = p->next;
	decref(&p->base);
}

static void note_end(struct procobj *p, int status)
{
	p->done = true;
	p->status =
		WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
	forget(p);
}

/* 1: ended, 0: still runs, -1: a signal handler raised. */
static int wait_for(struct procobj *p, int flags)
{
	int status = 0;
	pid_t r;

	if (p->done)
		return 1;
	do {
		if (!(flags & WNOHANG))
			io_begin();
		r = waitpid(p->pid, &status, flags);
		if (!(flags & WNOHANG))
			io_end();
		if (r < 0 && errno == EINTR && signals_after_eintr())
			return -1;
	} while (r < 0 && errno == EINTR);
	if (r > 0 && !p->done)
		note_end(p, status);
	return r != 0;
}

/* Another wait than waitpid() has no timeout: look now and then. */
static int wait_timed(struct procobj *p, int64_t ns)
{
	struct timespec nap = { 0, POLL_NS };
	int r;

	while ((r = wait_for(p, WNOHANG)) == 0 && ns > 0) {
		io_begin();
		nanosleep(&nap, NULL);
		io_end();
		if (signals_after_eintr())
			return -1;
		ns -= POLL_NS;
	}
	return r;
}

static struct obj *m_join(struct obj *self, struct obj **a)
{
	struct procobj *p = as_proc(self);
	int64_t ns;
	int r;

	if (to_timeout(a[0], &ns))
		return NULL;
	if (!p->pid)
		return err_set(&exc_AssertionError,
			       "can only join a started process");
	incref(self);
	r = ns < 0 ? wait_for(p, 0) : wait_timed(p, ns);
	decref(self);
	return r < 0 ? NULL : none_ref();
}

static struct obj *m_is_alive(struct obj *self, struct obj **a)
{
	struct procobj *p = as_proc(self);

	(void)a;
	return bool_ref(p->pid && wait_for(p, WNOHANG) == 0);
}

static struct obj *send_signal(struct obj *self, int sig)
{
	struct procobj *p = as_proc(self);

	if (p->pid && !p->done)
		kill(p->pid, sig);
	return none_ref();
}

static struct obj *m_terminate(struct obj *self, struct obj **a)
{
	(void)a;
	return send_signal(self, SIGTERM);
}

static struct obj *m_kill(struct obj *self, struct obj **a)
{
	(void)a;
	return send_signal(self, SIGKILL);
}

static struct obj *process_getattr(struct obj *o, struct obj *name)
{
	struct procobj *p = as_proc(o);
	const char *n = str_data(name);

	if (!strcmp(n, "name"))
		return newref(p->name);
	if (!strcmp(n, "pid"))
		return p->pid ? int_new(p->pid) : none_ref();
	if (!strcmp(n, "daemon"))
		return bool_ref(p->daemon);
	if (!strcmp(n, "exitcode")) {
		if (p->pid)
			wait_for(p, WNOHANG);
		return p->done ? int_new(p->status) : none_ref();
	}
	return NULL;
}

static struct native process_methods[] = {
	NATIVE("start", m_start, 0, 0, ""),
	NATIVE("join", m_join, 0, 1, "timeout"),
	NATIVE("is_alive", m_is_alive, 0, 0, ""),
	NATIVE("terminate", m_terminate, 0, 0, ""),
	NATIVE("kill", m_kill, 0, 0, ""),
	NATIVE_END,
};

static struct type process_type = {
	TYPE_HEAD("Process"),       .dealloc = process_dealloc,
	.make = process_make,       .getattr = process_getattr,
	.methods = process_methods,
};

/* As Python does at its end: daemons are ended, the others waited for. */
void processes_wait_all(void)
{
	while (children) {
		struct procobj *p = children;

		if (p->daemon)
			kill(p->pid, SIGTERM);
		incref(&p->base);
		if (wait_for(p, 0) < 0) {
			err_clear();
			return;
		}
		decref(&p->base);
	}
}

static struct obj *m_cpu_count(struct obj *self, struct obj **a)
{
	(void)self;
	(void)a;
	return int_new(sysconf(_SC_NPROCESSORS_ONLN));
}

static struct native functions[] = {
	NATIVE("cpu_count", m_cpu_count, 0, 0, ""),
	NATIVE_END,
};

struct moduleobj *mod_multiprocessing(void)
{
	struct moduleobj *m = module_new("multiprocessing", functions);

	obj_register_static(&process_type.base);
	natives_init(process_methods);
	module_set(m, "Process", newref(&process_type.base));
	return m;
}
