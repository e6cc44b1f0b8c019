// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "section.h"
#include "table.h"
#include "verdict.h"

/* ---- tables ---------------------------------------------------------------
 */

#define COLUMNS_MAX 48

static size_t table_columns(struct table_column *shown,
			    const struct column **from,
			    const struct column_set *set)
{
	const struct column *c;
	size_t n = 0;

	for (size_t i = 0; i < set->count && n < COLUMNS_MAX; i++) {
		c = &set->columns[i];
		if (!c->title)
			continue;
		from[n] = c;
		shown[n++] = (struct table_column){
			.title = c->title,
			.align = c->type == VALUE_NAME ||
						 c->type == VALUE_TEXT ||
						 c->type == VALUE_HEX
					 ? TEXT_LEFT
					 : TEXT_RIGHT,
			.priority = c->priority,
			.flex = c->type == VALUE_NAME && !c->priority,
		};
	}
	return n;
}

void section_table(struct buf *out, const char *title,
		   const struct column_set *set, const void *rows, size_t count,
		   size_t size, size_t limit, size_t width)
{
	struct table_column shown[COLUMNS_MAX];
	const struct column *from[COLUMNS_MAX];
	size_t n = table_columns(shown, from, set);
	size_t rows_shown = count < limit ? count : limit;
	char text[COLUMN_TEXT];
	struct table t;

	table_init(&t, shown, n);
	for (size_t r = 0; r < rows_shown; r++)
		for (size_t i = 0; i < n; i++)
			table_add(&t,
				  column_text(text, from[i],
					      (const char *)rows + r * size));
	buf_printf(out, "%s\n", title);
	if (table_render(&t, width, out))
		buf_str(out, "(out of memory)\n");
	if (count > rows_shown)
		section_more(out, "", rows_shown, count);
	table_free(&t);
}

void section_more(struct buf *out, const char *what, size_t shown, size_t all)
{
	buf_printf(out, "and %zu more%s (-n %zu shows ", all - shown, what,
		   all < TABLE_ROWS_MAX ? all : (size_t)TABLE_ROWS_MAX);
	if (all <= TABLE_ROWS_MAX)
		buf_str(out, "all)\n");
	else
		buf_printf(out, "%u)\n", TABLE_ROWS_MAX);
}

/* ---- text -----------------------------------------------------------------
 */

/* Bytes of the first line of text that fit: up to a space, or, where its first
 * word alone is too long, as many whole characters as fit. */
static size_t line_length(const char *text, size_t room)
{
	size_t length = strlen(text), cut = 0;

	if (length <= room)
		return length;
	for (size_t i = 0; i <= room; i++)
		if (text[i] == ' ')
			cut = i;
	if (cut)
		return cut;
	for (cut = room; cut > 1 && (text[cut] & 0xc0) == 0x80;)
		cut--;
	return cut;
}

void section_text(struct buf *out, const char *first, const char *text,
		  size_t width)
{
	size_t indent = strlen(first), n;
	size_t room = !width ? SIZE_MAX : width > indent ? width - indent : 1;

	buf_str(out, first);
	for (bool more = true; more; text += n) {
		text += strspn(text, " ");
		n = line_length(text, room);
		buf_add(out, text, n);
		buf_str(out, "\n");
		more = text[n] != '\0';
		if (more)
			buf_fill(out, ' ', indent);
	}
}

/* ---- verdicts -------------------------------------------------------------
 */

static void verdict_lines(struct buf *out, const struct verdict *v,
			  size_t width)
{
	section_text(out, "* ", v->what, width);
	section_text(out, "    because: ", v->evidence, width);
	if (*v->remedy)
		section_text(out, "    try: ", v->remedy, width);
}

void section_verdicts(struct buf *out, const struct model *m,
		      const struct model_process *p, bool brief, size_t width)
{
	struct verdict v[VERDICTS_MAX];
	char line[2 * VERDICT_TEXT + 4];
	size_t n = verdict_find(m, p, v);

	if (brief && v[0].kind != VERDICT_FINE) {
		snprintf(line, sizeof(line), "%s (%s)", v[0].what,
			 v[0].evidence);
		section_text(out, "* ", line, width);
	}
	for (size_t i = 0; i < n && !brief; i++)
		verdict_lines(out, &v[i], width);
}

/* ---- wakeup latency -------------------------------------------------------
 */

/* Buckets of the same power of two make one bar. */
#define BARS (HIST_MAX_BITS - HIST_MIN_BITS + 2)

static unsigned int bar_of(unsigned int bucket)
{
	return bucket ? 1 + (bucket - 1) / HIST_SUB : 0;
}

static uint64_t bar_low(unsigned int bar)
{
	return bar ? hist_low(1 + (bar - 1) * HIST_SUB) : 0;
}

static uint64_t add_wakeups(uint64_t *bars, const struct model *m,
			    const struct model_process *p)
{
	struct model_buckets b;
	uint64_t total = 0;

	for (size_t t = p->thread; t < p->thread + p->threads; t++) {
		b = model_thread_buckets(m, &m->threads[t], GW_WAKEUP);
		for (size_t i = 0; i < b.n; i++) {
			bars[bar_of(b.at[i].bucket)] += b.at[i].count;
			total += b.at[i].count;
		}
	}
	return total;
}

