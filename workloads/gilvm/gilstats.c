// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counting: histograms, the matrix, the list of records. */
#include "gilstats.h"

#include <stdlib.h>
#include <string.h>

#include "gilstats_priv.h"

struct gil_stats *gil_stats_head;

unsigned int gil_hist_bucket(uint64_t ns)
{
	unsigned int power;

	if (ns < (1u << GIL_HIST_FIRST))
		return 0;
	power = 63 - (unsigned int)__builtin_clzll(ns);
	if (power >= GIL_HIST_LAST)
		return GIL_HIST_N - 1;
	return (power - GIL_HIST_FIRST) * GIL_HIST_SUB +
	       (unsigned int)((ns >> (power - 2)) & 3);
}

uint64_t gil_hist_low(unsigned int i)
{
	unsigned int power = GIL_HIST_FIRST + i / GIL_HIST_SUB;

	return (uint64_t)(GIL_HIST_SUB + i % GIL_HIST_SUB) << (power - 2);
}

struct gil_stats *gil_stats_new(void)
{
	struct gil_stats *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->next = gil_stats_head;
	gil_stats_head = s;
	return s;
}

void gil_stats_after_fork(struct gil_stats *own)
{
	struct gil_stats *s = gil_stats_head;
	struct gil_stats *next;

	for (; s; s = next) {
		next = s->next;
		free(s->from);
		if (s != own)
			free(s);
	}
	if (own)
		memset(own, 0, sizeof(*own));
	gil_stats_head = own;
}

static struct gil_from *find_from(struct gil_from *from, uint32_t size,
				  uint32_t tid)
{
	uint32_t i = tid * 2654435761u;

	while (from[i & (size - 1)].tid && from[i & (size - 1)].tid != tid)
		i++;
	return &from[i & (size - 1)];
}

static int grow_from(struct gil_stats *s)
{
	uint32_t size = s->from_size ? s->from_size * 2 : 16;
	struct gil_from *from = calloc(size, sizeof(*from));

	if (!from)
		return -1;
	for (uint32_t i = 0; i < s->from_size; i++) {
		if (s->from[i].tid)
			*find_from(from, size, s->from[i].tid) = s->from[i];
	}
	free(s->from);
	s->from = from;
	s->from_size = size;
	return 0;
}

static void count_from(struct gil_stats *s, uint32_t tid)
{
	struct gil_from *slot;

	if (s->from_used * 2 >= s->from_size && grow_from(s)) {
		s->lost_from++;
		return;
	}
	slot = find_from(s->from, s->from_size, tid);
	if (!slot->tid) {
		slot->tid = tid;
		s->from_used++;
	}
	slot->handoffs++;
}

void gil_stats_acquired(struct gil_stats *s, const struct gil_wait *w,
			uint32_t from, uint64_t wait_ns)
{
	s->acquired++;
	if (!w->waits)
		return;
	s->contended++;
	s->waits += w->waits;
	s->steals += w->steals;
	s->timeouts += w->timeouts;
	s->races += w->races;
	s->wait_ns += wait_ns;
	s->wait.count[gil_hist_bucket(wait_ns)]++;
	if (from && from != s->tid) {
		s->handoffs++;
		count_from(s, from);
	}
}

void gil_stats_released(struct gil_stats *s, uint64_t hold_ns)
{
	s->hold_ns += hold_ns;
	s->hold.count[gil_hist_bucket(hold_ns)]++;
}
