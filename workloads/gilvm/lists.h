/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What list.c and list_methods.c share. */
#ifndef GILVM_LISTS_H
#define GILVM_LISTS_H

#include "object.h"

extern struct native list_methods[];

/*
 * The block of a list and how many of its slots hold items; without a GIL
 * the two fit together, and a slot may be NULL.
 */
struct listblock *list_view(const struct obj *o, int64_t *n);

/* The block of l after making room for item n, or NULL with MemoryError. */
struct listblock *list_room(struct listobj *l, int64_t n);

/* Take item i (below the size) out; the caller gets the reference. */
struct obj *list_take(struct listobj *l, int64_t i);

/* Index into a sequence: negative counts from the end. -1: raised. */
int seq_index(struct obj *o, struct obj *key, const char *what, int64_t *out);

/* Sort v[0..n-1], stable, by key `<`. -1: a comparison failed. */
int sort_objs(struct obj **v, int64_t n, bool reverse);

#endif
