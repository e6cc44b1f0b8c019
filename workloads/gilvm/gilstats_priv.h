/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The list of records, shared by the counting and the writing half. */
#ifndef GILVM_GILSTATS_PRIV_H
#define GILVM_GILSTATS_PRIV_H

#include "gilstats.h"

/* All records, newest first; changed only by the holder of the lock. */
extern struct gil_stats *gil_stats_head;

#endif
