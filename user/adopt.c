// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdlib.h>

#include "adopt.h"
#include "array.h"
#include "condvar.h"
#include "mem.h"

/* A condition variable that has been entered: its waiters come in numbers. */
struct pair {
	uint32_t image;
	uint64_t addr;
};

struct adoption {
	struct probe *probe;
	struct recognise *recognise;
	struct pair *pairs;
	size_t count, room;
};

static bool is_condvar(const struct gw_sleeper *s)
{
	struct condvar_view view;
	struct mem_process process;
	struct mem mem;
	int err;

	if ((s->op & (__u32)FUTEX_CMD_MASK) != FUTEX_WAIT_BITSET)
		return false;
	mem_process_open(&process, (pid_t)s->tgid);
	mem = mem_of_process(&process);
	err = mem_get(&mem, (s->addr & ~7ull) - CONDVAR_BEFORE, &view,
		      sizeof(view));
	mem_process_close(&process);
	return !err && condvar_is(&view, (s->addr >> 2) & 1);
}

static bool entered(const struct adoption *a, const struct pair *p)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->pairs[i].image == p->image &&
		    a->pairs[i].addr == p->addr)
			return true;
	return false;
}

static int remember(struct adoption *a, const struct pair *p)
{
	if (array_grow(&a->pairs, a->count, &a->room))
		return -ENOMEM;
	a->pairs[a->count++] = *p;
	return 0;
}

/* A full lock table is no reason to stop: the kernel counts what is lost. */
static int on_sleeper(void *ctx, const struct gw_sleeper *s)
{
	struct adoption *a = ctx;
	struct pair pair = { .image = s->image, .addr = s->addr & ~7ull };
	const struct probe_word words[] = {
		{ .addr = pair.addr, .role = GW_ROLE_WAIT },
		{ .addr = pair.addr + 4, .role = GW_ROLE_WAIT },
	};
	uint32_t index;

	if (a->recognise)
		recognise_image(a->recognise, s->image, (pid_t)s->tgid);
	if (entered(a, &pair) || !is_condvar(s) ||
	    probe_knows(a->probe, s->image, s->addr))
		return 0;
	probe_add_lock(a->probe, pair.image, (pid_t)s->tgid, pair.addr,
		       GW_KIND_COND, words, 2, &index);
	return remember(a, &pair);
}

int adopt(struct probe *p, struct recognise *recognise)
{
	struct adoption a = { .probe = p, .recognise = recognise };
	int err = probe_adopt(p, on_sleeper, &a);

	free(a.pairs);
	return err;
}
