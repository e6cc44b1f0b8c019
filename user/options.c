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
	KEY_COST
};

/* What the table below needs; each is told its row and the value. */
#define SETTER(name)                                                           \
	static int name(struct option_parse *p, const struct option_row *row,  \
			char *arg)
SETTER(set_name);
SETTER(set_duration);
SETTER(set_stuck);
SETTER(set_lock);

#define FLAG(member) .flag = offsetof(struct options, member)

const struct option_row option_rows_watch[] = {
	{ 'p', "pid", "PID[,PID...]", WHAT, "these processes",
	  .set = option_set_pids },
	{ 'c', "comm", "NAME", WHAT,
	  "processes with this command or thread name; a glob\n"
	  "such as 'worker*'; may be given several times",
	  .set = set_name },
	{ KEY_AS_ROOT, "as-root", NULL, WHAT,
	  "run COMMAND as root, not as the user who called sudo",
	  FLAG(as_root) },
	{ KEY_LOCK, "lock", "0xADDR", WHAT,
	  "the GIL is this futex word, or the structure\n"
	  "around it",
	  .set = set_lock },
	{ KEY_NO_SYMBOLS, "no-symbols", NULL, WHAT,
	  "find the GIL by its futex calls alone, as in a\n"
	  "program without symbols",
	  FLAG(no_symbols) },
	{ 'i', "interval", "SEC", WHEN,
	  "time between two looks, 0.1 to 86400 (default: 1)",
	  .set = option_set_interval },
	{ 'd', "duration", "SEC", WHEN,
	  "stop after this time (default: when stopped by\n"
	  "Ctrl-C, or when what is watched has ended)",
	  .set = set_duration },
	{ KEY_STUCK, "stuck", "SEC", WHEN,
	  "threads that have waited for so long while nothing\n"
	  "moves are stuck, 0.1 to 86400 (default: 2)",
	  .set = set_stuck },
	{ 'n', "rows", "ROWS", OUTPUT,
	  "rows in a table, 1 to 1000 (default: what fits)",
	  .set = option_set_rows },
	{ KEY_CSV, "csv", "DIR", OUTPUT,
	  "write CSV tables into DIR, made if missing", .set = option_set_csv },
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
	{ KEY_EXPLAIN, "explain", NULL, OTHER,
	  "watch the process of -p for a second, tell how\n"
	  "its GIL is found, and end",
	  FLAG(explain) },
	{ KEY_COLUMNS, "columns", NULL, OTHER, "explain every column and end",
	  FLAG(columns) },
	{ 'h', "help", NULL, OTHER, "print this and end", .set = option_help },
	{ 'V', "version", NULL, OTHER, "print the version and end",
	  .set = option_version },
	{ 0 },
};

/* More rows than any command has. */
#define ROWS 40

static int hex_digit(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Decimal digits only, at most `max`; false for anything else. */
static bool read_number(const char *s, size_t n, uint64_t max, uint64_t *value)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(s[i] - '0');
		if (v > max)
			return false;
	}
	*value = v;
	return n > 0;
}

/*
 * Seconds with an optional fraction, in ns, exact; digits below a nanosecond
 * are dropped. Only plain decimal numbers: what strtod takes besides (signs,
 * exponents, hex, inf, nan, a locale's comma) is a slip more often than meant.
 */
static bool read_seconds(const char *s, uint64_t max_ns, uint64_t *ns)
{
	size_t whole = strcspn(s, "."), i;
	uint64_t seconds = 0, fraction = 0, scale = OPTIONS_SECOND_NS;
	bool dot = s[whole];

	if (whole &&
	    !read_number(s, whole, max_ns / OPTIONS_SECOND_NS, &seconds))
		return false;
	for (i = whole + 1; dot && s[i]; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		scale /= 10;
		fraction += scale * (uint64_t)(s[i] - '0');
	}
	*ns = seconds * OPTIONS_SECOND_NS + fraction;
	return (whole || (dot && s[1])) && *ns <= max_ns;
}

int option_set_seconds(struct option_parse *p, const struct option_row *row,
		       const char *arg, uint64_t min_ns, uint64_t max_ns,
		       uint64_t *ns)
{
	if (read_seconds(arg, max_ns, ns) && *ns >= min_ns)
		return 0;
	return option_wrong(
		p,
		"%s %s: not a number of seconds from %.1f to %llu: write "
		"it like 5 or 0.5",
		option_spelled(row).text, option_show(arg, SIZE_MAX).text,
		(double)min_ns / (double)OPTIONS_SECOND_NS,
		(unsigned long long)(max_ns / OPTIONS_SECOND_NS));
}

