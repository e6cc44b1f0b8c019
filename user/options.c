// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options_table.h"

enum {
	KEY_AS_ROOT = KEY_LONG + 1,
	KEY_CSV,
	KEY_CSV_ALL,
	KEY_HTML,
	KEY_PLAIN,
	KEY_COLUMNS,
	KEY_LOCK,
	KEY_STUCK,
	KEY_NO_SYMBOLS,
	KEY_EXPLAIN,
	KEY_PROBES,
	KEY_COST,
	KEY_MAX_LOCKS
};

#define FLAG(member) .flag = offsetof(struct options, member)

const struct option_row option_rows_watch[] = {
	{ 'p', "pid", "PID[,PID...]", WHAT, "these processes",
	  .set = option_set_pids },
	{ 'c', "comm", "NAME", WHAT,
	  "processes with this command or thread name; a glob\n"
	  "such as 'worker*'; may be given several times",
	  .set = option_set_name },
	{ KEY_AS_ROOT, "as-root", NULL, WHAT,
	  "run COMMAND as root, not as the user who called sudo",
	  FLAG(as_root) },
	{ KEY_LOCK, "lock", "0xADDR", WHAT,
	  "the GIL is this futex word, or the structure\n"
	  "around it",
	  .set = option_set_lock },
	{ KEY_NO_SYMBOLS, "no-symbols", NULL, WHAT,
	  "find the GIL by its futex calls alone, as in a\n"
	  "program without symbols",
	  FLAG(no_symbols) },
	{ KEY_PROBES, "probes", "WAY", WHAT,
	  "futex (default), or sched: futex calls that sleep or\n"
	  "wake somebody, but at a lower cost",
	  .set = option_set_probes },
	{ 'i', "interval", "SEC", WHEN,
	  "time between two looks, 0.1 to 86400 (default: 1)",
	  .set = option_set_interval },
	{ 'd', "duration", "SEC", WHEN,
	  "stop after this time (default: when stopped by\n"
	  "Ctrl-C, or when what is watched has ended)",
	  .set = option_set_duration },
	{ KEY_STUCK, "stuck", "SEC", WHEN,
	  "threads that have waited for so long while nothing\n"
	  "moves are stuck, 0.1 to 86400 (default: 2)",
	  .set = option_set_stuck },
	OPTION_ROW_ROWS,
	OPTION_ROW_CSV(KEY_CSV),
	{ KEY_CSV_ALL, "csv-all", NULL, OUTPUT,
	  "with the columns that --columns marks with +", FLAG(csv_all) },
	{ KEY_HTML, "html", "FILE", OUTPUT,
	  "write a page with all figures and pictures at the\n"
	  "end",
	  .set = option_set_html },
	{ KEY_PLAIN, "plain", NULL, OUTPUT,
	  "print a block for each interval, no live screen", FLAG(plain) },
	{ 'q', "quiet", NULL, OUTPUT, "print only the summary at the end",
	  FLAG(quiet) },
	{ 'v', "verbose", NULL, OTHER, "say what gilwatch does on the way",
	  FLAG(verbose) },
	{ KEY_COST, "cost", NULL, OTHER,
	  "tell at the end what watching cost in the kernel", FLAG(cost) },
	{ KEY_MAX_LOCKS, "max-locks", "N", OTHER,
	  "locks told apart at a time, 1024 to 262144 (default:\n"
	  "16384); each takes 4.5 KiB of kernel memory",
	  .set = option_set_max_locks },
	{ KEY_EXPLAIN, "explain", NULL, OTHER,
	  "watch the process of -p for a second, tell how\n"
	  "its GIL is found, and end",
	  FLAG(explain) },
	{ KEY_COLUMNS, "columns", NULL, OTHER, "explain every column and end",
	  FLAG(columns) },
	OPTION_ROW_HELP,
	{ 'V', "version", NULL, OTHER, "print the version and end",
	  .set = option_version },
	{ 0 },
};

/* More rows than any command has. */
#define ROWS 40

