/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * --gil=none: objects come from chunks that are never freed and that can be
 * walked at the end, to compare each object's racing counts with what the
 * threads counted for themselves.
 */
#ifndef GILVM_RACY_H
#define GILVM_RACY_H

#include "object.h"

/* obj_alloc() of this mode; ends the program when memory is short. */
void *racy_alloc(const struct type *t, size_t size);

#endif
