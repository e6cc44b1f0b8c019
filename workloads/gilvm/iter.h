/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Iterators; the evaluation loop knows the one of range. */
#ifndef GILVM_ITER_H
#define GILVM_ITER_H

#include "object.h"

enum iter_kind { ITER_RANGE, ITER_SEQ, ITER_ENUMERATE, ITER_ZIP };

struct iterobj {
	struct obj base;
	enum iter_kind kind;
	int64_t i, step, left;
	struct obj *a; /* the sequence, or inner iterator(s) */
};

static inline struct iterobj *as_iter(struct obj *o)
{
	return (struct iterobj *)o;
}

/* enumerate(src, start) */
struct obj *iter_enumerate(struct obj *src, int64_t start);

/* zip() of a tuple of iterators; takes the reference over. */
struct obj *iter_zip(struct obj *iters);

#endif
