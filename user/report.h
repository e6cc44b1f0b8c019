/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_REPORT_H
#define GILWATCH_REPORT_H

#include "options.h"
#include "sink.h"

/*
 * gilwatch report: plays a record and shows what came of it, as the live
 * outputs do.
 *
 * config: of the outputs; its target is replaced by the record's
 * msg:    on an error gets one line, without one when outputs have told theirs
 *
 * Returns 0 or a negative errno.
 */
int report(const struct options *o, const struct sink_config *config,
	   char msg[SINK_MSG]);

#endif
