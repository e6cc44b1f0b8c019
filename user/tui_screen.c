// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#define _XOPEN_SOURCE_EXTENDED 1
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "held.h"
#include "tui_screen.h"
#include "tui_state.h"

/* Last: they define words such as `columns` and `move`. */
#include <curses.h>
#include <term.h>

/* An escape sequence arrives within this, in ms; a lone Esc waits for it. */
#define ESCAPE_MS 25

/* There is one terminal, and a signal handler must find it. */
static struct {
	bool open;
	SCREEN *screen;
	/* What curses writes to: at each move of the cursor, if it is let. */
	struct held *out;
	struct termios before;
	/* What brings it back, for a handler that can only write. */
	char restore[256];
	size_t restore_len;
	attr_t attr[STYLES];
	short pair[STYLES];
} term;

/* ---- can it?  -------------------------------------------------------------
 */

bool screen_usable(char why[SCREEN_MSG])
{
	const char *name = getenv("TERM");
	bool usable = false;
	int err;

	*why = '\0';
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		snprintf(why, SCREEN_MSG,
			 "no live screen: standard %s is no "
			 "terminal",
			 isatty(STDIN_FILENO) ? "output" : "input");
	else if (!name || !*name)
		snprintf(why, SCREEN_MSG, "no live screen: TERM is not set");
	else if (setupterm(NULL, STDOUT_FILENO, &err) != OK)
		snprintf(why, SCREEN_MSG,
			 "no live screen: nothing is known about TERM=%.64s",
			 name);
	else
		usable = cursor_address && clear_screen;
	if (!usable && !*why)
		snprintf(why, SCREEN_MSG,
			 "no live screen: TERM=%.64s cannot place a cursor",
			 name);
	return usable;
}

/* ---- crash ----------------------------------------------------------------
 */

static const int deadly[] = { SIGSEGV, SIGBUS,  SIGABRT, SIGFPE,
			      SIGILL,  SIGQUIT, SIGINT,  SIGSYS };

#define DEADLY (sizeof(deadly) / sizeof(*deadly))

/* Only what is safe in a handler; then the signal does what it does. */
static void on_deadly(int sig)
{
	ssize_t n = write(STDOUT_FILENO, term.restore, term.restore_len);

	(void)n;
	tcsetattr(STDIN_FILENO, TCSANOW, &term.before);
	/* SA_RESETHAND has brought the default back. */
	raise(sig);
}

static int keep_char(int c)
{
	if (term.restore_len < sizeof(term.restore))
		term.restore[term.restore_len++] = (char)c;
	return c;
}

static void keep(const char *capability)
{
	if (capability)
		tputs(capability, 1, keep_char);
}

static void set_handlers(void (*handler)(int))
{
	struct sigaction act = { .sa_handler = handler };

	if (handler != SIG_DFL)
		act.sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK);
	for (size_t i = 0; i < DEADLY; i++)
		sigaction(deadly[i], &act, NULL);
}

/* A stack of its own: a crash may be that there is none left. */
static void prepare_crash(void)
{
	static char stack[16384];
	const stack_t alternative = { .ss_sp = stack,
				      .ss_size = sizeof(stack) };

	term.restore_len = 0;
	keep(exit_attribute_mode);
	keep(orig_pair);
	keep(cursor_normal);
	keep(keypad_local);
	keep(exit_ca_mode);
	sigaltstack(&alternative, NULL);
	set_handlers(on_deadly);
}

/* ---- styles ---------------------------------------------------------------
 */

static const struct {
	attr_t attr; /* without colour */
	attr_t with; /* with colour */
	short colour;
} looks[STYLES] = {
	[STYLE_PLAIN] = { A_NORMAL, A_NORMAL, -1 },
	[STYLE_QUIET] = { A_DIM, A_DIM, -1 },
	[STYLE_STRONG] = { A_BOLD, A_BOLD, -1 },
	[STYLE_HEAD] = { A_UNDERLINE, A_UNDERLINE, -1 },
	[STYLE_CHOSEN] = { A_REVERSE, A_REVERSE, -1 },
	[STYLE_WARN] = { A_BOLD, A_NORMAL, COLOR_YELLOW },
	[STYLE_BAD] = { A_BOLD | A_UNDERLINE, A_BOLD, COLOR_RED },
	[STYLE_RUN] = { A_NORMAL, A_NORMAL, COLOR_GREEN },
	[STYLE_QUEUE] = { A_NORMAL, A_NORMAL, COLOR_YELLOW },
	[STYLE_LOCK] = { A_NORMAL, A_NORMAL, COLOR_RED },
	[STYLE_SLEEP] = { A_NORMAL, A_NORMAL, COLOR_BLUE },
	[STYLE_CHART] = { A_NORMAL, A_NORMAL, COLOR_CYAN },
};

/* no-color.org: set and not empty, whatever it says. */
static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return !(no && *no) && has_colors();
}

