/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_FULL_WRITE_H
#define GILWATCH_FULL_WRITE_H

#include <stddef.h>

/*
 * Write all n bytes, however often the kernel takes only a part; waits where
 * the descriptor is one that does not.
 *
 * Returns 0, or a negative errno, then the rest is not written.
 */
int full_write(int fd, const void *data, size_t n);

#endif
