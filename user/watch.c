// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "deliver.h"
#include "watch.h"
#include "watch_targets.h"

/* A burst of new names is looked at once, this long after its first. */
#define RESCAN_MS 20

/* How long a command that was asked to end may take. */
#define COMMAND_END_MS 5000

/* What watch_run waits for. */
enum {
	WAIT_SIGNAL,
	WAIT_TICK,
	WAIT_DURATION,
	WAIT_MESSAGES,
	WAIT_COMMAND,
	WAIT_USER,
	WAIT_EVENTS,
	WAIT_FIXED
};

struct loop {
	struct watch *w;
	struct pollfd *fds; /* WAIT_FIXED, then one a target */
	size_t nfds;
	bool rescan;
	bool over;
	bool command_ended;
	int command_status;
};

/* ---- the loop -------------------------------------------------------------
 */

static void on_message(void *ctx, const struct gw_message *m)
{
	struct loop *l = ctx;

	if (m->type == GW_MSG_NAMED)
		l->rescan = true;
	else
		recognise_message(l->w->recognise, m);
}

static sigset_t signals(const struct options *o)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (o->flight_ns)
		sigaddset(&set, SIGUSR1);
	return set;
}

int watch_signals(const struct options *o)
{
	sigset_t set = signals(o);

	/* A file that may not grow is an error like any other. */
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR ||
	    sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	return 0;
}

static struct itimerspec timer_every(uint64_t ns)
{
	const struct timespec t = { .tv_sec = (time_t)(ns / 1000000000u),
				    .tv_nsec = (long)(ns % 1000000000u) };

	return (struct itimerspec){ .it_interval = t, .it_value = t };
}

static int timer(uint64_t ns, bool again)
{
	struct itimerspec when = timer_every(ns);
	int fd;

	if (!ns)
		return -1;
	if (!again)
		when.it_interval = (struct timespec){ 0 };
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (fd >= 0)
		timerfd_settime(fd, 0, &when, NULL);
	return fd;
}

static int user_fd(const struct watch *w)
{
	void *state;
	const struct sink *sink = deliver_screen(w, &state);

	return sink ? sink->fd(state) : -1;
}

/* poll ignores descriptors below 0: what is not asked for. */
static int open_loop(struct loop *l, struct watch *w)
{
	const struct options *o = w->options;
	sigset_t set = signals(o);
	int fixed[WAIT_FIXED];

	*l = (struct loop){ .w = w, .nfds = WAIT_FIXED + w->npidfds };
	l->fds = calloc(l->nfds, sizeof(*l->fds));
	if (!l->fds)
		return -ENOMEM;
	fixed[WAIT_SIGNAL] = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	fixed[WAIT_TICK] = timer(o->interval_ns, true);
	fixed[WAIT_DURATION] = timer(o->duration_ns, false);
	fixed[WAIT_MESSAGES] = probe_poll_fd(w->probe);
	fixed[WAIT_COMMAND] = w->launch ? w->launch->pidfd : -1;
	fixed[WAIT_USER] = user_fd(w);
	fixed[WAIT_EVENTS] = timer(w->recorder ? RECORDER_READ_NS : 0, true);
	for (size_t i = 0; i < l->nfds; i++)
		l->fds[i] = (struct pollfd){
			.fd = i < WAIT_FIXED ? fixed[i]
					     : w->pidfds[i - WAIT_FIXED],
			.events = POLLIN,
		};
	return fixed[WAIT_SIGNAL] < 0 || fixed[WAIT_TICK] < 0 ? -errno : 0;
}

static void close_loop(struct loop *l)
{
	if (!l->fds)
		return;
	for (int i = WAIT_SIGNAL; i <= WAIT_DURATION; i++)
		if (l->fds[i].fd >= 0)
			close(l->fds[i].fd);
	if (l->fds[WAIT_EVENTS].fd >= 0)
		close(l->fds[WAIT_EVENTS].fd);
	free(l->fds);
}

static int write_record(struct watch *w)
{
	char msg[GWR_MSG];
	int err = deliver_interval(w);

	if (!err && recorder_write(w->recorder, msg)) {
		w->trouble = true;
		deliver_tell(w, msg);
	}
	return err;
}

/* The first signal ends the watching; a second SIGINT ends gilwatch. Ctrl-C
 * reaches the command too, which decides itself when it ends. */
