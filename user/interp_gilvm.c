// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * gilvm, the demo interpreter: its exported object `gilvm_gil` tells its own
 * words. The layout is that of workloads/gilvm/gil.h, version 1.
 */
#include <stdio.h>
#include <string.h>

#include "interp_priv.h"

#define MAGIC "gilvmGIL"
#define VERSION 1

enum policy { TICKS = 1, INTERVAL = 2, FAIR = 3, NONE = 4 };

/* The first 128 bytes of struct gilvm_gil. */
struct gilvm {
	char magic[8];
	uint32_t version;
	uint32_t size;
	uint32_t policy;
	uint32_t lock;
	uint64_t interval_ns;
	uint32_t locked;
	uint32_t last_holder;
	uint64_t switch_number;
	uint64_t wait_word[2];
	uint64_t inner_word;
	uint64_t switch_word[2];
	uint64_t switch_inner_word;
	uint32_t rest[8];
};
_Static_assert(sizeof(struct gilvm) == 128, "layout");

/* A word lies in the object itself, behind its head, and is aligned. */
static void add_word(struct search *s, uint64_t addr, const struct gilvm *g,
		     uint64_t word, enum gw_role role)
{
	if (!word)
		return;
	if (word < addr + sizeof(*g) || word - addr >= g->size || word & 3)
		interp_say(s, "gilvm: word 0x%jx is not in the lock: left out",
			   (uintmax_t)word);
	else
		interp_word(s, word, role);
}

static void fill(struct search *s, struct interp_lock *l, uint64_t addr,
		 const struct gilvm *g)
{
	static const char *const name[] = {
		[TICKS] = "ticks", [INTERVAL] = "interval", [FAIR] = "fair"
	};

	snprintf(l->name, sizeof(l->name), "gilvm GIL (%s)", name[g->policy]);
	l->interval_ns = g->interval_ns;
	l->at.switch_number = addr + offsetof(struct gilvm, switch_number);
	l->at.locked = addr + offsetof(struct gilvm, locked);
	l->at.holder_tid = addr + offsetof(struct gilvm, last_holder);
	l->at.interval = addr + offsetof(struct gilvm, interval_ns);
	l->at.interval_unit_ns = 1;
	l->at.interval_size = 8;
	add_word(s, addr, g, g->wait_word[0], GW_ROLE_WAIT);
	add_word(s, addr, g, g->wait_word[1], GW_ROLE_WAIT);
	add_word(s, addr, g, g->inner_word, GW_ROLE_INNER);
	add_word(s, addr, g, g->switch_word[0], GW_ROLE_SWITCH);
	add_word(s, addr, g, g->switch_word[1], GW_ROLE_SWITCH);
	add_word(s, addr, g, g->switch_inner_word, GW_ROLE_INNER);
}

void interp_gilvm(struct search *s, const struct image *image)
{
	struct interp_lock *l;
	struct gilvm g;
	uint64_t addr;

	if (interp_symbol(image, "gilvm_gil", &addr, NULL))
		return;
	if (mem_get(&s->src->mem, addr, &g, sizeof(g)) ||
	    memcmp(g.magic, MAGIC, sizeof(g.magic)) || g.version != VERSION ||
	    g.size < sizeof(g) || g.size > 4096 || g.policy < TICKS ||
	    g.policy > NONE) {
		s->out->later = true;
		interp_say(s, "%s: gilvm_gil at 0x%jx is not made yet",
			   image->name, (uintmax_t)addr);
		return;
	}
	if (g.policy == NONE) {
		s->out->gil_disabled = true;
		interp_say(s, "%s: gilvm runs without a lock", image->name);
		return;
	}
	interp_say(s, "%s: gilvm_gil at 0x%jx", image->name, (uintmax_t)addr);
	l = interp_add(s, INTERP_GILVM, INTERP_BY_SYMBOL, addr);
	if (l)
		fill(s, l, addr, &g);
}
