// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* gilvm: runs a subset of Python under a choice of global locks. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builtins.h"
#include "errors.h"
#include "eval.h"
#include "out.h"
#include "process.h"
#include "values.h"

static const char usage[] =
	"Usage: gilvm [OPTION]... FILE [ARGUMENT]...\n"
	"Run a program in a subset of Python under a global interpreter lock.\n"
	"\n"
	"  --gil=POLICY       interval (CPython 3.2+; default), ticks (CPython "
	"2),\n"
	"                     fair (tickets), none (no lock)\n"
	"  --lock=KIND        for ticks: sem (default) or cond\n"
	"  --interval=S       switch interval, seconds (0.005)\n"
	"  --check=N          for ticks: check interval, ticks (100)\n"
	"  --stats=FILE       write what happened to the lock to FILE, as "
	"JSON\n"
	"  --dis              print the bytecode instead of running it\n"
	"  --help             print this\n";

enum {
	OPT_GIL = 256,
	OPT_LOCK,
	OPT_INTERVAL,
	OPT_CHECK,
	OPT_STATS,
	OPT_DIS,
	OPT_HELP
};

static const struct option options[] = {
	{ "gil", required_argument, NULL, OPT_GIL },
	{ "lock", required_argument, NULL, OPT_LOCK },
	{ "interval", required_argument, NULL, OPT_INTERVAL },
	{ "check", required_argument, NULL, OPT_CHECK },
	{ "stats", required_argument, NULL, OPT_STATS },
	{ "dis", no_argument, NULL, OPT_DIS },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static int bad_value(const char *option, const char *value, const char *want)
{
	fprintf(stderr, "gilvm: --%s=%s: use %s\n", option, value, want);
	return -EINVAL;
}

static int read_policy(struct settings *s, const char *v)
{
	static const char *const names[] = { "", "ticks", "interval", "fair",
					     "none" };

	for (int i = GIL_TICKS; i <= GIL_NONE; i++) {
		if (!strcmp(v, names[i])) {
			s->policy = (enum gil_policy)i;
			return 0;
		}
	}
	return bad_value("gil", v, "interval, ticks, fair or none");
}

static int read_lock(struct settings *s, const char *v)
{
	if (!strcmp(v, "sem"))
		s->lock = GIL_LOCK_SEM;
	else if (!strcmp(v, "cond"))
		s->lock = GIL_LOCK_COND;
	else
		return bad_value("lock", v, "sem or cond");
	return 0;
}

static int read_interval(struct settings *s, const char *v)
{
	char *end;
	double d = strtod(v, &end);

	if (end == v || *end || !(d >= 1e-6 && d <= 60))
		return bad_value("interval", v, "seconds from 0.000001 to 60");
	s->interval_ns = (uint64_t)(d * 1e9);
	return 0;
}

static int read_check(struct settings *s, const char *v)
{
	char *end;
	long n = strtol(v, &end, 10);

	if (end == v || *end || n < 1 || n > INT32_MAX)
		return bad_value("check", v, "a number of ticks from 1");
	s->check_interval = (uint32_t)n;
	return 0;
}

static int read_option(struct settings *s, int opt)
{
	switch (opt) {
	case OPT_GIL:
		return read_policy(s, optarg);
	case OPT_LOCK:
		return read_lock(s, optarg);
	case OPT_INTERVAL:
		return read_interval(s, optarg);
	case OPT_CHECK:
		return read_check(s, optarg);
	case OPT_STATS:
		s->stats_file = optarg;
		return 0;
	case OPT_DIS:
		s->dis = true;
		return 0;
	case OPT_HELP:
		fputs(usage, stdout);
		exit(0);
	default:
		return -EINVAL;
	}
}

static int read_options(struct settings *s, int argc, char **argv)
{
	int opt, err = 0;

	while (!err && (opt = getopt_long(argc, argv, "+", options, NULL)) >= 0)
		err = read_option(s, opt);
	if (!err && optind == argc) {
		fputs("gilvm: no program given; gilvm --help says more\n",
		      stderr);
		err = -EINVAL;
	}
	s->program = argv[optind];
	s->argc = argc - optind;
	s->argv = argv + optind;
	return err;
}

static int show_syntax_error(const struct source *src,
			     const struct syntax_error *err)
{
	int len;
	const char *line = source_line(src, err->line, &len);

	fprintf(stderr,
		"  File \"%s\", line %d, column %d\n    %.*s\n"
		"SyntaxError: %s\n",
		src->name, err->line, err->col, len, line, err->message);
	return 1;
}

static int run(struct codeobj *code)
{
	bool interrupted = false;
	struct obj *r;
	int status = 0;

	vm_init_globals();
	builtins_resolve();
	vm_set_global("__name__", str_from("__main__"));
	vm_set_global("__doc__", newref(code->doc ? code->doc : &none_obj));
	r = eval_code(code, NULL);
	if (!r)
		status = err_exit_status(&interrupted);
	xdecref(r);
	if (interrupted) {
		/* Ended by Ctrl-C: the parent shall see just that. */
		out_flush_held();
		signal(SIGINT, SIG_DFL);
		raise(SIGINT);
	}
	return status;
}

static int run_program(const struct settings *s)
{
	struct syntax_error err;
	struct source src;
	struct codeobj *code;
	int e = source_read(&src, s->program);

	if (e) {
		fprintf(stderr, "gilvm: cannot read %s: %s\n", s->program,
			strerror(-e));
		return 1;
	}
	code = compile_program(&src, &vm.names, &err);
	if (!code)
		return show_syntax_error(&src, &err);
	if (!s->dis)
		return run(code);
	dis_print(stdout, code, &vm.names);
	return fflush(stdout) ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct settings s = {
		.policy = GIL_INTERVAL,
		.lock = GIL_LOCK_SEM,
		.interval_ns = 5000000,
		.check_interval = 100,
	};
	int err = read_options(&s, argc, argv);

	if (err)
		return 2;
	err = process_start(&s);
	if (err) {
		fprintf(stderr, "gilvm: cannot make the lock: %s\n",
			strerror(-err));
		return 1;
	}
	process_end(run_program(&s));
}
