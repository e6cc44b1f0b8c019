/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_ELFSYM_H
#define GILWATCH_ELFSYM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mem.h"

/*
 * Symbols of an ELF file that is not trusted. The file is read by ranges, each
 * of which is checked where it is used: a file that changes meanwhile or lies
 * about itself gives errors or wrong addresses, never more than the memory and
 * the steps that the limits below allow. Only 64-bit files of this machine's
 * byte order are read.
 *
 * Formats: System V gABI, "ELF"; the GNU hash table as glibc's
 * elf/dl-lookup.c reads it.
 */

/* Program headers that are looked at; section headers; links of a hash chain;
 * bytes of a symbol table or its strings. */
#define ELFSYM_SEGMENTS_MAX 64
#define ELFSYM_SECTIONS_MAX 4096
#define ELFSYM_CHAIN_MAX 4096
#define ELFSYM_TABLE_MAX (64u << 20)

/* A part of the file that is loaded, as its program header says. */
struct elfsym_segment {
	uint64_t offset;
	uint64_t vaddr;
	uint64_t filesz;
};

struct elfsym {
	struct mem file;
	uint16_t type;    /* ET_EXEC, ET_DYN */
	uint16_t machine; /* EM_X86_64, ... */
	uint16_t sections;
	uint16_t section_names; /* number of the section with their names */
	bool program; /* it is run, not loaded: has an interpreter or needs none
		       */
	uint64_t sections_at; /* offset of the section headers */
	uint64_t bias;        /* added to a symbol's value gives its address */
	size_t segments;
	struct elfsym_segment segment[ELFSYM_SEGMENTS_MAX];
	/* Offsets of the dynamic symbols' tables in the file; 0: none. */
	uint64_t symtab;
	uint64_t strtab;
	uint64_t gnu_hash;
	uint64_t hash;
};

/* A symbol that is defined in the file. */
struct elfsym_symbol {
	uint64_t value; /* before the load bias is added; 0: not found */
	uint64_t size;
};

/*
 * Read the headers of a file; the bias stays 0.
 *
 * Returns 0; -ENOEXEC for no ELF file; -ENOTSUP for one of another class, byte
 * order or machine; -EBADMSG where headers lie outside the file or are too
 * many. No memory is held: there is nothing to free.
 */
int elfsym_open(struct elfsym *e, struct mem file);

/*
 * The same for a file that is loaded and whose ranges are read from there, so
 * that only what the loader has mapped is seen, with what it has changed.
 *
 * start, offset: address and file offset of the file's first mapping
 *
 * Also returns -EBADMSG where no loaded segment begins there.
 */
int elfsym_open_loaded(struct elfsym *e, struct mem file, uint64_t start,
		       uint64_t offset);

/*
 * Find a dynamic symbol through the hash table.
 *
 * Returns 0; -ENOENT where it is not there or not defined here; -EBADMSG where
 * the tables make no sense.
 */
int elfsym_dynamic(const struct elfsym *e, const char *name,
		   struct elfsym_symbol *out);

/*
 * Find symbols in the full symbol table (.symtab), local ones too, in one pass.
 * A name also matches with a suffix that the compiler added after a ".". The
 * first match counts.
 *
 * name:  count names
 * out:   gets count symbols, value 0 for those not found
 *
 * Returns how many were found; -ENOENT where the file has no such table
 * (stripped); -EBADMSG, -ENOMEM.
 */
int elfsym_static(const struct elfsym *e, const char *const *name, size_t count,
		  struct elfsym_symbol *out);

/*
 * Find a section that is loaded, by name; value is its address before the load
 * bias is added. Result as elfsym_dynamic.
 */
int elfsym_section(const struct elfsym *e, const char *name,
		   struct elfsym_symbol *out);

#endif
