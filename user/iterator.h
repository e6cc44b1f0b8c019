/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_ITERATOR_H
#define GILWATCH_ITERATOR_H

#include <stddef.h>

/* Takes one record; a negative return ends the reading. */
typedef int (*iterator_take_fn)(void *ctx, const void *record);

/*
 * Run a BPF iterator and read what it writes: records of one size.
 *
 * link: descriptor of the iterator's link
 * size: of a record, bytes
 *
 * Returns 0, take's negative result, or a negative errno.
 */
int iterator_read(int link, size_t size, iterator_take_fn take, void *ctx);

#endif
