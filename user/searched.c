// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "now.h"
#include "searched.h"

/* Of a core: what the searches of many processes take at most when these are
 * new, and when nothing new is expected. */
#define NEW_SHARE 10
#define SETTLED_SHARE 100

/* So many processes are searched as often as it is good for them. */
#define FEW 10

/* The first that is not before this image; n: all are. */
static size_t place(const struct searched *s, uint32_t image)
{
	size_t low = 0, high = s->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (s->list[mid].image < image)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct searched_image *searched_find(const struct searched *s, uint32_t image)
{
	size_t i = place(s, image);

	return i < s->n && s->list[i].image == image ? &s->list[i] : NULL;
}

/* Numbers grow, so that it nearly always goes to the end. */
struct searched_image *searched_add(struct searched *s, uint32_t image,
				    pid_t pid)
{
	size_t i = place(s, image);

	if (array_grow(&s->list, s->n, &s->room))
		return NULL;
	memmove(&s->list[i + 1], &s->list[i], (s->n++ - i) * sizeof(*s->list));
	s->list[i] = (struct searched_image){ .image = image,
					      .pid = pid,
					      .begin_ns = now_ns(),
					      .pending = true,
					      .wait_ns = SEARCHED_FIRST_NS };
	return &s->list[i];
}

void searched_remove(struct searched *s, uint32_t image)
{
	struct searched_image *i = searched_find(s, image);

	if (!i)
		return;
	memmove(i, i + 1, (size_t)(s->list + --s->n - i) * sizeof(*i));
}

void searched_free(struct searched *s)
{
	free(s->list);
	*s = (struct searched){ 0 };
}

uint64_t searched_pause(const struct searched *s,
			const struct searched_image *image, uint64_t took_ns)
{
	bool settled = image->wait_ns == SEARCHED_LONGEST_NS;
	uint64_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += !s->list[i].done;
	if (n <= FEW)
		return 0;
	return took_ns * n * (settled ? SETTLED_SHARE : NEW_SHARE);
}
