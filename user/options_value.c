// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The values of options: numbers, times, names, addresses. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "options_table.h"
#include "table.h"

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

int option_set_lock(struct option_parse *p, const struct option_row *row,
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

int option_set_duration(struct option_parse *p, const struct option_row *row,
			char *arg)
{
	return option_set_seconds(p, row, arg, OPTIONS_DURATION_MIN_NS,
				  OPTIONS_DURATION_MAX_NS, &p->o->duration_ns);
}

int option_set_stuck(struct option_parse *p, const struct option_row *row,
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

int option_set_name(struct option_parse *p, const struct option_row *row,
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

static int set_number(struct option_parse *p, const struct option_row *row,
		      const char *arg, unsigned int least, unsigned int most,
		      unsigned int *number)
{
	uint64_t n;

	if (!read_number(arg, strlen(arg), most, &n) || n < least)
		return option_wrong(
			p, "%s %s: not a whole number from %u to %u",
			option_spelled(row).text,
			option_show(arg, SIZE_MAX).text, least, most);
	*number = (unsigned int)n;
	return 0;
}

int option_set_rows(struct option_parse *p, const struct option_row *row,
		    char *arg)
{
	return set_number(p, row, arg, 1, TABLE_ROWS_MAX, &p->o->rows);
}

/* The table's size is a power of two. */
int option_set_max_locks(struct option_parse *p, const struct option_row *row,
			 char *arg)
{
	unsigned int size = OPTIONS_LOCKS_MIN, n = 0;
	int err = set_number(p, row, arg, OPTIONS_LOCKS_MIN, OPTIONS_LOCKS_MAX,
			     &n);

	if (err)
		return err;
	while (size < n)
		size *= 2;
	p->o->max_locks = size;
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

int option_set_probes(struct option_parse *p, const struct option_row *row,
		      char *arg)
{
	(void)row;
	p->o->sched_only = !strcmp(arg, "sched");
	if (p->o->sched_only || !strcmp(arg, "futex"))
		return 0;
	return option_wrong(p, "--probes %s: there are futex and sched",
			    option_show(arg, SIZE_MAX).text);
}
