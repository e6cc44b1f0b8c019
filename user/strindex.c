// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "strindex.h"

struct node {
	size_t number;
	const char *key; /* its text follows, in the tree */
	char text[];
};

static int by_key(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	return strcmp(x->key, y->key);
}

size_t strindex_find(const struct strindex *s, const char *key)
{
	const struct node want = { .key = key };
	void *found = tfind(&want, &s->root, by_key);

	return found ? (*(struct node **)found)->number : STRINDEX_NONE;
}

size_t strindex_add(struct strindex *s, const char *key)
{
	size_t number = strindex_find(s, key), size = strlen(key) + 1;
	struct node *node;

	if (number != STRINDEX_NONE)
		return number;
	node = malloc(sizeof(*node) + size);
	if (!node)
		return STRINDEX_NONE;
	memcpy(node->text, key, size);
	node->key = node->text;
	node->number = s->n;
	if (!tsearch(node, &s->root, by_key)) {
		free(node);
		return STRINDEX_NONE;
	}
	return s->n++;
}

void strindex_free(struct strindex *s)
{
	tdestroy(s->root, free);
	*s = (struct strindex){ 0 };
}
