// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Verdicts on single locks, and on processes in which nothing moves. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "verdict_priv.h"

/* ---- nothing moves --------------------------------------------------------
 */

/* What stands where a text has no room for the rest of a cycle. */
#define AND_SO_ON ", and so on"

/*
 * "a (12) waits for 0x10, held by b (13), which waits for 0x20, held by a (12)"
 * as far as whole links fit: names of other programs are never cut.
 */
static void cycle_text(char text[VERDICT_TEXT], const struct stuck_link *c,
		       size_t n)
{
	const struct model_thread *next;
	char name[TEXT_COMM], link[TEXT_COMM + 80];
	size_t used, length;

	used = (size_t)snprintf(text, VERDICT_TEXT, "%s (%d) waits for ",
				verdict_thread_name(name, c[0].thread),
				(int)c[0].thread->tid);
	for (size_t i = 0; i < n; i++) {
		next = c[(i + 1) % n].thread;
		length = (size_t)snprintf(
			link, sizeof(link),
			c[i].lock->kind == GW_KIND_JOIN
				? "%sthe end (0x%" PRIx64 ") of %s (%d)"
				: "%s0x%" PRIx64 ", held by %s (%d)",
			i ? ", which waits for " : "", c[i].lock->id,
			verdict_thread_name(name, next), (int)next->tid);
		if (used + length + sizeof(AND_SO_ON) > VERDICT_TEXT) {
			memcpy(text + used, AND_SO_ON, sizeof(AND_SO_ON));
			return;
		}
		memcpy(text + used, link, length + 1);
		used += length;
	}
}

/* It has lasted since the last of them came. */
static uint64_t cycle_ns(const struct stuck_link *c, size_t n)
{
	uint64_t ns = c[0].thread->still_ns;

	for (size_t i = 1; i < n; i++)
		if (c[i].thread->still_ns < ns)
			ns = c[i].thread->still_ns;
	return ns;
}

/* A lock that is not recursive, taken a second time. */
static void deadlock_alone(struct verdict *v, const struct stuck_link *c)
{
	char buf[TEXT_COMM], waited[TEXT_NUM];
	const char *name = verdict_thread_name(buf, c->thread);

	verdict_put(v->what,
		    "deadlock: thread %s (%d) waits for a lock that it has "
		    "itself, for %s",
		    name, (int)c->thread->tid,
		    text_ns(waited, c->thread->still_ns));
	verdict_put(v->evidence,
		    "it waits for 0x%" PRIx64
		    ", and the mutex there says that %s (%d) has it",
		    c->lock->id, name, (int)c->thread->tid);
	verdict_put(v->remedy, "lock it once, or make the mutex recursive");
}

static void deadlock(struct look *k)
{
	char waited[TEXT_NUM];
	struct verdict *v;

	k->ncycle = stuck_cycle(k->m, k->p, k->cycle);
	if (!k->ncycle)
		return;
	v = verdict_say(k, VERDICT_DEADLOCK, UINT64_MAX);
	if (k->ncycle == 1) {
		deadlock_alone(v, k->cycle);
		return;
	}
	verdict_put(v->what,
		    "deadlock: %zu threads wait for each other, for %s",
		    k->ncycle, text_ns(waited, cycle_ns(k->cycle, k->ncycle)));
	cycle_text(v->evidence, k->cycle, k->ncycle);
	verdict_put(v->remedy, "take the locks in one order everywhere");
}

/* Without known holders an idle pool and a deadlock look the same. */
static void stuck(struct look *k)
{
	uint64_t longest;
	size_t n = stuck_waiting(k->m, k->p, &longest);
	char waited[TEXT_NUM];
	struct verdict *v;

	if (!n || k->ncycle)
		return;
	v = verdict_say(k, VERDICT_STUCK, verdict_times(longest, n));
	verdict_put(
		v->what,
		"waiting: no thread runs, and %zu wait%s for locks that nobody "
		"touches: idle, or stuck",
		n, n == 1 ? "s" : "");
	verdict_put(v->evidence, "the longest of these waits has lasted %s",
		    text_ns(waited, longest));
	verdict_put(v->remedy,
		    "if there should be work: look at the stacks (py-spy "
		    "dump, gdb) for locks taken in different orders");
}

void verdict_standstill(struct look *k)
{
	deadlock(k);
	stuck(k);
}

/* ---- any lock -------------------------------------------------------------
 */

static void battle(struct look *k, const struct model_lock *l)
{
	uint64_t stolen = l->failed[GW_STOLEN], woken = stolen + l->acquired;
	char share[TEXT_NUM], n[TEXT_NUM], name[LOCK_NAME];
	struct verdict *v;

	if (stolen < VERDICT_EVENTS_MIN ||
	    !verdict_at_least(stolen, woken, VERDICT_STOLEN_MIN))
		return;
	v = verdict_say(k, VERDICT_BATTLE, l->wait_ns / woken * stolen);
	verdict_put(v->what, "battle for %s: woken threads find it taken again",
		    verdict_lock_name(name, l));
	verdict_put(v->evidence, "%s wakeups were stolen, %s of all",
		    text_count(n, stolen), text_percent(share, stolen, woken));
	verdict_put(v->remedy,
		    "fewer CPU-bound threads, or pin the process to one core "
		    "(taskset)");
}

