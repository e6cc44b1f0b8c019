// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "array.h"
#include "interp_guard.h"
#include "labels.h"
#include "note.h"
#include "now.h"
#include "owner.h"
#include "recognise.h"
#include "searched.h"
#include "seen.h"

/* Searches because of new locks: at one time, and the time until the next in
 * relation to what they took. */
#define EAGER_NS 50000000ull
#define EAGER_SHARE 100

/* A forked child that does not exec at once is no mere launcher: each that is
 * labelled takes a place in the lock table for good. */
#define FORK_WAIT_NS 5000000ull

/* Each thread of a Ruby brings words of its own: it is looked for new threads
 * so often, and, as one may take the place of another, searched so often. */
#define TASKS_WAIT_NS 100000000ull
#define MIXED_WAIT_NS 1000000000ull

struct recognise {
	struct recognise_config config;
	struct searched images;
	uint64_t next_ns;  /* of the images': nothing to do before */
	uint64_t eager_ns; /* no search because of new locks before */
	uint64_t
		counted_ns; /* moment of the last snapshot looked at for them */
	struct labels labels;
	void *notes; /* a tree (tsearch) of all texts of notes: what shows them
			can last longer than their images */
	struct interp found; /* large, hence not on the stack */
};

struct recognise *recognise_new(struct probe *probe,
				const struct recognise_config *config)
{
	struct recognise *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->labels.probe = probe;
	r->labels.verbose = config->verbose;
	r->next_ns = UINT64_MAX;
	r->config = *config;
	return r;
}

void recognise_free(struct recognise *r)
{
	if (!r)
		return;
	labels_free(&r->labels);
	searched_free(&r->images);
	tdestroy(r->notes, free);
	free(r);
}

/* ---- what is known --------------------------------------------------------
 */

static void end(struct recognise *r, struct searched_image *image)
{
	image->done = true;
	labels_end(&r->labels, image->image);
}

void recognise_forget(struct recognise *r, uint32_t image)
{
	labels_forget(&r->labels, image);
	searched_remove(&r->images, image);
}

/* What the process was before its exec; what it was before that is retired
 * already. */
static void retire_last(struct recognise *r, pid_t pid)
{
	for (size_t i = r->images.n; i-- > 0;)
		if (r->images.list[i].pid == pid) {
			end(r, &r->images.list[i]);
			return;
		}
}

static void plan(struct recognise *r, const struct searched_image *image)
{
	if (!image->done && image->next_ns < r->next_ns)
		r->next_ns = image->next_ns;
}

/* ---- the search -----------------------------------------------------------
 */

/* A process that has run for so long and shows no interpreter is none. */
#define PENDING_NS 500000000ull

static void take_note(struct recognise *r, struct searched_image *image)
{
	uint64_t age = now_ns() - image->begin_ns;

	if (r->found.locks && !image->found) {
		image->found = true;
		image->late_ns = image->first ? 0 : age;
	}
	image->pending = !image->found && !r->found.gil_disabled &&
			 (r->found.later || (!image->ran && age < PENDING_NS));
	image->first = false;
}

/* The folder of a process's threads has two links more than it has threads. */
static uint64_t tasks_of(pid_t pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	return stat(path, &st) ? 0 : st.st_nlink;
}

static bool is_mixed(const struct interp *found)
{
	for (size_t i = 0; i < found->locks; i++)
		if (found->lock[i].mixed)
			return true;
	return false;
}

/* Nothing has come in a process whose lock is known. */
static bool is_quiet(struct searched_image *image, uint64_t now)
{
	if (!image->mixed || now >= image->full_ns ||
	    tasks_of(image->pid) != image->tasks)
		return false;
	image->next_ns = now + TASKS_WAIT_NS;
	return true;
}

static char *note_of(const struct searched_image *image, enum note_search state)
{
	struct note n = { .gil_disabled = image->gil_disabled,
			  .search = state,
			  .late_ns = image->late_ns };

	n.inner_pid = owner_inner(image->pid);
	if (n.inner_pid == (uint32_t)image->pid)
		n.inner_pid = 0;
	return note_text(&n);
}

