/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef GILWATCH_TEST_FAKE_H
#define GILWATCH_TEST_FAKE_H

#include <stddef.h>
#include <stdint.h>

#include "interp.h"

/*
 * A process that is not there: one library with the symbols that a test gives
 * it and memory behind them, as interp_search() reads it. Used by the unit
 * tests and by the fuzz targets.
 */

/* The headers and tables of the library take this much; the data follows. */
#define FAKE_HEAD 4096u
#define FAKE_SYMBOLS 24

struct fake {
	uint64_t base; /* address of the library */
	size_t size;   /* of all of it */
	unsigned char *bytes;
	unsigned int symbols;
	size_t strings; /* bytes used for names */
	struct mem_buffer buffer;
	struct maps maps;
	uint64_t reads; /* that were made so far */
};

/* Make a library at base with data zeroed bytes behind its head. */
void fake_open(struct fake *f, uint64_t base, size_t data, const char *path);
void fake_close(struct fake *f);

/* Export a name for the data at this offset behind the head. */
void fake_symbol(struct fake *f, const char *name, size_t offset, size_t size);

/* The data at this offset, and its address in the fake process. */
void *fake_at(struct fake *f, size_t offset);
uint64_t fake_addr(const struct fake *f, size_t offset);

/* Write integers into the data. */
void fake_u32(struct fake *f, size_t offset, uint32_t value);
void fake_u64(struct fake *f, size_t offset, uint64_t value);

/* A GIL of CPython 3.8+ in plain use, at this offset; held by thread state
 * `holder`. */
void fake_gil(struct fake *f, size_t offset, uint64_t holder);

/* Search it. hints and explain may be NULL. Returns as interp_search. */
int fake_search(struct fake *f, const struct interp_hints *hints,
		struct interp *out, struct buf *explain);

/* How many words of the lock with this index have the role. */
int fake_words(const struct interp *in, size_t lock, int role);

/* Whether an address was given, with this role. */
bool fake_has_word(const struct interp *in, uint64_t addr, int role);

#endif
