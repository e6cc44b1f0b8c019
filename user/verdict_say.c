// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What all verdicts are made with. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "verdict_priv.h"

bool verdict_at_least(uint64_t part, uint64_t whole, uint64_t percent)
{
	return whole && (unsigned __int128)part * 100 >=
				(unsigned __int128)whole * percent;
}

uint64_t verdict_times(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

struct verdict *verdict_say(struct look *k, enum verdict_kind kind,
			    uint64_t cost_ns)
{
	struct verdict *v = &k->found[k->n++];

	*v = (struct verdict){ .kind = kind, .cost_ns = cost_ns };
	return v;
}

void verdict_put(char text[VERDICT_TEXT], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, VERDICT_TEXT, format, args);
	va_end(args);
}

const char *verdict_thread_name(char buf[TEXT_COMM],
				const struct model_thread *t)
{
	text_escape(buf, TEXT_COMM, t->comm, GW_COMM_LEN);
	return *buf ? buf : "?";
}

const char *verdict_lock_name(char buf[LOCK_NAME], const struct model_lock *l)
{
	if (l->kind == GW_KIND_GIL)
		snprintf(buf, LOCK_NAME, "the %s", *l->name ? l->name : "GIL");
	else
		snprintf(buf, LOCK_NAME, "lock 0x%" PRIx64 " (%s)", l->id,
			 *l->name ? l->name : model_lock_kind(l));
	return buf;
}

bool verdict_waits_for_work(const struct model_lock *l)
{
	return l->kind == GW_KIND_COND || l->kind == GW_KIND_JOIN ||
	       (l->kind == GW_KIND_SEM && !l->mutual);
}
