// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is known of single locks: the GIL's account, and who has a mutex. */
#include <inttypes.h>
#include <stdio.h>

#include "section.h"
#include "text.h"

/* Mutexes whose holders are told. */
#define HOLDERS_MAX 5

#define LINE_SIZE 512

static void gil_line(struct buf *out, const struct model_lock *l, size_t width)
{
	uint64_t waited = l->blocked_ns + l->runnable_ns;
	char interval[TEXT_NUM], busy[TEXT_NUM], asleep[TEXT_NUM];
	char no_cpu[TEXT_NUM], inner[TEXT_NUM], forced[TEXT_NUM];
	char line[LINE_SIZE];

	snprintf(line, sizeof(line),
		 "switch interval %s; somebody waits %s of the time; "
		 "waiters %" PRIu64 " now, %" PRIu64 " at most; "
		 "of the waits %s asleep, %s without a CPU; beside them "
		 "%s for its inner mutex, %s for forced switching",
		 l->switch_interval_ns
			 ? text_ns(interval, l->switch_interval_ns)
			 : "not known",
		 text_percent(busy, l->busy_ns, l->window_ns), l->open_waits,
		 l->waiters_max, text_percent(asleep, l->blocked_ns, waited),
		 text_percent(no_cpu, l->runnable_ns, waited),
		 text_ns(inner, l->inner_ns), text_ns(forced, l->switch_ns));
	buf_printf(out, "%s 0x%" PRIx64 "\n", *l->name ? l->name : "GIL",
		   l->id);
	section_text(out, "    ", line, width);
}

static void words_line(struct buf *out, const struct model_lock *l, size_t n,
		       size_t width)
{
	for (size_t i = 0; i < n; i++)
		if (model_lock_is_word(&l[i])) {
			section_text(
				out, "    ",
				"rows \"GIL word\": its words, as they were "
				"counted until it was found",
				width);
			return;
		}
}

static const char *thread_name(char buf[TEXT_COMM], const struct model *m,
			       const struct model_process *p, pid_t tid)
{
	const struct model_thread *t = m->threads + p->thread;

	for (size_t i = 0; i < p->threads; i++)
		if (t[i].tid == tid && !t[i].ended) {
			text_escape(buf, TEXT_COMM, t[i].comm, GW_COMM_LEN);
			return *buf ? buf : "?";
		}
	return "?";
}

static void holder_line(struct buf *out, const struct model *m,
			const struct model_process *p,
			const struct model_lock *l, size_t width)
{
	char name[TEXT_COMM], waits[TEXT_NUM], line[LINE_SIZE];

	snprintf(line, sizeof(line),
		 "0x%" PRIx64 " (%s): %s %s (%d), %s %s for it now", l->id,
		 model_lock_kind(l),
		 l->kind == GW_KIND_JOIN ? "ends with" : "held by",
		 thread_name(name, m, p, l->owner), (int)l->owner,
		 text_count(waits, l->open_waits),
		 l->open_waits == 1 ? "waits" : "wait");
	section_text(out, "", line, width);
}

void section_known(struct buf *out, const struct model *m,
		   const struct model_process *p, size_t width)
{
	const struct model_lock *l = m->locks + p->lock;
	size_t holders = 0;
	bool gil = false;

	for (size_t i = 0; i < p->locks; i++) {
		if (l[i].kind == GW_KIND_GIL) {
			gil_line(out, &l[i], width);
			gil = true;
		} else if (l[i].owner && holders++ < HOLDERS_MAX)
			holder_line(out, m, p, &l[i], width);
	}
	if (gil)
		words_line(out, l, p->locks, width);
}
