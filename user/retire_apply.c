// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Folding, beside a kernel side that goes on counting. Nothing may be added to
 * an entry after it was folded, so:
 *
 *  1. The words of the locks that go are dropped: programs that begin now find
 *     them no more.
 *  2. After a grace period no program runs that had found them before.
 *  3. Locks that threads still refer to (they wait for it, or have returned and
 *     it is open whether they have it) are marked, and stay, with their words.
 *  4. Handoff pairs that go are dropped in the same way.
 *  5. After another grace period neither the programs that had found these, nor
 *     those that ran when their threads were looked at in 3, count any more.
 * The latter may have made a pair since 4; it goes too.
 *  6. The entries are added up and given back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "retire_priv.h"

/* ---- 1 to 3: locks --------------------------------------------------------
 */

static bool word_goes(void *ctx, const struct gw_word_key *key,
		      const struct gw_word *word)
{
	const struct retiring *x = ctx;

	return (word->lock < x->nlocks && x->goes[word->lock]) ||
	       fold_image(&x->f, key->image) != key->image;
}

/* A process that goes takes its lock along in any case, as one of its sum's. */
static void lock_stays(struct retiring *x, uint32_t i)
{
	struct gw_lock *k = &x->r->tables->locks[i];
	uint32_t image = fold_image(&x->f, k->image);

	x->goes[i] = false;
	if (image == k->image)
		return;
	k->tgid = 0;
	k->image = image;
}

static int leave_those_in_use(struct retiring *x)
{
	struct tables *t = x->r->tables;
	int err = tables_mark(t);

	for (uint32_t i = 0; i < x->nlocks && !err; i++)
		if (x->goes[i] && t->locks[i].mark == t->state->mark)
			lock_stays(x, i);
	for (size_t i = 0; i < x->words.n; i++)
		if (x->words.word[i].lock < x->nlocks &&
		    !x->goes[x->words.word[i].lock])
			tables_put_word(t, &x->words.key[i], &x->words.word[i]);
	return err;
}

static int drop_locks(struct retiring *x)
{
	struct tables *t = x->r->tables;
	int err;

	if (!x->locks_go && !x->f.nimages)
		return 0;
	err = tables_drop_words(t, word_goes, x, &x->words);
	if (!err)
		err = tables_grace(t);
	return err ? err : leave_those_in_use(x);
}

/* ---- 4 and 5: handoff pairs
 * -----------------------------------------------------
 */

static int by_key(const void *a, const void *b)
{
	const struct retiring_edge *x = a, *y = b;
	int order = fold_by_key(&x->key, &y->key);

	/* A sum that is there already comes before what is added to it. */
	if (order || x->goes == y->goes)
		return order;
	return x->goes ? 1 : -1;
}

static bool its_lock_goes(const struct retiring *x, const struct gw_edge *e)
{
	return e->lock < x->nlocks && x->goes[e->lock];
}

/* One that is just being made has no handoff yet, and waits for the next
 * time. */
static bool edge_goes(const struct retiring *x, struct gw_edge *e)
{
	bool lock_goes = its_lock_goes(x, e);

	return fold_edge_key(&x->f, e) && (e->handoffs || lock_goes);
}

static void note_edge(struct retiring *x, uint32_t i)
{
	const struct tables *t = x->r->tables;
	struct retiring_edge *one = &x->edges[x->edges_used++];
	struct gw_edge e = t->edges[i];

	one->index = i;
	one->goes = edge_goes(x, &e);
	if (!one->goes)
		e = t->edges[i];
	one->key = (struct gw_edge_key){ e.lock, e.from, e.to };
	x->edge_goes[i] = one->goes;
	x->edge_noted[i] = true;
}

static int drop_edges(struct retiring *x)
{
	struct tables *t = x->r->tables;

	x->edges = calloc(t->edges_size + 1u, sizeof(*x->edges));
	x->edge_goes = calloc(t->edges_size + 1u, sizeof(*x->edge_goes));
	x->edge_noted = calloc(t->edges_size + 1u, sizeof(*x->edge_noted));
	if (!x->edges || !x->edge_goes || !x->edge_noted)
		return -ENOMEM;
	for (uint32_t i = 0; i < x->nedges; i++)
		if (t->edges[i].to)
			note_edge(x, i);
	return tables_drop_edges(t, x->edge_goes, x->nedges);
}

/* Nobody finds them: their locks are referred to by no thread. */
static int drop_late_edges(struct retiring *x)
{
	struct tables *t = x->r->tables;
	uint32_t end = tables_edges_end(t);
	size_t before = x->edges_used;

	for (uint32_t i = 0; x->locks_go && i < end; i++)
		if (!x->edge_noted[i] && t->edges[i].to &&
		    its_lock_goes(x, &t->edges[i]))
			note_edge(x, i);
	return x->edges_used > before ? tables_drop_edges(t, x->edge_goes, end)
				      : 0;
}

/* ---- 6: adding up ---------------------------------------------------------
 */

static void fold_edge_entries(struct retiring *x)
{
	struct tables *t = x->r->tables;
	const struct retiring_edge *e, *sum = NULL;
	struct gw_edge *k;

	if (x->edges_used)
		qsort(x->edges, x->edges_used, sizeof(*x->edges), by_key);
	for (size_t i = 0; i < x->edges_used; i++) {
		e = &x->edges[i];
		k = &t->edges[e->index];
		if (sum && !fold_by_key(&sum->key, &e->key) && e->goes) {
			fold_edge(&t->edges[sum->index], k);
			tables_give_edge(t, e->index);
			x->r->edges++;
			continue;
		}
		sum = e;
		k->lock = e->key.lock;
		k->from = e->key.from;
		k->to = e->key.to;
	}
}

