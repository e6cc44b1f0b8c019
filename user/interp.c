// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The search as a whole: the images of a process one by one, then behaviour. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gil.h"
#include "interp_priv.h"
#include "text.h"

/* Files of a process that are looked at. */
#define IMAGES_MAX 1024

/* Mappings that belong to one file. */
#define PARTS_MAX 64

/* The file as it lies in memory: offsets in it become addresses. */
struct loaded {
	const struct mem *mem;
	const struct maps *maps;
	size_t first; /* number of the first mapping */
};

void interp_say(struct search *s, const char *fmt, ...)
{
	char line[512];
	va_list args;

	if (!s->explain)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	buf_printf(s->explain, "%s\n", line);
}

static ssize_t read_loaded(void *ctx, uint64_t offset, void *buf, size_t n)
{
	const struct loaded *l = ctx;
	const struct maps_range *first = &l->maps->range[l->first], *r;
	uint64_t length;
	size_t i;

	for (i = 0; i < PARTS_MAX && l->first + i < l->maps->count; i++) {
		r = first + i;
		length = r->end - r->start;
		if (!maps_same_file(r, first) || offset < r->offset ||
		    offset - r->offset >= length)
			continue;
		offset -= r->offset;
		if (n > length - offset)
			n = length - offset;
		return (ssize_t)mem_part(l->mem, r->start + offset, buf, n);
	}
	return 0;
}

int interp_symbol(const struct image *image, const char *name, uint64_t *addr,
		  uint64_t *size)
{
	struct elfsym_symbol symbol;
	int err = elfsym_dynamic(&image->elf, name, &symbol);

	*addr = err ? 0 : symbol.value + image->elf.bias;
	if (size)
		*size = symbol.size;
	return err;
}

int interp_static(struct search *s, const struct image *image,
		  const char *const *name, size_t count, uint64_t *addr)
{
	struct elfsym_symbol symbol[16] = { 0 };
	struct elfsym elf;
	struct mem file;
	size_t i;
	int err = -ENOENT;

	memset(addr, 0, count * sizeof(*addr));
	if (!s->src->open_file || count > 16)
		return err;
	err = s->src->open_file(s->src->ctx, image->range, &file);
	if (err)
		return err;
	err = elfsym_open(&elf, file);
	if (!err)
		err = elfsym_static(&elf, name, count, symbol);
	for (i = 0; i < count && err > 0; i++)
		if (symbol[i].value)
			addr[i] = symbol[i].value + image->elf.bias;
	s->src->close_file(s->src->ctx);
	return err;
}

int interp_section(struct search *s, const struct image *image,
		   const char *name, uint64_t *addr, uint64_t *size)
{
	struct elfsym_symbol symbol = { 0 };
	struct elfsym elf;
	struct mem file;
	int err = -ENOENT;

	if (s->src->open_file)
		err = s->src->open_file(s->src->ctx, image->range, &file);
	if (err)
		return err;
	err = elfsym_open(&elf, file);
	if (!err)
		err = elfsym_section(&elf, name, &symbol);
	s->src->close_file(s->src->ctx);
	*addr = symbol.value + image->elf.bias;
	*size = symbol.size;
	return err;
}

static void name_image(struct image *image)
{
	const char *slash = strrchr(image->range->path, '/');
	const char *name = slash ? slash + 1 : image->range->path;

	text_escape(image->name, sizeof(image->name), name, strlen(name));
}

static void search_image(struct search *s, size_t number)
{
	const struct maps *maps = s->src->maps;
	struct loaded loaded = { &s->src->mem, maps, number };
	struct image image = { .range = &maps->range[number] };
	struct mem file = { read_loaded, &loaded };
	int err;

	err = elfsym_open_loaded(&image.elf, file, image.range->start,
				 image.range->offset);
	name_image(&image);
	if (err == -ENOTSUP)
		interp_say(s, "%s: not a program of this machine's word size",
			   image.name);
	if (err)
		return;
	interp_python(s, &image);
	interp_python_old(s, &image);
	interp_ruby(s, &image);
	interp_gilvm(s, &image);
}

static void find_libc(struct search *s)
{
	const struct maps *maps = s->src->maps;
	size_t i;

	for (i = 0; i < maps->count && !s->musl; i++)
		s->musl = strstr(maps->range[i].path, "/ld-musl-");
	if (s->musl)
		interp_say(s,
			   "musl: threads that wait for a condition sleep on "
			   "words of their own, which belong to no lock");
}

/* Each file's first page is where its headers are. */
static void search_images(struct search *s)
{
	const struct maps *maps = s->src->maps;
	const struct maps_range *r;
	size_t i, images = 0;

	for (i = 0; i < maps->count && images < IMAGES_MAX; i++) {
		r = &maps->range[i];
		if (!r->inode || r->offset || !(r->access & MAPS_READ) ||
		    (i && maps_same_file(r, r - 1)))
			continue;
		images++;
		search_image(s, i);
	}
	interp_say(s, "%zu mappings, %zu files looked at%s", maps->count,
		   images, i < maps->count ? ", the rest not" : "");
}

