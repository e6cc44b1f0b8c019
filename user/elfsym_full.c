// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the section headers lead to: the full symbol table, and sections by
 * name. A program runs without them, so they may be missing or wrong.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elfsym_priv.h"

/* Symbols that are read at once; longest name of a section that is compared. */
#define BATCH 1024
#define SECTION_NAME 32

/* The symbols and their strings, as the section headers say. */
struct full_table {
	uint64_t at;
	uint64_t count;
	char *strings;
	size_t strings_size;
};

static int section(const struct elfsym *e, uint32_t number, Elf64_Shdr *s)
{
	if (number >= e->sections ||
	    mem_get(&e->file, e->sections_at + number * sizeof(*s), s,
		    sizeof(*s)))
		return -EBADMSG;
	return 0;
}

static int find_section(const struct elfsym *e, uint32_t type, Elf64_Shdr *s)
{
	uint32_t i;

	if (e->sections > ELFSYM_SECTIONS_MAX)
		return -EBADMSG;
	for (i = 0; i < e->sections; i++) {
		if (section(e, i, s))
			return -EBADMSG;
		if (s->sh_type == type)
			return 0;
	}
	return -ENOENT;
}

/* The memory grows with what is really there, not with what is claimed. */
static int read_strings(const struct elfsym *e, const Elf64_Shdr *s,
			struct full_table *t)
{
	const size_t step = 64 << 10;
	size_t got = step, n;
	char *grown;

	while (got == step && t->strings_size < s->sh_size) {
		n = t->strings_size;
		grown = realloc(t->strings, n + step + 1);
		if (!grown)
			return -ENOMEM;
		t->strings = grown;
		got = mem_part(&e->file, s->sh_offset + n, grown + n,
			       s->sh_size - n < step ? s->sh_size - n : step);
		t->strings_size += got;
		grown[t->strings_size] = '\0';
	}
	return t->strings_size ? 0 : -EBADMSG;
}

static int open_table(const struct elfsym *e, struct full_table *t)
{
	Elf64_Shdr symbols, strings;
	int err = find_section(e, SHT_SYMTAB, &symbols);

	if (err)
		return err;
	if (section(e, symbols.sh_link, &strings) ||
	    strings.sh_type != SHT_STRTAB ||
	    symbols.sh_entsize != sizeof(Elf64_Sym) ||
	    symbols.sh_size > ELFSYM_TABLE_MAX ||
	    strings.sh_size > ELFSYM_TABLE_MAX)
		return -EBADMSG;
	t->at = symbols.sh_offset;
	t->count = symbols.sh_size / sizeof(Elf64_Sym);
	return read_strings(e, &strings, t);
}

/* Whether text is name, or name and a suffix after a ".". */
static bool is_named(const char *text, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(text, name, n) && (!text[n] || text[n] == '.');
}

/* Fills in what the symbol is; returns how many names it was. */
static int match_static(const struct full_table *t, const Elf64_Sym *s,
			const char *const *name, size_t count,
			struct elfsym_symbol *out)
{
	int found = 0;
	size_t i;

	if (!elfsym_is_defined(s) || s->st_name >= t->strings_size)
		return 0;
	for (i = 0; i < count; i++) {
		if (out[i].value || !is_named(t->strings + s->st_name, name[i]))
			continue;
		out[i].value = s->st_value;
		out[i].size = s->st_size;
		found++;
	}
	return found;
}

static int search_table(const struct elfsym *e, const struct full_table *t,
			const char *const *name, size_t count,
			struct elfsym_symbol *out)
{
	Elf64_Sym batch[BATCH];
	uint64_t done = 0;
	size_t i, n, want = BATCH;
	int found = 0;

	while (want == BATCH && done < t->count && (size_t)found < count) {
		want = t->count - done < BATCH ? t->count - done : BATCH;
		n = mem_part(&e->file, t->at + done * sizeof(*batch), batch,
			     want * sizeof(*batch)) /
		    sizeof(*batch);
		for (i = 0; i < n; i++)
			found += match_static(t, &batch[i], name, count, out);
		done += n;
		want = n;
	}
	return found;
}

int elfsym_static(const struct elfsym *e, const char *const *name, size_t count,
		  struct elfsym_symbol *out)
{
	struct full_table t = { 0 };
	int err;

	memset(out, 0, count * sizeof(*out));
	err = open_table(e, &t);
	if (!err)
		err = search_table(e, &t, name, count, out);
	free(t.strings);
	return err;
}

static bool section_named(const struct elfsym *e, const Elf64_Shdr *names,
			  const Elf64_Shdr *s, const char *name)
{
	size_t n = strlen(name) + 1;
	char text[SECTION_NAME];

	return n <= sizeof(text) && s->sh_name < names->sh_size &&
	       !mem_get(&e->file, names->sh_offset + s->sh_name, text, n) &&
	       !memcmp(text, name, n);
}

int elfsym_section(const struct elfsym *e, const char *name,
		   struct elfsym_symbol *out)
{
	Elf64_Shdr names, s;
	uint32_t i;

	*out = (struct elfsym_symbol){ 0 };
	if (e->sections > ELFSYM_SECTIONS_MAX ||
	    section(e, e->section_names, &names))
		return -ENOENT;
	for (i = 0; i < e->sections; i++) {
		if (section(e, i, &s))
			return -EBADMSG;
		if (!(s.sh_flags & SHF_ALLOC) || !s.sh_addr ||
		    !section_named(e, &names, &s, name))
			continue;
		out->value = s.sh_addr;
		out->size = s.sh_size;
		return 0;
	}
	return -ENOENT;
}
