/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_RANK_H
#define GILWATCH_RANK_H

#include <stddef.h>

/*
 * Is one set of values shifted against another, or do they differ as values of
 * one set do among themselves? The rank test of Mann and Whitney (1947, Annals
 * of Mathematical Statistics 18, 50-60; the same as Wilcoxon's rank sum test).
 * It assumes no distribution, but that the values are independent.
 *
 * a, na; b, nb: the values; NAN is not allowed
 *
 * Exact, by counting all orders, where no value is there twice and both sets
 * have at most RANK_EXACT_MAX; else by the normal approximation with the
 * correction for ties and for continuity (Lehmann 1975, Nonparametrics,
 * sections 1.3 and 1.4).
 *
 * Returns the two-sided p: how probable a difference of ranks as large or
 * larger is when there is none; 1 where a set is empty or all values are equal.
 * Negative: out of memory.
 */
double rank_test(const double *a, size_t na, const double *b, size_t nb);

#define RANK_EXACT_MAX 20

#endif
