// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "interp.h"
#include "recognise.h"

/* From one search to the next: at first while the interpreter starts, then
 * doubled. */
#define FIRST_WAIT_NS 20000000ull
#define LONGEST_WAIT_NS 30000000000ull

/* Words of a process that are looked at for their behaviour. */
#define SEEN_MAX 512

/* A lock that the kernel side has been told of. */
struct label {
	uint32_t index; /* in the lock table */
	uint32_t image;
	uint64_t interval_ns;
	char name[INTERP_NAME + 16];
	struct interp_lock found;
	size_t words;
	struct probe_word *word;
};

struct image {
	uint32_t image;
	pid_t pid;
	bool done;
	bool gil_disabled;
	uint64_t next_ns; /* the next search */
	uint64_t wait_ns; /* and how long after it the one after that */
};

struct recognise {
	struct probe *probe;
	struct recognise_config config;
	struct image *images; /* in order of image, but for a late few */
	size_t nimages, images_room;
	struct label **labels; /* each allocated: their names are given out */
	size_t nlabels, labels_room;
	struct interp found; /* large, hence not on the stack */
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct recognise *recognise_new(struct probe *probe,
				const struct recognise_config *config)
{
	struct recognise *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->probe = probe;
	r->config = *config;
	return r;
}

void recognise_free(struct recognise *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->nlabels; i++) {
		free(r->labels[i]->word);
		free(r->labels[i]);
	}
	free(r->labels);
	free(r->images);
	free(r);
}

/* ---- what is known --------------------------------------------------------
 */

static struct image *image_find(const struct recognise *r, uint32_t image)
{
	for (size_t i = r->nimages; i-- > 0;)
		if (r->images[i].image == image)
			return &r->images[i];
	return NULL;
}

static bool grow(void **array, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 32;
	void *bigger;

	if (n < *room)
		return true;
	bigger = realloc(*array, more * size);
	if (!bigger)
		return false;
	*array = bigger;
	*room = more;
	return true;
}

static struct image *image_add(struct recognise *r, uint32_t image, pid_t pid)
{
	if (!grow((void **)&r->images, r->nimages, &r->images_room,
		  sizeof(*r->images)))
		return NULL;
	r->images[r->nimages] = (struct image){ .image = image,
						.pid = pid,
						.wait_ns = FIRST_WAIT_NS };
	return &r->images[r->nimages++];
}

static bool labelled(const struct recognise *r, uint32_t image, uint64_t id)
{
	for (size_t i = 0; i < r->nlabels; i++)
		if (r->labels[i]->image == image &&
		    r->labels[i]->found.address == id)
			return true;
	return false;
}

/* ---- a lock that was found ------------------------------------------------
 */

/* Takes its own copy of the words; the kernel side gets them at once. */
static void label_add(struct recognise *r, const struct image *image,
		      const struct interp_lock *lock,
		      const struct probe_word *word, size_t words)
{
	struct label *l = calloc(1, sizeof(*l));

	if (l)
		l->word = calloc(words + 1, sizeof(*word));
	if (!l || !l->word ||
	    !grow((void **)&r->labels, r->nlabels, &r->labels_room,
		  sizeof(struct label *)))
		goto fail;
	l->image = image->image;
	l->interval_ns = lock->interval_ns;
	l->found = *lock;
	l->words = words;
	memcpy(l->word, word, words * sizeof(*word));
	snprintf(l->name, sizeof(l->name), "%s%s",
		 lock->certainty == INTERP_SURE ? "" : "probable ", lock->name);
	if (probe_add_lock(r->probe, image->image, image->pid, lock->address,
			   GW_KIND_GIL, word, words, &l->index))
		goto fail;
	r->labels[r->nlabels++] = l;
	if (r->config.verbose)
		fprintf(stderr, "gilwatch: process %d: %s at 0x%llx (%s)\n",
			(int)image->pid, l->name,
			(unsigned long long)lock->address,
			interp_method_name(lock->method));
	return;
fail:
	if (l)
		free(l->word);
	free(l);
}

/* The words of one lock, out of those of all. */
static size_t words_of(const struct interp *found, size_t lock,
		       struct probe_word *word)
{
	size_t n = 0;

	for (size_t i = 0; i < found->words; i++)
		if (found->word[i].lock == lock)
			word[n++] = (struct probe_word){
				.addr = found->word[i].addr,
				.role = found->word[i].role,
			};
	return n;
}

static void take_found(struct recognise *r, const struct image *image)
{
	static struct probe_word word[INTERP_WORDS_MAX];
	const struct interp *found = &r->found;

	for (size_t i = 0; i < found->locks; i++)
		if (!labelled(r, image->image, found->lock[i].address))
			label_add(r, image, &found->lock[i], word,
				  words_of(found, i, word));
}

/* ---- the search -----------------------------------------------------------
 */

