// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The live screen as an output: figures and keys in, frames out. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tui_draw.h"
#include "tui_screen.h"
#include "tui_view.h"

/* A picture that is shown and the one that comes next, so that a paused screen
 * keeps the one while the other follows. */
struct scenes {
	struct scene scene[2];
	unsigned int shown;
	bool newer; /* the other one is */
};

struct tui {
	struct sink_config config;
	struct tui_state state;
	struct scenes interval, total;
	struct history *history;
	struct history *paused; /* as it was then; NULL: not paused */
	struct cells cells;
	struct tui_picture picture;
	struct tui_seen seen;
	uint64_t start_unix_ns;
	char interpreter[VIEW_INTERPRETER];
	int signals;
	int poll; /* of signals and standard input */
	sigset_t mask_before;
};

/* ---- frames ---------------------------------------------------------------
 */

static const struct scene *shown(const struct scenes *s)
{
	const struct scene *scene = &s->scene[s->shown];

	return scene->filled ? scene : NULL;
}

static void fill_picture(struct tui *t)
{
	struct tui_picture *p = &t->picture;

	p->scene = shown(t->state.totals ? &t->total : &t->interval);
	/* Before its first model the other one is better than nothing. */
	if (!p->scene)
		p->scene = shown(&t->interval);
	p->history = t->paused ? t->paused : t->history;
}

static int frame(struct tui *t)
{
	int rows, cols, err;

	screen_size(&rows, &cols);
	err = cells_reset(&t->cells, rows, cols, text_utf8());
	if (err)
		return err;
	fill_picture(t);
	err = tui_draw(&t->picture, &t->cells, &t->seen);
	if (!err)
		screen_paint(&t->cells);
	return err;
}

static int frame_or(struct tui *t, char msg[SINK_MSG])
{
	int err = frame(t);

	if (err)
		snprintf(msg, SINK_MSG, "no memory for the screen");
	return err;
}

/* ---- figures --------------------------------------------------------------
 */

static int take(struct scenes *s, const struct model *m, bool paused)
{
	int err = scene_copy(&s->scene[!s->shown], m);

	if (err)
		return err;
	s->newer = paused;
	if (!paused)
		s->shown = !s->shown;
	return 0;
}

static void catch_up(struct scenes *s)
{
	if (s->newer)
		s->shown = !s->shown;
	s->newer = false;
}

static float share(uint64_t part, uint64_t whole)
{
	return whole ? (float)((double)part / (double)whole) : 0;
}

static int note_locks(struct history *h, const struct model *m)
{
	const struct model_lock *l = m->locks;
	float value[HISTORY_VALUES];
	int err = 0;

	for (size_t i = 0; i < m->nlocks && !err; i++, l++) {
		value[HISTORY_BUSY] = share(l->busy_ns, m->window_ns);
		value[HISTORY_HANDOFFS] =
			share(l->handoffs, m->window_ns) * 1e9f;
		value[HISTORY_STOLEN] =
			share(l->failed[GW_STOLEN],
			      l->failed[GW_STOLEN] + l->acquired);
		err = history_note(
			h, (struct history_key){ l->row.image, l->id }, value);
	}
	return err;
}

static int note_threads(struct history *h, const struct model *m)
{
	const struct model_thread *t = m->threads;
	float value[HISTORY_VALUES];
	int err = 0;

	for (size_t i = 0; i < m->nthreads && !err; i++, t++) {
		value[HISTORY_RUNNING] =
			share(t->time_ns[GW_RUNNING], t->wall_ns);
		value[HISTORY_RUNNABLE] =
			share(t->time_ns[GW_RUNNABLE], t->wall_ns);
		value[HISTORY_LOCK_WAIT] =
			share(t->time_ns[GW_LOCK_WAIT], t->wall_ns);
		err = history_note(
			h, (struct history_key){ HISTORY_THREAD, t->serial },
			value);
	}
	return err;
}

static void note_run(struct tui *t, const struct model *m)
{
	if (!t->start_unix_ns)
		t->start_unix_ns = m->start_unix_ns;
	t->picture.run_ns = m->end_unix_ns - t->start_unix_ns;
	for (unsigned int i = 0; i < GW_LOST_CAUSES; i++)
		t->picture.lost += m->lost[i];
	t->picture.own_ns = m->cost.cpu_ns;
	t->picture.own_window_ns = m->window_ns;
	/* Its lock may be at rest in this interval. */
	view_interpreter(t->interpreter, m);
}

static int tui_interval(void *state, const struct model *m, char msg[SINK_MSG])
{
	struct tui *t = state;
	int err;

	note_run(t, m);
	history_tick(t->history);
	err = note_locks(t->history, m);
	if (!err)
		err = note_threads(t->history, m);
	if (!err)
		err = take(&t->interval, m, t->state.paused);
	if (err) {
		snprintf(msg, SINK_MSG, "no memory for the screen");
		return err;
	}
	/* With totals the frame comes with them. */
	return t->state.totals ? 0 : frame_or(t, msg);
}

