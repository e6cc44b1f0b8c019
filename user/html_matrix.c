// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Matrices of handoffs and migrations: tables that are heat maps. */
#include <stdlib.h>

#include "html.h"

/* From here on of the largest, the cell is dark. */
#define HOT 0.5

static void heat_cell(struct buf *out, uint64_t n, uint64_t most)
{
	double part = most ? (double)n / (double)most : 0;
	char text[TEXT_NUM];

	if (!n)
		buf_str(out, "<td>\302\267</td>");
	else
		buf_printf(out,
			   "<td%s style=\"background:rgba(var(--heat),%.2f)\">"
			   "%s</td>",
			   part > HOT ? " class=\"hot\"" : "",
			   0.08 + 0.92 * part, text_count(text, n));
}

struct person {
	pid_t tid;
	const char *comm;
	uint64_t handoffs;
};

struct matrix {
	struct person *person;
	size_t n;
	uint64_t count[HTML_MATRIX_MAX][HTML_MATRIX_MAX], most;
};

static int by_handoffs(const void *a, const void *b)
{
	const struct person *x = a, *y = b;

	if (x->handoffs != y->handoffs)
		return x->handoffs < y->handoffs ? 1 : -1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

static void count_person(struct matrix *x, pid_t tid, const char *comm,
			 uint64_t n)
{
	size_t i = 0;

	while (i < x->n && x->person[i].tid != tid)
		i++;
	if (i == x->n)
		x->person[x->n++] = (struct person){ tid, comm, 0 };
	x->person[i].handoffs += n;
}

static size_t place_of(const struct matrix *x, pid_t tid)
{
	size_t i = 0;

	while (i < x->n && i < HTML_MATRIX_MAX && x->person[i].tid != tid)
		i++;
	return i < x->n ? i : HTML_MATRIX_MAX;
}

static bool fill(struct matrix *x, const struct model_handoff *h, size_t n)
{
	size_t from, to;

	x->person = calloc(2 * n + 1, sizeof(*x->person));
	if (!x->person)
		return false;
	for (size_t i = 0; i < n; i++) {
		count_person(x, h[i].from, h[i].from_comm, h[i].handoffs);
		count_person(x, h[i].to, h[i].to_comm, h[i].handoffs);
	}
	qsort(x->person, x->n, sizeof(*x->person), by_handoffs);
	for (size_t i = 0; i < n; i++) {
		from = place_of(x, h[i].from);
		to = place_of(x, h[i].to);
		if (from == HTML_MATRIX_MAX || to == HTML_MATRIX_MAX)
			continue;
		x->count[from][to] += h[i].handoffs;
		if (x->count[from][to] > x->most)
			x->most = x->count[from][to];
	}
	return true;
}

static void person(struct buf *out, const struct person *p)
{
	if (p->comm)
		html_name(out, p->comm, GW_COMM_LEN);
	else
		buf_str(out, "not watched");
	if (p->tid > 0)
		buf_printf(out, " %d", (int)p->tid);
}

static void matrix(struct buf *out, const struct matrix *x)
{
	size_t n = x->n < HTML_MATRIX_MAX ? x->n : HTML_MATRIX_MAX;

	buf_str(out, "<div class=\"scroll\"><table class=\"heat\"><caption>"
		     "from (rows) to (columns)");
	if (n < x->n)
		buf_printf(out, "; the %zu busiest of %zu threads", n, x->n);
	buf_str(out, "</caption>\n<thead><tr><td></td>");
	for (size_t i = 0; i < n; i++) {
		buf_str(out, "<th scope=\"col\">");
		person(out, &x->person[i]);
		buf_str(out, "</th>");
	}
	buf_str(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n; i++) {
		buf_str(out, "<tr><th scope=\"row\">");
		person(out, &x->person[i]);
		buf_str(out, "</th>");
		for (size_t k = 0; k < n; k++)
			heat_cell(out, x->count[i][k], x->most);
		buf_str(out, "</tr>\n");
	}
	buf_str(out, "</tbody></table></div>\n");
}

void html_handoffs(struct buf *out, const struct model *m,
		   const struct model_process *p)
{
	struct matrix x = { 0 };

	if (!p->handoffs)
		return;
	buf_str(out, "<h2>Who hands to whom</h2>\n<p class=\"note\">Contended "
		     "handoffs of all locks of the process.</p>\n");
	if (fill(&x, m->handoffs + p->handoff, p->handoffs))
		matrix(out, &x);
	free(x.person);
}

/* ---- migrations -----------------------------------------------------------
 */

#define CPUS_MAX 64

static uint64_t moves(const struct model *m, const struct model_process *p,
		      uint32_t from, uint32_t to)
{
	const struct model_migration *g = m->migrations + p->migration;
	uint64_t n = 0;

	for (size_t i = 0; i < p->migrations; i++)
		if (g[i].from == from && g[i].to == to)
			n += g[i].migrations;
	return n;
}

/* CPUs that are in any migration, in order; more than CPUS_MAX are left out. */
static size_t cpus_of(const struct model *m, const struct model_process *p,
		      uint32_t cpu[CPUS_MAX])
{
	const struct model_migration *g = m->migrations + p->migration;
	uint32_t top = 0;
	size_t n = 0;
	bool any;

	for (size_t i = 0; i < p->migrations; i++) {
		top = g[i].from > top ? g[i].from : top;
		top = g[i].to > top ? g[i].to : top;
	}
	for (uint32_t c = 0; c <= top && n < CPUS_MAX; c++) {
		any = false;
		for (size_t i = 0; !any && i < p->migrations; i++)
			any = g[i].from == c || g[i].to == c;
		if (any)
			cpu[n++] = c;
	}
	return n;
}

void html_migrations(struct buf *out, const struct model *m,
		     const struct model_process *p)
{
	uint32_t cpu[CPUS_MAX];
	size_t n = cpus_of(m, p, cpu);
	uint64_t most = 0, at;

	if (!p->migrations)
		return;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			at = moves(m, p, cpu[i], cpu[k]);
			most = at > most ? at : most;
		}
	buf_str(out, "<h2>Migrations</h2>\n<p class=\"note\">Times that a "
		     "thread was moved.</p>\n<div class=\"scroll\"><table "
		     "class=\"heat\"><caption>from CPU (rows) to CPU (columns)"
		     "</caption>\n<thead><tr><td></td>");
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "<th scope=\"col\">%u</th>", cpu[i]);
	buf_str(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "<tr><th scope=\"row\">%u</th>", cpu[i]);
		for (size_t k = 0; k < n; k++)
			heat_cell(out, moves(m, p, cpu[i], cpu[k]), most);
		buf_str(out, "</tr>\n");
	}
	buf_str(out, "</tbody></table></div>\n");
}
