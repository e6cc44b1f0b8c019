/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_ARRAY_H
#define GILWATCH_ARRAY_H

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/*
 * Make room for one more element at the end of an array from malloc.
 *
 * array: where the array's address is kept; NULL there: none yet
 * n:     elements in use
 * room:  elements allocated; grows by doubling
 *
 * Returns 0, or -ENOMEM and nothing has changed.
 */
#define array_grow(array, n, room)                                             \
	array_grow_bytes((array), (n), (room), sizeof(**(array)))

static inline int array_grow_bytes(void *array, size_t n, size_t *room,
				   size_t size)
{
	size_t more = *room ? *room * 2 : 16;
	void *old, *bigger;

	if (n < *room)
		return 0;
	memcpy(&old, array, sizeof(old));
	bigger = reallocarray(old, more, size);
	if (!bigger)
		return -ENOMEM;
	memcpy(array, &bigger, sizeof(bigger));
	*room = more;
	return 0;
}

#endif
