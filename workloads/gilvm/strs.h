/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What str.c, str_methods.c and the slices share. */
#ifndef GILVM_STRS_H
#define GILVM_STRS_H

#include "object.h"

extern struct native str_methods[], bytes_methods[];

/* Byte offset of character `index` (0 to the length) of a str or bytes. */
int64_t str_offset(const struct obj *o, int64_t index);

#endif
