// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdict_priv.h"

/* ---- CPU-bound threads and their GIL --------------------------------------
 */

static void gil_bound(struct look *k)
{
	double cores = (double)k->p->running_ns / (double)k->m->window_ns;
	uint64_t waited = 0, wall = 0, busy = 0;
	char share[TEXT_NUM], held_up[TEXT_NUM], name[LOCK_NAME];
	const struct model_thread *t;
	struct verdict *v;

	for (size_t i = 0; k->gil && i < k->p->threads; i++) {
		t = &k->thread[i];
		if (t->class != MODEL_CPU_BOUND ||
		    t->gil_wait_ns == MODEL_UNKNOWN ||
		    !verdict_at_least(t->gil_wait_ns, t->wall_ns,
				      VERDICT_GIL_WAIT_MIN))
			continue;
		busy++;
		waited += t->gil_wait_ns;
		wall += t->wall_ns;
	}
	if (busy < 2 || k->m->cpus < 2 || cores > VERDICT_CORES_MAX)
		return;
	v = verdict_say(k, VERDICT_GIL_BOUND, waited);
	verdict_put(v->what,
		    "%" PRIu64
		    " CPU-bound threads take turns on %s: %.2f of %u "
		    "cores used",
		    busy, verdict_lock_name(name, k->gil), cores, k->m->cpus);
	verdict_put(v->evidence,
		    "they wait for it %s of their time; somebody waits %s of "
		    "the time",
		    text_percent(share, waited, wall),
		    text_percent(held_up, k->gil->busy_ns, k->m->window_ns));
	verdict_put(v->remedy,
		    "use processes instead of threads, or move the work into "
		    "code that releases the GIL");
}

/* Mean length of what the thread sleeps elsewhere. */
static uint64_t mean_sleep(const struct model_thread *t)
{
	return t->sleeps ? t->time_ns[GW_SLEEPING] / t->sleeps : 0;
}

static void convoy(struct look *k)
{
	char name[TEXT_COMM], p50[TEXT_NUM], p99[TEXT_NUM], sleep[TEXT_NUM];
	const struct model_thread *t, *worst = NULL;
	uint64_t delay, most = 0;
	struct verdict *v;

	for (size_t i = 0; i < k->p->threads; i++) {
		t = &k->thread[i];
		if (t->class != MODEL_IO_BOUND ||
		    t->response.count < VERDICT_EVENTS_MIN ||
		    t->response.p50 == MODEL_UNKNOWN ||
		    t->response.p50 < VERDICT_CONVOY_NS)
			continue;
		delay = verdict_times(t->response.p50, t->response.count);
		if (delay > most &&
		    verdict_at_least(delay, t->wall_ns, VERDICT_CONVOY_SHARE)) {
			most = delay;
			worst = t;
		}
	}
	if (!worst)
		return;
	v = verdict_say(k, VERDICT_CONVOY, most);
	verdict_put(
		v->what,
		"convoy: I/O thread %s (%d) is ready at once but answers late",
		verdict_thread_name(name, worst), (int)worst->tid);
	verdict_put(
		v->evidence,
		"after each sleep (%s on average) it needs %s until it has the "
		"lock, p99 %s",
		text_ns(sleep, mean_sleep(worst)),
		text_ns(p50, worst->response.p50),
		text_ns(p99, worst->response.p99));
	verdict_put(v->remedy,
		    "move the CPU work into processes, run fewer CPU-bound "
		    "threads beside it, or lower the switch interval");
}

static void interval(struct look *k)
{
	uint64_t p50, whole, off;
	char wait[TEXT_NUM], length[TEXT_NUM], name[LOCK_NAME];
	struct verdict *v;

	if (!k->gil || !k->gil->switch_interval_ns ||
	    k->gil->dist[GW_WAIT].count < VERDICT_EVENTS_MIN)
		return;
	p50 = k->gil->dist[GW_WAIT].p50;
	whole = k->gil->switch_interval_ns;
	off = p50 > whole ? p50 - whole : whole - p50;
	if (p50 == MODEL_UNKNOWN ||
	    verdict_times(off, 100) >
		    verdict_times(whole, VERDICT_INTERVAL_NEAR))
		return;
	v = verdict_say(k, VERDICT_INTERVAL, k->gil->wait_ns);
	verdict_put(v->what, "waits for %s last as long as its switch interval",
		    verdict_lock_name(name, k->gil));
	verdict_put(v->evidence, "wait p50 %s, switch interval %s",
		    text_ns(wait, p50), text_ns(length, whole));
	verdict_put(v->remedy,
		    strncmp(k->gil->name, "Ruby", 4)
			    ? "a smaller switch interval "
			      "(sys.setswitchinterval()) shortens the waits "
			      "and costs more switches"
			    : "fewer threads that compute beside those that "
			      "wait, or processes");
}