static uint64_t longer(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void search(struct recognise *r, struct searched_image *image,
		   const struct snapshot *s)
{
	static struct behave_word seen[SEEN_MAX];
	struct interp_hints hints = {
		.no_symbols = r->config.no_symbols,
		.lock = r->config.lock,
		.seen = seen,
		.seen_count = seen_words(seen, s, image->image),
	};
	uint64_t begin = now_ns(), now, pause;
	int err;

	image->tasks = tasks_of(image->pid);
	err = interp_find_guarded(image->pid, &hints, &r->found, NULL,
				  INTERP_GUARD_MS);
	now = now_ns();
	pause = searched_pause(&r->images, image, now - begin);
	image->next_ns = now + longer(image->wait_ns, pause);
	image->wait_ns = 2 * longer(image->wait_ns, pause);
	if (image->wait_ns > SEARCHED_LONGEST_NS)
		image->wait_ns = SEARCHED_LONGEST_NS;
	if (err) {
		if (err != -ENOMEM)
			end(r, image);
		return;
	}
	if (image->from)
		labels_inherit(&r->labels, image->image, image->pid,
			       image->from);
	image->from = 0;
	labels_take(&r->labels, &r->found, image->image, image->pid);
	image->gil_disabled = r->found.gil_disabled;
	take_note(r, image);
	/* New sub-interpreters may come, hence not done: only ever rarer. */
	if (r->found.locks && !r->found.later)
		image->wait_ns = SEARCHED_LONGEST_NS;
	image->mixed = is_mixed(&r->found);
	if (!image->mixed)
		return;
	image->next_ns = now + TASKS_WAIT_NS;
	image->full_ns = now + longer(MIXED_WAIT_NS, pause);
}

void recognise_image(struct recognise *r, uint32_t image, pid_t pid)
{
	struct searched_image *new;

	if (searched_find(&r->images, image))
		return;
	new = searched_add(&r->images, image, pid);
	if (!new)
		return;
	new->first = new->ran = true;
	search(r, new, NULL);
	plan(r, new);
}

void recognise_message(struct recognise *r, const struct gw_message *m)
{
	struct searched_image *new;

	if (m->type != GW_MSG_IMAGE || searched_find(&r->images, m->image))
		return;
	if (!m->from)
		retire_last(r, (pid_t)m->tgid);
	new = searched_add(&r->images, m->image, (pid_t)m->tgid);
	if (!new)
		return;
	new->next_ns = now_ns() + (m->from ? FORK_WAIT_NS : SEARCHED_FIRST_NS);
	new->from = m->from;
	plan(r, new);
}

/* Counts the locks of each image in which nothing has been found. */
static void count_locks(struct recognise *r, const struct snapshot *s)
{
	struct searched_image *image;
	size_t i;

	for (i = 0; i < r->images.n; i++)
		r->images.list[i].locks_seen = 0;
	for (i = 0; i < s->nlocks; i++) {
		image = searched_find(&r->images, s->locks[i].k.image);
		if (image)
			image->locks_seen++;
	}
}

/*
 * A process that begins to wait on new words may have loaded an interpreter
 * since it was searched. All such searches together take a hundredth of a core
 * at most.
 */
static void search_eagerly(struct recognise *r, const struct snapshot *s)
{
	uint64_t begin = now_ns(), now = begin;
	struct searched_image *image;
	size_t i;

	if (begin < r->eager_ns || s->now_ns == r->counted_ns)
		return;
	r->counted_ns = s->now_ns;
	count_locks(r, s);
	for (i = 0; i < r->images.n && now < begin + EAGER_NS; i++) {
		image = &r->images.list[i];
		if (image->done || image->found ||
		    image->locks_seen <= image->locks)
			continue;
		image->locks = image->locks_seen;
		search(r, image, s);
		plan(r, image);
		now = now_ns();
	}
	r->eager_ns = begin + (now - begin) * EAGER_SHARE;
}

void recognise_run(struct recognise *r, const struct snapshot *s)
{
	uint64_t now = now_ns();

	if (s)
		search_eagerly(r, s);
	if (now < r->next_ns)
		return;
	r->next_ns = UINT64_MAX;
	for (size_t i = 0; i < r->images.n; i++) {
		if (!r->images.list[i].done &&
		    r->images.list[i].next_ns <= now &&
		    !is_quiet(&r->images.list[i], now))
			search(r, &r->images.list[i], s);
		plan(r, &r->images.list[i]);
	}
}

int recognise_wait_ms(const struct recognise *r)
{
	uint64_t now = now_ns(), next = r->next_ns;

	if (next == UINT64_MAX)
		return -1;
	return next <= now ? 0 : (int)((next - now) / 1000000u) + 1;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The same text once, however many processes it is the note of; NULL stays. */
static const char *keep_text(struct recognise *r, char *text)
{
	char **kept = text ? tsearch(text, &r->notes, by_text) : NULL;

	if (kept && *kept == text)
		return text;
	free(text);
	return kept ? *kept : NULL;
}

/* The note of an image in a state, made once. */
static const char *note_in(struct recognise *r, struct searched_image *image,
			   enum note_search state)
{
	if (!image->noted[state])
		image->note[state] = keep_text(r, note_of(image, state));
	image->noted[state] = true;
	return image->note[state];
}

void recognise_label(struct recognise *r, struct snapshot *s)
{
	struct snapshot_image *seen;
	struct searched_image *image;

	labels_write(&r->labels, s);
	for (size_t i = 0; i < r->images.n; i++) {
		image = &r->images.list[i];
		seen = (struct snapshot_image *)snapshot_image(s, image->image);
		if (!seen)
			continue;
		seen->note = note_in(r, image,
				     image->pending   ? NOTE_PENDING
				     : image->late_ns ? NOTE_LATE
						      : NOTE_DONE);
		if (!image->late_ns)
			continue;
		/* What has begun since is all the GIL's. */
		seen->later_ns = image->begin_ns + image->late_ns;
		seen->later_note = note_in(r, image, NOTE_DONE);
	}
}
