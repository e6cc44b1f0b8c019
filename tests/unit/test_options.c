// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The command line: what it means, and one clear line for what is wrong. */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cmdline.h"
#include "options.h"
#include "text.h"

static void defaults(void **state)
{
	struct call *c = cmdline_good("");

	(void)state;
	assert_int_equal(c->o.interval_ns, OPTIONS_SECOND_NS);
	assert_int_equal(c->o.duration_ns, 0);
	assert_int_equal(c->o.stuck_ns, 2 * OPTIONS_SECOND_NS);
	assert_false(c->o.no_symbols);
	assert_int_equal(c->o.rows, 0);
	assert_int_equal(c->o.pid_count + c->o.name_count, 0);
	assert_null(c->o.command);
	assert_null(c->o.csv_dir);
	assert_false(c->o.quiet || c->o.verbose || c->o.plain || c->o.as_root);
	assert_false(c->o.sched_only || c->o.cost);
	cmdline_done(c);
}

static void everything_at_once(void **state)
{
	struct call *c =
		cmdline_good("-p 7 -c py* -i 0.25 -d 30 -n 12 --csv out "
			     "-qv --plain --stuck 0.5 --no-symbols "
			     "--probes=sched --cost");

	(void)state;
	assert_true(c->o.sched_only && c->o.cost);
	assert_int_equal(c->o.pid_count, 1);
	assert_int_equal(c->o.pids[0], 7);
	assert_int_equal(c->o.name_count, 1);
	assert_string_equal(c->o.names[0], "py*");
	assert_int_equal(c->o.interval_ns, 250000000);
	assert_int_equal(c->o.duration_ns, 30 * OPTIONS_SECOND_NS);
	assert_int_equal(c->o.stuck_ns, 500000000);
	assert_true(c->o.no_symbols);
	assert_int_equal(c->o.rows, 12);
	assert_string_equal(c->o.csv_dir, "out");
	assert_true(c->o.quiet && c->o.verbose && c->o.plain);
	assert_false(c->o.as_root);
	cmdline_done(c);
}

static void long_names_and_the_last_one_counts(void **state)
{
	struct call *c =
		cmdline_good("--pid=7 --comm=a --comm b --interval=3 -i 2 "
			     "--duration=5 --rows=3 -n4 --quiet --verbose");

	(void)state;
	assert_int_equal(c->o.pids[0], 7);
	assert_int_equal(c->o.name_count, 2);
	assert_string_equal(c->o.names[1], "b");
	assert_int_equal(c->o.interval_ns, 2 * OPTIONS_SECOND_NS);
	assert_int_equal(c->o.duration_ns, 5 * OPTIONS_SECOND_NS);
	assert_int_equal(c->o.rows, 4);
	assert_true(c->o.quiet && c->o.verbose);
	cmdline_done(c);
}

static void pids_are_sorted_and_merged(void **state)
{
	static const pid_t want[] = { 1, 5, 12, OPTIONS_PID_MAX };
	struct call *c = cmdline_good("-p 12,5,12 -p 4194304,1,5,0012");

	(void)state;
	assert_int_equal(c->o.pid_count, 4);
	assert_memory_equal(c->o.pids, want, sizeof(want));
	cmdline_done(c);
}

static void pids_with_junk(void **state)
{
	(void)state;
	cmdline_bad("-p 12,x", "-p 12,x: \"x\" is no process number");
	cmdline_bad("-p ,", "\"\" is no process number");
	cmdline_bad("-p 1,", "\"\" is no process number");
	cmdline_bad("-p ,1", "\"\" is no process number");
	cmdline_bad("-p 1,,2", "\"\" is no process number");
	cmdline_bad("-p ''", "\"\" is no process number");
	cmdline_bad("-p 0", "from 1 to 4194304");
	cmdline_bad("-p 4194305", "from 1 to 4194304");
	cmdline_bad("-p 99999999999", "from 1 to 4194304");
	cmdline_bad("-p 18446744073709551617", "from 1 to 4194304");
	cmdline_bad("-p -5", "\"-5\" is no process number");
	cmdline_bad("-p +5", "\"+5\"");
	cmdline_bad("-p 0x5", "\"0x5\"");
	cmdline_bad("-p 5x", "\"5x\"");
	cmdline_bad("-p 5;6", "\"5;6\"");
	cmdline_bad("-p 5 -p x", "\"x\"");
}

static void check_interval(const char *text, uint64_t want)
{
	char line[64];
	struct call *c;

	snprintf(line, sizeof(line), "-i %s", text);
	c = cmdline_good(line);
	assert_int_equal(c->o.interval_ns, want);
	cmdline_done(c);
}

