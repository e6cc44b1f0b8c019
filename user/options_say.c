// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <string.h>

#include "options_table.h"
#include "text.h"

#define HELP_COLUMN 26

static const char *const group_title[GROUPS] = {
	[WHAT] = "What to watch (default: all that contends for a lock)",
	[RECORD] = "The record",
	[WHEN] = "How long and how often",
	[OUTPUT] = "Output",
	[OTHER] = "Other",
};

/* clang-format off: as it looks on the terminal */
static const char usage_text[] =
	"Usage: gilwatch [OPTION...]\n"
	"       gilwatch [OPTION...] -- COMMAND [ARG...]\n"
	"       gilwatch record ...    also record all events into a file\n"
	"       gilwatch report FILE   show what is in a record\n"
	"       gilwatch diff A B      compare two runs\n"
	"\n"
	"Shows from outside how the threads of a program pass a lock around: "
	"how\n"
	"often, from whom to whom, who waits, and for how long.\n";

static const char example_text[] = "\n"
				   "Examples:\n"
				   "  sudo gilwatch                          "
				   "everything that contends, live\n"
				   "  sudo gilwatch -p 4711 -d 30 --csv out  "
				   "one process for 30 s, with tables\n"
				   "  sudo gilwatch -- python3 app.py        "
				   "start a command and watch it\n"
				   "\n"
				   "gilwatch record --help and gilwatch report "
				   "--help tell their options.\n";
/* clang-format on */

const struct option_command option_watch = {
	.usage = usage_text,
	.example = example_text,
	.rows = { option_rows_watch },
	.argument = option_command_argument,
	.together = option_watch_together,
};

static bool is_in(const struct option_row *rows, const struct option_row *row)
{
	while (rows != row && rows->name)
		rows++;
	return rows == row;
}

const struct option_row *option_next(const struct option_command *c,
				     const struct option_row *row)
{
	bool last = row && (!c->rows[1] || is_in(c->rows[1], row));

	row = row ? row + 1 : c->rows[0];
	if (!row->name && !last)
		row = c->rows[1];
	return row->name ? row : NULL;
}

const struct option_row *option_find(const struct option_command *c, int key)
{
	const struct option_row *row = NULL;

	while ((row = option_next(c, row)))
		if (row->key == key)
			break;
	return row;
}

int option_wrong(struct option_parse *p, const char *fmt, ...)
{
	va_list args;

	p->said = true;
	fputs("gilwatch: ", p->err);
	va_start(args, fmt);
	vfprintf(p->err, fmt, args);
	va_end(args);
	fputc('\n', p->err);
	return EINVAL;
}

struct option_shown option_show(const char *arg, size_t n)
{
	struct option_shown s;

	size_t room = sizeof(s.text) - strlen("...");

	if (text_escape(s.text, room, arg, n) >= room)
		strcat(s.text, "...");
	return s;
}

struct option_shown option_spelled(const struct option_row *row)
{
	struct option_shown s;

	if (row->key < KEY_LONG)
		snprintf(s.text, sizeof(s.text), "-%c", row->key);
	else
		snprintf(s.text, sizeof(s.text), "--%s", row->name);
	return s;
}

/* Tell whether everything reached the reader, then stop parsing. */
static int printed(struct option_parse *p)
{
	if (!fflush(p->out) && !ferror(p->out))
		return DONE;
	option_wrong(p, "cannot write: %s", strerror(errno));
	return EIO;
}

int option_version(struct option_parse *p, const struct option_row *row,
		   char *arg)
{
	(void)row;
	(void)arg;
	fprintf(p->out, "gilwatch %s\n", OPTIONS_VERSION);
	return printed(p);
}

static void print_row(FILE *out, const struct option_row *row)
{
	const char *line = row->help;
	int used, n;

	used = row->key < KEY_LONG ? fprintf(out, "  -%c, ", row->key)
				   : fprintf(out, "      ");
	used += fprintf(out, "--%s%s%s", row->name, row->arg ? " " : "",
			row->arg ? row->arg : "");
	if (used + 2 > HELP_COLUMN) {
		fputc('\n', out);
		used = 0;
	}
	for (;; used = 0, line += n + 1) {
		n = (int)strcspn(line, "\n");
		fprintf(out, "%*s%.*s\n", HELP_COLUMN - used, "", n, line);
		if (!line[n])
			return;
	}
}

static void print_group(struct option_parse *p, enum option_group group)
{
	const struct option_row *row = NULL;
	bool any = false;

	while ((row = option_next(p->command, row))) {
		if (row->group != group)
			continue;
		if (!any)
			fprintf(p->out, "\n%s:\n",
				p->command->task == OPTIONS_REPORT &&
						group == WHAT
					? "What to show"
					: group_title[group]);
		any = true;
		print_row(p->out, row);
	}
}

int option_help(struct option_parse *p, const struct option_row *row, char *arg)
{
	(void)row;
	(void)arg;
	fputs(p->command->usage, p->out);
	for (enum option_group group = 0; group < GROUPS; group++)
		print_group(p, group);
	fputs(p->command->example, p->out);
	return printed(p);
}

static const char *named(const struct option_parse *p)
{
	switch (p->command->task) {
	case OPTIONS_RECORD:
		return "gilwatch record";
	case OPTIONS_REPORT:
		return "gilwatch report";
	default:
		return "gilwatch";
	}
}

/* Why getopt did not take the long option at s, which starts with "--". */
static int wrong_long(struct option_parse *p, const char *s)
{
	const struct option_row *row = NULL, *found = NULL;
	size_t n = strcspn(s, "=");
	int matches = 0;

	while ((row = option_next(p->command, row))) {
		if (strncmp(row->name, s + 2, n - 2))
			continue;
		found = row;
		if (strlen(found->name) == n - 2) {
			matches = 1;
			break;
		}
		matches++;
	}
	if (!matches)
		return option_wrong(p, "unknown option %s: see %s --help",
				    option_show(s, n).text, named(p));
	if (matches > 1)
		return option_wrong(p,
				    "option %s could be several: write it out",
				    option_show(s, n).text);
	if (s[n])
		return option_wrong(
			p, "option --%s takes no value: leave out \"%s\"",
			found->name, option_show(s + n, SIZE_MAX).text);
	return option_wrong(p, "option --%s needs a value: write --%s %s",
			    found->name, found->name, found->arg);
}

int option_refused(struct option_parse *p)
{
	const char *s = p->argv[p->next];
	const struct option_row *row = NULL;

	if (!strncmp(s, "--", 2))
		return wrong_long(p, s);
	while (*++s) {
		row = option_find(p->command, (unsigned char)*s);
		if (!row || row->arg)
			break;
	}
	if (row && row->arg)
		return option_wrong(p, "option -%c needs a value: write -%c %s",
				    row->key, row->key, row->arg);
	return option_wrong(p, "unknown option -%s: see %s --help",
			    option_show(s, 1).text, named(p));
}
