// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "threads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "gilstats.h"
#include "out.h"
#include "values.h"

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct threadobj *running;
static bool want_stats;

void threads_want_stats(void)
{
	want_stats = true;
}

struct threadobj *threads_first(void)
{
	return running;
}

static void list_add(struct threadobj *t)
{
	pthread_mutex_lock(&list_lock);
	t->next = running;
	running = t;
	pthread_mutex_unlock(&list_lock);
}

static void list_remove(struct threadobj *t)
{
	struct threadobj **p = &running;

	pthread_mutex_lock(&list_lock);
	while (*p && *p != t)
		p = &(*p)->next;
	if (*p)
		*p = t->next;
	pthread_mutex_unlock(&list_lock);
}

struct threadobj *thread_new(struct obj *target, struct obj *args)
{
	struct threadobj *t = obj_alloc(&thread_type, sizeof(*t));

	t->target = newref(target);
	t->args = newref(args);
	t->name = none_ref();
	waitq_init(&t->finished);
	sem_init(&t->running, 0, 0);
	return t;
}

/* The statistics call the thread what the kernel calls it. */
void thread_set_name(struct threadobj *t)
{
	char name[16] = "";
	size_t n = (size_t)as_str(t->name)->len;

	memcpy(name, str_data(t->name), n < 15 ? n : 15);
	pthread_setname_np(t->pthread, name);
	if (t->ts && t->ts->gil.stats)
		memcpy(t->ts->gil.stats->name, name, sizeof(name));
}

void threads_init(struct gil_stats *stats)
{
	struct obj *no_args = tuple_new(NULL, 0);
	struct threadobj *t = thread_new(&none_obj, no_args);

	decref(no_args);
	decref(t->name);
	t->name = str_from("MainThread");
	t->started = true;
	t->pthread = pthread_self();
	t->ts = ts_self;
	t->tid = ts_self->gil.tid;
	ts_self->thread = t;
	if (stats)
		pthread_getname_np(t->pthread, stats->name,
				   sizeof(stats->name));
	list_add(t);
}

static void run_target(struct threadobj *t)
{
	const struct tupleobj *args = as_tuple(t->args);
	struct obj *r;

	if (t->target == &none_obj)
		return;
	r = obj_call_n(t->target, (struct obj **)args->v, (int)args->size);
	if (r)
		decref(r);
	else
		err_print_thread(str_data(t->name));
}

static void finish(struct threadobj *t)
{
	/* A thread that ended keeps nothing of what it worked on. */
	decref(t->target);
	decref(t->args);
	t->target = none_ref();
	t->args = tuple_new(NULL, 0);
	/* Whoever waits for the end may add up the counts right after. */
	if (vm_racy)
		racy_thread_done();
	waitq_lock(&t->finished);
	t->done = true;
	t->ts = NULL;
	waitq_wake_all(&t->finished);
	waitq_unlock(&t->finished);
	list_remove(t);
	if (!vm_racy)
		decref(&t->base);
}

static void *thread_main(void *arg)
{
	struct threadobj *t = arg;
	struct tstate *ts = t->ts;
	struct gil_stats *stats = ts->gil.stats;

	tstate_enter(ts, stats);
	t->tid = ts->gil.tid;
	t->pthread = pthread_self();
	thread_set_name(t);
	sem_post(&t->running);
	gil_take(&ts->gil);
	run_target(t);
	finish(t);
	tstate_leave(ts);
	free(ts);
	return NULL;
}

static int create(struct threadobj *t)
{
	pthread_attr_t attr;
	int err = pthread_attr_init(&attr);

	if (err)
		return err;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&t->pthread, &attr, thread_main, t);
	pthread_attr_destroy(&attr);
	return err;
}

int thread_start(struct threadobj *t)
{
	struct tstate *ts;
	int err;

	if (t->started) {
		err_set(&exc_RuntimeError, "threads can only be started once");
		return -1;
	}
	ts = xcalloc(1, sizeof(*ts));
	ts->thread = t;
	ts->gil.stats = want_stats ? gil_stats_new() : NULL;
	t->ts = ts;
	t->started = true;
	incref(&t->base);
	list_add(t);
	io_begin();
	err = create(t);
	while (!err && sem_wait(&t->running) && errno == EINTR)
		continue;
	io_end();
	if (!err)
		return 0;
	list_remove(t);
	t->ts = NULL;
	t->started = false;
	free(ts);
	decref(&t->base);
	err_set(&exc_RuntimeError, "can't start new thread: %s", strerror(err));
	return -1;
}

int thread_join(struct threadobj *t, int64_t timeout_ns)
{
	waitq_lock(&t->finished);
	if (!t->done)
		return waitq_wait(&t->finished, timeout_ns);
	waitq_unlock(&t->finished);
	return 1;
}

static struct threadobj *find_to_wait_for(void)
{
	struct threadobj *t;

	pthread_mutex_lock(&list_lock);
	for (t = running; t; t = t->next) {
		if (!t->daemon && t != ts_self->thread)
			break;
	}
	if (t)
		incref(&t->base);
	pthread_mutex_unlock(&list_lock);
	return t;
}

void threads_wait_all(void)
{
	struct threadobj *t;

	while ((t = find_to_wait_for())) {
		int r = thread_join(t, -1);

		decref(&t->base);
		if (r >= 0)
			continue;
		/* A second Ctrl-C ends the waiting. */
		out_write(OUT_STDERR, "Interrupted while waiting for threads\n",
			  38);
		err_clear();
		return;
	}
}

void threads_after_fork(void)
{
	struct threadobj *self = ts_self->thread;

	pthread_mutex_init(&list_lock, NULL);
	running = self;
	self->next = NULL;
	self->pthread = pthread_self();
	self->tid = ts_self->gil.tid;
	waitq_init(&self->finished);
	ts_self->is_main = true;
}
