// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include "pane.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEYS_MAX 24
#define POLL_SECONDS 0.05
#define AWAIT_SECONDS LIVE_LIMIT

static char socket_path[256];
static struct live *last; /* whose output was returned */

static const char *tmux(const char *const *args)
{
	const char *argv[KEYS_MAX + 8] = { "tmux", "-u", "-S", socket_path };
	size_t n = 4;

	while (*args)
		argv[n++] = *args++;
	if (last)
		live_done(last);
	last = live_run(argv, NULL, NULL);
	return live_out(last);
}

#define TMUX(...) tmux((const char *const[]){ __VA_ARGS__, NULL })

const char *pane_open(int cols, int rows)
{
	const char *folder;

	if (system("command -v tmux >/dev/null"))
		live_skip("tmux is not installed");
	folder = live_folder();
	unsetenv("TMUX");
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("PS1", "$ ", 1);
	setenv("TMPDIR", folder, 1);
	snprintf(socket_path, sizeof(socket_path), "%s/tmux", folder);
	TMUX("-f", "/dev/null", "new-session", "-d", "-x",
	     live_number((uint64_t)cols), "-y", live_number((uint64_t)rows),
	     "-c", folder, "sh", "-i");
	pane_await("$");
	return folder;
}

void pane_close(void)
{
	if (*socket_path)
		TMUX("kill-server");
	*socket_path = '\0';
	last = NULL;
}

int pane_teardown(void **state)
{
	pane_close();
	return live_teardown(state);
}

struct live *pane_handoffs(void)
{
	const char *argv[] = { live_workload("handoff"),
			       "--lock",
			       "cond",
			       "--threads",
			       "4",
			       "--duration",
			       "60",
			       "--json",
			       "/dev/null",
			       NULL };

	return live_start(argv, NULL, NULL);
}

void pane_keys(const char *key, ...)
{
	const char *argv[KEYS_MAX] = { "send-keys" };
	size_t n = 1;
	va_list more;

	va_start(more, key);
	for (; key && n < KEYS_MAX - 1; key = va_arg(more, const char *))
		argv[n++] = key;
	va_end(more);
	tmux(argv);
}

void pane_line(const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	TMUX("send-keys", "-l", line);
	TMUX("send-keys", "Enter");
}

const char *pane_text(bool escapes)
{
	if (escapes)
		return TMUX("capture-pane", "-p", "-e");
	return TMUX("capture-pane", "-p");
}

static void await(const char *text, bool there)
{
	for (int i = 0; i < AWAIT_SECONDS / POLL_SECONDS; i++) {
		if (!strstr(pane_text(false), text) == !there)
			return;
		live_sleep(POLL_SECONDS);
	}
	fail_msg("%s \"%s\":\n%s", there ? "no" : "still", text,
		 pane_text(false));
}

void pane_await(const char *text)
{
	await(text, true);
}

void pane_await_no(const char *text)
{
	await(text, false);
}

void pane_resize(int cols, int rows)
{
	TMUX("resize-window", "-x", live_number((uint64_t)cols), "-y",
	     live_number((uint64_t)rows));
}

const char *pane_value(const char *format)
{
	return TMUX("display-message", "-p", format);
}

pid_t pane_child(void)
{
	char shell[32];
	struct live *ps;
	pid_t pid;

	snprintf(shell, sizeof(shell), "%d", atoi(pane_value("#{pane_pid}")));
	ps = live_run((const char *const[]){ "ps", "-o", "pid=", "--ppid",
					     shell, NULL },
		      NULL, NULL);
	pid = (pid_t)atoi(live_out(ps));
	live_done(ps);
	assert_true(pid > 0);
	return pid;
}

char *pane_modes(void)
{
	static int turn;
	char mark[32], *text, *modes;

	pane_line("clear; stty -a; echo modes-$((%d + 1))", turn++);
	snprintf(mark, sizeof(mark), "modes-%d", turn);
	pane_await(mark);
	text = strdup(pane_text(false));
	assert_non_null(text);
	*strstr(text, mark) = '\0';
	assert_true(asprintf(&modes, "%s%s", strstr(text, "speed"),
			     pane_value("#{alternate_on} #{cursor_flag} "
					"#{keypad_flag} "
					"#{keypad_cursor_flag}")) > 0);
	free(text);
	return modes;
}
