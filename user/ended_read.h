/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_ENDED_READ_H
#define GILWATCH_ENDED_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "ended.h"

/*
 * The last record of a thread, out of what the kernel side has sent of it.
 *
 * live: gets it
 * m:    struct gw_ended, as far as it was sent
 * size: of that, in bytes
 *
 * Returns false where it is no such record.
 */
bool ended_read(struct gw_live *live, const struct gw_ended *m, size_t size);

#endif
