// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gil.h"
#include "labels.h"

/* The longest switch interval that is believed. */
#define INTERVAL_MAX_NS (GIL_INTERVAL_MAX * 1000)

#define PROBABLE "probable "

static void label_free(struct label *l)
{
	if (l)
		free(l->word);
	free(l);
}

void labels_free(struct labels *l)
{
	for (size_t i = 0; i < l->n; i++)
		label_free(l->list[i]);
	free(l->list);
	l->list = NULL;
	l->n = l->room = 0;
}

static bool has_room(struct labels *l)
{
	size_t more = l->room ? l->room * 2 : 32;
	struct label **bigger;

	if (l->n < l->room)
		return true;
	bigger = realloc(l->list, more * sizeof(struct label *));
	if (!bigger)
		return false;
	l->list = bigger;
	l->room = more;
	return true;
}

static struct label *known(const struct labels *l, uint32_t image,
			   uint64_t address)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i]->image == image &&
		    l->list[i]->found.address == address)
			return l->list[i];
	return NULL;
}

/* ---- telling --------------------------------------------------------------
 */

/* What is known by its behaviour alone says so itself. */
static bool says_probable(const char *name)
{
	return !strncmp(name, PROBABLE, strlen(PROBABLE));
}

/* Takes its own copy of the words. NULL without memory. */
static struct label *label_new(const struct interp_lock *lock, uint32_t image,
			       pid_t pid, const struct probe_word *word,
			       size_t words)
{
	struct label *new = calloc(1, sizeof(*new));

	if (new)
		new->word = calloc(words + 1, sizeof(*word));
	if (!new || !new->word) {
		label_free(new);
		return NULL;
	}
	new->image = image;
	new->pid = pid;
	new->interval_ns = lock->interval_ns;
	new->found = *lock;
	new->words = words;
	memcpy(new->word, word, words * sizeof(*word));
	snprintf(new->name, sizeof(new->name), "%s%s",
		 lock->certainty == INTERP_SURE || says_probable(lock->name)
			 ? ""
			 : PROBABLE,
		 lock->name);
	snprintf(new->before, sizeof(new->before), "%s" SNAPSHOT_BEFORE,
		 new->name);
	return new;
}

static bool has_word(const struct label *l, uint64_t addr)
{
	for (size_t i = 0; i < l->words; i++)
		if (l->word[i].addr == addr)
			return true;
	return false;
}

/* A lock whose waiters each bring words of their own gets more with each new
 * thread. Those of ended threads stay: their memory may be used again. */
static void extend(struct labels *l, struct label *label,
		   const struct probe_word *word, size_t words)
{
	size_t before = label->words;
	struct probe_word *bigger;

	bigger = reallocarray(label->word, before + words + 1, sizeof(*word));
	if (!bigger)
		return;
	label->word = bigger;
	for (size_t i = 0; i < words; i++)
		if (!has_word(label, word[i].addr))
			label->word[label->words++] = word[i];
	if (label->words > before)
		probe_add_words(l->probe, label->image, label->index,
				label->word + before, label->words - before);
}

