// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the libelf.a of Debian 13 (elfutils 0.192) uses and does not have: four
 * functions of elfutils' own, which are in its shared library. Linked into the
 * static build only, and only where the archive lacks them. A tree begins with
 * its root; its lock is left alone, as gilwatch has no threads.
 */
#define _GNU_SOURCE
#include <search.h>
#include <stddef.h>

typedef int compare_fn(const void *a, const void *b);

void eu_search_tree_init(void **tree);
void eu_search_tree_fini(void **tree, void (*free_node)(void *node));
void *eu_tsearch(const void *key, void **tree, compare_fn *compare);
void *eu_tdelete(const void *key, void **tree, compare_fn *compare);

void eu_search_tree_init(void **tree)
{
	*tree = NULL;
}

void eu_search_tree_fini(void **tree, void (*free_node)(void *node))
{
	tdestroy(*tree, free_node);
}

void *eu_tsearch(const void *key, void **tree, compare_fn *compare)
{
	return tsearch(key, tree, compare);
}

void *eu_tdelete(const void *key, void **tree, compare_fn *compare)
{
	return tdelete(key, tree, compare);
}