/* ---- not the lock ---------------------------------------------------------
 */

static void cpus_full(struct look *k)
{
	uint64_t runnable = 0, running = 0, waiting = 0;
	char share[TEXT_NUM], lock[TEXT_NUM];
	struct verdict *v;

	for (size_t i = 0; i < k->p->threads; i++) {
		runnable += k->thread[i].time_ns[GW_RUNNABLE];
		running += k->thread[i].time_ns[GW_RUNNING];
	}
	for (size_t i = 0; i < k->p->locks; i++)
		if (!verdict_waits_for_work(&k->lock[i]))
			waiting += k->lock[i].blocked_ns;
	if (runnable <= waiting ||
	    !verdict_at_least(runnable, runnable + running,
			      VERDICT_RUNNABLE_MIN) ||
	    !verdict_at_least(runnable, k->m->window_ns, VERDICT_RUNNABLE_MIN))
		return;
	v = verdict_say(k, VERDICT_CPUS_FULL, runnable);
	verdict_put(v->what,
		    "threads wait for a CPU, the locks are not at fault");
	verdict_put(v->evidence,
		    "%s of the time in which they could run they had no CPU; "
		    "asleep on "
		    "locks they were %s",
		    text_percent(share, runnable, runnable + running),
		    text_ns(lock, waiting));
	verdict_put(v->remedy,
		    "give the process more CPUs, or run less beside it");
}

static void fine(struct look *k)
{
	struct verdict *v;
	char waited[TEXT_NUM];

	if (k->n)
		return;
	v = verdict_say(k, VERDICT_FINE, 0);
	verdict_put(v->what, "nothing wrong with its locks");
	verdict_put(v->evidence,
		    "its threads waited %s for locks; %zu thread%s",
		    text_ns(waited, k->p->wait_ns), k->p->threads,
		    k->p->threads == 1 ? "" : "s");
}

/* ---- the whole ------------------------------------------------------------
 */

static int worst_first(const void *a, const void *b)
{
	const struct verdict *x = a, *y = b;

	if (x->cost_ns != y->cost_ns)
		return x->cost_ns < y->cost_ns ? 1 : -1;
	return (int)x->kind - (int)y->kind;
}

static const struct model_lock *find_gil(const struct look *k)
{
	for (size_t i = 0; i < k->p->locks; i++)
		if (k->lock[i].kind == GW_KIND_GIL)
			return &k->lock[i];
	return NULL;
}

/* What rates and shares say; without a window there are none. */
static void figures(struct look *k)
{
	gil_bound(k);
	convoy(k);
	interval(k);
	cpus_full(k);
	for (size_t i = 0; i < k->p->locks && i < LOCKS_JUDGED; i++)
		verdict_lock(k, &k->lock[i]);
}

size_t verdict_find(const struct model *m, const struct model_process *p,
		    struct verdict out[VERDICTS_MAX])
{
	struct look k;
	size_t n;

	/* The texts, most of it, are cleared where they are begun. */
	k.m = m;
	k.p = p;
	k.lock = m->locks + p->lock;
	k.thread = m->threads + p->thread;
	k.gil = find_gil(&k);
	k.n = 0;
	verdict_standstill(&k);
	if (m->window_ns)
		figures(&k);
	fine(&k);
	qsort(k.found, k.n, sizeof(*k.found), worst_first);
	n = k.n < VERDICTS_MAX ? k.n : VERDICTS_MAX;
	memcpy(out, k.found, n * sizeof(*out));
	return n;
}

const char *verdict_name(enum verdict_kind kind)
{
	static const char *const names[] = {
		[VERDICT_DEADLOCK] = "deadlock",
		[VERDICT_STUCK] = "stuck",
		[VERDICT_GIL_BOUND] = "GIL-bound",
		[VERDICT_CONVOY] = "convoy",
		[VERDICT_BATTLE] = "battle",
		[VERDICT_BOUNCE] = "bounce",
		[VERDICT_INTERVAL] = "switch interval",
		[VERDICT_LONG_HOLD] = "long hold",
		[VERDICT_OTHER_LOCK] = "other lock",
		[VERDICT_CPUS_FULL] = "CPUs full",
		[VERDICT_FINE] = "fine",
	};
	_Static_assert(sizeof(names) / sizeof(*names) == VERDICT_KINDS,
		       "all named");

	return names[kind];
}
