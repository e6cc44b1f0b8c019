// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "elfsym_priv.h"

/* Longest name that is compared. */
#define NAME_MAX_LEN 64

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#define MACHINE EM_NONE
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BYTE_ORDER_HERE ELFDATA2LSB
#else
#define BYTE_ORDER_HERE ELFDATA2MSB
#endif

/* A mapping of the file. */
struct place {
	uint64_t start;
	uint64_t offset;
};

static int check_header(const Elf64_Ehdr *h)
{
	if (memcmp(h->e_ident, ELFMAG, SELFMAG))
		return -ENOEXEC;
	if (h->e_ident[EI_CLASS] != ELFCLASS64 ||
	    h->e_ident[EI_DATA] != BYTE_ORDER_HERE ||
	    (MACHINE != EM_NONE && h->e_machine != MACHINE))
		return -ENOTSUP;
	if (h->e_type != ET_EXEC && h->e_type != ET_DYN)
		return -ENOTSUP;
	if (h->e_phnum > ELFSYM_SEGMENTS_MAX ||
	    (h->e_phnum && h->e_phentsize != sizeof(Elf64_Phdr)))
		return -EBADMSG;
	return 0;
}

/* Offset in the file of what is loaded at vaddr; 0: nowhere. */
static uint64_t offset_of(const struct elfsym *e, uint64_t vaddr)
{
	const struct elfsym_segment *s;
	size_t i;

	for (i = 0; i < e->segments; i++) {
		s = &e->segment[i];
		if (vaddr >= s->vaddr && vaddr - s->vaddr < s->filesz)
			return s->offset + (vaddr - s->vaddr);
	}
	return 0;
}

static void note_dynamic(struct elfsym *e, const Elf64_Dyn *d)
{
	uint64_t offset = offset_of(e, d->d_un.d_ptr);

	/* glibc's loader adds the bias to these in place, up to some version,
	 * and others never do. */
	if (!offset)
		offset = offset_of(e, d->d_un.d_ptr - e->bias);
	if (d->d_tag == DT_SYMTAB)
		e->symtab = offset;
	else if (d->d_tag == DT_STRTAB)
		e->strtab = offset;
	else if (d->d_tag == DT_GNU_HASH)
		e->gnu_hash = offset;
	else if (d->d_tag == DT_HASH)
		e->hash = offset;
}

/* A dynamic section has some 30 entries. */
static void read_dynamic(struct elfsym *e, uint64_t offset, uint64_t size)
{
	Elf64_Dyn d[256];
	size_t i, n;

	n = mem_part(&e->file, offset, d, size < sizeof(d) ? size : sizeof(d));
	for (i = 0; i < n / sizeof(*d) && d[i].d_tag != DT_NULL; i++)
		note_dynamic(e, &d[i]);
}

static void note_segment(struct elfsym *e, const Elf64_Phdr *p)
{
	struct elfsym_segment *s = &e->segment[e->segments++];

	s->offset = p->p_offset;
	s->vaddr = p->p_vaddr;
	s->filesz = p->p_filesz;
}

/* Mappings begin at a page, up to 64 KiB before the segment. */
static int find_bias(struct elfsym *e, uint64_t start, uint64_t offset)
{
	const struct elfsym_segment *s;
	size_t i;

	for (i = 0; i < e->segments; i++) {
		s = &e->segment[i];
		if (s->filesz && offset <= s->offset &&
		    s->offset - offset < 65536) {
			e->bias = start - offset - (s->vaddr - s->offset);
			return 0;
		}
	}
	return -EBADMSG;
}

static int read_segments(struct elfsym *e, const Elf64_Ehdr *h,
			 const struct place *loaded)
{
	Elf64_Phdr p[ELFSYM_SEGMENTS_MAX], *dynamic = NULL;
	size_t i;

	if (h->e_phnum &&
	    mem_get(&e->file, h->e_phoff, p, h->e_phnum * sizeof(*p)))
		return -EBADMSG;
	for (i = 0; i < h->e_phnum; i++) {
		if (p[i].p_type == PT_DYNAMIC)
			dynamic = &p[i];
		if (p[i].p_type == PT_INTERP)
			e->program = true;
		if (p[i].p_type != PT_LOAD)
			continue;
		note_segment(e, &p[i]);
	}
	if (!dynamic)
		e->program = true;
	if (loaded && find_bias(e, loaded->start, loaded->offset))
		return -EBADMSG;
	if (dynamic)
		read_dynamic(e, dynamic->p_offset, dynamic->p_filesz);
	return 0;
}

static int open_image(struct elfsym *e, struct mem file,
		      const struct place *loaded)
{
	Elf64_Ehdr h;
	int err;

	*e = (struct elfsym){ .file = file };
	if (mem_get(&file, 0, &h, sizeof(h)))
		return -ENOEXEC;
	err = check_header(&h);
	if (err)
		return err;
	e->type = h.e_type;
	e->machine = h.e_machine;
	if (h.e_shentsize == sizeof(Elf64_Shdr)) {
		e->sections = h.e_shnum;
		e->section_names = h.e_shstrndx;
		e->sections_at = h.e_shoff;
	}
	return read_segments(e, &h, loaded);
}

