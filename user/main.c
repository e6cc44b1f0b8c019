// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* options -> privileges -> targets -> probe -> loop -> summary */
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine.h"
#include "describe.h"
#include "diff_cmd.h"
#include "explain.h"
#include "cost.h"
#include "file.h"
#include "options.h"
#include "priv.h"
#include "report.h"
#include "section.h"
#include "standard.h"
#include "tui_screen.h"
#include "watch.h"

/* Exit statuses; a command's own is returned as it is. */
enum { EXIT_TROUBLE = 1, EXIT_USAGE = 2 };

/* Root stays root. */
static const struct priv_user nobody = { .set = false };

/* Everything that main has to give back. */
struct run {
	struct options options;
	struct priv_user user;
	struct launch launch;
	struct watch watch;
	char target[DESCRIBE_TEXT];
	bool screen;                /* the live screen serves */
	char no_screen[SCREEN_MSG]; /* why it does not; "": not wanted */
	char output[PATH_MAX]; /* of the command, beside the screen; "": here */
};

static int complain(const char *msg, int status)
{
	fprintf(stderr, "gilwatch: %s\n", msg);
	return status;
}

/* ---- steps: each returns 0 or an exit status, after one line on stderr ----
 */

static int check(struct run *r)
{
	char msg[PRIV_MSG];

	if (priv_check(stderr))
		return EXIT_TROUBLE;
	if (priv_sudo_user(&r->user, msg))
		return complain(msg, EXIT_TROUBLE);
	if (watch_signals(&r->options))
		return complain(strerror(errno), EXIT_TROUBLE);
	return 0;
}

static int find_targets(struct run *r)
{
	struct target_list *list = &r->watch.targets;
	const struct options *o = &r->options;
	char msg[TARGET_MSG];

	for (size_t i = 0; i < o->pid_count; i++) {
		if (target_check(o->pids[i], msg))
			return complain(msg, EXIT_TROUBLE);
		if (target_list_add(list, o->pids[i]))
			return complain("out of memory", EXIT_TROUBLE);
	}
	if (o->name_count &&
	    target_find("/proc", o->names, o->name_count, list))
		return complain("cannot read /proc", EXIT_TROUBLE);
	return 0;
}

/* Why there is none is told when all else has worked: an error is one line. */
static void choose_screen(struct run *r)
{
	if (!r->options.plain && !r->options.quiet)
		r->screen = screen_usable(r->no_screen);
}

/* The command's own output would tear the screen. */
static int open_output(struct run *r, int *fd)
{
	*fd = -1;
	if (!r->screen)
		return 0;
	*fd = launch_output_file(r->output, &r->user);
	if (*fd >= 0)
		return 0;
	fprintf(stderr,
		"gilwatch: cannot make a file for the command's output (%s): "
		"try --plain\n",
		strerror(-*fd));
	return EXIT_TROUBLE;
}

static int prepare_command(struct run *r)
{
	const struct options *o = &r->options;
	char msg[LAUNCH_MSG];
	int err, output;

	if (!o->command)
		return 0;
	err = open_output(r, &output);
	if (err)
		return err;
	err = launch_prepare_apart(&r->launch, o->command,
				   o->as_root ? &nobody : &r->user, output);
	if (output >= 0)
		close(output);
	if (err)
		return complain(launch_explain(msg, o->command[0], err),
				EXIT_TROUBLE);
	r->watch.launch = &r->launch;
	return 0;
}

static struct sink_config output_config(const struct run *r)
{
	const struct options *o = &r->options;

	return (struct sink_config){
		.out = stdout,
		.width = standard_width(),
		.rows = o->rows,
		.quiet = o->quiet || r->screen,
		.interval_ns = o->interval_ns,
		.output = *r->output ? r->output : NULL,
		.target = r->target,
		.csv_dir = o->csv_dir,
		.csv_all = o->csv_all,
		.html = o->html,
		.trace = o->trace,
		.uid = r->user.set ? r->user.uid : FILE_KEEP_UID,
		.gid = r->user.set ? r->user.gid : FILE_KEEP_GID,
	};
}

static int open_outputs(struct run *r)
{
	const struct sink_config config = output_config(r);
	const struct options *o = &r->options;
	char msg[SINK_MSG];

	if (watch_open(&r->watch, &sink_plain, &config, msg))
		return complain(msg, EXIT_TROUBLE);
	if (o->csv_dir && watch_open(&r->watch, &sink_csv, &config, msg))
		return complain(msg, EXIT_TROUBLE);
	if (o->html && watch_open(&r->watch, &sink_html, &config, msg))
		return complain(msg, EXIT_TROUBLE);
	return 0;
}

static int start_record(struct run *r, char msg[GWR_MSG])
{
	const struct options *o = &r->options;
	const struct gwr_config config = {
		.path = o->file,
		.uid = r->user.set ? r->user.uid : FILE_KEEP_UID,
		.gid = r->user.set ? r->user.gid : FILE_KEEP_GID,
		.max_bytes = o->max_bytes,
		.keep_ns = o->flight_ns,
	};
	struct gwr_info info = { .all = options_named(o) };

	collect_retire_nothing(r->watch.collect);
	gwr_info_here(&info);
	collect_start(r->watch.collect, &info.start_ns, &info.start_unix_ns);
	snprintf(info.made_by, sizeof(info.made_by), "%s", OPTIONS_VERSION);
	snprintf(info.target, sizeof(info.target), "%s", r->target);
	return recorder_new(&r->watch.recorder, r->watch.probe, &config, &info,
			    msg);
}