/* ---- the user's word, and behaviour ------------------------------------- */

/* A GIL structure there, or a single word that threads wait on. */
static void take_given(struct search *s, uint64_t addr)
{
	/* The address may be the structure's or that of its first word. */
	const uint64_t back[] = { 0, GIL_COND + COND_WORDS,
				  GIL_COND + COND_WORDS_NEW };
	struct interp_lock *l;
	size_t i;

	for (i = 0; i < sizeof(back) / sizeof(back[0]); i++) {
		l = interp_python_gil(s, addr - back[i], INTERP_BY_SYMBOL);
		if (l) {
			interp_python_name(l);
			interp_say(s,
				   "0x%jx as given: shaped like a CPython GIL",
				   (uintmax_t)addr);
			return;
		}
	}
	l = interp_add(s, INTERP_UNKNOWN, INTERP_BY_SYMBOL, addr);
	if (!l)
		return;
	snprintf(l->name, sizeof(l->name), "lock 0x%jx", (uintmax_t)addr);
	interp_word(s, addr, GW_ROLE_WAIT);
	interp_say(s, "0x%jx as given: one word", (uintmax_t)addr);
}

static bool is_known_word(const struct interp *in, uint64_t addr)
{
	size_t i;

	for (i = 0; i < in->words; i++)
		if (in->word[i].addr == addr)
			return true;
	return false;
}

/* A second opinion: true where it names a lock that symbols gave too. */
static bool is_confirmed(const struct search *s, const struct behave_lock *b)
{
	return b->parts && is_known_word(s->out, b->part[0].addr);
}

static void name_behaviour(struct interp_lock *l, const struct behave_lock *b)
{
	const char *what = b->like == BEHAVE_SEM    ? "like CPython 2"
			   : b->like == BEHAVE_COND ? "like CPython 3.2-3.6"
						    : "like CPython 3.7+";

	snprintf(l->name, sizeof(l->name), "probable GIL (%s)", what);
}

static void dispute(struct search *s)
{
	size_t i;

	for (i = 0; i < s->out->locks; i++)
		s->out->lock[i].disputed = true;
	interp_say(s, "symbols and behaviour do not agree: both are given");
}

static void add_behaviour(struct search *s, const struct behave_lock *b)
{
	struct interp_lock *l;
	size_t i;

	l = interp_add(s, INTERP_UNKNOWN, INTERP_BY_BEHAVIOUR, b->address);
	if (!l)
		return;
	l->certainty = INTERP_PROBABLE;
	l->interval_ns = b->interval_ns;
	name_behaviour(l, b);
	for (i = 0; i < b->parts; i++)
		interp_word(s, b->part[i].addr, b->part[i].role);
}

static void search_behaviour(struct search *s)
{
	struct behave_lock found[4];
	size_t i, n, before = s->out->locks;

	if (!s->hints->seen_count) {
		interp_say(s, "behaviour: no futex calls were given");
		return;
	}
	n = behave_find(s->hints->seen, s->hints->seen_count, found, 4);
	for (i = 0; i < n; i++) {
		interp_say(s, "behaviour: 0x%jx %s%s",
			   (uintmax_t)found[i].address, found[i].why,
			   is_confirmed(s, &found[i])
				   ? "; the lock that was found already"
				   : "");
		if (!is_confirmed(s, &found[i]))
			add_behaviour(s, &found[i]);
	}
	if (!n)
		interp_say(s, "behaviour: no word is waited on like a GIL");
	if (before && s->out->locks > before)
		dispute(s);
}

static void say_result(struct search *s)
{
	const struct interp_lock *l;
	size_t i;

	for (i = 0; i < s->out->locks; i++) {
		l = &s->out->lock[i];
		interp_say(s, "found: %s at 0x%jx by %s%s", l->name,
			   (uintmax_t)l->address, interp_method_name(l->method),
			   l->certainty == INTERP_SURE ? "" : ", probable");
	}
	if (!s->out->locks)
		interp_say(s, "found: no interpreter lock");
}

int interp_search(const struct interp_source *src,
		  const struct interp_hints *hints, struct interp *out,
		  struct buf *explain)
{
	static const struct interp_hints none;
	struct search s = { src, hints ? hints : &none, out, explain, false };

	memset(out, 0, sizeof(*out));
	find_libc(&s);
	if (s.hints->lock) {
		take_given(&s, s.hints->lock);
		interp_say(&s, "symbols and behaviour: not used, as the lock "
			       "was given");
	} else {
		if (s.hints->no_symbols)
			interp_say(&s, "symbols: not used, as asked");
		else
			search_images(&s);
		search_behaviour(&s);
	}
	say_result(&s);
	return explain ? buf_error(explain) : 0;
}