static struct gw_lock sum_of(const struct retiring *x, const struct gw_lock *k)
{
	uint32_t image = fold_image(&x->f, k->image);

	return fold_lock_sum(image, image == k->image ? k->tgid : 0);
}

static void fold_lock_entries(struct retiring *x)
{
	struct tables *t = x->r->tables;
	struct gw_lock sum;

	for (uint32_t i = 0; i < x->nlocks; i++) {
		if (x->f.locks[i] != i)
			continue;
		sum = sum_of(x, &t->locks[i]);
		fold_lock(&sum, &t->locks[i]);
		t->locks[i] = sum;
		x->r->locks++;
	}
	for (uint32_t i = 0; i < x->nlocks; i++) {
		if (x->f.locks[i] == i || x->f.locks[i] == FOLD_STAYS)
			continue;
		fold_lock(&t->locks[x->f.locks[i]], &t->locks[i]);
		tables_give_lock(t, i);
		x->r->locks++;
	}
}

static bool move_migration(void *ctx, struct gw_migration_key *key)
{
	const struct retiring *x = ctx;

	return fold_migration_key(&x->f, key);
}

/* A word of pthread_join is told by the thread whose id it holds, which will
 * not be found any more. */
static void note_joins(struct retiring *x)
{
	struct tables *t = x->r->tables;
	const struct past *p = x->r->past;
	const struct gw_thread *k;

	for (uint32_t i = 0; i < x->nlocks; i++) {
		if (t->locks[i].kind != GW_KIND_JOIN || t->locks[i].joined)
			continue;
		for (size_t j = 0; j < p->nended; j++) {
			k = &p->ended[j].live.thread;
			if (k->tid == t->locks[i].first_val &&
			    k->image == t->locks[i].image)
				t->locks[i].joined = 1;
		}
	}
}

static struct snapshot_thread *rest_of(struct past *p, uint32_t serial)
{
	struct snapshot_thread key;

	key.live.thread.serial = serial;
	return bsearch(&key, p->rests, p->nrests, sizeof(key),
		       snapshot_by_serial);
}

/* Adds threads to the sums that they go into; returns how many are left. */
static size_t fold_list(struct retiring *x, struct snapshot_thread *list,
			size_t n)
{
	struct past *p = x->r->past;
	size_t kept = 0;
	uint32_t serial, into;

	for (size_t i = 0; i < n; i++) {
		serial = list[i].live.thread.serial;
		into = fold_serial(&x->f, serial);
		if (into == serial) {
			if (kept != i)
				list[kept] = list[i];
			kept++;
			continue;
		}
		fold_thread(&rest_of(p, into)->live.thread,
			    &list[i].live.thread);
	}
	return kept;
}

static void fold_past_threads(struct retiring *x)
{
	struct past *p = x->r->past;
	size_t before = p->nended, kept = 0;
	struct snapshot_thread one;

	note_joins(x);
	p->nended = fold_list(x, p->ended, p->nended);
	x->r->threads += before - p->nended;
	/* Sums go into sums of the same list, hence first the adding. */
	for (size_t i = 0; i < p->nrests; i++) {
		one = p->rests[i];
		fold_list(x, &one, 1);
	}
	for (size_t i = 0; i < p->nrests; i++)
		if (fold_serial(&x->f, p->rests[i].live.thread.serial) ==
		    p->rests[i].live.thread.serial)
			p->rests[kept++] = p->rests[i];
	p->nrests = kept;
}

static void fold_past_images(struct retiring *x)
{
	struct past *p = x->r->past;
	size_t kept = 0;
	uint32_t into;

	for (size_t i = 0; i < p->nimages; i++) {
		into = fold_image(&x->f, p->images[i].image);
		if (into != p->images[i].image)
			past_image(p, into)->folded++;
	}
	for (size_t i = 0; i < p->nimages; i++) {
		if (fold_image(&x->f, p->images[i].image) == p->images[i].image)
			p->images[kept++] = p->images[i];
		else if (x->r->gone)
			x->r->gone(x->r->ctx, p->images[i].image);
	}
	x->r->images += p->nimages - kept;
	p->nimages = kept;
}

static int fold_kept(struct retiring *x)
{
	const struct past *p = x->r->past;
	int err = 0;

	x->f.rests = p->rests;
	x->f.nrests = p->nrests;
	x->f.now = p->images;
	x->f.nnow = p->nimages;
	for (size_t i = 0; i < x->r->nkept && !err; i++)
		if (x->r->kept[i]->now_ns)
			err = fold_snapshot(x->r->kept[i], &x->f);
	return err;
}

int retire_apply(struct retiring *x)
{
	struct tables *t = x->r->tables;
	int err = drop_locks(x);

	if (!err)
		err = retire_plan_locks(x);
	if (!err)
		err = retire_plan_edges(x);
	if (!err)
		err = drop_edges(x);
	if (!err)
		err = tables_grace(t);
	if (!err)
		err = drop_late_edges(x);
	if (err)
		return err;
	fold_edge_entries(x);
	fold_lock_entries(x);
	if (x->f.nthreads || x->f.nimages)
		err = tables_move_migrations(t, move_migration, x);
	fold_past_threads(x);
	fold_past_images(x);
	return err ? err : fold_kept(x);
}
