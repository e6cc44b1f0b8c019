// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One page with everything, at the end. */
#include <errno.h>
#include <stdlib.h>

#include "html.h"
#include "outfile.h"
#include "sink.h"

struct html_out {
	struct sink_config config;
	struct outfile file;
	struct lanes lanes; /* of a run without events */
};

static void html_close(void *state)
{
	struct html_out *o = state;

	if (!o)
		return;
	outfile_close(&o->file);
	lanes_free(&o->lanes);
	free(o);
}

static int html_open(void **state, const struct sink_config *config,
		     char msg[SINK_MSG])
{
	struct html_out *o = calloc(1, sizeof(*o));
	int err;

	_Static_assert(SINK_MSG >= FILE_MSG, "room for a file's message");
	snprintf(msg, SINK_MSG, "out of memory");
	if (!o)
		return -ENOMEM;
	o->config = *config;
	err = outfile_open(&o->file, config->html, config->uid, config->gid,
			   msg);
	if (err)
		html_close(o);
	else
		*state = o;
	return err;
}

/* With a timeline at hand, intervals add nothing. */
static int html_interval(void *state, const struct model *m, char msg[SINK_MSG])
{
	struct html_out *o = state;
	int err = o->config.timeline ? 0 : lanes_add_interval(&o->lanes, m);

	if (err)
		snprintf(msg, SINK_MSG, "out of memory");
	return err;
}

static int make_page(struct html_out *o, const struct model *m)
{
	const struct timeline *t = o->config.timeline;
	struct buf page = { 0 };
	int err = 0;

	if (t)
		err = lanes_of_timeline(&o->lanes, t, LANES_PIECES_MAX);
	else
		lanes_sort(&o->lanes);
	if (!err) {
		html_page(&page, m, o->config.target, &o->lanes, t);
		err = buf_error(&page);
	}
	if (!err)
		err = outfile_write(&o->file, page.data, page.len);
	buf_free(&page);
	return err;
}

static int html_summary(void *state, const struct model *m, char msg[SINK_MSG])
{
	struct html_out *o = state;

	return outfile_end(&o->file, make_page(o, m), msg);
}

const struct sink sink_html = {
	.name = "html",
	.open = html_open,
	.interval = html_interval,
	.summary = html_summary,
	.close = html_close,
};