int elfsym_open(struct elfsym *e, struct mem file)
{
	return open_image(e, file, NULL);
}

int elfsym_open_loaded(struct elfsym *e, struct mem file, uint64_t start,
		       uint64_t offset)
{
	const struct place loaded = { start, offset };

	return open_image(e, file, &loaded);
}

/* ---- dynamic symbols ---------------------------------------------------- */

static bool has_name(const struct elfsym *e, uint64_t strings, uint32_t at,
		     const char *name)
{
	size_t n = strlen(name) + 1;
	char text[NAME_MAX_LEN];

	return n <= sizeof(text) && !mem_get(&e->file, strings + at, text, n) &&
	       !memcmp(text, name, n);
}

/* Whether the symbol with this number is the one that is looked for. */
static bool match_dynamic(const struct elfsym *e, uint64_t number,
			  const char *name, struct elfsym_symbol *out)
{
	Elf64_Sym s;

	if (mem_get(&e->file, e->symtab + number * sizeof(s), &s, sizeof(s)) ||
	    !elfsym_is_defined(&s) || !has_name(e, e->strtab, s.st_name, name))
		return false;
	out->value = s.st_value;
	out->size = s.st_size;
	return true;
}

static uint32_t gnu_hash_of(const char *name)
{
	uint32_t h = 5381;

	for (; *name; name++)
		h = h * 33 + (unsigned char)*name;
	return h;
}

struct gnu_table {
	uint32_t buckets;
	uint32_t first; /* number of the first symbol that is in the table */
	uint32_t bloom_words;
	uint32_t bloom_shift;
};

/* The filter tells most names that are not there in one read. */
static bool may_be_there(const struct elfsym *e, const struct gnu_table *t,
			 uint32_t hash)
{
	uint64_t word, mask;
	uint64_t at = e->gnu_hash + sizeof(*t) +
		      8ull * ((hash / 64) & (t->bloom_words - 1));

	if (mem_u64(&e->file, at, &word))
		return false;
	mask = 1ull << (hash % 64) |
	       1ull << ((hash >> (t->bloom_shift & 31)) % 64);
	return (word & mask) == mask;
}

static int walk_gnu_chain(const struct elfsym *e, const struct gnu_table *t,
			  const char *name, struct elfsym_symbol *out)
{
	uint32_t hash = gnu_hash_of(name), number, link, step;
	uint64_t buckets = e->gnu_hash + sizeof(*t) + 8ull * t->bloom_words;
	uint64_t links = buckets + 4ull * t->buckets;

	if (mem_u32(&e->file, buckets + 4ull * (hash % t->buckets), &number))
		return -EBADMSG;
	if (!number)
		return -ENOENT;
	if (number < t->first)
		return -EBADMSG;
	for (step = 0; step < ELFSYM_CHAIN_MAX; step++, number++) {
		if (mem_u32(&e->file, links + 4ull * (number - t->first),
			    &link))
			return -EBADMSG;
		if ((link | 1) == (hash | 1) &&
		    match_dynamic(e, number, name, out))
			return 0;
		if (link & 1)
			return -ENOENT;
	}
	return -EBADMSG;
}

static int find_gnu(const struct elfsym *e, const char *name,
		    struct elfsym_symbol *out)
{
	struct gnu_table t;

	if (mem_get(&e->file, e->gnu_hash, &t, sizeof(t)) || !t.buckets ||
	    !t.bloom_words || t.bloom_words & (t.bloom_words - 1))
		return -EBADMSG;
	if (!may_be_there(e, &t, gnu_hash_of(name)))
		return -ENOENT;
	return walk_gnu_chain(e, &t, name, out);
}

/* System V gABI, "Hash Table". */
static uint32_t sysv_hash_of(const char *name)
{
	uint32_t h = 0, high;

	for (; *name; name++) {
		h = (h << 4) + (unsigned char)*name;
		high = h & 0xf0000000u;
		h = (h ^ high >> 24) & ~high;
	}
	return h;
}

static int find_sysv(const struct elfsym *e, const char *name,
		     struct elfsym_symbol *out)
{
	uint32_t t[2], number, step; /* t: buckets, chain entries */
	uint64_t at = e->hash + sizeof(t);

	if (mem_get(&e->file, e->hash, t, sizeof(t)) || !t[0])
		return -EBADMSG;
	at += 4ull * (sysv_hash_of(name) % t[0]);
	for (step = 0; step < ELFSYM_CHAIN_MAX; step++) {
		if (mem_u32(&e->file, at, &number) || number >= t[1])
			return -EBADMSG;
		if (!number)
			return -ENOENT;
		if (match_dynamic(e, number, name, out))
			return 0;
		at = e->hash + sizeof(t) + 4ull * t[0] + 4ull * number;
	}
	return -EBADMSG;
}

int elfsym_dynamic(const struct elfsym *e, const char *name,
		   struct elfsym_symbol *out)
{
	*out = (struct elfsym_symbol){ 0 };
	if (!e->symtab || !e->strtab)
		return -ENOENT;
	if (e->gnu_hash)
		return find_gnu(e, name, out);
	return e->hash ? find_sysv(e, name, out) : -ENOENT;
}
