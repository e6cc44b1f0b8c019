// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "tui_state.h"

const struct tui_key_help tui_keys[] = {
	{ "Tab 1-5", "next view, or the view with this number" },
	{ "arrows", "move the cursor (j and k too), or scroll" },
	{ "PgUp PgDn", "a page" },
	{ "Home End", "first and last row (g and G too)" },
	{ "Enter", "open the lock or thread under the cursor" },
	{ "Esc", "go back; in a view: drop the filter" },
	{ "s > <", "sort by the next or the previous column" },
	{ "r", "reverse the order" },
	{ "/", "filter by name, id or address; Enter keeps it, Esc does not" },
	{ "p Space", "pause the picture; counting goes on" },
	{ "i", "the last interval, or totals since the start" },
	{ "c", "clear the totals (those of the final summary stay)" },
	{ "+ -", "longer or shorter interval" },
	{ "w", "write CSV tables now" },
	{ "h ?", "this help" },
	{ "q Ctrl-C", "leave; the summary follows" },
	{ NULL, NULL },
};

const char *tui_view_name(enum tui_view view)
{
	static const char *const names[] = {
		[VIEW_LOCKS] = "Locks",       [VIEW_THREADS] = "Threads",
		[VIEW_HANDOFFS] = "Handoffs", [VIEW_LATENCY] = "Latency",
		[VIEW_CPUS] = "CPUs",
	};

	_Static_assert(sizeof(names) / sizeof(*names) == VIEWS, "all named");
	return names[view];
}

const struct column_set *tui_view_set(enum tui_view view)
{
	static const struct column_set *const sets[VIEWS] = {
		[VIEW_LOCKS] = &column_locks,
		[VIEW_THREADS] = &column_threads,
		[VIEW_HANDOFFS] = &column_handoffs,
	};

	return sets[view];
}

static size_t column_of(enum tui_view view, const char *id)
{
	const struct column_set *set = tui_view_set(view);
	size_t i = 0;

	while (i < set->count &&
	       (!set->columns[i].id || strcmp(set->columns[i].id, id)))
		i++;
	return i;
}

void tui_state_init(struct tui_state *s, uint64_t interval_ns)
{
	*s = (struct tui_state){ .interval_ns = interval_ns };
	s->place[VIEW_LOCKS].sort = column_of(VIEW_LOCKS, "wait_ns_total");
	s->place[VIEW_THREADS].sort = column_of(VIEW_THREADS, "lock_wait_ns");
	s->place[VIEW_HANDOFFS].sort = column_of(VIEW_HANDOFFS, "handoffs");
}

/* ---- moving ---------------------------------------------------------------
 */

struct tui_place *tui_state_place(struct tui_state *s)
{
	if (s->help)
		return &s->help_place;
	if (s->open.what != OPEN_NOTHING)
		return &s->open_place;
	return &s->place[s->view];
}

void tui_place_fit(struct tui_place *p, size_t rows, size_t page, bool list)
{
	size_t last = rows > page ? rows - page : 0;

	page = page ? page : 1;
	if (!list) {
		p->cursor = p->cursor < last ? p->cursor : last;
		p->top = p->cursor;
		return;
	}
	if (p->cursor >= rows)
		p->cursor = rows ? rows - 1 : 0;
	if (p->top > last)
		p->top = last;
	if (p->cursor < p->top)
		p->top = p->cursor;
	if (p->cursor >= p->top + page)
		p->top = p->cursor - page + 1;
}

static void back_by(size_t *n, size_t by)
{
	*n = *n > by ? *n - by : 0;
}

/* Returns false for a key that does not move. */
static bool move(struct tui_place *p, uint32_t key, const struct tui_seen *seen)
{
	size_t page = seen->page > 1 ? seen->page - 1 : 1;

	switch (key) {
	case TUI_KEY_UP:
	case TUI_KEY_LEFT:
	case 'k':
		back_by(&p->cursor, 1);
		break;
	case TUI_KEY_DOWN:
	case TUI_KEY_RIGHT:
	case 'j':
		p->cursor++;
		break;
	case TUI_KEY_PAGE_UP:
		back_by(&p->cursor, page);
		break;
	case TUI_KEY_PAGE_DOWN:
		p->cursor += page;
		break;
	case TUI_KEY_HOME:
	case 'g':
		p->cursor = 0;
		break;
	case TUI_KEY_END:
	case 'G':
		p->cursor = seen->rows ? seen->rows - 1 : 0;
		break;
	default:
		return false;
	}
	tui_place_fit(p, seen->rows, seen->page, seen->list);
	return true;
}

/* ---- order ----------------------------------------------------------------
 */

static bool counts_up(const struct column *c)
{
	return c->type == VALUE_NAME || c->type == VALUE_TEXT ||
	       c->type == VALUE_PLAIN || c->type == VALUE_HEX;
}

/* Only what has a title on the screen can be chosen. */
static void choose_sort(struct tui_state *s, int step)
{
	const struct column_set *set = tui_view_set(s->view);
	struct tui_place *p = &s->place[s->view];
	size_t n = set->count;

	do {
		p->sort = (p->sort + (step > 0 ? 1 : n - 1)) % n;
	} while (!set->columns[p->sort].title);
	p->ascending = counts_up(&set->columns[p->sort]);
	p->cursor = 0;
}

