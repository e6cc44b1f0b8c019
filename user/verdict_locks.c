// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Verdicts on single locks, and on processes in which nothing moves. */
#include <inttypes.h>
#include <stdio.h>

#include "stuck.h"
#include "verdict_priv.h"

bool verdict_waits_for_work(const struct model_lock *l)
{
	return l->kind == GW_KIND_COND || l->kind == GW_KIND_JOIN ||
	       l->kind == GW_KIND_SEM;
}

/* ---- nothing moves --------------------------------------------------------
 */

/* "a (12) waits for 0x10, which b (13) has; " and so on, as far as it fits. */
static void cycle_text(char text[VERDICT_TEXT], const struct stuck_link *c,
		       size_t n)
{
	const struct model_thread *next;
	char name[TEXT_COMM], other[TEXT_COMM];
	size_t used = 0;

	for (size_t i = 0; i < n && used < VERDICT_TEXT; i++) {
		next = c[(i + 1) % n].thread;
		used += (size_t)snprintf(
			text + used, VERDICT_TEXT - used,
			"%s%s (%d) waits for 0x%" PRIx64 ", which %s (%d) has",
			i ? "; " : "", verdict_thread_name(name, c[i].thread),
			(int)c[i].thread->tid, c[i].lock->id,
			verdict_thread_name(other, next), (int)next->tid);
	}
}

static void deadlock(struct look *k)
{
	struct stuck_link cycle[STUCK_CYCLE_MAX];
	size_t n = stuck_cycle(k->m, k->p, cycle);
	char waited[TEXT_NUM];
	struct verdict *v;

	if (!n)
		return;
	v = verdict_say(k, VERDICT_DEADLOCK, UINT64_MAX);
	verdict_put(v->what,
		    "deadlock: %zu threads wait for each other, for %s", n,
		    text_ns(waited, cycle[0].thread->still_ns));
	cycle_text(v->evidence, cycle, n);
	verdict_put(v->remedy, "take the locks in one order everywhere");
}

/* Without known holders an idle pool and a deadlock look the same. */
static void stuck(struct look *k)
{
	uint64_t longest;
	size_t n = stuck_waiting(k->m, k->p, &longest);
	char waited[TEXT_NUM];
	struct verdict *v;

	if (!n || (k->n && k->found[0].kind == VERDICT_DEADLOCK))
		return;
	v = verdict_say(k, VERDICT_STUCK, longest * n);
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
	char share[TEXT_NUM], n[TEXT_NUM], name[64];
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
	char share[TEXT_NUM], rate[TEXT_NUM], wakeup[TEXT_NUM], name[64];
	struct verdict *v;

	if (l->handoffs < VERDICT_EVENTS_MIN ||
	    !verdict_at_least(l->cross, l->handoffs, VERDICT_CROSS_MIN) ||
	    l->handoffs * 1000000000ull < VERDICT_CROSS_RATE * k->m->window_ns)
		return;
	v = verdict_say(k, VERDICT_BOUNCE, l->runnable_ns);
	verdict_put(v->what, "%s bounces between cores",
		    verdict_lock_name(name, l));
	verdict_put(v->evidence,
		    "%s of its handoffs go to another core (%s in all); a "
		    "wakeup then "
		    "takes %s (p50)",
		    text_percent(share, l->cross, l->handoffs),
		    text_rate(rate, l->handoffs, k->m->window_ns),
		    text_ns(wakeup, l->dist[GW_WAKEUP].p50));
	verdict_put(v->remedy,
		    "pin the process, or the threads that share the lock, to "
		    "one core (taskset)");
}

static void long_hold(struct look *k, const struct model_lock *l)
{
	uint64_t max = l->dist[GW_HOLD].max, limit = VERDICT_HOLD_NS;
	char length[TEXT_NUM], waited[TEXT_NUM], name[64];
	struct verdict *v;

	if (l->switch_interval_ns * VERDICT_HOLD_INTERVALS > limit)
		limit = l->switch_interval_ns * VERDICT_HOLD_INTERVALS;
	if (max == MODEL_UNKNOWN || max < limit || l->wait_ns < limit ||
	    verdict_waits_for_work(l))
		return;
	v = verdict_say(k, VERDICT_LONG_HOLD,
			max < l->wait_ns ? max : l->wait_ns);
	verdict_put(v->what, "a thread holds %s for long",
		    verdict_lock_name(name, l));
	verdict_put(v->evidence,
		    "longest hold %s while others waited %s in all",
		    text_ns(length, max), text_ns(waited, l->wait_ns));
	verdict_put(v->remedy,
		    l->kind == GW_KIND_GIL
			    ? "release the GIL in the extension, or split the "
			      "long call"
			    : "do less while holding it");
}

static void other_lock(struct look *k, const struct model_lock *l)
{
	char waited[TEXT_NUM], n[TEXT_NUM], gil[TEXT_NUM], name[64];
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

void verdict_lock(struct look *k, const struct model_lock *l)
{
	battle(k, l);
	bounce(k, l);
	long_hold(k, l);
	other_lock(k, l);
}
