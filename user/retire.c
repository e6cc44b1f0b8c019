// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is to be folded, and in which order; the doing is in retire_apply.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "retire_priv.h"

/* A table this full, of 4, is relieved until it is only that full. The kernel
 * side asks for it at the same point (see slot_take). */
#define FULL 3
#define RELIEVED 2

bool retire_is_due(const struct retire *r)
{
	return r->past->nended > 4 * RETIRE_THREADS_KEPT;
}

/* ---- locks ----------------------------------------------------------------
 */

static uint64_t latest(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Nobody waits for it, and for a while nobody has come, had it or released
 * it. */
static bool is_idle(const struct gw_lock *k, uint64_t now)
{
	uint64_t touched =
		latest(latest(k->released.ns, k->busy_since_ns), k->hold_ns);

	return (int)k->waiting <= 0 && touched + RETIRE_IDLE_NS < now;
}

static uint32_t quarters(uint32_t size, uint32_t n)
{
	return size / 4 * n;
}

static int choose_idle(struct retiring *x)
{
	const struct tables *t = x->r->tables;
	uint32_t used = tables_locks_used(t), go = 0;
	struct retire_choices c = { 0 };
	const struct gw_lock *k;
	int err = 0;

	if (used < quarters(t->locks_size, FULL))
		return 0;
	go = used - quarters(t->locks_size, RELIEVED);
	for (uint32_t i = 0; i < x->nlocks && !err; i++) {
		k = &t->locks[i];
		if (k->image && k->kind != GW_KIND_GIL &&
		    k->kind != GW_KIND_REST && !x->goes[i] &&
		    is_idle(k, x->now))
			err = retire_choose(&c, k->waits, i);
	}
	retire_order(&c);
	for (size_t i = 0; i < c.n && i < go; i++)
		x->goes[c.list[i].what] = true;
	x->locks_go |= c.n > 0;
	free(c.list);
	return err;
}

static int choose_locks(struct retiring *x)
{
	const struct tables *t = x->r->tables;

	x->goes = calloc(x->nlocks + 1, sizeof(*x->goes));
	if (!x->goes)
		return -ENOMEM;
	for (uint32_t i = 0; i < x->nlocks && x->f.nimages; i++) {
		x->goes[i] = t->locks[i].image &&
			     retire_image_goes(x, t->locks[i].image);
		x->locks_go |= x->goes[i];
	}
	return choose_idle(x);
}

/* The sum that a lock goes to: its process's, where there is one already, else
 * it becomes that itself. */
struct sums {
	struct fold_pair *list; /* image and lock */
	size_t n, room;
};

static int sum_of(struct sums *s, uint32_t image, uint32_t index,
		  uint32_t *into)
{
	*into = index;
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].from == image) {
			*into = s->list[i].into;
			return 0;
		}
	return retire_add_pair(&s->list, &s->n, &s->room, image, index);
}

int retire_plan_locks(struct retiring *x)
{
	const struct gw_lock *locks = x->r->tables->locks;
	struct sums sums = { 0 };
	uint32_t into;
	int err = 0;

	x->f.nlocks = x->nlocks;
	x->f.locks = calloc(x->nlocks + 1, sizeof(*x->f.locks));
	if (!x->f.locks)
		return -ENOMEM;
	for (uint32_t i = 0; i < x->nlocks && !err; i++) {
		x->f.locks[i] = FOLD_STAYS;
		if (locks[i].kind == GW_KIND_REST && !x->goes[i])
			err = sum_of(&sums, locks[i].image, i, &into);
	}
	for (uint32_t i = 0; i < x->nlocks && !err; i++)
		if (x->goes[i])
			err = sum_of(&sums, fold_image(&x->f, locks[i].image),
				     i, &x->f.locks[i]);
	free(sums.list);
	return err;
}

/* ---- handoff pairs --------------------------------------------------------
 */

/* Where pairs fill the table that are of nothing that goes, the rarest become
 * "any pair" of their lock. */
int retire_plan_edges(struct retiring *x)
{
	const struct tables *t = x->r->tables;
	uint32_t used = tables_edges_used(t), go;
	uint32_t limit = quarters(t->edges_size, RELIEVED);
	struct retire_choices c = { 0 };
	struct gw_edge e;
	int err = 0;

	if (used < quarters(t->edges_size, FULL))
		return 0;
	for (uint32_t i = 0; i < x->nedges && !err; i++) {
		e = t->edges[i];
		if (!e.to || !e.handoffs)
			continue;
		if (fold_edge_key(&x->f, &e))
			used--;
		else if (e.to != GW_THREAD_REST)
			err = retire_choose(&c, e.handoffs, i);
	}
	go = used > limit ? used - limit : 0;
	go = go < c.n ? go : (uint32_t)c.n;
	retire_order(&c);
	x->f.nedges = 0;
	x->f.edges = calloc(go + 1u, sizeof(*x->f.edges));
	if (!x->f.edges)
		err = -ENOMEM;
	for (; !err && x->f.nedges < go; x->f.nedges++) {
		e = t->edges[c.list[x->f.nedges].what];
		x->f.edges[x->f.nedges] =
			(struct gw_edge_key){ e.lock, e.from, e.to };
	}
	if (x->f.edges && x->f.nedges)
		qsort(x->f.edges, x->f.nedges, sizeof(*x->f.edges),
		      fold_by_key);
	free(c.list);
	return err;
}

/* ---- the whole ------------------------------------------------------------
 */

static bool edges_full(const struct tables *t)
{
	return tables_edges_used(t) >= quarters(t->edges_size, FULL);
}

static void retiring_free(struct retiring *x)
{
	free(x->f.threads);
	free(x->f.images);
	free(x->f.edges);
	free(x->f.locks);
	free(x->goes);
	free(x->words.key);
	free(x->words.word);
	free(x->edges);
	free(x->edge_goes);
	free(x->edge_noted);
}

int retire_run(struct retire *r, uint32_t window, uint64_t now_ns)
{
	struct retiring x = { .r = r, .window = window, .now = now_ns };
	int err;

	x.nlocks = tables_locks_end(r->tables);
	x.nedges = tables_edges_end(r->tables);
	err = retire_plan_images(&x);
	if (!err)
		err = retire_plan_threads(&x);
	if (!err)
		err = choose_locks(&x);
	if (!err && (x.f.nimages || x.f.nthreads || x.locks_go ||
		     edges_full(r->tables)))
		err = retire_apply(&x);
	retiring_free(&x);
	return err;
}
