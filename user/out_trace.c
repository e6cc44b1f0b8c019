// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A Perfetto trace of a run with events. */
#include <errno.h>
#include <stdlib.h>

#include "outfile.h"
#include "sink.h"
#include "timeline_trace.h"

struct trace_out {
	const struct timeline *timeline;
	struct outfile file;
};

static void trace_close(void *state)
{
	struct trace_out *o = state;

	if (o)
		outfile_close(&o->file);
	free(o);
}

static int trace_open(void **state, const struct sink_config *config,
		      char msg[SINK_MSG])
{
	struct trace_out *o = calloc(1, sizeof(*o));
	int err;

	snprintf(msg, SINK_MSG, "out of memory");
	if (!o)
		return -ENOMEM;
	o->timeline = config->timeline;
	err = outfile_open(&o->file, config->trace, config->uid, config->gid,
			   msg);
	if (err)
		trace_close(o);
	else
		*state = o;
	return err;
}

static int trace_interval(void *state, const struct model *m,
			  char msg[SINK_MSG])
{
	(void)state;
	(void)m;
	(void)msg;
	return 0;
}

static int trace_summary(void *state, const struct model *m, char msg[SINK_MSG])
{
	struct trace_out *o = state;
	int err = timeline_trace(o->timeline, outfile_write, &o->file);

	(void)m;
	return outfile_end(&o->file, err, msg);
}

const struct sink sink_trace = {
	.name = "trace",
	.open = trace_open,
	.interval = trace_interval,
	.summary = trace_summary,
	.close = trace_close,
};