static void seconds_are_exact(void **state)
{
	(void)state;
	check_interval("0.1", 100000000);
	check_interval("1", 1000000000);
	check_interval("1.", 1000000000);
	check_interval(".5", 500000000);
	check_interval("0.100000001", 100000001);
	check_interval("0.1000000019", 100000001);
	check_interval("2.999999999", 2999999999);
	check_interval("0000001", 1000000000);
	check_interval("86400", 86400 * OPTIONS_SECOND_NS);
	check_interval("86400.0000", 86400 * OPTIONS_SECOND_NS);
}

static void seconds_that_are_none(void **state)
{
	static const char *const junk[] = {
		"''",
		".",
		"x",
		"-1",
		"+1",
		"nan",
		"NaN",
		"inf",
		"-inf",
		"infinity",
		"0x10",
		"0x1p4",
		"1e1",
		"1s",
		"1..2",
		"1.2.3",
		"1,5",
		"1x",
		"1.x",
		"0",
		"0.0",
		"0.09",
		"0.099999999",
		"18446744073",
		"18446744074",
		"18446744073709551616",
		"99999999999999999999999999",
	};
	char line[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		snprintf(line, sizeof(line), "-i %s", junk[i]);
		cmdline_bad(line, "not a number of seconds from 0.1 to 86400");
		snprintf(line, sizeof(line), "-d %s", junk[i]);
		cmdline_bad(line,
			    "not a number of seconds from 0.1 to 31536000");
	}
	cmdline_bad("-i 86400.000000001", "to 86400");
	cmdline_bad("-i 86401", "to 86400");
	cmdline_bad("-d 31536000.1", "to 31536000");
	cmdline_done(cmdline_good("-d 31536000"));
	cmdline_done(cmdline_good("-d 0.1"));
}

static void rows(void **state)
{
	struct call *c;

	(void)state;
	c = cmdline_good("-n 1");
	assert_int_equal(c->o.rows, 1);
	cmdline_done(c);
	c = cmdline_good("-n 1000");
	assert_int_equal(c->o.rows, 1000);
	cmdline_done(c);
	cmdline_bad("--probes=all", "there are futex and sched");
	cmdline_bad("record --probes=sched -p 7",
		    "made of the futex calls: leave it out");
	cmdline_bad("-n 0", "whole number from 1 to 1000");
	cmdline_bad("-n 1001", "whole number from 1 to 1000");
	cmdline_bad("-n 1.5", "whole number from 1 to 1000");
	cmdline_bad("-n -1", "whole number from 1 to 1000");
	cmdline_bad("-n ''", "whole number from 1 to 1000");
	cmdline_bad("-n 99999999999999999999", "whole number from 1 to 1000");
}

static void locks_at_a_time(void **state)
{
	struct call *c;

	(void)state;
	c = cmdline_good("-p 1");
	assert_int_equal(c->o.max_locks, 0);
	cmdline_done(c);
	c = cmdline_good("--max-locks 1024");
	assert_int_equal(c->o.max_locks, 1024);
	cmdline_done(c);
	c = cmdline_good("--max-locks=100000");
	assert_int_equal(c->o.max_locks, 131072);
	cmdline_done(c);
	c = cmdline_good("record --max-locks 262144");
	assert_int_equal(c->o.max_locks, 262144);
	cmdline_done(c);
	cmdline_bad("--max-locks 1023", "whole number from 1024 to 262144");
	cmdline_bad("--max-locks 262145", "whole number from 1024 to 262144");
	cmdline_bad("--max-locks many", "whole number from 1024 to 262144");
}

static void unknown_options(void **state)
{
	(void)state;
	cmdline_bad("--foo", "unknown option --foo: see gilwatch --help");
	cmdline_bad("--foo=bar", "unknown option --foo: see");
	cmdline_bad("-z", "unknown option -z: see gilwatch --help");
	/* The culprit is named wherever it stands. */
	cmdline_bad("-qzv", "unknown option -z:");
	cmdline_bad("-v -qz", "unknown option -z:");
	cmdline_bad("-v -p 1 -zq", "unknown option -z:");
	cmdline_bad("-p -q -z", "\"-q\" is no process number");
	cmdline_bad("-i 2 --csv x --foo -z", "unknown option --foo:");
	cmdline_bad("--p 1", "option --p could be several");
	cmdline_bad("--quiet=yes", "option --quiet takes no value");
	cmdline_bad("-?", "unknown option -?:");
	cmdline_bad("--usage", "unknown option --usage:");
	cmdline_bad("--\x1b[2J", "unknown option --\\x1b[2J:");
	cmdline_bad(
		"--a-very-long-option-that-goes-on-and-on-and-on-and-on-and-on",
		"...: see gilwatch --help");
}

static void missing_values(void **state)
{
	(void)state;
	cmdline_bad("-p", "option -p needs a value: write -p PID[,PID...]");
	cmdline_bad("-qp", "option -p needs a value");
	cmdline_bad("-v -c", "option -c needs a value: write -c NAME");
	cmdline_bad("--csv", "option --csv needs a value: write --csv DIR");
	cmdline_bad("-q --interval", "option --interval needs a value");
	cmdline_bad("--csv ''", "--csv: empty");
	cmdline_bad("-c ''", "-c: empty");
}