static void bar_line(struct buf *out, unsigned int bar, uint64_t count,
		     uint64_t most, size_t room)
{
	char low[TEXT_NUM], high[TEXT_NUM] = "", n[TEXT_NUM];
	size_t length = (size_t)((count * room + most - 1) / most);

	text_ns(low, bar_low(bar));
	if (bar < BARS - 1)
		text_ns(high, bar_low(bar + 1));
	buf_printf(out, "%8s - %-8s %7s  ", low, high, text_count(n, count));
	buf_fill(out, '#', length);
	buf_str(out, "\n");
}

void section_wakeups(struct buf *out, const struct model *m,
		     const struct model_process *p, size_t width)
{
	uint64_t bars[BARS] = { 0 }, most = 1;
	unsigned int first = BARS, last = 0;
	size_t room = width > 40 && width < 90 ? width - 30 : 50;

	if (!add_wakeups(bars, m, p))
		return;
	for (unsigned int i = 0; i < BARS; i++) {
		if (!bars[i])
			continue;
		first = i < first ? i : first;
		last = i;
		most = bars[i] > most ? bars[i] : most;
	}
	buf_str(out, "Wakeup latency: from being woken to running\n");
	for (unsigned int i = first; i <= last; i++)
		bar_line(out, i, bars[i], most, room);
}

/* ---- migrations -----------------------------------------------------------
 */

/* More CPUs than this do not fit as columns: the list serves instead. */
#define MATRIX_MAX 12

struct matrix {
	uint32_t cpu[MATRIX_MAX]; /* in ascending order */
	size_t n;
	uint64_t count[MATRIX_MAX][MATRIX_MAX];
};

/* The place of a CPU in the matrix, made when missing. */
static size_t cpu_place(struct matrix *x, uint32_t cpu)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->cpu[i] == cpu)
			return i;
	if (x->n < MATRIX_MAX)
		x->cpu[x->n] = cpu;
	return x->n++;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Returns false when there are too many CPUs. */
static bool fill_matrix(struct matrix *x, const struct model_migration *row,
			size_t n)
{
	for (size_t i = 0; i < n; i++) {
		cpu_place(x, row[i].from);
		cpu_place(x, row[i].to);
		if (x->n > MATRIX_MAX)
			return false;
	}
	qsort(x->cpu, x->n, sizeof(*x->cpu), by_number);
	for (size_t i = 0; i < n; i++)
		x->count[cpu_place(x, row[i].from)][cpu_place(x, row[i].to)] +=
			row[i].migrations;
	return true;
}

static void matrix_lines(struct buf *out, const struct matrix *x)
{
	char n[TEXT_NUM];

	buf_str(out, "Migrations: from CPU (rows) to CPU (columns)\n      ");
	for (size_t i = 0; i < x->n; i++)
		buf_printf(out, " %6" PRIu32, x->cpu[i]);
	buf_str(out, "\n");
	for (size_t i = 0; i < x->n; i++) {
		buf_printf(out, "%6" PRIu32, x->cpu[i]);
		for (size_t j = 0; j < x->n; j++)
			buf_printf(out, " %6s",
				   i == j ? "."
					  : text_count(n, x->count[i][j]));
		buf_str(out, "\n");
	}
}

void section_migrations(struct buf *out, const struct model *m,
			const struct model_process *p, size_t width)
{
	const struct model_migration *rows = m->migrations + p->migration;
	struct matrix x = { 0 };

	if (!p->migrations)
		return;
	if (fill_matrix(&x, rows, p->migrations))
		matrix_lines(out, &x);
	else
		section_table(out, "Migrations", &column_migrations, rows,
			      p->migrations, sizeof(*rows), 10, width);
}

/* ---- the last line --------------------------------------------------------
 */

/* Of what was lost each digit is said: with it, figures can be checked. */
void section_last_line(struct buf *out, const struct model *m, size_t width)
{
	char cpu[TEXT_NUM], share[TEXT_NUM], maps[TEXT_NUM];
	struct buf line = { 0 };

	buf_str(&line, model_lossy(m) ? "Figures may be short, lost:"
				      : "Lost: nothing.");
	for (enum gw_lost i = 0; i < GW_LOST_CAUSES; i++)
		if (m->lost[i])
			buf_printf(&line, " %llu (%s);",
				   (unsigned long long)m->lost[i],
				   model_lost_name(i));
	buf_printf(&line, " gilwatch itself: %s of CPU time (%s of one core)",
		   text_ns(cpu, m->cost.cpu_ns),
		   text_percent(share, m->cost.cpu_ns, m->window_ns));
	if (m->total && m->cost.before_ns)
		buf_printf(&line, " after %s to start",
			   text_ns(cpu, m->cost.before_ns));
	buf_printf(&line, ", %s of maps.", text_bytes(maps, m->cost.map_bytes));
	buf_add(&line, "", 1);
	if (!buf_error(&line))
		section_text(out, "", line.data, width);
	buf_free(&line);
}

/* ---- columns --------------------------------------------------------------
 */

static void column_line(struct buf *out, const struct column *c)
{
	buf_printf(out, "  %-12s %-20s  %s", c->title ? c->title : "-",
		   c->id ? c->id : "-", c->help);
	if (*c->unit)
		buf_printf(out, " (%s)", c->unit);
	buf_str(out, "\n");
}

void section_columns(struct buf *out)
{
	static const struct column_set *const sets[] = {
		&column_locks,      &column_threads,    &column_handoffs,
		&column_migrations, &column_histograms,
	};

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		buf_printf(out,
			   "%s%s.csv: title on the terminal, name in CSV, "
			   "meaning\n",
			   i ? "\n" : "", sets[i]->name);
		for (size_t j = 0; j < sets[i]->count; j++)
			column_line(out, &sets[i]->columns[j]);
	}
}
