// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "ended_read.h"

static void read_part(struct gw_thread *t, const struct ended_part *part)
{
	struct hist *hist = part->response ? &t->response : &t->wakeup;
	__u32 first = part->group * HIST_GROUP, place;

	memcpy(hist->count + first, part->count, sizeof(part->count));
	for (__u32 i = 0; i < HIST_GROUP && part->response; i++) {
		place = ended_upper(first + i);
		if (place != ENDED_NO_UPPER)
			t->response_upper.count[place] = part->upper[i];
	}
}

static bool fits(const struct gw_ended *m, size_t size)
{
	if (size < offsetof(struct gw_ended, part) || m->parts > ENDED_PARTS ||
	    size < offsetof(struct gw_ended, part) +
			    m->parts * sizeof(struct ended_part))
		return false;
	for (__u32 i = 0; i < m->parts; i++)
		if (m->part[i].group >= HIST_GROUPS)
			return false;
	return true;
}

bool ended_read(struct gw_live *live, const struct gw_ended *m, size_t size)
{
	if (!fits(m, size))
		return false;
	memset(live, 0, sizeof(*live));
	live->names = m->names;
	live->now_ns = m->now_ns;
	memcpy(&live->thread, m->thread, sizeof(m->thread));
	for (__u32 i = 0; i < m->parts; i++)
		read_part(&live->thread, &m->part[i]);
	return true;
}