static void commands(void **state)
{
	struct call *c = cmdline_good("-i 2 -- python3 -c x --csv -- y");

	(void)state;
	assert_ptr_equal(c->o.command, &c->argv[4]);
	assert_string_equal(c->o.command[0], "python3");
	assert_string_equal(c->o.command[1], "-c");
	assert_string_equal(c->o.command[4], "--");
	assert_null(c->o.command[6]);
	assert_null(c->o.csv_dir);
	assert_int_equal(c->o.interval_ns, 2 * OPTIONS_SECOND_NS);
	cmdline_done(c);

	c = cmdline_good("--as-root -- -odd-name");
	assert_true(c->o.as_root);
	assert_string_equal(c->o.command[0], "-odd-name");
	cmdline_done(c);
}

static void commands_that_do_not_go(void **state)
{
	(void)state;
	cmdline_bad("python3 -c x",
		    "to start a command write gilwatch -- python3");
	cmdline_bad("-q python3",
		    "to start a command write gilwatch -- python3");
	cmdline_bad("-q python3 -- x", "unexpected \"python3\"");
	cmdline_bad("-", "unexpected \"-\"");
	cmdline_bad("''", "unexpected \"\"");
	cmdline_bad("--", "no command after --");
	cmdline_bad("-- ''", "no command after --");
	cmdline_bad("-p 1 -- x", "-p and a command exclude each other");
	cmdline_bad("-c a -- x", "-c and a command exclude each other");
	cmdline_bad("--as-root", "--as-root is about a command");
	cmdline_bad("--as-root -p 1", "--as-root is about a command");
}

/* Help and version end it, whatever comes after. */
static void check_done(const char *line, const char *begin)
{
	struct call *c = cmdline_call(line);

	assert_int_equal(c->result, 1);
	assert_string_equal(c->err, "");
	assert_int_equal(strncmp(c->out, begin, strlen(begin)), 0);
	cmdline_done(c);
}

static void help_and_version(void **state)
{
	(void)state;
	check_done("-h", "Usage: gilwatch ");
	check_done("--help --foo", "Usage: gilwatch ");
	check_done("-p 1 -c x -h -p y", "Usage: gilwatch ");
	check_done("-V", "gilwatch " OPTIONS_VERSION "\n");
	check_done("-qV", "gilwatch " OPTIONS_VERSION "\n");
	check_done("--version", "gilwatch " OPTIONS_VERSION "\n");
	cmdline_bad("--foo --help", "unknown option --foo");
}

static void help_fits_the_terminal(void **state)
{
	static const char *const parts[] = {
		"What to watch",
		"How long",
		"Output",
		"Other",
		"Examples",
		"  -p, --pid PID[,PID...]  ",
		"      --csv DIR  ",
		"  -h, --help  ",
		"gilwatch [OPTION...] -- COMMAND [ARG...]",
	};
	struct call *c = cmdline_call("--help");
	char *line, *rest = c->out;
	size_t i, examples = 0;

	(void)state;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_non_null(strstr(c->out, parts[i]));
	while ((line = strsep(&rest, "\n"))) {
		assert_true(text_width(line) <= 80);
		assert_true(!*line || line[strlen(line) - 1] != ' ');
		examples += !strncmp(line, "  sudo gilwatch", 15);
	}
	assert_int_equal(examples, 3);
	cmdline_done(c);
}

static void help_that_cannot_be_written(void **state)
{
	static char *argv[] = { (char *)"gilwatch", (char *)"-h", NULL };
	FILE *full = fopen("/dev/full", "w");
	struct options o;
	size_t len;
	char *text;
	FILE *err;

	(void)state;
	assert_non_null(full);
	err = open_memstream(&text, &len);
	assert_int_equal(options_parse(&o, 2, argv, full, err), -EIO);
	fclose(err);
	assert_string_equal(
		text, "gilwatch: cannot write: No space left on device\n");
	free(text);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(everything_at_once),
		cmocka_unit_test(long_names_and_the_last_one_counts),
		cmocka_unit_test(pids_are_sorted_and_merged),
		cmocka_unit_test(pids_with_junk),
		cmocka_unit_test(seconds_are_exact),
		cmocka_unit_test(seconds_that_are_none),
		cmocka_unit_test(rows),
		cmocka_unit_test(locks_at_a_time),
		cmocka_unit_test(unknown_options),
		cmocka_unit_test(missing_values),
		cmocka_unit_test(commands),
		cmocka_unit_test(commands_that_do_not_go),
		cmocka_unit_test(help_and_version),
		cmocka_unit_test(help_fits_the_terminal),
		cmocka_unit_test(help_that_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