/* Distinct threads on one side of a lock's handoffs, as far as they fit. */
static uint32_t threads_of(const struct snapshot *s, uint32_t lock, bool to,
			   uint32_t tid[BEHAVE_TIDS])
{
	uint32_t n = 0, who;

	for (size_t i = 0; i < s->nedges && n < BEHAVE_TIDS; i++) {
		if (s->edges[i].lock != lock)
			continue;
		who = to ? s->edges[i].to : s->edges[i].from;
		for (uint32_t j = 0; j <= n; j++) {
			if (j == n)
				tid[n++] = who;
			else if (tid[j] != who)
				continue;
			break;
		}
	}
	return n;
}

static void seen_word(struct behave_word *w, const struct snapshot *s,
		      uint32_t index, uint64_t addr)
{
	const struct gw_lock *k = &s->locks[index].k;

	*w = (struct behave_word){
		.addr = addr,
		.shared = k->shared,
		.bitset = k->bitset,
		.realtime = k->realtime,
		.val_two = k->kind == GW_KIND_MUTEX,
		.waits = k->waits,
		.waits_timed = k->timed,
		.wakes = k->wakes,
		.timeout_ns = k->timeout_ns,
		.timeout_hits = k->timeout_hits,
	};
	w->waiters = threads_of(s, index, true, w->waiter);
	w->wakers = threads_of(s, index, false, w->waker);
}

/* The futex words of an image as the kernel side knows them; a condition
 * variable's two words have their figures together. */
static size_t seen_words(struct behave_word *seen, const struct snapshot *s,
			 uint32_t image)
{
	const struct gw_lock *k;
	size_t n = 0;

	for (uint32_t i = 0; s && i < s->nlocks && n + 2 <= SEEN_MAX; i++) {
		k = &s->locks[i].k;
		if (k->image != image || k->kind == GW_KIND_GIL)
			continue;
		seen_word(&seen[n++], s, i, k->id);
		if (k->kind == GW_KIND_COND)
			seen_word(&seen[n++], s, i, k->id + 4);
	}
	return n;
}

static void search(struct recognise *r, struct image *image,
		   const struct snapshot *s)
{
	static struct behave_word seen[SEEN_MAX];
	struct interp_hints hints = {
		.no_symbols = r->config.no_symbols,
		.lock = r->config.lock,
		.seen = seen,
		.seen_count = seen_words(seen, s, image->image),
	};
	int err = interp_find(image->pid, &hints, &r->found, NULL);

	image->next_ns = now_ns() + image->wait_ns;
	image->wait_ns *= 2;
	if (image->wait_ns > LONGEST_WAIT_NS)
		image->wait_ns = LONGEST_WAIT_NS;
	if (err) {
		image->done = true;
		return;
	}
	take_found(r, image);
	image->gil_disabled = r->found.gil_disabled;
	/* New sub-interpreters may come, hence not done: only ever rarer. */
	if (r->found.locks && !r->found.later)
		image->wait_ns = LONGEST_WAIT_NS;
}

void recognise_image(struct recognise *r, uint32_t image, pid_t pid)
{
	struct image *new;

	if (image_find(r, image))
		return;
	new = image_add(r, image, pid);
	if (new)
		search(r, new, NULL);
}

/* A forked child has its parent's locks, at the same addresses. */
static void inherit(struct recognise *r, const struct image *child,
		    uint32_t from)
{
	size_t before = r->nlabels;

	for (size_t i = 0; i < before; i++)
		if (r->labels[i]->image == from)
			label_add(r, child, &r->labels[i]->found,
				  r->labels[i]->word, r->labels[i]->words);
}

void recognise_message(struct recognise *r, const struct gw_message *m)
{
	struct image *new;

	if (m->type != GW_MSG_IMAGE || image_find(r, m->image))
		return;
	new = image_add(r, m->image, (pid_t)m->tgid);
	if (!new)
		return;
	new->next_ns = now_ns() + FIRST_WAIT_NS;
	if (m->from)
		inherit(r, new, m->from);
}

void recognise_run(struct recognise *r, const struct snapshot *s)
{
	uint64_t now = now_ns();

	for (size_t i = 0; i < r->nimages; i++)
		if (!r->images[i].done && r->images[i].next_ns <= now)
			search(r, &r->images[i], s);
}

int recognise_wait_ms(const struct recognise *r)
{
	uint64_t now = now_ns(), next = UINT64_MAX;

	for (size_t i = 0; i < r->nimages; i++)
		if (!r->images[i].done && r->images[i].next_ns < next)
			next = r->images[i].next_ns;
	if (next == UINT64_MAX)
		return -1;
	return next <= now ? 0 : (int)((next - now) / 1000000u) + 1;
}

void recognise_label(const struct recognise *r, struct snapshot *s)
{
	const struct label *l;
	struct snapshot_image *image;

	for (size_t i = 0; i < r->nlabels; i++) {
		l = r->labels[i];
		if (l->index >= s->nlocks)
			continue;
		s->locks[l->index].name = l->name;
		s->locks[l->index].switch_interval_ns = l->interval_ns;
	}
	for (size_t i = 0; i < r->nimages; i++) {
		image = (struct snapshot_image *)snapshot_image(
			s, r->images[i].image);
		if (image && r->images[i].gil_disabled)
			image->note = "GIL disabled";
	}
}
