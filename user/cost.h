/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_COST_H
#define GILWATCH_COST_H

#include <stdio.h>

#include "probe.h"

/*
 * Write what each program in the kernel has cost so far, those that ran, the
 * dearest first. Needs a probe that was made with `cost` set. Returns 0 or a
 * negative errno.
 */
int cost_write(const struct probe *p, FILE *out);

#endif
