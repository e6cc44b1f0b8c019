// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "gil.h"

#if defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#define MACHINE EM_X86_64
#endif

/* Places in the head. */
enum {
	AT_SEGMENTS = 64,
	AT_DYNAMIC = 0x100,
	AT_HASH = 0x180,
	AT_SYMBOLS = 0x200,
	AT_STRINGS = 0x600,
};

static void put(struct fake *f, size_t at, const void *what, size_t n)
{
	memcpy(f->bytes + at, what, n);
}

static void put_headers(struct fake *f)
{
	Elf64_Ehdr h = { .e_type = ET_DYN,
			 .e_machine = MACHINE,
			 .e_version = EV_CURRENT,
			 .e_phoff = AT_SEGMENTS,
			 .e_phnum = 2,
			 .e_phentsize = sizeof(Elf64_Phdr),
			 .e_ehsize = sizeof(h) };
	const Elf64_Phdr p[2] = {
		{ .p_type = PT_LOAD, .p_filesz = f->size, .p_memsz = f->size },
		{ .p_type = PT_DYNAMIC,
		  .p_offset = AT_DYNAMIC,
		  .p_vaddr = AT_DYNAMIC,
		  .p_filesz = 4 * sizeof(Elf64_Dyn) },
	};
	const Elf64_Dyn d[4] = {
		{ .d_tag = DT_HASH, .d_un.d_ptr = AT_HASH },
		{ .d_tag = DT_SYMTAB, .d_un.d_ptr = AT_SYMBOLS },
		{ .d_tag = DT_STRTAB, .d_un.d_ptr = AT_STRINGS },
		{ .d_tag = DT_NULL },
	};

	memcpy(h.e_ident, ELFMAG, SELFMAG);
	h.e_ident[EI_CLASS] = ELFCLASS64;
	h.e_ident[EI_DATA] = ELFDATA2LSB;
	put(f, 0, &h, sizeof(h));
	put(f, AT_SEGMENTS, p, sizeof(p));
	put(f, AT_DYNAMIC, d, sizeof(d));
}

void fake_open(struct fake *f, uint64_t base, size_t data, const char *path)
{
	char text[256];
	int n;

	memset(f, 0, sizeof(*f));
	f->base = base;
	f->size = FAKE_HEAD + data;
	f->bytes = calloc(1, f->size);
	f->strings = 1;
	f->buffer = (struct mem_buffer){ base, f->bytes, f->size };
	n = snprintf(text, sizeof(text), "%jx-%jx rw-p 00000000 08:01 42 %s\n",
		     (uintmax_t)base, (uintmax_t)(base + f->size), path);
	if (!f->bytes || maps_parse(&f->maps, text, (size_t)n))
		abort();
	put_headers(f);
}

void fake_close(struct fake *f)
{
	free(f->bytes);
	maps_free(&f->maps);
}

/* One bucket, in which each symbol leads to the one before it. */
void fake_symbol(struct fake *f, const char *name, size_t offset, size_t size)
{
	uint32_t number = ++f->symbols, before = number - 1;
	const Elf64_Sym s = { .st_name = (Elf64_Word)f->strings,
			      .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
			      .st_shndx = 1,
			      .st_value = FAKE_HEAD + offset,
			      .st_size = size };
	const uint32_t table[] = { 1, number + 1, number };

	if (number > FAKE_SYMBOLS)
		abort();
	put(f, AT_SYMBOLS + number * sizeof(s), &s, sizeof(s));
	put(f, AT_STRINGS + f->strings, name, strlen(name) + 1);
	f->strings += strlen(name) + 1;
	put(f, AT_HASH, table, sizeof(table));
	put(f, AT_HASH + sizeof(table) + number * sizeof(number), &before,
	    sizeof(before));
}

void *fake_at(struct fake *f, size_t offset)
{
	return f->bytes + FAKE_HEAD + offset;
}

uint64_t fake_addr(const struct fake *f, size_t offset)
{
	return f->base + FAKE_HEAD + offset;
}

void fake_u32(struct fake *f, size_t offset, uint32_t value)
{
	memcpy(fake_at(f, offset), &value, sizeof(value));
}

void fake_u64(struct fake *f, size_t offset, uint64_t value)
{
	memcpy(fake_at(f, offset), &value, sizeof(value));
}

void fake_gil(struct fake *f, size_t offset, uint64_t holder)
{
	memset(fake_at(f, offset), 0, GIL_SIZE);
	fake_u64(f, offset + GIL_INTERVAL, 5000);
	fake_u64(f, offset + GIL_HOLDER, holder);
	fake_u32(f, offset + GIL_LOCKED, 1);
	fake_u64(f, offset + GIL_SWITCHES, 17);
	/* wrefs: no waiters, CLOCK_MONOTONIC. */
	fake_u32(f, offset + GIL_COND + 36, 2);
	fake_u32(f, offset + GIL_SWITCH_COND + 36, 2);
}

static ssize_t counted_read(void *ctx, uint64_t addr, void *buf, size_t n)
{
	struct fake *f = ctx;
	struct mem m = mem_of_buffer(&f->buffer);

	f->reads++;
	return m.read(m.ctx, addr, buf, n);
}

static int open_file(void *ctx, const struct maps_range *r, struct mem *file)
{
	struct fake *f = ctx;

	(void)r;
	f->buffer.base = 0;
	*file = (struct mem){ counted_read, f };
	return 0;
}

static void close_file(void *ctx)
{
	struct fake *f = ctx;

	f->buffer.base = f->base;
}

int fake_search(struct fake *f, const struct interp_hints *hints,
		struct interp *out, struct buf *explain)
{
	const struct interp_source src = {
		.maps = &f->maps,
		.mem = { counted_read, f },
		.open_file = open_file,
		.close_file = close_file,
		.ctx = f,
	};

	f->reads = 0;
	return interp_search(&src, hints, out, explain);
}

int fake_words(const struct interp *in, size_t lock, int role)
{
	size_t i;
	int n = 0;

	for (i = 0; i < in->words; i++)
		n += in->word[i].lock == lock && in->word[i].role == role;
	return n;
}

bool fake_has_word(const struct interp *in, uint64_t addr, int role)
{
	size_t i;

	for (i = 0; i < in->words; i++)
		if (in->word[i].addr == addr && in->word[i].role == role)
			return true;
	return false;
}
