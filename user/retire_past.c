// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which of the processes and threads that have ended are folded, and the order
 * in which anything is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "retire_priv.h"

/* ---- what goes first ------------------------------------------------------
 */

static int by_weight(const void *a, const void *b)
{
	const struct retire_choice *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? -1 : 1;
	return (x->what > y->what) - (x->what < y->what);
}

int retire_choose(struct retire_choices *c, uint64_t weight, size_t what)
{
	if (array_grow(&c->list, c->n, &c->room))
		return -ENOMEM;
	c->list[c->n++] = (struct retire_choice){ weight, (uint32_t)what };
	return 0;
}

void retire_order(struct retire_choices *c)
{
	if (c->n)
		qsort(c->list, c->n, sizeof(*c->list), by_weight);
}

int retire_add_pair(struct fold_pair **pairs, size_t *n, size_t *room,
		    uint32_t from, uint32_t into)
{
	if (array_grow(pairs, *n, room))
		return -ENOMEM;
	(*pairs)[(*n)++] = (struct fold_pair){ from, into };
	return 0;
}

bool retire_image_goes(const struct retiring *x, uint32_t image)
{
	return fold_image(&x->f, image) != image;
}

/* ---- processes ------------------------------------------------------------
 */

/* Those whose threads waited least for locks go first, the older before. */
static int weigh_images(struct retiring *x, struct retire_choices *c)
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
			err = retire_choose(c, waits[n], n);
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
	return retire_add_pair(&x->f.images, &x->f.nimages, &x->images_room,
			       image, into);
}

static size_t count_over(const struct retiring *x)
{
	const struct past *p = x->r->past;
	size_t n = 0;

	for (size_t i = 0; i < p->nimages; i++)
		n += past_is_over(&p->images[i], x->window);
	return n;
}

int retire_plan_images(struct retiring *x)
{
	const struct past *p = x->r->past;
	struct retire_choices c = { 0 };
	int err;

	if (count_over(x) <= 2 * RETIRE_IMAGES_KEPT)
		return 0;
	err = weigh_images(x, &c);
	retire_order(&c);
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
	return retire_add_pair(&x->f.threads, &x->f.nthreads, &x->threads_room,
			       k->serial, p->rests[rest].live.thread.serial);
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
		if (retire_image_goes(x, one.live.thread.image))
			err = plan_thread(x, &one);
	}
	return err;
}

int retire_plan_threads(struct retiring *x)
{
	const struct past *p = x->r->past;
	bool many = p->nended > 2 * RETIRE_THREADS_KEPT;
	struct retire_choices c = { 0 };
	int err = plan_rests(x);

	for (size_t i = 0; i < p->nended && !err; i++) {
		if (retire_image_goes(x, p->ended[i].live.thread.image))
			err = plan_thread(x, &p->ended[i]);
		else if (many)
			err = retire_choose(
				&c, thread_weight(&p->ended[i].live.thread), i);
	}
	retire_order(&c);
	for (size_t i = 0; i + RETIRE_THREADS_KEPT < c.n && !err; i++)
		err = plan_thread(x, &p->ended[c.list[i].what]);
	free(c.list);
	if (x->f.nthreads)
		qsort(x->f.threads, x->f.nthreads, sizeof(*x->f.threads),
		      fold_by_from);
	return err;
}
