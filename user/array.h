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

/*
 * Make room for n elements; those that are new are zeroed.
 *
 * array, room: as above
 *
 * Returns 0, or -ENOMEM and nothing has changed.
 */
#define array_reserve(array, n, room)                                          \
	array_reserve_bytes((array), (n), (room), sizeof(**(array)))

static inline int array_reserve_bytes(void *array, size_t n, size_t *room,
				      size_t size)
{
	void *old, *bigger;

	memcpy(&old, array, sizeof(old));
	if (old && n <= *room)
		return 0;
	n += n / 4 + 1;
	bigger = reallocarray(old, n, size);
	if (!bigger)
		return -ENOMEM;
	memset((char *)bigger + *room * size, 0, (n - *room) * size);
	memcpy(array, &bigger, sizeof(bigger));
	*room = n;
	return 0;
}

#endif
