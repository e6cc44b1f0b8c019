// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "adopt.h"
#include "collect.h"
#include "explain.h"
#include "interp_guard.h"
#include "now.h"
#include "seen.h"
#include "text.h"

/* Long enough for some hundred waits for a GIL. */
#define WATCHED_NS 1000000000ull

static void pause_ns(uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / 1000000000u),
			      .tv_nsec = (long)(ns % 1000000000u) };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

/* ---- the futex calls ------------------------------------------------------
 */

static int watch_all(struct probe *probe, const pid_t *pids, size_t count)
{
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = probe_watch(probe, pids[i]);
	return err ? err : adopt(probe, NULL);
}

/* What was counted in the time; empty where nothing can be. */
static void watch(struct snapshot *s, const pid_t *pids, size_t count,
		  struct buf *out)
{
	const struct probe_config config = { .verbose = false };
	struct collect *collect = NULL;
	struct probe *probe = NULL;
	char msg[PROBE_MSG] = "", length[TEXT_NUM];
	int err;

	*s = (struct snapshot){ 0 };
	err = probe_new(&probe, &config, msg);
	if (!err)
		collect = collect_new(probe);
	if (!err)
		err = collect ? watch_all(probe, pids, count) : -ENOMEM;
	if (!err) {
		pause_ns(WATCHED_NS);
		err = collect_snapshot(collect, s);
	}
	if (err)
		buf_printf(out, "futex calls are not watched: %s\n",
			   *msg ? msg : strerror(-err));
	else
		buf_printf(out, "futex calls watched for %s\n",
			   text_ns(length, WATCHED_NS));
	collect_free(collect);
	probe_free(probe);
}

/* ---- the search -----------------------------------------------------------
 */

static uint32_t image_of(const struct snapshot *s, pid_t pid)
{
	for (size_t i = s->nimages; i-- > 0;)
		if (s->images[i].tgid == (uint32_t)pid)
			return s->images[i].image;
	return 0;
}

static int search(pid_t pid, const struct recognise_config *config,
		  const struct snapshot *s, struct buf *out)
{
	static struct behave_word seen[SEEN_MAX];
	static struct interp found;
	struct interp_hints hints = {
		.no_symbols = config->no_symbols,
		.lock = config->lock,
		.seen = seen,
		.seen_count = seen_words(seen, s, image_of(s, pid)),
	};
	char took[TEXT_NUM];
	uint64_t begin;
	int err;

	buf_printf(out, "process %d: %zu futex words seen\n", (int)pid,
		   hints.seen_count);
	begin = now_ns();
	err = interp_find_guarded(pid, &hints, &found, out, INTERP_GUARD_MS);
	if (!err)
		buf_printf(out, "the search took %s\n",
			   text_ns(took, now_ns() - begin));
	return err;
}

int explain(const pid_t *pids, size_t count,
	    const struct recognise_config *config, struct buf *out,
	    char msg[EXPLAIN_MSG])
{
	struct snapshot s;
	int err = 0;

	watch(&s, pids, count, out);
	for (size_t i = 0; i < count && !err; i++) {
		err = search(pids[i], config, &s, out);
		if (err == -ENOENT || err == -ESRCH)
			snprintf(msg, EXPLAIN_MSG, "there is no process %d",
				 (int)pids[i]);
		else if (err)
			snprintf(msg, EXPLAIN_MSG,
				 "cannot read process %d: %s: try as root",
				 (int)pids[i], strerror(-err));
	}
	snapshot_free(&s);
	return err;
}
