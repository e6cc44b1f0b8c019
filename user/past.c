// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "past.h"

void past_free(struct past *p)
{
	free(p->ended);
	free(p->rests);
	free(p->images);
	*p = (struct past){ 0 };
}

/* ---- processes ------------------------------------------------------------
 */

struct snapshot_image *past_image(const struct past *p, uint32_t image)
{
	const struct snapshot_image key = { .image = image };

	if (!p->nimages)
		return NULL;
	return bsearch(&key, p->images, p->nimages, sizeof(key),
		       snapshot_by_image);
}

/* Numbers only grow: a new one nearly always goes to the end. */
static struct snapshot_image *add_image(struct past *p,
					const struct snapshot_image *image)
{
	size_t i = p->nimages;

	if (array_grow(&p->images, p->nimages, &p->images_room))
		return NULL;
	for (; i && p->images[i - 1].image > image->image; i--)
		p->images[i] = p->images[i - 1];
	p->images[i] = *image;
	p->nimages++;
	return &p->images[i];
}

static struct snapshot_image *
remember(struct past *p, const struct gw_live *live, uint32_t window)
{
	const struct snapshot_image new = { .image = live->thread.image,
					    .tgid = live->thread.tgid,
					    .added = window };
	struct snapshot_image *i = past_image(p, new.image);

	if (!i)
		i = add_image(p, &new);
	if (i)
		memcpy(i->comm, live->names.process, GW_COMM_LEN);
	return i;
}

int past_alive(struct past *p, const struct gw_live *live, uint32_t window)
{
	struct snapshot_image *i = remember(p, live, window);

	if (!i)
		return -ENOMEM;
	i->alive = window;
	return 0;
}

int past_nameless(struct past *p, uint32_t image, uint32_t tgid,
		  uint32_t window)
{
	const struct snapshot_image new = {
		.image = image, .tgid = tgid, .comm = "?", .added = window
	};

	return past_image(p, image) || add_image(p, &new) ? 0 : -ENOMEM;
}

bool past_is_over(const struct snapshot_image *i, uint32_t window)
{
	return i->tgid && i->added < window && i->alive < window;
}

uint32_t past_sum(struct past *p, const char comm[GW_COMM_LEN],
		  uint32_t *numbers)
{
	struct snapshot_image new = { .folded = 0 }, *i;
	size_t names = 0;

	for (i = p->images; i < p->images + p->nimages; i++) {
		if (i->tgid)
			continue;
		if (!strncmp(i->comm, comm, GW_COMM_LEN))
			return i->image;
		names++;
	}
	if (names >= PAST_PROCESS_NAMES &&
	    strncmp(comm, snapshot_others, GW_COMM_LEN))
		return past_sum(p, snapshot_others, numbers);
	new.image = __atomic_add_fetch(numbers, 1, __ATOMIC_RELAXED);
	strncpy(new.comm, comm, GW_COMM_LEN);
	return add_image(p, &new) ? new.image : 0;
}

/* ---- threads --------------------------------------------------------------
 */

int past_ended(struct past *p, const struct gw_live *live, uint32_t window)
{
	if (array_grow(&p->ended, p->nended, &p->ended_room))
		return -ENOMEM;
	p->ended[p->nended++] =
		(struct snapshot_thread){ .live = *live, .ended = true };
	return remember(p, live, window) ? 0 : -ENOMEM;
}

static long rest_new(struct past *p, const struct snapshot_image *image,
		     const char comm[GW_COMM_LEN], uint32_t *serials)
{
	struct snapshot_thread *new;
	struct gw_thread *t;

	if (array_grow(&p->rests, p->nrests, &p->rests_room))
		return -ENOMEM;
	new = &p->rests[p->nrests];
	*new = (struct snapshot_thread){ .ended = true };
	strncpy(new->live.names.comm, comm, GW_COMM_LEN);
	memcpy(new->live.names.process, image->comm, GW_COMM_LEN);
	t = &new->live.thread;
	t->serial = __atomic_add_fetch(serials, 1, __ATOMIC_RELAXED);
	t->image = image->image;
	t->tgid = image->tgid;
	t->lock = GW_NO_LOCK;
	return (long)p->nrests++;
}

long past_rest(struct past *p, const struct snapshot_image *image,
	       const char comm[GW_COMM_LEN], uint32_t *serials)
{
	size_t names = 0;

	for (size_t i = 0; i < p->nrests; i++) {
		if (p->rests[i].live.thread.image != image->image)
			continue;
		if (!strncmp(p->rests[i].live.names.comm, comm, GW_COMM_LEN))
			return (long)i;
		names++;
	}
	if (names >= PAST_THREAD_NAMES &&
	    strncmp(comm, snapshot_others, GW_COMM_LEN))
		return past_rest(p, image, snapshot_others, serials);
	return rest_new(p, image, comm, serials);
}
