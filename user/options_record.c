// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The command line of gilwatch record: that of gilwatch, and where to. */
#include <stdlib.h>
#include <string.h>

#include "gwr.h"
#include "options_table.h"

enum { KEY_MAX_SIZE = KEY_RECORD, KEY_FLIGHT, KEY_BUFFER };

/* Numbers with K, M or G behind them; in bytes. */
static bool read_bytes(const char *arg, uint64_t *bytes)
{
	static const char units[] = "KMG";
	const char *unit;
	unsigned long long n;
	char *end;

	if (*arg < '0' || *arg > '9')
		return false;
	errno = 0;
	n = strtoull(arg, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (errno || n > OPTIONS_BYTES_MAX || (*end && (!unit || end[1])))
		return false;
	*bytes = unit ? n << (10 * (unit - units + 1)) : n;
	return *bytes >= OPTIONS_BYTES_MIN && *bytes <= OPTIONS_BYTES_MAX;
}

static int set_bytes(struct option_parse *p, const struct option_row *row,
		     const char *arg, uint64_t *bytes)
{
	if (read_bytes(arg, bytes))
		return 0;
	return option_wrong(p,
			    "%s %s: not a size of 1M and more: write it like "
			    "64M or 2G",
			    option_spelled(row).text,
			    option_show(arg, SIZE_MAX).text);
}

static int set_max_size(struct option_parse *p, const struct option_row *row,
			char *arg)
{
	return set_bytes(p, row, arg, &p->o->max_bytes);
}

static int set_buffer(struct option_parse *p, const struct option_row *row,
		      char *arg)
{
	int err = set_bytes(p, row, arg, &p->o->buffer_bytes);

	if (!err && p->o->buffer_bytes > OPTIONS_BUFFER_MAX)
		return option_wrong(p, "%s %s: more than %lluM",
				    option_spelled(row).text,
				    option_show(arg, SIZE_MAX).text,
				    OPTIONS_BUFFER_MAX >> 20);
	return err;
}

static int set_flight(struct option_parse *p, const struct option_row *row,
		      char *arg)
{
	return option_set_seconds(p, row, arg, OPTIONS_SECOND_NS,
				  OPTIONS_FLIGHT_MAX_NS, &p->o->flight_ns);
}

static int set_file(struct option_parse *p, const struct option_row *row,
		    char *arg)
{
	int err = option_check_file(p, row, arg);

	if (err)
		return err;
	p->o->file = arg;
	return 0;
}

static const struct option_row rows[] = {
	{ 'o', "output", "FILE", RECORD, "default: " GWR_FILE,
	  .set = set_file },
	{ KEY_MAX_SIZE, "max-size", "SIZE", RECORD,
	  "the file grows up to this (like 500M or 2G), then\n"
	  "the oldest part goes (default: no limit)",
	  .set = set_max_size },
	{ KEY_FLIGHT, "flight", "SEC", RECORD,
	  "keep only the last seconds, in memory; write them\n"
	  "at the end, and at each SIGUSR1",
	  .set = set_flight },
	{ KEY_BUFFER, "buffer", "SIZE", RECORD,
	  "room for events between two readings (default:\n"
	  "16M); more where events are lost",
	  .set = set_buffer },
	{ 0 },
};

/* clang-format off: as it looks on the terminal */
static const char usage[] =
	"Usage: gilwatch record [OPTION...]\n"
	"       gilwatch record [OPTION...] -- COMMAND [ARG...]\n"
	"\n"
	"Watches as gilwatch does, and records each event into a file, from "
	"which\n"
	"gilwatch report shows the same again, and more.\n";

static const char example[] =
	"\n"
	"Examples:\n"
	"  sudo gilwatch record -- python3 app.py    into " GWR_FILE "\n"
	"  sudo gilwatch record -p 4711 --flight 30  what was before SIGUSR1\n"
	"  gilwatch report " GWR_FILE "              its summary\n";
/* clang-format on */

static int together(struct option_parse *p, const struct argp_state *state)
{
	if (!p->o->file)
		p->o->file = GWR_FILE;
	if (p->o->sched_only)
		return option_wrong(p, "--probes=sched: a record is made of "
				       "the futex calls: leave it out");
	return option_watch_together(p, state);
}

const struct option_command option_record = {
	.task = OPTIONS_RECORD,
	.word = "record",
	.usage = usage,
	.example = example,
	.rows = { option_rows_watch, rows },
	.argument = option_command_argument,
	.together = together,
};