/* Returns false for a key that has nothing to do with it. */
static bool order(struct tui_state *s, uint32_t key,
		  const struct tui_seen *seen)
{
	if (!strchr("s<>r", (int)key) || s->help ||
	    s->open.what != OPEN_NOTHING)
		return false;
	if (!seen->sorts)
		snprintf(s->message, sizeof(s->message),
			 "this view has one order");
	else if (key == 'r')
		s->place[s->view].ascending = !s->place[s->view].ascending;
	else
		choose_sort(s, key == '<' ? -1 : 1);
	return true;
}

/* ---- filter ---------------------------------------------------------------
 */

static size_t utf8_size(uint32_t code)
{
	return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

static void add_char(char *text, size_t size, uint32_t code)
{
	size_t used = strlen(text), n = utf8_size(code);

	if (used + n >= size)
		return;
	text[used + n] = '\0';
	for (size_t i = n - 1; i; i--, code >>= 6)
		text[used + i] = (char)(0x80 | (code & 0x3f));
	text[used] = (char)(n == 1 ? code : (0xf00 >> n) | code);
}

static void drop_char(char *text)
{
	size_t n = strlen(text);

	while (n && ((unsigned char)text[n - 1] & 0xc0) == 0x80)
		n--;
	text[n ? n - 1 : 0] = '\0';
}

static void edit_filter(struct tui_state *s, uint32_t key)
{
	struct tui_place *p = &s->place[s->view];

	switch (key) {
	case TUI_KEY_ENTER:
		s->editing = false;
		return;
	case TUI_KEY_ESCAPE:
		strcpy(s->filter, s->filter_before);
		s->editing = false;
		break;
	case TUI_KEY_BACKSPACE:
		drop_char(s->filter);
		break;
	case 'U' - '@':
		*s->filter = '\0';
		break;
	default:
		if (key >= ' ' && key != 0x7f && key < TUI_KEY_UP)
			add_char(s->filter, sizeof(s->filter), key);
	}
	p->cursor = p->top = 0;
}

static void begin_filter(struct tui_state *s)
{
	strcpy(s->filter_before, s->filter);
	s->editing = true;
	s->open.what = OPEN_NOTHING;
	s->help = false;
}

/* ---- the rest -------------------------------------------------------------
 */

static void change_interval(struct tui_state *s, bool longer,
			    struct sink_wish *wish)
{
	static const uint64_t tenths[] = { 1, 2, 5, 10, 20, 50, 100, 300, 600 };
	const size_t n = sizeof(tenths) / sizeof(*tenths);
	uint64_t unit = OPTIONS_SECOND_NS / 10, now = s->interval_ns;
	size_t i;

	if (longer)
		for (i = 0; i < n - 1 && tenths[i] * unit <= now; i++)
			continue;
	else
		for (i = n - 1; i && tenths[i] * unit >= now; i--)
			continue;
	/* Beyond the steps it stays. */
	if (longer == (tenths[i] * unit > now) && tenths[i] * unit != now) {
		s->interval_ns = tenths[i] * unit;
		wish->interval_ns = s->interval_ns;
	}
}

static void go_to(struct tui_state *s, enum tui_view view)
{
	s->view = view;
	s->open.what = OPEN_NOTHING;
	s->help = false;
}

static void go_back(struct tui_state *s)
{
	if (s->help)
		s->help = false;
	else if (s->open.what != OPEN_NOTHING)
		s->open.what = OPEN_NOTHING;
	else
		*s->filter = '\0';
}

static void open_it(struct tui_state *s, const struct tui_seen *seen)
{
	if (s->help || s->open.what != OPEN_NOTHING)
		return;
	if (seen->under.what == OPEN_NOTHING) {
		snprintf(s->message, sizeof(s->message), "nothing to open");
		return;
	}
	s->open = seen->under;
	s->open_place = (struct tui_place){ 0 };
}

/* Where to go. Returns false for other keys. */
static bool navigate(struct tui_state *s, uint32_t key,
		     const struct tui_seen *seen)
{
	if (key >= '1' && key < '1' + VIEWS)
		go_to(s, (enum tui_view)(key - '1'));
	else if (key == TUI_KEY_TAB)
		go_to(s, (s->view + 1) % VIEWS);
	else if (key == TUI_KEY_BACK_TAB)
		go_to(s, (s->view + VIEWS - 1) % VIEWS);
	else if (key == TUI_KEY_ENTER)
		open_it(s, seen);
	else if (key == TUI_KEY_ESCAPE)
		go_back(s);
	else if (key == '/')
		begin_filter(s);
	else
		return false;
	return true;
}

static void act(struct tui_state *s, uint32_t key, struct sink_wish *wish)
{
	switch (key) {
	case 'q':
		wish->quit = true;
		break;
	case 'h':
	case '?':
		s->help = !s->help;
		s->help_place = (struct tui_place){ 0 };
		break;
	case 'p':
	case ' ':
		s->paused = !s->paused;
		break;
	case 'i':
		s->totals = !s->totals;
		break;
	case 'c':
		wish->clear = true;
		snprintf(s->message, sizeof(s->message),
			 "totals count from now on");
		break;
	case '+':
	case '=':
	case '-':
		change_interval(s, key != '-', wish);
		break;
	case 'w':
		wish->csv = true;
		break;
	}
}

void tui_state_key(struct tui_state *s, uint32_t key,
		   const struct tui_seen *seen, struct sink_wish *wish)
{
	*s->message = '\0';
	if (key == TUI_KEY_INTERRUPT)
		wish->quit = true;
	else if (s->editing)
		edit_filter(s, key);
	else if (!navigate(s, key, seen) &&
		 !move(tui_state_place(s), key, seen) &&
		 !(key < 0x80 && key && order(s, key, seen)))
		act(s, key, wish);
	wish->totals = s->totals;
}