static int set_lock(struct option_parse *p, const struct option_row *row,
		    char *arg)
{
	uint64_t addr = 0;
	size_t i = 2;

	if (!strncmp(arg, "0x", 2))
		for (; isxdigit((unsigned char)arg[i]) && i < 2 + 16; i++)
			addr = addr << 4 | (uint64_t)hex_digit(arg[i]);
	if (i == 2 || arg[i] || !addr || addr % 4)
		return option_wrong(
			p,
			"%s %s: not the address of a futex word: write it as "
			"locks.csv does, like 0x7f49d2b4e6f0",
			option_spelled(row).text,
			option_show(arg, SIZE_MAX).text);
	p->o->lock = addr;
	return 0;
}

int option_set_interval(struct option_parse *p, const struct option_row *row,
			char *arg)
{
	return option_set_seconds(p, row, arg, OPTIONS_INTERVAL_MIN_NS,
				  OPTIONS_INTERVAL_MAX_NS, &p->o->interval_ns);
}

static int set_duration(struct option_parse *p, const struct option_row *row,
			char *arg)
{
	return option_set_seconds(p, row, arg, OPTIONS_DURATION_MIN_NS,
				  OPTIONS_DURATION_MAX_NS, &p->o->duration_ns);
}

static int set_stuck(struct option_parse *p, const struct option_row *row,
		     char *arg)
{
	return option_set_seconds(p, row, arg, OPTIONS_STUCK_MIN_NS,
				  OPTIONS_STUCK_MAX_NS, &p->o->stuck_ns);
}

int option_set_pids(struct option_parse *p, const struct option_row *row,
		    char *arg)
{
	const char *s = arg;
	uint64_t pid;
	pid_t *pids;
	size_t n;

	for (;; s += n + 1) {
		n = strcspn(s, ",");
		if (!read_number(s, n, OPTIONS_PID_MAX, &pid) || !pid)
			return option_wrong(
				p,
				"%s %s: \"%s\" is no process number: give "
				"numbers from 1 to %d with commas between",
				option_spelled(row).text,
				option_show(arg, SIZE_MAX).text,
				option_show(s, n).text, OPTIONS_PID_MAX);
		pids = reallocarray(p->o->pids, p->o->pid_count + 1,
				    sizeof(*pids));
		if (!pids)
			return ENOMEM;
		p->o->pids = pids;
		pids[p->o->pid_count++] = (pid_t)pid;
		if (!s[n])
			return 0;
	}
}

static int set_name(struct option_parse *p, const struct option_row *row,
		    char *arg)
{
	const char **names;

	if (!*arg)
		return option_wrong(p, "%s: empty: give a name such as python3",
				    option_spelled(row).text);
	names = reallocarray(p->o->names, p->o->name_count + 1, sizeof(*names));
	if (!names)
		return ENOMEM;
	p->o->names = names;
	names[p->o->name_count++] = arg;
	return 0;
}

int option_set_rows(struct option_parse *p, const struct option_row *row,
		    char *arg)
{
	uint64_t n;

	if (!read_number(arg, strlen(arg), OPTIONS_ROWS_MAX, &n) || !n)
		return option_wrong(p, "%s %s: not a whole number from 1 to %d",
				    option_spelled(row).text,
				    option_show(arg, SIZE_MAX).text,
				    OPTIONS_ROWS_MAX);
	p->o->rows = (unsigned int)n;
	return 0;
}

int option_check_file(struct option_parse *p, const struct option_row *row,
		      const char *arg)
{
	size_t n = strlen(arg);

	if (n && arg[n - 1] != '/')
		return 0;
	return option_wrong(p, "%s %s: not a file's name",
			    option_spelled(row).text,
			    option_show(arg, SIZE_MAX).text);
}

int option_set_html(struct option_parse *p, const struct option_row *row,
		    char *arg)
{
	int err = option_check_file(p, row, arg);

	if (err)
		return err;
	p->o->html = arg;
	return 0;
}

int option_set_csv(struct option_parse *p, const struct option_row *row,
		   char *arg)
{
	if (!*arg)
		return option_wrong(p, "%s: empty: give a folder",
				    option_spelled(row).text);
	p->o->csv_dir = arg;
	return 0;
}

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