static void add(struct labels *l, const struct interp_lock *lock,
		uint32_t image, pid_t pid, const struct probe_word *word,
		size_t words)
{
	struct label *new = known(l, image, lock->address);

	if (new) {
		extend(l, new, word, words);
		return;
	}
	if (!has_room(l))
		return;
	new = label_new(lock, image, pid, word, words);
	if (!new || probe_add_lock(l->probe, image, pid, lock->address,
				   GW_KIND_GIL, word, words, &new->index)) {
		label_free(new);
		return;
	}
	l->list[l->n++] = new;
	if (l->verbose)
		fprintf(stderr, "gilwatch: process %d: %s at 0x%llx (%s)\n",
			(int)pid, new->name, (unsigned long long)lock->address,
			interp_method_name(lock->method));
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

/* A word that may be a parked thread's: of a process in which such have not
 * been known until now. */
struct relearn {
	const struct tables *tables;
	uint32_t image;
};

static bool looks_parked(void *ctx, const struct gw_word_key *key,
			 const struct gw_word *word)
{
	const struct relearn *r = ctx;

	return key->image == r->image && word->role == GW_ROLE_WAIT &&
	       !word->parked && word->lock < r->tables->locks_size &&
	       r->tables->locks[word->lock].kind == GW_KIND_SEM;
}

/* The next wait on them tells what they are; a semaphore that is none of them
 * gets another row. */
static void relearn(struct labels *l, uint32_t image)
{
	struct tables *tables = probe_tables(l->probe);
	struct relearn r = { .tables = tables, .image = image };
	struct tables_words dropped = { 0 };

	tables_drop_words(tables, looks_parked, &r, &dropped);
	free(dropped.key);
	free(dropped.word);
}

/* Where locks are bytes, and threads park (bpf/park.bpf.h). */
static bool parks(const struct interp_lock *lock)
{
	return lock->kind == INTERP_CPYTHON && lock->major == 3 &&
	       lock->minor >= 13;
}

/* word: has room for one more */
static void take(struct labels *l, const struct interp_lock *lock,
		 uint32_t image, pid_t pid, struct probe_word *word,
		 size_t words)
{
	bool parking = parks(lock);
	bool new = !known(l, image, lock->address);

	if (parking)
		word[words++] = (struct probe_word){ .addr = GW_WORD_PARKS,
						     .role = GW_ROLE_INNER };
	add(l, lock, image, pid, word, words);
	if (parking && new)
		relearn(l, image);
}

void labels_take(struct labels *l, const struct interp *found, uint32_t image,
		 pid_t pid)
{
	static struct probe_word word[INTERP_WORDS_MAX + 1];

	for (size_t i = 0; i < found->locks; i++)
		take(l, &found->lock[i], image, pid, word,
		     words_of(found, i, word));
	if (found->unused.address)
		take(l, &found->unused, image, pid, word, 0);
}

void labels_inherit(struct labels *l, uint32_t image, pid_t pid, uint32_t from)
{
	size_t before = l->n;

	for (size_t i = 0; i < before; i++)
		if (l->list[i]->image == from)
			add(l, &l->list[i]->found, image, pid, l->list[i]->word,
			    l->list[i]->words);
}

void labels_end(struct labels *l, uint32_t image)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i]->image == image)
			l->list[i]->ended = true;
}

void labels_forget(struct labels *l, uint32_t image)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (l->list[i]->image == image)
			label_free(l->list[i]);
		else
			l->list[kept++] = l->list[i];
	}
	l->n = kept;
}

/* ---- reading --------------------------------------------------------------
 */

/* A program sets it when it likes; one that has ended keeps its last. */
static void read_interval(struct label *l)
{
	const struct interp_fields *at = &l->found.at;
	uint64_t units = 0, most;
	struct mem_process process;
	uint32_t narrow;
	struct mem mem;

	if (!at->interval || !at->interval_unit_ns || l->ended)
		return;
	mem_process_open(&process, l->pid);
	mem = mem_of_process(&process);
	if (at->interval_size == sizeof(narrow)) {
		mem_u32(&mem, at->interval, &narrow);
		units = narrow;
	} else if (at->interval_size == sizeof(units)) {
		mem_u64(&mem, at->interval, &units);
	}
	mem_process_close(&process);
	most = INTERVAL_MAX_NS / at->interval_unit_ns;
	if (units && units <= most)
		l->interval_ns = units * at->interval_unit_ns;
}

/* Until a lock was found its words were locks of their own; a condition
 * variable goes by the first of its two. */
static void write_before(const struct label *l, struct snapshot *s)
{
	struct gw_lock *k;

	for (size_t i = 0; i < s->nlocks; i++) {
		k = &s->locks[i].k;
		if (k->image == l->image && k->kind != GW_KIND_GIL &&
		    has_word(l, k->id))
			s->locks[i].name = l->before;
	}
}

void labels_write(struct labels *l, struct snapshot *s)
{
	struct label *label;

	for (size_t i = 0; i < l->n; i++) {
		label = l->list[i];
		if (label->index >= s->nlocks ||
		    s->locks[label->index].k.image != label->image)
			continue;
		read_interval(label);
		s->locks[label->index].name = label->name;
		write_before(label, s);
		s->locks[label->index].switch_interval_ns = label->interval_ns;
	}
}