/* Before anything is read that others have written. */
static int give_up_privileges(struct run *r)
{
	/* Only root may ask a command that runs as root to end. */
	if (priv_drop(r->options.as_root ? &nobody : &r->user))
		return complain("cannot give up privileges", EXIT_TROUBLE);
	confine_self(stderr);
	return 0;
}

static int attach(struct run *r)
{
	const struct options *o = &r->options;
	const struct probe_config config = {
		.watch_all = !o->pid_count && !o->name_count && !o->command,
		.sched_only = o->sched_only,
		.cost = o->cost,
		.tell_names = o->name_count > 0,
		.verbose = o->verbose,
		.record = o->task == OPTIONS_RECORD,
		.buffer = o->buffer_bytes,
		.locks = o->max_locks,
	};
	const struct recognise_config search = {
		.lock = o->lock,
		.no_symbols = o->no_symbols,
		.verbose = o->verbose,
	};
	char msg[PROBE_MSG], why[GWR_MSG];

	if (probe_new(&r->watch.probe, &config, msg))
		return complain(msg, EXIT_TROUBLE);
	r->watch.collect = collect_new(r->watch.probe);
	r->watch.recognise = recognise_new(r->watch.probe, &search);
	if (!r->watch.collect || !r->watch.recognise)
		return complain("out of memory", EXIT_TROUBLE);
	if (o->task == OPTIONS_RECORD && start_record(r, why))
		return complain(why, EXIT_TROUBLE);
	if (give_up_privileges(r))
		return EXIT_TROUBLE;
	if (watch_targets(&r->watch, why))
		return complain(why, EXIT_TROUBLE);
	return 0;
}

static int start_command(struct run *r)
{
	const char *command;
	char msg[LAUNCH_MSG];
	int err;

	if (!r->watch.launch)
		return 0;
	command = r->options.command[0];
	err = launch_go(&r->launch);
	if (err)
		return complain(launch_explain(msg, command, err),
				launch_status(err));
	return 0;
}

/* As late as can be: what goes wrong before is told on the normal screen. */
static void open_screen(struct run *r)
{
	const struct sink_config config = output_config(r);
	char msg[SINK_MSG];

	if (!r->screen && *r->no_screen)
		complain(r->no_screen, 0);
	if (!r->screen)
		fprintf(stderr, "gilwatch: watching %s; Ctrl-C ends it\n",
			r->target);
	else if (watch_open(&r->watch, &sink_tui, &config, msg))
		complain(msg, 0);
}

static void tell_output(const struct run *r)
{
	if (*r->output)
		fprintf(stderr, "gilwatch: the command's output is in %s\n",
			r->output);
}

static int run(struct run *r)
{
	int status = 0, err;

	choose_screen(r);
	if ((status = check(r)) || (status = find_targets(r)) ||
	    (status = prepare_command(r)) || (status = open_outputs(r)) ||
	    (status = attach(r)) || (status = start_command(r)))
		return status;
	open_screen(r);
	err = watch_run(&r->watch, &status);
	tell_output(r);
	if (!err && r->options.cost)
		err = cost_write(r->watch.probe, stdout);
	if (err)
		status = complain(strerror(-err), EXIT_TROUBLE);
	standard_end();
	return status;
}

static int explain_columns(void)
{
	struct buf out = { 0 };
	int err;

	section_columns(&out);
	err = buf_write(&out, stdout);
	buf_free(&out);
	return err ? complain(strerror(-err), EXIT_TROUBLE) : 0;
}

static int explain_search(const struct options *o)
{
	const struct recognise_config config = {
		.lock = o->lock,
		.no_symbols = o->no_symbols,
	};
	char msg[EXPLAIN_MSG];
	struct buf out = { 0 };
	int err, failed;

	if (!o->pid_count)
		return complain("--explain needs -p PID", EXIT_USAGE);
	failed = explain(o->pids, o->pid_count, &config, &out, msg);
	err = buf_write(&out, stdout);
	buf_free(&out);
	if (failed)
		return complain(msg, EXIT_TROUBLE);
	return err ? complain(strerror(-err), EXIT_TROUBLE) : 0;
}

/* Needs neither privileges nor the kernel. */
static int show_record(struct run *r)
{
	const struct sink_config config = output_config(r);
	char msg[SINK_MSG];

	/* Anybody may have made the record. */
	confine_self(stderr);
	return report(&r->options, &config, msg) ? complain(msg, EXIT_TROUBLE)
						 : 0;
}

int main(int argc, char **argv)
{
	struct run r = { .launch = LAUNCH_NONE };
	int status;

	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || standard_hold())
		return EXIT_TROUBLE;
	setlocale(LC_CTYPE, "");
	if (argc > 1 && !strcmp(argv[1], "diff"))
		return diff_command(argc - 1, argv + 1, stdout, stderr,
				    standard_width());
	switch (options_parse(&r.options, argc, argv, stdout, stderr)) {
	case 0:
		break;
	case 1:
		return 0;
	case -EINVAL:
		return EXIT_USAGE;
	default:
		return EXIT_TROUBLE;
	}
	r.watch.options = &r.options;
	describe(r.target, &r.options);
	if (r.options.columns)
		status = explain_columns();
	else if (r.options.explain)
		status = explain_search(&r.options);
	else if (r.options.task == OPTIONS_REPORT)
		status = show_record(&r);
	else
		status = run(&r);
	watch_close(&r.watch);
	launch_cancel(&r.launch);
	options_free(&r.options);
	return status;
}