/* The command is all the rest, with options of its own. */
int option_command_argument(struct option_parse *p, struct argp_state *state)
{
	int first = state->next - 1;

	if (!state->quoted)
		return option_wrong(
			p,
			"unexpected \"%s\": to start a command write "
			"gilwatch -- %s",
			option_show(p->argv[first], SIZE_MAX).text,
			option_show(p->argv[first], SIZE_MAX).text);
	p->o->command = p->argv + first;
	state->next = state->argc;
	return 0;
}

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

void option_merge_pids(struct options *o)
{
	size_t i, kept = 0;

	if (!o->pid_count)
		return;
	qsort(o->pids, o->pid_count, sizeof(*o->pids), compare_pids);
	for (i = 1; i < o->pid_count; i++)
		if (o->pids[i] != o->pids[kept])
			o->pids[++kept] = o->pids[i];
	o->pid_count = kept + 1;
}

/* What only the whole command line shows. */
int option_watch_together(struct option_parse *p,
			  const struct argp_state *state)
{
	struct options *o = p->o;

	if (state->quoted && (!o->command || !**o->command))
		return option_wrong(p, "no command after --: give one, such as "
				       "gilwatch -- python3 app.py");
	if (o->command && (o->pid_count || o->name_count))
		return option_wrong(
			p,
			"%s and a command exclude each other: watch "
			"running processes, or start one",
			o->pid_count ? "-p" : "-c");
	if (o->as_root && !o->command)
		return option_wrong(
			p, "--as-root is about a command: add -- COMMAND "
			   "or leave it out");
	option_merge_pids(o);
	return 0;
}

static error_t take(int key, char *arg, struct argp_state *state)
{
	struct option_parse *p = state->input;
	const struct option_row *row;

	if (key == ARGP_KEY_ARG)
		return p->command->argument(p, state);
	if (key == ARGP_KEY_END)
		return p->command->together(p, state);
	row = key > 0 ? option_find(p->command, key) : NULL;
	if (!row)
		return ARGP_ERR_UNKNOWN;
	p->next = state->next;
	if (row->set)
		return row->set(p, row, arg);
	*(bool *)((char *)p->o + row->flag) = true;
	return 0;
}

static int parse_all(struct option_parse *p)
{
	struct argp_option option[ROWS + 1] = { 0 };
	const struct argp argp = { .options = option, .parser = take };
	const struct option_row *row = NULL;

	for (size_t i = 0; i < ROWS && (row = option_next(p->command, row));
	     i++) {
		option[i].key = row->key;
		option[i].name = row->name;
		option[i].arg = row->arg;
	}
	return argp_parse(&argp, p->argc, p->argv,
			  ARGP_IN_ORDER | ARGP_NO_HELP | ARGP_NO_ERRS |
				  ARGP_NO_EXIT,
			  NULL, p);
}

static const struct option_command *command_of(int argc, char **argv)
{
	static const struct option_command *const commands[] = {
		&option_record,
		&option_report,
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (argc > 1 && !strcmp(argv[1], commands[i]->word))
			return commands[i];
	return &option_watch;
}

int options_parse(struct options *o, int argc, char **argv, FILE *out,
		  FILE *err)
{
	const struct option_command *command = command_of(argc, argv);
	int skip = command->word ? 1 : 0;
	struct option_parse p = {
		.o = o,
		.command = command,
		.argc = argc - skip,
		.argv = argv + skip,
		.out = out,
		.err = err,
		.next = 1,
	};
	int result;

	*o = (struct options){ .task = command->task,
			       .to_ns = UINT64_MAX,
			       .stuck_ns = 2 * OPTIONS_SECOND_NS };
	if (command->task != OPTIONS_REPORT)
		o->interval_ns = OPTIONS_SECOND_NS;
	result = parse_all(&p);
	if (!result)
		return 0;
	options_free(o);
	if (result == DONE)
		return 1;
	if (result == EINVAL && !p.said)
		option_refused(&p);
	if (result == ENOMEM)
		option_wrong(&p,
			     "out of memory while reading the command line");
	return -result;
}

void options_free(struct options *o)
{
	free(o->pids);
	free(o->names);
	*o = (struct options){ 0 };
}
