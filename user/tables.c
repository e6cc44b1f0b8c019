// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "tables.h"

static uint32_t load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/* Tickets that are left are free entries. */
static uint32_t used(const struct gw_tickets *t, uint32_t size)
{
	uint32_t taken = load(&t->taken);

	return size - (load(&t->given) - taken);
}

/* The first tickets are for the entries in order. Kept, because tickets begin
 * anew after 2^32. */
static uint32_t end(const struct gw_tickets *t, uint32_t size, uint32_t *kept)
{
	uint32_t taken = load(&t->taken);

	if (taken > *kept)
		*kept = taken < size ? taken : size;
	return *kept;
}

uint32_t tables_locks_used(const struct tables *t)
{
	return used(&t->state->locks, t->locks_size);
}

uint32_t tables_edges_used(const struct tables *t)
{
	return used(&t->state->edges, t->edges_size);
}

uint32_t tables_locks_end(struct tables *t)
{
	return end(&t->state->locks, t->locks_size, &t->locks_end);
}

uint32_t tables_edges_end(struct tables *t)
{
	return end(&t->state->edges, t->edges_size, &t->edges_end);
}

bool tables_take_lock(struct tables *t, uint32_t *index)
{
	struct gw_tickets *tickets = &t->state->locks;
	uint32_t ticket = load(&tickets->taken), place;

	do {
		if (ticket == load(&tickets->given))
			return false;
	} while (!__atomic_compare_exchange_n(
		&tickets->taken, &ticket, ticket + 1, false, __ATOMIC_ACQ_REL,
		__ATOMIC_ACQUIRE));
	place = ticket & (t->locks_size - 1);
	*index = place + (uint32_t)t->lock_slots[place];
	return true;
}

static void give(struct gw_tickets *tickets, uint64_t *slots, uint32_t size,
		 uint32_t index)
{
	uint32_t place = tickets->given & (size - 1);

	slots[place] = index - place;
	__atomic_store_n(&tickets->given, tickets->given + 1, __ATOMIC_RELEASE);
}

void tables_give_lock(struct tables *t, uint32_t index)
{
	memset(&t->locks[index], 0, sizeof(t->locks[index]));
	give(&t->state->locks, t->lock_slots, t->locks_size, index);
}

void tables_give_edge(struct tables *t, uint32_t index)
{
	memset(&t->edges[index], 0, sizeof(t->edges[index]));
	give(&t->state->edges, t->edge_slots, t->edges_size, index);
}