static int on_signal(struct loop *l)
{
	struct signalfd_siginfo info;
	sigset_t interrupt;

	if (read(l->fds[WAIT_SIGNAL].fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	if (info.ssi_signo == SIGUSR1)
		return write_record(l->w);
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_UNBLOCK, &interrupt, NULL);
	if (!l->w->launch || info.ssi_signo != SIGINT)
		l->over = true;
	return 0;
}

static void on_events(struct loop *l)
{
	struct watch *w = l->w;
	char msg[GWR_MSG];
	uint64_t ticks;

	if (read(l->fds[WAIT_EVENTS].fd, &ticks, sizeof(ticks)) < 0 ||
	    !recorder_read(w->recorder, msg))
		return;
	w->trouble = true;
	deliver_tell(w, msg);
}

static int on_tick(struct loop *l)
{
	uint64_t ticks;

	if (read(l->fds[WAIT_TICK].fd, &ticks, sizeof(ticks)) < 0)
		return errno == EAGAIN ? 0 : -errno;
	return deliver_interval(l->w);
}

static void change_interval(struct loop *l, uint64_t ns)
{
	struct itimerspec when = timer_every(ns);

	timerfd_settime(l->fds[WAIT_TICK].fd, 0, &when, NULL);
}

static int on_user(struct loop *l)
{
	struct sink_wish wish = { 0 };
	struct watch *w = l->w;
	char msg[SINK_MSG];
	bool show_now;
	void *state;
	const struct sink *sink = deliver_screen(w, &state);

	if (sink->input(state, &wish, msg) || wish.quit) {
		l->over = true;
		return 0;
	}
	show_now = wish.clear || (wish.totals && !w->totals);
	w->totals = wish.totals;
	if (wish.clear)
		deliver_clear(w);
	if (wish.interval_ns)
		change_interval(l, wish.interval_ns);
	if (wish.csv)
		deliver_csv(w);
	return show_now ? deliver_totals(w) : 0;
}

static void on_target_end(struct loop *l, size_t i)
{
	size_t left = 0;

	l->fds[i].fd = -1;
	for (size_t j = WAIT_FIXED; j < l->nfds; j++)
		left += l->fds[j].fd >= 0;
	if (!left)
		l->over = true;
}

static void on_command(struct loop *l)
{
	if (launch_wait(l->w->launch, false, &l->command_status) != 1)
		return;
	l->command_ended = true;
	l->over = true;
}

/* Until the first of what is to be done without anything coming; -1: nothing.
 */
static int wait_ms(const struct loop *l)
{
	int work = l->rescan ? RESCAN_MS : recognise_wait_ms(l->w->recognise);
	int room = collect_wait_ms(l->w->collect);

	return work < 0 || (room >= 0 && room < work) ? room : work;
}

static int step(struct loop *l)
{
	int n = poll(l->fds, l->nfds, wait_ms(l));
	int err = 0;

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (!n && !collect_wait_ms(l->w->collect))
		return collect_messages(l->w->collect, on_message, l);
	if (!n && l->rescan) {
		l->rescan = false;
		return watch_rescan(l->w);
	}
	if (!n)
		recognise_run(l->w->recognise, &l->w->last);
	if (l->fds[WAIT_SIGNAL].revents)
		err = on_signal(l);
	if (l->fds[WAIT_EVENTS].revents)
		on_events(l);
	if (!err && l->fds[WAIT_MESSAGES].revents)
		err = collect_messages(l->w->collect, on_message, l);
	if (!err && l->fds[WAIT_TICK].revents)
		err = on_tick(l);
	if (!err && l->fds[WAIT_USER].revents)
		err = on_user(l);
	if (l->fds[WAIT_COMMAND].revents)
		on_command(l);
	if (l->fds[WAIT_DURATION].revents)
		l->over = true;
	for (size_t i = WAIT_FIXED; i < l->nfds; i++)
		if (l->fds[i].fd >= 0 && l->fds[i].revents)
			on_target_end(l, i);
	if (deliver_all_failed(l->w))
		l->over = true;
	return err;
}

/* ---- the end --------------------------------------------------------------
 */

/* A command that outlives the watching is asked to end. */
static void end_command(struct loop *l)
{
	struct launch *launch = l->w->launch;
	struct pollfd end = { .fd = launch->pidfd, .events = POLLIN };

	if (kill(launch->pid, SIGTERM) && errno == ESRCH)
		return;
	if (poll(&end, 1, COMMAND_END_MS) == 1)
		launch_wait(launch, true, &l->command_status);
	else
		fprintf(stderr,
			"gilwatch: the command (pid %d) did not end on "
			"SIGTERM and goes on\n",
			(int)launch->pid);
}

/* Stop counting, read once more, then show: the rest of the last interval and
 * everything since the start. */
static int finish(struct watch *w)
{
	char said[GWR_MSG];
	int err;

	probe_stop(w->probe);
	err = deliver_interval(w);
	if (!err)
		err = deliver_summary(w);
	if (w->recorder) {
		w->trouble |= recorder_finish(w->recorder, said) < 0;
		fprintf(stderr, "gilwatch: %s\n", said);
	}
	return err;
}

int watch_run(struct watch *w, int *status)
{
	struct loop l;
	int err = open_loop(&l, w);

	while (!err && !l.over)
		err = step(&l);
	deliver_leave_screen(w);
	if (!err)
		err = finish(w);
	/* After the last reading: its end is no part of what was watched. */
	if (w->launch && !l.command_ended)
		end_command(&l);
	*status = l.command_ended ? l.command_status : 0;
	if (!*status && w->trouble)
		*status = 1;
	close_loop(&l);
	return err;
}

void watch_close(struct watch *w)
{
	for (size_t i = 0; i < w->nsinks; i++)
		w->sinks[i].sink->close(w->sinks[i].state);
	for (size_t i = 0; i < w->npidfds; i++)
		close(w->pidfds[i]);
	free(w->pidfds);
	target_list_free(&w->targets);
	deliver_forget(w);
	recorder_free(w->recorder);
	recognise_free(w->recognise);
	collect_free(w->collect);
	probe_free(w->probe);
}
