// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is to be folded, and in which order; the doing is in retire_apply.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "retire_priv.h"

/* A table this full, of 4, is relieved until it is only that full. The kernel
 * side asks for it at the same point (see slot_take). */
#define FULL 2
#define RELIEVED 1

bool retire_is_due(const struct retire *r)
{
	return r->past->nended > 4 * RETIRE_THREADS_KEPT;
}

/* One of those that can go; the least first. */
struct choice {
	uint64_t weight;
	uint32_t what;
};

struct choices {
	struct choice *list;
	size_t n, room;
};

static int by_weight(const void *a, const void *b)
{
	const struct choice *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? -1 : 1;
	return (x->what > y->what) - (x->what < y->what);
}

static int choose(struct choices *c, uint64_t weight, size_t what)
{
	if (array_grow(&c->list, c->n, &c->room))
		return -ENOMEM;
	c->list[c->n++] = (struct choice){ weight, (uint32_t)what };
	return 0;
}

/* The first are the least. */
static void order(struct choices *c)
{
	if (c->n)
		qsort(c->list, c->n, sizeof(*c->list), by_weight);
}

static int add_pair(struct fold_pair **pairs, size_t *n, size_t *room,
		    uint32_t from, uint32_t into)
{
	if (array_grow(pairs, *n, room))
		return -ENOMEM;
	(*pairs)[(*n)++] = (struct fold_pair){ from, into };
	return 0;
}

/* ---- processes ------------------------------------------------------------
 */

/* Those whose threads waited least for locks go first, the older before. */
static int weigh_images(struct retiring *x, struct choices *c)
{
	const struct past *p = x->r->past;
	uint64_t *waits = calloc(p->nimages + 1, sizeof(*waits));
	const struct snapshot_image *i;
	const struct gw_lock *k;
	int err = waits ? 0 : -ENOMEM;

	for (uint32_t l = 0; !err && l < x->nlocks; l++) {
		k = &x->r->tables->locks[l];
		i = k->image ? past_image(p, k->image) : NULL;
		if (i)
			waits[i - p->images] += k->wait_ns;
	}
	for (size_t n = 0; n < p->nimages && !err; n++)
		if (past_is_over(&p->images[n], x->window))
			err = choose(c, waits[n], n);
	free(waits);
	return err;
}

static int plan_image(struct retiring *x, uint32_t image)
{
	struct past *p = x->r->past;
	uint32_t into = past_sum(p, past_image(p, image)->comm,
				 &x->r->tables->state->images);

	if (!into)
		return -ENOMEM;
	return add_pair(&x->f.images, &x->f.nimages, &x->images_room, image,
			into);
}

static size_t count_over(const struct retiring *x)
{
	const struct past *p = x->r->past;
	size_t n = 0;

	for (size_t i = 0; i < p->nimages; i++)
		n += past_is_over(&p->images[i], x->window);
	return n;
}

static int plan_images(struct retiring *x)
{
	const struct past *p = x->r->past;
	struct choices c = { 0 };
	int err;

	if (count_over(x) <= 2 * RETIRE_IMAGES_KEPT)
		return 0;
	err = weigh_images(x, &c);
	order(&c);
	/* By number: a new sum moves the places. */
	for (size_t i = 0; i < c.n; i++)
		c.list[i].what = p->images[c.list[i].what].image;
	for (size_t i = 0; i + RETIRE_IMAGES_KEPT < c.n && !err; i++)
		err = plan_image(x, c.list[i].what);
	free(c.list);
	if (x->f.nimages)
		qsort(x->f.images, x->f.nimages, sizeof(*x->f.images),
		      fold_by_from);
	return err;
}

/* ---- threads --------------------------------------------------------------
 */

static uint64_t thread_weight(const struct gw_thread *t)
{
	return t->time_ns[GW_RUNNING] + t->time_ns[GW_LOCK_WAIT];
}

static int plan_thread(struct retiring *x, const struct snapshot_thread *t)
{
	struct past *p = x->r->past;
	const struct gw_thread *k = &t->live.thread;
	const struct snapshot_image *image =
		past_image(p, fold_image(&x->f, k->image));
	/* Not a pointer into rests, which can move. */
	char comm[GW_COMM_LEN];
	long rest;

	if (!image)
		return 0;
	memcpy(comm, t->live.names.comm, sizeof(comm));
	rest = past_rest(p, image, comm, &x->r->tables->state->threads);
	if (rest < 0)
		return (int)rest;
	return add_pair(&x->f.threads, &x->f.nthreads, &x->threads_room,
			k->serial, p->rests[rest].live.thread.serial);
}

static bool image_goes(const struct retiring *x, uint32_t image)
{
	return fold_image(&x->f, image) != image;
}

/* Sums of a process that goes are folded like its threads. */
static int plan_rests(struct retiring *x)
{
	struct past *p = x->r->past;
	size_t before = p->nrests;
	struct snapshot_thread one;
	int err = 0;

	for (size_t i = 0; i < before && !err; i++) {
		one = p->rests[i];
		if (image_goes(x, one.live.thread.image))
			err = plan_thread(x, &one);
	}
	return err;
}

static int plan_threads(struct retiring *x)
{
	const struct past *p = x->r->past;
	bool many = p->nended > 2 * RETIRE_THREADS_KEPT;
	struct choices c = { 0 };
	int err = plan_rests(x);

	for (size_t i = 0; i < p->nended && !err; i++) {
		if (image_goes(x, p->ended[i].live.thread.image))
			err = plan_thread(x, &p->ended[i]);
		else if (many)
			err = choose(
				&c, thread_weight(&p->ended[i].live.thread), i);
	}
	order(&c);
	for (size_t i = 0; i + RETIRE_THREADS_KEPT < c.n && !err; i++)
		err = plan_thread(x, &p->ended[c.list[i].what]);
	free(c.list);
	if (x->f.nthreads)
		qsort(x->f.threads, x->f.nthreads, sizeof(*x->f.threads),
		      fold_by_from);
	return err;
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
	struct choices c = { 0 };
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
			err = choose(&c, k->waits, i);
	}
	order(&c);
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
		x->goes[i] =
			t->locks[i].image && image_goes(x, t->locks[i].image);
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
	return add_pair(&s->list, &s->n, &s->room, image, index);
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
	struct choices c = { 0 };
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
			err = choose(&c, e.handoffs, i);
	}
	go = used > limit ? used - limit : 0;
	go = go < c.n ? go : (uint32_t)c.n;
	order(&c);
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

static bool locks_full(const struct tables *t)
{
	return tables_locks_used(t) >= quarters(t->locks_size, FULL);
}

static bool edges_full(const struct tables *t)
{
	return tables_edges_used(t) >= quarters(t->edges_size, FULL);
}

bool retire_is_full(const struct retire *r)
{
	return locks_full(r->tables) || edges_full(r->tables);
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
}

int retire_run(struct retire *r, uint32_t window, uint64_t now_ns)
{
	struct retiring x = { .r = r, .window = window, .now = now_ns };
	int err;

	x.nlocks = tables_locks_end(r->tables);
	x.nedges = tables_edges_end(r->tables);
	err = plan_images(&x);
	if (!err)
		err = plan_threads(&x);
	if (!err)
		err = choose_locks(&x);
	if (!err && (x.f.nimages || x.f.nthreads || x.locks_go ||
		     edges_full(r->tables)))
		err = retire_apply(&x);
	retiring_free(&x);
	return err;
}
