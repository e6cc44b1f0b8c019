// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cost.h"
#include "text.h"

#define PROGRAMS_MAX 64

struct costs {
	struct probe_cost row[PROGRAMS_MAX];
	size_t n;
};

static int take(void *ctx, const struct probe_cost *cost)
{
	struct costs *c = ctx;

	if ((cost->runs || cost->skipped) && c->n < PROGRAMS_MAX)
		c->row[c->n++] = *cost;
	return 0;
}

static int dearest_first(const void *a, const void *b)
{
	uint64_t x = ((const struct probe_cost *)a)->ns;
	uint64_t y = ((const struct probe_cost *)b)->ns;

	return (x < y) - (x > y);
}

static void write_row(FILE *out, const struct probe_cost *c)
{
	char runs[TEXT_NUM], each[TEXT_NUM], all[TEXT_NUM], skipped[TEXT_NUM];
	uint64_t mean = c->runs ? c->ns / c->runs : 0;

	fprintf(out, "%-24s %8s %9s %9s %8s\n", c->program,
		text_count(runs, c->runs), text_ns(each, mean),
		text_ns(all, c->ns), text_count(skipped, c->skipped));
}

int cost_write(const struct probe *p, FILE *out)
{
	struct costs c = { .n = 0 };
	int err = probe_read_costs(p, take, &c);

	if (err)
		return err;
	qsort(c.row, c.n, sizeof(*c.row), dearest_first);
	fprintf(out,
		"\nCost of the programs in the kernel, with the clock "
		"that measures it\n%-24s %8s %9s %9s %8s\n",
		"PROGRAM", "RUNS", "EACH", "ALL", "SKIPPED");
	for (size_t i = 0; i < c.n; i++)
		write_row(out, &c.row[i]);
	return fflush(out) ? -errno : 0;
}
