/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_CONTEND_H
#define GILWATCH_TEST_CONTEND_H

#include <stdatomic.h>
#include <stdint.h>

/* Two threads that take turns on a futex word, and count how often they had to
 * wait. For programs that the tests start. */
struct contend {
	_Atomic uint32_t *word; /* whose turn it is, 0 or 1 */
	unsigned int rounds;    /* turns of each */
};

/* What one of the two did. */
struct contend_side {
	int tid;
	unsigned int waits;
};

/* A page at the same address in every process; ends the process if that
 * address is taken. The memory is private. */
_Atomic uint32_t *contend_page(void);

/* Takes the turns of side 0 or 1. */
struct contend_side contend_turns(const struct contend *c, unsigned int side);

/* Both sides, side 0 here and side 1 in a thread of its own that ends. */
void contend_both(const struct contend *c, struct contend_side sides[2]);

#endif
