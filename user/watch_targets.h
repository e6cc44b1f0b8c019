/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_WATCH_TARGETS_H
#define GILWATCH_WATCH_TARGETS_H

#include "watch.h"

/*
 * Watch the processes that have got a name of -c since the last look. Those
 * that were found before are watched already, which a second time does not
 * change. Returns 0 or a negative errno.
 */
int watch_rescan(struct watch *w);

#endif
