// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is watched: at the beginning, and what comes later by its name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adopt.h"
#include "watch_targets.h"

static int watch_one(struct watch *w, pid_t pid, char msg[TARGET_MSG])
{
	int err = probe_watch(w->probe, pid);

	if (err)
		snprintf(msg, TARGET_MSG, "cannot watch process %d: %s",
			 (int)pid, strerror(-err));
	return err;
}

static int open_pidfds(struct watch *w, char msg[TARGET_MSG])
{
	pid_t pid;
	int fd;

	w->pidfds = calloc(w->targets.count + 1, sizeof(*w->pidfds));
	for (size_t i = 0; w->pidfds && i < w->targets.count; i++) {
		pid = w->targets.pid[i];
		fd = target_pidfd(pid);
		if (fd < 0) {
			snprintf(msg, TARGET_MSG,
				 "process %d ended before it could be watched",
				 (int)pid);
			return fd;
		}
		w->pidfds[w->npidfds++] = fd;
	}
	return w->pidfds ? 0 : -ENOMEM;
}

static void on_gone(void *ctx, uint32_t image)
{
	struct watch *w = ctx;

	recognise_forget(w->recognise, image);
}

/* Also where no thread sleeps in a futex call at the moment. */
static void recognise_all(struct watch *w)
{
	for (size_t i = 0; i < w->last.nimages; i++)
		recognise_image(w->recognise, w->last.images[i].image,
				(pid_t)w->last.images[i].tgid);
}

int watch_targets(struct watch *w, char msg[TARGET_MSG])
{
	int err = 0;

	if (w->options->pid_count)
		err = open_pidfds(w, msg);
	for (size_t i = 0; i < w->targets.count && !err; i++)
		err = watch_one(w, w->targets.pid[i], msg);
	if (!err && w->launch)
		err = watch_one(w, w->launch->pid, msg);
	if (err)
		return err;
	collect_on_gone(w->collect, on_gone, w);
	if (collect_keep(w->collect, &w->last) ||
	    collect_keep(w->collect, &w->base))
		return -ENOSPC;
	err = adopt(w->probe, options_named(w->options) ? w->recognise : NULL);
	if (!err)
		err = collect_snapshot(w->collect, &w->last);
	if (!err && options_named(w->options))
		recognise_all(w);
	if (err)
		snprintf(msg, TARGET_MSG, "cannot take in the threads: %s",
			 strerror(-err));
	return err;
}

int watch_rescan(struct watch *w)
{
	struct target_list found = { 0 };
	char msg[TARGET_MSG];
	int err = target_find("/proc", w->options->names,
			      w->options->name_count, &found);

	for (size_t i = 0; i < found.count && !err; i++)
		err = watch_one(w, found.pid[i], msg);
	target_list_free(&found);
	return err ? err : adopt(w->probe, w->recognise);
}