static int tui_total(void *state, const struct model *m, char msg[SINK_MSG])
{
	struct tui *t = state;

	if (take(&t->total, m, t->state.paused)) {
		snprintf(msg, SINK_MSG, "no memory for the screen");
		return -ENOMEM;
	}
	return frame_or(t, msg);
}

/* The screen is gone by then. */
static int tui_summary(void *state, const struct model *m, char msg[SINK_MSG])
{
	(void)state;
	(void)m;
	(void)msg;
	return 0;
}

/* ---- keys and signals -----------------------------------------------------
 */

static void follow_pause(struct tui *t)
{
	if (t->state.paused == !!t->paused)
		return;
	if (t->state.paused) {
		/* Without memory only the sparklines go on. */
		t->paused = history_copy(t->history);
		return;
	}
	history_free(t->paused);
	t->paused = NULL;
	catch_up(&t->interval);
	catch_up(&t->total);
}

/* What came with the stop is done: the next frame asks for the size anyway. */
static void suspend(struct tui *t)
{
	struct signalfd_siginfo info;

	screen_suspend();
	while (read(t->signals, &info, sizeof(info)) == sizeof(info))
		continue;
}

static int read_keys(struct tui *t, struct sink_wish *wish)
{
	uint32_t key;
	int got;

	while ((got = screen_key(&key)) > 0 && !wish->quit) {
		if (key == SCREEN_KEY_SUSPEND)
			suspend(t);
		else if (key == 'L' - '@')
			screen_spoiled();
		else
			tui_state_key(&t->state, key, &t->seen, wish);
		follow_pause(t);
		/* What the next key refers to is what this one made. */
		fill_picture(t);
		if (tui_draw(&t->picture, &t->cells, &t->seen))
			return -ENOMEM;
	}
	return got;
}

static void read_signals(struct tui *t)
{
	struct signalfd_siginfo info;

	while (read(t->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTSTP)
			suspend(t);
		else if (info.ssi_signo == SIGCONT)
			screen_resume();
	}
}

static int tui_input(void *state, struct sink_wish *wish, char msg[SINK_MSG])
{
	struct tui *t = state;
	int err;

	wish->totals = t->state.totals;
	read_signals(t);
	err = read_keys(t, wish);
	if (err < 0) {
		snprintf(msg, SINK_MSG, "the terminal is gone");
		return err;
	}
	return wish->quit ? 0 : frame_or(t, msg);
}

static void tui_say(void *state, const char *line)
{
	struct tui *t = state;

	snprintf(t->state.message, sizeof(t->state.message), "%s", line);
	frame(t);
}

/* ---- open and close -------------------------------------------------------
 */

static int add_fd(const struct tui *t, int fd)
{
	struct epoll_event e = { .events = EPOLLIN };

	return epoll_ctl(t->poll, EPOLL_CTL_ADD, fd, &e) ? -errno : 0;
}

static int open_fds(struct tui *t)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_BLOCK, &set, &t->mask_before);
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	t->poll = epoll_create1(EPOLL_CLOEXEC);
	if (t->signals < 0 || t->poll < 0)
		return -errno;
	err = add_fd(t, t->signals);
	return err ? err : add_fd(t, STDIN_FILENO);
}

static int tui_fd(void *state)
{
	struct tui *t = state;

	return t->poll;
}

static void tui_close(void *state)
{
	struct tui *t = state;

	if (!t)
		return;
	screen_close();
	if (t->signals >= 0)
		close(t->signals);
	if (t->poll >= 0)
		close(t->poll);
	sigprocmask(SIG_SETMASK, &t->mask_before, NULL);
	for (int i = 0; i < 2; i++) {
		scene_free(&t->interval.scene[i]);
		scene_free(&t->total.scene[i]);
	}
	history_free(t->history);
	history_free(t->paused);
	list_free(&t->picture.list);
	cells_free(&t->cells);
	free(t);
}

static void set_up(struct tui *t, const struct sink_config *config)
{
	t->config = *config;
	t->signals = t->poll = -1;
	tui_state_init(&t->state, config->interval_ns);
	t->picture.state = &t->state;
	t->picture.target = config->target;
	t->picture.interpreter = t->interpreter;
	t->picture.output = config->output;
}

static int tui_open(void **state, const struct sink_config *config,
		    char msg[SINK_MSG])
{
	struct tui *t = calloc(1, sizeof(*t));
	int err = -ENOMEM;

	snprintf(msg, SINK_MSG, "no memory for the screen");
	if (!t)
		return err;
	set_up(t, config);
	sigprocmask(SIG_SETMASK, NULL, &t->mask_before);
	t->history = history_new();
	if (!t->history)
		goto fail;
	err = open_fds(t);
	if (!err)
		err = screen_open();
	if (err) {
		snprintf(msg, SINK_MSG, "cannot open the live screen: %s",
			 strerror(-err));
		goto fail;
	}
	err = frame_or(t, msg);
	if (err)
		goto fail;
	*state = t;
	return 0;
fail:
	tui_close(t);
	return err;
}

const struct sink sink_tui = {
	.name = "tui",
	.open = tui_open,
	.interval = tui_interval,
	.summary = tui_summary,
	.close = tui_close,
	.fd = tui_fd,
	.input = tui_input,
	.total = tui_total,
	.say = tui_say,
};
