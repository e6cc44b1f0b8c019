// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* No lock: every thread runs as it likes. */
#include "gil.h"

static int none_init(struct gilvm_gil *g)
{
	g->lock = GIL_LOCK_NONE;
	return 0;
}

static void none_take(struct gilvm_gil *g, struct gil_thread *t,
		      struct gil_wait *w)
{
	(void)g;
	(void)t;
	(void)w;
}

static void none_drop(struct gilvm_gil *g, struct gil_thread *t)
{
	(void)g;
	(void)t;
}

const struct gil_ops gil_ops_none = {
	.name = "none",
	.init = none_init,
	.take = none_take,
	.drop = none_drop,
};
