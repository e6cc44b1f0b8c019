// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builtins.h"
#include "gilstats.h"
#include "out.h"
#include "signals.h"
#include "threads.h"
#include "usdt.h"

static const char *stats_file;
static pid_t first_pid;
static uint64_t start_ns;

int process_start(const struct settings *s)
{
	struct gil_stats *stats = NULL;
	int err;

	vm_racy = s->policy == GIL_NONE;
	stats_file = s->stats_file;
	first_pid = getpid();
	start_ns = gil_now_ns();
	err = gil_init(s->policy, s->lock, s->interval_ns, s->check_interval);
	if (err)
		return err;
	if (stats_file) {
		threads_want_stats();
		stats = gil_stats_new();
	}
	tstate_init_main();
	tstate_enter(ts_self, stats);
	gil_take(&ts_self->gil);
	out_init();
	signals_init();
	sys_set_argv(s->argc, s->argv);
	builtins_init();
	threads_init(stats);
	return 0;
}

void process_after_fork(void)
{
	struct gil_stats *stats = ts_self->gil.stats;
	char name[16] = "";

	if (stats)
		memcpy(name, stats->name, sizeof(name));
	gil_after_fork();
	gil_stats_after_fork(stats);
	out_after_fork();
	start_ns = gil_now_ns();
	tstate_enter(ts_self, stats);
	if (stats)
		memcpy(stats->name, name, sizeof(name));
	gil_take(&ts_self->gil);
	threads_after_fork();
}

/* A forked child writes a file of its own: name and process id. */
static void write_stats(void)
{
	char name[4096];
	FILE *f;
	int err;

	if (!stats_file)
		return;
	snprintf(name, sizeof(name), "%s", stats_file);
	if (getpid() != first_pid)
		snprintf(name, sizeof(name), "%s.%d", stats_file, getpid());
	f = fopen(name, "we");
	err = f ? gil_stats_write(f, start_ns, gil_now_ns()) : -errno;
	if (f && fclose(f) && !err)
		err = -errno;
	if (err)
		fprintf(stderr, "gilvm: cannot write statistics to %s: %s\n",
			name, strerror(-err));
}

/* Threads that still run count their ticks themselves, and did not yet. */
static void note_ticks(void)
{
	for (struct threadobj *t = threads_first(); t; t = t->next) {
		if (t->ts && t->ts->gil.stats)
			t->ts->gil.stats->ticks = tstate_ticks(t->ts);
	}
}

void process_end(int status)
{
	threads_wait_all();
	processes_wait_all();
	if (out_flush_held() && !status)
		status = 1;
	note_ticks();
	write_stats();
	if (vm_racy)
		racy_report();
	/* Daemon threads may be in the middle of anything: no cleaning up. */
	fflush(NULL);
	_exit(status);
}
