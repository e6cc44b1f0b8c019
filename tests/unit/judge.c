// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "judge.h"

static struct model_lock *next_lock(struct judge *j, size_t i)
{
	struct model_lock *l = &j->lock[i];

	assert_true(i < JUDGE_LOCKS);
	/* Never the place in the model. */
	*l = (struct model_lock){ .index = 500 - (uint32_t)i,
				  .name = "",
				  .comm = "app" };
	for (unsigned int k = 0; k < GW_METRICS; k++)
		l->dist[k] =
			(struct model_dist){ 0, MODEL_UNKNOWN, MODEL_UNKNOWN,
					     MODEL_UNKNOWN };
	return l;
}

static struct model_thread *next_thread(struct judge *j, size_t i,
					const char *name)
{
	struct model_thread *t = &j->thread[i];

	assert_true(i < JUDGE_THREADS);
	memset(j->name[i], 0, sizeof(j->name[i]));
	memcpy(j->name[i], name, strnlen(name, GW_COMM_LEN));
	*t = (struct model_thread){
		.serial = i + 1,
		.pid = 1000,
		.comm = j->name[i],
		.run = GW_SLEEPING,
		.still_ns = JUDGE_WINDOW,
		.waits_for = GW_NO_LOCK,
		.wall_ns = JUDGE_WINDOW,
		.time_ns = { [GW_SLEEPING] = JUDGE_WINDOW },
		.wakeup = { 0, MODEL_UNKNOWN, MODEL_UNKNOWN, MODEL_UNKNOWN },
		.response = { 0, MODEL_UNKNOWN, MODEL_UNKNOWN, MODEL_UNKNOWN },
	};
	return t;
}

void judge_begin(struct judge *j)
{
	struct model_thread *stranger;

	memset(j, 0, sizeof(*j));
	j->m = (struct model){ .window_ns = JUDGE_WINDOW,
			       .cpus = 4,
			       .processes = &j->p,
			       .locks = j->lock,
			       .threads = j->thread,
			       .nprocesses = 1,
			       .nlocks = 1,
			       .nthreads = 1 };
	j->p = (struct model_process){
		.pid = 1000, .comm = "app", .lock = 1, .thread = 1
	};
	stranger = next_thread(j, 0, "stranger");
	stranger->tid = JUDGE_STRANGER;
	judge_waits(stranger, next_lock(j, 0), JUDGE_STRANGER);
}

struct model_lock *judge_lock(struct judge *j, uint64_t id, enum gw_kind kind)
{
	struct model_lock *l = next_lock(j, j->m.nlocks++);

	j->p.locks++;
	l->id = id;
	l->kind = kind;
	return l;
}

struct model_thread *judge_thread(struct judge *j, const char *name)
{
	struct model_thread *t = next_thread(j, j->m.nthreads++, name);

	t->tid = JUDGE_TID + (pid_t)j->p.threads++;
	return t;
}

struct model_thread *judge_computes(struct judge *j)
{
	struct model_thread *t = judge_thread(j, "computes");

	t->class = MODEL_CPU_BOUND;
	t->run = GW_RUNNING;
	t->still_ns = 0;
	t->gil_wait_ns = JUDGE_WINDOW / 2;
	t->time_ns[GW_SLEEPING] = 0;
	t->time_ns[GW_RUNNING] = t->time_ns[GW_LOCK_WAIT] = JUDGE_WINDOW / 2;
	j->p.running_ns += JUDGE_WINDOW / 2;
	return t;
}

void judge_waits(struct model_thread *t, struct model_lock *l, pid_t owner)
{
	t->run = GW_LOCK_WAIT;
	t->still_ns = STUCK_NS + JUDGE_S / 2;
	t->waits_for = l->index;
	l->untouched_ns = JUDGE_WINDOW;
	l->owner = owner;
	l->open_waits++;
}

/* ---- what is said ---------------------------------------------------------
 */

static void check_text(const char *text, bool needed)
{
	size_t n = strnlen(text, VERDICT_TEXT);

	assert_true(n < VERDICT_TEXT);
	if (needed)
		assert_true(n > 0);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			fail_msg("byte %#x in \"%s\"", (unsigned char)text[i],
				 text);
}

static void check_one(const struct judge *j, size_t i)
{
	const struct verdict *v = &j->v[i];

	assert_true(v->kind < VERDICT_KINDS);
	check_text(v->what, true);
	check_text(v->evidence, true);
	check_text(v->remedy, v->kind != VERDICT_FINE);
	if (v->kind == VERDICT_FINE)
		assert_int_equal(j->n, 1);
	if (i)
		assert_true(v[-1].cost_ns >= v->cost_ns);
	for (size_t k = 0; k < i; k++)
		assert_false(j->v[k].kind == v->kind &&
			     !strcmp(j->v[k].what, v->what));
}

void judge_run(struct judge *j)
{
	memset(j->v, 0x5a, sizeof(j->v));
	j->n = verdict_find(&j->m, &j->p, j->v);
	assert_in_range(j->n, 1, VERDICTS_MAX);
	for (size_t i = 0; i < j->n; i++)
		check_one(j, i);
}

const struct verdict *judge_said(const struct judge *j, enum verdict_kind kind)
{
	const struct verdict *v = NULL;

	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].kind == kind) {
			assert_null(v);
			v = &j->v[i];
		}
	return v;
}

bool judge_says(struct judge *j, enum verdict_kind kind)
{
	judge_run(j);
	return judge_said(j, kind) != NULL;
}

static void check_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in \"%s\"", part, text);
}

void judge_check(const struct judge *j, enum verdict_kind kind,
		 const char *what, const char *evidence)
{
	const struct verdict *v = judge_said(j, kind);

	if (!v)
		fail_msg("no %s", verdict_name(kind));
	check_has(v->what, what);
	check_has(v->evidence, evidence);
}