static void bounce(struct look *k, const struct model_lock *l)
{
	char share[TEXT_NUM], rate[TEXT_NUM], wakeup[TEXT_NUM];
	uint64_t p50 = l->dist[GW_WAKEUP].p50;
	char name[LOCK_NAME];
	struct verdict *v;

	if (l->handoffs < VERDICT_EVENTS_MIN ||
	    !verdict_at_least(l->cross, l->handoffs, VERDICT_CROSS_MIN) ||
	    (unsigned __int128)l->handoffs * 1000000000 <
		    (unsigned __int128)k->m->window_ns * VERDICT_CROSS_RATE)
		return;
	v = verdict_say(k, VERDICT_BOUNCE, l->runnable_ns);
	verdict_put(v->what, "%s bounces between cores",
		    verdict_lock_name(name, l));
	verdict_put(v->evidence,
		    "%s of its handoffs go to another core (%s in all)%s%s%s",
		    text_percent(share, l->cross, l->handoffs),
		    text_rate(rate, l->handoffs, k->m->window_ns),
		    p50 == MODEL_UNKNOWN ? "" : "; a wakeup then takes ",
		    p50 == MODEL_UNKNOWN ? "" : text_ns(wakeup, p50),
		    p50 == MODEL_UNKNOWN ? "" : " (p50)");
	verdict_put(v->remedy,
		    "pin the process, or the threads that share the lock, to "
		    "one core (taskset)");
}

/*
 * Somebody waits, and since before gilwatch came nobody has got the lock or
 * released it: who has it had it already. For locks of which that is sure;
 * where nothing runs, stuck() has the word. 0: not so.
 */
static uint64_t unseen_hold(const struct look *k, const struct model_lock *l)
{
	uint64_t ns = l->open_wait_ns < l->untouched_ns ? l->open_wait_ns
							: l->untouched_ns;
	size_t i;

	if (!l->open_waits || l->acquired ||
	    (l->kind != GW_KIND_GIL && l->kind != GW_KIND_MUTEX))
		return 0;
	for (i = 0; i < k->n; i++)
		if (k->found[i].kind == VERDICT_STUCK)
			return 0;
	return ns;
}

static void long_hold(struct look *k, const struct model_lock *l)
{
	uint64_t max = l->dist[GW_HOLD].max, limit = VERDICT_HOLD_NS;
	uint64_t intervals =
		verdict_times(l->switch_interval_ns, VERDICT_HOLD_INTERVALS);
	char length[TEXT_NUM], waited[TEXT_NUM], name[LOCK_NAME];
	uint64_t unseen = unseen_hold(k, l);
	struct verdict *v;

	if (intervals > limit)
		limit = intervals;
	if (max == MODEL_UNKNOWN || max < unseen)
		max = unseen;
	if (max < limit || l->wait_ns < limit || verdict_waits_for_work(l))
		return;
	v = verdict_say(k, VERDICT_LONG_HOLD,
			max < l->wait_ns ? max : l->wait_ns);
	verdict_put(v->what, "a thread holds %s for long",
		    verdict_lock_name(name, l));
	verdict_put(v->evidence,
		    "longest hold %s%s while others waited %s in all",
		    text_ns(length, max),
		    max == unseen ? " and more (its begin was not seen)" : "",
		    text_ns(waited, l->wait_ns));
	verdict_put(v->remedy,
		    l->kind == GW_KIND_GIL
			    ? "release the GIL in the extension, or split the "
			      "long call"
			    : "do less while holding it");
}

static void other_lock(struct look *k, const struct model_lock *l)
{
	char waited[TEXT_NUM], n[TEXT_NUM], gil[TEXT_NUM], name[LOCK_NAME];
	struct verdict *v;

	if (l->kind == GW_KIND_GIL || verdict_waits_for_work(l) ||
	    l->acquired < VERDICT_EVENTS_MIN ||
	    (k->gil && l->wait_ns <= k->gil->wait_ns) ||
	    !verdict_at_least(l->wait_ns, k->m->window_ns,
			      VERDICT_LOCK_WAIT_MIN))
		return;
	v = verdict_say(k, VERDICT_OTHER_LOCK, l->wait_ns);
	verdict_put(v->what, "%s is the bottleneck%s",
		    verdict_lock_name(name, l), k->gil ? ", not the GIL" : "");
	verdict_put(v->evidence, "threads waited %s for it in %s waits%s%s",
		    text_ns(waited, l->wait_ns), text_count(n, l->waits),
		    k->gil ? "; for the GIL " : "",
		    k->gil ? text_ns(gil, k->gil->wait_ns) : "");
	verdict_put(v->remedy,
		    "hold it for less, split it, or share less under it");
}

/* It is part of a deadlock, which says it all. */
static bool is_told(const struct look *k, const struct model_lock *l)
{
	for (size_t i = 0; i < k->ncycle; i++)
		if (k->cycle[i].lock == l)
			return true;
	return false;
}

void verdict_lock(struct look *k, const struct model_lock *l)
{
	if (GW_KIND_SEVERAL(l->kind) || is_told(k, l))
		return;
	battle(k, l);
	bounce(k, l);
	long_hold(k, l);
	other_lock(k, l);
}
