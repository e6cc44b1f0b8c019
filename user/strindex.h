/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_STRINDEX_H
#define GILWATCH_STRINDEX_H

#include <stddef.h>

/* Numbers strings: 0, 1, 2 ... in the order in which they are first seen. A
 * zeroed struct is empty. */
struct strindex {
	void *root; /* of a tree, see tsearch(3) */
	size_t n;
};

#define STRINDEX_NONE ((size_t)-1)

/* The number of a string, which is copied where it is new. STRINDEX_NONE: out
 * of memory. */
size_t strindex_add(struct strindex *s, const char *key);

/* The same, STRINDEX_NONE where it has none yet. */
size_t strindex_find(const struct strindex *s, const char *key);

/* Give everything back and zero it. */
void strindex_free(struct strindex *s);

#endif
