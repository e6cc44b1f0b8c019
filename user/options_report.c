// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The command line of gilwatch report. */
#include <stdlib.h>
#include <string.h>

#include "gwr.h"
#include "options_table.h"

enum { KEY_FROM = KEY_REPORT, KEY_TO, KEY_CSV, KEY_HTML, KEY_TRACE };

static int set_from(struct option_parse *p, const struct option_row *row,
		    char *arg)
{
	return option_set_seconds(p, row, arg, 0, OPTIONS_DURATION_MAX_NS,
				  &p->o->from_ns);
}

static int set_to(struct option_parse *p, const struct option_row *row,
		  char *arg)
{
	return option_set_seconds(p, row, arg, 0, OPTIONS_DURATION_MAX_NS,
				  &p->o->to_ns);
}

static int set_trace(struct option_parse *p, const struct option_row *row,
		     char *arg)
{
	int err = option_check_file(p, row, arg);

	if (err)
		return err;
	p->o->trace = arg;
	return 0;
}

static const struct option_row rows[] = {
	{ 'p', "pid", "PID[,PID...]", WHAT, "only these processes",
	  .set = option_set_pids },
	{ KEY_FROM, "from", "SEC", WHAT, "only what was after this time",
	  .set = set_from },
	{ KEY_TO, "to", "SEC", WHAT,
	  "only what was before it; both count from the\n"
	  "beginning of the watching",
	  .set = set_to },
	{ 'i', "interval", "SEC", OUTPUT,
	  "also a block, and rows in the tables, for each\n"
	  "interval, 0.1 to 86400",
	  .set = option_set_interval },
	OPTION_ROW_ROWS,
	OPTION_ROW_CSV(KEY_CSV),
	{ KEY_HTML, "html", "FILE", OUTPUT,
	  "write a page with verdicts, timeline, histograms\n"
	  "and tables",
	  .set = option_set_html },
	{ KEY_TRACE, "trace", "FILE", OUTPUT,
	  "write the timeline as a Perfetto trace, to be\n"
	  "opened at ui.perfetto.dev",
	  .set = set_trace },
	OPTION_ROW_HELP,
	{ 0 },
};

/* clang-format off: as it looks on the terminal */
static const char usage[] =
	"Usage: gilwatch report [OPTION...] FILE\n"
	"\n"
	"Shows what gilwatch record has put into FILE. Needs no root.\n";

static const char example[] =
	"\n"
	"Examples:\n"
	"  gilwatch report " GWR_FILE "                  the summary again\n"
	"  gilwatch report --from 2 --to 3 " GWR_FILE "  of one second\n";
/* clang-format on */

static int argument(struct option_parse *p, struct argp_state *state)
{
	const char *arg = p->argv[state->next - 1];

	if (p->o->file)
		return option_wrong(p, "unexpected \"%s\": give one FILE",
				    option_show(arg, SIZE_MAX).text);
	p->o->file = arg;
	return 0;
}

static int together(struct option_parse *p, const struct argp_state *state)
{
	(void)state;
	if (!p->o->file || !*p->o->file)
		return option_wrong(p, "no file: write gilwatch report FILE");
	if (p->o->to_ns <= p->o->from_ns)
		return option_wrong(p, "--to is not after --from");
	option_merge_pids(p->o);
	return 0;
}

const struct option_command option_report = {
	.task = OPTIONS_REPORT,
	.word = "report",
	.usage = usage,
	.example = example,
	.rows = { rows },
	.argument = argument,
	.together = together,
};