static void prepare_styles(void)
{
	bool colour = wants_colour();
	short pair = 0;

	if (colour) {
		start_color();
		use_default_colors();
	}
	for (int i = 0; i < STYLES; i++) {
		term.attr[i] = colour ? looks[i].with : looks[i].attr;
		term.pair[i] = 0;
		if (!colour || looks[i].colour < 0)
			continue;
		init_pair(++pair, looks[i].colour, -1);
		term.pair[i] = pair;
	}
}

/* ---- open, close, stop ----------------------------------------------------
 */

static int open_curses(void)
{
	int err = held_new(&term.out, STDOUT_FILENO);

	if (err)
		return err;
	term.screen = newterm(NULL, held_file(term.out), stdin);
	if (term.screen)
		return 0;
	held_free(term.out);
	return -ENOTTY;
}

int screen_open(void)
{
	int err;

	if (tcgetattr(STDIN_FILENO, &term.before))
		return -ENOTTY;
	err = open_curses();
	if (err)
		return err;
	prepare_crash();
	prepare_styles();
	set_escdelay(ESCAPE_MS);
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	term.open = true;
	return 0;
}

void screen_close(void)
{
	if (!term.open)
		return;
	term.open = false;
	endwin();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &term.before);
	set_handlers(SIG_DFL);
	delscreen(term.screen);
	held_free(term.out);
}

void screen_size(int *rows, int *cols)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row &&
	    size.ws_col && (size.ws_row != LINES || size.ws_col != COLS))
		resizeterm(size.ws_row, size.ws_col);
	*rows = LINES;
	*cols = COLS;
}

void screen_spoiled(void)
{
	clearok(curscr, TRUE);
}

/* An empty frame enters the screen and sets the terminal's modes, which only
 * the terminal itself takes; the next one is whole. */
void screen_resume(void)
{
	if (!isendwin())
		endwin();
	erase();
	refresh();
	screen_spoiled();
}

void screen_suspend(void)
{
	sigset_t stop;

	endwin();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &term.before);
	kill(0, SIGTSTP);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	screen_resume();
}

/* ---- painting -------------------------------------------------------------
 */

static void put_cell(const struct cell *c)
{
	wchar_t text[CELL_CODES + 1] = { 0 };
	unsigned int style = c->style & ~(unsigned int)STYLE_CURSOR;
	attr_t attr = term.attr[style];
	cchar_t out;

	if (c->style & STYLE_CURSOR)
		attr |= A_REVERSE;
	for (int i = 0; i < CELL_CODES && c->code[i]; i++)
		text[i] = (wchar_t)c->code[i];
	setcchar(&out, text, attr, term.pair[style], NULL);
	add_wch(&out);
}

void screen_paint(const struct cells *c)
{
	const struct cell *cell = c->cell;

	for (int y = 0; y < c->rows; y++) {
		move(y, 0);
		for (int x = 0; x < c->cols; x++, cell++)
			if (cell->code[0])
				put_cell(cell);
	}
	held_start(term.out);
	refresh();
	/* That a terminal is gone, its keys tell (screen_key). */
	held_release(term.out);
}

/* ---- keys -----------------------------------------------------------------
 */

static const struct {
	wint_t curses;
	uint32_t key;
} special[] = {
	{ KEY_UP, TUI_KEY_UP },
	{ KEY_DOWN, TUI_KEY_DOWN },
	{ KEY_LEFT, TUI_KEY_LEFT },
	{ KEY_RIGHT, TUI_KEY_RIGHT },
	{ KEY_PPAGE, TUI_KEY_PAGE_UP },
	{ KEY_NPAGE, TUI_KEY_PAGE_DOWN },
	{ KEY_HOME, TUI_KEY_HOME },
	{ KEY_FIND, TUI_KEY_HOME },
	{ KEY_END, TUI_KEY_END },
	{ KEY_SELECT, TUI_KEY_END },
	{ KEY_ENTER, TUI_KEY_ENTER },
	{ KEY_BTAB, TUI_KEY_BACK_TAB },
	{ KEY_BACKSPACE, TUI_KEY_BACKSPACE },
	{ KEY_DC, TUI_KEY_BACKSPACE },
};

static uint32_t special_key(wint_t c)
{
	for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++)
		if (special[i].curses == c)
			return special[i].key;
	return TUI_KEY_OTHER;
}

static uint32_t control_key(wint_t c)
{
	switch (c) {
	case '\r':
	case '\n':
		return TUI_KEY_ENTER;
	case '\t':
		return TUI_KEY_TAB;
	case 0x1b:
		return TUI_KEY_ESCAPE;
	case 0x7f:
	case '\b':
		return TUI_KEY_BACKSPACE;
	case 'C' - '@':
		return TUI_KEY_INTERRUPT;
	}
	return (uint32_t)c;
}

/* Nobody is at the other end any more. */
static bool hung_up(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&in, 1, 0) == 1 && in.revents & (POLLHUP | POLLERR);
}

int screen_key(uint32_t *key)
{
	wint_t c;
	int got = get_wch(&c);

	if (got == ERR)
		return hung_up() ? -EIO : 0;
	*key = got == KEY_CODE_YES ? special_key(c) : control_key(c);
	return 1;
}
