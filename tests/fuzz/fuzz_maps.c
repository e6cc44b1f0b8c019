// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any text as /proc/PID/maps: what comes out is in order and within bounds. */
#include <stdlib.h>
#include <string.h>

#include "maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct maps *m)
{
	const struct maps_range *r;
	size_t i;

	for (i = 0; i < m->count; i++) {
		r = &m->range[i];
		if (r->start >= r->end || (i && r->start < r[-1].end))
			abort();
		if (maps_at(m, r->start) != r || maps_at(m, r->end - 1) != r)
			abort();
		if (strchr(r->path, '\n'))
			abort();
	}
	if (m->count > MAPS_RANGES_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct maps m;

	if (maps_parse(&m, (const char *)data, size))
		return 0;
	check(&m);
	maps_free(&m);
	return 0;
}
